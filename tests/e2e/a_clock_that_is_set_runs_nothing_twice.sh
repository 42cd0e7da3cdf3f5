# The machine's clock is set forth and back by an hour while renki serves, and the machine sleeps for an hour: what was due
# meanwhile is as `missed` says, nothing runs twice, and what is due after it runs.
. "$SUPPORT/workspace.sh"

set_clock() { printf '%-15s\n' "$1" 1<>"$RENKI.clock"; } # seconds ahead of the real one
mkdir -p "$scene/bin" "$scene/share"
cp "$RENKI_AHEAD" "$scene/bin/renki"
ln -s "$SUPPORT/../.." "$scene/share/renki"
RENKI=$scene/bin/renki
set_clock 0

counts() { # of a schedule: its runs done, missed, planned, and how many due times have two
    python3 - "$1" <<'PY'
import sqlite3, sys
store = sqlite3.connect("file:.renki/store.sqlite?mode=ro", uri=True)
rows = store.execute("SELECT state, planned_ms FROM runs WHERE schedule = ?", (sys.argv[1],)).fetchall()
states = [state for state, _ in rows]
print(*(states.count(state) for state in ("done", "missed", "planned")), len(rows) - len({due for _, due in rows}))
PY
}
until_counts() { # schedule "done missed planned twice"
    for _ in $(seq 150); do
        [ "$(counts "$1")" = "$2" ] && return
        sleep 0.2
    done
    failed "$1 has \"$2\" runs, not \"$(counts "$1")\""
}
alerts_are() {
    exits 0 "$RENKI" alerts --json
    found=$(python3 -c 'import json, sys
print(sum(alert["kind"] == "missed" for alert in json.load(open(sys.argv[1]))["alerts"]))' "$said")
    [ "$found" = "$1" ] || failed "$1 alerts say that something was missed, not $found"
}

robot quick <<'LUA'
run:log "quick"
LUA
robot naps <<'LUA'
run:sleep("30 min")
run:log "awake"
LUA
mkdir -p schedules
# Each at the half of a ten minutes that are not now: none of them is due by itself while the scene lasts.
minute=$(($(date +%-M) + 5))
each_ten="$((minute % 10))-59/10 * * * *"
for missed in once all skip; do
    printf 'return { robot = "quick", cron = "%s", timezone = "UTC", missed = "%s" }\n' "$each_ten" $missed \
        >schedules/$missed.lua
done
commit
"$RENKI" serve >"$scene/serve" 2>&1 &
server=$!
children=$server
for _ in $(seq 300); do [ -S .renki/host.sock ] && break; sleep 0.1; done

exits 0 "$RENKI" schedule list
"$RENKI" run naps >"$scene/naps" 2>&1 &
children="$children $!"
naps_is() {
    for _ in $(seq 100); do
        found=$(python3 -c 'import sqlite3
store = sqlite3.connect("file:.renki/store.sqlite?mode=ro", uri=True)
print(*(row[0] for row in store.execute("SELECT state FROM runs WHERE robot = \"naps\"")))')
        [ "$found" = "$1" ] && return
        sleep 0.1
    done
    failed "the run that sleeps half an hour is $1, not $found"
}
naps_is waiting

# forth: six due times at once
set_clock 3600
until_counts once "1 5 1 0"
until_counts all "6 0 1 0"
until_counts skip "0 6 1 0"
alerts_are 3
naps_is done

# back: these hours were had
set_clock 0
exits 0 "$RENKI" run quick
sleep 1
until_counts once "1 5 1 0"
until_counts all "6 0 1 0"
until_counts skip "0 6 1 0"
exits 0 "$RENKI" schedule list
set_clock 3600
sleep 1
until_counts all "6 0 1 0"

# The machine sleeps an hour: no process runs meanwhile.
asleep="$server $(pgrep -P "$server")"
for process in $asleep; do kill -STOP "$process"; done
set_clock 7200
for process in $asleep; do kill -CONT "$process"; done
until_counts once "2 10 1 0"
until_counts all "12 0 1 0"
until_counts skip "0 12 1 0"
alerts_are 6

# What comes next is on time, not missed.
next=$(python3 -c 'import sqlite3, time
store = sqlite3.connect("file:.renki/store.sqlite?mode=ro", uri=True)
print(store.execute("SELECT min(planned_ms) FROM runs WHERE state = \"planned\"").fetchone()[0] // 1000 - int(time.time()) + 1)')
set_clock "$next"
until_counts skip "1 12 1 0"
until_counts all "13 0 1 0"
alerts_are 6
