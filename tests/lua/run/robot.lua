-- What it does is named by its input: tests/lua/run_test.lua says what must come of it.
local cases = require "lib.cases"

cases[run.inputs.case]()
