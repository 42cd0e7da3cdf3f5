--- Calls to other systems by HTTP. Every call goes through the gateway, which checks the robot's permits and adds the
--- login; the robot never sees a password.
---
--- ```lua
--- local http = require "http"
--- local ledger = http.client { base = "https://ledger.example/api", login = "ledger" }
--- local entry = ledger:get("/entries/{id}", { id = 4711 }):json()
--- ledger:post("/notes/", { json = { entry = entry.id, text = "checked" } })
--- ```
---
--- What comes back is a response when the status is 2xx; anything else raises a fault of the class *failure*, unless
--- the call expects it: `accept = { 404 }`. In a rehearsal (`--dry-run`) GET and HEAD go through, all else is held back
--- and answered with an empty success: `response.held` is true then.
local address = require "internal.address"
local arguments = require "internal.arguments"
local calls = require "internal.calls"
local core = require "core.run"
local pages = require "internal.pages"
local request = require "internal.request"

local http = {}

local fail = arguments.fail

local RETRIES, RETRIES_MOST = 3, 10
local PARALLEL, PARALLEL_MOST = 8, 64
local JARS_MOST = 64 -- of a run, the gateway's

local CLIENT_OPTIONS = {
  base = true, login = true, headers = true, timeout = true, retries = true, cookies = true, parallel = true,
  idempotency_key = true,
}

---@class http.options
---@field query table<string, any>|string|nil after the "?": by name, a list of values under a name more than once
---@field json any the body as JSON, decimals digit by digit
---@field form table<string, any>|nil the body as a web form
---@field multipart table<string, any>|nil a form with files: `{ note = "…", invoice = { file = "invoice.pdf" } }`
---@field body string|nil the body as it is; say what it is by `headers = { ["Content-Type"] = "text/csv" }`
---@field file string|nil the body is this file of the run, or a report, however large
---@field headers table<string, any>|nil
---@field accept integer|integer[]|nil statuses besides 2xx that are an answer, not a failure
---@field timeout number|nil seconds for the whole call, 120 when not said, 600 at most
---@field save string|nil a good answer goes into this file of the run, however large
---@field idempotency_key boolean|string|nil a key by which the system does it once; true: a new one; it is retried then
---@field retry boolean|nil true: may be done twice, so try again as for GET; false: never try again

---@class http.client_options
---@field base string|nil put before every path
---@field login string|nil a secret that the administrator has set
---@field headers table<string, any>|nil for every call
---@field timeout number|nil seconds a call
---@field retries integer|nil how often a call that may be done twice is tried again: 3, at most 10
---@field cookies boolean|nil false keeps none
---@field idempotency_key boolean|nil true: every POST and PATCH has a key of its own, see `http.options`
---@field parallel integer|nil how many calls at a time `http.all` makes to the system: 8, at most 64

---@class http.client
---@field settings table
local client = {}

local client_class = { __index = client, __name = "http.client" }

-- ---- Making clients

local jars = 0

local function jar(cookies)
  if cookies == false then return 0 end
  if jars == JARS_MOST then fail("HTTP_CLIENTS", tostring(JARS_MOST)) end
  jars = jars + 1
  return jars
end

local function whole(caller, name, value, most, otherwise)
  local good = math.type(value) == "integer" and value >= 0 and value <= most
  arguments.option(caller, name, value, good, "EXPECTED_WHOLE_BETWEEN", "0", tostring(most))
  return value or otherwise
end

local function settings_of(options)
  local base, login, cookies = options.base, options.login, options.cookies
  arguments.option("client", "base", base, type(base) == "string", "EXPECTED_TEXT")
  arguments.option("client", "login", login, type(login) == "string" and login ~= "", "EXPECTED_TEXT")
  arguments.option("client", "cookies", cookies, type(cookies) == "boolean", "EXPECTED_BOOLEAN")
  local keyed = options.idempotency_key
  arguments.option("client", "idempotency_key", keyed, type(keyed) == "boolean", "EXPECTED_BOOLEAN")
  if base and not (address.origin(base) and base:find "^https?://") then fail("HTTP_URL", base) end
  return request.settings {
    base = base or "", login = login or "", under = request.headers("client", {}, options.headers),
    timeout_ms = request.timeout_ms("client", options.timeout),
    retries = whole("client", "retries", options.retries, RETRIES_MOST, RETRIES),
    parallel = math.max(1, whole("client", "parallel", options.parallel, PARALLEL_MOST, PARALLEL)),
    jar = jar(cookies), keyed = keyed,
  }
