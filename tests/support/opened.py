"""What other programs find in the workbook of what_is_written_opens_in_other_programs: openpyxl in the file itself, and
in what LibreOffice made of it. opened.py OURS THEIRS ends with 1 and a line for the first thing that is not so."""
import datetime
import sys
import warnings

import openpyxl

warnings.simplefilter("error")


def same(what, found, expected):
    if isinstance(expected, float) and isinstance(found, (int, float)) and not isinstance(found, bool):
        found = float(f"{found:.15g}")
    if found != expected or isinstance(found, bool) != isinstance(expected, bool):
        sys.exit(f"{what} is {expected!r}, not {found!r}")


ROWS = [
    ["00123", "Äijälä & Söner <Oy>", 9.95, datetime.datetime(2026, 1, 31), True, 7, "=1+1"],
    ["+358 40", "two\nlines", -1204551.35, None, False, -3, None],
    ["-", " blanks ", 0.07, datetime.datetime(9999, 12, 31), True, 123456789012345, "https://example.org/"],
    ["@SUM(A1)", "long " * 40, 999999999999.99, "1899-01-01", None, 0, "late"],
]
# openpyxl knows no 28th of February 1900, as Excel counts it, and leaves _xHHHH_ as it stands.
UNSURE = {(1, 3), (1, 6)}


def cells(book, name):
    page = book[name]
    same(f"{name}!A1", page["A1"].value, f"Invoices of {name}")
    for i, row in enumerate(ROWS):
        for k, expected in enumerate(row):
            cell = page.cell(row=5 + i, column=1 + k)
            if (i, k) not in UNSURE:
                same(f"{name}!{cell.coordinate}", cell.value, expected)
            if isinstance(expected, str):
                same(f"the kind of {name}!{cell.coordinate}", cell.data_type in "s", True)
    return page


def ours(path):
    book = openpyxl.load_workbook(path)
    for name, table in (("Rows", "Rows"), ("Free page", "Free_page")):
        page = cells(book, name)
        same("the table", page.tables[table].ref, "A4:G9")
        same("its totals", page["C9"].value, f"=SUBTOTAL(109,{table}[Sum '[€']])")
        same("rules", sum(len(one.rules) for one in page.conditional_formatting), 4)
        same("choices", [rule.formula1 for rule in page.data_validations.dataValidation], ['"yes,no"'])
        same("what stays in sight", page.freeze_panes, "A5")
        same("headers at each sheet's head", page.print_title_rows, "$4:$4")
        same("money", page["C5"].number_format, "#,##0.00;[Red]-#,##0.00")
    same("the second table", sorted(book["Rows"].tables), ["Rows"])
    front = book["Front"]
    same("a link", front["A3"].hyperlink.target, "https://example.org/?a=1&b=2")
    same("a link inside", front["A4"].hyperlink.location, "'Rows'!$B$5:$B$5")
    same("a note", book["Rows"]["A5"].comment.text, "asked on Monday")
    same("protection", front.protection.sheet, True)
    same("an input cell is locked", front["B6"].protection.locked, False)
    same("merged", [str(r) for r in front.merged_cells.ranges], ["C3:D4"])
    same("landscape", front.page_setup.orientation, "landscape")
    same("what is printed", front.print_area, ["$A$1:$H$40"])
    same("hidden rows", front.row_dimensions[10].hidden, True)
    same("their level", front.row_dimensions[10].outlineLevel, 1)
    same("hidden columns", front.column_dimensions["F"].hidden, True)
    same("charts", len(front._charts), 8)
    same("the title", book.properties.title, "Invoices")


def theirs(path):
    warnings.simplefilter("ignore")  # of what LibreOffice writes
    book = openpyxl.load_workbook(path, data_only=True)
    for name in ("Rows", "Free page"):
        page = cells(book, name)
        same("a day of 1900", page["D6"].is_date, True)
        same("what looks like an escape", page["G6"].value.replace("_x005F_", "_")[:7], "_x0041_")
        same("the sum", page["C9"].value, 999998795458.66)
        same("the count", page["B9"].value, 4)
    front = book["Front"]
    same("what LibreOffice computes", front["A5"].value, 999998795458.66)
    same("a sum over pages", front["A6"].value, 10.95)
    same("a text of a formula", front["A7"].value, "ab")


ours(sys.argv[1])
theirs(sys.argv[2])
