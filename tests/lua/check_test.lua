-- What `renki check` finds in a robot: small sources, and what must be said of each line.
local test = require "test"

local function names(list)
  local set = {}
  for name in list:gmatch "%S+" do set[name] = true end
  return set
end

-- Modules with a few of their functions, so that what is found does not hang on what the library has today.
local MODULES = {
  decimal = names "parse sum", http = names "client get post all", mail = names "send", sheet = names "open create",
  text = names "read lines write trim", test = names "case", fake = names "system",
}

local function findings(robot)
  local found = {}
  for _, finding in ipairs(test.check {
    sources = robot.sources or { ["robot.lua"] = robot[1] },
    manifest = robot.manifest, files = robot.files, problems = robot.problems, modules = MODULES,
  }) do
    table.insert(found, ("%s:%d %s %s"):format(finding.file, finding.line, finding.severity, finding.code))
    assert(#finding.text > 5 and finding.kind == "check")
  end
  return found
end

local function expect(robot, ...)
  local found, expected = table.concat(findings(robot), "\n"), table.concat({ ... }, "\n")
  if found ~= expected then
    error(("%s\nexpected:\n%s\nfound:\n%s"):format(robot[1] or "", expected, found), 2)
  end
end

-- { source, finding, … } each: "LINE SEVERITY CODE" of robot.lua.
local function expect_all(cases)
  for _, case in ipairs(cases) do
    local expected = {}
    for i = 2, #case do expected[i - 1] = "robot.lua:" .. case[i] end
    expect({ case[1], manifest = case.manifest }, table.unpack(expected))
  end
end

local function told(source, manifest)
  local all = test.check { sources = { ["robot.lua"] = source }, modules = MODULES, manifest = manifest }
  return all[1].text .. " " .. all[1].hint
end

local function mentions(text, part)
  if not text:find(part, 1, true) then error(("%s is not in: %s"):format(part, text), 2) end
end

local tests = {}

tests["what Lua can't read is told once a file, with its line"] = function()
  expect_all {
    { "local a = 1\nif a == 1 than\nend\n", "2 error SYNTAX_EXPECTED" },
    { "local a = 'x\n", "1 error SYNTAX_TEXT" },
    { "for i = 1, 2 do\n", "2 error SYNTAX_OPEN" },
    { "\nreturn " .. ("("):rep(300), "1 error LUA_STACK" },
    { "goto nowhere", "1 error SYNTAX_OTHER" },
    { "return 1\nprint(2)", "2 error SYNTAX_UNEXPECTED" },
  }
end

tests["all of Lua's language is read"] = function()
  expect_all {
    { [====[
local a <const>, b <close> = 0x1p4 + 1e-3 .. "", nil
local t = { 1, 2; x = 3, ["y"] = 4, [a] = 5, f = function(...) return select("#", ...) end, ... }
function t.g(x) return x, not x, -x, #t, ~1 end
function t.h.i:j(x) self.x = x; return self end
for i = 1, 10, 2 do if i > 3 then goto continue elseif i < 2 then break else print(i) end ::continue:: end
for k, v in pairs(t) do while k do repeat local z = v until z; break end end
do local s = [==[
]] \]==] .. '\z
   \x41\u{20AC}\065\'\
' print(s:upper(), ("%d"):format(1), t.h"x"{ 1 }[1]) end
return 1 + 2 * 3 ^ 2 // 4 % 5 / 6 & 7 | 8 ~ 9 << 1 >> 2, a == 1 and b ~= 2 or t <= 3, ...
-- the end]====] },
    { "#!x\nlocal a = 1", "1 error SYNTAX_UNEXPECTED" },
    { "print(1)\r\nprint(totla)\r\n\n\rprint(otal)",
      "2 error NAME_UNKNOWN_AT_ALL", "4 error NAME_UNKNOWN_AT_ALL" },
    { "--[[ a\nb ]] print(totla) --[=[ ]] ]=] print(x)",
      "2 error NAME_UNKNOWN_AT_ALL", "2 error NAME_UNKNOWN_AT_ALL" },
  }
end

