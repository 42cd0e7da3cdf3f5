# `renki queue`: what runs, what waits and for what; runs are moved, tried again and closed by hand, and the record says
# by whom.
. "$SUPPORT/workspace.sh"

robot hold <<'LUA'
run:log "holding"
while true do end
LUA
robot next <<'LUA'
run:log "ran"
LUA
robot broken <<'LUA'
local rows = {}
rows[1] = nil + 1
LUA
manifest='return { title = "a test", owner = "tests", retry = { attempts = 3, wait = "1 h", jitter = 0 },
  permits = { http = { { "GET", "http://ledger.example/*" } } } }'
robot away <<'LUA'
local http = require "http"
http.client { base = "http://ledger.example" }:get("/", { retry = false })
LUA
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", drain = "0 s", places = 3,
  systems = { ledger = { origin = "http://ledger.example", address = "http://127.0.0.1:9" } } }
SETTINGS
soon() { # file words
    for i in $(seq 600); do grep -qs -e "$2" "$1" && return; sleep 0.05; done
    cp "$1" "$said"
    failed "it says $2"
}
exits 0 "$RENKI" queue
says "Nothing runs and nothing waits."
exits 0 "$RENKI" queue dead
says "No run needs anybody."
: >"$scene/serve"
"$RENKI" serve >"$scene/serve" 2>&1 &
server=$!
children="$children $server"
soon "$scene/serve" "renki serves"
exits 0 "$RENKI" queue --json
places=$(value .places)
[ "$places" = 3 ] || failed "there are as many places as the settings say, not $places"

# As many runs as there are places, and two more; and one that waits for its next attempt.
"$RENKI" run away >"$scene/away" 2>&1 &
children="$children $!"
soon "$scene/away" "Trying again"
exits 1 "$RENKI" run broken
for i in $(seq "$places"); do
    : >"$scene/hold$i"
    "$RENKI" run hold >"$scene/hold$i" 2>&1 &
    children="$children $!"
    soon "$scene/hold$i" "holding"
done
first=$((places + 3))
for i in 1 2; do
    : >"$scene/next$i"
    "$RENKI" run next >"$scene/next$i" 2>&1 &
    children="$children $!"
    for j in $(seq 600); do
        exits 0 "$RENKI" queue --most 100 --json
        [ "$(python3 -c 'import json,sys; print(sum(r["state"] == "queued" for r in json.load(open(sys.argv[1]))["runs"]))' "$said")" = $i ] && break
        sleep 0.05
    done
done
exits 0 "$RENKI" queue --most 100
says "its next attempt, 20"
grep -q "next .*queued .*a place" "$said" || failed "what waits for a place says so"
grep -q "hold .*running" "$said" || failed "what runs is shown"
exits 0 "$RENKI" queue --most 2
says "There are more: --most 4"

# The second comes before the first now.
exits 0 "$RENKI" queue first $((first + 1))
says "Run $((first + 1)) is the next."
exits 0 "$RENKI" queue --json --most 100
python3 - "$said" $((first + 1)) "$first" <<'PYTHON' || failed "the order is as asked for"
import json, sys
queued = [run["id"] for run in json.load(open(sys.argv[1]))["runs"] if run["state"] == "queued"]
sys.exit(0 if queued == [int(sys.argv[2]), int(sys.argv[3])] else repr(queued))
PYTHON
exits 0 "$RENKI" queue priority "$first" 7
says "Run $first has priority 7."
exits 2 "$RENKI" queue priority 2 7
says "Run 2 waits for no turn: it is failed."
exits 2 "$RENKI" queue sideways
says "can't be done with the queue"

# What failed for good needs somebody.
exits 0 "$RENKI" queue dead
grep -q "^ *2 .*broken .*failed" "$said" || failed "the broken robot is there, with its reason"
says "nothing (nil)"
exits 2 "$RENKI" queue close 2
says "Say why nothing more is to be done."
exits 2 "$RENKI" queue close 1 --why x
says "needs nobody: it is waiting"
exits 0 "$RENKI" queue close 2 --why "booked by hand"
exits 0 "$RENKI" queue dead
says "No run needs anybody."
exits 0 "$RENKI" cancel 3
exits 0 "$RENKI" queue retry 2
says "Run 2 is queued again."
for i in $(seq 600); do
    exits 0 "$RENKI" show 2 --json
    [ "$(value .run[0].attempt)" = 2 ] && [ "$(value .run[0].state)" = failed ] && break
    sleep 0.05
done
exits 0 "$RENKI" queue dead
grep -q "^ *2 .*broken .*failed" "$said" || failed "what fails again needs somebody again"
python3 - .renki/store.sqlite <<'PYTHON' || failed "the record has who closed it and why"
import sqlite3, sys
found = sqlite3.connect(sys.argv[1]).execute("SELECT event, run, content FROM audit WHERE event IN ('run.closed', 'run.priority') ORDER BY number").fetchall()
sys.exit(0 if [row[0] for row in found] == ["run.priority", "run.priority", "run.closed"] and "booked by hand" in found[2][2] else repr(found))
PYTHON
kill -TERM $server
wait $server || failed "it ends with 0"
exits 0 "$RENKI" queue
says "a renki that serves: renki serve"
exits 0 "$RENKI" doctor
says "not serving"
says "2 queued runs wait for a renki that serves"
says "1 run ended badly, and nobody has seen to it"
