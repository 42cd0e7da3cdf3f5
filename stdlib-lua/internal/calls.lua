--- Calls under way: one or many at a time, tried again where that is safe, each ending as a response or a fault.
---
--- 1. Only what may be done twice is tried again: GET, HEAD, PUT, DELETE, OPTIONS (RFC 9110, 9.2.2), whatever the robot
---    vouches for (`retry = true`), and anything that a system refused for now, saying when to come back (Retry-After).
--- 2. 401 is never tried again: repeated tries can lock the account.
--- 3. A call with a large body goes alone (core.gateway, rule 4).
local arguments = require "internal.arguments"
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

-- ---- Many at a time

local function may_start(state, task, now_ms)
  if task.not_before_ms > now_ms or state.count >= AT_ONCE_MOST or state.alone then return false end
  if task.request.alone then return state.count == 0 end
  return (state.hosts[task.request.host] or 0) < state.parallel
end

local function finish(state, task, result)
  state.results[task.place] = result
  state.left = state.left - 1
end

local function start(state, task)
  local done, number = core.try(outside.http, task.request.call)
  if not done then return finish(state, task, number) end
  local host = task.request.host
  task.attempt = task.attempt + 1
  state.running[number] = task
  state.count, state.alone = state.count + 1, task.request.alone
  state.hosts[host] = (state.hosts[host] or 0) + 1
end

-- Starts what may start; how long until the next one may, when only time is waited for.
local function start_ready(state)
  local now_ms, soonest_ms, kept = outside.clock(), nil, {}
  for _, task in ipairs(state.waiting) do
    if may_start(state, task, now_ms) then
      start(state, task)
    else
      table.insert(kept, task)
      if task.not_before_ms > now_ms then soonest_ms = math.min(soonest_ms or math.maxinteger, task.not_before_ms) end
    end
  end
  state.waiting = kept
  return soonest_ms and soonest_ms - now_ms
end

local function take(state, number, raw, fault)
  local task = state.running[number]
  if not task then return end -- of an earlier call that was left
  local host = task.request.host
  state.running[number] = nil
  state.count, state.alone = state.count - 1, false
  state.hosts[host] = state.hosts[host] - 1
  local result, again_ms = judge(task, raw, fault)
  if not again_ms then return finish(state, task, result) end
  task.not_before_ms = outside.clock() + again_ms
  table.insert(state.waiting, task)
end

--- Makes the calls, at most `parallel` at a time to one host. Their results in the same order: responses and faults.
---@param requests request[]
---@param parallel integer
---@return (http.response|table)[]
function calls.all(requests, parallel)
  local state = {
    results = {}, left = #requests, parallel = parallel,
    waiting = {}, running = {}, hosts = {}, count = 0, alone = false,
  }
  for place, one in ipairs(requests) do
    state.waiting[place] = { request = one, place = place, attempt = 0, not_before_ms = 0 }
  end
  while state.left > 0 do
    local soonest_ms = #state.waiting > 0 and start_ready(state) or nil
    if state.left > 0 and (state.count > 0 or soonest_ms) then
      local number, raw, fault = outside.wait(soonest_ms)
      if number then take(state, number, raw, fault) end
    end
  end
  return state.results
end

--- Makes one call; raises its fault.
---@param one request
---@return http.response
function calls.one(one)
  local result = calls.all({ one }, 1)[1]
  if core.is_fault(result) then error(result, 0) end
  return result
end

calls.is_fault = core.is_fault
calls.fail = arguments.fail

return calls