tests["names that are not known are told with the nearest that is"] = function()
  expect_all {
    { "local total = 1\nprint(totla, total)", "2 error NAME_UNKNOWN" },
    { "do local total = 1; print(total) end\nprint(totla)", "2 error NAME_UNKNOWN_AT_ALL" },
    { "prinnt(1)", "1 error NAME_UNKNOWN" },
    { "print(decimal('1'))", "1 error NAME_IS_MODULE" },
    { "print(test)", "1 error NAME_UNKNOWN" },
    { "os.execute('x')\nio.open('x')", "1 error FIELD_UNKNOWN_OF", "2 error NAME_REMOVED" },
    { "local _ENV = {}\nprint(anything)" },
    { "local f = function(total) return totol end print(f)", "1 error NAME_UNKNOWN" },
  }
  mentions(told "local total = 1 print(totla, total)", '"total"')
  mentions(told "print(decimal('1'))", 'local decimal = require "decimal"')
end

tests["a name that gets a value without being declared"] = function()
  expect_all {
    { "total = 1\nprint(total)", "1 warning CHECK_GLOBAL_NEW" },
    { "local total = 0\ntotla = total + 1", "2 warning CHECK_GLOBAL_NEAR" },
    { "function help() end\nhelp()", "1 warning CHECK_GLOBAL_FUNCTION" },
    { "run = 1", "1 warning CHECK_RUN_HIDDEN" },
    { "local run = 1 print(run)", "1 warning CHECK_RUN_HIDDEN" },
    { "print(function(run) return run end)", "1 warning CHECK_RUN_HIDDEN" },
  }
end

tests["modules that are not there"] = function()
  expect_all {
    { "local x = require 'decimel' print(x)", "1 error MODULE_UNKNOWN" },
    { "local x = require 'socket' print(x)", "1 error MODULE_UNKNOWN_OF" },
    { "local x = require '../x' print(x)", "1 error MODULE_NAME" },
    { "local n = 'x' print(require(n))", "1 warning CHECK_REQUIRE_COMPUTED" },
    { "local t = require 'fake' print(t)", "1 error MODULE_UNKNOWN_OF" },
  }
end

tests["modules of the workplace are read with the robot that requires them"] = function()
  expect({ sources = {
    ["robot.lua"] = "local v = require 'lib.vat'\nv.check(1)\nv.chek(1)\nprint(v.other)",
    ["lib/vat.lua"] = "local w = require 'lib.words'\nlocal vat = {}\n" ..
      "function vat.check(x) return x, w, y end\nreturn vat",
    ["lib/words.lua"] = "local vat = require 'lib.vat'\nreturn { vat = vat, z }",
    ["lib/unasked.lua"] = "print(y)",
  } }, "robot.lua:3 error FIELD_UNKNOWN", "lib/vat.lua:3 error NAME_UNKNOWN",
    "lib/words.lua:2 error NAME_UNKNOWN_AT_ALL")
  expect({ sources = { ["robot.lua"] = "local v = require 'lib.wat' print(v)", ["lib/vat.lua"] = "return 1" } },
    "robot.lua:1 error MODULE_UNKNOWN")
  expect({ sources = { ["robot.lua"] = "local v = require 'lib.vat' v.x()", ["lib/vat.lua"] = "return (" } },
    "lib/vat.lua:1 error SYNTAX_UNEXPECTED")
end

tests["fields and methods that are not there"] = function()
  expect_all {
    { "local d = require 'decimal'\nprint(d.pars '1')", "2 error FIELD_UNKNOWN" },
    { "local d = require 'decimal'\nd.x = 1\nstring.y = 2", "2 error FIELD_FIXED", "3 error FIELD_FIXED" },
    { "local sum = (require 'decimal') '1'\nprint(sum:ronud(2))", "2 error FIELD_UNKNOWN" },
    { "print(string.fromat('x'), ('x'):upperr())", "1 error FIELD_UNKNOWN", "1 error FIELD_UNKNOWN" },
    { "run:eech({}, {}, print)\nrun:log 'x'\nrun.nmber = run.number", "1 error FIELD_UNKNOWN", "3 error FIELD_FIXED" },
    { "run.log 'x'\nrun.log(run, 'x')", "1 error METHOD_DOT" },
    { "print(run.input)", "1 error FIELD_UNKNOWN" },
    { "local d = require 'decimal'\nlocal x = d\nx = 1\nprint(x.anything)" },
  }
end

