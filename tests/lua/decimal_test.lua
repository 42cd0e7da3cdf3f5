local decimal = require "decimal"

-- The text of what a call raises.
local function raised(f, ...)
  local done, fault = pcall(f, ...)
  assert(not done, "nothing was raised")
  return tostring(fault)
end

local function equal(got, expected)
  if tostring(got) ~= expected then
    error(("expected %s, got %s"):format(expected, tostring(got)), 2)
  end
end

local function mentions(text, part)
  if not text:find(part, 1, true) then
    error(("%s is not in: %s"):format(part, text), 2)
  end
end

local tests = {}

tests["a wrong argument is named as the documentation names it"] = function()
  mentions(raised(function() return decimal("1"):divide(3, "two") end), "places")
  mentions(raised(function() return decimal("1"):divide("three", 2) end), "by")
  mentions(raised(function() return decimal.parse(12) end), "text")
end

tests["ten cents ten times are one"] = function()
  local sum = decimal "0"
  for _ = 1, 10 do
    sum = sum + decimal "0.10"
  end
  equal(sum, "1.00")
  assert(sum == decimal "1")
end

tests["decimals compute with decimals and whole numbers"] = function()
  local price = decimal "12.30"
  equal(price + 1, "13.30")
  equal(1 + price, "13.30")
  equal(price - decimal "0.305", "11.995")
  equal(2.0 * price, "24.60")
  equal(-price, "-12.30")
  equal(price ^ 2, "151.2900")
  equal("sum " .. price .. " €", "sum 12.30 €")
end

