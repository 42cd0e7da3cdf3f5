-- What robots read from workbooks of other programs: cells, names, tables, formulas, what is hidden.
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

local function mentions(whole, ...)
  for _, part in ipairs { ... } do
    if not whole:find(part, 1, true) then error(("%s is not in: %s"):format(part, whole), 2) end
  end
end

---- a workbook of parts: a zip file without compression ---------------------------------------------------------

local REMAINDERS = {}
for byte = 0, 255 do
  local sum = byte
  for _ = 1, 8 do sum = sum >> 1 ~ (sum & 1 == 1 and 0xEDB88320 or 0) end
  REMAINDERS[byte] = sum
end

local function crc(bytes)
  local sum = 0xFFFFFFFF
  for i = 1, #bytes do sum = sum >> 8 ~ REMAINDERS[(sum ~ bytes:byte(i)) & 255] end
  return sum ~ 0xFFFFFFFF
end

local function zip(parts)
  local file, directory, at = {}, {}, 0
  for _, part in ipairs(parts) do
    local name, content = part[1], part[2]
    local header = ("<I2I2I2I4I4I4I4I2I2"):pack(20, 0, 0, 0, crc(content), #content, #content, #name, 0)
    table.insert(file, "PK\3\4" .. header .. name .. content)
    table.insert(directory, "PK\1\2\20\0" .. header .. ("<I8I2I4"):pack(0, 0, at) .. name)
    at = at + #file[#file]
  end
  local list = table.concat(directory)
  return table.concat(file) .. list .. "PK\5\6" .. ("<I4I2I2I4I4I2"):pack(0, #parts, #parts, #list, at, 0)
end

local DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

local function relations(...)
  local items = {}
  for i, item in ipairs { ... } do
    items[i] = ('<Relationship Id="r%d" Type="%s/%s" Target="%s"/>'):format(i, DOCUMENT, item[1], item[2])
  end
  return "<Relationships>" .. table.concat(items) .. "</Relationships>"
end

-- pages: a list of { name, xml of the sheet's inside, attributes of <sheet>, tables of it }
local function workbook(pages, names)
  local sheets, targets, parts = {}, {}, {}
  for i, page in ipairs(pages) do
    sheets[i] = ('<sheet name="%s" r:id="r%d" %s/>'):format(page[1], i, page[3] or "")
    targets[i] = { "worksheet", ("s%d.xml"):format(i) }
    table.insert(parts, { ("xl/s%d.xml"):format(i), "<worksheet>" .. page[2] .. "</worksheet>" })
    local tables = {}
    for k, xml in ipairs(page[4] or {}) do
      tables[k] = { "table", ("t%d_%d.xml"):format(i, k) }
      table.insert(parts, { "xl/" .. tables[k][2], xml })
    end
    table.insert(parts, { ("xl/_rels/s%d.xml.rels"):format(i), relations(table.unpack(tables)) })
  end
  table.insert(targets, { "styles", "styles.xml" })
  table.insert(parts, { "xl/styles.xml", '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
    .. '<xf numFmtId="10"/><xf numFmtId="46"/><xf numFmtId="20"/><xf numFmtId="22"/></cellXfs></styleSheet>' })
  table.insert(parts, { "_rels/.rels", relations { "officeDocument", "xl/workbook.xml" } })
  table.insert(parts, { "xl/_rels/workbook.xml.rels", relations(table.unpack(targets)) })
  table.insert(parts, { "xl/workbook.xml", "<workbook><sheets>" .. table.concat(sheets) .. "</sheets>"
    .. "<definedNames>" .. (names or "") .. "</definedNames></workbook>" })
  local letters = zip(parts):gsub("[\128-\255]", function(byte) return utf8.char(byte:byte()) end)
  text.write("sheet_read_test.xlsx", letters, { encoding = "iso-8859-1" })
  return sheet.open "sheet_read_test.xlsx"
end

local function data(rows) return "<sheetData>" .. rows .. "</sheetData>" end

local INVOICES = data [[
<row r="1"><c r="A1" t="str"><v>Invoices of the month</v></c></row>
<row r="3"><c r="B3" t="str"><v>Invoice</v></c><c r="C3" t="str"><v>Sum</v></c><c r="E3" t="str"><v>beside</v></c></row>
<row r="4"><c r="A4"><v>1</v></c><c r="B4" t="str"><v>A-1</v></c><c r="C4"><f>D4*2</f><v>12.3</v></c></row>
<row r="5" hidden="1"><c r="B5" t="str"><v>A-2</v></c><c r="C5"><v>7.7</v></c><c r="E5"><v>9</v></c></row>
<row r="6"><c r="B6" t="str"><v>A-3</v></c></row>
<row r="7"><c r="B7" t="str"><v>Total</v></c><c r="C7"><f>SUM(C4:C6)</f><v>20</v></c></row>
<row r="9"><c r="B9" t="str"><v>below</v></c></row>]]

local TABLE = [[<table id="1" name="Invoices" displayName="Invoices" ref="B3:C7" totalsRowCount="1">
<tableColumns count="2"><tableColumn id="1" name="Invoice"/><tableColumn id="2" name="Sum"/></tableColumns></table>]]

local NAMES = [[<definedName name="Rate">0.255</definedName><definedName name="Total">Bills!$C$7</definedName>
<definedName name="Body">'Bills'!$B$4:$C$6</definedName><definedName name="Lost">Bills!#REF!</definedName>
<definedName name="Local" localSheetId="1">Other!$A$1</definedName>
<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">Bills!$B$3:$C$6</definedName>]]

local function bills()
  return workbook({
    { "Bills", '<cols><col min="4" max="4" hidden="1"/></cols>' .. INVOICES
      .. '<mergeCells><mergeCell ref="A1:C1"/></mergeCells>', nil, { TABLE } },
    { "Other", data '<row r="1"><c r="A1"><v>42</v></c></row>', 'state="hidden"' },
  }, NAMES)
end

local tests = {}

tests["a table is read by its name, without what stands around it"] = function()
  local rows = bills():table "invoices"
  equal(table.concat(rows:names(), ","), "Invoice,Sum")
  equal(rows:count(), 3)
  local row, number = rows()
  equal(row.Invoice, "A-1")
  equal(row.Sum, "12.3")
  equal(number, 4)
  equal(rows().Invoice, "A-2")
  equal(rows().Sum, nil)
  assert(rows() == nil, "the totals and what stands below are no rows of the table")
  local list = bills():page("Bills"):table("Invoices", { header = false })()
  assert(list[2] == "A-1" and list[1] == nil, "columns count from the page's first")
  equal(bills():table("Invoices", { columns = { Nro = "invoice" } })().Nro, "A-1")
end

tests["a table without a header row has the names of its description"] = function()
  local headless = TABLE:gsub('totalsRowCount="1"', 'headerRowCount="0"'):gsub("B3:C7", "B4:C5")
  local rows = workbook { { "P", INVOICES, nil, { headless } } }:table "Invoices"
  equal(rows:count(), 2)
  equal(rows().Invoice, "A-1")
  equal(rows().Sum, "7.7")
  assert(rows() == nil)
end

tests["tables and names are listed"] = function()
  local book = bills()
  local invoices = book:tables()[1]
  equal(invoices.name, "Invoices")
  equal(invoices.page, "Bills")
  equal(invoices.range, "B3:C7")
  equal(table.concat(invoices.columns, ","), "Invoice,Sum")
  assert(invoices.totals == true)
  equal(#book:page("Other"):tables(), 0)
  local by_name = {}
  for _, name in ipairs(book:names()) do by_name[name.name] = name end
  equal(by_name.Rate.refers_to, "0.255")
  assert(by_name.Rate.range == nil and by_name.Rate.page == nil)
  equal(by_name.Body.range, "B4:C6")
  equal(by_name.Body.page, "Bills")
  equal(by_name.Local.only_on, "Other")
  assert(by_name["_xlnm._FilterDatabase"].hidden and not by_name.Total.hidden)
end

tests["cells and ranges are found by names, tables and pages"] = function()
  local book = bills()
  equal(book:cell "Total", "20")
  equal(book:cell "total", "20")
  equal(book:cell "Other!A1", "42")
  equal(book:cell "'Other'!$A$1", "42")
  equal(book:page("Other"):cell "Total", "20")
  equal(book:page("Other"):cell "Local", "42")
  equal(book:cell "Other!Local", "42")
  equal(book:cell "A1:C1", "Invoices of the month") -- merged
  local body = book:range "Body"
  assert(#body == 3 and body[1][1] == "A-1" and body[3][1] == "A-3" and body[3][2] == nil)
  equal(#book:range "Invoices", 3)
  local column = book:range "B:B"
  assert(#column == 9 and column[3][1] == "Invoice" and column[9][1] == "below")
  equal(book:range "3:3"[1][5], "beside")
  equal(#book:range "A1:XFD1048576", 9)
end

tests["what is not there is told with what is"] = function()
  local book = bills()
  mentions(raised(book.cell, book, "Totl"), '"Totl"', "Total, ", "Invoices", "sheet_read_test.xlsx")
  mentions(raised(book.cell, book, "Rate"), "0.255")
  mentions(raised(book.range, book, "Lost"), "#REF!")
  mentions(raised(book.cell, book, "Body"), "B4", "C6")
  mentions(raised(book.cell, book, "XFE1"), "XFD1048576")
  mentions(raised(book.range, book, "A1:A1048577"), "A1:A1048577", "XFD1048576")
  mentions(raised(book.cell, book, "Bils!A1"), "Bils", "Bills, Other")
  mentions(raised(book.table, book, "Invoice"), '"Invoice"', "Invoices")
  local other = book:page "Other"
  mentions(raised(other.table, other, "Invoices"), "Invoices")
  mentions(raised(book.page, book, "Others"), "Other, Bills")
  mentions(raised(book.page, book, 3), "3", "Bills, Other")
  mentions(raised(book.range, book, "A1:Z100000"), "1048576")
end

tests["formulas are told on request"] = function()
  local book = bills()
  equal(book:formula "C7", "=SUM(C4:C6)")
  equal(book:formula "Total", "=SUM(C4:C6)")
  assert(book:formula "B7" == nil and book:formula "Z99" == nil)
  equal(book:cell "C7", "20")
  local rows = book:rows { header = 3, types = { Sum = "formula" } }
  equal(rows().Sum, "=D4*2")
  assert(rows().Sum == nil)
  equal(book:rows { header = 3 }().Sum, "12.3")
end

tests["what is hidden is marked"] = function()
  local book = bills()
  equal(table.concat(book:hidden_rows(), " "), "5:5")
  equal(table.concat(book:hidden_columns(), " "), "D:D")
  equal(table.concat(book:merged(), " "), "A1:C1")
  assert(book:is_hidden "B5" and book:is_hidden "D1" and not book:is_hidden "B4")
  assert(book:is_hidden "Other!A1", "its page is hidden")
  equal(book:page("Other"):visibility(), "hidden")
  local rows, seen = book:rows { header = 3 }, {}
  for row in rows do seen[row.Invoice] = rows:hidden() end
  assert(seen["A-2"] == true and seen["A-1"] == false and seen.below == false)
  local visible = {}
  for row in book:table("Invoices", { hidden = false }) do table.insert(visible, row.Invoice) end
  equal(table.concat(visible, " "), "A-1 A-3")
end

tests["the kind of a cell is what people see"] = function()
  local book = workbook { { "P", data [[<row r="1"><c r="A1"><v>1</v></c><c r="B1" s="2"><v>0.255</v></c>
    <c r="C1" s="1"><v>46023</v></c><c r="D1" s="3"><v>1.5</v></c><c r="E1" s="4"><v>0.25</v></c>
    <c r="F1" t="b"><v>1</v></c><c r="G1" t="e"><v>#N/A</v></c><c r="H1" t="str"><v>x</v></c><c r="I1"/>
    <c r="J1" s="5"><v>46023.5</v></c></row>]] } }
  local kinds = {}
  for column in ("ABCDEFGHIJ"):gmatch "." do table.insert(kinds, book:kind(column .. "1")) end
  equal(table.concat(kinds, " "), "number percent date duration time boolean error text empty moment")
  assert(book:cell "B1" == decimal "0.255")
  equal(book:cell "D1", "36:00:00")
  assert(sheet.is_error(book:cell "G1"))
end

tests["a number is the decimal that the file says, by the rule of 15 digits"] = function()
  local book = workbook { { "P", data [[<row r="1"><c r="A1"><v>12.300000000000001</v></c><c r="B1"><v>0.1</v></c>
    <c r="C1"><v>4711001234567890</v></c><c r="D1"><v>-1.0000000000000001E-3</v></c><c r="E1"><v>1E+05</v></c>
    <c r="F1"><v>99999999999999.996</v></c></row>]] } }
  local row = book:rows { header = false, types = { [1] = "decimal", [3] = "text" } }()
  assert(row[1] == decimal "12.3" and row[2] == decimal "0.1" and row[3] == "4711001234567890")
  assert(row[4] == decimal "-0.001" and row[5] == decimal "100000" and row[6] == decimal "100000000000000")
  assert(row[1] + row[2] == decimal "12.4")
end

tests["cells are found wherever the file has them, in any order"] = function()
  local rows = {}
  for i = 1, 3000 do
    rows[i] = ('<row r="%d"><c r="A%d"><v>%d</v></c>%s</row>'):format(i, i, i, ('<c><v>7</v></c>'):rep(19))
  end
  local book = workbook { { "Long", data(table.concat(rows)) } }
  for _, number in ipairs { 3000, 1, 1500, 2999, 2, 1501, 3000, 700 } do equal(book:cell("A" .. number), number) end
  assert(book:cell "A3001" == nil and book:cell "U5" == nil)
  equal(#book:range "A:A", 3000)
  local mixed = workbook { { "Mixed", data [[<row r="5"><c r="A5"><v>5</v></c></row>
    <row r="2"><c r="A2"><v>2</v></c></row><row r="5"><c r="C5"><v>7</v></c><c r="A5"><v>6</v></c></row>]] } }
  equal(mixed:cell "A2", "2")
  equal(mixed:cell "C5", "7")
  equal(mixed:cell "A5", "6")
  equal(mixed:range "A5:C5"[1][3], "7")
end

return tests
