# A workbook that a robot writes is read by LibreOffice and by openpyxl: every value as it was given, every table, rule,
# choice, link and note where it was put, and no complaint. They run beside renki, as the people who get the workbook do.
. "$SUPPORT/workspace.sh"
command -v soffice >/dev/null || { echo "LibreOffice isn't installed (libreoffice-calc-nogui)"; exit 0; }
/usr/bin/python3 -c 'import openpyxl' 2>/dev/null || { echo "openpyxl isn't installed (python3-openpyxl)"; exit 0; }

robot report <<'LUA'
local date, decimal, sheet, text = require "date", require "decimal", require "sheet", require "text"

local function fill(report, page)
  return report:table(page, { "Invoice", "Supplier", "Sum [€]", "Due", "Open", "Count", "Note" }, {
    { "00123", "Äijälä & Söner <Oy>", decimal "9.95", date "31.1.2026", true, 7, "=1+1" },
    { "+358 40", "two\nlines", decimal "-1204551.35", date "28.2.1900", false, -3, "_x0041_\v" },
    { "-", " blanks ", decimal "0.07", date "31.12.9999", true, 123456789012345, "https://example.org/" },
    { "@SUM(A1)", ("long "):rep(40), decimal "999999999999.99", date "1.1.1899", nil, 0, sheet.styled("late", "bad") },
  }, {
    title = "Invoices of " .. page, subtitle = "as they are", totals = { ["Sum [€]"] = "sum", Count = "average", Supplier = "count" },
    rules = {
      { column = "Sum [€]", when = "<", value = 0, format = "bad" },
      { column = "Invoice", when = "duplicate", format = "warning" },
      { column = "Count", when = "bars" },
      { column = "Sum [€]", when = "colours" },
    },
    entries = { Open = { list = { "yes", "no" }, message = "Is it open?", error = "yes or no" } },
  })
end

local report = sheet.create("report.xlsx", { title = "Invoices", author = "finance", company = "City" })
local front = report:page "Front"
fill(report, "Rows"):note("A5", "asked on Monday", "Maija")
report:page "Free page"
fill(report, "Free page")
report:table("Rows", { "Invoice", "invoice" }, { { 1, 2 } })
front:cell("A1", "Invoices", "title"):cell("A3", sheet.link("https://example.org/?a=1&b=2", "web"))
front:cell("A4", sheet.link("Rows!B5", "inside")):cell("A5", sheet.formula "=SUBTOTAL(109,Rows[Sum '[€']])")
front:cell("A6", sheet.formula("='Free page'!C5+1", decimal "10.95"), "money"):cell("B6", date "1.2.2026", "bold input")
front:cell("A7", sheet.formula('="a"&"b"', "ab")):merge("C3:D4", "merged", "center bold")
front:row("10:11", { level = 1, hidden = true }):column("F", { hidden = true }):column("H", { width = 30 })
front:print { landscape = true, repeat_rows = "1", area = "A1:H40", header = "R&D", footer = "{page} / {pages}" }
front:protect { password = "secret" }
front:freeze "A2"
local kinds = { "column", "stacked column", "bar", "line", "area", "pie", "doughnut", "scatter" }
for i, kind in ipairs(kinds) do
  front:chart {
    type = kind, at = "J" .. i * 15, title = kind, categories = "Rows!A5:A8", series = { { values = "Rows!C5:C8" } },
  }
end
local dot = "\137PNG\r\n\26\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\8\2\0\0\0\144wS\222\0\0\0\12IDAT\8\215c\248\207\192\0\0\3\1"
  .. "\1\0\24\221\141\176\0\0\0\0IEND\174B`\130"
text.write("dot.png", (dot:gsub(".", function(byte) return utf8.char(byte:byte()) end)), { encoding = "iso-8859-1" })
front:image("dot.png", { at = "C8", width = 40, description = "a dot" })
run:attach(report)
LUA
exits 0 "$RENKI" run report
cp .renki/artifacts/1/report.xlsx "$scene/report.xlsx" || failed "the workbook is there"

# LibreOffice computes anew and writes its own workbook, in a profile of its own; on a busy machine its first start may
# take long, or stand still.
convert() { # profile
    mkdir -p "$scene/$1/user" "$scene/back"
    cat >"$scene/$1/user/registrymodifications.xcu" <<'XCU'
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
XCU
    timeout --kill-after=5 130 soffice -env:UserInstallation="file://$scene/$1" --headless --convert-to xlsx \
        --outdir "$scene/back" "$scene/report.xlsx" >"$said" 2>&1
}
convert office || convert office-again
[ -s "$scene/back/report.xlsx" ] || failed "LibreOffice opens it"
exits 0 /usr/bin/python3 "$SUPPORT/opened.py" "$scene/report.xlsx" "$scene/back/report.xlsx"
