--- Where calls go: to the gateway, or to what a test puts in its place. The only door of http and mail.
local core = require "core.run"
local effects = require "internal.effects"
local gateway = require "core.gateway"

local outside = {}

---@class outside.call
---@field kind "http"|"mail" in stand-ins
---@field method string
---@field url string
---@field retry boolean|nil true: the robot vouches that it may be done twice
---@field headers { [1]: string, [2]: string }[] for stand-ins
---@field headers_json string the same, as the gateway is told
---@field login string
---@field options { timeout_ms: integer, jar: integer } for stand-ins
---@field options_json string the same, as the gateway is told; see runner/gateway/README.md
---@field body (string|{ file: string, base64: boolean })[]|nil see outside.content
---@field save string|nil a good answer goes to this file

---@class outside.mail: outside.call
---@field to string[]
---@field cc string[]
---@field bcc string[]
---@field reply_to string
---@field subject string
---@field content_type string
---@field text string|nil as the robot gave it, for stand-ins
---@field html string|nil
---@field attachments { name: string, path: string, type: string }[]

---@class outside.answer
---@field status integer
---@field url string where it came from, after redirects
---@field head string|nil lines "Name: value", of the gateway
---@field headers { [1]: string, [2]: string }[]|nil the same, of stand-ins
---@field held boolean
---@field body string
---@field saved string|nil
---@field message_id string|nil of a mail

local real = {
  http = gateway.http, mail = gateway.mail, wait = gateway.wait, next = gateway.next, cancel = gateway.cancel,
  clock = core.now_ms, now = gateway.now,
}
local current = real

-- Answers at once; the clock goes on by what is waited for.
local function stand_in(answer)
  local last, ended, passed_ms = 0, {}, 0
  local function begin(kind, call)
    -- As the gateway does.
    if kind == "http" and call.url:find "[%c ]" then error(core.fault("HTTP_URL", call.url), 0) end
    call.kind = kind
    last = last + 1
    local done, result = core.try(answer, call)
    if done and call.save and result.status >= 200 and result.status < 300 then
      gateway.write(call.save, result.body)
      result.saved, result.body = call.save, ""
    end
    table.insert(ended, { last, done and result or nil, not done and result or nil })
    return last
  end
  return {
    http = function(call) return begin("http", call) end,
    mail = function(call) return begin("mail", call) end,
    next = function() return last + 1 end,
    cancel = function() end,
    clock = function() return passed_ms end,
    now = function() return gateway.now() + passed_ms end,
    wait = function(milliseconds)
      local first = table.remove(ended, 1)
      if first then return table.unpack(first, 1, 3) end
      passed_ms = passed_ms + (milliseconds or 0)
    end,
  }
end

local passed_over, last_passed = {}, 0 -- calls that an earlier attempt made: their answers, and numbers below 0

local function send(kind, call)
  local noted, answer = effects.about(kind, call, current.next)
  if answer then
    last_passed = last_passed - 1
    table.insert(passed_over, { last_passed, answer })
    return last_passed
  elseif not noted then
    return current[kind](call)
  end
  local done, number = core.try(current[kind], call)
  if not done then
    effects.stopped(noted, number)
    error(number, 0)
  end
  effects.sent(noted, number)
  return number
end

--- Sends a call; its number. One that changes something is noted first (internal/effects.lua).
---@param call outside.call
---@return integer
function outside.http(call) return send("http", call) end

--- Sends a mail; its number.
---@param call outside.mail
---@return integer
function outside.mail(call) return send("mail", call) end

--- Waits until a call ends: its number, and its answer or a fault. Nothing when none ended in the time.
---@param milliseconds integer|nil
---@return integer|nil number
---@return outside.answer|nil answer
---@return table|nil fault
function outside.wait(milliseconds)
  if passed_over[1] then return table.unpack(table.remove(passed_over, 1), 1, 2) end
  local number, answer, fault = current.wait(milliseconds)
  if number then effects.over(number, answer, fault) end
  return number, answer, fault
end

---@param number integer
function outside.cancel(number) current.cancel(number) end

--- Milliseconds that pass while calls are waited for.
---@return integer
function outside.clock() return current.clock() end

--- Milliseconds since 1970.
---@return integer
function outside.now() return current.now() end

--- Puts a function in the gateway's place: it is given each call and returns its answer, or raises a fault. Nothing
--- (nil) puts the gateway back.
---@param answer (fun(call: outside.call): outside.answer)|nil
function outside.replace(answer)
  current = answer and stand_in(answer) or real
end

--- The bytes of a call's body, for stand-ins.
---@param call outside.call
---@return string
function outside.content(call)
  return call.body and gateway.read(call.body) or ""
end

return outside
