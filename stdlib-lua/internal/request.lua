--- From what a robot wrote (`client:post(path, { json = … })`) to a call that can be sent.
local address = require "internal.address"
local arguments = require "internal.arguments"
local effects = require "internal.effects"
local gateway = require "core.gateway"
local json = require "json"
local media = require "internal.media"

local request = {}

local fail = arguments.fail

local TIMEOUT_MOST = 600 -- seconds, the gateway's
local KEY_MOST = 255 -- characters

local OPTIONS = {
  query = true, form = true, json = true, multipart = true, body = true, file = true, headers = true, accept = true,
  timeout = true, save = true, retry = true,
  idempotency_key = true,
}
local BODIES = { "json", "form", "multipart", "body", "file" }
local NONE = {} -- never written to: what most calls are given, made once
local byte = string.byte
local SLASH = byte "/"

-- What the robot called, by method, for messages.
local CALLERS = { GET = "get", POST = "post", PUT = "put", PATCH = "patch", DELETE = "delete", HEAD = "head" }

-- ---- Bodies: each gives a list of parts and a content type

local makers = {}

function makers.json(value)
  return { json.encode(value) }, "application/json"
end

function makers.form(value, caller)
  arguments.option(caller, "form", value, type(value) == "table", "EXPECTED_TABLE")
  return { address.form(address.pairs_of(caller, "form", value)) }, "application/x-www-form-urlencoded"
end

function makers.body(value, caller)
  arguments.option(caller, "body", value, type(value) == "string", "EXPECTED_TEXT")
  return { value }
end

function makers.file(value, caller)
  local path = arguments.path_of(value)
  arguments.option(caller, "file", value, path ~= nil, "EXPECTED_FILE")
  return { { file = path } }, media.type_of(path)
end

-- Names and file names in the head of a part, as browsers write them.
local function quoted(text)
  return '"' .. text:gsub('["\r\n]', { ['"'] = "%22", ["\r"] = "%0D", ["\n"] = "%0A" }) .. '"'
end

local function add_file(parts, head, value, caller, name)
  local path = arguments.path_of(value.file)
  arguments.option(caller, "multipart." .. name, value.file, path ~= nil, "EXPECTED_FILE")
  local file_name = value.name or media.name_of(path)
  local kind = value.type or media.type_of(file_name)
  for option, given in pairs { name = file_name, type = kind } do
    arguments.option(caller, ("multipart.%s.%s"):format(name, option), given, type(given) == "string", "EXPECTED_TEXT")
  end
  if kind:find "[\r\n]" then fail("HTTP_HEADER_FORM", "Content-Type") end
  table.insert(parts, head .. "; filename=" .. quoted(file_name) .. "\r\nContent-Type: " .. kind .. "\r\n\r\n")
  table.insert(parts, { file = path })
end

local function add_part(parts, boundary, caller, name, value)
  local head = "--" .. boundary .. "\r\nContent-Disposition: form-data; name=" .. quoted(name)
  if type(value) == "table" and value.file ~= nil then
    add_file(parts, head, value, caller, name)
  else
    local text = arguments.written(value)
    arguments.option(caller, "multipart." .. name, value, text ~= nil, "EXPECTED_PART")
    table.insert(parts, head .. "\r\n\r\n" .. text)
  end
  table.insert(parts, "\r\n")
end

--- The parts of multipart/form-data (RFC 7578). `value`: name → text or { file =, name =, type = }, or a list of pairs.
---@param value table
---@param caller string
---@return table parts
---@return string content_type
function makers.multipart(value, caller)
  arguments.option(caller, "multipart", value, type(value) == "table", "EXPECTED_TABLE")
  local parts, boundary = {}, media.boundary()
  if #value > 0 then
    for _, pair in ipairs(value) do
      local good = type(pair) == "table" and type(pair[1]) == "string"
      arguments.option(caller, "multipart", pair, good, "EXPECTED_PAIRS")
      add_part(parts, boundary, caller, pair[1], pair[2])
    end
  else
    for _, name in ipairs(arguments.sorted_names(value)) do
      add_part(parts, boundary, caller, tostring(name), value[name])
    end
  end
  table.insert(parts, "--" .. boundary .. "--\r\n")
  return parts, "multipart/form-data; boundary=" .. boundary
