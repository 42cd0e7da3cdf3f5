-- Sheets: visits every cell of a workbook, and two of its ten columns; logs the seconds of computing. tables.py and
-- sheetjs.js do the same. `reuse`: each row comes in the same table, as is told for very large files.
local sheet = require "sheet"

local function measure(name, options, visit)
  local begun = os.clock()
  local count = 0
  for row in sheet.open(run.inputs.file):rows(options) do
    visit(row)
    count = count + 1
  end
  run:log("figure %s %.3f", name, os.clock() - begun)
  assert(count == run.inputs.rows)
end

local function all(row)
  return row.Invoice, row.Supplier, row.Account, row["Cost centre"], row.Text, row.Net, row.Tax, row.Sum, row.Open,
    row.Date
end

local function two(row)
  return row.Invoice, row.Sum
end

measure("sheet.read_all", { reuse = true }, all)
measure("sheet.read_all_apart", {}, all)
measure("sheet.read_two_columns", { columns = { "Invoice", "Sum" }, reuse = true }, two)
