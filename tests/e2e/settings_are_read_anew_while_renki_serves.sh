# `renki reload` and SIGHUP put renki.lua in force without ending a run; what is broken changes nothing; what can only
# change at the start is told; the record says who did it.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/ledger.sh"

manifest='return { title = "a test", owner = "tests", limits = { time = "10 min" },
  permits = { http = { { "GET", "https://ledger.example/*" } } } }'
robot calls <<'LUA'
local http = require "http"
local ledger = http.client { base = "https://ledger.example" }
run:log "first call"
for _ = 1, 4 do ledger:get "/pause" end -- 1.5 s each
run:log "last call"
LUA
manifest='return { title = "a test", owner = "tests", limits = { time = "10 min" } }'
robot plain <<'LUA'
run:log "done"
LUA
cp renki.lua "$scene/former"
soon() { # file words
    for i in $(seq 600); do grep -qs -e "$2" "$1" && return; sleep 0.05; done
    cp "$1" "$said"
    failed "it says $2"
}
exits 2 "$RENKI" reload
says "No renki serves this workspace"
python3 "$SUPPORT/systemd.py" "$scene" "$RENKI" serve >"$scene/serve" 2>&1 &
server=$!
children="$children $server"
soon "$scene/notified" '^READY=1'
exits 0 "$RENKI" reload
says "Nothing has changed"
exits 0 "$RENKI" run plain

# A live run goes on with the gateway it has; the next one gets the new settings.
"$RENKI" run calls >"$scene/calls" 2>&1 &
watcher=$!
soon "$scene/calls" "first call"
sed 's/^return {/return { limits = { time = "1 min" }, key = "\/nowhere", shares = { inbox = "\/nowhere" }, language = "fi",/; s/key = "[^"]*gateway.key",*//' "$scene/former" >renki.lua
exits 0 "$RENKI" reload
says "In force now:"
says "limits"
says "language"
says "In force when renki starts next: key, shares"
exits 2 "$RENKI" run plain
says "limits.time asks for 10 min, but at most 1 min are allowed here"
kill -0 $watcher || failed "the run still lives"

# Broken: the former settings stay.
echo 'return { limits = { tiem = "1 min" } }' >renki.lua
exits 2 "$RENKI" reload
says "limits.tiem is no known setting"
exits 2 "$RENKI" run plain
says "at most 1 min"

# By signal.
cp "$scene/former" renki.lua
before=$(grep -c '^READY=1' "$scene/notified")
kill -HUP $server
for i in $(seq 600); do [ "$(grep -c '^READY=1' "$scene/notified")" -gt "$before" ] && break; sleep 0.05; done
soon "$scene/notified" '^RELOADING=1'
soon "$scene/notified" '^MONOTONIC_USEC=[1-9]'
exits 0 "$RENKI" run plain
wait $watcher || { cp "$scene/calls" "$said"; failed "the run that lived went on"; }
grep -q "last call" "$scene/calls" || failed "with its gateway"
python3 - .renki/store.sqlite <<'PYTHON' || failed "the record says what changed"
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("SELECT content FROM audit WHERE event = 'settings.reloaded' ORDER BY number").fetchall()
sys.exit(0 if len(rows) == 2 and '"limits"' in rows[0][0] and '"fixed":["key","shares"]' in rows[0][0] else repr(rows))
PYTHON
kill -TERM $server
wait $server || failed "it ends with 0"
