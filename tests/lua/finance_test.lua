local date    = require "date"
local decimal = require "decimal"
local finance = require "finance"

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

tests["an IBAN is read with what it says"] = function()
  local iban = finance.iban "fi21 1234 5600 0007 85"
  equal(iban.code, "FI2112345600000785")
  equal(iban.printed, "FI21 1234 5600 0007 85")
  assert(iban.country == "FI" and iban.country_name == "Finland" and iban.sepa == true)
  equal(iban.account, "12345600000785")
  equal(finance.print_iban "FI2112345600000785", "FI21 1234 5600 0007 85")
  mentions(raised(finance.iban, "FI21 1234 5600 0007 86"), "check digits")
end

tests["whether a number is right can be asked, with the reason"] = function()
  assert(finance.iban_valid "FI2112345600000785" == true)
  local valid, reason = finance.vat_number_valid "GB20084738"
  assert(valid == false)
  mentions(reason, "GB20084738")
  for _, name in ipairs {
    "iban", "reference", "rf", "business_id", "vat_number", "tax_number", "identity", "barcode",
  } do
    local right, why = finance[name .. "_valid"] "x"
    assert(right == false and #why > 10)
    raised(finance[name], "x")
    raised(finance[name], 5)
  end
end

tests["references are made, printed and converted"] = function()
  equal(finance.make_reference "123456", "1234561")
  equal(finance.reference "00 12345 61", "1234561")
  equal(finance.print_reference "1511890656", "15118 90656")
  equal(finance.reference_to_rf "1234561", "RF341234561")
  equal(finance.rf_to_reference "RF34 1234 561", "1234561")
  equal(finance.print_rf "RF341234561", "RF34 1234 561")
  equal(finance.make_rf "1234561", "RF341234561")
  mentions(raised(finance.reference, "1234562"), "1")
end

tests["businesses and their VAT numbers"] = function()
  equal(finance.business_id "02012566", "0201256-6")
  equal(finance.vat_number("FI02012566").country, "FI")
  equal(finance.vat_number("GB 980 7806 84").code, "GB980780684")
  equal(finance.vat_number("GBGD001").kind, "government")
  equal(finance.tax_number "1234 5678 9123", "123456789123")
end

tests["an identity code tells birth, sex and age and is not repeated in an error"] = function()
  local person = finance.identity "131052-308T"
  equal(person.birth, "1952-10-13")
  assert(person.sex == "female" and person.temporary == false)
  assert(finance.age("131052-308T", date "12.10.2026") == 73)
  assert(not raised(finance.identity, "131052-308U"):find("131052", 1, true))
end

tests["a bar code is read and made"] = function()
  local code = finance.barcode "415660100015306410074445400000007758474790647489191219"
  equal(code.sum, "7444.54")
  equal(code.due, "2019-12-19")
  equal(code.reference, "7758474790647489")
  local made = finance.make_barcode { iban = code.iban, sum = code.sum, reference = code.reference, due = code.due }
  equal(made.code, code.code)
  assert(finance.make_barcode({ iban = code.iban, reference = code.reference }).due == nil)
  raised(finance.make_barcode, { iban = code.iban, sum = decimal "0.001", reference = code.reference })
  raised(finance.make_barcode, { iban = code.iban, sum = 0.5, reference = code.reference })
end

tests["VAT follows the day and is taken out of a price exactly"] = function()
  equal(finance.vat_rate("general", date "31.8.2024"), "24")
  equal(finance.vat_rate("general", date "1.9.2024"), "25.5")
  equal(finance.vat_rate("reduced", date "1.1.2026"), "13.5")
  mentions(raised(finance.vat_rate, "genral", date "1.1.2026"), "genral")
  local tax, net = finance.vat_inside(decimal "30.00", decimal "25.5")
  equal(tax, "6.10")
  equal(net, "23.90")
  equal(finance.vat_inside(decimal "30.00", decimal "25.5", { places = 4, rounding = "up" }), "6.0957")
  local upon, gross = finance.vat_upon(100, decimal "25.5")
  equal(upon, "25.50")
  equal(gross, "125.50")
  raised(finance.vat_inside, decimal "30.00", decimal "-1")
  raised(finance.vat_inside, 30.5, decimal "24")
end

return tests
