-- The robot against open invoices: whole files only, each payment to its invoice or to a person.
local decimal = require "decimal"
local fake    = require "fake"
local test    = require "test"
local text    = require "text"

local function record(fields)
  local reference = fields.reference and text.pad_left(fields.reference, 20, "0") or ""
  return ("3%014d%s%s%-16s%20s%-12s1 %010d%s  "):format(10700152, "261030", "261030", fields.filing or "", reference,
    fields.payer or "MAKSAJA", fields.cents, fields.reversal and "1" or "0")
end

local HEADER = "0261030" .. "0615" .. (" "):rep(11) .. "12800" .. ("0"):rep(63)

local function trailer(count, cents)
  return ("9%06d%011d%06d%011d%06d%011d"):format(count, cents, 0, 0, 0, 0) .. ("0"):rep(38)
end

local function file_of(...)
  return table.concat({ ... }, "\r\n") .. "\r\n"
end

local function run_with(content, invoices, extra)
  local posted = {}
  local receivables = fake.system("https://receivables.example", {
    ["GET /api/invoices/"] = function(request)
      local found = {}
      for _, invoice in ipairs(invoices or {}) do
        if invoice.reference == request.query.reference then table.insert(found, invoice) end
      end
      return { json = { count = #found, results = found } }
    end,
    ["POST /api/allocations/"] = function(request)
      table.insert(posted, request.json)
      return { status = 201, json = {} }
    end,
  })
  local options = {
    inputs  = { payments = "MR_OUT.TXT" },
    files   = { ["MR_OUT.TXT"] = content },
    systems = { receivables },
  }
  for name, value in pairs(extra or {}) do options[name] = value end
  return test.run_robot(options), posted
end

test.case("a payment goes to the open invoice with its reference", function()
  local payment = record { reference = "28800010010", cents = 125000 }
  local result, posted = run_with(file_of(HEADER, payment, trailer(1, 125000)),
    { { number = "5000001", reference = "28800010010", open_amount = "1250.00" } })
  test.equal(result.state, "done")
  test.equal(#posted, 1)
  test.equal(posted[1].invoice, "5000001")
  test.equal(decimal(tostring(posted[1].amount)), decimal "1250.00")
  test.equal(result.totals.balanced, true)
end)

test.case("what fits no invoice is left for a person", function()
  local result, posted = run_with(file_of(HEADER,
    record { reference = "28800019998", cents = 7700 },
    record { reference = "28800010010", cents = 100, reversal = true },
    record { reference = "28800010036", cents = 9900 }, trailer(3, 17700)),
    { { number = "5000003", reference = "28800010036", open_amount = "98.00" } })
  test.equal(#posted, 0)
  test.equal(#result.exceptions, 3)
  test.contains(result.exceptions[1], "no open invoice")
  test.contains(result.exceptions[2], "taken back")
  test.contains(result.exceptions[3], "98")
  test.equal(result.totals.balanced, true)
end)

test.case("a trailer that does not add up refuses the whole file", function()
  local payment = record { reference = "28800010010", cents = 125000 }
  local result, posted = run_with(file_of(HEADER, payment, trailer(1, 125001)))
  test.equal(result.state, "failed")
  test.contains(result.fault.message, "1250.01")
  test.equal(#posted, 0)
end)

test.case("a record with its trailing blanks cut off refuses the whole file", function()
  local cut = record { reference = "28800010010", cents = 1 }:gsub(" +$", "")
  local result = run_with(file_of(HEADER, cut, trailer(1, 1)))
  test.equal(result.state, "failed")
  test.contains(result.fault.message, "88 characters instead of 90")
end)

test.case("a file without trailer is not whole", function()
  local result = run_with(file_of(HEADER, record { reference = "28800010010", cents = 1 }))
  test.equal(result.state, "failed")
  test.contains(result.fault.message, "without a trailer")
end)

test.case("a file that has been booked is refused, under whatever name", function()
  local content = file_of(HEADER, record { reference = "28800010010", cents = 100 }, trailer(1, 100))
  local invoices = { { number = "5000001", reference = "28800010010", open_amount = "1.00" } }
  local first = run_with(content, invoices)
  local second, posted = run_with(content, invoices, { number = 2, resume = first })
  test.equal(second.state, "failed")
  test.contains(second.fault.message, "booked before, by run 1")
  test.equal(#posted, 0)
end)
