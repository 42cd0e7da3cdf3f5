--- Calls under way: one or many at a time, tried again where that is safe, each ending as a response or a fault.
---
--- 1. Only what may be done twice is tried again: GET, HEAD, PUT, DELETE, OPTIONS (RFC 9110, 9.2.2), whatever the robot
---    vouches for (`retry = true`), and anything that a system refused for now, saying when to come back (Retry-After).
--- 2. 401 is never tried again: repeated tries can lock the account.
--- 3. A call with a large body goes alone (core.gateway, rule 4).
local address = require "internal.address"
local core = require "core.run"
local date = require "date"
local outside = require "internal.outside"
local response = require "internal.response"

local calls = {}

local FIRST_WAIT_MS, WAIT_MS_MOST = 500, 30000
local RETRY_AFTER_MS_MOST = 120000 -- longer ones end the call: the run is tried again later, or a person decides
local AT_ONCE_MOST = 100           -- of a run, over all systems

local REPEATABLE = { GET = true, HEAD = true, PUT = true, DELETE = true, OPTIONS = true }
local PASSING_STATUS = { [429] = true, [502] = true, [503] = true, [504] = true }
local PASSING_FAULT = { HTTP_CONNECT = true, HTTP_CUT = true, HTTP_HOST = true, HTTP_TIMEOUT = true }

-- What to do about a status; others of 500 and above are as 500.
local HINTS = {
  [400] = "HTTP_HINT_400", [403] = "HTTP_HINT_403", [404] = "HTTP_HINT_404", [422] = "HTTP_HINT_400",
  [429] = "HTTP_HINT_429",
}

local MONTHS = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

-- The date of a head (RFC 9110, 5.6.7) as milliseconds since 1970; nothing when it is none.
local function http_date_ms(text)
  local day, month, year, time = text:match "^%a+, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d:%d%d:%d%d) GMT$"
  if not MONTHS[month] then return nil end
  local done, instant = core.try(date.instant, ("%s-%02d-%sT%sZ"):format(year, MONTHS[month], day, time))
  return done and math.floor(instant:since_1970() * 1000) or nil
end

-- How long the system asks to wait; nothing when it does not say.
local function retry_after_ms(answer)
  local text = answer.headers["retry-after"]
  if not text then return nil end
  local seconds = text:match "^%s*(%d+)%s*$"
  if seconds then return math.floor(math.min(tonumber(seconds), 10 ^ 9) * 1000) end
  local at_ms = http_date_ms(text)
  return at_ms and math.max(0, at_ms - outside.now())
end

local function back_off_ms(attempt)
  local wait_ms = math.min(FIRST_WAIT_MS * 2 ^ (attempt - 1), WAIT_MS_MOST)
  return math.floor(wait_ms * (0.5 + math.random()))
end

-- How long until the call is made again; nothing: it is over.
local function wait_ms(task, answer, fault)
  local asked = task.request
  if task.attempt > asked.retries or asked.retry == false then return nil end
  local repeatable = REPEATABLE[asked.method] or asked.retry
  if fault then return repeatable and PASSING_FAULT[fault.code] and back_off_ms(task.attempt) or nil end
  if not PASSING_STATUS[answer.status] then return nil end
  local told_ms = retry_after_ms(answer)
  if told_ms then
    return told_ms <= RETRY_AFTER_MS_MOST and math.max(told_ms, back_off_ms(1)) or nil
  end
  return repeatable and back_off_ms(task.attempt) or nil
end

-- An answer that nobody expected, as a fault.
local function status_fault(answer)
  local place = answer.url:match "^[^?#]*" -- a query may be personal
  local words = response.excerpt(answer)
  local code = answer.status == 401 and "HTTP_UNAUTHORIZED" or "HTTP_STATUS"
  local fault = core.fault(code, answer.method, place, tostring(answer.status), words)
  local hint = HINTS[answer.status] or (answer.status >= 500 and "HTTP_HINT_500")
  if hint and code == "HTTP_STATUS" then fault.hint = core.phrase(hint, tostring(answer.status)) end
  fault.status, fault.response = answer.status, answer
  fault.retry_after_ms = retry_after_ms(answer) -- the run is not tried again before
  return fault
end

-- The result of a call that ended, or nothing and when it is made again.
local function judge(task, raw, fault)
  if fault then return fault, wait_ms(task, nil, fault) end
  local answer = response.new(raw, task.request.method)
  local good = answer.status >= 200 and answer.status < 300
  if good or task.request.accept[answer.status] then return answer end
  local again_ms = wait_ms(task, answer, nil)
  return again_ms and answer or status_fault(answer), again_ms
end

-- ---- One