end

--- A client for one system: where it is, which login it wants, and what all calls have in common. Make it once.
---
--- ```lua
--- local ledger = http.client { base = "https://ledger.example/api", login = "ledger", timeout = 30 }
--- ledger:get("/ping"):text()   --> pong
--- ```
---@param options http.client_options
---@return http.client
function http.client(options)
  arguments.expect("client", "options", 1, options, type(options) == "table", "EXPECTED_TABLE")
  local settings = settings_of(arguments.options("client", 1, options, CLIENT_OPTIONS))
  return setmetatable({ settings = settings }, client_class)
end

local plain = setmetatable({
  settings = request.settings {
    base = "", login = "", under = {}, retries = RETRIES, parallel = PARALLEL, jar = 0,
  },
}, client_class)

-- ---- Calls

local function settings_by_colon(self, name)
  if getmetatable(self) ~= client_class then fail("METHOD_DOT", "client", name) end
  return self.settings
end

local function send(self, method, path, first, second)
  if getmetatable(self) ~= client_class then fail("METHOD_DOT", "client", method:lower()) end
  return calls.one(request.new(self.settings, method, path, first, second))
end

--- Asks for something. Values go into the path by name, `{id}`, written so that they stay values; options stand last.
---
--- ```lua
--- ledger:get("/entries/{id}", { id = "A/4711" })                                --> raises: a slash is no value
--- ledger:get("/invoices/", { query = { status = "open" } }):json().count        --> 12
--- ledger:get("/entries/{id}", { id = 7 }, { accept = { 404 } }).status          --> 404
--- ```
---@param path string
---@param values table<string, any>|http.options|nil for the path's names; options when it has none
---@param options http.options|nil
---@return http.response
function client:get(path, values, options) return send(self, "GET", path, values, options) end

--- Sends something new. It is not tried again by itself, for it might be done twice.
---
--- ```lua
--- ledger:post("/entries/", { json = { account = "4000", amount = decimal "12.30" } }).status   --> 201
--- ```
---@param path string
---@param values table<string, any>|http.options|nil
---@param options http.options|nil
---@return http.response
function client:post(path, values, options) return send(self, "POST", path, values, options) end

--- Puts something in place of what is there.
---
--- ```lua
--- ledger:put("/entries/{id}", { id = 7 }, { json = { account = "4000" } })
--- ```
---@param path string
---@param values table<string, any>|http.options|nil
---@param options http.options|nil
---@return http.response
function client:put(path, values, options) return send(self, "PUT", path, values, options) end

--- Changes a part of something.
---
--- ```lua
--- ledger:patch("/entries/{id}", { id = 7 }, { json = { checked = true } })
--- ```
---@param path string
---@param values table<string, any>|http.options|nil
---@param options http.options|nil
---@return http.response
function client:patch(path, values, options) return send(self, "PATCH", path, values, options) end

--- Takes something away.
---
--- ```lua
--- ledger:delete("/drafts/{id}", { id = 7 })
--- ```
---@param path string
---@param values table<string, any>|http.options|nil
---@param options http.options|nil
---@return http.response
function client:delete(path, values, options) return send(self, "DELETE", path, values, options) end

--- Asks for the head alone: is it there, how large is it.
---
--- ```lua
--- ledger:head("/reports/2026.pdf").headers["Content-Length"]   --> 20480
--- ```
---@param path string
---@param values table<string, any>|http.options|nil
---@param options http.options|nil
---@return http.response
function client:head(path, values, options) return send(self, "HEAD", path, values, options) end

