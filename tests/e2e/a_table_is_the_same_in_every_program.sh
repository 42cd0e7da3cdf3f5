# The rows of a table are written by renki itself, cells of a free page by libxlsxwriter: the same values in both are the
# same in openpyxl and in LibreOffice too. Each is tried where it is installed.
. "$SUPPORT/workspace.sh"

robot same <<'LUA'
local date = require "date"
local decimal = require "decimal"
local sheet = require "sheet"

local HEADERS = { "Text", "Sum", "Day", "Paid", "Number" }
local TEXTS = {
  "plain", "a & b < c > d", "Äyräs, 5 €", " blanks  inside and around ", "two\nlines", "=1+1", "+358 40", "😀", "'", "\"q\";",
  "0012", ("long "):rep(100),
}
local rows = {}
for i = 1, 500 do
  rows[i] = {
    TEXTS[i % #TEXTS + 1] .. (i % 3 == 0 and "" or i), decimal "-12.25" * i + decimal "0.05",
    i % 5 > 0 and date "2026-01-31" + i or nil, i % 2 == 0, i * 1000003,
  }
end

local report = sheet.create "same.xlsx"
report:table("Table", HEADERS, rows, { formats = { Day = "yyyy-mm-dd" } })
local page = report:page "Cells"
for column, header in ipairs(HEADERS) do page:cell(("ABCDE"):sub(column, column) .. 1, header) end
for i, row in ipairs(rows) do
  for column = 1, #HEADERS do
    page:cell(("ABCDE"):sub(column, column) .. i + 1, row[column], column == 3 and "yyyy-mm-dd" or nil)
  end
end
run:attach(report)
LUA
exits 0 "$RENKI" run same
book=$workspace/.renki/artifacts/1/same.xlsx

if /usr/bin/python3 -c 'import openpyxl' 2>/dev/null; then
    exits 0 /usr/bin/python3 -c '
import sys, warnings
warnings.simplefilter("error")
from openpyxl import load_workbook
table, cells = ([list(row) for row in page.iter_rows(values_only=True)] for page in load_workbook(sys.argv[1]).worksheets)
different = [pair for pair in zip(table, cells) if pair[0] != pair[1]]
sys.exit(repr(different[0]) if different or len(table) != 501 or len(cells) != 501 else 0)' "$book"
else
    echo "openpyxl is not installed: not tried"
fi

if command -v soffice >/dev/null; then
    # Each page as a CSV file of its own.
    exits 0 soffice "-env:UserInstallation=file://$scene/office" --headless --convert-to \
        'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1' --outdir "$scene" "$book"
    exits 0 cmp "$scene/same-Table.csv" "$scene/same-Cells.csv"
    exits 0 grep -c 2026-02-01 "$scene/same-Table.csv"
else
    echo "LibreOffice is not installed: not tried"
fi
