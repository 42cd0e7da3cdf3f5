# A workbook that a person designed is filled: other programs open it without a complaint, compute its formulas rightly,
# and find all of it that nobody touched. Needs openpyxl to design one; LibreOffice, where there is one, computes.
. "$SUPPORT/workspace.sh"

python=
for one in python3 /usr/bin/python3; do "$one" -c 'import openpyxl' 2>/dev/null && python=$one && break; done
[ -n "$python" ] || { echo "skipped: no openpyxl"; exit 0; }

cat >"$scene/design.py" <<'PYTHON'
import datetime, sys
import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableFormula

book = openpyxl.Workbook()
summary = book.active
summary.title = "Summary"
summary["A1"] = "Monthly report"
summary["A1"].font = Font(bold=True, size=18)
summary.merge_cells("A1:C1")
summary["A3"], summary["B3"] = "Period", "2026-09"
summary["A5"], summary["B5"] = "Total", "=SUM(Data!C4:C6)"
summary["A6"], summary["B6"] = "Total again", "=Data!C7"
summary["A7"], summary["B7"] = "Count", "=COUNTA(Invoices[Invoice])"
data = book.create_sheet("Data")
headers = ["Invoice", "Due", "Sum", "Tax"]
for column, header in enumerate(headers, 1):
    data.cell(3, column, header)
for row in range(4, 7):
    data.cell(row, 1, "old")
    data.cell(row, 2, datetime.date(2026, 9, 1)).number_format = "d.m.yyyy"
    data.cell(row, 3, 10)
    data.cell(row, 4, "=C%d*0.255" % row)
data["A7"], data["C7"], data["A9"], data["A10"] = "Total", "=SUBTOTAL(109,Invoices[Sum])", "Approved by", "=C7"
data.merge_cells("B9:C9")
data["A9"].comment = Comment("sign here", "finance")
table = Table(displayName="Invoices", ref="A3:D7", totalsRowCount=1)
table._initialise_columns()
for column, header in zip(table.tableColumns, headers):
    column.name = header
table.tableColumns[0].totalsRowLabel, table.tableColumns[2].totalsRowFunction = "Total", "sum"
table.autoFilter.ref = "A3:D6"
data.add_table(table)
data.conditional_formatting.add("C4:C6", CellIsRule(operator="greaterThan", formula=["25"], fill=PatternFill(bgColor="FF0000")))
valid = DataValidation(type="list", formula1='"a,b"')
valid.add("A4:A6")
data.add_data_validation(valid)
chart = BarChart()
chart.add_data(Reference(data, min_col=3, min_row=3, max_row=6), titles_from_data=True)
data.add_chart(chart, "G2")
name = DefinedName("Period", attr_text="Summary!$B$3")
book.defined_names.append(name) if hasattr(book.defined_names, "append") else book.defined_names.add(name)
book.save(sys.argv[1])
PYTHON
exits 0 "$python" "$scene/design.py" template.xlsx

manifest='return { title = "a test", owner = "tests",
  inputs = { template = { type = "file", accept = { ".xlsx" }, label = "the template" } } }'
robot report <<'LUA'
local sheet = require "sheet"
local date, decimal = require "date", require "decimal"
local report = sheet.update(run.inputs.template, { as = "report.xlsx" })
report:cell("Period", "2026-10")
local rows = {}
for i = 1, 8 do rows[i] = { Invoice = "=B-" .. i, Due = date "1.10.2026", Sum = decimal(i) + decimal "0.5" } end
report:table("Invoices", rows)
run:attach(report)
LUA
exits 0 "$RENKI" run report template="$workspace/template.xlsx"
report=$workspace/.renki/artifacts/1/report.xlsx

cat >"$scene/look.py" <<'PYTHON'
import sys, warnings, zipfile
import openpyxl
warnings.simplefilter("error")
book = openpyxl.load_workbook(sys.argv[1])
summary, data = book["Summary"], book["Data"]
assert summary["B3"].value == "2026-10" and summary["A1"].font.size == 18
assert summary["B5"].value == "=SUM(Data!C4:C11)" and summary["B6"].value == "=Data!C12"
assert data["A4"].value == "=B-1" and data["A4"].data_type != "f", "text is no formula"
assert data["D11"].value == "=C11*0.255" and data["B11"].number_format == "d.m.yyyy"
assert data["A15"].value == "=C12" and data["A14"].comment.text == "sign here"
assert [str(one) for one in data.merged_cells.ranges] == ["B14:C14"]
assert [str(one.sqref) for one in data.conditional_formatting] == ["C4:C11"]
assert [str(one.sqref) for one in data.data_validations.dataValidation] == ["A4:A11"]
table = data.tables["Invoices"]
assert table.ref == "A3:D12" and table.autoFilter.ref == "A3:D11"
before, after = zipfile.ZipFile(sys.argv[2]), zipfile.ZipFile(sys.argv[1])
assert before.namelist() == after.namelist(), "no part came or went, and their order stayed"
changed = [name for name in before.namelist() if before.read(name) != after.read(name)]
assert not [name for name in changed if "theme" in name or "docProps" in name or "style" in name], changed
if len(sys.argv) > 3:
    computed = openpyxl.load_workbook(sys.argv[3], data_only=True)
    assert computed["Summary"]["B5"].value == 40 and computed["Summary"]["B6"].value == 40
    assert computed["Summary"]["B7"].value == 8 and computed["Data"]["D11"].value == 8.5 * 0.255
    assert computed["Data"]["A15"].value == 40
PYTHON
computed=
if command -v soffice >/dev/null; then
    mkdir "$scene/computed"
    timeout 90 soffice --headless "-env:UserInstallation=file://$scene/office" --convert-to xlsx \
        --outdir "$scene/computed" "$report" >/dev/null 2>&1
    computed=$scene/computed/report.xlsx
    [ -f "$computed" ] || failed "LibreOffice opens the report"
fi
exits 0 "$python" "$scene/look.py" "$report" template.xlsx $computed
