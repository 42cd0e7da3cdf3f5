# A queue goes to a spreadsheet, a person edits it in another program, and it comes back: what was there stays, what is
# new is added; the sheet of the queue that comes of it is the same.
. "$SUPPORT/workspace.sh"

manifest='return { title = "fill", owner = "tests", permits = { queues = { invoices = "both" } } }'
robot fill <<'LUA'
local decimal = require "decimal"
local items = require "items"
items.add("invoices", { supplier = "0020033", sum = decimal "1234.50" }, { key = "4711", amount = decimal "1234.50",
  due = "31.12.2026", priority = 1 })
items.add("invoices", { supplier = "=1+1", sum = decimal "-2.00", text = "ääkköset; \"lainaus\"" }, { key = "0012" })
LUA
exits 0 "$RENKI" run fill
for kind in xlsx csv; do
    exits 0 "$RENKI" items export invoices "$scene/queue.$kind"
    says "2 items"
    exits 0 "$RENKI" items import invoices "$scene/queue.$kind"
    says "0 items added; 2 were there already"
    # Into another queue: the same comes out again.
    exits 0 "$RENKI" items import "copy-$kind" "$scene/queue.$kind"
    says "2 items added"
    exits 0 "$RENKI" items export "copy-$kind" "$scene/again.csv"
    exits 0 "$RENKI" items export invoices "$scene/first.csv"
    # A workbook keeps what a number is worth, not its last zeros.
    sed -i 's/,50;/,5;/g; s/,00;/;/g' "$scene/first.csv" "$scene/again.csv"
    cmp -s "$scene/first.csv" "$scene/again.csv" || { cp "$scene/again.csv" "$said"; failed "the same comes out of $kind"; }
done
exits 0 "$RENKI" items show copy-xlsx 4711 --json
is item[0].data.supplier 0020033
is item[0].amount 1234.5

# Edited in openpyxl: a line is added under other headings.
python3 - "$scene/new.xlsx" <<'PY'
import openpyxl, sys
book = openpyxl.Workbook()
page = book.active
page.append(["Invoice", "Supplier", "Sum"])
page.append(["5001", "Kirja Oy", 12.5])
page.append(["5002", "Mylly Ab", 7])
book.save(sys.argv[1])
PY
exits 1 "$RENKI" items import invoices "$scene/new.xlsx" --key Number
says 'no column "Number"'
exits 0 "$RENKI" items import invoices "$scene/new.xlsx" --key Invoice
says "2 items added"
exits 0 "$RENKI" items show invoices 5001 --json
is item[0].state new
is item[0].data.Supplier "Kirja Oy"
