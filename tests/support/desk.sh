# What the scenes begin with whose alerts go somewhere: `. "$SUPPORT/desk.sh"` after workspace.sh. A desk that takes signed
# requests, and a mail server; what came is in $scene/posted and $scene/mails, one a line. $desk and $alerts are for the
# settings: what they say of mail and systems, and where alerts go.
smtp=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
touch "$scene/posted" "$scene/refused" "$scene/mails"
python3 "$SUPPORT/desk.py" "$scene" "$smtp" &
children="$children $!"
for _ in $(seq 300); do [ -f "$scene/port" ] && break; sleep 0.1; done
desk="mail = { server = \"smtp://127.0.0.1:$smtp\", from = \"renki@city.example\", tls = \"none\",
    networks = { \"127.0.0.1\" } },
  systems = { desk = { origin = \"https://desk.example\", address = \"http://127.0.0.1:$(cat "$scene/port")\" } }"
alerts="mail = { to = { \"it@city.example\" } }, webhook = { url = \"https://desk.example/renki\", secret = \"desk\" }"
echo "the key of the desk" | "$RENKI" secret set desk --kind signature --origin https://desk.example >"$said" 2>&1 ||
    failed "the key is set"
until_lines() { # file count
    for _ in $(seq 300); do [ "$(wc -l <"$1")" -ge "$2" ] && return; sleep 0.1; done
    cp "$1" "$said"
    failed "$1 has $2 lines"
}