end

local function body_of(caller, options)
  local chosen
  for _, name in ipairs(BODIES) do
    if options[name] ~= nil then
      if chosen then fail("HTTP_BODY_TWICE", chosen, name) end
      chosen = name
    end
  end
  if chosen then return makers[chosen](options[chosen], caller) end
end

-- ---- Headers

--- Puts headers over others; names count without case. A value of false takes one away.
---@param caller string
---@param under table<string, { [1]: string, [2]: string }> by name in small letters
---@param headers table<string, any>|nil
---@return table<string, { [1]: string, [2]: string }>
function request.headers(caller, under, headers)
  local all = {}
  for key, pair in pairs(under) do all[key] = pair end
  arguments.option(caller, "headers", headers, type(headers) == "table", "EXPECTED_TABLE")
  for name, value in pairs(headers or {}) do
    local text = value ~= false and arguments.written(value) or ""
    if type(name) ~= "string" or not text or (name .. text):find "[%c]" then
      fail("HTTP_HEADER_FORM", tostring(name))
    end
    all[name:lower()] = value ~= false and { name, text } or nil
  end
  return all
end

local function header_list(all)
  if next(all) == nil then return {} end
  local list = {}
  for _, key in ipairs(arguments.sorted_names(all)) do table.insert(list, all[key]) end
  return list
end

-- ---- Idempotency keys

-- What may not be done twice by itself.
local KEYED = { POST = true, PATCH = true }

-- A String of structured fields, in quotes, as draft-ietf-httpapi-idempotency-key-header-07 (2.1) has it.
local function key_header(caller, key)
  if key == true then key = effects.next_key() or media.boundary() end
  local good = type(key) == "string" and #key > 0 and #key <= KEY_MOST and not key:find "[^ -~]"
  arguments.option(caller, "idempotency_key", key, good, "EXPECTED_TEXT")
  return '"' .. key:gsub('[\\"]', "\\%0") .. '"'
end

-- ---- Options

--- A time in seconds as whole milliseconds.
---@param caller string
---@param seconds any
---@return integer|nil
function request.timeout_ms(caller, seconds)
  local good = type(seconds) == "number" and seconds > 0 and seconds <= TIMEOUT_MOST
  arguments.option(caller, "timeout", seconds, good, "EXPECTED_SECONDS", tostring(TIMEOUT_MOST))
  return seconds and math.max(1, math.floor(seconds * 1000))
end

local function accepted(caller, accept)
  if accept == nil then return NONE end
  local known = {}
  local list = type(accept) == "table" and accept or { accept }
  for _, status in ipairs(list) do
    local good = math.type(status) == "integer" and status >= 200 and status <= 599
    arguments.option(caller, "accept", status, good, "EXPECTED_STATUS")
    known[status] = true
  end
  return known
end

local function check(caller, options)
  arguments.option(caller, "save", options.save, type(options.save) == "string" and options.save ~= "", "EXPECTED_TEXT")
  arguments.option(caller, "retry", options.retry, type(options.retry) == "boolean", "EXPECTED_BOOLEAN")
  local query = options.query
  arguments.option(caller, "query", query, type(query) == "table" or type(query) == "string", "EXPECTED_TABLE")
end

-- Of a client's base and a path below it, which is most calls', the gateway alone judges the address.
local function url_of(settings, path)
  if settings.prefix and byte(path) == SLASH then return settings.prefix .. path end
  local url = address.join(settings.base, path)
  if not address.origin(url) or not url:find "^https?://" or url:find "[%c ]" then fail("HTTP_URL", url) end
  return url
end

-- The path's values come before the options, and only when the path has {names}.
local function sort_out(caller, path, first, second)
  if path:find("{", 1, true) then
    arguments.expect(caller, "values", 2, first, first == nil or type(first) == "table", "EXPECTED_TABLE")
    return first or NONE, second
  end
  if second == nil then return nil, first end
  if first ~= nil and (type(first) ~= "table" or next(first) ~= nil) then fail("HTTP_PATH_NO_NAMES", path) end
  return nil, second
