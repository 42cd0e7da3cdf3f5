local date    = require "date"
local decimal = require "decimal"
local sheet   = require "sheet"
local text    = require "text"

-- The text of what a call raises.
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

local function csv(content, options)
  text.write("sheet_test.csv", content)
  return sheet.open("sheet_test.csv", options)
end

local function invoices()
  local report = sheet.create("sheet_test.xlsx", { title = "Invoices", author = "finance" })
  report:table("Invoices", { "Invoice", "Supplier", "Sum", "Due", "Paid" }, {
    { "A-1", "Äijälä Oy", decimal "12.30", date "31.1.2026", true },
    { "A-2", "=1+1", decimal "-1204551.35", date "28.2.2026", false },
    { Invoice = "A-3", Sum = decimal "0.10" },
  }, { formats = { Due = "date" }, totals = { "Sum" }, title = "Invoices of the month" })
  report:close()
  return sheet.open "sheet_test.xlsx"
end

local tests = {}

tests["with reuse, every row is the same table and holds only what is in the row"] = function()
  local content = "a;b;c\n1;2;\n;;3\n4;5;6\n"
  local rows = csv(content):rows { reuse = true }
  local first = rows()
  equal(first.a, "1")
  assert(first.c == nil)
  local second = rows()
  assert(rawequal(first, second))
  assert(second.a == nil and second.b == nil)
  equal(second.c, "3")
  equal(rows().b, "5")
  assert(rows() == nil)
  mentions(raised(function() return first.x end), "x")

  local seen = {}
  for row in csv(content):rows { header = false, reuse = true } do
    seen[#seen + 1] = ("%s,%s,%s"):format(tostring(row[1]), tostring(row[2]), tostring(row[3]))
  end
  equal(table.concat(seen, " "), "a,b,c 1,2,nil nil,nil,3 4,5,6")
  local apart = csv(content):rows()
  assert(not rawequal(apart(), apart()), "without it, rows are tables of their own")
end

tests["values that come again are the same in every row"] = function()
  local report = sheet.create "again.xlsx"
  local list = {}
  for i = 1, 50 do
    list[i] = { "Supplier " .. i % 3, decimal "0.10" * (i % 4), date "1.1.2026":add { days = i % 5 }, i % 2 == 0 }
  end
  report:table("Again", { "Name", "Sum", "Day", "Even" }, list, { formats = { Day = "date" } })
  report:close()
  local count = 0
  for row, number in sheet.open("again.xlsx"):rows() do
    local expected = list[number - 1]
    equal(row.Name, expected[1])
    assert(row.Sum == expected[2], number)
    assert(row.Day == expected[3], number)
    equal(row.Even, expected[4])
    count = count + 1
  end
  equal(count, 50)
end

tests["rows are tables by the names of the header"] = function()
  local rows = invoices():rows { header = 3 }
  equal(table.concat(rows:names(), ","), "Invoice,Supplier,Sum,Due,Paid")
  local row, number = rows()
  equal(number, 4)
  equal(row.Invoice, "A-1")
  equal(row.Supplier, "Äijälä Oy")
  assert(row.Sum == decimal "12.30", "a number is an exact decimal")
  assert(row.Due == date "31.1.2026")
  assert(row.Paid == true)
  row = rows()
  equal(row.Supplier, "=1+1")
  equal(row.Sum, "-1204551.35")
  row = rows()
  assert(row.Due == nil and row.Supplier == nil)
  equal(row.Sum + decimal "0.20", "0.30")
  row = rows()
  equal(row.Sum, "-1204538.95") -- the totals, exact
  assert(rows() == nil)
  equal(rows:count(), 4)
end

tests["a name that no column has raises and tells the nearest"] = function()
  local row = invoices():rows { header = 3 }()
  mentions(raised(function() return row.Invoise end), "Invoice")
end

tests["columns are found under other names, missing ones are told at once"] = function()
  local row = csv("Lasku nro;Summa\n4711;12,50\n"):rows {
    columns = { Invoice = { "Invoice no", "lasku nro." }, Sum = "SUMMA", Note = { optional = true } },
    types = { Sum = "decimal" },
  }()
  equal(row.Invoice, "4711")
  equal(row.Sum, "12.50")
  assert(row.Note == nil)
  local fault = raised(function() csv("Lasku;Summa\n1;2\n"):rows { columns = { "Lasku", "Toimittaja", "Summma" } } end)
  mentions(fault, "Toimittaja")
  mentions(fault, "Summma (Summa?)")
  mentions(fault, "sheet_test.csv")
end

tests["cells of a csv are text until a type is told"] = function()
  local content = "id;sum;day;open;count\n007;1 234,56;31.1.2026;kyllä;12\n008;;;;\n"
  local rows = csv(content):rows { types = { sum = "decimal", day = "date", open = "boolean", count = "integer" } }
  local row, line = rows()
  equal(line, 2)
  equal(row.id, "007")
  equal(row.sum, "1234.56")
  assert(row.day == date "31.1.2026" and row.open == true and row.count == 12)
  row = rows()
  assert(row.id == "008" and row.sum == nil and row.day == nil)
  assert(rows() == nil and rows() == nil)
  local fault = raised(function() csv("sum\nabc\n"):rows { types = { sum = "decimal" } }() end)
  mentions(fault, "abc")
  mentions(fault, "decimal")
end

tests["what a csv file is like is found by looking and can be told"] = function()
  equal(csv("a;b\n1,5;2\n"):describe(), "csv, utf-8, delimiter ;, decimal comma")
  equal(csv("a|b\n\"x|y\"|2\n", { quote = false, delimiter = "|" }):rows { header = false }()[1], "a")
  equal(csv("# c\na,b\n1,2\n", { comment = "#" }):rows()().b, "2")
end

tests["rows without a header are lists"] = function()
  local rows = csv("a;;c\nd;e;f;g\n"):rows { header = false, types = { [1] = "text" } }
  local row, _, width = rows()
  assert(row[1] == "a" and row[2] == nil and row[3] == "c" and width == 3)
  local second = csv("a;b\nc;d\ne;f\n"):rows { header = false, from = 2 }()
  equal(second[1], "c")
end

tests["titles above the header of a csv are passed over"] = function()
  local rows = csv("Ostot 2026\n\nLasku;Summa\n1;2,50\n2;3,50\n"):rows()
  local row, line = rows()
  assert(row.Lasku == "1" and line == 4)
  equal(csv("Ostot\n\nLasku;Summa\n1;2,50\n2;3,50\n"):describe(),
    "csv, utf-8, delimiter ;, header on line 3, decimal comma")
  equal(csv("sep=|\na;b|c\n1|2\n"):rows()()["a;b"], "1")
end

tests["quotes are found unless they are told"] = function()
  equal(csv("'a';'b'\n'x;y';'2'\n"):rows()().a, "x;y")
  equal(csv("'a';'b'\n'x';'2'\n", { quote = '"' }):rows()()["'a'"], "'x'")
end

tests["every row is a table of its own, unless the robot wants the same one"] = function()
  local content = "a;b\n1;2\n3;\n;4\n"
  local rows = csv(content):rows()
  local first, second = rows(), rows()
  assert(first.a == "1" and first.b == "2" and second.a == "3" and second.b == nil)
  rows = csv(content):rows { reuse = true }
  first = rows()
  assert(first.a == "1" and first.b == "2")
  second = rows()
  assert(rawequal(first, second) and second.a == "3" and second.b == nil)
  assert(rows().b == "4" and first.a == nil and rows() == nil)
  raised(function() return first.c end)
  rows = csv(content):rows { header = false, reuse = true }
  local list = rows()
  assert(#list == 2 and rows()[2] == "2" and rows()[2] == nil and list[1] == "3")
  assert(rows()[2] == "4" and list[1] == nil)
  local report = sheet.create "sheet_test.xlsx"
  report:table("Sums", { "a", "b" }, { { "x", 1 }, { "y" } }):freeze "A2"
  report:close()
  rows = sheet.open("sheet_test.xlsx"):rows { reuse = true }
  first = rows()
  assert(first.a == "x" and rawequal(rows(), first) and first.a == "y" and first.b == nil)
end

tests["texts that come again and texts that never do are all right"] = function()
  local lines = { "id;place;long;ä" }
  for i = 1, 5000 do
    local long = ("long text of some department %d"):format(i % 7)
    lines[i + 1] = ("%d;%s;%s;%s"):format(i, ("x"):rep(i % 35), long, "ä" .. i % 3)
  end
  for _, reuse in ipairs { false, true } do
    local count = 0
    for row in csv(table.concat(lines, "\n")):rows { reuse = reuse } do
      count = count + 1
      assert(row.id == tostring(count) and (row.place or "") == ("x"):rep(count % 35))
      assert(row.long == ("long text of some department %d"):format(count % 7) and row["ä"] == "ä" .. count % 3)
    end
    equal(count, 5000)
  end
end

tests["rows that are shorter than the header are read and told"] = function()
  local rows = csv("a;b;c\n1;2;3\n4;5\n6;7;8\n9\n"):rows()
  local count = 0
  for row in rows do
    assert(row.a)
    count = count + 1
  end
  equal(count, 4)
  local problems, total = rows:problems()
  assert(#problems == 2 and total == 2 and problems[1].kind == "short row" and problems[1].line == 3)
  equal(problems[2].line, 5)
  local cut = "a;b;c\n1;2;3\n4;5"
  mentions(raised(function() for row in csv(cut):rows() do assert(row.a) end end), "3")
  rows = csv(cut, { strict = false }):rows()
  assert(rows().c == "3" and rows().b == "5" and rows() == nil)
  equal(rows:problems()[1].kind, "cut off")
end

tests["a csv is written row by row, and is there whole or not at all"] = function()
  local number = 0
  local function numbers()
    number = number + 1
    return number <= 20000 and { "=" .. number, decimal "-1.50", number, "a;b" } or nil
  end
  sheet.write_csv("sheet_test.csv", { "Text", "Sum", "Number", "Note" }, numbers)
  local count = 0
  for row in sheet.open("sheet_test.csv"):rows() do
    count = count + 1
    assert(row.Text == "'=" .. count and row.Sum == "-1,50" and row.Number == tostring(count) and row.Note == "a;b")
  end
  equal(count, 20000)
  raised(function() sheet.write_csv("half.csv", { "a" }, function() error("stop") end) end)
  mentions(raised(function() sheet.open "half.csv" end), "half.csv")
  sheet.write_csv("sheet_test.csv", { "a", "b" }, { { "=1", "@x" } }, { raw = true, bom = false, delimiter = "," })
  equal(text.read "sheet_test.csv", "a,b\r\n=1,@x\r\n")
end

tests["a damaged csv raises with its line, or is read and told"] = function()
  local content = "a;b\n1;2;3\n"
  mentions(raised(function() csv(content):rows()() end), "2")
  equal(csv(content, { strict = false }):rows()().b, "2")
  local cut = 'a;b\n1;"2\n'
  raised(function() csv(cut):rows()() end)
  local rows = csv(cut, { strict = false }):rows()
  assert(rows().a == "1")
  equal(rows:problems()[1].line, 2)
  equal(rows:problems()[1].kind, "open quote")
end

tests["pages, cells and ranges"] = function()
  local report = sheet.create "sheet_test.xlsx"
  local page = report:page "Summary"
  page:cell("B2", decimal "2.50", "money"):cell("A1", "Total", "title"):cell("B3", sheet.formula("=B2*2", decimal "5"))
  page:cell("C2", "x"):column("A", { width = 30 }):freeze("A2"):merge("A5:C5", "merged", "bold")
  page:chart { type = "pie", values = "B2:B3", title = "Parts", at = "E2" }
  report:page("Other"):cell("A1", 4711)
  report:close()
  report:close()
  mentions(raised(function() report:page "Late" end), "sheet_test.xlsx")

  local book = sheet.open "sheet_test.xlsx"
  equal(#book:pages(), 2)
  equal(book:page(2):name(), "Other")
  equal(book:page("other"):cell "A1", "4711")
  equal(book:cell "B2", "2.5")
  equal(book:cell "B3", "5")
  assert(book:cell "Z99" == nil)
  local range = book:range "A1:C3"
  assert(#range == 3 and range[1][1] == "Total" and range[2][3] == "x" and range[1][2] == nil)
  mentions(raised(function() book:page "Sumary" end), "Summary, Other")
  raised(function() book:cell "7B" end)
  book:close()
  raised(function() book:cell "A1" end)
end

tests["a report is not there until it is closed, nor when an error leaves its scope"] = function()
  local function half()
    local report <close> = sheet.create "sheet_test_half.xlsx"
    report:page("P"):cell("A1", 1)
    error("stop")
  end
  raised(half)
  mentions(raised(sheet.open, "sheet_test_half.xlsx"), "sheet_test_half.xlsx")
end

tests["an error cell is a value of its own"] = function()
  local report = sheet.create "sheet_test.xlsx"
  report:page("P"):cell("A1", sheet.formula "=1/0")
  report:close()
  assert(not sheet.is_error(sheet.open("sheet_test.xlsx"):cell "A1"))
  assert(not sheet.is_error "#N/A")
end

tests["rows go straight from one workbook to another"] = function()
  invoices()
  local report = sheet.create "sheet_test_copy.xlsx"
  local rows = sheet.open("sheet_test.xlsx"):rows { header = 3, columns = { "Invoice", "Sum" } }
  report:table("Copy", { "Invoice", "Sum" }, rows)
  report:close()
  equal(sheet.open("sheet_test_copy.xlsx"):cell "B3", "-1204551.35")
end

tests["csv is written for people, or raw for machines"] = function()
  sheet.write_csv("sheet_test.csv", { "Nimi", "Summa" }, { { "=cmd", decimal "-12.50" }, { "Ä", 7 } })
  equal(text.read "sheet_test.csv", "Nimi;Summa\r\n\"'=cmd\";-12,50\r\nÄ;7\r\n")
  sheet.write_csv("sheet_test.csv", { "a" }, { { "=b" } }, { raw = true, bom = false, delimiter = ",", decimal = "." })
  equal(text.read "sheet_test.csv", "a\r\n=b\r\n")
end

tests["an OpenDocument page is read as any other"] = function()
  text.write("sheet_test.fods", [[<?xml version="1.0"?>
    <office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"><office:body><office:spreadsheet>
    <table:table table:name="Laskut"><table:table-row>
      <table:table-cell office:value-type="string"><text:p>Summa</text:p></table:table-cell>
      <table:table-cell office:value-type="string"><text:p>Eräpäivä</text:p></table:table-cell>
      <table:table-cell office:value-type="string"><text:p>Alv</text:p></table:table-cell></table:table-row>
    <table:table-row>
      <table:table-cell office:value-type="currency" office:value="12.3"><text:p>12,30 €</text:p></table:table-cell>
      <table:table-cell office:value-type="date" office:date-value="2026-01-31"/>
      <table:table-cell office:value-type="percentage" office:value="0.255"/></table:table-row></table:table>
    </office:spreadsheet></office:body></office:document>]])
  local book = sheet.open "sheet_test.fods"
  equal(book:describe(), "ods")
  equal(book:page(1):name(), "Laskut")
  local row = book:rows { header = true }()
  assert(row.Summa == decimal "12.30" and row["Eräpäivä"] == date "31.1.2026" and row.Alv == decimal "0.255")
end

tests["what is no spreadsheet is named"] = function()
  text.write("sheet_test.xls", "<html><table><tr><td>1</td></tr></table></html>")
  mentions(raised(sheet.open, "sheet_test.xls"), "a web page (HTML)")
end

tests["wrong arguments are told in words"] = function()
  mentions(raised(sheet.create, "report.xls"), ".xlsx")
  mentions(raised(sheet.open, "not there.xlsx"), "not there.xlsx")
  local report = sheet.create "sheet_test.xlsx"
  mentions(raised(report.table, report, "P", { "a" }, { { 1 } }, { formats = { a = "mony" } }), "money")
  raised(report.table, report, "P", {}, {})
  raised(report.table, report, "Q", { "a" }, { 1 })
  raised(report.page, report, "a/b")
  raised(function() csv("a\n1\n"):rows { types = { b = "text" } } end)
  raised(function() csv("a\n1\n"):rows { header = 9 } end)
  raised(function() csv("a\n1\n"):rows { hedaer = true } end)
end

return tests
