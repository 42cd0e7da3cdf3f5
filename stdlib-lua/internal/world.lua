--- The outside world of a robot under test: fakes answer in place of the gateway, as it would: redirects are followed,
--- cookies kept, rehearsals held back. What has no fake is refused.
local core = require "core.run"
local gateway = require "core.gateway"
local outside = require "internal.outside"

local world = {}

local REDIRECTS_MOST = 5
local REDIRECTS = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }

---@class world
---@field systems fake.system[]
---@field calls table[] what was asked of the fakes, in order
---@field mails table[] what was sent

local function fail(code, ...)
  error(core.fault(code, ...), 0)
end

local function origin_of(url)
  return url:match "^(https?://[^/?#]+)"
end

local function host_of(url)
  return url:match "^https?://([^/?#]+)"
end

local function system_for(self, url)
  for _, system in ipairs(self.systems) do
    if system.base == origin_of(url) then return system end
  end
  fail("TEST_NO_FAKE", origin_of(url) or url)
end

-- ---- Cookies: by jar and system, names and values alone

local function jar_of(self, call, url)
  local number = call.options.jar or 0
  if number == 0 then return nil end
  local name = number .. " " .. origin_of(url)
  self.jars[name] = self.jars[name] or {}
  return self.jars[name]
end

local function cookie_header(jar)
  local pairs_list = {}
  for name, value in pairs(jar or {}) do table.insert(pairs_list, name .. "=" .. value) end
  table.sort(pairs_list)
  return pairs_list[1] and table.concat(pairs_list, "; ")
end

local function keep_cookie(jar, header)
  local name, value = header:match "^%s*([^=;]+)=([^;]*)"
  if not jar or not name then return end
  local gone = value == "" or header:lower():find("max%-age=0") ~= nil
  jar[name] = not gone and value or nil
end

-- ---- One exchange

local FAULTS = {
  cut = function(url) fail("HTTP_CUT", host_of(url)) end,
  refused = function(url) fail("HTTP_CONNECT", host_of(url), "connection refused") end,
  timeout = function(url, seconds) fail("HTTP_TIMEOUT", host_of(url), seconds) end,
}

local DEFAULT_TIMEOUT_MS = 120000

local function request_headers(call, jar)
  local headers = {}
  for _, pair in ipairs(call.headers) do headers[pair[1]:lower()] = pair[2] end
  headers.cookie = headers.cookie or cookie_header(jar)
  return headers
end

local function exchange(self, call, method, url, body)
  local system, jar = system_for(self, url), jar_of(self, call, url)
  local path, query = url:match "^https?://[^/?#]+([^?#]*)%??([^#]*)"
  local response = system:handle {
    method = method, url = url, path = path ~= "" and path or "/", query = query, headers = request_headers(call, jar),
    body = body,
  }
  local asked = system.calls[#system.calls]
  asked.login = call.login ~= "" and call.login or nil
  table.insert(self.calls, asked)

  local timeout_ms = call.options.timeout_ms or DEFAULT_TIMEOUT_MS
  local fault = response.fault or (response.delay > timeout_ms and "timeout" or nil)
  if fault then FAULTS[fault](url, tostring(timeout_ms // 1000)) end
  local headers = {}
  for name, value in pairs(response.headers) do
    if name:lower() == "set-cookie" then keep_cookie(jar, value) end
    table.insert(headers, { name, value })
  end
  local content = method ~= "HEAD" and response.body or ""
  return { status = response.status, url = url, headers = headers, held = false, body = content }
end

local function location_of(answer)
  if not REDIRECTS[answer.status] then return nil end
  for _, pair in ipairs(answer.headers) do
    if pair[1]:lower() == "location" then return gateway.resolve(answer.url, pair[2]) end
  end
end

local function http(self, call)
  if self.dry_run and call.method ~= "GET" and call.method ~= "HEAD" then
    table.insert(self.calls, { method = call.method, url = call.url, held = true, body = outside.content(call) })
    return { status = 200, url = call.url, headers = {}, held = true, body = "" }
  end
  local method, url, body = call.method, call.url, outside.content(call)
  for _ = 0, REDIRECTS_MOST do
    local answer = exchange(self, call, method, url, body)
    local location = location_of(answer)
    if not location then return answer end
    url = location
    if answer.status == 303 or (answer.status < 303 and method == "POST") then method, body = "GET", "" end
  end
  fail("HTTP_REDIRECTS", host_of(url), tostring(REDIRECTS_MOST))
end

local function mail(self, call)
  table.insert(self.mails, {
    to = call.to, cc = call.cc, bcc = call.bcc, reply_to = call.reply_to, subject = call.subject, text = call.text,
    html = call.html, attachments = call.attachments, content = outside.content(call), held = self.dry_run or false,
  })
  return { held = self.dry_run or false, message_id = ("<%d@test.invalid>"):format(#self.mails) }
end

-- A recording gives a list of systems.
local function add_systems(list, systems)
  for _, one in ipairs(systems) do
    if one.base then table.insert(list, one) else add_systems(list, one) end
  end
  return list
end

--- Puts the fakes in place.
---@param systems table fakes, and lists of them
---@param dry_run boolean|nil
---@return world
function world.begin(systems, dry_run)
  local self = { systems = add_systems({}, systems), dry_run = dry_run, calls = {}, mails = {}, jars = {} }
  outside.replace(function(call) return (call.kind == "mail" and mail or http)(self, call) end)
  return self
end

--- Takes them away again.
function world.finish()
  outside.replace(nil)
end

return world
