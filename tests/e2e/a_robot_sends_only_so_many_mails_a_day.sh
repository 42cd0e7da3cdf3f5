# The host counts what all runs of a robot have sent; the gateway holds back what is beyond, before it calls any server.
. "$SUPPORT/workspace.sh"

cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", mail = { server = "smtp://127.0.0.1:1", from = "robots@city.example",
  networks = { "127.0.0.1" }, tls = "none" } }
SETTINGS
manifest='return { title = "a test", owner = "tests", permits = { mail = { to = { "*@city.example" } } } }'
robot letter <<'LUA'
require("mail").send { to = "desk@city.example", subject = "Month-end", text = "balanced" }
LUA
exits 1 "$RENKI" run letter
says "127.0.0.1"

# sent MAILS HOURS-AGO: as if run 1 had sent them.
sent() {
    /usr/bin/python3 - .renki/store.sqlite "$1" "$2" <<'PYTHON' || failed "mails are in the store"
import sqlite3, sys, time
store = sqlite3.connect(sys.argv[1])
started_ms = int(time.time() * 1000) - int(sys.argv[3]) * 3600 * 1000
for number in range(int(sys.argv[2])):
    store.execute("INSERT INTO calls VALUES (1, 1, ?, 'mail', 'SEND', 'mail.example', 25, 'desk@city.example', 'done',"
                  " 250, 1, 1, ?, 1, '', '')", (1000 + number, started_ms))
store.commit()
PYTHON
}
sent 2000 25
sent 999 2
exits 1 "$RENKI" run letter # one is left, and nobody listens
says_not "within 24 hours"
sent 1 2
exits 3 "$RENKI" run letter
says "this robot has sent 1000 mails within 24 hours"
says "resume the run tomorrow"
