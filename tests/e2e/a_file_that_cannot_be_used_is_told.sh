# A file is missing, empty, unreadable, not what it is called, locked by a password or damaged: one clear message each.
. "$SUPPORT/workspace.sh"

manifest='return { title = "a test", owner = "tests",
  inputs = { lines = { type = "file", accept = { ".csv", ".xlsx" } } } }'
robot read <<'LUA'
local sheet = require "sheet"
run:each(sheet.open(run.inputs.lines):rows { header = true }, {}, function(row) return row.No end)
LUA
robot write <<'LUA'
local sheet = require "sheet"
local book = sheet.create "book.xlsx"
local rows = {}
for i = 1, 500 do rows[i] = { i, ("text %d"):format(i) } end
book:table("Lines", { "No", "Text" }, rows)
run:attach(book)
LUA

# fails FILE WORDS…
fails() {
    file=$1
    shift
    exits 1 "$RENKI" run read lines="$file"
    for words in "$@"; do says "$words"; done
}

fails missing.csv "no file missing.csv"
printf '' >empty.csv
fails empty.csv "The file is empty"
printf '' >empty.xlsx
fails empty.xlsx "The file is empty"
printf 'No;Sum\n1;2\n' >lines.csv
cp lines.csv locked.csv
chmod 000 locked.csv
fails locked.csv "can't be read: there is no right to it"
printf '\377\330\377\340\000\020JFIF' >picture.xlsx
fails picture.xlsx "The file is a picture, not a spreadsheet" "Ask for the table"
printf '%%PDF-1.7\n' >invoice.xlsx
fails invoice.xlsx PDF
printf '<html><table><tr><td>1</td></tr></table></html>' >page.xlsx
fails page.xlsx "web page"
echo text >a.txt
zip -q archive.xlsx a.txt
fails archive.xlsx "packed by zip" "Unpack it"
# An encrypted workbook is a compound file ([MS-CFB]) with a stream of this name.
python3 - >secret.xlsx <<'PYTHON'
import struct, sys
FREE, END, TABLE, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
def entry(name, kind, child, start, size):
    text = name.encode("utf-16-le") + b"\0\0"
    return (text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, NONE, NONE, child) + bytes(36) +
            struct.pack("<IQ", start, size))
head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(6)
head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0) + struct.pack("<109I", 0, *[FREE] * 108)
chain = [TABLE, END] + list(range(3, 10)) + [END]
table = struct.pack("<128I", *chain, *[FREE] * (128 - len(chain)))
folder = entry("Root Entry", 5, 1, END, 0) + entry("EncryptedPackage", 2, NONE, 2, 4096) + bytes(256)
sys.stdout.buffer.write(head + table + folder + bytes(4096))
PYTHON
fails secret.xlsx "protected with a password" "without one"

echo x >unused.csv
exits 0 "$RENKI" run write lines=unused.csv
book=$(find .renki/artifacts -name book.xlsx)
exits 0 "$RENKI" run read lines="$book"
size=$(stat -c %s "$book")
head -c $((size / 2)) "$book" >half.xlsx
fails half.xlsx "The workbook is damaged: its end is missing" "Fetch the file again"
# Letters are changed inside the packed rows; the list of parts at the end is whole.
python3 - "$book" >changed.xlsx <<'PYTHON'
import sys, zipfile
data = bytearray(open(sys.argv[1], "rb").read())
part = zipfile.ZipFile(sys.argv[1]).getinfo("xl/worksheets/sheet1.xml")
for i in range(part.header_offset + 400, part.header_offset + 460):
    data[i] ^= 0x55
sys.stdout.buffer.write(data)
PYTHON
fails changed.xlsx "The workbook is damaged"

real=$SHARED/spreadsheets/files/calamine--pass_protected.xlsx
if [ -r "$real" ]; then fails "$real" "protected with a password"; else echo "without shared data: one file less"; fi

RENKI_LANGUAGE=fi exits 1 "$RENKI" run read lines=locked.csv
says "Tiedostoa locked.csv ei voi lukea: siihen ei ole oikeutta."
RENKI_LANGUAGE=sv exits 1 "$RENKI" run read lines=half.xlsx
says "Arbetsboken är skadad: dess slut saknas"

# The file has the name that the person gave it, not the one under which the robot finds it.
printf '' >"Lokakuu 2026.XLSX"
exits 1 "$RENKI" run read lines="Lokakuu 2026.XLSX"
says "Lokakuu 2026.XLSX"
says_not "in/lines"
