local date    = require "date"
local decimal = require "decimal"
local sheet   = require "sheet"
local text    = require "text"

local PATH = "sheet_write_test.xlsx"

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

-- What a workbook holds that is written by `write(report)`.
local function written(write)
  local report = sheet.create(PATH)
  write(report)
  report:close()
  return sheet.open(PATH)
end

-- The fault of writing.
local function refused(write)
  local report = sheet.create(PATH)
  return raised(write, report)
end

local tests = {}

tests["totals are added up exactly, averaged, counted and compared"] = function()
  local rows = {
    { "a", decimal "0.10", 3, date "31.1.2026" },
    { "b", decimal "0.20", 4, date "28.2.2026" },
    { "c", decimal "-9.95", 5 },
  }
  local book = written(function(report)
    report:table("All", { "Name", "Sum", "Number", "Due" }, rows, {
      totals = { Name = "count", Sum = "sum", Number = "average", Due = "max" },
    })
    report:table("Sums", { "Name", "Sum", "Number" }, rows, { totals = { "Sum", "Number" } })
  end)
  local all = book:page "All"
  equal(all:cell "A5", "3")
  equal(all:cell "B5", "-9.65")
  equal(all:cell "C5", "4")
  assert(all:cell "D5" == date "28.2.2026")
  equal(book:page("Sums"):cell "A5", "Total")
  equal(book:page("Sums"):cell "C5", "12")
end

tests["a table without rows has its headers and its totals"] = function()
  local page = written(function(report)
    report:table("None", { "Name", "Sum" }, {}, { totals = { "Sum" }, title = "None" })
  end):page "None"
  equal(page:cell "A1", "None")
  equal(page:cell "B3", "Sum")
  equal(page:cell "B5", "0")
end

tests["what a page of rows and a free page hold is the same"] = function()
  local function fill(report, name)
    return report:table(name, { "Name", "Sum", "Day", "Good" }, {
      { "_x0041_\v", decimal "9.95", date "1.3.2026", true },
      { "two\nlines", decimal "12345678901234.56", date "1.1.1899", false },
      { sheet.styled("late", "warning"), sheet.styled(decimal "1.50", "bad"), sheet.link("mailto:a@b.fi", "there") },
    }, { totals = {} })
  end
  local book = written(function(report)
    report:page "Free"
    fill(report, "Rows")
    fill(report, "Free")
  end)
  local rows, free = book:page("Rows"):range "A1:D5", book:page("Free"):range "A1:D5"
  for i, row in ipairs(rows) do
    for k = 1, 4 do equal(row[k], free[i][k]) end
  end
  equal(rows[2][1], "_x0041_\v")
  equal(rows[2][2], "9.95")
  equal(rows[3][2], "12345678901234.56")
  equal(rows[3][3], "1899-01-01")
  equal(rows[4][1], "late")
  equal(rows[4][3], "there")
end

tests["text is never a formula nor a link by its looks"] = function()
  local texts = { "=1+1", "+358 40 123", "-", "@SUM(A1)", "https://example.org/", "{=1}", "1.5", "TRUE", "'quoted" }
  local book = written(function(report) report:table("P", { "Text" }, function()
    local next_text = table.remove(texts, 1)
    return next_text and { next_text }
  end) end)
  equal(book:cell "A2", "=1+1")
  equal(book:cell "A5", "@SUM(A1)")
  equal(book:cell "A6", "https://example.org/")
  equal(book:cell "A8", "1.5")
  equal(book:cell "A9", "TRUE")
  equal(book:cell "A10", "'quoted")
end

tests["a number that a spreadsheet would change is text, and is not added up"] = function()
  local long = decimal "12345678901234.56"
  equal(written(function(report) report:table("P", { "Sum" }, { { long } }) end):cell "A2", "12345678901234.56")
  local fault = refused(function(report) report:table("P", { "Sum" }, { { long } }, { totals = { "Sum" } }) end)
  mentions(fault, "12345678901234.56")
  mentions(fault, "A2")
  -- A sum that is longer than its parts is exact, too.
  local page = written(function(report)
    local parts = { { decimal "999999999999999" }, { decimal "0.01" } }
    report:table("P", { "Sum" }, parts, { totals = { "Sum" } })
  end)
  equal(page:cell "A4", "999999999999999.01")
end

