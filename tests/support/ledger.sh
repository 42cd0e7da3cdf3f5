# For tests that need another system: `. "$SUPPORT/ledger.sh"` after workspace.sh. Starts tests/e2e/fakes/ledger on a free
# port; robots of the workspace reach it as https://ledger.example.
"$RENKI" init "$scene/fake" >/dev/null
cp -r "$SUPPORT/../e2e/fakes/ledger" "$scene/fake/ledger"
"$RENKI" fake ledger -C "$scene/fake" --free-ports --json >"$scene/listening" 2>"$said" &
children="$children $!"
until [ -s "$scene/listening" ]; do
    kill -0 $! 2>/dev/null || failed "the ledger listens"
    sleep 0.02
done
grep -q '"port"' "$scene/listening" || { cp "$scene/listening" "$said"; failed "the ledger listens"; }
port=$(sed -n 's/.*"port":\([0-9]*\).*/\1/p' "$scene/listening")

settings() { # more systems
    cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", systems = {
  ledger = { origin = "https://ledger.example", address = "http://127.0.0.1:$port" },
  $* } }
SETTINGS
}
settings

# How many numbers were posted to the ledger, and how often at most each: posted 20 1
posted() {
    found=$(python3 -c '
import json, sys, urllib.request
count = json.load(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/posted"))
print(count["numbers"], count["most"])' "$port")
    [ "$found" = "$1 $2" ] || failed "$1 numbers were posted, each $2 times at most, not $found"
}
