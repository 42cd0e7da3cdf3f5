-- Reads a file of incoming reference payments, checks it whole, and allocates each payment to its open invoice.
-- What it can't allocate it lists for a person. README.md tells the file's form.

local date     = require "date"
local decimal  = require "decimal"
local http     = require "http"
local mail     = require "mail"
local payments = require "lib.payment_file"
local sheet    = require "sheet"
local text     = require "text"

local receivables = http.client { base = "https://receivables.example/api", login = "receivables" }

-- 1. The whole file is right or nothing is booked: every record, then the count and the sum of the trailer.
local file = payments.read(run.inputs.payments)
if #file.faults > 0 then
  run:fail("The file is not booked, it has %d faults. The first: %s", #file.faults, file.faults[1])
end

-- 2. A file is booked once. The same content under another name is the same file.
local fingerprint = text.digest(run.inputs.payments)
local earlier = run:claim("payment file " .. fingerprint)
if earlier then
  run:fail("This file was booked before, by run %d. Nothing is booked.", earlier.run)
end
run:expect { items = file.count, sum = file.sum }

-- 3. Each payment goes to the open invoice with its reference, or to a person.
local open_items = {}
run:each(file.payments, { key = "record", sum = "written" }, function(payment)
  local who = ("%s, %s € of %s"):format(payment.payer, payment.written:format(), payment.entry_date:format "d.m.yyyy")
  local function for_a_person(reason)
    run:exception("%s: %s", who, reason)
    table.insert(open_items, {
      payment.record, payment.payer, payment.reference, payment.written, payment.entry_date, reason,
    })
  end

  if payment.reversal then
    return for_a_person "a payment taken back by the bank"
  end
  local found = receivables:get("/invoices/", { query = { reference = payment.reference, status = "open" } }):json()
  if found.count == 0 then
    return for_a_person("no open invoice has the reference " .. payment.reference)
  elseif found.count > 1 then
    return for_a_person(found.count .. " open invoices have the reference " .. payment.reference)
  end

  local invoice = found.results[1]
  local open = decimal(invoice.open_amount)
  if payment.written > open then
    return for_a_person(("invoice %s is open with %s only"):format(invoice.number, open:format()))
  end
  for _, booked in ipairs(invoice.payments or {}) do
    if date.parse(booked.date) == payment.entry_date and decimal(booked.amount) == payment.written then
      return for_a_person("the same sum of the same day is booked on invoice " .. invoice.number .. " already")
    end
  end
  receivables:post("/allocations/", {
    json = {
      invoice = invoice.number,
      amount  = payment.written,
      date    = tostring(payment.value_date),
      archive = fingerprint .. "/" .. payment.record,
    },
  })
end)

-- 4. What is left for a person, as a workbook, and a word to the desk.
local report = sheet.create "payments-for-a-person.xlsx"
report:table("Payments", { "Record", "Payer", "Reference", "Amount", "Entry date", "Why", "Settled" }, open_items, {
  title    = "Payments for a person",
  subtitle = ("%d of %d payments found no invoice by themselves"):format(#open_items, file.count),
  totals   = { "Amount" }, formats = { Amount = "euro", Settled = "input center" }, widths = { Settled = 12 },
  rules    = { { column = "Why", when = "contains", value = "taken back", format = "bad" } },
  entries  = { Settled = { list = { "yes", "no" }, message = "Is it settled?" } },
})
run:attach(report, { title = "Payments for a person" })

run:step("tell the collection desk", function()
  mail.send {
    to      = "collection@finance.example",
    subject = ("Payments in: %d of %d allocated"):format(file.count - #open_items, file.count),
    text    = ("%s € came in with %d payments; %d of them are for you, see the workbook.\n")
      :format(file.sum:format(), file.count, #open_items),
    attach  = { report },
  }
end)
