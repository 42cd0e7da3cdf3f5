--- From what a robot wrote (`client:post(path, { json = … })`) to a call that can be sent.
local address = require "internal.address"
local arguments = require "internal.arguments"
local gateway = require "core.gateway"
local json = require "json"
local media = require "internal.media"

local request = {}

local fail = arguments.fail

local TIMEOUT_MOST = 600 -- seconds, the gateway's

local OPTIONS = {
  query = true, form = true, json = true, multipart = true, body = true, file = true, headers = true, accept = true,
  timeout = true, save = true, retry = true,
}
local BODIES = { "json", "form", "multipart", "body", "file" }
local NONE = {} -- never written to: what most calls are given, made once

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

local function url_of(caller, base, path, values, query)
  arguments.expect(caller, "path", 1, path, type(path) == "string", "EXPECTED_TEXT")
  local url = address.join(base, address.fill(path, values))
  local text = type(query) == "table" and address.query(caller, query) or query or ""
  url = address.with_query(url, text)
  local origin, host = address.origin(url)
  if not origin or not url:find "^https?://" or url:find "[%c ]" then fail("HTTP_URL", url) end
  return url, host
end

-- The path's values come before the options, and only when the path has {names}.
local function sort_out(caller, path, first, second)
  if type(path) == "string" and path:find("{", 1, true) then
    arguments.expect(caller, "values", 2, first, first == nil or type(first) == "table", "EXPECTED_TABLE")
    return first or NONE, second
  end
  if second == nil then return NONE, first end
  if first ~= nil and (type(first) ~= "table" or next(first) ~= nil) then fail("HTTP_PATH_NO_NAMES", tostring(path)) end
  return NONE, second
end

---@class request
---@field method string
---@field url string
---@field host string
---@field call outside.call
---@field accept table<integer, true>
---@field retries integer
---@field retry boolean|nil
---@field alone boolean its body is so large that nothing may go beside it

--- A call that can be sent.
---@param settings table of the client: base, login, headers, timeout_ms, retries, jar
---@param method string
---@param path string
---@param first table|nil values for the path, or options
---@param second table|nil options
---@return request
function request.new(settings, method, path, first, second)
  local caller = method:lower()
  local values, options = sort_out(caller, path, first, second)
  options = arguments.options(caller, values == first and 3 or 2, options, OPTIONS)
  if next(options) ~= nil then check(caller, options) end
  local url, host = url_of(caller, settings.base, path, values, options.query)
  local parts, content_type = body_of(caller, options)
  local under = settings.headers
  if content_type then under = request.headers(caller, under, { ["Content-Type"] = content_type }) end
  if options.headers ~= nil then under = request.headers(caller, under, options.headers) end
  return {
    method = method, url = url, host = host, accept = accepted(caller, options.accept),
    retries = settings.retries, retry = options.retry,
    alone = parts ~= nil and select(2, gateway.size(parts)),
    call = {
      method = method, url = url, login = settings.login, body = parts, save = options.save,
      headers = header_list(under),
      options = { timeout_ms = request.timeout_ms(caller, options.timeout) or settings.timeout_ms, jar = settings.jar },
    },
  }
end

return request
