"""A workbook as Excel writes it, for the readers to be measured: mixed.py FILE ROWS.

Ten columns: shared texts (few and many different), whole numbers, amounts, a date, a truth value, a formula's result.
"""
import sys
import zipfile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEADERS = ["Invoice", "Supplier", "Account", "Cost centre", "Text", "Net", "Tax", "Sum", "Open", "Date"]
TEXTS = ["Office supplies and freight", "Cleaning", "Kahvi ja pulla", "Öljy ja lämmitys", "Rent & heating"]
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def escape(text):
    return text.replace("&", "&amp;")


def rows(count):
    supplier, text, invoice = len(HEADERS), len(HEADERS) + 1000, len(HEADERS) + 1000 + len(TEXTS)
    yield '<row r="1" spans="1:10">' + "".join(
        f'<c r="{letter}1" t="s"><v>{i}</v></c>' for i, letter in enumerate("ABCDEFGHIJ")) + "</row>"
    for n in range(count):
        r, cents = n + 2, (n * 7919) % 10000000
        net, tax = cents / 100, round(cents * 0.24) / 100
        yield (
            f'<row r="{r}" spans="1:10"><c r="A{r}" t="s"><v>{invoice + n}</v></c>'
            f'<c r="B{r}" t="s"><v>{supplier + n % 1000}</v></c><c r="C{r}"><v>{4000 + n % 100}</v></c>'
            f'<c r="D{r}"><v>{n % 500}</v></c><c r="E{r}" t="s"><v>{text + n % len(TEXTS)}</v></c>'
            f'<c r="F{r}" s="2"><v>{net!r}</v></c><c r="G{r}" s="2"><v>{tax!r}</v></c>'
            f'<c r="H{r}" s="2"><f>F{r}+G{r}</f><v>{net + tax!r}</v></c>'
            f'<c r="I{r}" t="b"><v>{int(n % 7 == 0)}</v></c><c r="J{r}" s="1"><v>{45658 + n % 365}</v></c></row>')


def texts(count):
    yield from HEADERS
    yield from (f"Supplier {i}" for i in range(1000))
    yield from TEXTS
    yield from (f"A-{n}" for n in range(count))


def write(path, count):
    total = len(HEADERS) + 1000 + len(TEXTS) + count
    relation = '<Relationship Id="rId{}" Type="{}" Target="{}"/>'
    parts = {
        "[Content_Types].xml": [
            f'{XML}<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>' + "".join(
                f'<Override PartName="/xl/{name}.xml" '
                f'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
                for name, kind in [("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"),
                                   ("styles", "styles"), ("sharedStrings", "sharedStrings")]) + "</Types>"],
        "_rels/.rels": [
            f'{XML}<Relationships xmlns="{PACKAGE}/relationships">',
            relation.format(1, f"{OFFICE}/officeDocument", "xl/workbook.xml"), "</Relationships>"],
        "xl/_rels/workbook.xml.rels": [
            f'{XML}<Relationships xmlns="{PACKAGE}/relationships">',
            relation.format(1, f"{OFFICE}/worksheet", "worksheets/sheet1.xml"),
            relation.format(2, f"{OFFICE}/styles", "styles.xml"),
            relation.format(3, f"{OFFICE}/sharedStrings", "sharedStrings.xml"), "</Relationships>"],
        "xl/workbook.xml": [
            f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
            '<sheets><sheet name="Invoices" sheetId="1" r:id="rId1"/></sheets></workbook>'],
        "xl/styles.xml": [
            f'{XML}<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts>'
            '<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
            '<cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0"/>'
            '<xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="4" applyNumberFormat="1"/></cellXfs></styleSheet>'],
        "xl/sharedStrings.xml": (
            f'{XML}<sst xmlns="{MAIN}" count="{total}" uniqueCount="{total}">',
            (f"<si><t>{escape(text)}</t></si>" for text in texts(count)), "</sst>"),
        "xl/worksheets/sheet1.xml": (
            f'{XML}<worksheet xmlns="{MAIN}"><dimension ref="A1:J{count + 1}"/><sheetData>', rows(count),
            "</sheetData></worksheet>"),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as file:
        for name, pieces in parts.items():
            with file.open(name, "w") as part:
                for piece in pieces:
                    for text in [piece] if isinstance(piece, str) else piece:
                        part.write(text.encode())


write(sys.argv[1], int(sys.argv[2]))
