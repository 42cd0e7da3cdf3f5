--- Lists that systems hand out page by page: by a link to the next one, a cursor, an offset or a page number.
local address = require "internal.address"
local arguments = require "internal.arguments"
local core = require "core.run"
local gateway = require "core.gateway"
local json = require "json"

local pages = {}

local fail = arguments.fail

local PAGES_MOST = 10000
local ITEM_NAMES = { "results", "data", "items" }
local OPTIONS = { items = true, next = true, cursor = true, offset = true, page = true, most = true, numbers = true }

-- A field by its path ("pageInfo.endCursor"); null and what is missing are nothing.
local function field(body, path)
  local value = body
  for name in path:gmatch "[^.]+" do
    if type(value) ~= "table" then return nil end
    value = value[name]
  end
  if value ~= json.null then return value end
end

local function shown_fields(body)
  return type(body) == "table" and table.concat(arguments.sorted_names(body), ", ") or core.describe(body)
end

local function items_of(reader, body, response)
  local items = reader.options.items
  if type(items) == "function" then return items(body) end
  if type(items) == "string" then
    local list = field(body, items)
    if type(list) ~= "table" then fail("HTTP_PAGES_ITEMS", response.url:match "^[^?#]*", items, shown_fields(body)) end
    return list
  end
  for _, name in ipairs(ITEM_NAMES) do
    if type(body) == "table" and type(body[name]) == "table" then return body[name] end
  end
  if type(body) == "table" and (#body > 0 or next(body) == nil) then return body end
  fail("HTTP_PAGES_ITEMS", response.url:match "^[^?#]*", table.concat(ITEM_NAMES, ", "), shown_fields(body))
end

-- Link: <…?page=2>; rel="next" (RFC 8288)
local function link_next(headers)
  for target, parameters in (headers.link or ""):gmatch "<([^>]*)>([^<]*)" do
    local rel = parameters:lower():match ";%s*rel%s*=%s*\"?([^\";,]*)"
    if rel and (" " .. rel .. " "):find(" next ", 1, true) then return target end
  end
end

local function linked(reader, body, response)
  local named = reader.options.next
  if type(named) == "function" then return named(body, response) end
  if type(named) == "string" then return field(body, named) end
  local found = type(body) == "table" and (field(body, "next") or field(body, "meta.next") or field(body, "links.next"))
  return found or link_next(response.headers) or response.headers["x-next-page-url"]
end

-- The next page stays with the system that was asked: its login and permits are meant for that one.
local function checked(reader, url)
  local origin = address.origin(url)
  if origin == reader.origin then return url end
  -- Behind a proxy some systems take themselves for http.
  local secure = url:gsub("^http://", "https://")
  if address.origin(secure) == reader.origin then return secure end
  fail("HTTP_PAGES_AWAY", reader.url:match "^[^?#]*", url:match "^[^?#]*")
end

local function following(reader, body, response, count)
  local options = reader.options
  if options.cursor then
    local value = field(body, options.cursor.from)
    if value == nil or value == "" then return nil end
    return address.with_query(reader.url, address.query("pages", { [options.cursor.send] = value }))
  end
  if options.offset or options.page then
    if count == 0 then return nil end
    reader.passed = reader.passed + count
    local name = options.offset or options.page
    local value = options.offset and reader.passed or reader.read + 1
    return address.with_query(reader.url, address.query("pages", { [name] = value }))
  end
  local target = linked(reader, body, response)
  if target == nil or target == "" or target == false then return nil end
  if type(target) ~= "string" then fail("HTTP_PAGES_NEXT", reader.url:match "^[^?#]*", core.describe(target)) end
  return checked(reader, gateway.resolve(response.url, target))
end

-- Reads the next page into the reader; false when there is none.
local function turn(reader)
  local url = reader.following
  if not url then return false end
  if reader.seen[url] then fail("HTTP_PAGES_AGAIN", url:match "^[^?#]*", tostring(reader.read)) end
  if reader.read >= reader.most then fail("HTTP_PAGES_MOST", reader.url:match "^[^?#]*", tostring(reader.most)) end
  reader.seen[url] = true
  local response = reader.ask(url)
  reader.read = reader.read + 1
  local body = response:json { numbers = reader.options.numbers }
  reader.items, reader.place = items_of(reader, body, response), 0
  reader.following = following(reader, body, response, #reader.items)
  return true
end

local function check(options)
  local kinds_of = { items = "string function", next = "string function", offset = "string", page = "string" }
  for name, kinds in pairs(kinds_of) do
    local value = options[name]
    arguments.option("pages", name, value, kinds:find(type(value), 1, true) ~= nil, "EXPECTED_TEXT")
  end
  local cursor = options.cursor
  local good = type(cursor) == "table" and type(cursor.send) == "string" and type(cursor.from) == "string"
  arguments.option("pages", "cursor", cursor, good, "EXPECTED_CURSOR")
  local most = options.most
  arguments.option("pages", "most", most, math.type(most) == "integer" and most > 0, "EXPECTED_WHOLE")
end

--- Takes the options of paging out of a call's options.
---@param options table|nil
---@return table paging
---@return table call
function pages.split(options)
  local paging, call = {}, {}
  for name, value in pairs(options or {}) do (OPTIONS[name] and paging or call)[name] = value end
  check(paging)
  return paging, call
end

--- An iterator over the items of all pages.
---@param url string of the first page
---@param options table
---@param ask fun(url: string): http.response
---@return fun(): any
function pages.items(url, options, ask)
  local reader = {
    url = url, following = url, origin = address.origin(url), options = options, ask = ask, items = {}, place = 0,
    seen = {}, read = 0, passed = 0, most = options.most or PAGES_MOST,
  }
  return function()
    while reader.place >= #reader.items do
      if not turn(reader) then return nil end
    end
    reader.place = reader.place + 1
    return reader.items[reader.place]
  end
end

return pages
