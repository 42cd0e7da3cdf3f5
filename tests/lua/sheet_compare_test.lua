local date    = require "date"
local decimal = require "decimal"
local sheet   = require "sheet"
local text    = require "text"

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

local BEFORE = {
  { No = "A-1", Sum = decimal "12.30", Due = date "31.1.2026", Note = "ok" },
  { No = "A-2", Sum = decimal "5", Due = date "1.2.2026" },
  { No = "A-3", Sum = decimal "7" },
}
local AFTER = {
  { No = "A-3", Sum = decimal "7.01" },
  { No = "A-1", Sum = decimal "12.3", Due = date "31.1.2026", Note = "OK " },
  { No = "A-4", Sum = decimal "9" },
}

local function told(difference)
  local count = difference:count()
  return ("%d %d %d %d"):format(count.added, count.removed, count.changed, count.same)
end

local tests = {}

tests["rows are matched by their key, wherever they stand"] = function()
  local difference = sheet.compare(BEFORE, AFTER, { key = "No" })
  equal(told(difference), "1 1 2 0")
  equal(difference:added()[1].key, "A-4")
  equal(difference:removed()[1].values.Due, "2026-02-01")
  local change = difference:changed()[1]
  equal(change.key, "A-3")
  equal(change.old_row, 3)
  equal(change.row, 1)
  equal(#change.cells, 1)
  equal(change.cells[1].column, "Sum")
  equal(change.cells[1].old, "7")
  equal(change.cells[1].new, "7.01")
  assert(not difference:is_same())
end

tests["what does not count is left out"] = function()
  equal(told(sheet.compare(BEFORE, AFTER, { key = "No", tolerance = decimal "0.01" })), "1 1 1 1")
  equal(told(sheet.compare(BEFORE, AFTER, { key = "No", ignore = { "Sum" } })), "1 1 1 1")
  equal(told(sheet.compare(BEFORE, AFTER, { key = "No", columns = { "Due" } })), "1 1 0 2")
  equal(told(sheet.compare(BEFORE, AFTER, { key = "No", trim = true, ignore_case = true })), "1 1 1 1")
end

tests["without a key rows are matched by their place"] = function()
  equal(told(sheet.compare({ { 1, 2 }, { 3, 4 } }, { { 1, 2 }, { 3, 5, 6 } }, { header = false })), "0 0 1 1")
  assert(sheet.compare(BEFORE, BEFORE):is_same())
end

tests["several columns can be the key, and numbers and texts of one"] = function()
  local difference = sheet.compare({ { Unit = 1, No = "4711", Sum = 1 }, { Unit = 2, No = "4711", Sum = 2 } },
    { { Unit = 2, No = decimal "4711.0", Sum = 3 }, { Unit = 1, No = 4711, Sum = 1 } }, { key = { "Unit", "No" } })
  equal(told(difference), "0 0 1 1")
  equal(difference:changed()[1].key, "2, 4711")
end

tests["keys that come twice are told and matched in their order"] = function()
  local difference = sheet.compare({ { No = 1, Sum = 1 }, { No = 1, Sum = 2 } },
    { { No = 1, Sum = 1 }, { No = 1, Sum = 2 }, { No = 1, Sum = 3 } }, { key = "No" })
  equal(told(difference), "1 0 0 2")
  local duplicates = difference:duplicates()
  equal(#duplicates, 2)
  equal(duplicates[1].side .. table.concat(duplicates[1].rows, " "), "a1 2")
  equal(duplicates[2].side .. table.concat(duplicates[2].rows, " "), "b1 2 3")
end

tests["files are compared whatever they are"] = function()
  text.write("before.csv", "No;Sum;Old\n1;2,50;x\n2;3\n")
  local report = sheet.create "after.xlsx"
  report:table("After", { "No", "Sum", "New" }, { { 1, decimal "2.50", "y" }, { 2, decimal "3.10" } })
  report:close()
  local difference = sheet.compare("before.csv", "after.xlsx", { key = "No", types = { Sum = "decimal" } })
  equal(told(difference), "0 0 1 1")
  equal(difference:columns().added[1], "New")
  equal(difference:columns().removed[1], "Old")
  local page = sheet.open("after.xlsx"):page "After"
  equal(told(sheet.compare(sheet.open "after.xlsx", page, { key = "No" })), "0 0 0 2")
end

tests["the differences are written as a workbook"] = function()
  sheet.compare(BEFORE, AFTER, { key = "No" }):save "differences.xlsx"
  local book = sheet.open "differences.xlsx"
  equal(#book:pages(), 3)
  equal(book:cell "A1", "Differences")
  local row = book:page("Rows"):rows()()
  equal(row.Change, "changed")
  equal(row.No, "A-3")
  equal(row.Sum, "7.01")
  local cells = book:page("Cells"):rows()()
  equal(cells.Before, "7")
  equal(cells.After, "7.01")
  sheet.compare(BEFORE, BEFORE, { key = "No" }):save "none.xlsx"
  equal(#sheet.open("none.xlsx"):pages(), 1)
end

tests["what is wrong is told"] = function()
  mentions(raised(sheet.compare, BEFORE, AFTER, { key = "Number" }), "Number")
  mentions(raised(sheet.compare, BEFORE, AFTER, { keys = "No" }), "keys")
  mentions(raised(sheet.compare, BEFORE, 7, { key = "No" }), "compare")
  mentions(raised(sheet.compare, BEFORE, AFTER, { key = "No", tolerance = "1" }), "tolerance")
end

return tests
