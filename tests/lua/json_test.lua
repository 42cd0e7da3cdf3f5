local decimal = require "decimal"
local json = require "json"

local function raised(f, ...)
  local done, fault = pcall(f, ...)
  assert(not done, "nothing was raised")
  return tostring(fault)
end

local function equal(got, expected)
  if got ~= expected then
    error(("expected %s, got %s"):format(tostring(expected), tostring(got)), 2)
  end
end

local function mentions(text, part)
  if not text:find(part, 1, true) then
    error(("%s is not in: %s"):format(part, text), 2)
  end
end

local tests = {}

tests["no integer is ever rounded"] = function()
  local list = json.decode [[
    [9223372036854775807, -9223372036854775808, 9223372036854775808, 123456789012345678901234567890]
  ]]
  equal(list[1], math.maxinteger)
  equal(list[2], math.mininteger)
  equal(list[3], decimal "9223372036854775808")
  equal(tostring(list[4]), "123456789012345678901234567890")
end

tests["fractions are binary numbers, exact decimals on request"] = function()
  local text = '{"sum": 12.30, "count": 3}'
  equal(json.decode(text).sum, 12.3)
  equal(math.type(json.decode(text).count), "integer")
  local exact = json.decode(text, { numbers = "decimal" })
  equal(tostring(exact.sum), "12.30")
  assert(decimal.is(exact.count) and exact.count:equals(3))
  assert(decimal.is(json.decode("1e400")))
  raised(json.decode, text, { numbers = "exact" })
  raised(json.decode, text, { number = "decimal" })
end

tests["null is json.null, or nothing on request"] = function()
  local value = json.decode '{"a": null, "b": [null, 1]}'
  equal(value.a, json.null)
  equal(tostring(json.null), "null")
  equal(json.encode(value), '{"a":null,"b":[null,1]}')
  value = json.decode('{"a": null, "b": [null, 1]}', { nulls = false })
  equal(value.a, nil)
  equal(value.b[1], json.null)
end

tests["what is read is written again as it was"] = function()
  for _, text in ipairs {
    '{"a":{},"b":[],"c":[1,2.5,"ä\\n\\u0000"],"d":true,"e":12345678901234567890}',
    "[[[]]]", '"x"', "false", "-5", '{"":{"":{}}}',
  } do
    equal(json.encode(json.decode(text)), text)
  end
end

tests["names are written in order"] = function()
  equal(json.encode { b = 1, a = 2, ["ä"] = 3, B = 4 }, '{"B":4,"a":2,"b":1,"ä":3}')
  equal(json.encode({ b = { 1 }, a = {} }, { pretty = true }), '{\n  "a": [],\n  "b": [\n    1\n  ]\n}')
end

tests["decimals are written with their digits"] = function()
  equal(json.encode { sum = decimal "12.30", long = decimal "12345678901234567890.10" },
    '{"long":12345678901234567890.10,"sum":12.30}')
end

tests["an empty table is a list, unless it is marked"] = function()
  equal(json.encode {}, "[]")
  equal(json.encode(json.object {}), "{}")
  equal(json.encode(json.object()), "{}")
  equal(json.encode(json.array {}), "[]")
  mentions(raised(json.encode, { lines = json.object { 1 } }), "lines")
end

tests["what JSON has no form for is named with its place"] = function()
  mentions(raised(json.encode, { lines = { { sum = 0 / 0 } } }), "lines[1].sum")
  mentions(raised(json.encode, { a = { tostring } }), "a[1]")
  mentions(raised(json.encode, { name = "\xFF" }), "name")
  raised(json.encode, { 1, 2, a = 3 })
  mentions(raised(json.encode, { 1, nil, 3, [5] = 1 }), "5")
  raised(json.encode, { [1.5] = 1 })
  raised(json.encode, nil)
  local circle = {}
  circle.circle = circle
  raised(json.encode, circle)
end

tests["what is no JSON is told with line and column"] = function()
  local said = raised(json.decode, '{"a": 1,\n "b": 01}')
  mentions(said, "line 2")
  mentions(said, "column 7")
  mentions(raised(json.decode, "<html>"), "web page")
  raised(json.decode, "")
  raised(json.decode, "{'a': 1}")
  raised(json.decode, "NaN")
  raised(json.decode, ("["):rep(65) .. ("]"):rep(65))
  raised(json.decode, 5)
end

tests["dates are written in ISO 8601"] = function()
  local date = require "date"
  equal(json.encode { due = date(2026, 3, 31) }, '{"due":"2026-03-31"}')
  equal(json.encode { date.month "2026-03", date.instant "2026-03-31T12:00:00+03:00" },
    '["2026-03","2026-03-31T12:00:00+03:00"]')
end

tests["of names that come twice the last one counts"] = function()
  equal(json.decode('{"a": 1, "a": 2}').a, 2)
end

return tests
