"""Makes hostile spreadsheets and shows each with `renki sheet`: refused in words, or read; never a crash, never much.

    hostile_sheets.py RENKI FOLDER [SHARED]

FOLDER is where the files are made. Computing time and memory are bounded for a build without sanitizers, whose own
needs are larger. SHARED, where it is there, gives files of other programs to damage.
"""
import concurrent.futures
import json
import multiprocessing
import os
import random
import struct
import subprocess
import sys
import tempfile
import zlib

SECONDS, MEGABYTES = 10, 256 + 24  # the program itself, beside what it may take
CLOCK = 300  # a process that hangs, on whatever machine
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
REFUSED, READ, EITHER = {"error"}, {"shown"}, {"error", "shown"}

# ---- zip files, with whatever lies


class Entry:
    def __init__(self, name, data=b"", method=8, **lies):
        self.name, self.method, self.lies = name.encode() if isinstance(name, str) else name, method, lies
        data = data.encode() if isinstance(data, str) else data
        self.size, self.crc = len(data), zlib.crc32(data)
        if method == 8:
            deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
            data = deflate.compress(data) + deflate.flush()
        self.data = data

    def fields(self):
        crc, packed, size = (self.lies.get(key, value) for key, value in
                             (("crc", self.crc), ("packed", len(self.data)), ("size", self.size)))
        return struct.pack("<HHHHHIII", 20, self.lies.get("flags", 0), self.method, 0, 0x21, crc, packed, size)


def zip_of(entries, end=b"", **lies):
    out, directory = bytearray(), bytearray()
    for entry in entries:
        offset = entry.lies.get("offset", len(out))
        extra = entry.lies.get("extra", b"")
        if not entry.lies.get("directory_only"):
            out += b"PK\3\4" + entry.fields() + struct.pack("<HH", len(entry.name), 0) + entry.name + entry.data
        directory += b"PK\1\2" + struct.pack("<H", 0x0314) + entry.fields() + struct.pack(
            "<HHHHHII", len(entry.name), len(extra), 0, 0, 0, entry.lies.get("attributes", 0), offset) + entry.name + extra
    start = len(out)
    count = lies.get("count", min(len(entries), 0xFFFF))
    return bytes(out + directory + end + b"PK\5\6" + struct.pack(
        "<HHHHIIH", 0, 0, count, count, lies.get("directory_size", len(directory)), lies.get("directory_offset", start), 0))


# ---- workbooks

SHEET = f'<worksheet xmlns="{MAIN}"><sheetData>%s</sheetData>%s</worksheet>'
CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'


def parts(sheet=SHEET % (CELL, ""), strings=None, styles=None, target="worksheets/sheet1.xml", mode="", pages=1):
    sheets = "".join(f'<sheet name="P{i}" sheetId="{i}" r:id="r{i}"/>' for i in range(1, pages + 1))
    links = "".join(f'<Relationship Id="r{i}" Type="{REL}/worksheet" Target="{target}"{mode}/>' for i in range(1, pages + 1))
    found = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}<Relationship Id="s" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="t" Type="{REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    if strings is not None:
        found["xl/sharedStrings.xml"] = strings
    if styles is not None:
        found["xl/styles.xml"] = styles
    return found


def workbook(**arguments):
    without = arguments.pop("without", None)
    return zip_of([Entry(name, data) for name, data in parts(**arguments).items() if name != without])


def with_cells(cells, after="", **arguments):
    return workbook(sheet=SHEET % (cells, after), **arguments)


def with_first(entry, **arguments):
    return zip_of([Entry(name, data) for name, data in parts(**arguments).items()] + [entry])


def lying(name="xl/worksheets/sheet1.xml", **lies):
    return zip_of([Entry(each, data, **(lies if each == name else {})) for each, data in parts().items()])