--- A call by any method.
---
--- ```lua
--- ledger:request("OPTIONS", "/entries/").headers.allow   --> GET, POST
--- ```
---@param method "GET"|"POST"|"PUT"|"PATCH"|"DELETE"|"HEAD"|"OPTIONS"
---@param path string
---@param values table<string, any>|http.options|nil
---@param options http.options|nil
---@return http.response
function client:request(method, path, values, options)
  return calls.one(self:call(method, path, values, options))
end

--- A call that is only made ready, for `http.all`.
---
--- ```lua
--- local answers = http.all { ledger:call("GET", "/entries/1"), ledger:call("GET", "/entries/2") }
--- ```
---@param method string
---@param path string
---@param values table<string, any>|http.options|nil
---@param options http.options|nil
---@return request
function client:call(method, path, values, options)
  local settings = settings_by_colon(self, "call")
  local good = type(method) == "string" and method:find "^%u+$" ~= nil
  arguments.expect("call", "method", 1, method, good, "EXPECTED_METHOD")
  return request.new(settings, method, path, values, options)
end

---@class http.pages_options: http.options
---@field items string|(fun(body: any): any[])|nil where the items are: a field by its path, `"page.rows"`
---@field next string|(fun(body: any, response: http.response): string|nil)|nil where the address of the next page is
---@field cursor { send: string, from: string }|nil the parameter to send, and the field it comes from
---@field offset string|nil a parameter that counts items, until a page is empty
---@field page string|nil a parameter that counts pages, until one is empty
---@field most integer|nil pages at most, 10 000 when not said
---@field numbers "number"|"decimal"|nil as in json.decode

--- All items of a list that comes in pages, one by one, asking for the next page when the last one is used up.
---
--- The next page is found by itself where the answer has `next`, `meta.next` or a Link head; items where it has
--- `results`, `data` or `items`, or is a list. Else say so by options. A page that comes again raises.
---
--- ```lua
--- for entry in ledger:pages("/entries/", { query = { supplier = "4711" } }) do
---   print(entry.document, entry.amount)
--- end
--- ```
---@param path string
---@param values table<string, any>|http.pages_options|nil
---@param options http.pages_options|nil
---@return fun(): any
function client:pages(path, values, options)
  local settings = settings_by_colon(self, "pages")
  local templated = type(path) == "string" and path:find("{", 1, true)
  local given = templated and options or (options or values)
  local good = given == nil or type(given) == "table"
  arguments.expect("pages", "options", templated and 3 or 2, given, good, "EXPECTED_TABLE")
  local paging, call = pages.split(given)
  local first = request.new(settings, "GET", path, templated and values or nil, call)
  call.query = nil -- the addresses of further pages have it
  return pages.items(first.url, paging, function(url)
    return calls.one(request.new(settings, "GET", (url:gsub("{", "%%7B")), nil, call))
  end)
end

---@class http.submit_options
---@field button string|nil its name, value or text; the first when not said
---@field headers table<string, any>|nil
---@field accept integer|integer[]|nil
---@field timeout number|nil
---@field save string|nil

local SUBMIT_OPTIONS = { button = true, headers = true, accept = true, timeout = true, save = true }

local function parts_of_form(asked)
  local list = {}
  for i, entry in ipairs(asked.form) do
    if not entry.file then
      list[i] = { entry[1], entry[2] }
    elseif entry[2] == "" then
      list[i] = { entry[1], "" }
    else
      list[i] = { entry[1], { file = entry[2] } }
    end
  end
  return list
end

--- Sends a filled-in form of a page, as if a person pressed the button.
---
--- ```lua
--- local form = legacy:get("/search"):html():form "search"
--- form.values.supplier = "4711"
--- local found = legacy:submit(form):html():table()
--- ```
---@param form html.form
---@param options http.submit_options|nil
---@return http.response
function client:submit(form, options)
  local settings = settings_by_colon(self, "submit")
  arguments.expect("submit", "form", 1, form, core.class_of(form) == "html.form", "EXPECTED_FORM")
  options = arguments.options("submit", 2, options, SUBMIT_OPTIONS)
  local asked = form:request { button = options.button }
  local call = { headers = options.headers, accept = options.accept, timeout = options.timeout, save = options.save }
  if asked.method ~= "GET" then
    if asked.multipart then call.multipart = parts_of_form(asked) else call.form = asked.form end
  end
  return calls.one(request.new(settings, asked.method, (asked.url:gsub("{", "%%7B")), nil, call))
