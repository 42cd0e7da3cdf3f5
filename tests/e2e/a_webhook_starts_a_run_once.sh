# A signed request starts a run; a wrong, an old or a repeated one does not, and nobody who sends much, slowly or in a
# strange way gets in the way of those who are right.
. "$SUPPORT/workspace.sh"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", web = { listen = "127.0.0.1:$port" } }
SETTINGS
manifest='return { title = "a test", owner = "tests", inputs = {
  invoice = { type = "text" }, sum = { type = "decimal", required = false } } }'
robot arrived <<'LUA'
run:log("invoice %s, sum %s", run.inputs.invoice, run.inputs.sum)
LUA
mkdir -p schedules
cat >schedules/new-invoice.lua <<'LUA'
return { robot = "arrived", webhook = { secret = "bank", inputs = { invoice = "number", sum = "total" } } }
LUA
cat >schedules/pushed.lua <<'LUA'
return { robot = "arrived", webhook = { secret = "forge", signature = "github" } }
LUA
commit
echo "the key of the bank" | "$RENKI" secret set bank --kind signature --origin hook:new-invoice >"$said" 2>&1 ||
    failed "the key is set"
echo "the key of the forge" | "$RENKI" secret set forge --kind signature --origin hook:pushed >"$said" 2>&1 ||
    failed "the key is set"

: >"$scene/serving"
RENKI_LOG=debug "$RENKI" serve >"$scene/serving" 2>&1 &
serving=$!
children="$children $serving"
for _ in $(seq 300); do grep -q "renki serves" "$scene/serving" && break; sleep 0.1; done
for _ in $(seq 300); do grep -q "web.ready" "$scene/serving" && break; sleep 0.1; done
cat >"$scene/hook.py" <<'PYTHON'
# hook.py PORT: reads lines of JSON, one request each, and prints the status and the body of each answer.
import hashlib, hmac, http.client, json, sys, time

port, = sys.argv[1:]
for line in sys.stdin:
    ask = json.loads(line)
    body = ask.get("body", '{"number":"A1","total":12.30}').encode()
    stamp = str(int(time.time()) + ask.get("later", 0)) if "stamp" not in ask else ask["stamp"]
    key = ask.get("key", "the key of the bank").encode()
    hex = hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"X-Renki-Timestamp": stamp, "X-Renki-Signature": "v1=" + hex}
    if ask.get("github"):
        headers = {"X-Hub-Signature-256": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()}
    headers.update(ask.get("headers", {}))
    headers = {name: value for name, value in headers.items() if value is not None}
    for _ in range(ask.get("times", 1)):
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
        connection.request(ask.get("method", "POST"), ask.get("path", "/hooks/new-invoice"),
                           ask["sent"].encode() if "sent" in ask else body, headers)
        answer = connection.getresponse()
        print(answer.status, answer.read().decode().strip())
        connection.close()
PYTHON
hook() { # expected answer, request
    printf '%s\n' "$2" | python3 "$scene/hook.py" "$port" >"$said" 2>&1
    [ "$(cat "$said")" = "$1" ] || failed "$2 is answered with $1"
}

# The right one: 202 with the run's number, and the run has the inputs of the payload.
hook '202 {"run":1}' '{}'
for _ in $(seq 300); do
    "$RENKI" show 1 --json >"$said" 2>&1
    [ "$(value "run[0].state")" = done ] && break
    sleep 0.1
done
is "run[0].state" done
exits 0 "$RENKI" log 1
says "invoice A1, sum 12,30"

# A replay, within the second; then what is wrong about each. Nothing says what.
stamp=$(date +%s)
hook '202 {"run":2}
409 {}' "{\"stamp\":\"$stamp\",\"body\":\"{\\\"number\\\":\\\"A2\\\"}\",\"times\":2}"
hook '401 {}' '{"key":"another key than that"}'
hook '401 {}' '{"later":-400}'
hook '401 {}' '{"later":400}'
hook '401 {}' '{"stamp":"-1"}'
hook '401 {}' '{"stamp":"99999999999999999999"}'
hook '401 {}' '{"headers":{"X-Renki-Timestamp":null}}'
hook '401 {}' '{"headers":{"X-Renki-Signature":null}}'
hook '401 {}' '{"headers":{"X-Renki-Signature":"v1="}}'
hook '401 {}' '{"sent":"{\"number\":\"A3\"}"}'
hook '401 {}' '{"github":true}'
hook '401 {}' '{"path":"/hooks/pushed"}'
hook '404 {}' '{"path":"/hooks/unknown"}'
hook '404 {}' '{"path":"/hooks/new-invoice/"}'
hook '404 {}' '{"path":"/hooks/%6eew-invoice"}'
hook '404 {}' '{"path":"/hooks/../.renki/store.sqlite"}'
hook '404 {}' '{"path":"/"}'
hook '405 {}' '{"method":"GET"}'
hook '400 {}' '{"body":"no JSON"}'
hook '400 {}' '{"body":"[1]"}'
hook '400 {}' '{"body":"{\"number\":{}}"}'

