-- require "http", with fakes in place of the gateway.
local date    = require "date"
local decimal = require "decimal"
local fake    = require "fake"
local html    = require "html"
local http    = require "http"
local test    = require "test"
local text    = require "text"

local BASE = "https://ledger.example"

local function client(options)
  options = options or {}
  options.base = options.base or BASE .. "/api"
  options.cookies = options.cookies or false
  return http.client(options)
end

-- What a system with these routes was asked while f ran.
local function asked(routes, f, options)
  return test.reach({ fake.system(BASE, routes) }, f, options).calls
end

local function echo(request) return { json = { path = request.path } } end

local tests = {}

-- ---- Addresses

tests["values of a path are written so that they stay values"] = function()
  local calls = asked({ ["GET /api/entries/{id}"] = echo }, function()
    local entry = client():get("/entries/{id}", { id = "A 1?ä&" }):json()
    test.equal(entry.path, "/api/entries/A%201%3F%C3%A4%26")
    client():get("/entries/{id}", { id = decimal "12.30" })
    client():get("entries/{id}", { id = 7.0 })
    client { base = BASE .. "/api/" }:get("/entries/{id}", { id = date.parse "2026-10-01" })
  end)
  test.equal(calls[2].path_values, { id = "12.30" })
  test.equal(calls[3].path, "/api/entries/7")
  test.equal(calls[4].path, "/api/entries/2026-10-01")
end

tests["a value that could lead elsewhere is refused"] = function()
  for _, value in ipairs { "..", ".", "", "a/b", "a\\b", {} } do
    local fault = test.raises(function() client():get("/entries/{id}", { id = value }) end, "/entries/{id}", "id")
    test.equal(fault.code, "HTTP_PATH_VALUE")
    test.equal(fault.class, "bug")
  end
end

tests["a missing value, a stray one and values without names are told apart"] = function()
  local ledger = client()
  local function code_of(...)
    local arguments = table.pack(...)
    return test.raises(function() ledger:get(table.unpack(arguments, 1, arguments.n)) end).code
  end
  test.equal(code_of("/entries/{id}"), "HTTP_PATH_VALUE_MISSING")
  test.equal(code_of("/entries/{id}", { id = 1, query = {} }), "HTTP_PATH_NAME")
  test.equal(code_of("/entries/", { id = 1 }, { query = {} }), "HTTP_PATH_NO_NAMES")
  test.equal(code_of("/entries/", { id = 1 }), "OPTION_UNKNOWN_OF")
  test.equal(code_of(7), "ARGUMENT_WRONG")
end

tests["a query takes numbers, decimals, dates, booleans and lists"] = function()
  local calls = asked({ ["GET /api/entries/"] = echo }, function()
    client():get("/entries/", {
      query = {
        open = true, sum = decimal "1.50", from = date.parse "2026-10-01", unit = { 1, 2 }, name = "Mäki & Co",
      },
    })
    client():get("/entries/", { query = { { "b", 1 }, { "a", 2 } } })
    client():get("/entries/?x=1", { query = "y=2" })
  end)
  test.equal(calls[1].url,
    BASE .. "/api/entries/?from=2026-10-01&name=M%C3%A4ki%20%26%20Co&open=true&sum=1.50&unit=1&unit=2")
  test.equal(calls[2].url, BASE .. "/api/entries/?b=1&a=2")
  test.equal(calls[3].url, BASE .. "/api/entries/?x=1&y=2")
  test.raises(function() client():get("/entries/", { query = { a = {}, b = print } }) end, "query.b")
end

tests["a method that is called with a dot, and one that does not exist, are told"] = function()
  local ledger = client()
  test.equal(test.raises(function() ledger.get("/x") end).code, "METHOD_DOT")
  test.raises(function() return ledger.gett end, "gett", "get")
  test.raises(function() http.client { base = "ledger.example" } end, "ledger.example")
  test.raises(function() http.client { url = BASE } end, "url", "base")
end

-- ---- Bodies