tests["whole division and rest are Lua's"] = function()
  for _, case in ipairs { { 7, 2 }, { -7, 2 }, { 7, -2 }, { -7, -2 } } do
    local a, b = case[1], case[2]
    assert((decimal(a) // b):to_integer() == a // b)
    assert((decimal(a) % b):to_integer() == a % b)
  end
  equal(decimal "6.35" % decimal "0.9", "0.05")
end

tests["comparing goes by worth"] = function()
  assert(decimal "12.30" == decimal "12.3")
  assert(decimal "12.30" ~= decimal "12.31")
  assert(decimal "12.30" < 13 and 12 < decimal "12.30" and decimal "12" <= 12 and decimal "12" >= 12)
  assert(decimal("12.00"):equals(12) and not decimal("12.01"):equals(12))
  assert(decimal("0.00"):is_zero())
end

tests["a slash says what to write instead"] = function()
  mentions(raised(function() return decimal "1" / 3 end), "/")
end

tests["binary fractions are refused, and so is text that was not made a number"] = function()
  mentions(raised(decimal, 0.1), "0.1")
  mentions(raised(function() return decimal "1" + 0.5 end), "0.5")
  mentions(raised(function() return decimal "1" + "2" end), "2")
  raised(function() return "1" + decimal "2" end)
  raised(function() return decimal "1" + nil end)
  raised(function() return decimal "1" < "2" end)
  equal(decimal(3.0), "3")
end

tests["text that is no number is named"] = function()
  mentions(raised(decimal, "12,30"), "12,30")
  mentions(raised(decimal, ""), "number")
  mentions(raised(decimal), "value")
  raised(decimal, {})
  raised(decimal, true)
end

tests["dividing has the places that were asked for"] = function()
  equal(decimal("100"):divide(3, 2), "33.33")
  equal(decimal("200"):divide(3, 2), "66.67")
  equal(decimal("200"):divide(decimal "3", 2, "down"), "66.66")
  equal(decimal("1"):divide(8, 2, "half-even"), "0.12")
  raised(decimal("1").divide, decimal "1", 3)
  raised(decimal("1").divide, decimal "1", 0, 2)
  mentions(raised(decimal("1").divide, decimal "1", 3, 2, "half-upp"), "half-up")
end

tests["rounding is half away from zero unless told otherwise"] = function()
  equal(decimal("2.345"):round(2), "2.35")
  equal(decimal("-2.345"):round(2), "-2.35")
  equal(decimal("2.345"):round(2, "half-even"), "2.34")
  equal(decimal("2.5"):round(), "3")
  equal(decimal("1250"):round(-2), "1300")
  equal(decimal("5"):round(2), "5.00")
end

tests["a zero has no sign"] = function()
  equal(decimal("-0.004"):round(2), "0.00")
  equal(-decimal "0", "0")
end

tests["amounts are read as people write them"] = function()
  for written, expected in pairs {
    ["1 234,56 €"] = "1234.56",
    ["1,234.56"] = "1234.56",
    ["1.234,56-"] = "-1234.56",
    ["−12,50"] = "-12.50",
    ["(12.50) EUR"] = "-12.50",
    ["1\u{A0}234"] = "1234",
  } do
    equal(decimal.parse(written), expected)
  end
  mentions(raised(decimal.parse, "1.234"), "1.234")
  equal(decimal.parse("1.234", { point = "," }), "1234")
  equal(decimal.parse("1.234", { point = "." }), "1.234")
  raised(decimal.parse, "1.234", { point = ";" })
  raised(decimal.parse, "1.234", { pont = "," })
  raised(decimal.parse, "twelve")
end

tests["amounts are written as people read them"] = function()
  local sum = decimal "-1234567.8"
  equal(sum:format { places = 2, currency = "€" }, "−1\u{A0}234\u{A0}567,80\u{A0}€")
  equal(sum:format { places = 2, currency = "€", language = "en" }, "-€1,234,567.80")
  equal(sum:format { thousands = "", point = ".", minus = "-" }, "-1234567.8")
  equal(decimal("1234.5"):format(), "1\u{A0}234,5")
  equal(decimal("2.345"):format { places = 2, rounding = "down" }, "2,34")
  raised(sum.format, sum, { language = "de" })
  raised(sum.format, sum, { plases = 2 })
end

tests["lists are summed, also by a field"] = function()
  equal(decimal.sum { decimal "1.10", 2, decimal "3" }, "6.10")
  equal(decimal.sum {}, "0")
  equal(decimal.sum({ { Sum = decimal "5.00" }, { Sum = decimal "-0.01" } }, "Sum"), "4.99")
  mentions(raised(decimal.sum, { 1, "x" }), "2")
  raised(decimal.sum, { 0.5 })
  raised(decimal.sum, { {} }, "Sum")
end

tests["the least and the greatest are found among many"] = function()
  equal(decimal.min(3, decimal "2.5", 7), "2.5")
  equal(decimal.max(3, decimal "2.5", decimal "7.00"), "7.00")
  raised(decimal.min)
end

tests["leaving the decimals is exact or refused"] = function()
  assert(math.type(decimal("12.00"):to_integer()) == "integer")
  mentions(raised(decimal("12.30").to_integer, decimal "12.30"), "12.30")
  raised(decimal("1").to_integer, decimal "9223372036854775808")
  assert(decimal("12.30"):to_number() == 12.3)
  assert(decimal("12.30"):places() == 2 and decimal("12"):places() == 0)
  equal(decimal("1200"):reduce():scientific(), "1.2E+3")
  assert(decimal("-5"):sign() == -1 and decimal("0.0"):sign() == 0)
  equal(decimal("-5"):abs(), "5")
  assert(decimal.is(decimal "1") and not decimal.is(1) and not decimal.is("1"))
end

tests["a misspelt method is answered with the right one"] = function()
  local _, fault = pcall(function() return decimal("1"):rownd(2) end)
  mentions(fault.hint, "round")
end

tests["no power takes for ever"] = function()
  raised(function() return decimal "9.99" ^ 9999 end)
  raised(function() return decimal "2" ^ -1 end)
  mentions(raised(function() return decimal "2" ^ decimal "0.5" end), "0.5")
end

return tests