# As GitHub signs; the same delivery counts once.
hook '202 {"run":3}
409 {}' '{"github":true,"path":"/hooks/pushed","key":"the key of the forge","body":"{\"invoice\":\"G1\"}","times":2}'
# A key signs for its own webhook only.
hook '401 {}' '{"path":"/hooks/pushed","github":true}'

# A paused schedule starts nothing.
exits 0 "$RENKI" schedule pause new-invoice --why "a test"
hook '409 {}' '{"body":"{\"number\":\"A4\"}"}'
exits 0 "$RENKI" schedule resume new-invoice

# Bodies without end, heads without end, slow ones, many at once: they are cut off, and the right one is still heard.
cat >"$scene/rude.py" <<'PYTHON'
import socket, sys, time
port = int(sys.argv[1])

def connect():
    one = socket.create_connection(("127.0.0.1", port), timeout=60)
    return one

def answer(one):
    try:
        return one.recv(4096).split(b"\r\n")[0].decode()
    except OSError:
        return "cut off"

big = connect()
big.sendall(b"POST /hooks/new-invoice HTTP/1.1\r\nHost: x\r\nContent-Length: 1000001\r\n\r\n")
print(answer(big))
endless = connect()
try:
    endless.sendall(b"POST /hooks/new-invoice HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(40):
        endless.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
    endless.sendall(b"0\r\n\r\n")
except OSError:
    pass
print(answer(endless))
head = connect()
try:
    for i in range(3000):
        head.sendall(b"POST /hooks/new-invoice HTTP/1.1\r\n" if i == 0 else b"X-%d: %s\r\n" % (i, b"y" * 100))
except OSError:
    pass
print(answer(head))
slow = [connect() for _ in range(60)]
begun = time.monotonic()
sent = b"POST /hooks/new-invoice HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + b"x" * 100
left = set(range(len(slow)))
position = 0
while left and time.monotonic() - begun < 60:
    for i in list(left):
        try:
            slow[i].sendall(sent[position:position + 1])
            slow[i].settimeout(0.001)
            if slow[i].recv(100) == b"":
                left.discard(i)
        except socket.timeout:
            pass
        except OSError:
            left.discard(i)
    position += 1
    time.sleep(1)
print("slow ones left: %d" % len(left))
print("within a minute" if time.monotonic() - begun < 55 else "too late")
PYTHON
python3 "$scene/rude.py" "$port" >"$scene/rude" 2>&1 &
rude=$!
children="$children $rude"
sleep 3
hook '202 {"run":4}' '{"body":"{\"number\":\"A5\"}"}'
wait "$rude"
cp "$scene/rude" "$said"
says "413"
says "slow ones left: 0"
says "within a minute"
[ "$(grep -c 413 "$said")" -ge 2 ] || failed "both large bodies are refused"
hook '202 {"run":5}' '{"body":"{\"number\":\"A6\"}"}'

# Many requests for one webhook: it has a pace. Its refusals are counted in the audit log, not one row each.
hook_many=$(printf '{"key":"another key than that","times":200}\n' | python3 "$scene/hook.py" "$port")
printf '%s\n' "$hook_many" | grep -q "^429" || failed "it has a pace"
kill "$serving" && wait "$serving"
python3 - <<PYTHON || failed "refusals are counted"
import json, sqlite3
rows = [json.loads(row[0]) for row in sqlite3.connect(".renki/store.sqlite").execute(
    "SELECT content FROM audit WHERE event = 'hook.refused'")]
reasons = {row["reason"] for row in rows}
raise SystemExit(0 if {"signature", "replay", "paused", "payload", "pace"} <= reasons and len(rows) < 30 else str(rows))
PYTHON
