-- The robot against a small ledger: each kind of finding, and what must not be mistaken for one.
local decimal = require "decimal"
local fake    = require "fake"
local test    = require "test"

local HEAD = "TransactionNumber,Amount,BeneficiaryName,BeneficiaryOtherID,InvoiceNumber,VATRegistrationNumber\n"
local GOOD_VAT = "GB243170002"

-- A ledger with these documents: { number = { supplier =, invoice =, lines = { "1.00", … } } }.
local function ledger_of(documents)
  local function lines_of(number)
    local lines = {}
    for _, amount in ipairs(documents[number].lines) do
      table.insert(lines, { document = number, amount = amount })
    end
    return lines
  end
  return fake.system("https://ledger.example", {
    ["GET /api/entries/{document}/"] = function(request)
      local number = request.path_values.document
      if not documents[number] then return { status = 404, json = { detail = "Not found." } } end
      return { json = { document = number, lines = lines_of(number) } }
    end,
    ["GET /api/entries/"] = function(request)
      local results = {}
      for number, document in pairs(documents) do
        if document.supplier == request.query.supplier and document.invoice == request.query.invoice then
          for _, line in ipairs(lines_of(number)) do table.insert(results, line) end
        end
      end
      return { json = { count = #results, results = results } }
    end,
  })
end

local function run_with(lines, documents, control_total)
  return test.run_robot {
    inputs  = { lines = "lines.csv", control_total = control_total, period = "2026-05" },
    files   = { ["lines.csv"] = HEAD .. lines },
    systems = { ledger_of(documents) },
  }
end

test.case("lines that the ledger has are balanced and give no finding", function()
  local result = run_with("5100,52.94,Royal Mail,100228,907," .. GOOD_VAT .. "\n"
    .. "5100,-2.94,Royal Mail,100228,907," .. GOOD_VAT .. "\n",
    { ["5100"] = { supplier = "100228", invoice = "907", lines = { "52.94", "-2.94" } } }, "50.00")
  test.equal(result.state, "done")
  test.equal(result.exceptions, {})
  test.equal(result.totals.balanced, true)
  test.equal(#result.mails, 1)
  test.equal(result.mails[1].to, { "month-end@finance.example" })
  test.contains(result.mails[1].subject, "0 findings")
end)

test.case("a sum that differs by a cent is found", function()
  local result = run_with("5100,52.94,Royal Mail,100228,907," .. GOOD_VAT .. "\n",
    { ["5100"] = { supplier = "100228", invoice = "907", lines = { "52.95" } } }, "52.94")
  test.equal(#result.exceptions, 1)
  test.contains(result.exceptions[1], "sum differs, the ledger says 52.95")
  test.equal(result.totals.balanced, true)
end)

test.case("a document that the ledger lacks is found", function()
  local result = run_with("5100,52.94,Royal Mail,100228,907," .. GOOD_VAT .. "\n", {}, "52.94")
  test.contains(result.exceptions[1], "not in the ledger")
end)

test.case("a VAT number with a digit lost is found", function()
  local result = run_with("5100,1.00,Richmond Village,167402,1220893,GB20084738\n",
    { ["5100"] = { supplier = "167402", invoice = "1220893", lines = { "1.00" } } }, "1.00")
  test.contains(result.exceptions[1], "GB20084738")
end)

test.case("an invoice on two documents with the same sum is booked twice", function()
  local result = run_with("5100,10.00,Banner,100353,79150," .. GOOD_VAT .. "\n", {
    ["5100"] = { supplier = "100353", invoice = "79150", lines = { "10.00" } },
    ["5200"] = { supplier = "100353", invoice = "79150", lines = { "4.00", "6.00" } },
  }, "10.00")
  test.equal(#result.exceptions, 1)
  test.contains(result.exceptions[1], "booked twice")
end)

test.case("a reversal and a split are no second booking", function()
  local lines = "5100,588.58,Banner,1,101," .. GOOD_VAT .. "\n5300,25010.00,Oak,2,0526," .. GOOD_VAT .. "\n"
  local result = run_with(lines, {
    ["5100"] = { supplier = "1", invoice = "101", lines = { "588.58" } },
    ["5101"] = { supplier = "1", invoice = "101", lines = { "-588.58" } },
    ["5300"] = { supplier = "2", invoice = "0526", lines = { "25010.00" } },
    ["5301"] = { supplier = "2", invoice = "0526", lines = { "30085.00" } },
  }, "25598.58")
  test.equal(result.exceptions, {})
  test.equal(result.totals.sum, decimal "25598.58")
end)

test.case("a control total that the lines do not reach is not balanced", function()
  local result = run_with("5100,10.00,Banner,1,101," .. GOOD_VAT .. "\n",
    { ["5100"] = { supplier = "1", invoice = "101", lines = { "10.00" } } }, "10.01")
  test.equal(result.state, "done")
  test.equal(result.totals.balanced, false)
end)

test.case("a ledger that is away for a moment is asked again", function()
  local asked = 0
  local ledger = fake.system("https://ledger.example", {
    ["GET /api/entries/{document}/"] = function()
      asked = asked + 1
      if asked == 1 then return { status = 503, headers = { ["Retry-After"] = "0" }, text = "busy" } end
      return { json = { document = "5100", lines = { { document = "5100", amount = "10.00" } } } }
    end,
    ["GET /api/entries/"] = { json = { count = 0, results = {} } },
  })
  local result = test.run_robot {
    inputs  = { lines = "lines.csv", control_total = "10.00", period = "2026-05" },
    files   = { ["lines.csv"] = HEAD .. "5100,10.00,Banner,1,101," .. GOOD_VAT .. "\n" },
    systems = { ledger },
  }
  test.equal(result.state, "done")
  test.equal(asked, 2)
end)
