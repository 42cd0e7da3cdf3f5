-- A simulator of two finance systems with the paths, paging and error bodies of the real ones, and their faults.
--
-- The ledger holds the lines it is given, but for a few that are seeded wrong below, so that a robot has something to
-- find. It is JSON, paged, with Basic login; sums are texts, pages are silently capped, and now and then it is not
-- available for a moment. The receivables system has open invoices and takes allocations.

local decimal = require "decimal"
local fake    = require "fake"
local json    = require "json"
local sheet   = require "sheet"

local LOGIN = "Basic cm9ib3Q6cGVsdG9tYWEtMjAyNg==" -- robot, peltomaa-2026 -- renki: no secret
local PAGE  = 20

-- The n-th document of the file is told apart from what the file says.
local SEEDED = {
  sum_differs  = { [11] = "10.00", [37] = "-0.09", [61] = "900.00" }, -- added to its first line
  missing      = { [23] = true },
  booked_twice = { [17] = "5", [43] = "5" },  -- the first digit of the second document's number
  taken_back   = { [31] = "5" },              -- booked twice, and reversed by a third document
}

local function not_found() return { status = 404, json = { detail = "Not found." } } end

local function unauthorised()
  return {
    status = 401,
    headers = { ["WWW-Authenticate"] = 'Basic realm="api"' },
    json = { detail = "Authentication credentials were not provided." },
  }
end

local function page_of(list, request, path)
  local page = tonumber(request.query.page or "1")
  local first, last = (page - 1) * PAGE + 1, page * PAGE
  if first > 1 and first > #list then return not_found() end
  local function link(number)
    local query = {}
    for name, value in pairs(request.query) do
      if name ~= "page" then table.insert(query, name .. "=" .. value) end
    end
    table.sort(query)
    table.insert(query, "page=" .. number)
    return path .. "?" .. table.concat(query, "&")
  end
  return {
    json = {
      count    = #list,
      next     = last < #list and link(page + 1) or json.null,
      previous = page > 1 and link(page - 1) or json.null,
      results  = table.move(list, first, math.min(last, #list), 1, {}),
    },
  }
end

-- ---- the ledger: documents with lines, made from the file

local documents, by_invoice, order = {}, {}, {}

local function book(document, line, amount)
  if not documents[document] then
    documents[document] = {
      document = document,
      supplier = { id = line.BeneficiaryOtherID, name = line.BeneficiaryName, vat_number = line.VATRegistrationNumber },
      invoice = line.InvoiceNumber,
      posting_date = line.PaymentDate,
      lines = {},
    }
    table.insert(order, document)
  end
  local entry = {
    document = document,
    line = #documents[document].lines + 1,
    amount = tostring(amount),
    profit_centre = line.ProfitCentre,
  }
  table.insert(documents[document].lines, entry)
  local invoice = line.BeneficiaryOtherID .. "/" .. line.InvoiceNumber
  by_invoice[invoice] = by_invoice[invoice] or {}
  table.insert(by_invoice[invoice], entry)
end

local first_line = {}
for line in sheet.open(run.inputs.lines):rows { header = true } do
  book(line.TransactionNumber, line, decimal(line.Amount))
  first_line[line.TransactionNumber] = first_line[line.TransactionNumber] or line
end

local function sum_of(document)
  local sum = decimal "0"
  for _, entry in ipairs(documents[document].lines) do sum = sum + decimal(entry.amount) end
  return sum
end

local function again(document, digit, sign)
  local number = digit .. document:sub(2)
  book(number, first_line[document], sum_of(document) * sign)
end

for n, document in ipairs(table.move(order, 1, #order, 1, {})) do
  local entry = documents[document].lines[1]
  if SEEDED.sum_differs[n] then entry.amount = tostring(decimal(entry.amount) + decimal(SEEDED.sum_differs[n])) end
  if SEEDED.booked_twice[n] then again(document, "9", 1) end
  if SEEDED.taken_back[n] then
    again(document, "8", 1)
    again(document, "9", -1)
  end
  if SEEDED.missing[n] then documents[document] = nil end
end

local requests = 0

local function ledger(answer)
  return function(request)
    if request.headers.authorization ~= LOGIN then return unauthorised() end
    requests = requests + 1
    if requests % 400 == 0 then
      return { status = 503, headers = { ["Retry-After"] = "0" }, text = "Service Unavailable" }
    end
    return answer(request)
  end
end

fake.system("https://ledger.example", {
  ["GET /api/entries/{document}/"] = ledger(function(request)
    local document = documents[request.path_values.document]
    return document and { json = document } or not_found()
  end),
  ["GET /api/entries/"] = ledger(function(request)
    local invoice = (request.query.supplier or "") .. "/" .. (request.query.invoice or "")
    return page_of(by_invoice[invoice] or {}, request, "/api/entries/")
  end),
})

-- ---- receivables: open invoices, and allocations to them

local invoices = {}
for _, invoice in ipairs {
  { "5000001", "28800010010", "1250.00" },
  { "5000002", "28800010023", "480.50" },
  { "5000003", "28800010036", "98.00" },
  { "5000004", "28800010049", "300.00" },
  { "5000005", "28800010052", "55.00" },
  { "5000006", "730000077", "6658.10" },
} do
  table.insert(invoices, { number = invoice[1], reference = invoice[2], open_amount = invoice[3], payments = {} })
end

local allocated = {} -- by archive id: the same allocation twice is answered, not booked again

local function receivables(answer)
  return function(request)
    if request.headers.authorization ~= LOGIN then return unauthorised() end
    return answer(request)
  end
end

fake.system("https://receivables.example", {
  ["GET /api/invoices/"] = receivables(function(request)
    local found = {}
    for _, invoice in ipairs(invoices) do
      if invoice.reference == request.query.reference and decimal(invoice.open_amount) > 0 then
        table.insert(found, invoice)
      end
    end
    return page_of(found, request, "/api/invoices/")
  end),
  ["POST /api/allocations/"] = receivables(function(request)
    local body = request.json
    for _, invoice in ipairs(invoices) do
      if invoice.number == body.invoice then
        local amount = decimal(tostring(body.amount))
        if allocated[body.archive] then return { status = 200, json = { detail = "Already allocated." } } end
        if amount > decimal(invoice.open_amount) then
          return { status = 400, json = { amount = { "More than is open." } } }
        end
        allocated[body.archive] = true
        invoice.open_amount = tostring(decimal(invoice.open_amount) - amount)
        table.insert(invoice.payments, { date = body.date, amount = tostring(amount) })
        return { status = 201, json = { invoice = invoice.number, open_amount = invoice.open_amount } }
      end
    end
    return { status = 400, json = { invoice = { "No such invoice." } } }
  end),
})
