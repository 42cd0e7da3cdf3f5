--- A host in memory, for tests: keeps what a run does as the store would, and gives it back on resuming.
local core = require "core.run"
local decimal = require "decimal"
local queues = require "internal.stage_queues"

local stage = {}

local LEVELS = { [0] = "error", "warning", "information", "debug" }

local function entry_name(kind, scope, key)
  return kind .. "\0" .. scope .. "\0" .. key
end

--- A new one. `entries` and `claims` of an earlier result make a resumed run.
---@param earlier table|nil a result of test.run_robot
---@param options { queues: table|nil, robots: table|nil }|nil
---@return table
function stage.new(earlier, options)
  options = options or {}
  return {
    queues = earlier and not options.queues and earlier.queues or queues.filled(options.queues or {}),
    robots = options.robots or {}, called = {}, slept = {},
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

  function host.log(level, text)
    for line in (text .. "\n"):gmatch "(.-)\n" do
      table.insert(kept.log, line)
      core.log(3, ("%s: %s"):format(LEVELS[level], line))
    end
  end

  function host.progress(done, total, text)
    kept.progress = { done = done, total = total, text = text }
  end

  function host.begin_entry(kind, scope, key)
    local entry = kept.entries[entry_name(kind, scope, key)]
    if not entry then return "new", "", "" end
    if kind ~= "wait" and (entry.state == "done" or entry.state == "exception") then
      table.insert(kind == "item" and kept.items or kept.steps, entry)
    end
    return entry.state, entry.note, entry.kept
  end

  function host.end_entry(kind, scope, key, position, state, amount, note, result)
    local entry = {
      kind = kind, scope = scope, key = key, position = position, state = state,
      amount = amount, note = note, kept = result,
      result = result ~= "" and core.unkeep(result) or nil,
    }
    kept.entries[entry_name(kind, scope, key)] = entry
    table.insert(kind == "item" and kept.items or kept.steps, entry)
    if state == "exception" then
      for line in (note .. "\n"):gmatch "(.-)\n" do table.insert(kept.exceptions, line) end
    end
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
    if item.state ~= "failed" then
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