tests["pages are laid out, protected and printed in one go"] = function()
  local book = written(function(report)
    local page = report:page("Form"):cell("A1", "Form", "title"):cell("B3", "open", "input")
    page:row("5:6", { level = 1, hidden = true }):row(7, { folded = true, height = 20 })
    page:column("D:E", { hidden = true }):column("F", { format = "money", width = 12.5 }):freeze "A3"
    page:merge("A8:C9", "merged", "bold center"):note("B3", "ask Maija", "Matti")
    page:entry("B3", { list = { "open", "done" }, title = "State", message = "Is it done?" })
    page:entry("B4", { type = "date", when = ">=", value = date "1.1.2026", error = "this year", warning = true })
    page:entry("B5", { from = "Form!H1:H3" })
    page:view { active = true, gridlines = false, zoom = 90, colour = "#0000BF" }
    page:print {
      landscape = true, paper = "a3", repeat_rows = "1:2", area = "A1:H20", header = "R&D {page}",
      footer = { left = "{file}", right = "{page}/{pages}" }, margins = { left = 1.5, top = 2 }, center = true,
    }
    page:protect { password = "secret", sort = true }
    report:table("Rows", { "A" }, { { 1 } }):view { hidden = true }
  end)
  equal(book:page("Rows"):visibility(), "hidden")
  equal(book:page("Form"):cell "A8", "merged")
end

tests["rules are taken with every kind of value, and wrong ones told"] = function()
  written(function(report)
    local page = report:page("P"):range("A1", { { 1, 2 }, { 3, 4 } })
    for _, when in ipairs { "<", "<=", ">", ">=", "=", "~=" } do
      page:rule { range = "A1:B2", when = when, value = decimal "1.5", format = "bad" }
    end
    page:rule { range = "A1:B2", when = "between", value = 1, upper = sheet.formula "=$B$1", format = "good" }
    page:rule { range = "A1:B2", when = "=", value = 'say "yes"', format = "warning" }
    page:rule { range = "A1:B2", when = "contains", value = "x", format = "note" }
    page:rule { range = "A1:B2", when = "formula", value = sheet.formula "=$A1>1", format = "bold" }
    page:rule { range = "A1:B2", when = "<", value = date "1.1.2026", format = "bad", stop = true }
    local bare = { "duplicate", "unique", "blank", "error", "colours", "bars", "icons", "today", "last month" }
    for _, when in ipairs(bare) do
      page:rule { range = "A1:B2", when = when, format = when ~= "bars" and "warning" or nil }
    end
    page:rule { range = "A1:B2", when = "top", value = 3, format = "good" }
    page:rule { range = "A1:B2", when = "colours", colours = { "#FF0000", "#00FF00" } }
  end)
  mentions(refused(function(report) report:page("P"):rule { range = "A1", when = "duplicated" } end), "duplicate")
  refused(function(report) report:page("P"):rule { range = "A1", when = "<", format = "bad" } end)
  refused(function(report) report:page("P"):rule { range = "A1", when = "top", value = 0 } end)
  refused(function(report) report:page("P"):rule { range = "A1", when = "contains", value = 'a"b' } end)
  refused(function(report) report:page("P"):rule { range = "A1", when = "colours", colours = { "red" } } end)
end

tests["choices that a list can't hold are told with what to do"] = function()
  mentions(refused(function(report) report:page("P"):entry("A1", { list = { "a,b" } }) end), "a,b")
  refused(function(report) report:page("P"):entry("A1", { list = { ("x"):rep(256) } }) end)
  refused(function(report) report:page("P"):entry("A1", { from = "Nowhere!A1:A2" }) end)
  refused(function(report) report:page("P"):entry("A1", { type = "integer" }) end)
  refused(function(report) report:page("P"):entry("A1", { type = "integer", when = "duplicate", value = 1 }) end)
end

tests["links lead to the web or into the workbook, to nowhere else"] = function()
  local book = written(function(report)
    report:page "Findings"
    local page = report:page "Links"
    page:cell("A1", sheet.link("https://example.org/?q=internal:a", "web"))
    page:cell("A2", sheet.link "mailto:finance@example.org"):cell("A3", sheet.link("Findings!B7", "inside"))
  end)
  equal(book:page("Links"):cell "A1", "web")
  equal(book:page("Links"):cell "A2", "mailto:finance@example.org")
  mentions(refused(function(report) report:page("P"):cell("A1", sheet.link "file:///etc/passwd") end), "A1")
  refused(function(report) report:page("P"):cell("A1", sheet.link("Nowhere!A1", "x")) end)
end