def opendocument(table, before=""):
    names = "".join(f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"' for prefix in ("office", "table", "text"))
    content = f'{before}<office:document-content{names}><office:body><office:spreadsheet><table:table table:name="P">{table}</table:table></office:spreadsheet></office:body></office:document-content>'
    return zip_of([Entry("mimetype", "application/vnd.oasis.opendocument.spreadsheet", method=0), Entry("content.xml", content)])


LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)) + "]>"
OUTSIDE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
NUMBER = '<row r="1"><c r="%s"><v>1</v></c></row>'


def cases():
    """name, bytes or a function that makes the file, what may come of it."""
    spaces = b" " * (24 << 20)
    nine = Entry("a", b" " * (9 << 20))
    yield "bomb-by-ratio.xlsx", workbook(sheet=SHEET % (CELL, spaces.decode())), REFUSED
    yield "bomb-shared-texts.xlsx", workbook(strings=f'<sst xmlns="{MAIN}"><si><t>{"a" * (24 << 20)}</t></si></sst>',
                                             sheet=SHEET % ('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', "")), REFUSED
    many = [Entry(name, data) for name, data in parts().items()]
    for i in range(250):
        entry = Entry(f"x{i}")
        entry.method, entry.data, entry.size, entry.crc = 8, nine.data, nine.size, nine.crc
        many.append(entry)
    yield "bomb-in-many-parts.xlsx", zip_of(many), REFUSED
    # Many names for the same bytes: each page is one more reading of them.
    over = [Entry(name, data) for name, data in parts(pages=100, target="s.xml").items()]
    page = Entry("xl/s.xml", SHEET % (CELL, " " * (8 << 20)))
    start = len(zip_of(over)) and sum(30 + len(entry.name) + len(entry.data) for entry in over)
    again = Entry("xl/t.xml", SHEET % (CELL, " " * (8 << 20)), directory_only=True, offset=start)
    yield "one-part-for-a-hundred-pages.xlsx", zip_of(over + [page]), EITHER
    yield "overlapping-entries.xlsx", zip_of(over + [page] + [again]), EITHER
    quoted = [Entry(name, data) for name, data in parts().items()]
    for i in range(300):
        entry = Entry(f"q{i}", directory_only=True, offset=start)
        entry.data, entry.size, entry.crc = page.data, page.size, page.crc
        quoted.append(entry)
    yield "overlapping-bomb.xlsx", zip_of(quoted), REFUSED
    yield "zip-in-a-zip.xlsx", workbook(sheet=workbook().decode("latin-1")), REFUSED
    yield "10001-entries.xlsx", zip_of(many[:5] + [Entry(f"e{i}", method=0) for i in range(10001)]), REFUSED
    for name, lies in {"size-too-small": {"size": 10}, "size-too-large": {"size": 1 << 30}, "size-of-4-gb": {"size": 0xFFFFFFFE},
                       "packed-too-small": {"packed": 5}, "wrong-sum": {"crc": 1},
                       "offset-beyond-the-end": {"offset": 1 << 30}, "offset-elsewhere": {"offset": 3},
                       "encrypted": {"flags": 1}, "size-unknown": {"size": 0xFFFFFFFF},
                       "zip64-of-2-to-63": {"size": 0xFFFFFFFF, "extra": struct.pack("<HHQ", 1, 8, 1 << 63)},
                       "zip64-cut": {"size": 0xFFFFFFFF, "packed": 0xFFFFFFFF, "extra": struct.pack("<HH", 1, 16)},
                       "extra-longer-than-it-is": {"extra": struct.pack("<HH", 1, 0xFFFF)}}.items():
        yield f"{name}.xlsx", lying(**lies), REFUSED
    yield "packed-beyond-the-end.xlsx", lying(packed=1 << 30), EITHER
    yield "method-unknown.xlsx", zip_of([Entry(n, d, method=99 if "sheet1" in n else 8) for n, d in parts().items()]), REFUSED
    ordinary = [Entry(name, data) for name, data in parts().items()]
    yield "count-too-large.xlsx", zip_of(ordinary, count=60000), REFUSED
    yield "count-too-small.xlsx", zip_of(ordinary, count=1), EITHER
    yield "directory-beyond-the-end.xlsx", zip_of(ordinary, directory_offset=1 << 31), EITHER
    yield "directory-of-4-gb.xlsx", zip_of(ordinary, directory_size=0xFFFFFFF0), EITHER
    end64 = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1 << 63, 1 << 63, 1 << 63, 1 << 63)
    yield "zip64-directory-lies.xlsx", zip_of(ordinary, end=end64 + b"PK\6\7" + struct.pack("<IQI", 0, 0, 1), count=0xFFFF), REFUSED
    yield "zip64-locator-lies.xlsx", zip_of(ordinary, end=b"PK\6\7" + struct.pack("<IQI", 0, (1 << 64) - 1, 1)), EITHER
    whole = workbook()
    for i in range(50):
        yield f"cut-at-{i}-of-50.xlsx", whole[:len(whole) * i // 50], REFUSED
    yield "path-traversal.xlsx", with_first(Entry("../../../../tmp/renki-was-here", "x")), READ
    yield "absolute-path.xlsx", with_first(Entry("/tmp/renki-was-here", "x")), READ
    yield "symbolic-link.xlsx", with_first(Entry("xl/link", "/etc/passwd", method=0, attributes=0o120777 << 16)), READ
    link = {n: d for n, d in parts().items() if "sheet1" not in n}
    yield "page-is-a-symbolic-link.xlsx", zip_of([Entry(n, d) for n, d in link.items()] + [
        Entry("xl/worksheets/sheet1.xml", "/etc/passwd", method=0, attributes=0o120777 << 16)]), REFUSED
    for i, target in enumerate(("../../../../../../etc/passwd", "file:///etc/passwd", "http://localhost/x", "\0", "a" * 100000)):
        yield f"target-outside-{i}.xlsx", workbook(target=target), REFUSED
    yield "target-external.xlsx", workbook(target="http://localhost/x", mode=' TargetMode="External"'), EITHER
    for name in parts():
        yield f"without-{name.replace('/', '-')}.xlsx", workbook(without=name), EITHER
    yield "macros.xlsm", with_first(Entry("xl/vbaProject.bin", b"\xD0\xCF\x11\xE0 no macros at all")), READ
    yield "ten-thousand-pages.xlsx", workbook(pages=10001), EITHER

    # XML
    yield "deep.xlsx", with_cells("<a>" * 100000), REFUSED
    yield "doctype.xlsx", workbook(sheet="<!DOCTYPE worksheet>" + SHEET % (CELL, "")), REFUSED
    yield "laughs.xlsx", workbook(sheet=LAUGHS + SHEET % ('<row><c t="str"><v>&j;</v></c></row>', "")), REFUSED
    yield "outside.xlsx", workbook(sheet=OUTSIDE + SHEET % ('<row><c t="str"><v>&x;</v></c></row>', "")), REFUSED
    yield "laughs-in-texts.xlsx", workbook(strings=LAUGHS + f'<sst xmlns="{MAIN}"><si><t>&j;</t></si></sst>',
                                           sheet=SHEET % ('<row><c t="s"><v>0</v></c></row>', "")), REFUSED
    yield "laughs-in-the-list-of-pages.xlsx", zip_of([Entry(n, LAUGHS + d if n == "xl/workbook.xml" else d) for n, d in parts().items()]), REFUSED
    yield "entity-unknown.xlsx", with_cells('<row><c t="str"><v>&x;</v></c></row>'), REFUSED
    yield "entity-too-large.xlsx", with_cells('<row><c t="str"><v>&#xFFFFFFFFFF;&#99999999999;</v></c></row>'), REFUSED
    yield "entity-nul.xlsx", with_cells('<row><c t="str"><v>a&#0;b</v></c></row>'), EITHER
    yield "nul-bytes.xlsx", with_cells('<row><c t="str"><v>a\0b</v></c></row>'), EITHER
    yield "surrogates.xlsx", workbook(sheet=(SHEET % ('<row><c t="str"><v>@@@</v></c></row>', "")).encode().replace(b"@@@", b"\xED\xA0\x80")), REFUSED
    yield "utf-7.xlsx", workbook(sheet='<?xml version="1.0" encoding="UTF-7"?>' + SHEET % (CELL, "")), EITHER
    yield "utf-16-cut.xlsx", workbook(sheet=b"\xFF\xFE" + (SHEET % (CELL, "")).encode("utf-16le")[:-1]), REFUSED
    yield "huge-attribute.xlsx", with_cells(f'<row r="1" x="{"a" * (4 << 20)}">'), REFUSED
    yield "huge-name.xlsx", with_cells(f'<{"a" * (4 << 20)}/>'), EITHER
    yield "many-attributes.xlsx", with_cells("<row " + " ".join(f'a{i}="1"' for i in range(100000)) + "/>"), EITHER
    yield "huge-comment.xlsx", with_cells(f'<!--{os.urandom(1 << 20).hex()}-->{CELL}'), EITHER
    yield "never-closed.xlsx", workbook(sheet=(SHEET % (CELL, ""))[:-20]), REFUSED
    yield "not-xml.xlsx", workbook(sheet=os.urandom(100000)), REFUSED
    yield "empty-page.xlsx", workbook(sheet=""), REFUSED

    # Cells and rows
    for i, place in enumerate(("A4294967297", "XFE1", "AAAAAAAA1", "R0", "A0", "A-1", "A1048577", "1A", "A", "A99999999999999999999", "ZZZZZZZZZZZZZZZZZZZZ1", "A1:B2")):
        yield f"reference-{i}.xlsx", with_cells(NUMBER % place), REFUSED
    for i, row in enumerate(("4294967297", "0", "-1", "1048577", "99999999999999999999", "x")):
        yield f"row-{i}.xlsx", with_cells(f'<row r="{row}"><c><v>1</v></c></row>'), REFUSED
    yield "rows-backwards.xlsx", with_cells('<row r="5"><c r="A5"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>'), EITHER
    yield "a-cell-twice.xlsx", with_cells('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>'), EITHER
    yield "a-million-cells-in-a-row.xlsx", with_cells("<row>" + "<c><v>1</v></c>" * 1000000 + "</row>"), REFUSED
    yield "rows-without-end.xlsx", with_cells("<row/>" * 1100000), EITHER
    for i, text in enumerate(("4294967296", "-1", "99999999999999999999", "x", "1")):
        yield f"shared-text-{i}.xlsx", with_cells(f'<row><c t="s"><v>{text}</v></c></row>', strings=f'<sst xmlns="{MAIN}" count="4294967295" uniqueCount="18446744073709551616"><si><t>a</t></si></sst>'), REFUSED
    for i, style in enumerate(("4294967296", "-1", "99999999999999999999", "x", "70000")):
        yield f"style-{i}.xlsx", with_cells(f'<row><c s="{style}"><v>1</v></c></row>', styles=f'<styleSheet xmlns="{MAIN}"><cellXfs count="4294967295"><xf numFmtId="14"/></cellXfs></styleSheet>'), EITHER
    for i, number in enumerate(("1" * (1 << 20), "1e999", "-1e999", "0x10", "1e", "--1", "1.2.3", "1e-999999999999999999999")):
        yield f"number-{i}.xlsx", with_cells(f"<row><c><v>{number}</v></c></row>"), REFUSED
    for number in ("INF", "-INF", "NaN"):
        yield f"number-{number}.xlsx", with_cells(f"<row><c><v>{number}</v></c></row>"), EITHER
    dated = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="46"/></cellXfs></styleSheet>'
    for i, serial in enumerate(("1e308", "-1e308", "2958466", "1e-307", "9223372036854775808", "60", "-0.0000001", "2958465.99999999")):
        yield f"serial-{i}.xlsx", with_cells(f'<row><c s="1"><v>{serial}</v></c><c s="2"><v>{serial}</v></c></row>', styles=dated), READ
    for i, iso in enumerate(("99999-01-01", "2026-13-45", "2026-01-01T99:99:99", "-0001-01-01", "T", "1" * 100000)):
        yield f"iso-date-{i}.xlsx", with_cells(f'<row><c t="d"><v>{iso}</v></c></row>'), REFUSED
    yield "dimension-lies.xlsx", workbook(sheet=f'<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>{CELL}</sheetData></worksheet>'), READ
    yield "dimension-overflows.xlsx", workbook(sheet=f'<worksheet xmlns="{MAIN}"><dimension ref="A1:AAAAAAA99999999999"/><sheetData>{CELL}</sheetData></worksheet>'), READ
    yield "columns-lie.xlsx", workbook(sheet=f'<worksheet xmlns="{MAIN}"><cols><col min="0" max="4294967295" hidden="1"/><col min="9" max="1" hidden="1"/></cols><sheetData>{CELL}</sheetData></worksheet>'), EITHER
    yield "many-columns.xlsx", workbook(sheet=f'<worksheet xmlns="{MAIN}"><cols>' + '<col min="1" max="16384" hidden="1"/>' * 300000 + f"</cols><sheetData>{CELL}</sheetData></worksheet>"), EITHER
    yield "merged-page.xlsx", with_cells(CELL, '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), READ
    yield "merged-nowhere.xlsx", with_cells(CELL, '<mergeCells><mergeCell ref="A0:XFE9"/></mergeCells>'), REFUSED
    yield "merged-300000-times.xlsx", with_cells(CELL, "<mergeCells>" + '<mergeCell ref="A1:B2"/>' * 300000 + "</mergeCells>"), EITHER
    yield "two-far-corners.xlsx", with_cells('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), READ
    yield "long-text.xlsx", with_cells(f'<row><c t="inlineStr"><is><t>{"ä" * 32768}</t></is></c></row>'), REFUSED
    yield "runs-without-end.xlsx", with_cells('<row><c t="inlineStr"><is>' + "<r><t>a</t></r>" * 400000 + "</is></c></row>"), REFUSED
    yield "a-million-texts.xlsx", workbook(strings=f'<sst xmlns="{MAIN}">' + "<si><t>a</t></si>" * 1000000 + "</sst>", sheet=SHEET % ('<row><c t="s"><v>999999</v></c></row>', "")), EITHER
    yield "texts-of-300-mb.xlsx", lambda path: texts(path, 300), EITHER
    yield "a-million-styles.xlsx", with_cells('<row><c s="999999"><v>1</v></c></row>', styles=f'<styleSheet xmlns="{MAIN}"><cellXfs>' + '<xf numFmtId="14"/>' * 1000000 + "</cellXfs></styleSheet>"), EITHER
    yield "huge-format.xlsx", with_cells('<row><c s="0"><v>1</v></c></row>', styles=f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="200" formatCode="{"y" * 900000}"/></numFmts><cellXfs><xf numFmtId="200"/></cellXfs></styleSheet>'), EITHER
    yield "formats-without-end.xlsx", with_cells(CELL, styles=f'<styleSheet xmlns="{MAIN}"><numFmts>' + '<numFmt numFmtId="4294967296" formatCode="yyyy"/>' * 300000 + "</numFmts></styleSheet>"), EITHER

    # OpenDocument
    text = '<table:table-cell%s office:value-type="string"><text:p>x</text:p></table:table-cell>'
    for i, times in enumerate(("1000000000", "4294967297", "18446744073709551617", "-1", "0", "x")):
        yield f"columns-repeated-{i}.ods", opendocument(f'<table:table-row>{text % f""" table:number-columns-repeated="{times}" """}</table:table-row>'), EITHER
        yield f"rows-repeated-{i}.ods", opendocument(f'<table:table-row table:number-rows-repeated="{times}">{text % ""}</table:table-row>'), EITHER
        yield f"blanks-repeated-{i}.ods", opendocument(f'<table:table-row><table:table-cell office:value-type="string"><text:p>a<text:s text:c="{times}"/>b</text:p></table:table-cell></table:table-row>'), EITHER
        yield f"merged-{i}.ods", opendocument(f'<table:table-row>{text % f""" table:number-columns-spanned="{times}" table:number-rows-spanned="{times}" """}</table:table-row>'), EITHER
    whole_page = text % ' table:number-columns-repeated="16384"'
    yield "a-full-page-repeated.ods", opendocument(f'<table:table-row table:number-rows-repeated="1048576">{whole_page}</table:table-row>'), EITHER
    yield "blanks-of-a-thousand-cells.ods", opendocument("<table:table-row>" + '<table:table-cell office:value-type="string"><text:p><text:s text:c="32767"/></text:p></table:table-cell>' * 16384 + "</table:table-row>"), EITHER
    yield "laughs.ods", opendocument("<table:table-row/>", LAUGHS), REFUSED
    yield "outside.ods", opendocument("<table:table-row/>", OUTSIDE), REFUSED
    yield "deep.ods", opendocument("<table:table-row-group>" * 100000), REFUSED
    for i, value in enumerate(("1e999", "x", "1" * 100000, "")):
        yield f"value-{i}.ods", opendocument(f'<table:table-row><table:table-cell office:value-type="float" office:value="{value}"/></table:table-row>'), EITHER
    for i, span in enumerate(("PT99999999999999999999H", "P", "PT1H2", "-PT1H", "PT" + "9" * 100000 + "H")):
        yield f"span-{i}.ods", opendocument(f'<table:table-row><table:table-cell office:value-type="time" office:time-value="{span}"/></table:table-row>'), EITHER

    # Text tables
    yield "one-field-of-1-gb.csv", lambda path: sparse(path, b"a" * (2 << 20), 1 << 30), REFUSED
    yield "one-quoted-field-of-1-gb.csv", lambda path: sparse(path, b'a,b\n"' + b"a" * (2 << 20), 1 << 30), REFUSED
    yield "never-closed.csv", b'a,b\n1,"x\n2,3\n' * 1, REFUSED
    yield "a-million-columns.csv", b"a," * 1000000 + b"\n", REFUSED
    yield "16384-columns.csv", (b"," * 16383 + b"\n") * 500, READ
    yield "nothing-but-quotes.csv", b'"' * 1000001, EITHER
    yield "nothing-but-line-ends.csv", b"\n" * (4 << 20), EITHER
    yield "nothing-but-blanks.csv", b" " * (4 << 20), EITHER
    yield "nul-bytes.csv", b"a,b\n1,\0\n2,3\n" * 100, REFUSED
    yield "broken-utf-8.csv", b"name;sum\n" + "Hyvinkää;1\n".encode() * 100 + b"\xC3;2\n\xF5\x80\x80\x80;3\n", REFUSED
    yield "utf-16-cut.csv", "a;b\n1;2\n".encode("utf-16")[:-1], EITHER
    yield "utf-16-lone-surrogate.csv", b"\xFF\xFEa\0;\0\0\xD8\n\0", EITHER
    yield "random.csv", random.Random(1).randbytes(100000), REFUSED
    yield "empty.xlsx", b"", REFUSED
    yield "one-byte.xlsx", b"P", EITHER


def texts(path, megabytes):
    """Shared texts of that size whose ratio no limit sees: all different."""
    source = random.Random(2)
    block = "".join(f"<si><t>{source.randbytes(30).hex()}</t></si>" for _ in range(20000))
    strings = f'<sst xmlns="{MAIN}">' + block * (megabytes * (1 << 20) // len(block)) + "</sst>"
    with open(path, "wb") as file:
        file.write(zip_of([Entry(n, d, method=0) for n, d in parts(strings=strings, sheet=SHEET % ('<row><c t="s"><v>9</v></c></row>', "")).items()]))


def sparse(path, start, size):
    with open(path, "wb") as file:
        file.write(start)
        file.truncate(size)


def damaged(shared):
    """Files of other programs with bytes changed, the same ones each time."""
    source = random.Random(3)
    folder = os.path.join(shared, "spreadsheets", "files")
    names = [name for name in sorted(os.listdir(folder)) if os.path.getsize(os.path.join(folder, name)) < 200000]
    for suffix in (".xls", ".ods", ".xlsx"):
        chosen = [name for name in names if name.endswith(suffix)]
        for i in range(30):
            name = source.choice(chosen)
            with open(os.path.join(folder, name), "rb") as file:
                data = bytearray(file.read())
            for _ in range(source.choice((1, 3, 30))):
                data[source.randrange(len(data))] = source.choice((0, 0xFF, source.randrange(256)))
            yield f"damaged-{i}-{name}", bytes(data[:len(data) if i % 3 else source.randrange(len(data))]), EITHER


# ---- showing them


def run(renki, path, *options):
    """Exit code, what it said, and what it took: seconds of computing and megabytes."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(["timeout", str(CLOCK), renki, "sheet", path, *options], stdout=out, stderr=err)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return child.returncode, out.read(1 << 20), err.read(), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def findings(renki, path, allowed, bounded):
    """What is wrong with the ways in which one file is shown."""
    found = []
    made_of_others = os.path.basename(path).startswith(("damaged-", "cut-"))
    for options in (("--json",), ("--rows", "3"), ("--csv", "--rows", "3"))[:2 if made_of_others else 3]:
        code, out, err, seconds, megabytes = run(renki, path, *options)
        outcome = {0: "shown", 1: "error"}.get(code, f"exit code {code}")
        message = (err or out).decode(errors="replace")[:300]
        if options == ("--json",) and outcome == "error":
            try:
                message = json.loads(out)["error"]
            except (ValueError, KeyError):
                found.append(f"no error object: {out[:200]} {err[:200]}")
        if outcome not in EITHER or any(bad in message for bad in ("ended unexpectedly", "sandbox.", "runtime error")):
            found.append(f"{outcome}: {message}")
        elif options == ("--json",) and outcome not in allowed:
            found.append(f"{outcome}, not {' or '.join(allowed)}: {message}")
        if bounded and seconds > SECONDS:
            found.append(f"took {seconds:.1f} s")
        if bounded and megabytes > MEGABYTES:
            found.append(f"took {megabytes:.0f} MB")
        if b"root:x:" in out:
            found.append("shows a file of this machine")
        if found:
            return [f"{os.path.basename(path)} {' '.join(options)}: {one}" for one in found]
    return []


def all_cases(shared):
    yield from cases()
    if os.path.isdir(os.path.join(shared, "spreadsheets")):
        yield from damaged(shared)


def make(path, content):
    if callable(content):
        content(path)
        return
    with open(path, "wb") as file:
        file.write(content)


def tell(path, future):
    for one in future.result():
        print(one)
    os.remove(path)
    return len(future.result())


def main():
    renki, folder = sys.argv[1:3]
    shared = sys.argv[3] if len(sys.argv) > 3 else ""
    with open(renki, "rb") as file:
        bounded = b"__asan_init" not in file.read()
    made, bad, waiting = 0, 0, []
    # Processes of their own, begun while this one is small: the most memory that a process had lives on in its child.
    with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        for one in [pool.submit(os.getpid) for _ in range(8)]:
            one.result()
        for name, content, allowed in all_cases(shared):
            made += 1
            path = os.path.join(folder, name)
            make(path, content)
            waiting.append((path, pool.submit(findings, renki, path, allowed, bounded)))
            if len(waiting) > 8:
                bad += tell(*waiting.pop(0))
        for one in waiting:
            bad += tell(*one)
    if os.path.exists("/tmp/renki-was-here"):
        print("a part was written outside")
        bad += 1
    print(f"{made} hostile files: {bad} findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
