-- Lines: reads all columns, then two of ten, every row in the same table; logs the seconds. lines.c and tables.py do
-- the same.
local date = require "date"
local sheet = require "sheet"

local function measure(name, options, see)
  local begun, count = date.now():since_1970(), 0
  options.reuse = true
  for row in sheet.open(run.inputs.file):rows(options) do
    if see(row) then count = count + 1 end
  end
  run:log("figure %s %.3f", name, date.now():since_1970() - begun)
  assert(count > 0)
end

measure("csv.read_all", {}, function(row) return row.Viite end)
measure("csv.read_two_columns", { columns = { "Toimittaja", "Summa" } }, function(row) return row.Summa end)