end

-- ---- Without a client

--- Asks for something by its whole address, without a client: no login, no cookies.
---
--- ```lua
--- http.get("https://open.example/rates.json"):json().EUR   --> 1
--- ```
---@param url string
---@param values table<string, any>|http.options|nil
---@param options http.options|nil
---@return http.response
function http.get(url, values, options) return send(plain, "GET", url, values, options) end

--- Sends something new to a whole address; see `client:post`.
---
--- ```lua
--- http.post("https://open.example/votes", { json = { id = 7 } }).status   --> 201
--- ```
---@param url string
---@param values table<string, any>|http.options|nil
---@param options http.options|nil
---@return http.response
function http.post(url, values, options) return send(plain, "POST", url, values, options) end

--- Puts something at a whole address; see `client:put`.
---
--- ```lua
--- http.put("https://open.example/files/{name}", { name = "a.csv" }, { file = "a.csv" }).status   --> 204
--- ```
---@param url string
---@param values table<string, any>|http.options|nil
---@param options http.options|nil
---@return http.response
function http.put(url, values, options) return send(plain, "PUT", url, values, options) end

--- Changes a part of what is at a whole address; see `client:patch`.
---
--- ```lua
--- http.patch("https://open.example/entries/7", { json = { checked = true } }).status   --> 200
--- ```
---@param url string
---@param values table<string, any>|http.options|nil
---@param options http.options|nil
---@return http.response
function http.patch(url, values, options) return send(plain, "PATCH", url, values, options) end

--- Takes away what is at a whole address; see `client:delete`.
---
--- ```lua
--- http.delete("https://open.example/drafts/{id}", { id = 7 }).status   --> 204
--- ```
---@param url string
---@param values table<string, any>|http.options|nil
---@param options http.options|nil
---@return http.response
function http.delete(url, values, options) return send(plain, "DELETE", url, values, options) end

--- Asks for the head alone, by a whole address; see `client:head`.
---
--- ```lua
--- http.head("https://open.example/rates.json").headers["Last-Modified"]   --> Sun, 22 Nov 2026 07:00:00 GMT
--- ```
---@param url string
---@param values table<string, any>|http.options|nil
---@param options http.options|nil
---@return http.response
function http.head(url, values, options) return send(plain, "HEAD", url, values, options) end

local function ready(one)
  if type(one) == "string" then return plain:call("GET", one) end
  arguments.option("all", "calls", one, request.is(one), "EXPECTED_CALL")
  return one
end

--- Makes many calls at once. The results stand in the order of the calls: each a response, or the fault that ended it.
--- `result.failed` tells them apart. The second value is how many failed.
---
--- ```lua
--- local list = { parallel = 4 } -- at most so many at a time to one system; 8 when not said
--- for _, number in ipairs(numbers) do
---   table.insert(list, ledger:call("GET", "/entries/{number}", { number = number }))
--- end
--- for i, answer in ipairs(http.all(list)) do
---   if answer.failed then run:warn("%s: %s", numbers[i], answer) else print(answer:json().total) end
--- end
--- ```
---@param list table calls by `client:call` or addresses; and parallel
---@return (http.response|table)[] results
---@return integer failed
function http.all(list)
  arguments.expect("all", "calls", 1, list, type(list) == "table", "EXPECTED_TABLE")
  local parallel = whole("all", "parallel", list.parallel, PARALLEL_MOST, nil)
  local requests, failed = {}, 0
  for i, one in ipairs(list) do
    requests[i] = ready(one)
    parallel = parallel or requests[i].parallel
  end
  local results = calls.all(requests, math.max(1, parallel or PARALLEL))
  for _, result in ipairs(results) do
    if core.is_fault(result) then
      result.failed = true
      failed = failed + 1
    end
  end
  return results, failed
end

core.guard(client, "client")

return http
