--- Work items: queues that robots share. One robot fills a queue, others empty it, several at a time if need be; each
--- item is done once. What failed or needs a person stays in the queue, where `renki items` shows it.
---
--- The manifest names the queues: `permits = { queues = { invoices = "fill" } }`; `"work"` to take items, `"both"` for
--- both.
---
--- ```lua
--- items.add("invoices", { number = "4711", sum = decimal "12.30" }, { key = "4711" })   --> true
--- ```
local arguments = require "internal.arguments"
local core = require "core.run"
local current = require "internal.current"
local effects = require "internal.effects"
local date = require "date"
local host_items = require "core.items"
local waiting = require "core.waiting"

local items = {}

local fail = arguments.fail

local DATA_MOST = 1000000   -- bytes of an item, as it is kept
local HEADS_MOST = 40000    -- bytes of a message's heads; the host's limit
local BATCH_MOST = 8000     -- items of a message
local WARNING = 1

-- What answers for the queues: the host, or a test's stage.
local function service(state)
  return state.host.items or host_items
end

local function expect(caller, name, position, value, good, expected)
  arguments.expect(caller, name, position, value, good, expected)
end

local function check_queue(caller, queue)
  expect(caller, "queue", 1, queue, type(queue) == "string", "EXPECTED_TEXT")
  if not queue:find "^[a-z0-9][a-z0-9_-]*$" or #queue > 64 then fail("QUEUE_NAME", queue) end
end

-- ---- Adding

local ADD_OPTIONS = { key = true, due = true, priority = true, amount = true }

-- A day is over at its end, by the clocks of the workplace.
local function due_ms(caller, due)
  if due == nil then return 0 end
  local kind = core.class_of(due)
  if kind == "string" then due, kind = date.parse(due), "date" end
  if kind == "date" then due, kind = due:at(23, 59, 59), "moment" end
  if kind == "moment" then due, kind = due:in_zone(), "instant" end
  arguments.option(caller, "due", due, kind == "instant", "EXPECTED_DATE")
  return math.floor(due:since_1970() * 1000)
end

local function written_amount(value)
  if value == nil then return "" end
  if math.type(value) == "float" then fail("AMOUNT_FLOAT", "amount", tostring(value)) end
  local text = tostring(value)
  if not text:find "^[+-]?%d*%.?%d*$" or not text:find "%d" then fail("AMOUNT_WRONG", "amount", text) end
  return text
end

local function check_key(caller, key)
  local text = arguments.written(key)
  if text == nil or text == "" then
    fail("OPTION_WRONG", caller, "key", core.phrase "EXPECTED_SOME_TEXT", core.describe(key))
  end
  if not utf8.len(text) or #text > 400 then fail("KEY_TOO_LONG", text, "400") end
  return text
end

