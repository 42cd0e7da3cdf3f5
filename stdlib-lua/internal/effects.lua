--- What a run changes outside, noted before it leaves, so that it is never done twice without anybody knowing.
---
--- 1. An *effect* is a mail, or a call by another method than GET, HEAD or OPTIONS that the robot does not vouch for
---    (`retry = true`, or an idempotency key). It leaves only when the store has noted that it is about to.
--- 2. It belongs to the innermost step or item. What that comes to ("done", "failed") is the note's other half: "doubt"
---    stands for a failure after which something was done outside, or may have been.
--- 3. Outside of steps and items it is an entry of its own, named by what it calls: "POST ledger.example/entries (2)".
--- 4. An entry that was begun and not ended, or ended in doubt, is never done again by itself: run.lua decides for
---    steps and items, `begin_alone` here for calls that stand alone.
local core = require "core.run"
local gateway = require "core.gateway"

local effects = {}

local READS = { GET = true, HEAD = true, OPTIONS = true }

-- After these nothing was done outside, for the reason beside it. After all others something may have been.
local NOTHING_DONE = {
  CALLS_LIMIT      = "refused before it was sent",
  HTTP_ADDRESS     = "the address was not dialled",
  HTTP_CERTIFICATE = "the connection ended before the request",
  HTTP_CONNECT     = "no connection came about",
  HTTP_HEADER      = "refused before it was sent",
  HTTP_HEADER_FORM = "refused before it was sent",
  HTTP_HOST        = "the name has no address",
  HTTP_METHOD      = "refused before it was sent",
  HTTP_TLS         = "the connection ended before the request",
  HTTP_URL         = "refused before it was sent",
  LOGIN_FROZEN     = "refused before it was sent",
  LOGIN_FAILED     = "the login came before the call",
  LOGIN_MISSING    = "refused before it was sent",
  LOGIN_ORIGIN     = "refused before it was sent",
  MAIL_ADDRESS     = "refused before it was sent",
  MAIL_FIELD       = "refused before it was sent",
  MAIL_LIMIT       = "refused before it was sent",
  MAIL_LIMIT_DAY   = "refused before it was sent",
  MAIL_NOBODY      = "refused before it was sent",
  MAIL_RECIPIENT   = "refused before it was sent",
  MAIL_REFUSED     = "the mail server took nothing",
  MAIL_TOO_LARGE   = "refused before it was sent",
  MAIL_UNSET       = "refused before it was sent",
  OUTSIDE_NONE     = "there is no outside here",
  PERMIT_LOGIN     = "refused before it was sent",
  PERMIT_NONE      = "refused before it was sent",
  SYSTEM_CLOSED    = "refused before it was sent",
  TEST_NO_FAKE     = "there is no outside here",
}

-- Statuses by which a system says that it did nothing: all of 400 to 499, and this one.
local UNAVAILABLE = 503

local ALONE = "outside of steps" -- the scope of calls that stand alone
local KEY_BYTES = 300 -- of a lonely call's name, so that the number behind it has room

local current -- the run: { host, attempt, rehearsal, seed, counts, keys }
local entry   -- the innermost step or item that runs
local pending = {} -- call's number → the entry it was noted for

---@class effects.entry
---@field kind "step"|"item"|"effect"
---@field scope string
---@field key string
---@field position integer
---@field open integer|nil how many of its effects have no answer yet
---@field item any of an item: what it is, and the function of its amount
---@field sum function|nil
---@field doubtful boolean|nil something was done, or may have been

--- Where effects are noted from now on; nothing: nowhere, as in tests of modules.
---@param run { host: table, attempt: integer, rehearsal: boolean, seed: fun(): string }|nil
function effects.install(run)
  current, entry, pending = run, nil, {}
  if run then run.counts, run.keys = {}, 0 end
end

--- An idempotency key for the next call: of the step, item or run it stands in and how many came before it there, so
--- that a run which is started again asks under the same. Nothing outside of runs.
---@return string|nil
function effects.next_key()
  if not current then return nil end
  local owner = entry or current
  owner.keys = (owner.keys or 0) + 1
  local scope, key = entry and entry.scope or ALONE, entry and entry.key or ""
  return core.entry_key(current.seed(), scope, ("%s\0%d"):format(key, owner.keys))
end

--- What follows stands in this step or item; the one around it comes back.
---@param inner effects.entry|nil
---@return effects.entry|nil outer
function effects.enter(inner)
  local outer = entry
  entry = inner
  return outer
end

