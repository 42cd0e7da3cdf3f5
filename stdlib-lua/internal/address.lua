--- Addresses: values in paths, queries and forms, written so that they stay values (RFC 3986).
local arguments = require "internal.arguments"
local core = require "core.run"

local address = {}

local fail = arguments.fail

--- Everything but letters, digits and - . _ ~ as %XX.
---@param text string
---@return string
function address.encode(text)
  return (text:gsub("[^A-Za-z0-9%-._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

-- As forms are sent: a blank is a plus.
local function form_encode(text)
  return (text:gsub("[^A-Za-z0-9%-._* ]", function(c) return ("%%%02X"):format(c:byte()) end):gsub(" ", "+"))
end

local function path_value(path, name, value)
  if value == nil then fail("HTTP_PATH_VALUE_MISSING", path, name) end
  local text = arguments.written(value)
  if not text or text == "" or text == "." or text == ".." or text:find "[/\\\0]" then
    fail("HTTP_PATH_VALUE", path, name, core.describe(value))
  end
  return address.encode(text)
end

--- The path with values in place of its {names}; every value must have its place.
---
--- ```lua
--- address.fill("/entries/{id}", { id = "A 1" })   --> /entries/A%201
--- ```
---@param path string
---@param values table<string, any>
---@return string
function address.fill(path, values)
  if next(values) == nil and not path:find("{", 1, true) then return path end
  local known = {}
  local filled = path:gsub("{([^{}]*)}", function(name)
    known[name] = true
    return path_value(path, name, values[name])
  end)
  for _, name in ipairs(arguments.sorted_names(values)) do
    if not known[name] then fail("HTTP_PATH_NAME", path, tostring(name)) end
  end
  return filled
end

local function add_pair(list, caller, option, name, value)
  if type(name) ~= "string" and math.type(name) ~= "integer" then
    fail("OPTION_WRONG", caller, option, core.phrase "EXPECTED_PAIRS", core.describe(name))
  end
  local text = arguments.written(value)
  if not text then
    fail("OPTION_WRONG", caller, option .. "." .. name, core.phrase "EXPECTED_WRITABLE", core.describe(value))
  end
  table.insert(list, { tostring(name), text })
end

--- Pairs of name and written value: of a table by name, in order of names, a list of values under each name as it
--- stands; or of a list of pairs, in its order.
---@param caller string
---@param option string what the robot calls the table
---@param values table
---@return { [1]: string, [2]: string }[]
function address.pairs_of(caller, option, values)
  local list = {}
  if #values > 0 then
    for _, pair in ipairs(values) do
      if type(pair) ~= "table" then
        fail("OPTION_WRONG", caller, option, core.phrase "EXPECTED_PAIRS", core.describe(pair))
      end
      add_pair(list, caller, option, pair[1], pair[2])
    end
    return list
  end
  for _, name in ipairs(arguments.sorted_names(values)) do
    local value = values[name]
    for _, one in ipairs(type(value) == "table" and value or { value }) do add_pair(list, caller, option, name, one) end
  end
  return list
end

local function joined(list, encode)
  local parts = {}
  for i, pair in ipairs(list) do parts[i] = encode(pair[1]) .. "=" .. encode(pair[2]) end
  return table.concat(parts, "&")
end

--- The query of an address.
---
--- ```lua
--- address.query("get", { open = true, unit = { 1, 2 } })   --> open=true&unit=1&unit=2
--- ```
---@param caller string
---@param values table
---@return string
function address.query(caller, values)
  return joined(address.pairs_of(caller, "query", values), address.encode)
end

--- The body of a form, application/x-www-form-urlencoded.
---@param list { [1]: string, [2]: string }[]
---@return string
function address.form(list)
  return joined(list, form_encode)
end

--- The address with a query added.
---@param url string
---@param query string
---@return string
function address.with_query(url, query)
  if query == "" then return url end
  return url .. (url:find("?", 1, true) and "&" or "?") .. query
end

--- Base and path as one address; a path that is a whole address stays as it is.
---@param base string
---@param path string
---@return string
function address.join(base, path)
  if path:find "^%a[%w+.-]*://" or base == "" then return path end
  if path == "" or path:find "^?" then return base .. path end
  if base:sub(-1) == "/" then base = base:gsub("/+$", "") end
  return path:sub(1, 1) == "/" and base .. path or base .. "/" .. path
end

--- Scheme, host and port in small letters, for comparing; nothing where there is no host.
---@param url string
---@return string|nil origin
---@return string|nil host
function address.origin(url)
  local scheme, authority = url:match "^(%a[%w+.-]*)://([^/?#]+)"
  if not scheme then return nil end
  scheme, authority = scheme:lower(), authority:lower()
  local host, port = authority:match "^(.-):(%d+)$"
  port = port or (scheme == "https" and "443" or "80")
  return scheme .. "://" .. (host or authority) .. ":" .. port, host or authority
end

return address