-- Sleeps; what ends meanwhile belongs to nobody any more.
local function pause(milliseconds)
  local until_ms = outside.clock() + milliseconds
  repeat outside.wait(math.max(0, until_ms - outside.clock())) until outside.clock() >= until_ms
end

local function answer_of(number)
  while true do
    local ended, raw, fault = outside.wait()
    if ended == number then return raw, fault end
  end
end

--- Makes one call; raises its fault.
---@param one request
---@return http.response
function calls.one(one)
  local raw, fault = answer_of(outside.http(one))
  if raw and raw.status >= 200 and raw.status < 300 then return response.new(raw, one.method) end
  local task = { request = one, attempt = 1 }
  while true do
    local result, again_ms = judge(task, raw, fault)
    if not again_ms then
      if core.is_fault(result) then error(result, 0) end
      return result
    end
    pause(again_ms)
    task.attempt = task.attempt + 1
    raw, fault = answer_of(outside.http(one))
  end
end

-- ---- Many at a time

---@class calls.task
---@field request request
---@field place integer of its result
---@field attempt integer
---@field host table|nil of calls.state.hosts
---@field not_before_ms integer|nil

---@class calls.state
---@field results table
---@field left integer calls that are not over
---@field parallel integer
---@field hosts table<string, { running: integer, [integer]: calls.task }> those that wait, in order; `first` and `last`
---@field large calls.task[] those that go alone, last of all
---@field delayed calls.task[] those that are made again later
---@field soonest_ms integer|nil when the first of them is
---@field running table<integer, calls.task>
---@field count integer of those
---@field alone boolean

local function host_of(state, task)
  if task.host then return task.host end
  local _, name = address.origin(task.request.url)
  local host = state.hosts[name]
  if not host then
    host = { running = 0, first = 1, last = 0 }
    state.hosts[name] = host
  end
  task.host = host
  return host
end

local function put(state, task)
  if task.request.alone then return table.insert(state.large, task) end
  local host = host_of(state, task)
  host.last = host.last + 1
  host[host.last] = task
end

local function finish(state, task, result)
  state.results[task.place] = result
  state.left = state.left - 1
end

local function start(state, task)
  local done, number = core.try(outside.http, task.request)
  if not done then return finish(state, task, number) end
  task.attempt = task.attempt + 1
  state.running[number] = task
  state.count, state.alone = state.count + 1, task.request.alone
  local host = host_of(state, task)
  host.running = host.running + 1
end

-- Those whose time has come wait like the others again.
local function wake(state)
  if not state.soonest_ms or outside.clock() < state.soonest_ms then return end
  local due = state.delayed
  state.delayed, state.soonest_ms = {}, nil
  for _, task in ipairs(due) do
    if task.not_before_ms <= outside.clock() then
      put(state, task)
    else
      table.insert(state.delayed, task)
      state.soonest_ms = math.min(state.soonest_ms or math.maxinteger, task.not_before_ms)
    end
  end
end

local function start_ready(state)
  wake(state)
  if state.alone then return end
  for _, host in pairs(state.hosts) do
    while host.first <= host.last and host.running < state.parallel and state.count < AT_ONCE_MOST do
      local task = host[host.first]
      host[host.first], host.first = nil, host.first + 1
      start(state, task)
    end
  end
  if state.count == 0 and #state.large > 0 then start(state, table.remove(state.large, 1)) end
end

local function take(state, number, raw, fault)
  local task = state.running[number]
  if not task then return end -- of an earlier call that was left
  state.running[number] = nil
  state.count, state.alone = state.count - 1, false
  local host = host_of(state, task)
  host.running = host.running - 1
  local result, again_ms = judge(task, raw, fault)
  if not again_ms then return finish(state, task, result) end
  task.not_before_ms = outside.clock() + again_ms
  table.insert(state.delayed, task)
  state.soonest_ms = math.min(state.soonest_ms or math.maxinteger, task.not_before_ms)
end

--- Makes the calls, at most `parallel` at a time to one host. Their results in the same order: responses and faults.
---@param requests request[]
---@param parallel integer
---@return (http.response|table)[]
function calls.all(requests, parallel)
  local state = {
    results = {}, left = #requests, parallel = parallel,
    hosts = {}, large = {}, delayed = {}, running = {}, count = 0, alone = false,
  }
  for place, one in ipairs(requests) do put(state, { request = one, place = place, attempt = 0 }) end
  while state.left > 0 do
    start_ready(state)
    if state.count > 0 or state.soonest_ms then
      local number, raw, fault = outside.wait(state.soonest_ms and math.max(0, state.soonest_ms - outside.clock()))
      if number then take(state, number, raw, fault) end
    end
  end
  return state.results
end

return calls
