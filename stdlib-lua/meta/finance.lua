---@meta finance

--- The numbers that every office meets, with their check digits.
---
--- Each has two functions: `finance.iban(text)` reads it, or raises and says why not; `finance.iban_valid(text)` gives
--- true, or false and the reason.
---
--- Blanks around and the blanks of print (also hard ones) are passed over, small letters are capitals. Hyphens are read
--- in business ids and printed IBANs only.
---
--- ```lua
--- local finance = require "finance"
--- finance.iban("FI21 1234 5600 0007 85").code  --> FI2112345600000785
--- finance.business_id_valid("0201256-7")       --> false, "The check digit of the business id …"
--- ```
---@class finance
local finance = {}

---@class finance.iban
---@field code string without blanks
---@field printed string in groups of four
---@field country string two letters
---@field country_name string in English
---@field account string what follows the check digits
---@field sepa boolean whether SEPA credit transfers go there

--- ```lua
--- finance.iban("fi2112345600000785").printed --> FI21 1234 5600 0007 85
--- ```
---@param iban string
---@return finance.iban
function finance.iban(iban) end

--- ```lua
--- finance.iban_valid("FI21 1234 5600 0007 86") --> false, "The check digits of the IBAN …"
--- ```
---@param iban string
---@return boolean valid
---@return string? reason
function finance.iban_valid(iban) end

--- ```lua
--- finance.print_iban("FI2112345600000785") --> FI21 1234 5600 0007 85
--- ```
---@param iban string
---@return string
function finance.print_iban(iban) end

--- A Finnish reference number, without blanks and leading zeros.
---
--- ```lua
--- finance.reference("00 12345 61") --> 1234561
--- ```
---@param reference string
---@return string
function finance.reference(reference) end

---@param reference string
---@return boolean valid
---@return string? reason
function finance.reference_valid(reference) end

--- Adds the check digit to 3 to 19 digits.
---
--- ```lua
--- finance.make_reference("123456") --> 1234561
--- ```
---@param base string
---@return string
function finance.make_reference(base) end

--- In groups of five from the right.
---
--- ```lua
--- finance.print_reference("1511890656") --> 15118 90656
--- ```
---@param reference string
---@return string
function finance.print_reference(reference) end

--- An international reference (ISO 11649), without blanks.
---
--- ```lua
--- finance.rf("RF34 1234 561") --> RF341234561
--- ```
---@param reference string
---@return string
function finance.rf(reference) end

---@param reference string
---@return boolean valid
---@return string? reason
function finance.rf_valid(reference) end

--- Adds RF and check digits to 1 to 21 letters and digits.
---
--- ```lua
--- finance.make_rf("1234561") --> RF341234561
--- ```
---@param base string
---@return string
function finance.make_rf(base) end

--- In groups of four from the left.
---
--- ```lua
--- finance.print_rf("RF341234561") --> RF34 1234 561
--- ```
---@param reference string
---@return string
function finance.print_rf(reference) end

--- ```lua
--- finance.reference_to_rf("1234561") --> RF341234561
--- ```
---@param reference string
---@return string
function finance.reference_to_rf(reference) end

--- ```lua
--- finance.rf_to_reference("RF341234561") --> 1234561
--- ```
---@param reference string
---@return string
function finance.rf_to_reference(reference) end

--- A Finnish business id; also without its hyphen, never with fewer digits.
---
--- ```lua
--- finance.business_id("02012566") --> 0201256-6
--- ```
---@param business_id string
---@return string
function finance.business_id(business_id) end

---@param business_id string
---@return boolean valid
---@return string? reason
function finance.business_id_valid(business_id) end

---@class finance.vat_number
---@field code string without blanks
---@field country "FI"|"GB"|"XI"
---@field kind "business"|"branch"|"government"|"health"

--- A VAT number of Finland or the United Kingdom.
---
--- ```lua
--- finance.vat_number("GB 980 7806 84").code --> GB980780684
--- finance.vat_number("FI02012566").country  --> FI
--- ```
---@param vat_number string
---@return finance.vat_number
function finance.vat_number(vat_number) end

