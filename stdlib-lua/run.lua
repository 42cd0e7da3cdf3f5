--- The run itself: what it was given, what it has done, what it says. Robots have it as the global `run`.
---
--- Nothing is required for it: `run` is always there.
local arguments = require "internal.arguments"
local asking = require "internal.asking"
local core = require "core.run"
local current = require "internal.current"
local date = require "date"
local effects = require "internal.effects"
local items_of = require "internal.items_of"
local json = require "json"
local waiting = require "internal.waiting"

local run = {}

local PROGRESS_EVERY_MS = 100
local WARNING, INFORMATION, DEBUG = 1, 2, 3 -- as in messages.def

-- What the host answers and keeps; tests put another one in its place (internal/stage.lua).
local host = {
  log = core.log,
  progress = core.progress,
  begin_entry = core.begin_entry,
  end_entry = core.end_entry,
  about = core.about,
  doubt = core.doubt,
  ask = core.ask,
  expect = core.expect,
  exception = core.exception,
  attach = core.attach,
  claim = core.claim,
}

local function fail(code, ...)
  error(core.fault(code, ...), 0)
end

local function expect_argument(name, position, value, good, expected, caller)
  if not good then
    fail("ARGUMENT_WRONG", caller, name, core.phrase(expected), core.describe(value), tostring(position))
  end
end

-- A text for people: values by their own human form (`1 234,50`, `31.12.2026`), the rest as tostring.
local function for_people(value)
  if type(value) == "userdata" then
    local done, text = pcall(function() return value:format() end)
    if done and type(text) == "string" then return text end
  end
  return tostring(value)
end

local function format_text(format, ...)
  if select("#", ...) == 0 then return for_people(format) end
  local values = table.pack(...)
  for i = 1, values.n do
    if type(values[i]) == "userdata" then values[i] = for_people(values[i]) end
  end
  return string.format(format, table.unpack(values, 1, values.n))
end

---@class run
---@field inputs table<string, any> what the run was given, by the names of the manifest
---@field number integer the run's number
---@field robot string the robot's name
---@field attempt integer 1, or more when the run was started again
---@field dry_run boolean true in a rehearsal: nothing is changed outside
---@field language string "en", "fi" or "sv"
local methods = {}

--- Writes a line to the run's log. `log` and `info` are the same; `warn` and `error` stand out; `debug` is shown on
--- request. With further arguments the first is a pattern as in `string.format`.
---
--- ```lua
--- run:log("%d rows", 12)   --> 12 rows
--- ```
---@param format any
---@param ... any
function methods:log(format, ...)
  self.state.host.log(INFORMATION, format_text(format, ...))
end

--- As `run:log`.
---
--- ```lua
--- run:info "ready"   --> ready
--- ```
---@param format any
---@param ... any
function methods:info(format, ...)
  self.state.host.log(INFORMATION, format_text(format, ...))
end

--- Writes a line that stands out: something is unusual, the run goes on.
---
--- ```lua
--- run:warn("no rows for %s", "October")   --> no rows for October
--- ```
---@param format any
---@param ... any
function methods:warn(format, ...)
  self.state.host.log(WARNING, format_text(format, ...))
end

--- Writes a line that is shown on request only.
---
--- ```lua
--- run:debug("answer had %d bytes", 512)   --> answer had 512 bytes
--- ```
---@param format any
---@param ... any
function methods:debug(format, ...)
  self.state.host.log(DEBUG, format_text(format, ...))
end

--- Shows how far the run is. `run:each` does it by itself.
---
--- ```lua
--- run:progress(3, 12, "files")
--- ```
---@param done integer
---@param total integer|nil unknown when not said
---@param text string|nil what is counted
function methods:progress(done, total, text)
  expect_argument("done", 1, done, math.type(done) == "integer" and done >= 0, "EXPECTED_WHOLE", "progress")
  expect_argument("total", 2, total, total == nil or math.type(total) == "integer", "EXPECTED_WHOLE", "progress")
  local state, now = self.state, core.now_ms()
  if now - state.progress_ms < PROGRESS_EVERY_MS and done ~= total then return end
  state.progress_ms = now
  state.host.progress(done, total or 0, text or "")
