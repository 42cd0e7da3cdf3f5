local date    = require "date"
local decimal = require "decimal"
local sheet   = require "sheet"

local function raised(f, ...)
  local done, fault = pcall(f, ...)
  assert(not done, "nothing was raised")
  return tostring(fault)
end

local function equal(got, expected)
  if tostring(got) ~= tostring(expected) then
    error(("expected %s, got %s"):format(tostring(expected), tostring(got)), 2)
  end
end

local function mentions(whole, part)
  if not whole:find(part, 1, true) then error(("%s is not in: %s"):format(part, whole), 2) end
end

-- A workbook as a person might design it, as far as sheet.create goes.
local function design()
  local report = sheet.create "design.xlsx"
  report:page("Summary"):cell("A1", "Sum"):cell("B1", 1, "money"):cell("C1", sheet.formula("=B1*2", 2))
      :cell("A2", "Made"):merge("A4:C4", "Notes")
  report:page("Data"):cell("A1", "old"):cell("A2", "old"):cell("B3", "old")
  report:close()
  return "design.xlsx"
end

local tests = {}

tests["values go where they are told and the rest stays"] = function()
  local report = sheet.update(design(), { as = "report.xlsx" })
  report:cell("B1", decimal "1204551.35"):cell("Summary!B2", date "31.1.2026")
  report:page("Data"):cell("C1", "=1+1"):cell("C2", true):cell("C3", 12.5):cell("C4", 7)
  report:close()
  local filled = sheet.open "report.xlsx"
  equal(filled:cell "A1", "Sum")
  assert(filled:cell "B1" == decimal "1204551.35")
  assert(filled:cell "B2" == date "31.1.2026", "a date is a date, whatever its cell showed before")
  assert(filled:cell "C1" == nil, "an old result is nobody's")
  equal(filled:formula "C1", "=B1*2")
  local data = filled:page "Data"
  equal(data:cell "C1", "=1+1")
  assert(data:cell "C2" == true and data:cell "C3" == decimal "12.5" and data:cell "C4" == decimal "7")
  assert(sheet.open("design.xlsx"):cell "B1" == decimal "1", "the template stays as it was")
end

tests["a range is filled and what is left of it is emptied"] = function()
  local report = sheet.update(design())
  report:range("Data!A1:B3", { { "a", 1 } })
  report:page("Data"):range("D1", function() end)
  report:close()
  local data = sheet.open("design.xlsx"):page "Data"
  equal(data:cell "A1", "a")
  equal(data:cell "B1", "1")
  assert(data:cell "A2" == nil and data:cell "B3" == nil)
end

tests["rows from one cell on take the room they need"] = function()
  local report = sheet.update(design())
  local given = 0
  report:page("Data"):range("B2", function()
    given = given + 1
    return given <= 3 and { given, given * 2 } or nil
  end)
  report:close()
  equal(sheet.open("design.xlsx"):page("Data"):cell "C4", "6")
end

tests["more than a range holds raises and says how much"] = function()
  local report = sheet.update(design())
  mentions(raised(report.range, report, "Data!A1:B2", { {}, {}, {} }), "3 × 0")
  mentions(raised(report.range, report, "Data!A1:B2", { { 1, 2, 3 } }), "A1:B2")
  mentions(raised(report.cell, report, "Data!A1:B2", 1), "1 × 1")
end

tests["what can't be is told"] = function()
  local report = sheet.update(design())
  mentions(raised(report.cell, report, "B4", 1), "A4:C4")
  mentions(raised(report.cell, report, "Sum", 1), "Sum")
  mentions(raised(report.page, report, "Dota"), "Data")
  mentions(raised(report.table, report, "Invoices", {}), "Invoices")
  mentions(raised(report.cell, report, "B1", {}), "B1")
  mentions(raised(sheet.update, "design.xlsx", { as = "report.xls" }), ".xlsx")
  require("text").write("plain.csv", "a;b\n1;2\n")
  mentions(raised(sheet.update, "plain.csv"), ".xlsx")
end

tests["a closed template takes nothing, and one that was not closed leaves nothing"] = function()
  local report = sheet.update(design(), { as = "closed.xlsx" })
  local page = report:page "Data"
  report:close()
  report:close()
  mentions(raised(report.cell, report, "A1", 1), "closed.xlsx")
  mentions(raised(page.cell, page, "A1", 1), "closed.xlsx")
  pcall(function()
    local left <close> = sheet.update(design(), { as = "left.xlsx" })
    left:cell("A1", 1)
    error "stopped"
  end)
  mentions(raised(sheet.open, "left.xlsx"), "left.xlsx")
end

return tests
