"""Shows every spreadsheet of the shared data with `renki sheet --json` and compares with what is expected of it.

    expected_sheets.py RENKI SHARED spreadsheets|csv

The rules are those of the README beside the data. What differs is listed, and the exit code is 1. Formats that this
renki recognises but does not read are counted apart: they must say what they are.
"""
import collections
import concurrent.futures
import json
import math
import os
import subprocess
import sys

SECONDS = 60
NOT_READ = {"SHEET_NOT_READ"}


def show(renki, path, *options):
    """The object that is printed, and the exit code."""
    command = [renki, "sheet", path, "--json", *options]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    if done.stderr:
        return {"stderr": done.stderr.decode(errors="replace")[:300]}, done.returncode
    return json.loads(done.stdout, parse_float=str, parse_int=str), done.returncode


def lines(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


def same_date(found, expected):
    if expected[1] is not None and found[1] is not None and abs(float(found[1]) - float(expected[1])) <= 1e-7:
        return True
    return found[2] == expected[2]


def same_cell(found, expected):
    if found[0] != expected[0]:
        return False
    if found[0] == "n":
        a, b = float(found[1]), float(expected[1])
        return abs(a - b) <= 1e-12 * max(1, abs(b))
    if found[0] == "d":
        return same_date(found, expected)
    if found[0] == "s":
        return lines(found[1]) == lines(expected[1])
    return found[1] == expected[1]


def page_faults(found, expected):
    if expected.get("visibility") not in (None, found["visibility"]):
        yield f"is {found['visibility']}, not {expected['visibility']}"
    if expected.get("merged") is not None and sorted(expected["merged"]) != sorted(found["merged"]):
        yield f"merged {found['merged'][:5]}, not {expected['merged'][:5]}"
    unsure = set(expected.get("unsure") or [])
    cells = expected.get("cells") or {}
    for place, cell in cells.items():
        if place not in unsure and (place not in found["cells"] or not same_cell(found["cells"][place], cell)):
            yield f"{place} is {found['cells'].get(place)}, not {cell}"
    if expected.get("cells_cut"):
        return
    for place, cell in found["cells"].items():
        never = cell[0] == "d" or (cell[0] == "n" and float(cell[1]) == 60)  # negative dates and the 60th are not listed
        if place not in cells and place not in unsure and not never:
            yield f"{place} is {cell}, not empty"


def workbook_faults(found, expected):
    if "date_system" in expected and expected["date_system"] != int(found["date_system"]):
        yield f"dates from {found['date_system']}"
    sheets = expected.get("sheets") or []
    names = [page["name"] for page in found["pages"]]
    if expected.get("sheet_order_agreed", True) and sheets and names != [sheet["name"] for sheet in sheets]:
        yield f"pages {names}, not {[sheet['name'] for sheet in sheets]}"
    for sheet in sheets:
        pages = [page for page in found["pages"] if page["name"] == sheet["name"]]
        if not pages and sheet.get("kind"):
            continue
        for fault in page_faults(pages[0], sheet) if pages else ["is not there"]:
            yield f"{sheet['name']}: {fault}"


def faults_of(found, code, expected):
    """What is wrong with the answer to one workbook."""
    expect = expected["expect"]
    if "stderr" in found:
        return [f"said {found['stderr']}"]
    if "error" in found:
        if code != 1:
            return [f"an error, but exit code {code}"]
        return [] if expect != "ok" else [f"refused: {found['error']}"]
    if code != 0:
        return [f"exit code {code} without an error"]
    if expect == "error":
        return ["was read, but must be refused"]
    if expect == "error-or-empty":
        cells = [cell for page in found.get("pages", []) for cell in page["cells"].values() if cell[0] == "s"]
        return [f"shows {cell}" for cell in cells if "root:" in cell[1] or len(cell[1]) > 10000]
    if expect in ("ok", "ok-or-error"):
        if "pages" not in found:
            return [f"read as {found['format']}"]
        return list(workbook_faults(found, expected))
    return []


def text_faults(found, code, expected):
    """What is wrong with the answer to one text table."""
    if "stderr" in found:
        return [f"said {found['stderr']}"]
    if "error" in found:
        return [] if code == 1 and ("rows" not in expected or "either" in expected) else [f"refused: {found['error']}"]
    if "rows" not in expected:
        return [] if "either" in expected else ["was read, but must be refused"]
    rows = [[lines(text) for text in row] for row in found["rows"]]
    wanted = [[lines(text) for text in row] for row in expected["rows"]]
    if rows == wanted:
        return []
    at = next((i for i, pair in enumerate(zip(rows, wanted)) if pair[0] != pair[1]), min(len(rows), len(wanted)))
    return [f"row {at + 1} is {rows[at:at + 1]}, not {wanted[at:at + 1]}"]


def told_options(expected):
    """A text table's reader is told encoding and delimiter; and then once more it is not."""
    encoding = expected["encoding"].split(" ")[0]
    return ["--encoding", encoding, "--delimiter", expected["delimiter"].replace("\t", "tab")]


def main():
    renki, shared, kind = sys.argv[1:4]
    folder = os.path.join(shared, kind)
    judge = faults_of if kind == "spreadsheets" else text_faults
    names = sorted(name[:-5] for name in os.listdir(os.path.join(folder, "expected")) if name.endswith(".json"))
    told = collections.defaultdict(lambda: [0, 0, 0])
    bad = 0

    def judged(name):
        with open(os.path.join(folder, "expected", name + ".json"), encoding="utf-8") as file:
            expected = json.load(file)
        path = os.path.join(folder, "files", name)
        try:
            found, code = show(renki, path)
            faults = judge(found, code, expected)
            if kind == "csv":
                faults += judge(*show(renki, path, *told_options(expected)), expected)
        except (subprocess.TimeoutExpired, ValueError) as problem:
            return name, {}, [f"{type(problem).__name__}: {str(problem)[:200]}"]
        if "escape" in expected:  # an escape character can't be told to the command
            faults = []
        return name, found, faults

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, found, faults in pool.map(judged, names):
            count = told[os.path.splitext(name)[1]]
            not_read = found.get("code") in NOT_READ
            count[0 if not faults else 1 if not_read else 2] += 1
            if faults and not not_read:
                bad += 1
                print(f"{name}: {'; '.join(faults[:3])[:600]}")
    for suffix, (good, not_read, wrong) in sorted(told.items()):
        print(f"{suffix}: {good} as expected, {not_read} not read, {wrong} not as expected")
    return 1 if bad or not names or not any(count[0] for count in told.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
