# What an outside system is spared, it is spared by both hosts together: runs at once, calls in a time, a login that it
# refuses. A webhook that reaches both counts once, and a run is cancelled at the host that does not have it.
. "$SUPPORT/fleet.sh"

cat >"$scene/outside.py" <<'PYTHON'
# Writes down what is asked and when; holds /hold until the file "open" is there; refuses while "refuses" is.
import os, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

scene, inside, lock = sys.argv[1], 0, threading.Lock()

class Outside(BaseHTTPRequestHandler):
    def do_GET(self):
        global inside
        with lock:
            inside += self.path == "/hold"
            with open(scene + "/asked", "a") as out:
                out.write("%s %.3f %d\n" % (self.path, time.monotonic(), inside))
        while self.path == "/hold" and not os.path.exists(scene + "/open"):
            time.sleep(0.05)
        with lock:
            inside -= self.path == "/hold"
        self.send_response(401 if self.path in ("/try", "/patient") and os.path.exists(scene + "/refuses") else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Outside)
with open(scene + "/port.new", "w") as out:
    out.write(str(server.server_port))
os.rename(scene + "/port.new", scene + "/port")
server.serve_forever()
PYTHON
: >"$scene/asked"
python3 "$scene/outside.py" "$scene" &
children="$children $!"
for _ in $(seq 300); do [ -f "$scene/port" ] && break; sleep 0.1; done
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
web_a=$(free_port) web_b=$(free_port)
address="address = \"http://127.0.0.1:$(cat "$scene/port")\""
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", artifacts = "$scene/shared",
  store = "$(sh "$SUPPORT/postgres.sh" address "$database")", web = { listen = "127.0.0.1:$web_a" },
  systems = {
    gate = { origin = "https://gate.example", $address, runs_at_once = 1 },
    bank = { origin = "https://bank.example", $address },
    slow = { origin = "https://slow.example", $address, calls = "4 per 4 s" },
  } }
SETTINGS
permits() { manifest="return { title = \"a test\", owner = \"tests\", inputs = { times = { type = \"number\", default = 1 } },
  permits = { http = { $1 } } }"; }
permits '{ "GET", "https://gate.example/*" }'
robot passes <<'LUA'
require("http").get("https://gate.example/hold")
LUA
permits '{ "GET", "https://slow.example/*" }'
robot ticks <<'LUA'
for _ = 1, 4 do require("http").get("https://slow.example/tick") end
LUA
permits '{ "GET", "https://bank.example/*", login = "bank" }'
robot tries <<'LUA'
local bank = require("http").client { base = "https://bank.example", login = "bank", retries = 0 }
for _ = 1, run.inputs.times do pcall(bank.get, bank, "/try") end
LUA
permits '{ "GET", "https://bank.example/*", login = "bank" }, { "GET", "https://slow.example/*" }'
robot patient <<'LUA'
require("http").get("https://slow.example/hold")
require("http").client({ base = "https://bank.example", login = "bank", retries = 0 }):get("/patient")
LUA
mkdir schedules
echo 'return { robot = "tries", webhook = { secret = "forge", inputs = {} } }' >schedules/pushed.lua
commit
echo "a wrong word" | "$RENKI" secret set bank --origin https://bank.example --username robot >"$said" 2>&1 || failed "it is set"
echo "the key of the forge" | "$RENKI" secret set forge --kind signature --origin hook:pushed >"$said" 2>&1 || failed "it is set"
clone b
sed -i "s|127.0.0.1:$web_a|127.0.0.1:$web_b|" "$scene/b/renki.lua"
RENKI_LOG=info
serve a && note_pid a
serve b && note_pid b
a=$(sql "SELECT id FROM hosts WHERE split_part(identity, '/', 2) = '$(host_pid a)'")
b=$(sql "SELECT id FROM hosts WHERE split_part(identity, '/', 2) = '$(host_pid b)'")
only() { # a host: it alone begins runs
    other=$([ "$1" = a ] && echo b || echo a)
    exits 0 on $1 "$RENKI" drain $(eval echo \$$1) --undo
    exits 0 on $other "$RENKI" drain $(eval echo \$$other)
}
begin() { # host robot: its run goes on when this returns; $began is its number
    only $1
    on $1 "$RENKI" run $2 >"$scene/$2.$1" 2>&1 &
    watcher=$!
    children="$children $watcher"
    until_sql 30 1 "SELECT count(*) FROM runs WHERE robot = '$2' AND state = 'running' AND split_part(host, '/', 2) = '$(host_pid $1)'"
    began=$(sql "SELECT max(id) FROM runs WHERE robot = '$2'")
}
asked() { grep -c "^$1 " "$scene/asked"; }
until_asked() {
    for _ in $(seq 300); do [ "$(asked "$1")" -ge "$2" ] && return; sleep 0.1; done
    cp "$scene/asked" "$said"
    failed "$1 is asked $2 times"
}

