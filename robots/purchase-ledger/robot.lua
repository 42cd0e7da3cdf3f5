-- Checks a month of purchase-ledger lines against the ledger: sums, invoices booked twice, VAT numbers.
-- README.md says what a person does with the result.

local decimal  = require "decimal"
local finance  = require "finance"
local http     = require "http"
local invoices = require "lib.invoices"
local mail     = require "mail"
local sheet    = require "sheet"

local ledger = http.client { base = "https://ledger.example/api", login = "ledger" }

-- The lines as the ledger's extract has them; the control total comes from whoever made the extract.
local lines = sheet.open(run.inputs.lines):rows { header = true, types = { Amount = "decimal" } }
run:expect { sum = run.inputs.control_total }

local documents = {} -- what the ledger says of each document, asked once
local checked   = {} -- invoices that were looked for twice bookings

local findings = run:each(lines, { sum = "Amount" }, function(line)
  local found = {}

  -- 1. The ledger has this line, with this sum. A document's lines stand in the same order in both.
  local number = line.TransactionNumber
  if not documents[number] then
    local answer = ledger:get("/entries/{document}/", { document = number }, { accept = { 404 } })
    documents[number] = { lines = answer.status == 200 and answer:json().lines or {}, taken = 0 }
  end
  local document = documents[number]
  document.taken = document.taken + 1
  local entry = document.lines[document.taken]
  if not entry then
    table.insert(found, { "not in the ledger", "document " .. number .. " has no such line there" })
  elseif decimal(entry.amount) ~= line.Amount then
    table.insert(found, { "sum differs", "the ledger says " .. entry.amount, decimal(entry.amount) })
  end

  -- 2. The supplier's VAT number is one.
  local valid, reason = finance.vat_number_valid(line.VATRegistrationNumber)
  if not valid then
    table.insert(found, { "VAT number", line.VATRegistrationNumber .. ": " .. reason })
  end

  -- 3. The invoice is booked once. Asked at its first line; a reversal or a split is no second booking.
  local invoice = line.BeneficiaryOtherID .. "/" .. line.InvoiceNumber
  if not checked[invoice] then
    checked[invoice] = true
    local query = { supplier = line.BeneficiaryOtherID, invoice = line.InvoiceNumber }
    local first, second, sum = invoices.booked_twice(ledger:pages("/entries/", { query = query }))
    if second then
      table.insert(found, { "booked twice", "by documents " .. first .. " and " .. second, sum })
    end
  end

  for _, finding in ipairs(found) do
    run:exception("%s, invoice %s: %s, %s", line.BeneficiaryName, line.InvoiceNumber, finding[1], finding[2])
  end
  if #found > 0 then return { line = line, found = found } end
end)

-- The report: a page that sums up, and one row a finding, for the person who settles it.
local rows, kinds, counts = {}, {}, {}
for _, finding in ipairs(findings) do
  for _, found in ipairs(finding.found) do
    local line, kind = finding.line, found[1]
    table.insert(rows, {
      kind, line.TransactionNumber, line.BeneficiaryName, line.InvoiceNumber, line.Amount, found[3], found[2],
    })
    if not counts[kind] then
      counts[kind] = { kind, 0, decimal "0.00" }
      table.insert(kinds, counts[kind])
    end
    counts[kind][2] = counts[kind][2] + 1
    counts[kind][3] = counts[kind][3] + line.Amount
  end
end

local period = tostring(run.inputs.period)
local report = sheet.create("purchase-ledger-" .. period .. ".xlsx", { title = "Purchase ledger " .. period })
local summary = report:table("Summary", { "Finding", "Lines", "Sum" }, kinds, {
  title = "Purchase ledger " .. period, subtitle = "Lines that differ from the ledger, by what was found",
  totals = { Lines = "sum", Sum = "sum" }, formats = { Sum = "euro" }, filter = false,
})
if #kinds > 0 then
  summary:chart {
    type = "bar", title = "Lines to settle", at = "E4", height = 60 + 40 * #kinds,
    categories = "A5:A" .. 4 + #kinds, values = "B5:B" .. 4 + #kinds, x_format = "0",
  }
end
local headers = { "Finding", "Document", "Supplier", "Invoice", "Extract", "Ledger", "What", "Settled" }
report:table("Findings", headers, rows, {
  title   = "Findings " .. period, subtitle = "One row a finding; whoever settles it marks it",
  formats = { Extract = "money", Ledger = "money", Settled = "input center" },
  widths  = { Settled = 12 },
  rules   = {
    { column = "Finding", when = "=", value = "booked twice", format = "bad" },
    { column = "Finding", when = "=", value = "sum differs", format = "warning" },
    { column = "Extract", when = "<", value = 0, format = "bad" },
  },
  entries = { Settled = { list = { "yes", "no" }, message = "Is it settled?" } },
})
run:attach(report, { title = "Findings" })

-- The month-end desk is told once, even if the run was restarted.
run:step("tell the month-end desk", function()
  mail.send {
    to      = "month-end@finance.example",
    subject = "Purchase ledger " .. tostring(run.inputs.period) .. ": " .. #rows .. " findings",
    text    = "The lines of the month were checked against the ledger.\n\n"
      .. #rows .. " findings are in the attached workbook, one row each.\n",
    attach  = { report },
  }
end)
