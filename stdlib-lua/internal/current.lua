--- The run that is on, for modules that robots require and that need it: there is one at a time in a worker, and none
--- in tests of modules.
local arguments = require "internal.arguments"

local current = {}

local on

--- From run.install: the run's state, or nothing.
---@param state table|nil
function current.set(state)
  on = state
end

--- The state; raises where there is no run. `what` is what the robot called.
---@param what string
---@return table
function current.get(what)
  if not on then arguments.fail("RUN_NONE", what) end
  return on
end

return current