end

--- Says what the run must come to: how many items, and the sum of their amounts. The run is then *balanced* or *not
--- balanced*, to the cent. The amounts are those of `run:each { sum = … }`.
---
--- ```lua
--- run:expect { items = 412, sum = decimal "1204551.30" }
--- ```
---@param totals { items: integer|nil, sum: decimal|integer|string|nil }
function methods:expect(totals)
  expect_argument("totals", 1, totals, type(totals) == "table", "EXPECTED_TABLE", "expect")
  for name in pairs(totals) do
    if name ~= "items" and name ~= "sum" then fail("OPTION_UNKNOWN_OF", "expect", tostring(name), "items, sum") end
  end
  self.state.host.expect(totals.items and tostring(totals.items) or "", arguments.amount(totals.sum, "expect, sum"))
end

--- Records a fact of business that a person must settle: the sums differ, an invoice is unknown. The run goes on.
--- Inside an item it marks the item as excepted; it is not tried again.
---
--- ```lua
--- run:exception("ledger says %s, the invoice %s", paid, row.Sum)
--- ```
---@param format any
---@param ... any
function methods:exception(format, ...)
  local text = format_text(format, ...)
  local item = self.state.item
  if item then
    table.insert(item.exceptions, text)
  else
    self.state.host.exception(text)
  end
end

--- Ends the run as failed, with a text for whoever reads it. It is not tried again by itself, as technical failures
--- are: what the robot found will be found again. `renki resume` goes on with it.
---
--- ```lua
--- run:fail("the file has %d faults", 3)   --> raises
--- ```
---@param format any
---@param ... any
function methods.fail(_, format, ...)
  fail("ROBOT_FAILED", format_text(format, ...))
end

--- Keeps a file of the run for people: its path, or a report of `sheet.create`, which is closed if it is still open.
---
--- ```lua
--- run:attach(report, { title = "Differences" })
--- ```
---@param file any a path, or something with a path
---@param options { title: string|nil }|nil
function methods:attach(file, options)
  local path = arguments.path_of(file)
  expect_argument("file", 1, file, path ~= nil, "EXPECTED_FILE", "attach")
  local title = options and options.title or ""
  expect_argument("title", 2, title, type(title) == "string", "EXPECTED_TEXT", "attach")
  self.state.host.attach(path, title)
end

