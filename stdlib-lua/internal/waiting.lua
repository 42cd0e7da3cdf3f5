--- What a run waits for: a time, or another robot. The methods run:sleep, run:call and run:result.
---
--- What is waited for is written down first. A long wait ends the worker: the run starts again at its top when it is
--- over, passes over what is done, comes here again and finds it over.
local arguments = require "internal.arguments"
local core = require "core.run"
local core_waiting = require "core.waiting"

local waiting = {}

local fail = arguments.fail

local IN_WORKER_MS = 5000 -- longer waits cost no worker; the host's too
local INFORMATION = 2

-- What answers for it: the host, or a test's stage.
local function service(state)
  return state.host.waiting or core_waiting
end

-- Each wait is named by what it is and how many of it came before, within an item or the run.
local function place(state, what)
  local scope = state.item and state.item.name or ""
  local counted = scope .. "\0" .. what
  state.waits = state.waits or {}
  state.waits[counted] = (state.waits[counted] or 0) + 1
  state.positions[scope] = (state.positions[scope] or 0) + 1
  local key = state.waits[counted] > 1 and ("%s (%d)"):format(what, state.waits[counted]) or what
  return scope, key, state.positions[scope]
end

-- ---- Sleeping

-- "2 h", or the time until which: until_ms, for_ms.
local function span(wait)
  local kind = core.class_of(wait)
  if kind == "string" then
    local ms = core_waiting.duration(wait)
    if ms then return 0, ms end
  end
  if kind == "date" then wait, kind = wait:at(0, 0), "moment" end
  if kind == "moment" then wait, kind = wait:in_zone(), "instant" end
  if kind ~= "instant" then
    fail("ARGUMENT_WRONG", "sleep", "wait", core.phrase "EXPECTED_WAIT", core.describe(wait), "1")
  end
  return math.max(1, math.floor(wait:since_1970() * 1000)), 0
end

local function is_short(until_ms, for_ms)
  return until_ms == 0 and for_ms <= IN_WORKER_MS
end

--- Of run:sleep.
---@param self table
---@param wait any
function waiting.sleep(self, wait)
  local state, until_ms, for_ms = self.state, span(wait)
  if is_short(until_ms, for_ms) then return service(state).pause(for_ms) end
  if state.step then fail("STEP_WAITS", "run:sleep", state.step) end
  if self.dry_run then
    return state.host.log(INFORMATION, core.phrase("SLEEP_PASSED_OVER", tostring(wait)))
  end
  local scope, key, position = place(state, "sleep")
  local left = service(state).sleep(scope, key, position, until_ms, for_ms)
  while left > 0 do -- the last seconds of it, in the worker
    service(state).pause(left)
    left = service(state).sleep(scope, key, position, until_ms, for_ms)
  end
end

-- ---- Calling

local function given_text(name, value)
  if type(value) == "table" and not getmetatable(value) then
    local parts = {}
    for i, element in ipairs(value) do parts[i] = given_text(name, element) end
    return table.concat(parts, ";")
  end
  local text = arguments.written(value)
  if text == nil or not utf8.len(text) then
    fail("OPTION_WRONG", "call", name, core.phrase "EXPECTED_INPUT", core.describe(value))
  end
  return text
end

-- The path of what is given as a file: { file = path }, or a report.
local function file_of(value)
  if type(value) == "table" and not getmetatable(value) then
    return value.file ~= nil and arguments.path_of(value.file) or nil
  end
  local has_path = type(value) == "table" or type(value) == "userdata"
  return has_path and not arguments.written(value) and arguments.path_of(value) or nil
end

-- Inputs as on the command line: [[name, value], …]; files of the run's folder besides.
local function given_inputs(inputs)
  local given, files = {}, {}
  for _, name in ipairs(arguments.sorted_names(inputs)) do
    local value = inputs[name]
    local path = file_of(value)
    table.insert(given, { tostring(name), path or given_text(tostring(name), value) })
    if path then table.insert(files, { tostring(name), path }) end
  end
  return given, files
end

-- Of a line of robots that called one another the last one's reason counts; those between are found by their runs.
local function why_not(fault)
  if type(fault) ~= "table" then return nil end
  local list = fault.arguments or {}
  return fault.code == "CALL_NOT_DONE" and list[3] or core.fault(fault.code, table.unpack(list)).message
end

--- Of run:call.
---@param self table
---@param robot string
---@param inputs table|nil
---@return any
function waiting.call(self, robot, inputs)
  local state = self.state
  arguments.expect("call", "robot", 1, robot, type(robot) == "string" and robot ~= "", "EXPECTED_TEXT")
  arguments.expect("call", "inputs", 2, inputs, inputs == nil or type(inputs) == "table", "EXPECTED_TABLE")
  if state.step then fail("STEP_WAITS", "run:call", state.step) end
  local given, files = given_inputs(inputs or {})
  local scope, key, position = place(state, "call " .. robot)
  local number, ended, kept, fault = service(state).call(scope, key, position, robot,
    #given > 0 and core.keep(given) or "[]", #files > 0 and core.keep(files) or "[]")
  if ended ~= "done" then
    fail("CALL_NOT_DONE", robot, tostring(number), why_not(core.plain(fault)) or ended)
  end
  return kept ~= "" and core.unkeep(kept) or nil
end

--- Of run:result, and of what robot.lua returns.
---@param state table
---@param value any
function waiting.result(state, value)
  service(state).result(core.keep(value))
end

return waiting
