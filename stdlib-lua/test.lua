--- Tests of robots and of modules, run offline by `renki test`.
---
--- ```lua
--- local test = require "test"
--- test.case("a line that differs is excepted", function()
---   local files = { ["in/lines.csv"] = "No;Sum\n1;2,00\n" }
---   local result = test.run_robot { inputs = { lines = "in/lines.csv" }, files = files }
---   test.equal(result.state, "done")
--- end)
--- ```
local check = require "internal.check"
local core = require "core.run"
local files = require "core.test"
local manifests = require "internal.manifests"
local run = require "run"
local stage = require "internal.stage"
local world = require "internal.world"

local test = {}

local cases = {} -- what this file has told so far; see test.begin_file

-- ---- Differences, for people

local SHOWN_MAX, CONTEXT = 200, 2

local function show(value)
  if type(value) == "string" then return ("%q"):format(value):gsub("\\\n", "\\n") end
  return tostring(value)
end

local function sorted_keys(table_value)
  local keys = {}
  for key in pairs(table_value) do table.insert(keys, key) end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then return a < b end
    return type(a) .. tostring(a) < type(b) .. tostring(b)
  end)
  return keys
end

local function same(a, b)
  if a == b then return true end
  if a ~= a and b ~= b then return true end -- not a number
  return type(a) == "userdata" and core.class_of(a) == core.class_of(b) and tostring(a) == tostring(b)
end

-- Adds a line for each place where two values differ: "  rows[2].Sum: got 2.00, expected 3.00".
local function differences(got, expected, path, out, seen)
  if #out > SHOWN_MAX then return end
  if type(got) ~= "table" or type(expected) ~= "table" then
    if not same(got, expected) then
      table.insert(out, ("%s: got %s, expected %s"):format(path ~= "" and path or "value", show(got), show(expected)))
    end
    return
  end
  if seen[got] == expected then return end
  seen[got] = expected
  local keys = {}
  for key in pairs(got) do keys[key] = true end
  for key in pairs(expected) do keys[key] = true end
  for _, key in ipairs(sorted_keys(keys)) do
    local name = type(key) == "number" and ("[%s]"):format(key) or (path ~= "" and "." or "") .. tostring(key)
    differences(rawget(got, key), rawget(expected, key), path .. name, out, seen)
  end
end

local function lines_of(text)
  local lines = {}
  for line in (text .. "\n"):gmatch "(.-)\n" do table.insert(lines, line) end
  return lines
end

-- For texts of several lines: the common beginning and end are left out but for two lines of each.
local function line_difference(got, expected)
  local a, b = lines_of(got), lines_of(expected)
  local first = 1
  while a[first] and a[first] == b[first] do first = first + 1 end
  local last = 0
  while last < #a - first + 1 and last < #b - first + 1 and a[#a - last] == b[#b - last] do last = last + 1 end
  local out = {}
  for i = math.max(1, first - CONTEXT), first - 1 do table.insert(out, "  " .. a[i]) end
  for i = first, #b - last do table.insert(out, "- " .. b[i]) end
  for i = first, #a - last do table.insert(out, "+ " .. a[i]) end
  for i = #a - last + 1, math.min(#a, #a - last + CONTEXT) do table.insert(out, "  " .. a[i]) end
  return ("line %d (- expected, + got):\n%s"):format(first, table.concat(out, "\n"))
end

local function fail(what, detail)
  error(core.fault("TEST_FAILED", (what and what .. ": " or "") .. detail), 0)
end

--- Fails unless two values are equal; tables are compared by what they hold, texts of several lines by line.
---
--- ```lua
--- test.equal({ 1, 2 }, { 1, 2 })
--- test.equal(sum, decimal "12.30")
--- ```
---@param got any
---@param expected any
---@param what string|nil said before the difference
function test.equal(got, expected, what)
  if type(got) == "string" and type(expected) == "string" and (got:find "\n" or expected:find "\n") then
    if got ~= expected then fail(what, line_difference(got, expected)) end
    return
  end
  local out = {}
  differences(got, expected, "", out, {})
  if #out > 0 then fail(what, table.concat(out, "\n")) end
end

--- Fails unless the text holds the part.
---
--- ```lua
--- test.contains("42 rows were read", "rows")
--- ```
---@param text string
---@param part string
---@param what string|nil
function test.contains(text, part, what)
  if not tostring(text):find(part, 1, true) then
    fail(what, ("%s is not in %s"):format(show(part), show(text)))
  end
end

--- Fails unless `f` raises, and what it raises holds all the words. Gives the fault, for a closer look.
---
--- ```lua
--- test.raises(function() error "no such row" end, "no such")
--- ```
---@param f fun()
---@param ... string
---@return table fault { class, code, message, hint, … }
function test.raises(f, ...)
  local done, fault = core.try(f)
  if done then fail(nil, "nothing was raised") end
  for _, words in ipairs { ... } do
    local told = fault.message .. "\n" .. fault.hint
    if not told:find(words, 1, true) then
      fail(nil, ("raised %s, expected %s"):format(show(fault.message), show(words)))
    end
  end
  return fault
end