tests["variables and functions that nobody uses"] = function()
  expect_all {
    { "local a, b = 1, 2\nprint(b)", "1 warning CHECK_VARIABLE_UNUSED" },
    { "local a = 1\na = 2", "1 warning CHECK_VARIABLE_UNUSED" },
    { "local d = require 'decimal'", "1 warning CHECK_MODULE_UNUSED" },
    { "local function f() end\nlocal _x = 1\nlocal x <close> = nil", "1 warning CHECK_FUNCTION_UNUSED" },
    { "for i, x in pairs {} do print(x) end print(function(a) end)" },
  }
end

tests["lines that are never reached"] = function()
  expect_all {
    { "do return end\nprint(1)\nprint(2)", "2 warning CHECK_UNREACHABLE" },
    { "while true do\nbreak\nprint(1) end", "3 warning CHECK_UNREACHABLE" },
    { "if run then error 'x' else run:fail 'y' end\nprint(1)", "2 warning CHECK_UNREACHABLE" },
    { "if run then error 'x' end\nprint(1)" },
    { "for i = 1, 2 do goto on; ::on:: print(i) end" },
    { "for i = 1, 2 do goto on\nprint(1)\n::on:: print(i) end", "2 warning CHECK_UNREACHABLE" },
  }
end

tests["money is reckoned with as decimals"] = function()
  local d = "local decimal = require 'decimal'\nlocal sum = decimal '1'\n"
  expect_all {
    { d .. "print(sum / 3)", "3 error DECIMAL_SLASH" },
    { d .. "print(sum * 1.24, sum + 1, 2 * sum)", "3 error DECIMAL_FLOAT" },
    { d .. "print(sum + '1')", "3 error DECIMAL_OPERAND" },
    { d .. "print(decimal(0.1), decimal(1), sum)", "3 error DECIMAL_FLOAT" },
    { d .. "if sum == 0 then print(sum ~= '1', sum < 0, sum == decimal '0') end",
      "3 warning CHECK_NEVER_EQUAL", "3 warning CHECK_NEVER_EQUAL" },
    { d .. "for _, x in pairs {} do sum = sum + x end\nif sum:abs() == 0 then return end",
      "4 warning CHECK_NEVER_EQUAL" },
    { d .. "sum = 5\nprint(sum == 0, sum / 2)" },
    { "local sum = 0\nfor _, x in pairs {} do sum = sum + x end\nprint(sum == 0)" },
    { "print(run.inputs.sum == 0, run.inputs.period, run.inputs.lines)", "1 warning CHECK_NEVER_EQUAL",
      manifest = { inputs = { period = { type = "month" }, sum = { type = "decimal" }, lines = { type = "file" } } },
    },
  }
end

tests["inputs that the manifest does not declare, and declared ones that nobody uses"] = function()
  local manifest = { inputs = { period = { type = "month" } } }
  local source = "return {\n  inputs = {\n    period = { type = 'month' },\n  },\n}"
  expect({ "print(run.inputs.perod)", manifest = manifest }, "robot.lua:1 error FIELD_UNKNOWN")
  expect({ "print(run.inputs.x)", manifest = manifest }, "manifest.lua:1 warning CHECK_INPUT_UNUSED",
    "robot.lua:1 error FIELD_UNKNOWN_OF")
  expect({ manifest = manifest, sources = { ["robot.lua"] = "print(1)", ["manifest.lua"] = source } },
    "manifest.lua:3 warning CHECK_INPUT_UNUSED")
  expect({ "local given = run.inputs print(given.period)", manifest = manifest })
  expect({ "for name in pairs(run.inputs) do print(name) end", manifest = manifest })
  expect({ "local r = run print(r.inputs.period)", manifest = manifest })
end

