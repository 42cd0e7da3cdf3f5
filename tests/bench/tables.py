"""The peers of robots/tables: openpyxl and csv of Python. tables.py FIGURE FILE ROWS prints the processor seconds."""
import csv
import sys
import time
from decimal import Decimal

HEADERS = ["Invoice", "Supplier", "Account", "Cost centre", "Text", "Net", "Tax", "Sum", "Open", "Reference"]

CENT, TAX = Decimal("0.01"), Decimal("2.55")


def invoices(rows):
    for number in range(1, rows + 1):
        net = CENT * number
        yield [
            f"A-{number}", f"Supplier {number % 1000}", 4000 + number % 100, number % 500,
            "Office supplies and freight", net, TAX, net + TAX, number % 7 == 0,
            1000000 + number,
        ]


def write_rows(path, rows):
    from openpyxl import Workbook
    book = Workbook(write_only=True)
    page = book.create_sheet("Invoices")
    page.append(HEADERS)
    for row in invoices(rows):
        page.append(row)
    book.save(path)


def read_rows(path, rows):
    from openpyxl import load_workbook
    page = load_workbook(path, read_only=True).worksheets[0]
    assert sum(1 for _ in page.iter_rows(values_only=True)) == rows + 1


def read_csv(path, rows):
    with open(path, newline="", encoding="utf-8-sig") as file:
        assert sum(1 for _ in csv.DictReader(file, delimiter=";")) == rows


def read_lines(path, rows):
    with open(path, newline="", encoding="utf-8") as file:
        assert sum(1 for _ in csv.reader(file, delimiter=";")) > rows


def read_two_columns(path, rows):
    with open(path, newline="", encoding="utf-8") as file:
        assert sum(1 for row in csv.reader(file, delimiter=";") if row[1] and row[8]) > rows


def sheet(path):
    from openpyxl import load_workbook
    return load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True)


def sheet_all(path, rows):
    assert sum(1 for row in sheet(path) for value in row if value is not None) == 10 * (rows + 1)


def sheet_two_columns(path, rows):
    assert sum(1 for row in sheet(path) if row[0] is not None and row[7] is not None) == rows + 1


FIGURES = {
    "sheet.write_rows": write_rows, "sheet.read_rows": read_rows, "csv.read_mb": read_csv,
    "csv.read_all": read_lines, "csv.read_two_columns": read_two_columns,
    "sheet.read_all": sheet_all, "sheet.read_two_columns": sheet_two_columns,
}
begun = time.process_time()
FIGURES[sys.argv[1]](sys.argv[2], int(sys.argv[3]))
print(f"{time.process_time() - begun:.3f}")
