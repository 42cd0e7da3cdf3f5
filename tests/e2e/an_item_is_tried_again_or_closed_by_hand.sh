# An item that a robot hands to a person: the person sees why, mends the data, and it is done; what it was stays in the
# record. Another is closed with a reason.
. "$SUPPORT/workspace.sh"

manifest='return { title = "pay", owner = "tests", permits = { queues = { invoices = "both" } } }'
robot pay <<'LUA'
local decimal = require "decimal"
local items = require "items"
items.add_all("invoices", {
  { no = "1", supplier = "20033", sum = decimal "10.00" }, { no = "2", supplier = "?", sum = decimal "5.50" },
  { no = "3", supplier = "?", sum = decimal "2.00" },
}, { key = "no", amount = "sum" })
items.each("invoices", {}, function(invoice)
  if invoice.supplier == "?" then return run:exception("nobody is called %s", invoice.supplier) end
  print(("paid %s to %s"):format(invoice.sum, invoice.supplier))
end)
LUA

exits 4 "$RENKI" run pay
says "paid 10.00 to 20033"
exits 0 "$RENKI" items list invoices --state exception
says "nobody is called ?"
exits 1 "$RENKI" items retry invoices 1
says "is done"
exits 1 "$RENKI" items retry invoices 2 suplier=20044
says 'no field "suplier"'
exits 0 "$RENKI" items retry invoices 2 supplier=20044 sum=5.75
exits 2 "$RENKI" items close invoices 3
exits 0 "$RENKI" items close invoices 3 --why "paid by card"
exits 0 "$RENKI" run pay
says "paid 5.75 to 20044"
says_not "paid 10.00"
exits 0 "$RENKI" items show invoices 2
says "done"
says "nobody is called ?"
says "supplier: ?"
exits 0 "$RENKI" items show invoices 3 --json
is item[0].state abandoned
is changes[0].why "paid by card"
exits 1 "$RENKI" items show invoices 9
says 'no item "9"'
exits 1 "$RENKI" items list nothing
says 'no queue "nothing"'

# A robot that may only fill a queue takes nothing from it, and is told what to write.
manifest='return { title = "thief", owner = "tests", permits = { queues = { invoices = "fill" } } }'
robot thief <<'LUA'
require("items").each("invoices", {}, function() end)
LUA
exits 3 "$RENKI" run thief
says 'queues = { ["invoices"] = "work" }'
# A rehearsal neither adds nor takes.
exits 0 "$RENKI" items retry invoices 3
exits 4 "$RENKI" run pay --dry-run
exits 0 "$RENKI" items show invoices 3 --json
is item[0].state new
