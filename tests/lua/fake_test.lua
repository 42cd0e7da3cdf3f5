-- Systems that aren't there: routes, answers, recordings.
local fake = require "fake"
local json = require "json"
local test = require "test"

local function ask(system, method, target, headers, body)
  local path, query = target:match "^([^?]*)%??(.*)$"
  return system:handle { method = method, path = path, query = query, headers = headers or {}, body = body or "" }
end

test.case("a route answers with what stands there or with what its function gives", function()
  local system = fake.system("https://ledger.example/api", {
    ["GET /ping"] = { text = "pong" },
    ["GET /entries/{id}"] = function(request)
      return { json = { id = request.path_values.id, page = request.query.page } }
    end,
    ["POST /entries"] = function(request) return { status = 201, json = { total = request.json.total } } end,
  })
  test.equal(system.base, "https://ledger.example")
  test.equal(ask(system, "GET", "/ping").body, "pong")
  test.equal(json.decode(ask(system, "GET", "/entries/a%20b?page=2&x").body), { id = "a b", page = "2" })
  local answer = ask(system, "POST", "/entries", { ["content-type"] = "application/json" }, '{"total":"1.50"}')
  test.equal({ answer.status, answer.body }, { 201, '{"total":"1.50"}' })
  test.equal(ask(system, "GET", "/nowhere").status, 404)
  test.equal(ask(system, "PUT", "/ping").status, 404)
  test.equal(#system.calls, 5)
  test.equal(system.calls[3].json, { total = "1.50" })
end)

test.case("a path without names is taken before one with", function()
  local system = fake.system("https://a.example", {
    ["GET /entries/{id}"] = { text = "one" }, ["GET /entries/open"] = { text = "open" },
    ["GET /files/{path...}"] = function(request) return { text = request.path_values.path } end,
  })
  test.equal(ask(system, "GET", "/entries/open").body, "open")
  test.equal(ask(system, "GET", "/entries/7").body, "one")
  test.equal(ask(system, "GET", "/files/a/b/c").body, "a/b/c")
end)

test.case("a list of answers is given one by one, the last from then on", function()
  local system = fake.system("https://a.example", {
    ["GET /"] = { { status = 503, headers = { ["Retry-After"] = 1 } }, { status = 200, text = "well" } },
  })
  local first = ask(system, "GET", "/")
  test.equal({ first.status, first.headers["Retry-After"] }, { 503, "1" })
  test.equal(ask(system, "GET", "/").body, "well")
  test.equal(ask(system, "GET", "/").body, "well")
end)

test.case("faults and delays go along", function()
  local system = fake.system("https://a.example", { ["GET /"] = { fault = "cut", delay = 50, text = "half" } })
  local answer = ask(system, "GET", "/")
  test.equal({ answer.fault, answer.delay }, { "cut", 50 })
end)

test.case("a recording answers as the system did", function()
  local systems = fake.recording "tests/recorded.json"
  test.equal(#systems, 2)
  local ledger = systems[1]
  test.equal(ledger.base, "https://ledger.example")
  test.equal(ask(ledger, "GET", "/api/entries?page=1").body, '{"a":"}{"}')
  test.equal(ask(ledger, "GET", "/api/state").body, "first")
  test.equal(ask(ledger, "GET", "/api/state").body, "second")
  test.equal(ask(ledger, "GET", "/api/state").body, "second")
  test.equal(ask(ledger, "GET", "/api/entries?page=2").status, 404)
  test.equal(ask(systems[2], "GET", "/").body, "\xff\xfe\0ok")
end)

test.case("what is no route or address says how one is written", function()
  test.raises(function() fake.system("https://a.example", { ["/entries"] = {} }) end, "no route", "GET /api")
  test.raises(function() fake.system("ledger", {}) end, "fake.system(")
  test.raises(function() fake.recording "tests/none.json" end, "tests/none.json")
end)
