# A server that hears a payment and hangs up: the connection was used before, and still it is not sent again by itself.
. "$SUPPORT/workspace.sh"

cat >"$scene/bank.py" <<'PYTHON'
import collections, http.server, sys

heard = collections.Counter()

class Bank(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        heard[self.path] += 1
        print(self.path, heard[self.path], flush=True)
        if self.path == "/lost":
            self.close_connection = True  # heard, and no answer
            return
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bank)
print("port", server.server_address[1], flush=True)
server.serve_forever()
PYTHON
: >"$scene/heard"
python3 "$scene/bank.py" >"$scene/heard" 2>&1 &
children=$!
tries=0
until grep -qs '^port' "$scene/heard"; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || failed "the bank listens"
    sleep 0.1
done
port=$(sed -n 's/^port //p' "$scene/heard")
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", systems = { bank = { origin = "http://127.0.0.1:$port", networks = "127.0.0.1" } } }
SETTINGS

manifest='return { title = "Pays", owner = "tests", permits = { http = { { "POST", "http://127.0.0.1:'$port'/*" } } } }'
robot pays <<LUA
local http = require "http"
local bank = http.client { base = "http://127.0.0.1:$port" }
bank:post("/paid", { json = { sum = 1 } })
bank:post("/lost", { json = { sum = 2 } })
LUA
exits 1 "$RENKI" run pays
says 'broke the connection before its answer was whole'
[ "$(grep -c '^/paid' "$scene/heard")" = 1 ] || failed "the first payment is heard once"
[ "$(grep -c '^/lost' "$scene/heard")" = 1 ] || failed "the lost payment is heard once: $(cat "$scene/heard")"