--- Takes a key that only one run of this robot may ever have, such as the number of a file. Nothing comes back when it
--- is this run's now (or was already); else the run that has it.
---
--- ```lua
--- local earlier = run:claim "payment file 2026-10-30"
--- if earlier then run:fail("booked before, by run %d", earlier.run) end
--- ```
---@param key string
---@return { run: integer, time: integer }|nil earlier time in seconds since 1970
function methods:claim(key)
  expect_argument("key", 1, key, type(key) == "string" and key ~= "", "EXPECTED_TEXT", "claim")
  local ours, number, time_ms = self.state.host.claim(key)
  if ours then return nil end
  return { run = number, time = time_ms // 1000 }
end

-- ---- Steps

---@class run.step what a step or an item is told of itself
---@field name string
---@field key string the same after every restart, and no other step's: for systems that do a thing once a key
---@field attempt integer the run's

-- The key costs a hash, so it is made when it is asked for.
local function key_of_step(step, name)
  if name ~= "key" then return nil end
  local key = core.entry_key(step.state.seed(), step.entry.scope, step.entry.key)
  rawset(step, "key", key)
  return key
end

local step_class = { __name = "run.step", __index = key_of_step }

local function step_of(state, entry)
  return setmetatable({ state = state, entry = entry, name = entry.key, attempt = state.self.attempt }, step_class)
end

-- What an item counts for in the control totals; a step for nothing.
local function amount_of(entry, result)
  return entry.sum and entry.sum(entry.item, result, entry.position) or ""
end

-- Whether an entry in doubt may be done: true, false (it was done: its result), or nothing is known, and a person says.
local function settle(state, entry, idempotent, check)
  if idempotent then
    entry.doubtful = true -- until it is done
    return true
  end
  if check then
    local was_done, result = check()
    expect_argument("check", 1, was_done, was_done == nil or type(was_done) == "boolean", "EXPECTED_BOOLEAN", "check")
    if was_done == false then return true end
    if was_done then
      local told = core.phrase "STEP_CHECKED"
      local amount, kept = amount_of(entry, result), core.keep(result)
      state.host.end_entry(entry.kind, entry.scope, entry.key, entry.position, "done", amount, told, kept)
      return false, result
    end
  end
  local known, amount = pcall(amount_of, entry, nil)
  state.host.doubt(entry.kind, entry.scope, entry.key, entry.position, known and amount or "")
  return nil
end

-- What an earlier attempt left of an entry: whether it is to be done now, else its result.
local function take_up(state, entry, idempotent, check)
  local inherited = state.item and state.item.taken -- of a queue: another run may have begun it
  if state.self.attempt == 1 and not inherited then return true end
  local known, told, kept = state.host.begin_entry(entry.kind, entry.scope, entry.key, entry.position)
  if known == "done" or known == "exception" then
    return false, core.unkeep(kept)
  elseif known == "order" then
    fail("STEP_ORDER", tostring(entry.position), told, entry.key)
  elseif known == "moved" then
    fail("STEP_MOVED", entry.key, told, tostring(entry.position))
  elseif known == "about" or known == "doubt" then
    local to_do, result = settle(state, entry, idempotent, check)
    if to_do == nil then return take_up(state, entry, idempotent, check) end
    return to_do, result
  end
  return true
end

local STEP_OPTIONS = { idempotent = true, check = true }

local function check_step(name, options, f)
  expect_argument("name", 1, name, type(name) == "string" and name ~= "", "EXPECTED_TEXT", "step")
  arguments.options("step", 2, options, STEP_OPTIONS)
  arguments.option("step", "idempotent", options.idempotent, type(options.idempotent) == "boolean", "EXPECTED_BOOLEAN")
  arguments.option("step", "check", options.check, type(options.check) == "function", "EXPECTED_FUNCTION")
  expect_argument("f", 3, f, type(f) == "function", "EXPECTED_FUNCTION", "step")
end

-- A step's place: its name within the run or the item around it, and the number of steps there so far.
local function place_of(state, name)
  if state.step then fail("STEP_IN_STEP", name, state.step) end
  local scope = state.item and state.item.name or ""
  local full = scope .. "\0" .. name
  if state.steps[full] then fail("STEP_TWICE", name) end
  state.steps[full] = true
  local position = (state.positions[scope] or 0) + 1
  state.positions[scope] = position
  return { kind = "step", scope = scope, key = name, position = position }
end

---@class run.step_options
---@field idempotent boolean|nil true: when in doubt it may be done again, doing it twice does no harm
---@field check (fun(step: run.step): boolean|nil, any)|nil says of a step in doubt whether it was done, and its result

--- Does something once, even if the run is started again: its result is kept before the run goes on, and comes back
--- without doing it anew. Names are the robot's own and each stands for one step; steps come in the same order each
--- time. A step may stand inside an item, not inside another step.
---
--- What is sent inside is noted before it leaves. When the run is torn apart between that and the end of the step,
--- nobody knows whether it was done: the step is *in doubt*, and not done again by itself. With `idempotent = true`
--- doing it twice does no harm, so it is done again; `check` finds out, and answers true (it was done; a second value
--- is the step's result), false (it was not: it is done now) or nothing. Else the robot's owner is asked.
---
--- ```lua
--- local id = run:step("open the batch", function() return ledger:post("/batches/"):json().id end)
--- run:step("pay", { idempotent = true }, function(step)
---   ledger:post("/payments/", { json = { batch = id }, idempotency_key = step.key })
--- end)
--- run:step("close the batch", {
---   check = function() return ledger:get("/batches/{id}", { id = id }):json().closed end,
--- }, function() ledger:post("/batches/{id}/close", { id = id }) end)
--- ```
---@generic T
---@param name string
---@param options run.step_options|(fun(step: run.step): T) may be left out
---@param f fun(step: run.step): T texts, numbers, decimals, dates and tables of these
---@return T
---@overload fun(self: run, name: string, f: fun(step: run.step): T): T
function methods:step(name, options, f)
  if f == nil then options, f = {}, options end
  check_step(name, options, f)
  local state = self.state
  local entry = place_of(state, name)
  local step = step_of(state, entry)
  local check = options.check and function() return options.check(step) end
  local to_do, kept = take_up(state, entry, options.idempotent, check)
  if not to_do then return kept end

  state.step = name
  local outer = effects.enter(entry)
  local done, result = core.try(f, step)
  effects.enter(outer)
  state.step = nil
  if not done then
    local ended = effects.state_of(entry)
    state.host.end_entry("step", entry.scope, name, entry.position, ended, "", result.message, "")
    error(result, 0)
  end
  state.host.end_entry("step", entry.scope, name, entry.position, "done", "", "", core.keep(result))
  return result
end

-- ---- Waiting

--- Waits: so long (`"90 s"`, `"2 h 30 min"`, `"3 d"`), or until a day, moment or instant. A longer wait costs nothing:
--- the worker ends, and the run starts again at its top when it is over, passing over what is done; a wait that was
--- begun is not begun anew. A rehearsal passes over waits of more than five seconds.
---
--- ```lua
--- run:sleep "2 h"
--- run:sleep(date.today():at(16, 0))
--- ```
---@param wait string|date|moment|instant
function methods:sleep(wait)
  waiting.sleep(self, wait)
end

--- Starts another robot as a run of its own and waits for it; gives what it returned (or its `run:result`). Done once,
--- as a step is. The manifest names the robots that may be called: `permits = { robots = { "ledger-check" } }`. A file
--- of this run's folder is given as `{ file = path }`; a report as it is. Where the other run fails, this raises; a
--- resumed run calls anew.
---
--- ```lua
--- local found = run:call("ledger-check", { month = "2026-10", lines = { file = "lines.csv" } })
--- ```
---@param robot string
---@param inputs table<string, any>|nil
---@return any result
function methods:call(robot, inputs)
  return waiting.call(self, robot, inputs)
end

--- Sets what the run gives to the run that called it, instead of what `robot.lua` returns.
---
--- ```lua
--- run:result { booked = 12, sum = decimal "120.50" }
--- ```
---@param value any texts, numbers, decimals, dates and tables of these
function methods:result(value)
  self.state.has_result = true
  waiting.result(self.state, value)
end

-- ---- Questions to people

---@class run.field a field of a form, as an input of a manifest is declared
---@field name string small letters, digits and _
---@field type "text"|"number"|"decimal"|"boolean"|"choice"|"date"|"month"
---@field label string|table<string, string>|nil what the person sees, or by language: `{ fi = …, sv = …, en = … }`
---@field choices string[]|nil of a choice
---@field required boolean|nil false: may be left empty
---@field default any

---@class run.ask_options
---@field title string what is asked, in a line; the question's name too, unless `key` is given
---@field key string|nil its name: it must not come twice
---@field to string|nil a person or a group; the robot's owner when not said
---@field text string|nil what the person should know
---@field fields run.field[]
---@field files any a file of the run, or a list of them, for the person to see
---@field due string|date|nil how long ("2 d", "4 h") or until the end of which day; a reminder comes before
---@field escalate string|nil who is asked when it is overdue; the robot's deputy when not said
---@field otherwise table|"fail"|nil what holds when nobody has answered by then: values by field, or "fail"

--- Asks a person, and goes on with the answer, though it be days later: the run ends meanwhile and costs nothing, then
--- starts again at the top and passes over what is done. The answer has the fields by name, `by` (who gave it) and `at`
--- (when). `renki tasks` lists what is asked and takes answers.
---
--- ```lua
--- local answer = run:ask {
---   title = "Pay the invoices of October?", to = "aino", due = "2 d", otherwise = "fail",
---   fields = { { name = "approved", type = "boolean" }, { name = "note", type = "text", required = false } },
--- }
--- if not answer.approved then run:fail("%s said no: %s", answer.by, answer.note) end
--- ```
---@param options run.ask_options
---@return table answer
function methods:ask(options)
  asking.check(options)
  local state, name = self.state, options.key or options.title
  local entry = place_of(state, name)
  if state.self.attempt > 1 then
    local known, told = state.host.begin_entry("ask", entry.scope, name, entry.position)
    if known == "order" then fail("STEP_ORDER", tostring(entry.position), told, name) end
    if known == "moved" then fail("STEP_MOVED", name, told, tostring(entry.position)) end
  end
  local question = json.encode(asking.question(options))
  local _, written, by, time_ms = state.host.ask(entry.scope, name, entry.position, question)
  local values = core.plain(written)
  if values == "fail" then fail("QUESTION_UNANSWERED", options.title) end
  local answer = {}
  for field, input in pairs(values) do answer[field] = asking.value(input.value, input.type, input.of) end
  answer.by, answer.at = by, date.instant(os.date("!%Y-%m-%dT%H:%M:%SZ", time_ms // 1000))
  return answer
end

-- ---- Items

-- Each list of items has a name of its own, so that two of them never share what they have done.
local function scope_of(state, label)
  local scope = label or "items"
  state.scopes[scope] = (state.scopes[scope] or 0) + 1
  if state.scopes[scope] > 1 then scope = scope .. " " .. state.scopes[scope] end
  return scope
end

-- Runs f for one item and writes what came of it before anything else is done. True when it went well.
local function do_item(state, list, entry, f)
  local item, key, position = entry.item, entry.key, entry.position
  state.item = { name = list.scope .. "/" .. key, exceptions = {} }
  local outer = effects.enter(entry)
  local done, result = core.try(f, item, position, step_of(state, entry))
  effects.enter(outer)
  local exceptions = table.concat(state.item.exceptions, "\n")
  state.item = nil
  if not done then
    local summed, amount = pcall(amount_of, entry, nil)
    local ended = effects.state_of(entry)
    state.host.end_entry("item", list.scope, key, position, ended, summed and amount or "", result.message, "")
    if list.on_failure ~= "continue" or result.class ~= "failure" then error(result, 0) end
    state.failed = state.failed + 1
    state.first_failure = state.first_failure or result.message
    state.host.log(WARNING, key .. ": " .. result.message)
    return nil
  end
  local end_state = exceptions ~= "" and "exception" or "done"
  local amount, kept = amount_of(entry, result), core.keep(result)
  state.host.end_entry("item", list.scope, key, position, end_state, amount, exceptions, kept)
  return result
end

---@class run.each_options
---@field key string|string[]|(fun(item: any): any)|nil what names an item: a column, several, a function; or its place
---@field sum string|(fun(item: any, result: any): any)|nil its amount for the control totals: a column or a function
---@field label string|nil the list's own name
---@field total integer|nil how many there are, for the progress bar
---@field on_failure "stop"|"continue"|nil "continue" goes on after a technical failure; the run then ends as failed
---@field idempotent boolean|nil true: an item in doubt may be done again, see `run:step`
---@field check (fun(item: any, step: run.step): boolean|nil, any)|nil says of an item in doubt whether it was done

--- Goes through items (rows of a sheet, pages of an answer, a list), one after the other. Each is done once: its
--- result is written down before the next begins, and a run that is started again passes over what is done. What `f`
--- returns is collected; nothing (nil) is left out.
---
--- ```lua
--- local sums = run:each({ { no = "1" }, { no = "2" } }, { key = "no" }, function(row) return row.no .. "!" end)
--- #sums   --> 2
--- ```
---@param items table|fun(): any
---@param options run.each_options
---@param f fun(item: any, position: integer, step: run.step): any
---@return any[] results
function methods:each(items, options, f)
  items_of.check(items, options, f)
  local state = self.state
  if state.item or state.step then fail("EACH_INSIDE", state.step or state.item.name) end
  local next_item, total = items_of.each(items)
  total = options.total or total
  local list = { scope = scope_of(state, options.label), sum = items_of.sum(options.sum) }
  list.on_failure = options.on_failure
  local key_of, seen = items_of.key(options.key), {}

  local results, position = {}, 0
  for item in next_item do
    position = position + 1
    local key = items_of.unique(seen, key_of(item, position))
    local entry = { kind = "item", scope = list.scope, key = key, position = position, item = item, sum = list.sum }
    local check = options.check and function() return options.check(item, step_of(state, entry)) end
    local to_do, result = take_up(state, entry, options.idempotent, check)
    if to_do then result = do_item(state, list, entry, f) end
    if result ~= nil then table.insert(results, result) end
    self:progress(position, total, options.label)
  end
  state.progress_ms = 0
  self:progress(position, position, options.label)
  return results
end

-- ---- The object, and the whole of a run

--- Makes a run object. For the library itself: robots have theirs as `run`.
---
--- ```lua
--- local object = run.new({ number = 1, robot = "x", attempt = 1, language = "en", inputs = {} })
--- ```
---@param facts table { number, robot, attempt, language, dry_run, inputs = { name = { type =, value = } }, seed }
---@param in_place_of_host table|nil
---@return run
function run.new(facts, in_place_of_host)
  local inputs, file_names = {}, {}
  for name, input in pairs(facts.inputs) do
    inputs[name] = asking.value(input.value, input.type, input.of)
    file_names[name] = input.name
  end
  local known = {}
  for name in pairs(facts.inputs) do known[name] = true end
  local state = {
    host = in_place_of_host or host, progress_ms = 0, steps = {}, positions = {}, scopes = {}, failed = 0,
    seed = facts.seed or function() return ("test %d"):format(facts.number) end,
  }
  local object = {
    inputs = core.fields(inputs, "run.inputs", known),
    file_names = file_names,
    number = facts.number,
    robot = facts.robot,
    attempt = facts.attempt,
    language = facts.language,
    dry_run = facts.dry_run or false,
  }
  for name, method in pairs(methods) do
    object[name] = function(itself, ...)
      if itself ~= object then fail("METHOD_DOT", "run", name) end
      return method(state.self, ...)
    end
  end
  state.self = setmetatable({ state = state, attempt = facts.attempt, dry_run = object.dry_run }, { __index = methods })
  return core.guard(object, "run"), state
end

--- What stands at the end of a run: items that failed while it went on make it fail.
---
--- ```lua
--- run.finish(state, nil)
--- ```
---@param state table
---@param returned any what robot.lua returned: its result, unless run:result said another
function run.finish(state, returned)
  if returned ~= nil and not state.has_result then waiting.result(state, returned) end
  if state.failed > 0 then fail("ITEMS_FAILED", tostring(state.failed), state.first_failure) end
end

--- Gives the environment its `run` and `print`.
---
--- ```lua
--- run.install(object, state)
--- ```
---@param object run|nil nothing: there is no `run`, as in tests
---@param state { host: table }
function run.install(object, state)
  local environment = core.environment()
  rawset(environment, "run", object)
  current.set(object and state or nil)
  local noted = object and {
    host = state.host, attempt = object.attempt, rehearsal = object.dry_run, seed = state.seed,
  }
  effects.install(noted or nil)
  rawset(environment, "print", function(...)
    local parts = table.pack(...)
    for i = 1, parts.n do parts[i] = tostring(parts[i]) end
    state.host.log(INFORMATION, table.concat(parts, "\t"))
  end)
end

--- Runs the robot that the host sent.
---
--- ```lua
--- run.serve()
--- ```
function run.serve()
  local start = core.start()
  local object, state = run.new {
    number = start.number,
    robot = start.robot,
    attempt = start.attempt,
    language = core.language(),
    dry_run = core.is_rehearsal(),
    inputs = core.plain(start.inputs),
    seed = function() return core.plain(start.options).seed end,
  }
  run.install(object, state)
  run.finish(state, (core.load "robot.lua"()))
end

return run
