# A system that does not take a login is asked three times, in one run or in several, and then no more: not by this robot
# and not by another one, until a person sets the right password or says that it may be tried again.
. "$SUPPORT/workspace.sh"

cat >"$scene/bank.py" <<'PYTHON'
import base64, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Bank(BaseHTTPRequestHandler):
    def do_GET(self):
        with open(sys.argv[1] + "/asked", "a") as out:
            out.write(self.path + "\n")
        good = self.headers["Authorization"] == "Basic " + base64.b64encode(b"robot:the right word").decode()
        self.send_response(200 if good else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Bank)
with open(sys.argv[1] + "/port.new", "w") as out:
    out.write(str(server.server_port))
import os
os.rename(sys.argv[1] + "/port.new", sys.argv[1] + "/port")
server.serve_forever()
PYTHON
python3 "$scene/bank.py" "$scene" &
children="$children $!"
for _ in $(seq 300); do [ -f "$scene/port" ] && break; sleep 0.1; done
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", systems = {
  bank = { origin = "https://bank.example", address = "http://127.0.0.1:$(cat "$scene/port")" } } }
SETTINGS
manifest='return { title = "a test", owner = "tests",
  permits = { http = { { "GET", "https://bank.example/*", login = "bank" } } } }'
robot many <<'LUA'
local http = require "http"
local bank = http.client { base = "https://bank.example", login = "bank", retries = 0 }
local requests = {}
for i = 1, 20 do requests[i] = bank:call("GET", "/statement/" .. i) end
local frozen = 0
for _, result in ipairs(http.all(requests)) do
  if result.code == "LOGIN_FROZEN" then frozen = frozen + 1 end
end
run:log("%d calls were not made", frozen)
LUA
robot one <<'LUA'
local http = require "http"
run:log("status %d", http.client({ base = "https://bank.example", login = "bank", retries = 0 }):get("/balance").status)
LUA
asked() { # how often the bank was asked
    found=$(wc -l <"$scene/asked")
    [ "$found" = "$1" ] || failed "the bank was asked $1 times, not $found"
}
set_password() {
    echo "$1" | "$RENKI" secret set bank --origin https://bank.example --username robot >"$said" 2>&1 || failed "it is set"
}

# Twenty calls at once: three of them reach the bank.
set_password "a wrong word"
exits 0 "$RENKI" run many
says "17 calls were not made"
asked 3

# It holds in other runs, says what to do, and is shown.
exits 3 "$RENKI" run one
says 'The login "bank" is frozen'
says "renki secret set bank"
asked 3
exits 0 "$RENKI" secret list --json
[ "$(value secrets[0].frozen_ms)" != 0 ] || failed "the list shows that it is frozen"

# Thawed, it is tried again, and one by one run freezes as well.
exits 0 "$RENKI" secret thaw bank
says "may be used again"
exits 2 "$RENKI" secret thaw bank
for _ in 1 2 3; do exits 3 "$RENKI" run one; done
exits 3 "$RENKI" run one
asked 6

# A new password thaws it; what the bank takes counts from nothing.
set_password "the right word"
exits 0 "$RENKI" run one
says "status 200"
exits 0 "$RENKI" secret list --json
is secrets[0].frozen_ms 0