-- One item as its head and its data, both as text.
local function packed(caller, data, key, due, priority, amount)
  arguments.option(caller, "priority", priority, math.type(priority) == "integer", "EXPECTED_WHOLE")
  local name = check_key(caller, key)
  local kept = core.keep(data)
  if #kept > DATA_MOST then fail("ITEM_TOO_LARGE", name, tostring(DATA_MOST)) end
  return core.keep { name, #kept, due_ms(caller, due), priority or 0, written_amount(amount) }, kept
end

-- Sends what is packed in as few messages as it takes; gives a sign an item.
local function send(state, queue, heads, kept)
  local fresh, from = {}, 1
  while from <= #heads do
    local to, head_bytes, data_bytes = from - 1, 2, 0
    repeat
      to = to + 1
      head_bytes, data_bytes = head_bytes + #heads[to] + 1, data_bytes + #kept[to]
      local next_head, next_kept = heads[to + 1], kept[to + 1]
      local full = not next_head or to - from + 1 >= BATCH_MOST or head_bytes + #next_head + 1 > HEADS_MOST
        or data_bytes + #next_kept > DATA_MOST
    until full
    local head = "[" .. table.concat(heads, ",", from, to) .. "]"
    table.insert(fresh, service(state).add(queue, head, table.concat(kept, "", from, to)))
    from = to + 1
  end
  return table.concat(fresh)
end

---@class items.add_options
---@field key string|integer|nil what names the item in its queue; an item of that key is never added twice
---@field due date|moment|instant|string|nil by when it should be done; a day counts to its end
---@field priority integer|nil higher ones are taken first; 0 when not said
---@field amount decimal|integer|string|nil for the queue's totals

--- Adds an item. It is on disk when this returns. An item with the same key that is there already, in whatever state,
--- stays as it is.
---
--- ```lua
--- items.add("invoices", { number = "4712" }, { key = "4712", due = "31.12.2026", priority = 1 })   --> true
--- ```
---@param queue string
---@param data any a table, texts, numbers, decimals, dates: what the robot that takes it needs
---@param options items.add_options with its key
---@return boolean added false when the key was there already
function items.add(queue, data, options)
  check_queue("add", queue)
  local given = arguments.options("add", 3, options, ADD_OPTIONS)
  local state = current.get "items.add"
  local head, kept = packed("add", data, given.key, given.due, given.priority, given.amount)
  return send(state, queue, { head }, { kept }) == "1"
end

-- An option of add_all: a field's name, a function of the data, or a value that all have.
local function chosen(option, data, by_name)
  if type(option) == "function" then return option(data) end
  if by_name and type(option) == "string" then return data[option] end
  return option
end

---@class items.add_all_options
---@field key string|(fun(data: any): any) the field that names the item, or a function
---@field due any a field is named by a function: `function(row) return row.Due end`; else all have it
---@field priority integer|(fun(data: any): integer)|nil
---@field amount string|(fun(data: any): any)|nil the field with its amount, or a function

--- Adds many items, in few messages: a list, or rows of a sheet. All are on disk when this returns.
---
--- ```lua
--- local rows = { { no = "1", sum = "2.00" }, { no = "2", sum = "3.50" } }
--- items.add_all("invoices", rows, { key = "no", amount = "sum" })   --> 2
--- ```
---@param queue string
---@param list table|fun(): any
---@param options items.add_all_options
---@return integer added how many were new
function items.add_all(queue, list, options)
  check_queue("add_all", queue)
  local walkable = type(list) == "table" or type(list) == "function" or type(list) == "userdata"
  expect("add_all", "list", 2, list, walkable, "EXPECTED_ITEMS")
  local given = arguments.options("add_all", 3, options, ADD_OPTIONS)
  local state, added, heads, kept, bytes = current.get "items.add_all", 0, {}, {}, 0
  local function flush()
    added = added + select(2, send(state, queue, heads, kept):gsub("1", ""))
    heads, kept, bytes = {}, {}, 0
  end
  local function take(data)
    local amount = chosen(given.amount, data, true)
    local head, text = packed("add_all", data, chosen(given.key, data, true), chosen(given.due, data),
      chosen(given.priority, data), amount)
    table.insert(heads, head)
    table.insert(kept, text)
    bytes = bytes + #head + #text
    if bytes > DATA_MOST then flush() end
  end
  if type(list) == "table" and not (getmetatable(list) or {}).__call then
    for _, data in ipairs(list) do take(data) end
  else
    for data in list do take(data) end
  end
  flush()
  return added
end

-- ---- Looking

local function instant_of(ms)
  if ms <= 0 then return nil end
  return date.instant(tostring(os.date("!%Y-%m-%dT%H:%M:%SZ", ms // 1000))):in_zone()
end

local function plain_item(queue, found)
  return {
    queue = queue, key = found.key, state = found.state, tries = found.tries, priority = found.priority,
    due = instant_of(found.due_ms),
    amount = found.amount ~= "" and found.amount or nil, note = found.note ~= "" and found.note or nil,
  }
end

---@class items.item
---@field queue string
---@field key string
---@field state "new"|"taken"|"done"|"exception"|"failed"|"abandoned"
---@field tries integer how often it was taken
---@field priority integer
---@field due instant|nil
---@field amount string|nil
---@field note string|nil what was found, or why it failed
---@field data any only from `items.get`

--- An item as it stands, or nothing.
---
--- ```lua
--- items.add("invoices", { number = "7" }, { key = "7" })
--- items.get("invoices", "7").state       --> new
--- items.get("invoices", "8")             --> nil
--- ```
---@param queue string
---@param key string|integer
---@return items.item|nil
function items.get(queue, key)
  check_queue("get", queue)
  local state = current.get "items.get"
  local found = service(state).find(queue, check_key("get", key))
  if found.state == "none" then return nil end
  local item = plain_item(queue, found)
  item.data = core.unkeep(found.data)
  return item
end

--- How many items a queue has, by state.
---
--- ```lua
--- items.count("empty").new   --> 0
--- ```
---@param queue string
---@return { new: integer, taken: integer, done: integer, exception: integer, failed: integer, abandoned: integer }
function items.count(queue)
  check_queue("count", queue)
  return core.plain(service(current.get "items.count").count(queue))
end

--- Says what the queue must come to, as `run:expect` does for a run: how many items, and the sum of their amounts. The
--- queue is then *balanced* or *not balanced*; `renki items` and `renki show` tell.
---
--- ```lua
--- items.expect("invoices", { items = 412, sum = decimal "1204551.30" })
--- ```
---@param queue string
---@param totals { items: integer|nil, sum: decimal|integer|string|nil }
function items.expect(queue, totals)
  check_queue("expect", queue)
  expect("expect", "totals", 2, totals, type(totals) == "table", "EXPECTED_TABLE")
  arguments.options("expect", 2, totals, { items = true, sum = true })
  arguments.option("expect", "items", totals.items, math.type(totals.items) == "integer", "EXPECTED_WHOLE")
  local count = totals.items and tostring(totals.items) or ""
  service(current.get "items.expect").expect(queue, count, written_amount(totals.sum))
end

-- ---- Working

local EACH_OPTIONS = { sum = true, on_failure = true, attempts = true, wait = true, most = true }
local ON_FAILURE = { stop = true, continue = true, retry = true }
local ATTEMPTS, WAIT = 3, "1 min"

local function check_each(queue, options, f)
  check_queue("each", queue)
  local given = arguments.options("each", 2, options, EACH_OPTIONS)
  expect("each", "f", 3, f, type(f) == "function", "EXPECTED_FUNCTION")
  for _, name in ipairs { "attempts", "most" } do
    local value = given[name]
    arguments.option("each", name, value, math.type(value) == "integer" and value > 0, "EXPECTED_WHOLE_LEAST", "1")
  end
  local on_failure = given.on_failure or "stop"
  if not ON_FAILURE[on_failure] then
    fail("OPTION_WRONG", "each", "on_failure", "\"stop\" / \"continue\" / \"retry\"", core.describe(on_failure))
  end
  local wait_ms = type(given.wait or WAIT) == "string" and waiting.duration(given.wait or WAIT) or nil
  if not wait_ms then
    fail("OPTION_WRONG", "each", "wait", "\"30 s\" / \"5 min\" / \"1 h\"", core.describe(given.wait))
  end
  return given, on_failure, wait_ms
end

local function amount_of(sum, data, result)
  if sum == nil then return "" end
  if type(sum) == "function" then return written_amount(sum(data, result)) end
  return written_amount(type(data) == "table" and data[sum] or nil)
end

-- A second try in the same run passes over the steps that the first one did, under the names and places they had.
local function begin_item(work, state, item)
  local name = work.scope .. "/" .. item.key
  for full in pairs(state.steps) do
    if full:sub(1, #name + 1) == name .. "\0" then state.steps[full] = nil end
  end
  state.positions[name] = nil
  state.item = { name = name, exceptions = {}, taken = true }
end

local function end_item(state)
  local exceptions = table.concat(state.item.exceptions, "\n")
  state.item = nil
  return exceptions
end

-- Somebody began it before: what it did outside may be in doubt, and then a person says. True when it was done.
local function was_done(work, state, item, entry)
  if item.tries <= 1 then return false end
  local known = state.host.begin_entry("item", entry.scope, entry.key, entry.position)
  if known == "about" or known == "doubt" then
    local summed, amount = pcall(amount_of, work.sum, core.unkeep(item.data), nil)
    state.host.doubt("item", entry.scope, entry.key, entry.position, summed and amount or "")
    return was_done(work, state, item, entry)
  end
  return known == "done"
end

-- Whether what stopped the item is technical and may go by itself: not when something was done outside.
local function is_tried_again(work, item, fault, entry)
  if effects.state_of(entry) == "doubt" then return false end
  return work.on_failure == "retry" and fault.class == "failure" and item.tries < work.attempts
end

local function after_failure(work, state, item, amount, fault, next_too, entry)
  local again = is_tried_again(work, item, fault, entry)
  local stops = not again and (work.on_failure == "stop" or fault.class ~= "failure")
  local next_item = service(state).finish(work.queue, item.key, item.number, again and "again" or "failed", amount,
    fault.message, "", again and work.wait_ms or 0, next_too and not stops)
  if stops then error(fault, 0) end
  state.host.log(WARNING, item.key .. ": " .. fault.message)
  if not again then
    state.failed = state.failed + 1
    state.first_failure = state.first_failure or fault.message
  end
  return next_item
end

-- Runs f for one item and writes what came of it; gives the next one with it, when `next_too`.
local function do_item(work, state, item, next_too)
  local data = core.unkeep(item.data)
  local entry = { kind = "item", scope = work.scope, key = item.key, position = item.number }
  if was_done(work, state, item, entry) then
    return service(state).finish(work.queue, item.key, item.number, "done", "", "", core.keep(nil), 0, next_too)
  end
  begin_item(work, state, item)
  local outer = effects.enter(entry)
  local done, result = core.try(work.f, data, plain_item(work.queue, item))
  effects.enter(outer)
  local exceptions = end_item(state)
  local summed, amount = pcall(amount_of, work.sum, data, done and result or nil)
  if not done then return after_failure(work, state, item, summed and amount or "", result, next_too, entry) end
  if not summed then error(amount, 0) end
  local kept = core.keep(result)
  if result ~= nil then table.insert(work.results, result) end
  return service(state).finish(work.queue, item.key, item.number, exceptions ~= "" and "exception" or "done", amount,
    exceptions, kept, 0, next_too)
end

-- What this run did before it was started again.
local function collect_past(work, state)
  local past = service(state).past(work.queue, 0)
  while past.state ~= "none" do
    local result = core.unkeep(past.data)
    if result ~= nil then table.insert(work.results, result) end
    work.count = work.count + 1
    past = service(state).past(work.queue, past.number)
  end
end

local function show_progress(state, item, queue)
  if item.total >= 0 then state.host.progress(item.done, item.total, queue) end
end

---@class items.each_options
---@field sum string|(fun(data: any, result: any): any)|nil for the totals: a field, a function; else as added
---@field on_failure "stop"|"continue"|"retry"|nil technical failures end the run, or are passed over, or tried again
---@field attempts integer|nil how often an item is tried with "retry", 3 when not said
---@field wait string|nil before it is tried again, "1 min" when not said
---@field most integer|nil so many items at most in this run

--- Takes items from a queue one after the other and does each once, until there is none. Several runs, on several
--- machines, may empty the same queue: none gets an item that another has. What `f` returns is collected, as in
--- `run:each`; `run:exception` marks the item for a person; a technical failure marks it failed. Steps inside an item
--- go with it: whoever takes it after a crash passes over those that are done.
---
--- With `on_failure = "continue"` the run goes on and ends as failed; with `"retry"` the item is tried again by this
--- run or another, after a wait.
---
--- ```lua
--- items.add("letters", { to = "Aino" }, { key = "1" })
--- local sent = items.each("letters", {}, function(letter, item) return item.key .. " to " .. letter.to end)
--- sent[1]   --> 1 to Aino
--- ```
---@param queue string
---@param options items.each_options
---@param f fun(data: any, item: items.item): any
---@return any[] results
function items.each(queue, options, f)
  local given, on_failure, wait_ms = check_each(queue, options, f)
  local state = current.get "items.each"
  if state.item or state.step then fail("EACH_INSIDE", state.step or state.item.name) end
  local work = {
    queue = queue, scope = "queue " .. queue, f = f, sum = given.sum, on_failure = on_failure, wait_ms = wait_ms,
    attempts = given.attempts or ATTEMPTS, results = {}, count = 0,
  }
  if state.self.attempt > 1 then collect_past(work, state) end
  local most = given.most or math.maxinteger
  local item = work.count < most and service(state).take(queue, 0) or { state = "none" }
  while item.state ~= "none" do
    show_progress(state, item, queue)
    if item.state == "wait" then
      (state.host.pause or waiting.pause)(item.wait_ms)
      item = service(state).take(queue, 0)
    else
      work.count = work.count + 1
      item = do_item(work, state, item, work.count < most) or { state = "none" }
    end
  end
  return work.results
end

return items