tests["charts of all kinds take ranges of any page"] = function()
  written(function(report)
    local page = report:table("Sums", { "Name", "Net", "Tax" }, { { "a", 1, 2 }, { "b", 3, 4 } })
    local kinds = { "column", "stacked column", "bar", "stacked bar", "line", "area", "stacked area", "pie", "doughnut",
      "scatter" }
    for i, kind in ipairs(kinds) do
      page:chart {
        type = kind, title = kind, at = "F" .. i * 16, labels = true, x_title = "names", y_title = "sums",
        y_format = "#,##0", width = 600, height = 300, categories = "A2:A3",
        series = { { values = "B2:B3", colour = "#0000BF" }, { values = "Sums!C2:C3", name = "Tax" } },
      }
    end
    report:page("Charts"):chart { page = "Sums", values = "B2:B3", title = "Net" }
  end)
  mentions(refused(function(report) report:page("P"):chart { type = "cake", values = "A1:A2" } end), "doughnut")
  refused(function(report) report:page("P"):chart { type = "pie" } end)
  refused(function(report) report:page("P"):chart { values = "Nowhere!A1:A2" } end)
end

-- A picture of one red dot.
local DOT = "\137PNG\r\n\26\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\8\2\0\0\0\144wS\222\0\0\0\12IDAT\8\215c\248\207\192\0\0\3\1"
  .. "\1\0\24\221\141\176\0\0\0\0IEND\174B`\130"

tests["images are PNG or JPEG of the run's folder"] = function()
  local letters = DOT:gsub(".", function(byte) return utf8.char(byte:byte()) end)
  text.write("sheet_write_test.png", letters, { encoding = "iso-8859-1" })
  written(function(report)
    report:page("P"):image("sheet_write_test.png", { at = "B2", width = 100, description = "a dot" })
    report:table("Q", { "A" }, { { 1 } }):image("sheet_write_test.png")
  end)
  text.write("sheet_write_test.txt", "no picture at all")
  mentions(refused(function(report) report:page("P"):image "sheet_write_test.txt" end), "sheet_write_test.txt")
  mentions(refused(function(report) report:page("P"):image "not_there.png" end), "not_there.png")
end

tests["styles are combined, formats are the office's own"] = function()
  local book = written(function(report)
    local page = report:page "P"
    page:cell("A1", decimal "1.50", "bold warning"):cell("A2", date "1.2.2026", "bold")
    page:cell("A3", decimal "0.125", "good percent"):cell("A4", 5, 'bold 0 "pcs"'):cell("A5", 7, "0.000")
  end)
  assert(book:cell "A2" == date "1.2.2026", "bold says nothing of how a day is shown")
  equal(book:cell "A3", "0.125")
  mentions(refused(function(report) report:page("P"):cell("A1", 1, "bold warnning") end), "warning")
end

tests["what is wrong with a table's options is told"] = function()
  local function with(options)
    return refused(function(report) report:table("P", { "Name", "Sum" }, { { "a", 1 } }, options) end)
  end
  mentions(with { formats = { Summ = "money" } }, "Summ")
  mentions(with { widths = { Summ = 5 } }, "Summ")
  mentions(with { entries = { Summ = { list = { "a" } } } }, "Summ")
  mentions(with { totals = { "Summ" } }, "headers")
  mentions(with { totals = { Sum = "product" } }, "average")
  mentions(with { rules = { { column = "Summ", when = "blank" } } }, "headers")
  mentions(with { titel = "x" }, "titel")
end

tests["page names that Excel refuses are told"] = function()
  local function named(...)
    local names = { ... }
    return refused(function(report)
      for _, name in ipairs(names) do report:page(name):cell("A1", 1) end
    end)
  end
  mentions(named "a/b", "a/b")
  mentions(named(("x"):rep(32)), "31")
  mentions(named("Summa", "SUMMA"), "Summa")
  mentions(named "", "\"\"")
end

tests["two tables stand on one page, each with its name"] = function()
  local page = written(function(report)
    report:table("P", { "A", "B" }, { { 1, 2 } }, { totals = { "B" } })
    report:table("P", { "A", "A" }, { { 3, 4 } }, { title = "Second" })
    report:table("P", { "A" }, { { 5 } }, { name = "Third", table = false })
  end):page "P"
  equal(page:cell "B2", "2")
  equal(page:cell "A5", "Second")
  equal(page:cell "B8", "4")
  equal(page:cell "A11", "5")
end

return tests
