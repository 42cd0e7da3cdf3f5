--- A host in memory, for tests: keeps what a run does as the store would, and gives it back on resuming.
local core = require "core.run"
local decimal = require "decimal"
local json = require "json"
local manifests = require "internal.manifests"
local queues = require "internal.stage_queues"

local stage = {}

local LEVELS = { [0] = "error", "warning", "information", "debug" }

local function entry_name(kind, scope, key)
  return kind .. "\0" .. scope .. "\0" .. key
end

--- A new one. `entries` and `claims` of an earlier result make a resumed run.
---@param earlier table|nil a result of test.run_robot
---@param options { answers: table|nil, queues: table|nil, robots: table|nil }|nil
---@return table
function stage.new(earlier, options)
  options = options or {}
  return {
    queues = earlier and not options.queues and earlier.queues or queues.filled(options.queues or {}),
    robots = options.robots or {}, called = {}, slept = {},
    answers = options.answers or {}, questions = {},
    attempt = earlier and earlier.attempt + 1 or 1,
    entries = earlier and earlier.entries or {},
    claims = earlier and earlier.claims or {},
    log = {}, items = {}, steps = {}, exceptions = {}, artifacts = {}, progress = {}, expected = {},
  }
end

--- What the run object calls in place of the host.
---@param kept table
---@return table
function stage.host(kept)
  local host = {}

  local function put(entry)
    local list = entry.kind == "item" and kept.items or entry.kind == "step" and kept.steps
    if list then table.insert(list, entry) end
  end

  function host.log(level, text)
    for line in (text .. "\n"):gmatch "(.-)\n" do
      table.insert(kept.log, line)
      core.log(3, ("%s: %s"):format(LEVELS[level], line))
    end
  end

  function host.progress(done, total, text)
    kept.progress = { done = done, total = total, text = text }
  end

  -- As the host: what was done earlier comes again in the same order.
  local function other_order(kind, scope, key, position)
    if kind ~= "step" and kind ~= "ask" then return nil end
    local known = kept.entries[entry_name(kind, scope, key)]
    if known then
      if known.position ~= position then return "moved", tostring(known.position), "" end
      return nil
    end
    for _, entry in pairs(kept.entries) do
      local ordered = entry.kind == "step" or entry.kind == "ask"
      local same_place = entry.scope == scope and entry.position == position
      if ordered and same_place and entry.state ~= "failed" then return "order", entry.key, "" end
    end
  end

  function host.begin_entry(kind, scope, key, position)
    local state, told, nothing = other_order(kind, scope, key, position)
    if state then return state, told, nothing end
    local entry = kept.entries[entry_name(kind, scope, key)]
    if not entry then return "new", "", "" end
    if entry.state == "done" or entry.state == "exception" then put(entry) end
    return entry.state, entry.note, entry.kept
  end

  function host.end_entry(kind, scope, key, position, state, amount, note, result)
    local entry = {
      kind = kind, scope = scope, key = key, position = position, state = state,
      amount = amount, note = note, kept = result,
      result = result ~= "" and core.unkeep(result) or nil,
    }
    kept.entries[entry_name(kind, scope, key)] = entry
    put(entry)
    if state == "exception" then
      for line in (note .. "\n"):gmatch "(.-)\n" do table.insert(kept.exceptions, line) end
    end
  end

  function host.about(kind, scope, key, position)
    kept.entries[entry_name(kind, scope, key)] = {
      kind = kind, scope = scope, key = key, position = position, state = "about", amount = "", note = "", kept = "",
    }
  end

  -- The test's answer in place of a person's: "done" (or { done = a text }), "not done", "give up"; without one the
  -- run waits, and is over for the test.
  function host.doubt(kind, scope, key, _, amount)
    local entry, answer = kept.entries[entry_name(kind, scope, key)], kept.answers[key]
    if answer == "not done" then
      entry.state = "failed"
    elseif answer == "done" or type(answer) == "table" then
      entry.state, entry.amount = kind == "effect" and "answered" or "done", amount
      entry.kept = core.keep(type(answer) == "table" and answer.done or nil)
    elseif answer == "give up" then
      error(core.fault("DOUBT_GIVEN_UP", key, "the test"), 0)
    else
      kept.parked = "in doubt"
      error(core.fault("TEST_PARKED", key), 0)
    end
  end

  -- What the test has in place of an answer: values by field, or "nobody": what the robot said for that holds.
  function host.ask(scope, key, position, written)
    local name = entry_name("ask", scope, key)
    local entry = kept.entries[name]
    if entry and entry.state == "done" then return "answered", entry.kept, "the test", 0 end
    local asked, answer = json.decode(written), kept.answers[key]
    table.insert(kept.questions, asked)
    entry = { kind = "ask", scope = scope, key = key, position = position, state = "asked", note = "", kept = "" }
    kept.entries[name] = entry
    if answer == nil then
      kept.parked = "waiting"
      error(core.fault("TEST_PARKED", key), 0)
    end
    if answer == "nobody" then answer = asked.otherwise end
    entry.kept = answer == "fail" and '"fail"' or manifests.answer(asked.fields.inputs, answer)
    entry.state = "done"
    return "answered", entry.kept, "the test", 0
  end

  function host.expect(items, sum)
    kept.expected = { items = tonumber(items), sum = sum ~= "" and decimal(sum) or nil }
  end

  function host.exception(text)
    table.insert(kept.exceptions, text)
  end

  function host.attach(path, title)
    table.insert(kept.artifacts, { path = path, title = title })
  end

  function host.claim(key)
    local number = kept.claims[key]
    if number and number ~= kept.number then return false, number, 0 end
    kept.claims[key] = kept.number
    return true, kept.number, 0
  end

  kept.host = host
  host.items = queues.items(kept)
  host.waiting = queues.waiting(kept)
  host.pause = host.waiting.pause
  return host
end

--- What was done against what was expected, in exact decimals.
---@param kept table
---@return test.totals
function stage.totals(kept)
  local sum, items = decimal "0", 0
  for _, item in ipairs(kept.items) do
    if item.state == "done" or item.state == "exception" then
      items = items + 1
      if item.amount ~= "" then sum = sum + decimal(item.amount) end
    end
  end
  local expected = kept.expected
  local balanced
  if expected.items or expected.sum then
    balanced = (not expected.items or expected.items == items) and (not expected.sum or expected.sum == sum)
  end
  return { items = items, sum = sum, expected_items = expected.items, expected_sum = expected.sum, balanced = balanced }
end

return stage