# ---- one run at once inside; the one on the other host says what it waits for, and its person may call it off from here
begin a passes
first=$watcher
until_asked /hold 1
only b
on b "$RENKI" run passes >"$scene/waits" 2>&1 &
second=$!
children="$children $second"
until_says "$scene/waits" "The run waits: system gate."
touch "$scene/open"
wait $first || failed "the first is done"
wait $second || failed "the second is done"
[ "$(awk '$1 == "/hold" && $3 > 1' "$scene/asked" | wc -l)" = 0 ] || failed "one at a time is inside"
rm "$scene/open"

begin b passes
until_asked /hold 3
exits 0 on a "$RENKI" cancel $began
wait $watcher
[ $? != 0 ] || failed "its watcher hears that it was cancelled"
until_sql 30 cancelled "SELECT state FROM runs WHERE id = $began"
exits 0 on a "$RENKI" show $began
says "cancelled"

# ---- one signed request, sent to both of them many times at once
for host in a b; do until_says "$scene/serve.$host" "web.ready"; done
until_sql 30 1 "SELECT count(*) FROM schedules WHERE name = 'pushed'"
cat >"$scene/hook.py" <<'PYTHON'
import hashlib, hmac, http.client, sys, threading, time
stamp, body, answers = str(int(time.time())), b"{}", []
sign = hmac.new(b"the key of the forge", stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
def send(port):
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
    connection.request("POST", "/hooks/pushed", body, {"X-Renki-Timestamp": stamp, "X-Renki-Signature": "v1=" + sign})
    answers.append(connection.getresponse().status)
threads = [threading.Thread(target=send, args=(port,)) for port in sys.argv[1:] * 5]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(*sorted(answers))
PYTHON
exits 0 python3 "$scene/hook.py" $web_a $web_b
says "202 409 409 409 409 409 409 409 409 409"
until_sql 30 1 "SELECT count(*) FROM runs WHERE schedule = 'pushed' AND state = 'done'"

# ---- a login: two refusals here, then one is taken here; what the other host uses no more is frozen, and can be thawed
touch "$scene/refuses"
tries() { # host times
    only $1
    exits 0 on $1 "$RENKI" run tries times=$2
}
tries a 2
tries b 0
rm "$scene/refuses"
tries a 1
until_sql 30 0 "SELECT refused FROM freezes"
touch "$scene/refuses"
tries b 1
until_sql 30 1 "SELECT count(*) FROM freezes WHERE since_ms > 0"
exits 0 on a "$RENKI" secret thaw bank
says "may be used again"

# A run that is live on one, at a gateway with former settings, hears what the other learns.
begin b patient
until_asked /hold 4
sed -i 's|^return {|& language = "sv",|' "$scene/b/renki.lua"
exits 0 on b "$RENKI" reload
says "language"
before=$(asked /try)
told=$(grep -c "login.told login=bank frozen=1" "$scene/serve.b")
tries a 5
[ "$(asked /try)" = $((before + 3)) ] || failed "three are refused, and no more are made"
for _ in $(seq 300); do
    [ "$(grep -c "login.told login=bank frozen=1" "$scene/serve.b")" -gt $told ] && break
    sleep 0.1
done
touch "$scene/open"
wait $watcher
until_sql 30 refused "SELECT state FROM runs WHERE id = $began"
[ "$(asked /patient)" = 0 ] || failed "the bank is not asked by the other host"

# ---- four calls in four seconds, however many hosts make them
rm "$scene/refuses"
begin a ticks
first=$watcher
begin b ticks
wait $first || failed "the one is done"
wait $watcher || failed "and the other"
[ "$(asked /tick)" = 8 ] || failed "each made its calls"
awk '$1 == "/tick" { at[n++] = $2 } END { for (i = 4; i < n; i++) if (at[i] - at[i - 4] < 2.5) exit 1 }' "$scene/asked" || {
    cp "$scene/asked" "$said"
    failed "no five calls come together"
}