--- ```lua
--- finance.vat_number_valid("GB20084738") --> false, "… does not have the form of a British VAT number."
--- ```
---@param vat_number string
---@return boolean valid
---@return string? reason
function finance.vat_number_valid(vat_number) end

--- The tax number on a building worker's badge: 12 digits, only its form is checked.
---
--- ```lua
--- finance.tax_number("1234 5678 9123") --> 123456789123
--- ```
---@param tax_number string
---@return string
function finance.tax_number(tax_number) end

---@param tax_number string
---@return boolean valid
---@return string? reason
function finance.tax_number_valid(tax_number) end

---@class finance.identity
---@field code string
---@field birth date
---@field sex "female"|"male"
---@field temporary boolean individual number 900 to 999: for a while, or for tests

--- A Finnish personal identity code. It is personal data: errors never repeat it; do not log it.
---
--- ```lua
--- finance.identity("131052-308T").birth --> 1952-10-13
--- ```
---@param identity_code string
---@return finance.identity
function finance.identity(identity_code) end

---@param identity_code string
---@return boolean valid
---@return string? reason
function finance.identity_valid(identity_code) end

--- Whole years on a day.
---
--- ```lua
--- finance.age("131052-308T", date "13.10.2026") --> 74
--- ```
---@param identity_code string
---@param on date
---@return integer
function finance.age(identity_code, on) end

---@class finance.barcode
---@field code string 54 digits
---@field iban string
---@field sum decimal 0 where the bill leaves it open
---@field reference string national, or RF…
---@field due? date

--- A Finnish virtual bar code, version 4 or 5. Its account and reference are checked too.
---
--- ```lua
--- finance.barcode("415660100015306410074445400000007758474790647489191219").sum --> 7444.54
--- ```
---@param barcode string
---@return finance.barcode
function finance.barcode(barcode) end

---@param barcode string
---@return boolean valid
---@return string? reason
function finance.barcode_valid(barcode) end

---@class finance.bill
---@field iban string
---@field sum? decimal at most 999999.99
---@field reference string
---@field due? date

--- The bar code of a bill: version 5 for an RF reference, else 4.
---
--- ```lua
--- local bill = { iban = "FI15 6601 0001 5306 41", sum = decimal "7444.54", reference = "7758474790647489" }
--- finance.make_barcode(bill).code
---   --> 415660100015306410074445400000007758474790647489000000
--- ```
---@param bill finance.bill
---@return finance.barcode
function finance.make_barcode(bill) end

--- The Finnish VAT rate in percent on a day of delivery.
---
--- `general` since 1.6.1994; `reduced` since 1.7.2010 (food and restaurants, since 2025 also books, sport, transport,
--- accommodation, medicine); `low` since 1.7.2010 (those until 2024, since then newspapers); `zero`.
---
--- ```lua
--- finance.vat_rate("general", date "1.9.2024") --> 25.5
--- finance.vat_rate("reduced", date "1.1.2026") --> 13.5
--- ```
---@param kind "general"|"reduced"|"low"|"zero"
---@param on date
---@return decimal
function finance.vat_rate(kind, on) end

---@class finance.vat_options
---@field places? integer after the point, 2 when not given
---@field rounding? decimal.rounding "half-up" when not given

--- The tax inside a gross price, and the price without it.
---
--- ```lua
--- finance.vat_inside(decimal "30.00", decimal "25.5") --> 6.10, 23.90
--- ```
---@param gross decimal
---@param percent decimal
---@param options? finance.vat_options
---@return decimal tax
---@return decimal net
function finance.vat_inside(gross, percent, options) end

--- The tax upon a net price, and the price with it.
---
--- ```lua
--- finance.vat_upon(decimal "23.90", decimal "25.5") --> 6.09, 29.99
--- ```
---@param net decimal
---@param percent decimal
---@param options? finance.vat_options
---@return decimal tax
---@return decimal gross
function finance.vat_upon(net, percent, options) end

return finance