--- What a failed entry is recorded as.
---@param failed effects.entry
---@return "doubt"|"failed"
function effects.state_of(failed)
  return (failed.doubtful or (failed.open or 0) > 0) and "doubt" or "failed"
end

local function is_effect(kind, call)
  return current and not current.rehearsal and (kind == "mail" or not READS[call.method] and not call.retry)
end

-- Method, host and path, without what may be personal after the "?".
local function target(kind, call)
  if kind == "mail" then return "SEND", "", table.concat(call.to, ", ") end
  local host, path = call.url:match "^%a+://([^/?#]*)([^?#]*)"
  return call.method, host or "", path or ""
end

local function cut(text, most)
  if #text <= most then return text end
  while most > 0 and text:byte(most + 1) & 0xC0 == 0x80 do most = most - 1 end
  return text:sub(1, most)
end

local function note(kind, call, number, one)
  local method, host, path = target(kind, call)
  one.open = (one.open or 0) + 1
  local bytes = call.body and gateway.size(call.body) or 0
  current.host.about(one.kind, one.scope, one.key, one.position, number, method, host, path, bytes)
end

-- An answer in the place of one that an earlier attempt had and that nobody kept.
local function earlier_answer(kind, call, kept)
  if kind == "mail" then return { held = false, message_id = kept or "" } end
  return { status = math.tointeger(tonumber(kept or "")) or 200, url = call.url, headers = {}, held = false, body = "" }
end

-- What an earlier attempt left of a call that stands alone: its answer where that was kept or a person gave it.
local function earlier_of(kind, call, one)
  local known, _, kept = current.host.begin_entry("effect", ALONE, one.key, one.position)
  if known == "answered" or known == "done" and kind == "mail" then
    return earlier_answer(kind, call, core.unkeep(kept))
  end
  -- Done, but its answer was not kept: repeating it would do it twice, and going on without it may be wrong.
  if known == "about" or known == "doubt" or known == "done" then
    current.host.doubt("effect", ALONE, one.key, one.position, "")
    return earlier_of(kind, call, one)
  end
end

-- A call outside of steps: an entry of its own; or the answer, when an earlier attempt has done it.
local function begin_alone(kind, call)
  local method, host, path = target(kind, call)
  local name = cut(("%s %s%s"):format(method, host, path), KEY_BYTES)
  local count = (current.counts[name] or 0) + 1
  current.counts[name] = count
  if count > 1 then name = ("%s (%d)"):format(name, count) end
  local one = { kind = "effect", scope = ALONE, key = name, position = count }
  return one, current.attempt > 1 and earlier_of(kind, call, one) or nil
end

--- Before a call leaves. Nothing: it may go, and changes nothing. Else what to hand to `effects.sent`, or the answer
--- when it must not leave, since it was done before.
---@param kind "http"|"mail"
---@param call outside.call
---@param next_number fun(): integer by which the gateway will know it
---@return effects.entry|nil noted
---@return outside.answer|nil answer
function effects.about(kind, call, next_number)
  if not is_effect(kind, call) then return nil end
  local one = entry
  if not one then
    local answer
    one, answer = begin_alone(kind, call)
    if answer then return nil, answer end
  end
  note(kind, call, next_number(), one)
  return one
end

--- It left, under this number.
---@param noted effects.entry
---@param number integer
function effects.sent(noted, number)
  pending[number] = noted
end

local function is_certain(answer, fault)
  if fault then return NOTHING_DONE[fault.code] ~= nil or fault.class == "bug" end
  local status = answer.status
  return answer.held or status and (status >= 400 and status < 500 or status == UNAVAILABLE) or false
end

local function end_alone(one, answer, fault, certain)
  local state = certain and "failed" or (fault or (answer.status or 200) >= 500) and "doubt" or "done"
  local kept = state == "done" and core.keep(answer.message_id or tostring(answer.status)) or ""
  current.host.end_entry("effect", ALONE, one.key, one.position, state, "", fault and fault.message or "", kept)
end

local function close(noted, answer, fault)
  noted.open = noted.open - 1
  local certain = is_certain(answer, fault)
  if not certain then noted.doubtful = true end
  if noted.kind == "effect" then end_alone(noted, answer, fault, certain) end
end

--- Sending it raised. Where the gateway is gone, a part of it or all may have left before.
---@param noted effects.entry
---@param fault table
function effects.stopped(noted, fault)
  close(noted, nil, fault)
end

--- A call has ended.
---@param number integer
---@param answer outside.answer|nil
---@param fault table|nil
function effects.over(number, answer, fault)
  local noted = pending[number]
  if not noted then return end
  pending[number] = nil
  close(noted, answer, fault)
end

return effects
