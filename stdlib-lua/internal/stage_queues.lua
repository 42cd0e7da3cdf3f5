--- Queues, other robots and waits in memory, for tests: what the stage has in place of the host's.
local core = require "core.run"
local manifests = require "internal.manifests"

local stage_queues = {}

local STATES = { "new", "taken", "done", "exception", "failed", "abandoned" }
local NONE = {
  state = "none", key = "", number = 0, tries = 0, priority = 0, due_ms = 0, wait_ms = 0, done = -1, total = -1,
  amount = "", note = "", data = "",
}

local function fail(code, ...)
  error(core.fault(code, ...), 0)
end

local function since_1970_ms(due)
  return due and math.floor(due:since_1970() * 1000) or 0
end

--- Queues with the items that a test gives.
---@param given table<string, table[]>
---@return table<string, table[]>
function stage_queues.filled(given)
  local queues = {}
  for name, list in pairs(given) do
    queues[name] = {}
    for i, item in ipairs(list) do
      queues[name][i] = {
        key = tostring(item.key), data = item.data, kept = core.keep(item.data), state = item.state or "new", tries = 0,
        number = i, priority = item.priority or 0, due_ms = since_1970_ms(item.due), note = "",
        amount = item.amount and tostring(item.amount) or "",
      }
    end
  end
  return queues
end

-- Items by key; a queue only grows.
local by_key = setmetatable({}, { __mode = "k" })

local function find(queue, key)
  local index = by_key[queue] or { known = 0, items = {} }
  by_key[queue] = index
  for i = index.known + 1, #queue do index.items[queue[i].key] = queue[i] end
  index.known = #queue
  return index.items[key]
end

local function check_permit(name, right)
  local permits = manifests.read().permits or {}
  local written = (permits.queues or {})[name]
  if written ~= right and written ~= "both" then fail("QUEUE_NOT_PERMITTED", name, right) end
end

local function check_any(name)
  local permits = manifests.read().permits or {}
  if not (permits.queues or {})[name] then fail("QUEUE_NOT_PERMITTED", name, "fill") end
end

local function told(item, data)
  if not item then return NONE end
  return setmetatable({
    state = item.state, key = item.key, number = item.number, tries = item.tries, priority = item.priority,
    due_ms = item.due_ms, amount = item.amount, note = item.note, data = data or item.kept,
  }, { __index = NONE })
end

-- As the host: by priority, what is due first, then as added.
local function is_before(a, b)
  if a.priority ~= b.priority then return a.priority > b.priority end
  local due_a, due_b = a.due_ms > 0 and a.due_ms or math.maxinteger, b.due_ms > 0 and b.due_ms or math.maxinteger
  if due_a ~= due_b then return due_a < due_b end
  return a.number < b.number
end

local function next_new(queue)
  local first
  for _, item in ipairs(queue) do
    if item.state == "new" and (not first or is_before(item, first)) then first = item end
  end
  return first
end

--- In place of core.items.
---@param kept table the stage's
---@return table
function stage_queues.items(kept)
  local items = {}

  local function queue_of(name)
    kept.queues[name] = kept.queues[name] or {}
    return kept.queues[name]
  end

  function items.add(name, heads, data)
    check_permit(name, "fill")
    local queue, fresh, from = queue_of(name), {}, 1
    for _, head in ipairs(core.plain(heads)) do
      local key, bytes, due_ms, priority, amount = table.unpack(head)
      local text = data:sub(from, from + bytes - 1)
      from = from + bytes
      local known = find(queue, key)
      table.insert(fresh, known and "0" or "1")
      if not known then
        table.insert(queue, {
          key = key, data = core.unkeep(text), kept = text, state = "new", tries = 0, number = #queue + 1,
          priority = priority, due_ms = due_ms, amount = amount, note = "",
        })
      end
    end
    return table.concat(fresh)
  end

  function items.take(name)
    check_permit(name, "work")
    local item = next_new(queue_of(name))
    if item then
      item.state, item.tries = "taken", item.tries + 1
    end
    return told(item)
  end

  function items.find(name, key)
    check_any(name)
    return told(find(queue_of(name), key))
  end

  function items.past(name, after)
    for _, item in ipairs(queue_of(name)) do
      local ended = item.state == "done" or item.state == "exception"
      if item.number > after and ended and item.result and item.attempt < kept.attempt then
        return told(item, item.result)
      end
    end
    return NONE
  end

  function items.finish(name, key, number, state, amount, note, result, wait_ms, next_too)
    local item = find(queue_of(name), key)
    item.state, item.note = state == "again" and "new" or state, note
    if amount ~= "" then item.amount = amount end
    if state == "again" then
      table.insert(kept.slept, wait_ms)
    else
      item.result, item.attempt = result ~= "" and result or nil, kept.attempt
      kept.host.end_entry("item", "queue " .. name, key, number, state, item.amount, note, result)
    end
    if next_too then return items.take(name) end
  end

  function items.count(name)
    check_any(name)
    local counts = {}
    for _, state in ipairs(STATES) do counts[state] = 0 end
    for _, item in ipairs(queue_of(name)) do counts[item.state] = counts[item.state] + 1 end
    return core.keep(counts)
  end

  function items.expect(name, count, sum)
    check_any(name)
    kept.queues_expected = kept.queues_expected or {}
    kept.queues_expected[name] = { items = tonumber(count), sum = sum ~= "" and sum or nil }
  end

  return items
end

--- In place of core.waiting: nothing waits, robots answer at once.
---@param kept table the stage's
---@return table
function stage_queues.waiting(kept)
  local waiting = {}

  local function is_new(scope, key, position)
    local known = kept.host.begin_entry("wait", scope, key, position)
    return known ~= "done"
  end

  function waiting.pause(ms)
    table.insert(kept.slept, ms)
  end

  function waiting.sleep(scope, key, position, until_ms, for_ms)
    if is_new(scope, key, position) then
      table.insert(kept.slept, until_ms > 0 and until_ms or for_ms)
      kept.entries["wait\0" .. scope .. "\0" .. key] = { state = "done", note = "", kept = "" }
    end
    return 0
  end

  function waiting.call(scope, key, position, robot, given)
    local permitted = false
    for _, name in ipairs((manifests.read().permits or {}).robots or {}) do permitted = permitted or name == robot end
    if not permitted then fail("ROBOT_NOT_PERMITTED", robot) end
    local known, _, result = kept.host.begin_entry("wait", scope, key, position)
    if known == "done" then return 0, "done", result, "null" end
    local answer = kept.robots[robot]
    if not answer then fail("TEST_NO_ROBOT", robot) end
    local inputs = {}
    for _, pair in ipairs(core.plain(given)) do inputs[pair[1]] = pair[2] end
    table.insert(kept.called, { robot = robot, inputs = inputs })
    result = core.keep(answer(inputs))
    kept.entries["wait\0" .. scope .. "\0" .. key] = { state = "done", note = "", kept = result, kind = "wait" }
    return 0, "done", result, "null"
  end

  function waiting.result(result)
    kept.result = core.unkeep(result)
  end

  return waiting
end

return stage_queues
