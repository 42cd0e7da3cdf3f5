---@meta

--- The run itself; robots need not require it.
---
--- ```lua
--- run:log("hello, %s", run.inputs.name)   --> hello, world
--- ```
---@type run
run = {}