end

---@class request.settings what a client's calls have in common
---@field base string
---@field prefix string|nil the base without a slash at its end; nothing without a base
---@field login string
---@field headers { [1]: string, [2]: string }[]
---@field headers_json string the same, written once
---@field under table<string, { [1]: string, [2]: string }> the same by name in small letters
---@field options { timeout_ms: integer, jar: integer }
---@field options_json string
---@field accept table<integer, true>
---@field retries integer
---@field parallel integer how many of its calls are made at a time
---@field keyed boolean|nil every POST and PATCH has an idempotency key
---@field class table of its requests

---@class request: outside.call
---@field accept table<integer, true>
---@field retries integer
---@field retry boolean|nil
---@field alone boolean|nil its body is so large that nothing may go beside it
---@field parallel integer

--- Settings of a client. A request has its own fields only; the rest it finds here.
---@param given { base: string, login: string, under: table, timeout_ms: integer|nil, jar: integer, retries: integer,
--- parallel: integer, keyed: boolean|nil }
---@return request.settings
function request.settings(given)
  given.headers = header_list(given.under)
  given.headers_json = json.encode(given.headers)
  given.options = { timeout_ms = given.timeout_ms, jar = given.jar }
  given.options_json = json.encode(given.options)
  given.accept = NONE
  given.prefix = given.base ~= "" and given.base:gsub("/+$", "") or nil
  given.class = { __index = given, __name = "request" }
  return given
end

--- Whether a value is a request.
---@param value any
---@return boolean
function request.is(value)
  local class = type(value) == "table" and getmetatable(value)
  return class and class.__name == "request" or false
end

local function take_headers(one, settings, caller, content_type, headers, key)
  if content_type == nil and headers == nil and not key then return end
  local all = settings.under
  if content_type then all = request.headers(caller, all, { ["Content-Type"] = content_type }) end
  if key then all = request.headers(caller, all, { ["Idempotency-Key"] = key_header(caller, key) }) end
  if headers ~= nil then all = request.headers(caller, all, headers) end
  one.headers = header_list(all)
  one.headers_json = json.encode(one.headers)
end

local function take_options(one, settings, caller, options)
  local parts, content_type = body_of(caller, options)
  local key = options.idempotency_key
  if key == nil then key = settings.keyed and KEYED[one.method] end
  take_headers(one, settings, caller, content_type, options.headers, key)
  one.body, one.alone = parts, parts ~= nil and select(2, gateway.size(parts))
  one.save, one.retry, one.accept = options.save, options.retry, accepted(caller, options.accept)
  if key and one.retry == nil then one.retry = true end -- the system does it once, however often it is asked
  if options.timeout ~= nil then
    one.options = { timeout_ms = request.timeout_ms(caller, options.timeout), jar = settings.jar }
    one.options_json = json.encode(one.options)
  end
end

local function with_options(settings, caller, method, path, options)
  check(caller, options)
  local query = options.query
  local text = type(query) == "table" and address.query(caller, query) or query or ""
  local one = { method = method, url = address.with_query(url_of(settings, path), text) }
  take_options(one, settings, caller, options)
  return one
end

--- A call that can be sent.
---@param settings request.settings
---@param method string
---@param path string
---@param first table|nil values for the path, or options
---@param second table|nil options
---@return request
function request.new(settings, method, path, first, second)
  local caller = CALLERS[method] or method:lower()
  if type(path) ~= "string" then arguments.expect(caller, "path", 1, path, false, "EXPECTED_TEXT") end
  local values, options = sort_out(caller, path, first, second)
  if values then path = address.fill(path, values) end
  if options == nil and settings.keyed and KEYED[method] then options = NONE end
  if options == nil then return setmetatable({ method = method, url = url_of(settings, path) }, settings.class) end
  arguments.options(caller, values and 3 or 2, options, OPTIONS)
  return setmetatable(with_options(settings, caller, method, path, options), settings.class)
end

return request