tests["a body is JSON with exact decimals, a form, or text"] = function()
  local calls = asked({ ["POST /api/entries/"] = { status = 201, json = { id = 7 } } }, function()
    test.equal(client():post("/entries/", { json = { sum = decimal "12.30" } }).status, 201)
    client():post("/entries/", { form = { name = "Mäki Oy", sum = 5, unit = { "a", "b" } } })
    client():post("/entries/", { body = "a;b\n", headers = { ["Content-Type"] = "text/csv" } })
  end)
  test.equal(calls[1].body, '{"sum":12.30}')
  test.equal(calls[1].headers["content-type"], "application/json")
  test.equal(calls[2].body, "name=M%C3%A4ki+Oy&sum=5&unit=a&unit=b")
  test.equal(calls[2].headers["content-type"], "application/x-www-form-urlencoded")
  test.equal(calls[3].body, "a;b\n")
  test.equal(calls[3].headers["content-type"], "text/csv")
  test.equal(test.raises(function() client():post("/x", { json = {}, form = {} }) end).code, "HTTP_BODY_TWICE")
end

tests["a file is a body, or a part of a form"] = function()
  text.write("rows.csv", "a;b\n")
  local calls = asked({ ["PUT /api/file"] = echo, ["POST /api/file"] = echo }, function()
    client():put("/file", { file = "rows.csv" })
    client():post("/file", { multipart = { note = "lokakuu", rows = { file = "rows.csv", name = 'Rivit "10".csv' } } })
  end)
  test.equal(calls[1].body, "a;b\n")
  test.equal(calls[1].headers["content-type"], "text/csv")
  local boundary = calls[2].headers["content-type"]:match "^multipart/form%-data; boundary=(.+)$"
  test.equal(calls[2].body, table.concat({
    "--" .. boundary, 'Content-Disposition: form-data; name="note"', "", "lokakuu",
    "--" .. boundary, 'Content-Disposition: form-data; name="rows"; filename="Rivit %2210%22.csv"',
    "Content-Type: text/csv", "", "a;b\n",
    "--" .. boundary .. "--", "",
  }, "\r\n"))
  test.raises(function() client():put("/file", { file = "none.csv" }) end, "none.csv")
end

tests["headers of the client go with every call; a call's own come over them"] = function()
  local calls = asked({ ["GET /api/x"] = echo }, function()
    local ledger = client { headers = { ["X-Unit"] = 1, Accept = "text/csv" } }
    ledger:get("/x", { headers = { accept = "application/json", ["X-Unit"] = false } })
    ledger:get("/x")
  end)
  test.equal(calls[1].headers, { accept = "application/json" })
  test.equal(calls[2].headers, { accept = "text/csv", ["x-unit"] = "1" })
  test.raises(function() client():get("/x", { headers = { ["X-A"] = "a\r\nHost: b" } }) end, "X-A")
end

tests["a call with an idempotency key says it in quotes, and is tried again as a GET is"] = function()
  local asks = 0
  local function flaky()
    asks = asks + 1
    return asks == 1 and { status = 503, text = "later" } or { status = 201, text = "booked" }
  end
  local calls = asked({ ["POST /api/x"] = flaky, ["GET /api/x"] = echo }, function()
    local ledger = client { idempotency_key = true }
    ledger:post("/x", { idempotency_key = 'batch "7"', body = "a" })
    ledger:post("/x", { body = "a" })
    ledger:post("/x")
    ledger:get("/x")
    ledger:post("/x", { idempotency_key = false })
  end)
  test.equal(calls[1].headers["idempotency-key"], [["batch \"7\""]])
  test.equal(calls[2].headers["idempotency-key"], calls[1].headers["idempotency-key"]) -- the same call again
  test.equal(calls[3].headers["idempotency-key"]:match '^"%x+"$' ~= nil, true)
  test.equal(calls[4].headers["idempotency-key"] ~= calls[3].headers["idempotency-key"], true)
  test.equal(calls[5].headers["idempotency-key"], nil)
  test.equal(calls[6].headers["idempotency-key"], nil)
  test.raises(function() client():post("/x", { idempotency_key = "å" }) end, "idempotency_key")