tests["what is wrong with the manifest, with its line"] = function()
  local source = "return {\n  title = 'x',\n  inputs = {\n    period = {\n      type = 'moth' } },\n" ..
    "  permits = { http = {\n    { 'GET', 'https://a.example/*' },\n    { 'GTE', 'https://a.example/*' },\n  } },\n" ..
    "  limits = { memory = '9 GB' },\n}"
  local function problem(code, where, ...) return { code = code, where = where, arguments = { ... } } end
  local robot = { sources = { ["robot.lua"] = "print(run.inputs.x, y)", ["manifest.lua"] = source }, problems = {
    problem("MANIFEST_MISSING", "manifest.lua", "owner"),
    problem("MANIFEST_CHOICE", "manifest.lua", "inputs.period.type", "moth", "month"),
    problem("PERMIT_METHOD", "manifest.lua, permits", "2", "GTE", "GET"),
    problem("MANIFEST_LIMIT", "manifest.lua", "memory", "9 GB", "4 GB"),
    problem("READ_ERROR", "manifest.lua, line 4", "x"),
  } }
  expect(robot, "manifest.lua:1 error MANIFEST_MISSING", "manifest.lua:4 error READ_ERROR",
    "manifest.lua:5 error MANIFEST_CHOICE", "manifest.lua:8 error PERMIT_METHOD",
    "manifest.lua:10 error MANIFEST_LIMIT",
    "robot.lua:1 error NAME_UNKNOWN_AT_ALL")
  expect({ sources = { ["robot.lua"] = "print(1)", ["manifest.lua"] = "return {\n  inputs = {\n}" },
    problems = { problem("READ_SYNTAX", "manifest.lua, line 3", "x") } }, "manifest.lua:3 error SYNTAX_OPEN")
end

local ASKED = "local http = require 'http'\n"
local HTTP = ASKED .. "local ledger = http.client { base = 'https://ledger.example/api', login = 'ledger' }\n"
local GET = { permits = { http = { { "GET", "https://ledger.example/api/*", login = "ledger" } } } }

tests["calls that no permit covers"] = function()
  expect_all {
    { HTTP .. "ledger:get('/x/{id}', { id = 1 })", manifest = GET },
    { HTTP .. "for _ in ledger:pages '/x' do end\nledger:get('/a?b=1')", manifest = GET },
    { HTTP .. "ledger:post('/x')\nledger:get '/x'", "3 error PERMIT_NONE", manifest = GET },
    { HTTP .. "local id = '1'\nledger:delete('/x/' .. id)\nledger:get('/' .. id)",
      "4 error PERMIT_NONE", manifest = GET },
    { ASKED .. "http.get 'https://other.example/'\nhttp.get 'https://ledger.example/api/'",
      "2 error PERMIT_NONE", manifest = GET },
    { ASKED .. "local c = http.client { base = 'https://ledger.example/api', login = 'root' }\nc:get '/x'",
      "3 error PERMIT_LOGIN", manifest = GET },
    { ASKED .. "local c = http.client { base = run.robot }\nc:get '/x'", manifest = GET },
    { ASKED .. "local c = http.client { base = 'https://' .. run.robot .. '/' }\nc:get '/x'", manifest = GET },
    { HTTP .. "ledger:request('PUT', '/x')\nhttp.all { ledger:call('DELETE', 'y'), 'https://other.example/' }",
      "3 error PERMIT_NONE", "4 error PERMIT_NONE", "4 error PERMIT_NONE", manifest = GET },
    { HTTP .. "ledger.get '/x'\nledger:gett '/x'\nledger.get(ledger, '/x')",
      "3 error METHOD_DOT", "4 error FIELD_UNKNOWN", manifest = GET },
    { "local http = require 'htp'\nprint(http.get 'x')", "1 error MODULE_UNKNOWN", manifest = GET },
    { HTTP .. "local c = ledger\nc:post '/x'\nprint(c)", "4 error PERMIT_NONE", manifest = GET },
  }
  mentions(told(HTTP .. "ledger:post('/x/{id}')", GET), "POST https://ledger.example/api/x/…")
end

tests["permits that nothing needs"] = function()
  local source = "return {\n  permits = {\n    http = {\n      { 'GET', 'https://a.example/*' },\n" ..
    "      { 'PUT', 'https://a.example/*' },\n    },\n  },\n}"
  local manifest = { permits = { http = { { "GET", "https://a.example/*" }, { "PUT", "https://a.example/*" } } } }
  local function expect_of(robot, ...)
    expect({ manifest = manifest, sources = { ["robot.lua"] = robot, ["manifest.lua"] = source } }, ...)
  end
  expect_of("local http = require 'http'\nhttp.get 'https://a.example/x'", "manifest.lua:5 warning CHECK_PERMIT_UNUSED")
  expect_of("print(1)", "manifest.lua:4 warning CHECK_PERMIT_UNUSED", "manifest.lua:5 warning CHECK_PERMIT_UNUSED")
  expect_of "local http = require 'http'\nhttp.get(run.robot)"
  expect_of "local http = require 'http'\nprint(http)"
  expect_of "local http = require 'http'\nlocal c = http.client { base = 'https://a.example' }\nprint(c)"
  expect_of "local http = require 'http'\nlocal get = http.get\nget 'x'"
  expect({ "print(1)", manifest = { permits = { mail = { to = { "*@a.example" } }, shares = { inbox = "read" } } } },
    "manifest.lua:1 warning CHECK_PERMIT_UNUSED", "manifest.lua:1 warning CHECK_PERMIT_UNUSED")
