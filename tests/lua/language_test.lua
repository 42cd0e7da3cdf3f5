-- What robots may name, and what they read when something is wrong.
local test = require "test"

-- The message of what f raises, with its hint.
local function told(f)
  local fault = test.raises(f)
  return fault.hint == "" and fault.message or fault.message .. " " .. fault.hint
end

test.case("what could load code or reach outside is not there", function()
  for _, name in ipairs {
    "load", "loadfile", "dofile", "debug", "io", "package", "coroutine", "warn", "getmetatable",
  } do
    test.equal(rawget(_G, name), nil, name)
  end
  test.equal(rawget(string, "dump"), nil)
  local names = {}
  for name in pairs(os) do table.insert(names, name) end
  table.sort(names)
  test.equal(names, { "clock", "date", "difftime", "time" })
end)

test.case("no value shows its address", function()
  local values = { {}, print, string.format("%s %s", {}, print), tostring(test), tostring(require "decimal") }
  for _, value in ipairs(values) do
    test.equal(tostring(value):find "0x", nil)
  end
  test.raises(function() return ("%p"):format {} end, "invalid conversion")
  test.raises(function() math.randomseed() end, "seed")
end)

test.case("dates and amounts are joined to texts, tables are not", function()
  local date, decimal = require "date", require "decimal"
  local joined = "of " .. date.month "2026-10" .. ": " .. decimal "1.50" .. " " .. date "31.10.2026"
  test.equal(joined, "of 2026-10: 1.50 2026-10-31")
  test.contains(told(function() return decimal "1" .. {} end), "a table")
  test.contains(told(function() return date.month "2026-10" .. print end), "a function")
end)

test.case("two numbers at random are not those of another run", function()
  local drawn = {}
  for i = 1, 8 do drawn[i] = math.random(0) end
  test.equal(#drawn, 8)
  test.equal(drawn[1] == drawn[2] and drawn[2] == drawn[3], false)
end)

test.case("a robot can't put a finalizer on a table", function()
  test.raises(function() setmetatable({}, { __gc = print }) end, "__gc")
end)

test.case("what a robot does to string is not seen by texts", function()
  local kept = string.upper
  string.upper = function() return "changed" end
  local seen = ("a"):upper()
  string.upper = kept
  test.equal(seen, "A")
end)

test.case("an unknown name suggests the nearest one in sight", function()
  local invoices = { 1 }
  test.equal(told(function() return invoces, invoices end), '"invoces" is not known here. Did you mean "invoices"?')
  test.contains(told(function() return strng end), 'Did you mean "string"?')
  test.contains(told(function() return decimal end), 'local decimal = require "decimal"')
  test.contains(told(function() return io end), "not available to robots")
  test.contains(told(function() return qqqqqq end), "local qqqqqq =")
end)

test.case("an unknown field or module suggests the nearest one", function()
  local decimal = require "decimal"
  test.equal(told(function() return decimal.parze end), 'decimal has nothing called "parze". Did you mean "parse"?')
  test.contains(told(function() return decimal "1":roundd(2) end), 'Did you mean "round"?')
  test.contains(told(function() return ("x"):uper() end), 'Did you mean "upper"?')
  test.contains(told(function() require "decimol" end), 'Did you mean "decimal"?')
  test.contains(told(function() require "../secret" end), "can't be a module's name")
  test.contains(told(function() decimal.mine = 1 end), "can't be changed")
end)

test.case("Lua's own messages are told in plain words", function()
  local row, text, list = nil, "x", {}
  local function deep() return 1 + deep() end
  local cases = {
    { function() return row.Sum end, "There is nothing in `row`, so its `Sum` can't be read." },
    { function() return row[1] end, "There is nothing in `row`, so nothing can be read from it." },
    { function() return list.a.b end, "There is nothing in `a`, so its `b` can't be read." },
    { function() return (1).x end, "A field is read here from a number." },
    { function() row() end, "`row` is called like a function, but it is nothing (nil)." },
    { function() list:go() end, "There is no function `go` to be called with a colon here." },
    { function() return list + 1 end, "`list` can't be reckoned with: it is a table." },
    { function() return "a" .. list end, "`list` can't be joined to a text with `..`: it is a table." },
    { function() return 1 < text end, "These two can't be compared: a number and a text." },
    { function() return list < list end, "These two can't be compared: a table and a table." },
    { function() return #row end, "`#row` has no length: `row` is nothing (nil)." },
    { function() for _ in pairs(row) do return end end, "`for … in` can't walk over nothing (nil)." },
    { function() for _ in list do return end end, "`for … in` can't walk over a table." },
    { function() for _ = 1, text do return end end, "The limit of this `for` must be a number." },
    { function() for _ = 1, 2, 0 do return end end, "The step of this `for` is zero: it would never end." },
    { function() return 1 // 0 end, "A whole number is divided by zero here." },
    { function() return 1.5 | 1 end, "A whole number is needed here, but the number has decimals." },
    { function() list[row] = 1 end, "A table is given a value under a name that is missing." },
    { function() return ("x"):rep(list) end, "rep: argument 1 must be a number, but it is a table." },
    { function() return table.concat { 1, {} } end, "table.concat: the value at place 2 is no text." },
    { function() table.sort({ 3, 1, 2, 5, 4 }, function() return true end) end,
      "table.sort: the order is not consistent." },
    { deep, "Functions call each other without end." },
    { function() error() end, "The robot called error() without saying what is wrong." },
    { function() error { code = 5 } end, "{ code = 5 }" },
    { function() error { message = "own words" } end, "own words" },
    { function() error("plain words", 0) end, "plain words" },
    { function() error(setmetatable({}, { __tostring = function() return "its own text" end })) end, "its own text" },
    { function() error(setmetatable({}, { __tostring = function() error "no text" end })) end, "table" },
  }
  for i, case in ipairs(cases) do
    test.equal(test.raises(case[1]).message, case[2], "case " .. i)
  end
end)

test.case("an error names the robot's own line, also when a module raises it", function()
  local decimal = require "decimal"
  local fault = test.raises(function()
    return decimal.parse "no number"
  end)
  test.equal(fault.source, "tests/language_test.lua")
  test.equal(fault.line, 120)
end)

test.case("a robot's own error keeps what it is when it is caught and thrown again", function()
  local fault = test.raises(function()
    local _, caught = pcall(function() run:fail "closed today" end)
    error(caught)
  end)
  test.contains(fault.message, "run")
end)
