"""The real files of the shared data, as `renki sheet --json` shows them: control totals and traps that its README lists.

    real_sheets.py RENKI SHARED
"""
import collections
import json
import os
import subprocess
import sys
from decimal import Decimal

renki, folder = sys.argv[1], os.path.join(sys.argv[2], "helsinki")
faults = []


def show(name):
    done = subprocess.run([renki, "sheet", os.path.join(folder, name), "--json"], capture_output=True, timeout=60, check=False)
    shown = json.loads(done.stdout, parse_float=Decimal)
    if done.returncode or done.stderr or "error" in shown:
        faults.append(f"{name}: {done.stderr or shown}")
        return {"rows": [], "pages": [{"cells": {}}]}
    return shown


def same(name, what, found, expected):
    if found != expected:
        faults.append(f"{name}: {what} is {found}, not {expected}")


def amounts(rows, wanted):
    names = [name.strip().lower() for name in rows[0]] if rows else []
    return [Decimal(row[names.index(wanted)]) for row in rows[1:]] if wanted in names else []


# The same report eight times, never the same: CRLF and LF, three spellings of each name.
oxford = {"jan-mar-2014": "2050290.88", "apr-jun-2014": "3093541.89", "jan-mar-2015": "3417679.97",
          "jan-mar-2016": "1102221.55", "jan-mar-2017": "1581597.39", "jul-sep-2017": "2197692.41",
          "oct-dec-2017": "2381531.43", "jan-mar-2018": "1496705.59"}
for quarter, total in oxford.items():
    file = f"oxford/expenditure-over-500-{quarter}.sample.csv"
    table = show(file)["rows"]
    same(file, "rows", len(table) - 1, 400)
    same(file, "the sum", sum(amounts(table, "amount")), Decimal(total))
    if quarter == "apr-jun-2014":
        same(file, "the paid dates", {row[4] for row in table[1:]}, {"00:00:00"})

file = "trafford/supplier-spend-2026-05.sample.csv"
table = show(file)["rows"]
lines = amounts(table, "amount")
same(file, "lines", len(lines), 1848)
same(file, "the sum", sum(lines), Decimal("4104904.38"))
same(file, "negative lines", sum(1 for line in lines if line < 0), 200)

file = "register/tietojarjestelmaluettelo-2013.csv"
table = show(file)["rows"]
systems = collections.Counter(row[2].strip().casefold() for row in table[1:])
same(file, "systems", len(table) - 1, 1040)
same(file, "columns", {len(row) for row in table}, {14})
same(file, "distinct names", len(systems.keys() - {"0"}), 819)
same(file, "names", [systems[name] for name in ("0", "ahjo", "laske", "m2")], [30, 11, 9, 9])
same(file, "header cells with line breaks", any("\n" in name or "\r" in name for name in table[0]), True)

# Old Mac line ends and a line above the header; the total is that of the whole file.
for month, header in (("2011-11", 1), ("2011-12", 0), ("2012-01", 1)):
    file = f"lambeth/{month}-payments.sample.csv"
    table = show(file)["rows"]
    same(file, "the header", [name.strip() for name in table[header][:1]], ["Supplier Name"])
    same(file, "the last row", [row[0].strip() for row in table if row[0].strip()][-1], "Grand Total")

# Title rows above the header, results of shared formulas, dates, "4-5" in a column of numbers.
file = "hitas/myyntihintaluettelo_esimerkki.xlsx"
cells = show(file)["pages"][0]["cells"]
same(file, "the date", cells.get("F2", [0, 0, 0])[2], "2021-08-06")
same(file, "the purchase price", [cell[1] for place, cell in cells.items() if place[1:] == "3" and cell[0] == "n"], [2060000])
same(file, "4-5", {cell[0] for cell in cells.values() if cell[1] == "4-5"}, {"s"})

# Suppressed cells are empty, not zero.
file = "hitas/tilastokeskuksen_esimerkki.xlsx"
cells = show(file)["pages"][0]["cells"]
same(file, "the quarters", [cells.get(column + "3", [0, 0])[1] for column in "BDFH"], ["2022Q1*", "2022Q2*", "2022Q3*", "2022Q4*"])
same(file, "Suomenlinna's price", cells.get("B6"), None)

# Blank rows lead; the second page is wide.
file = "records/tos-00_00_01_02.xlsx"
pages = show(file)["pages"]
same(file, "pages", [page.get("name") for page in pages], ["00 00 ", " 00 00 01 02", "Koodistot", "Taul1"])
same(file, "the first row", min((int(place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for place in pages[0]["cells"]), default=0), 4)

for name in ("trafford/procurement-card-2026-27.sample.csv", "trafford/prompt_payment.csv", "laske/sales-report-output.csv",
             "records/helsinki-functions.csv"):
    same(name, "whether it has rows", len(show(name)["rows"]) > 5, True)

print("\n".join(faults) or "real files: as expected")
sys.exit(1 if faults else 0)