end

tests["mail goes to whom the manifest names"] = function()
  local mail = { permits = { mail = { to = { "*@finance.example" } } } }
  expect_all {
    { "local mail = require 'mail'\nmail.send { to = 'a@finance.example', cc = { 'Desk <b@finance.example>' } }",
      manifest = mail },
    { "local mail = require 'mail'\nmail.send {\n  to = 'a@finance.example',\n  bcc = { 'b@other.example' } }",
      "4 error MAIL_RECIPIENT", manifest = mail },
    { "local mail = require 'mail'\nlocal desk = 'a@other.example'\nmail.send { to = desk }",
      "3 error MAIL_RECIPIENT", manifest = mail },
    { "local mail = require 'mail'\nmail.send { to = run.robot }", manifest = mail },
  }
end

tests["files that will not be there"] = function()
  local shares = { permits = { shares = { outbox = "write" } } }
  expect_all {
    { "local sheet = require 'sheet'\nsheet.open 'x.xlsx'", "2 warning CHECK_FILE_UNKNOWN", manifest = {} },
    { "local sheet = require 'sheet'\nsheet.create 'x.xlsx'\nsheet.open 'x.xlsx'", manifest = {} },
    { "local sheet = require 'sheet'\nsheet.create('x-' .. run.number .. '.xlsx')\nsheet.open 'x-1.xlsx'",
      manifest = {} },
    { "local http, text = require 'http', require 'text'\nhttp.get(run.robot):save 'x'\ntext.read 'x'", manifest = {} },
    { "local text = require 'text'\ntext.write('/shares/outbox/x', '1')\ntext.read '/shares/inbox/x'",
      "3 error CHECK_SHARE", manifest = shares },
  }
end

tests["files of the robot that nothing reaches, and those that are missing"] = function()
  local helper = { ["robot.lua"] = "print(1)", ["helper.lua"] = "return 1" }
  expect({ sources = helper, files = { "robot.lua", "README.md" } },
    "manifest.lua:1 warning CHECK_TESTS_MISSING", "helper.lua:1 warning CHECK_FILE_UNREACHABLE")
  local tested = "local test = require 'test'\nlocal run = test.case\nrun(x)"
  expect({ sources = { ["robot.lua"] = "print(1)", ["tests/a.lua"] = tested }, files = { "robot.lua", "tests/a.lua" } },
    "manifest.lua:1 warning CHECK_README_MISSING", "tests/a.lua:3 error NAME_UNKNOWN_AT_ALL")
end

tests["hostile sources cost no more than their length"] = function()
  local function long(part, count) return part:rep(count) end
  for _, source in ipairs {
    "local a = 'x'\n" .. long("a = a .. a\n", 5000),
    "local a0 = 'x'\n" .. (function()
      local lines = {}
      for i = 1, 190 do lines[i] = ("local a%d = a%d .. a%d\n"):format(i, i - 1, i - 1) end
      return table.concat(lines) .. "require(a190)"
    end)(),
    "local a = 1" .. long(" + 1", 20000) .. "\nprint(a)",
    "print(string" .. long(".x", 20000) .. ")",
    "print(x)\n" .. long("print(y + z)\n", 5000),
    "local f = " .. long("function() return ", 150) .. "1 " .. long("end ", 150) .. "\nprint(f)",
    "local t = " .. long("{", 150) .. long("}", 150) .. "\nprint(t)",
    "local s = '" .. long("\\120", 50000) .. "' print(s)",
    "local s = [[" .. long("]=]\n", 50000) .. "]] print(s)",
    long("--[==[ ]=] \n]==]", 10000),
  } do
    test.check { sources = { ["robot.lua"] = source }, modules = MODULES }
  end
  assert(#test.check { sources = { ["robot.lua"] = long("print(y, z)\n", 5000) }, modules = MODULES } == 201)
end

return tests