end

-- ---- Answers

tests["what was not expected raises with status and first words; accept makes it an answer"] = function()
  local routes = { ["GET /api/x"] = { status = 404, json = { detail = "Not found." } } }
  asked(routes, function()
    local fault = test.raises(function() client():get("/x?henkilo=1") end, "GET", BASE .. "/api/x", "404", "Not found.")
    test.equal(fault.code, "HTTP_STATUS")
    test.equal(fault.class, "failure")
    test.equal(fault.status, 404)
    test.equal(fault.message:find("henkilo", 1, true), nil) -- queries may be personal
    test.contains(fault.hint, "accept = { 404 }")
    test.equal(client():get("/x", { accept = { 404 } }):json().detail, "Not found.")
    test.equal(client():get("/x", { accept = 404 }).status, 404)
  end)
end

tests["401 is not tried again, neither now nor by the run"] = function()
  local answer = { status = 401, headers = { ["Retry-After"] = "1" }, text = "no" }
  local calls = asked({ ["GET /api/x"] = answer }, function()
    local fault = test.raises(function() client():get("/x") end, "401")
    test.equal(fault.class, "refused")
    test.contains(fault.hint, "lock")
  end)
  test.equal(#calls, 1)
end

tests["a page of errors is told by its words"] = function()
  local page = "<html><style>p{}</style><p>Palvelu\n on <b>alhaalla</b></html>"
  asked({ ["GET /api/x"] = { status = 500, body = page, headers = { ["Content-Type"] = "text/html" } } }, function()
    test.raises(function() client():get("/x", { retry = false }) end, "500: Palvelu on alhaalla")
  end)
end

tests["headers are found in whatever case, and those that came twice are joined"] = function()
  asked({ ["GET /api/x"] = { text = "x", headers = { ["X-Count"] = "12" } } }, function()
    local answer = client():get "/x"
    test.equal(answer.headers["x-COUNT"], "12")
    test.equal(answer.headers.missing, nil)
    test.equal(answer.saved, nil)
    test.raises(function() return answer.bodyy end, "bodyy", "body")
  end)
end

tests["text is in the charset of the head, or what it looks like, or what the robot says"] = function()
  local function answer(bytes, kind) return { body = bytes, headers = { ["Content-Type"] = kind } } end
  asked({
    ["GET /api/latin"] = answer("P\xE4iv\xE4 \x80", "text/plain; charset=ISO-8859-1"),
    ["GET /api/none"]  = answer("P\xE4iv\xE4", "text/plain"),
    ["GET /api/wrong"] = answer("P\xE4iv\xE4", "text/plain; charset=utf-8"),
    ["GET /api/utf8"]  = answer("\xEF\xBB\xBFPäivä", "text/plain; charset=\"UTF-8\""),
    ["GET /api/json"]  = answer('{"a":"P\xE4iv\xE4"}', "application/json; charset=latin1"),
  }, function()
    local ledger = client()
    test.equal(ledger:get("/latin"):text(), "Päivä €")
    test.equal(ledger:get("/none"):text(), "Päivä")
    test.equal(ledger:get("/utf8"):text(), "Päivä")
    test.equal(ledger:get("/json"):json().a, "Päivä")
    local fault = test.raises(function() return ledger:get("/wrong"):text() end, "/api/wrong")
    test.equal(fault.class, "failure")
    test.equal(ledger:get("/wrong"):text "windows-1252", "Päivä")
  end)
end

tests["numbers of JSON are exact on request; what is no JSON is the system's failure"] = function()
  asked({
    ["GET /api/a"] = { body = '{"sum": 12.30}', headers = { ["Content-Type"] = "application/json" } },
    ["GET /api/b"] = { body = "<html>Kirjaudu", headers = { ["Content-Type"] = "text/html" } },
  }, function()
    test.equal(tostring(client():get("/a"):json({ numbers = "decimal" }).sum), "12.30")
    local fault = test.raises(function() return client():get("/b"):json() end, "JSON", "Kirjaudu")
    test.equal(fault.class, "failure")
  end)
end

tests["a page and a document are parsed"] = function()
  asked({
    ["GET /api/page"] = { body = "<title>Haku</title><a href='?p=2'>n</a>" },
    ["GET /api/doc"]  = { body = "<a xmlns='urn:x'><b>1</b></a>" },
  }, function()
    test.equal(client():get("/page"):html():links()[1].url, BASE .. "/api/page?p=2")
    test.equal(client():get("/doc"):xml({ ignore_namespaces = true }):value "/a/b", "1")
  end)
end

tests["an answer is saved; then it is in the file alone"] = function()
  asked({ ["GET /api/report"] = { text = "a;b\n" }, ["GET /api/none"] = { status = 404, text = "none" } }, function()
    local answer = client():get("/report", { save = "report.csv" })
    test.equal(answer.saved, "report.csv")
    test.equal(text.read "report.csv", "a;b\n")
    test.raises(function() return answer:text() end, "report.csv")
    test.equal(client():get("/none", { save = "none.csv", accept = 404 }):text(), "none")
    test.equal(client():get("/report"):save "again.csv", "again.csv")
    test.equal(text.read "again.csv", "a;b\n")
  end)
end

tests["cookies stay with the client that got them"] = function()
  local calls = asked({ ["GET /api/x"] = { text = "x", headers = { ["Set-Cookie"] = "s=1; Path=/" } } }, function()
    local first, second = client { cookies = true }, client { cookies = true }
    first:get "/x"
    first:get "/x"
    second:get "/x"
  end)
  test.equal(calls[1].headers.cookie, nil)
  test.equal(calls[2].headers.cookie, "s=1")
  test.equal(calls[3].headers.cookie, nil)
end

tests["the login's name goes along, its secret is never here"] = function()
  local calls = asked({ ["GET /api/x"] = echo }, function() client { login = "ledger" }:get "/x" end)
  test.equal(calls[1].login, "ledger")
  test.equal(calls[1].headers.authorization, nil)
end

tests["a rehearsal lets reads through and holds back the rest, marked"] = function()
  local calls = asked({ ["GET /api/x"] = echo, ["POST /api/x"] = echo }, function()
    test.equal(client():get("/x").held, false)
    local answer = client():post("/x", { json = { a = 1 } })
    test.equal(answer.held, true)
    test.equal(answer.status, 200)
    test.equal(answer:json(), {})
  end, { dry_run = true })
  test.equal(#calls, 2)
  test.equal(calls[2].held, true)
end

-- ---- Trying again

tests["what may be done twice is tried again"] = function()
  for _, routes in ipairs {
    { ["GET /api/x"] = { { status = 503, text = "" }, { status = 502, text = "" }, { text = "ok" } } },
    { ["GET /api/x"] = { { fault = "refused" }, { fault = "timeout" }, { text = "ok" } } },
    { ["GET /api/x"] = {
      { fault = "cut" }, { status = 429, text = "", headers = { ["Retry-After"] = "90" } }, { text = "ok" },
    } },
  } do
    local calls = asked(routes, function() test.equal(client():get("/x"):text(), "ok") end)
    test.equal(#calls, 3)
  end
end

tests["it is given up after some tries, or when the system asks for too long"] = function()
  local calls = asked({ ["GET /api/x"] = { status = 503, text = "down" } }, function()
    test.raises(function() client():get "/x" end, "503", "down")
  end)
  test.equal(#calls, 4)
  calls = asked({ ["GET /api/x"] = { status = 503, text = "down" } }, function()
    test.raises(function() client { retries = 1 }:get "/x" end, "503")
    test.raises(function() client():get("/x", { retry = false }) end, "503")
  end)
  test.equal(#calls, 3)
  calls = asked({ ["GET /api/x"] = { status = 429, text = "", headers = { ["Retry-After"] = "3600" } } }, function()
    local fault = test.raises(function() client():get "/x" end, "429")
    test.contains(fault.hint, "per_second")
  end)
  test.equal(#calls, 1)
end

tests["a write is tried again only when the system refused it for now, or the robot vouches for it"] = function()
  local function tries(routes, options)
    return #asked(routes, function() pcall(function() client():post("/x", options) end) end)
  end
  test.equal(tries { ["POST /api/x"] = { status = 503, text = "" } }, 1)
  test.equal(tries { ["POST /api/x"] = { fault = "cut" } }, 1)
  test.equal(tries({ ["POST /api/x"] = { fault = "cut" } }, { retry = true }), 4)
  local refused = { status = 503, text = "", headers = { ["Retry-After"] = "1" } }
  test.equal(tries { ["POST /api/x"] = { refused, { text = "ok" } } }, 2)
end

tests["Retry-After may be a date"] = function()
  local soon = date.now("UTC"):add { seconds = 30 }
  local days, months = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" },
    { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }
  local year, month, day, time = tostring(soon):match "^(%d+)-(%d+)-(%d+)T(%d+:%d+:%d+)"
  local written = ("%s, %s %s %s %s GMT"):format(days[1], day, months[tonumber(month)], year, time)
  local function down_until(when) return { status = 503, text = "", headers = { ["Retry-After"] = when } } end
  local calls = asked({ ["GET /api/x"] = { down_until(written), { text = "ok" } } }, function()
    test.equal(client():get("/x"):text(), "ok")
  end)
  test.equal(#calls, 2)
  calls = asked({ ["GET /api/x"] = down_until "Mon, 01 Jan 2120 00:00:00 GMT" }, function()
    test.raises(function() client():get "/x" end, "503")
  end)
  test.equal(#calls, 1)
end

-- ---- Pages

local function numbers_of(items)
  local list = {}
  for item in items do table.insert(list, item.n) end
  return list
end

tests["pages are followed by next, relative or whole, meta.next and the Link head"] = function()
  local shapes = {
    { ["GET /api/list"] = {
      { json = { results = { { n = 1 }, { n = 2 } }, next = "/api/list?page=2" } },
      { json = { results = {}, next = BASE .. "/api/list?page=3" } },
      { json = { results = { { n = 3 } }, next = require "json".null } },
    } },
    { ["GET /api/list"] = {
      { json = { data = { { n = 1 }, { n = 2 } }, meta = { next = "?page=2" } } },
      { json = { data = { { n = 3 } }, meta = {} } },
    } },
    { ["GET /api/list"] = {
      {
        json = { { n = 1 }, { n = 2 } },
        headers = { Link = '</api/first>; rel="first", </api/list?page=2>; rel="next"' },
      },
      { json = { { n = 3 } } },
    } },
    { ["GET /api/list"] = { -- behind a proxy, some take themselves for http
      { json = { results = { { n = 1 }, { n = 2 }, { n = 3 } }, next = "http://ledger.example/api/list?page=2" } },
      { json = { results = {} } },
    } },
  }
  for _, routes in ipairs(shapes) do
    asked(routes, function() test.equal(numbers_of(client():pages "/list"), { 1, 2, 3 }) end)
  end
end

tests["pages are counted by cursor, offset or number where there is no link"] = function()
  local function slices(request)
    local from = tonumber(request.query.offset or (tonumber(request.query.page or "1") - 1) * 2)
    local rows = {}
    for n = from + 1, math.min(from + 2, 3) do table.insert(rows, { n = n }) end
    return { json = { items = rows } }
  end
  local function by_cursor(request)
    if request.query.after then return { json = { rows = { { n = 3 } }, page = { last = "" } } } end
    return { json = { rows = { { n = 1 }, { n = 2 } }, page = { last = "c2" } } }
  end
  asked({ ["GET /api/{unit}/list"] = slices, ["GET /api/cursor"] = by_cursor }, function()
    test.equal(numbers_of(client():pages("/{unit}/list", { unit = 7 }, { offset = "offset" })), { 1, 2, 3 })
    test.equal(numbers_of(client():pages("/7/list", { page = "page" })), { 1, 2, 3 })
    local options = { items = "rows", cursor = { send = "after", from = "page.last" } }
    test.equal(numbers_of(client():pages("/cursor", options)), { 1, 2, 3 })
  end)
end

tests["pages end with a fault when they lead away, go in a circle or have no list"] = function()
  local function fault_of(response, options)
    local fault
    asked({ ["GET /api/list"] = response }, function()
      fault = test.raises(function() numbers_of(client():pages("/list", options)) end)
    end)
    return fault.code
  end
  local away = { results = { { n = 1 } }, next = "https://other.example/list?page=2" }
  test.equal(fault_of { json = away }, "HTTP_PAGES_AWAY")
  test.equal(fault_of { json = { results = { { n = 1 } }, next = "/api/list" } }, "HTTP_PAGES_AGAIN")
  test.equal(fault_of { json = { rivit = {} } }, "HTTP_PAGES_ITEMS")
  test.equal(fault_of { json = { results = { 1 }, next = 5 } }, "HTTP_PAGES_NEXT")
  local count = 0
  local function endless()
    count = count + 1
    return { json = { results = { { n = count } }, next = "/api/list?page=" .. count } }
  end
  test.equal(fault_of(endless, { most = 5 }), "HTTP_PAGES_MOST")
  test.equal(count, 5)
end

-- ---- Many at once

tests["many calls end in their order, each as a response or a fault"] = function()
  asked({ ["GET /api/entries/{id}"] = function(request)
    local id = request.path_values.id
    if id == "3" then return { status = 500, text = "broken" } end
    return { json = { id = id } }
  end }, function()
    local ledger, list = client(), { parallel = 2 }
    for i = 1, 5 do list[i] = ledger:call("GET", "/entries/{id}", { id = i }, { retry = false }) end
    local results, failed = http.all(list)
    test.equal(failed, 1)
    for i = 1, 5 do
      test.equal(results[i].failed, i == 3)
      if i ~= 3 then test.equal(results[i]:json().id, tostring(i)) end
    end
    test.contains(results[3], "broken")
    test.equal(http.all { BASE .. "/api/entries/9" }[1]:json().id, "9")
    test.equal(http.all {}, {})
    test.raises(function() http.all { 7 } end, "client:call")
  end)
end

tests["a large body goes alone, and its answer still stands in its place"] = function()
  text.write("large.txt", ("x"):rep(2 << 20))
  local calls = asked({ ["POST /api/file"] = function(request) return { json = #request.body } end }, function()
    local ledger = client()
    local results = http.all {
      ledger:call("POST", "/file", { file = "large.txt" }), ledger:call("POST", "/file", { body = "a" }),
      ledger:call("POST", "/file", { multipart = { rows = { file = "large.txt" } } }), parallel = 4,
    }
    test.equal(results[1]:json(), 2 << 20)
    test.equal(results[2]:json(), 1)
    test.equal(results[3].failed, false)
  end)
  test.equal(calls[1].body, "a")
end

-- ---- Forms

tests["a form is sent as a browser would send it"] = function()
  local page = [[<form name=f method=post action="/save"><input name=user value="Mäki">
    <input type=submit name=go value=Save></form><form name=g action="find"><input name=q value="a b"></form>]]
  local calls = asked({
    ["GET /api/page"] = { body = page, headers = { ["Content-Type"] = "text/html; charset=utf-8" } },
    ["POST /save"] = { text = "saved" },
    ["GET /api/find"] = { text = "found" },
  }, function()
    local ledger = client()
    local doc = ledger:get("/page"):html()
    test.equal(ledger:submit(doc:form "f", { button = "Save" }):text(), "saved")
    test.equal(ledger:submit(doc:form "g"):text(), "found")
    test.raises(function() ledger:submit(html.parse "<p>") end, "form")
  end)
  test.equal(calls[2].body, "user=M%C3%A4ki&go=Save")
  test.equal(calls[3].query, { q = "a b" })
end

return tests
