--- Legacy systems that aren't there, in a few lines: routes and what they answer. For tests, and for `renki fake`.
---
--- ```lua
--- local fake = require "fake"
--- local ledger = fake.system("https://ledger.example", {
---   ["GET /api/entries/{id}"] = function(request)
---     return { json = { id = request.path_values.id, total = "12.30" } }
---   end,
---   ["POST /api/entries"] = { status = 201, json = { id = 7 } },
--- })
--- ```
local core = require "core.run"
local json = require "json"

local fake = {}

local known = {} -- systems that the file being run has named, for `renki fake`

---@class fake.request
---@field method string
---@field url string|nil in tests: the whole address
---@field path string
---@field path_values table<string, string> what stood in place of {name}
---@field query table<string, string> of names that come twice the last one
---@field headers table<string, string> names in small letters
---@field body string
---@field json any the body, when it is JSON

---@class fake.response
---@field status integer|nil 200 when not said
---@field headers table<string, string>|nil
---@field json any
---@field text string|nil
---@field body string|nil bytes, with a Content-Type of your own
---@field fault "cut"|"timeout"|"refused"|nil ends in the midst of the answer; no answer; ends at once, or nobody there
---@field delay integer|nil milliseconds before the answer

---@class fake.system
---@field base string
---@field calls table[] what was asked, in order: { method, path, query, headers, body, json, status }
local system = {}
system.__index = system

local function fail(code, ...)
  error(core.fault(code, ...), 0)
end

