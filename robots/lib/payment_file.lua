-- The ledger's file of incoming reference payments: ISO-8859-1, CRLF, 90 characters a record, money in cents.
-- A header 0, records 3, 5 and 7, a trailer 9 with count and sum. Trailing blanks count: a shorter line is a fault.
local date    = require "date"
local decimal = require "decimal"
local text    = require "text"

local payment_file = {}

local RECORD_LENGTH = 90

local PAYMENT = {
  { "type", 1 }, { "account", 14 }, { "entry_date", 6 }, { "value_date", 6 }, { "filing_code", 16 },
  { "reference", 20 }, { "payer", 12 }, { "currency", 1 }, { "name_source", 1 }, { "amount", 10 },
  { "correction", 1 }, { "channel", 1 }, { "feedback", 1 },
}

local TRAILER = {
  { "type", 1 }, { "count", 6 }, { "sum", 11 }, { "correction_count", 6 }, { "correction_sum", 11 },
  { "failed_count", 6 }, { "failed_sum", 11 }, { "rest", 38 },
}

local function cents(digits)
  return decimal(digits):divide(decimal "100", 2)
end

local function payment_of(line, number)
  local record = text.record(line, PAYMENT)
  local entry_date = date.parse(record.entry_date, "yymmdd")
  local reference = text.trim(record.reference):gsub("^0+", "") -- land leases; apartments use the filing code
  return {
    record     = number,
    account    = text.trim(record.account),
    entry_date = entry_date,
    value_date = record.value_date == "000000" and entry_date or date.parse(record.value_date, "yymmdd"),
    reference  = reference ~= "" and reference or text.trim(record.filing_code),
    payer      = text.trim(record.payer),
    written    = cents(record.amount),
    reversal   = record.correction == "1",
  }
end

-- What is wrong with a payment's fields, or nil.
local function fault_of(line)
  local record = text.record(line, PAYMENT)
  if not record.amount:find "^%d+$" then return "the amount is " .. record.amount end
  if record.currency ~= "1" then return "the currency is " .. record.currency .. ", not 1 (EUR)" end
  if not record.entry_date:find "^%d+$" or not record.value_date:find "^%d+$" then return "a date is not digits" end
  if record.correction ~= "0" and record.correction ~= "1" then
    return "the correction mark is " .. record.correction
  end
end

--- Reads and checks a whole file.
---@param path string
---@return { payments: table[], count: integer, sum: decimal, faults: string[] } count and sum are the trailer's
function payment_file.read(path)
  local file = { payments = {}, faults = {}, sum = decimal "0", count = 0 }
  local trailer
  local function fault(number, ...)
    table.insert(file.faults, ("record %d: "):format(number) .. string.format(...))
  end

  local number = 0
  for line in text.lines(path, { encoding = "ISO-8859-1" }) do
    number = number + 1
    local length, kind = text.length(line), line:sub(1, 1)
    if length ~= RECORD_LENGTH then
      fault(number, "%d characters instead of %d", length, RECORD_LENGTH)
    elseif trailer then
      fault(number, "something follows the trailer")
    elseif number == 1 then
      if kind ~= "0" then fault(number, "the file does not begin with a header (0)") end
    elseif kind == "9" then
      trailer = text.record(line, TRAILER)
    elseif kind == "3" or kind == "5" or kind == "7" then
      local wrong = fault_of(line)
      if wrong then
        fault(number, "%s", wrong)
      else
        table.insert(file.payments, payment_of(line, number))
      end
    else
      fault(number, "the record type %s is not known", kind)
    end
  end

  -- The trailer may count reversals apart or, as the real files do, among the payments: either way it counts all
  -- records.
  local sum, reversals = decimal "0", 0
  for _, payment in ipairs(file.payments) do
    sum = sum + payment.written
    if payment.reversal then reversals = reversals + 1 end
  end
  if not trailer then
    fault(number, "the file ends without a trailer (9): it is not whole")
  elseif not (trailer.count .. trailer.sum .. trailer.correction_count .. trailer.correction_sum):find "^%d+$" then
    fault(number, "the trailer is not digits")
  else
    file.count = tonumber(trailer.count) + tonumber(trailer.correction_count)
    file.sum = cents(trailer.sum) + cents(trailer.correction_sum)
    if #file.faults == 0 and file.count ~= #file.payments then
      fault(number, "the trailer counts %d payments, the file has %d", file.count, #file.payments)
    end
    if #file.faults == 0 and file.sum ~= sum then
      fault(number, "the trailer sums to %s, the payments to %s", tostring(file.sum), tostring(sum))
    end
    if tonumber(trailer.correction_count) > 0 and tonumber(trailer.correction_count) ~= reversals then
      fault(number, "the trailer counts %d reversals, the file has %d", tonumber(trailer.correction_count), reversals)
    end
  end
  return file
end

return payment_file
