# What goes wrong is told without asking: by mail and by a signed request, tried again until it is out, over a restart too,
# and many at once as one message.
. "$SUPPORT/workspace.sh"

cat >"$scene/desk.py" <<'PYTHON'
# Catches what is posted to it; refuses while the file "closed" is there. A mail server beside it.
import hashlib, hmac, json, os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from aiosmtpd.controller import Controller

scene = sys.argv[1]

class Desk(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        stamp = self.headers["X-Renki-Timestamp"]
        key = b"the key of the desk"
        wanted = "v1=" + hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        good = hmac.compare_digest(wanted, self.headers["X-Renki-Signature"])
        closed = os.path.exists(scene + "/closed")
        with open(scene + "/refused" if closed else scene + "/posted", "a") as out:
            out.write(("signed " if good else "unsigned ") + body.decode() + "\n")
        self.send_response(503 if closed else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass

class Mails:
    async def handle_DATA(self, server, session, envelope):
        import email, email.policy
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with open(scene + "/mails", "a") as out:
            out.write("%s|%s|%s\n" % (",".join(envelope.rcpt_tos), mail["Subject"],
                                      next(mail.iter_parts()).get_content().replace("\n", "|")))
        return "250 taken"

server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
mail = Controller(Mails(), hostname="127.0.0.1", port=int(sys.argv[2]))
mail.start()
with open(scene + "/port.new", "w") as out:
    out.write(str(server.server_port))
os.rename(scene + "/port.new", scene + "/port")
server.serve_forever()
PYTHON
smtp=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
touch "$scene/posted" "$scene/refused" "$scene/mails"
python3 "$scene/desk.py" "$scene" "$smtp" &
children="$children $!"
for _ in $(seq 300); do [ -f "$scene/port" ] && break; sleep 0.1; done

cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key",
  mail = { server = "smtp://127.0.0.1:$smtp", from = "renki@city.example", tls = "none", networks = { "127.0.0.1" } },
  systems = { desk = { origin = "https://desk.example", address = "http://127.0.0.1:$(cat "$scene/port")" } },
  alerts = { mail = { to = { "it@city.example" } },
             webhook = { url = "https://desk.example/renki", secret = "desk" }, on = { "failed" }, most_per_hour = 2 } }
SETTINGS
robot broken <<'LUA'
run:fail("the ledger of %s is not balanced", "October")
LUA
robot refused <<'LUA'
require("http").get("https://elsewhere.example/")
LUA
echo "the key of the desk" | "$RENKI" secret set desk --kind signature --origin https://desk.example >"$said" 2>&1 ||
    failed "the key is set"

serve() {
    : >"$scene/serving"
    RENKI_LOG=debug "$RENKI" serve >"$scene/serving" 2>&1 &
    serving=$!
    for _ in $(seq 300); do grep -q "renki serves" "$scene/serving" && return; sleep 0.1; done
    cp "$scene/serving" "$said"
    failed "renki serves"
}
until_lines() { # file count
    for _ in $(seq 300); do [ "$(wc -l <"$1")" -ge "$2" ] && return; sleep 0.1; done
    cp "$1" "$said"
    failed "$1 has $2 lines"
}

# Without a daemon it is kept, and shown.
exits 1 "$RENKI" run broken
exits 3 "$RENKI" run refused
exits 0 "$RENKI" alerts --json
is alerts[1].kind failed
is alerts[1].sent_ms null
is alerts[0].kind refused
exits 0 "$RENKI" alerts
says "to be sent"
says "kept"

# The desk is closed: the mail goes out, the request is tried again.
touch "$scene/closed"
serve
until_lines "$scene/mails" 1
until_lines "$scene/refused" 1
cp "$scene/mails" "$said"
says "it@city.example|renki: Run 1 of the robot broken failed. the ledger of October is not balanced|"
says "renki resume 1"

# A restart loses nothing; what is on its way is out once the desk opens, and the mail is not sent again.
kill "$serving" && wait "$serving"
rm "$scene/closed"
serve
until_lines "$scene/posted" 1
cp "$scene/posted" "$said"
says 'signed {"workspace":'
says '"kind":"failed","run":1,"subject":"broken"'
[ "$(wc -l <"$scene/mails")" = 1 ] || failed "one mail was sent"
for _ in $(seq 300); do
    "$RENKI" alerts --json >"$said" 2>&1
    [ "$(value alerts[1].sent_ms)" != null ] && break
    sleep 0.1
done
[ "$(value alerts[1].sent_ms)" != null ] || failed "it is noted as sent"
is alerts[1].attempts 2
is alerts[0].mail 0

# Many at once are one message.
kill "$serving" && wait "$serving"
for _ in 1 2 3 4 5 6 7; do exits 1 "$RENKI" run broken; done
serve
until_lines "$scene/posted" 2
until_lines "$scene/mails" 2
cp "$scene/mails" "$said"
says "renki: 7 alerts|"

# No more than the settings say within an hour; the next ones wait, and are counted then.
exits 1 "$RENKI" run broken
for _ in $(seq 300); do grep -q "alert.bound waiting=1" "$scene/serving" && break; sleep 0.1; done
grep -q "alert.bound waiting=1" "$scene/serving" || failed "the next one waits"
kill "$serving" && wait "$serving"
[ "$(wc -l <"$scene/mails")" = 2 ] || failed "two mails were sent"
exits 0 "$RENKI" alerts --json
is alerts[0].sent_ms null
