# A system that bears one run at a time has one, whoever started it; the next one says what it waits for, and goes on when
# its turn comes. A closed one is waited for, too.
. "$SUPPORT/workspace.sh"

cat >"$scene/gate.py" <<'PYTHON'
# Answers once the file "open" is there, and writes down how many asked at a time.
import os, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

scene, inside, most, lock = sys.argv[1], 0, 0, threading.Lock()

class Gate(BaseHTTPRequestHandler):
    def do_GET(self):
        global inside, most
        with lock:
            inside += 1
            most = max(most, inside)
            with open(scene + "/most", "w") as out:
                out.write(str(most))
        while not os.path.exists(scene + "/open"):
            time.sleep(0.05)
        time.sleep(0.5)
        with lock:
            inside -= 1
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Gate)
with open(scene + "/port.new", "w") as out:
    out.write(str(server.server_port))
os.rename(scene + "/port.new", scene + "/port")
server.serve_forever()
PYTHON
python3 "$scene/gate.py" "$scene" &
children="$children $!"
for _ in $(seq 300); do [ -f "$scene/port" ] && break; sleep 0.1; done
from=$(TZ=UTC date -d "+2 hours" +%H:%M) to=$(TZ=UTC date -d "+3 hours" +%H:%M)
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", timezone = "UTC", systems = {
  gate = { origin = "https://gate.example", address = "http://127.0.0.1:$(cat "$scene/port")", runs_at_once = 1 },
  shut = { origin = "https://shut.example", hours = "$from-$to" } } }
SETTINGS
manifest='return { title = "a test", owner = "tests", permits = { http = { { "GET", "https://gate.example/*" } } } }'
robot passes <<'LUA'
require("http").get("https://gate.example/")
LUA
manifest='return { title = "a test", owner = "tests", permits = { http = { { "GET", "https://shut.example/*" } } } }'
robot early <<'LUA'
require("http").get("https://shut.example/")
LUA

says_soon() { # file text
    for _ in $(seq 300); do grep -qF "$2" "$1" && return; sleep 0.1; done
    cp "$1" "$said"
    failed "it says \"$2\""
}

# Each has a host of its own; the second waits for the first.
"$RENKI" run passes >"$scene/first" 2>&1 &
first=$!
for _ in $(seq 300); do [ -f "$scene/most" ] && break; sleep 0.1; done
"$RENKI" run passes >"$scene/second" 2>&1 &
second=$!
children="$children $first $second"
says_soon "$scene/second" "The run waits: system gate."
touch "$scene/open"
wait "$first" || failed "the first run is done"
wait "$second" || failed "the second run is done"
[ "$(cat "$scene/most")" = 1 ] || failed "one run at a time was inside"

# Before it opens nothing is asked of it.
python3 -c "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])" \
    "$RENKI" run early >"$scene/early" 2>&1 & # a shell's children in the background ignore Ctrl-C
early=$!
children="$children $early"
says_soon "$scene/early" "The run waits: hours of shut."
says_soon "$scene/early" "$from"
kill -INT "$early"
wait "$early"
exits 0 "$RENKI" show 3 --json
is "run[0].state" cancelled