local function decoded(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function query_of(text)
  local query = {}
  for pair in text:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    query[decoded(name)] = decoded(value)
  end
  return query
end

-- "/api/entries/{id}" → its parts; a part {name} takes one part of the path, {name...} all that follow.
local function parts_of(path)
  local parts = {}
  for part in (path .. "/"):gmatch "(.-)/" do table.insert(parts, part) end
  return parts
end

local function match(route, parts)
  local values = {}
  for i, part in ipairs(route.parts) do
    local rest = part:match "^{([%w_]+)%.%.%.}$"
    if rest then
      values[rest] = table.concat(parts, "/", i)
      return values
    end
    local name = part:match "^{([%w_]+)}$"
    if parts[i] == nil then return nil end
    if name then
      if parts[i] == "" then return nil end
      values[name] = decoded(parts[i])
    elseif part ~= parts[i] then
      return nil
    end
  end
  return #route.parts == #parts and values or nil
end

local function route_of(name, answer)
  local method, path = name:match "^(%u+) (/.*)$"
  if not method then fail("FAKE_ROUTE", name) end
  return { method = method, path = path, parts = parts_of(path), answer = answer }
end

-- Paths without {names} come first, so that "/entries/open" is not taken for an {id}.
local function routes_of(routes)
  local list = {}
  for name, answer in pairs(routes) do table.insert(list, route_of(name, answer)) end
  table.sort(list, function(a, b)
    local names_a, names_b = select(2, a.path:gsub("{", "")), select(2, b.path:gsub("{", ""))
    if names_a ~= names_b then return names_a < names_b end
    return a.method .. a.path < b.method .. b.path
  end)
  return list
end

--- A system at an address, with a table of routes: `"METHOD /path"` → an answer, or a function of the request that
--- gives one. `{name}` in a path stands for one part of it. A route may be a list of answers: each is given once, the
--- last one from then on. What no route covers is answered 404.
---
--- ```lua
--- local ledger = fake.system("https://ledger.example", { ["GET /api/ping"] = { text = "pong" } })
--- #ledger.calls   --> 0
--- ```
---@param base string
---@param routes table<string, fake.response|fake.response[]|fun(request: fake.request): fake.response|nil>
---@return fake.system
function fake.system(base, routes)
  if type(base) ~= "string" or not base:find "^https?://[^/]+" then fail("FAKE_BASE", core.describe(base)) end
  local object = { base = base:match "^https?://[^/]+", routes = routes_of(routes), calls = {}, given = {} }
  setmetatable(object, system)
  known[object.base] = object
  return object
end

-- A list of answers is given one by one.
local function answer_of(given, route, request)
  local answer = route.answer
  if type(answer) == "function" then return answer(request) or { status = 404 } end
  if #answer == 0 then return answer end
  given[answer] = math.min((given[answer] or 0) + 1, #answer)
  return answer[given[answer]]
end

local function from_routes(itself, request)
  local parts = parts_of(request.path)
  for _, route in ipairs(itself.routes) do
    local same_method = route.method == request.method or (route.method == "GET" and request.method == "HEAD")
    request.path_values = same_method and match(route, parts) or nil
    if request.path_values then return answer_of(itself.given, route, request) end
  end
end

-- The same question is answered as it was, the last time from then on.
local function from_recording(itself, request, query)
  local answers = itself.recorded[("%s %s?%s"):format(request.method, request.path, query)]
  if answers then return answer_of(itself.given, { answer = answers }, request) end
end

local function content_of(response)
  if response.json ~= nil then return json.encode(response.json), "application/json" end
  if response.text then return response.text, "text/plain; charset=utf-8" end
  return response.body or "", nil
end

-- "{…}{…}" or one a line: where each object ends is where its braces are even, outside texts.
local function objects_of(text)
  local objects, at = {}, text:find "%S"
  while at do
    local depth, i = 0, at
    repeat
      local c
      i = text:find('["{}]', i)
      if not i then fail("FAKE_RECORDING", "{ }") end
      c = text:sub(i, i)
      if c == '"' then
        repeat
          i = text:find('["\\\\]', i + 1)
          if not i then fail("FAKE_RECORDING", '"') end
          local escaped = text:sub(i, i) ~= '"'
          if escaped then i = i + 1 end
        until not escaped
      else
        depth = depth + (c == "{" and 1 or -1)
      end
      i = i + 1
    until depth == 0
    table.insert(objects, json.decode(text:sub(at, i - 1)))
    at = text:find("[^%s,%[%]]", i)
  end
  return objects
end

local BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function from_base64(text)
  local out, bits, count = {}, 0, 0
  for c in text:gmatch "[%w+/]" do
    bits, count = (bits << 6 | BASE64:find(c, 1, true) - 1) & 0xFFFFFF, count + 6
    if count >= 8 then
      count = count - 8
      table.insert(out, string.char(bits >> count & 0xFF))
    end
  end
  return table.concat(out)
end

local function answer_recorded(exchange)
  local headers = {}
  for _, pair in ipairs(exchange.headers) do headers[pair[1]] = pair[2] end
  return {
    status = exchange.status, headers = headers,
    body = exchange.base64 and from_base64(exchange.body) or exchange.body,
  }
end

--- Systems that answer as a recording says, made by `renki run --record FILE` and kept among the robot's tests.
---
--- ```lua
--- test.run_robot { systems = { fake.recording "tests/october.json" } }
--- ```
---@param file string
---@return fake.system[]
function fake.recording(file)
  local text = core.sources()[file]
  if not text then fail("SOURCE_MISSING", file) end
  local systems, list = {}, {}
  for _, exchange in ipairs(objects_of(text)) do
    local base, path, query = tostring(exchange.url):match "^(https?://[^/?]+)([^?]*)%??(.*)$"
    if exchange.kind == "http" and base then
      if not systems[base] then
        systems[base] = fake.system(base, {})
        systems[base].recorded = {}
        table.insert(list, systems[base])
      end
      local name = ("%s %s?%s"):format(exchange.method, path, query)
      local answers = systems[base].recorded[name] or {}
      systems[base].recorded[name] = answers
      table.insert(answers, answer_recorded(exchange))
    end
  end
  return list
end

--- Answers one request: `{ method, path, query (as written), headers, body }`.
---
--- ```lua
--- ledger:handle({ method = "GET", path = "/api/ping", query = "", headers = {}, body = "" }).status   --> 200
--- ```
---@param asked table
---@return table response { status, headers, body, fault, delay }
function system:handle(asked)
  local request = {
    method = asked.method, url = asked.url, path = asked.path, query = query_of(asked.query or ""),
    headers = asked.headers, body = asked.body or "",
  }
  local kind = request.headers["content-type"] or ""
  if kind:find "json" and request.body ~= "" then request.json = json.decode(request.body) end
  table.insert(self.calls, request)

  local response = self.recorded and from_recording(self, request, asked.query or "") or from_routes(self, request)
  response = response or { status = 404, json = { detail = "no route for " .. asked.method .. " " .. asked.path } }
  local body, content_type = content_of(response)
  local headers = { ["Content-Type"] = content_type }
  for name, value in pairs(response.headers or {}) do headers[name] = tostring(value) end
  request.status = response.status or 200
  local fault, delay = response.fault, response.delay or 0
  return { status = request.status, headers = headers, body = body, fault = fault, delay = delay }
end

--- For the library itself: the system that was named for an address, or nil.
---
--- ```lua
--- local one = fake.find "https://ledger.example"
--- ```
---@param base string
---@return fake.system|nil
function fake.find(base)
  return known[base]
end

return fake
