-- A ledger that counts what is posted to it and has, under a path each, every fault that a system can have.
local fake = require "fake"

local UTF8   = { ["Content-Type"] = "text/plain; charset=utf-8" }
local JSON   = { ["Content-Type"] = "application/json" }
local posted = {} -- how often each number came

fake.system("https://ledger.example", {
  ["POST /entries"] = function(request)
    local number = request.json.no
    posted[number] = (posted[number] or 0) + 1
    return { status = 201, json = { no = number } }
  end,
  ["GET /posted"] = function()
    local numbers, most = 0, 0
    for _, times in pairs(posted) do
      numbers, most = numbers + 1, math.max(most, times)
    end
    return { json = { numbers = numbers, most = most } }
  end,
  ["GET /status/{status}"] = function(request)
    return { status = tonumber(request.path_values.status), json = { detail = "as asked" } }
  end,
  ["GET /pause"]     = { delay = 1500, text = "late" },
  ["GET /slow"]      = { delay = 20000, text = "too late" },
  ["GET /busy"]      = { status = 429, headers = { ["Retry-After"] = "3600" }, text = "not so fast" },
  ["GET /silent"]    = { fault = "timeout" },
  ["GET /refused"]   = { fault = "refused" },
  ["GET /cut"]       = { fault = "cut", text = ("x"):rep(1000) },
  ["GET /circle"]    = { status = 302, headers = { Location = "/circle" } },
  ["GET /charset"]   = { headers = UTF8, body = "p\xe4iv\xe4" },
  ["GET /json/cut"]  = { headers = JSON, body = '{"sum": 12.30, "lines": [1, 2' },
  ["GET /json/page"] = { headers = { ["Content-Type"] = "text/html" }, body = "<html><body>Log in</body></html>" },
})
