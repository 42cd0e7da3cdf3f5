# Real servers that want more than a password in a head: a client certificate (openssl), a proxy on the way (tinyproxy), a
# mail server that takes nothing without STARTTLS and a login (aiosmtpd).
. "$SUPPORT/workspace.sh"

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
listens() { # port
    until python3 -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1" 2>/dev/null; do
        sleep 0.05
    done
}

# An authority of the city's own, a server's certificate and a robot's.
mkdir "$scene/keys"
make() { openssl "$@" >/dev/null 2>&1 || failed "openssl $1"; }
make req -x509 -newkey rsa:2048 -nodes -keyout "$scene/keys/authority.key" -out "$scene/keys/authority.pem" -days 2 \
    -subj "/CN=City authority"
certificate() { # name subject alternative-name
    make req -newkey rsa:2048 -nodes -keyout "$scene/keys/$1.key" -out "$scene/keys/$1.csr" -subj "$2"
    echo "subjectAltName=$3" >"$scene/keys/$1.ext"
    make x509 -req -in "$scene/keys/$1.csr" -CA "$scene/keys/authority.pem" -CAkey "$scene/keys/authority.key" \
        -CAcreateserial -days 2 -extfile "$scene/keys/$1.ext" -out "$scene/keys/$1.pem"
}
certificate server /CN=bank.example DNS:bank.example,IP:127.0.0.1
certificate robot "/CN=robot of the city" DNS:robot.city.example

bank=$(free_port)
mkdir "$scene/pages"
echo "the statement" >"$scene/pages/statement"
(cd "$scene/pages" && exec openssl s_server -quiet -WWW -Verify 1 -verify_return_error -accept "127.0.0.1:$bank" \
    -CAfile "$scene/keys/authority.pem" -key "$scene/keys/server.key" -cert "$scene/keys/server.pem" \
    >/dev/null 2>&1) &
children="$children $!"
listens "$bank"

proxy=$(free_port)
cat >"$scene/tinyproxy.conf" <<CONF
Port $proxy
Listen 127.0.0.1
LogFile "$scene/proxy.log"
LogLevel Connect
MaxClients 10
CONF
tinyproxy -d -c "$scene/tinyproxy.conf" >/dev/null 2>&1 &
children="$children $!"
listens "$proxy"
"$RENKI" init "$scene/fake" >/dev/null
cp -r "$SUPPORT/../e2e/fakes/ledger" "$scene/fake/ledger"
"$RENKI" fake ledger -C "$scene/fake" --free-ports --json >"$scene/listening" 2>"$said" &
children="$children $!"
until [ -s "$scene/listening" ]; do
    kill -0 $! 2>/dev/null || failed "the ledger listens"
    sleep 0.02
done
ledger=$(sed -n 's/.*"port":\([0-9]*\).*/\1/p' "$scene/listening")

mail=$(free_port)
: >"$scene/mails"
/usr/bin/python3 - "$mail" "$scene" <<'PYTHON' &
import ssl, sys, time
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

port, scene = int(sys.argv[1]), sys.argv[2]

def judge(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"robot", b"open sesame")
    return AuthResult(success=good, handled=False)

class Handler:
    async def handle_DATA(self, server, session, envelope):
        with open(scene + "/mails", "a") as out:
            out.write("tls=%s to=%s\n" % (session.ssl is not None, ",".join(envelope.rcpt_tos)))
        return "250 taken"

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(scene + "/keys/server.pem", scene + "/keys/server.key")
Controller(Handler(), hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True,
           auth_required=True, authenticator=judge).start()
time.sleep(600)
PYTHON
children="$children $!"
listens "$mail"

settings() { # more of mail
    cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", systems = {
  bank = { origin = "https://bank.example", address = "https://127.0.0.1:$bank", ca = "$scene/keys/authority.pem" },
  far = { origin = "http://127.0.0.1:$ledger", networks = { "127.0.0.1" }, proxy = "http://127.0.0.1:$proxy" } },
  mail = { server = "smtp://127.0.0.1:$mail", from = "robots@city.example", networks = { "127.0.0.1" }, $* } }
SETTINGS
}
settings

manifest='return { title = "a test", owner = "tests",
  permits = { http = { { "GET", "https://bank.example/*", login = "bank" } } } }'
robot bank <<'LUA'
local http = require "http"
local bank = http.client { base = "https://bank.example", login = "bank", retries = 0 }
run:log(bank:get("/statement"):text())
LUA
manifest='return { title = "a test", owner = "tests", permits = { http = { { "GET", "https://bank.example/*" } } } }'
robot stranger <<'LUA'
local http = require "http"
run:log(http.client({ base = "https://bank.example", retries = 0 }):get("/statement"):text())
LUA
manifest="return { title = 'a test', owner = 'tests',
  permits = { http = { { 'GET', 'http://127.0.0.1:$ledger/*' } } } }"
robot far <<LUA
local http = require "http"
run:log("status %d", http.get("http://127.0.0.1:$ledger/posted").status)
LUA
manifest='return { title = "a test", owner = "tests", permits = { mail = { to = { "*@city.example" } } } }'
robot letter <<'LUA'
local mail = require "mail"
mail.send { to = "desk@city.example", subject = "Month-end", text = "balanced" }
LUA

# A client certificate: with it the bank answers, without it it does not.
cat "$scene/keys/robot.pem" "$scene/keys/robot.key" |
    "$RENKI" secret set bank --kind client_certificate --origin https://bank.example >"$said" 2>&1 ||
    failed "the certificate is sealed"
exits 0 "$RENKI" run bank
says "the statement"
exits 1 "$RENKI" run stranger
says "bank.example"
says_not "the statement"

# A proxy that the administrator named.
exits 0 "$RENKI" run far
says "status 200"
grep -q "/posted" "$scene/proxy.log" || { cp "$scene/proxy.log" "$said"; failed "the proxy passed it on"; }

# A mail server that wants TLS and a login: wrong without, taken with.
settings 'tls = "starttls"'
exits 1 "$RENKI" run letter
settings "tls = 'starttls', ca = '$scene/keys/authority.pem', login = 'mail'"
echo "open sesame" | "$RENKI" secret set mail --origin "smtp://127.0.0.1:$mail" --username robot >"$said" 2>&1 ||
    failed "the mail login is sealed"
exits 0 "$RENKI" run letter
grep -qx "tls=True to=desk@city.example" "$scene/mails" || { cp "$scene/mails" "$said"; failed "the mail arrived by TLS"; }
echo "a wrong word" | "$RENKI" secret set mail --origin "smtp://127.0.0.1:$mail" --username robot >"$said" 2>&1
"$RENKI" run letter >"$said" 2>&1 && failed "a wrong password is refused"
says "535"
[ "$(wc -l <"$scene/mails")" = 1 ] || failed "one mail arrived"
