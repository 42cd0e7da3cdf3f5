--- What came back: the response object of http.
local arguments = require "internal.arguments"
local core = require "core.run"
local gateway = require "core.gateway"
local html = require "html"
local json = require "json"
local text = require "text"
local xml = require "xml"

local response = {}

local fail = arguments.fail

local EXCERPT_CHARACTERS = 200

---@class http.response
---@field status integer 200, 404 …
---@field url string where it came from, after redirects
---@field method string
---@field headers table<string, string> by name, in whatever case; a name that came twice has its values joined by ", "
---@field body string the bytes as they came; empty when the answer was saved
---@field size integer bytes of the body
---@field saved string|nil the file it was saved to
---@field held boolean true in a rehearsal: nothing was sent
---@field failed boolean false; faults in the results of http.all have true
local methods = {}

-- Labels that mean windows-1252 on the web, whatever they say (WHATWG Encoding, 4.2).
local LATIN = { ["iso-8859-1"] = true, ["latin1"] = true, ["us-ascii"] = true, ["ascii"] = true }

local function content_type(self)
  return self.headers["content-type"] or ""
end

local function charset_of(self)
  local label = content_type(self):lower():match "charset%s*=%s*[\"']?([%w_.:+-]+)"
  return label and (LATIN[label] and "windows-1252" or label)
end

local function what(self)
  return self.method .. " " .. self.url:match "^[^?#]*"
end

local function check(self, name)
  if type(self) ~= "table" or not self.headers then fail("METHOD_DOT", "response", name) end
  if self.saved then fail("HTTP_SAVED", what(self), self.saved) end
end

-- What can't be read is the fault of who answered, not of the robot.
local function read_as(self, kind, read, ...)
  local done, result = core.try(read, ...)
  if done then return result end
  fail("HTTP_CONTENT", what(self), kind, result.message, response.excerpt(self))
end

--- The body as text. The charset is the one given here, else what the answer's head says, else what the bytes look
--- like.
---
--- ```lua
--- http.get("https://ledger.example/report.txt"):text()             --> Päivän raportti …
--- http.get("https://old.example/report.txt"):text("iso-8859-15")   --> the same, where the system does not tell
--- ```
---@param charset string|nil
---@return string
function methods:text(charset)
  check(self, "text")
  arguments.expect("text", "charset", 1, charset, charset == nil or type(charset) == "string", "EXPECTED_TEXT")
  if charset then return text.decode(self.body, charset) end
  local label = charset_of(self) or text.guess(self.body)
  return read_as(self, label, text.decode, self.body, label)
end

-- JSON is UTF-8 (RFC 8259, 8.1); old systems say otherwise in their head, and mean it.
local function json_text(self)
  local label = charset_of(self)
  if utf8.len(self.body) or not label or label == "utf-8" then return self.body end
  return text.decode(self.body, label)
end

--- The body as a table, by `json.decode`. In a rehearsal a call that was held back gives an empty table.
---
--- ```lua
--- ledger:get("/entries/{id}", { id = 7 }):json().total                          --> 12.3
--- ledger:get("/entries/{id}", { id = 7 }):json({ numbers = "decimal" }).total   --> 12.30
--- ```
---@param options json.decode_options|nil
---@return any
function methods:json(options)
  check(self, "json")
  if self.held and self.body == "" then return {} end
  arguments.options("json", 1, options, { numbers = true, nulls = true })
  return read_as(self, "JSON", function() return json.decode(json_text(self), options) end)
end

--- The body as a page, by `html.parse`; links and forms know where the page came from.
---
--- ```lua
--- local form = client:get("/login"):html():form "login"
--- ```
---@return html.document
function methods:html()
  check(self, "html")
  return read_as(self, "HTML", html.parse, self.body, { url = self.url, charset = charset_of(self) })
end

--- The body as a document, by `xml.parse`, with its options.
---
--- ```lua
--- client:get("/statement.xml"):xml({ ignore_namespaces = true }):value("//Amt")   --> 12.30
--- ```
---@param options xml.parse_options|nil
---@return xml.document
function methods:xml(options)
  check(self, "xml")
  local all = {}
  for name, value in pairs(options or {}) do all[name] = value end
  all.charset = all.charset or charset_of(self)
  return read_as(self, "XML", xml.parse, self.body, all)
end

--- Keeps the body as a file of the run, byte by byte. For large ones give `save = path` with the call.
---
--- ```lua
--- client:get("/reports/2026-10.pdf"):save "report.pdf"   --> report.pdf
--- ```
---@param path string
---@return string path
function methods:save(path)
  check(self, "save")
  arguments.expect("save", "path", 1, path, type(path) == "string" and path ~= "", "EXPECTED_TEXT")
  gateway.write(path, self.body)
  return path
end

core.guard(methods, "response")

local headers_class = {
  __index = function(self, name)
    return type(name) == "string" and rawget(self, name:lower()) or nil
  end,
}

local function add_header(headers, name, value)
  name = name:lower()
  local before = rawget(headers, name)
  headers[name] = before and before .. ", " .. value or value
end

-- Most robots never look at them: they are taken apart when somebody does.
local function headers_of(self)
  local headers = setmetatable({}, headers_class)
  for name, value in self.head:gmatch "([^\n:]+): ([^\n]*)\n" do add_header(headers, name, value) end
  self.headers, self.head = headers, nil
  return headers
end

local class = {
  __index = function(self, name)
    if name == "headers" and rawget(self, "head") then return headers_of(self) end
    if name == "saved" or name == "head" then return nil end
    return methods[name]
  end,
  __name = "http.response",
}

-- Of a stand-in: its answer stays its own.
local function copy(answer)
  local headers = setmetatable({}, headers_class)
  for _, pair in ipairs(answer.headers) do add_header(headers, pair[1], pair[2]) end
  return {
    status = answer.status, url = answer.url, headers = headers, body = answer.body, saved = answer.saved,
    held = answer.held or false,
  }
end

--- A response of what the gateway answered, which it becomes.
---@param answer outside.answer
---@param method string
---@return http.response
function response.new(answer, method)
  local self = answer.head and answer or copy(answer)
  self.method, self.failed, self.size = method, false, self.size or #self.body
  return setmetatable(self, class)
end

local REASONS = { "detail", "message", "error", "title" }

-- Where systems put their words when they answer in JSON; nothing when it is none of these.
local function json_reason(self)
  if not content_type(self):find("json", 1, true) then return nil end
  local done, body = core.try(json.decode, self.body)
  if not done or type(body) ~= "table" then return nil end
  for _, name in ipairs(REASONS) do
    if type(body[name]) == "string" then return body[name] end
  end
end

local function plain_text(self)
  local reason = json_reason(self)
  if reason then return reason end
  local body = self.body:sub(1, 16 * EXCERPT_CHARACTERS)
  if content_type(self):find "html" then return html.parse(body, { charset = charset_of(self) }):text() end
  return text.decode(body, charset_of(self) or text.guess(body), { lossy = true })
end

--- The first words of an answer, for messages.
---@param self http.response
---@return string
function response.excerpt(self)
  local done, words = core.try(plain_text, self)
  words = text.squeeze(done and words or "")
  if text.length(words) <= EXCERPT_CHARACTERS then return words end
  return text.sub(words, 1, EXCERPT_CHARACTERS) .. "…"
end

return response
