-- Tables: writes a workbook and a CSV file row by row, reads both; logs the processor seconds (other work of the
-- machine blurs them least). tables.py and write_peer.c do the same.
local decimal = require "decimal"
local sheet = require "sheet"

local ROWS = run.inputs.rows
local CENT, TAX = decimal "0.01", decimal "2.55"
local HEADERS = {
  "Invoice", "Supplier", "Account", "Cost centre", "Text", "Net", "Tax", "Sum", "Open", "Reference",
}

local function invoices()
  local number = 0
  return function()
    number = number + 1
    if number > ROWS then return nil end
    local net = CENT * number
    return {
      "A-" .. number, "Supplier " .. number % 1000, 4000 + number % 100, number % 500, "Office supplies and freight",
      net, TAX, net + TAX, number % 7 == 0, 1000000 + number,
    }
  end
end

local function measure(name, work)
  local begun = os.clock()
  work()
  run:log("figure %s %.3f", name, os.clock() - begun)
end

local function read(path)
  local count = 0
  for _ in sheet.open(path):rows { header = true } do count = count + 1 end
  assert(count == ROWS)
end

measure("sheet.write_rows", function()
  local report = sheet.create "bench.xlsx"
  report:table("Invoices", HEADERS, invoices())
  report:close()
end)
measure("sheet.read_rows", function() read "bench.xlsx" end)

sheet.write_csv("bench.csv", HEADERS, invoices())
measure("csv.read_mb", function() read "bench.csv" end)

-- The peer reads the same files.
run:attach "bench.xlsx"
run:attach "bench.csv"