--- A test with a name that says what is promised. It runs at once; what it raises is told, and the next one runs.
---
--- ```lua
--- test.case("cents are never lost", function() test.equal(decimal "0.1" + decimal "0.2", decimal "0.3") end)
--- ```
---@param name string
---@param f fun()
function test.case(name, f)
  local started = core.now_ms()
  local passed, fault = core.try(f)
  table.insert(cases, { name = name, passed = passed })
  core.finding {
    kind = "test", file = cases.file, name = name, passed = passed,
    ms = core.now_ms() - started,
    text = not passed and fault.message or "", hint = not passed and fault.hint or "",
    line = not passed and fault.line or 0, source = not passed and fault.source or "",
  }
end

--- For the library itself: begins a file; gives the cases told since the last time.
---
--- ```lua
--- local told = test.begin_file "tests/sums.lua"
--- ```
---@param file string
---@return { name: string, passed: boolean }[]
function test.begin_file(file)
  local told = cases
  cases = { file = file }
  return told
end

-- ---- Robots

---@class test.robot
---@field inputs table<string, any>|nil as on the command line: texts, or values; a file is its path in `files`
---@field files table<string, string>|nil files of the run's folder: path → content
---@field systems table[]|nil fakes, see `fake.system` and `fake.recording`
---@field resume table|nil the result of an earlier call: this run is its next attempt
---@field dry_run boolean|nil a rehearsal
---@field number integer|nil the run's number, 1 when not said
---@field queues table<string, table[]>|nil queue → { { key =, data =, due =, priority =, amount = }, … }
---@field robots table<string, fun(inputs: table): any>|nil what other robots give when they are called
---@field answers table<string, any>|nil what people answer, by the name of what is asked: of a step or item in doubt
--- "done", "not done", "give up" or `{ done = "its result" }`; of run:ask values by field, or "nobody" (in time)

---@class test.result
---@field state "done"|"failed"|"waiting"|"in doubt" the last two when `answers` lacks what was asked
---@field fault table|nil why it failed: { class, code, message, hint, source, line }
---@field items table[] { key, scope, state, amount, note, result } in the order in which they were done
---@field steps table[] likewise
---@field exceptions string[]
---@field log string[]
---@field artifacts { path: string, title: string }[]
---@field calls table[] what went to the fakes: { method, url, path, query, headers, body, status }
---@field mails table[] { to, cc, bcc, subject, text, attachments }
---@field questions table[] what run:ask asked: { title, to, text, fields, due, … }
---@field totals test.totals
---@field queues table<string, table[]> what the queues hold afterwards: { key, data, state, amount, note, tries }
---@field called { robot: string, inputs: table<string, string> }[] the robots that were called
---@field slept string[]|integer[] the waits, in milliseconds
---@field result any what the run gave to its caller

---@class test.totals
---@field items integer done and excepted ones
---@field sum decimal
---@field expected_items integer|nil
---@field expected_sum decimal|nil
---@field balanced boolean|nil nothing when nothing was expected

--- Runs the robot (`robot.lua`) from its first line to its last, here, with a host in memory and the outside world
--- replaced by fakes. What has no fake is refused.
---
--- ```lua
--- local result = test.run_robot { inputs = { period = "2026-10" }, systems = { ledger } }
--- test.equal(result.totals.balanced, true)
--- ```
---@param options test.robot|nil
---@return test.result
function test.run_robot(options)
  options = options or {}
  for path, content in pairs(options.files or {}) do files.write_file(path, content) end
  local kept = stage.new(options.resume, options)
  kept.number = options.number or (options.resume and options.resume.number) or 1
  local object, state = run.new({
    number = kept.number, robot = core.start().robot, attempt = kept.attempt, language = core.language(),
    dry_run = options.dry_run, inputs = manifests.inputs(options.inputs or {}),
  }, stage.host(kept))

  core.forget_modules()
  run.install(object, state)
  local outside = world.begin(options.systems or {}, options.dry_run)
  local done, fault = core.try(function()
    run.finish(state, (core.load "robot.lua"()))
  end)
  world.finish()
  run.install(nil, { host = core })

  kept.state = kept.parked or done and "done" or "failed"
  kept.fault = not done and fault or nil
  kept.totals = stage.totals(kept)
  kept.calls, kept.mails = outside.calls, outside.mails
  return kept
end

--- What `renki check` says of a robot: of this one, or of the sources that are given.
---
--- ```lua
--- test.equal(#test.check(), 0)
--- test.check({ sources = { ["robot.lua"] = "totla = 1" } })[1].line   --> 1
--- ```
---@param robot check.robot|nil
---@return check.finding[] findings { file, line, severity, code, text, hint }
function test.check(robot)
  return check.examine(robot or { sources = core.sources(), manifest = manifests.read() })
end

--- Calls `f` with fakes in place of the outside world, for tests of modules.
---
--- ```lua
--- local seen = test.reach({ ledger }, function() lib.book(4711) end)
--- test.equal(#seen.calls, 1)
--- ```
---@param systems table[] fakes, see `fake.system` and `fake.recording`
---@param f fun()
---@param options { dry_run: boolean|nil }|nil
---@return { calls: table[], mails: table[] } what went out
function test.reach(systems, f, options)
  local outside = world.begin(systems, options and options.dry_run)
  local done, fault = core.try(f)
  world.finish()
  if not done then error(fault, 0) end
  return { calls = outside.calls, mails = outside.mails }
end

return test
