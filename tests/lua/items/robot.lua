-- What it does is named by its input: tests/lua/items_test.lua says what must come of it.
local cases = require "lib.cases"

return cases[run.inputs.case]()
