# A host that was killed comes back: what was due meanwhile is made up for as the schedule says, nothing runs twice. Runs that
# overlap, approvals, and times that are called off.
. "$SUPPORT/workspace.sh"

runs_of() { # schedule state: how many of the last ten
    "$RENKI" schedule show "$1" --json >"$said" 2>&1 || failed "schedule show $1"
    python3 -c 'import json, sys
print(sum(run["state"] == sys.argv[2] for run in json.load(open(sys.argv[1]))["runs"]))' "$said" "$2"
}
until_runs() { # count state schedule
    for _ in $(seq 300); do
        [ "$(runs_of "$3" "$2")" -ge "$1" ] && return
        sleep 0.1
    done
    failed "$3 has $1 runs that are $2"
}
serve() {
    rm -f .renki/host.sock
    "$RENKI" serve >"$scene/serve" 2>&1 &
    server=$!
    children=$server
    for _ in $(seq 600); do [ -S .renki/host.sock ] && break; sleep 0.05; done
    exits 0 "$RENKI" schedule list
}

robot quick <<'LUA'
run:log "quick"
LUA
robot slow <<'LUA'
local n = 0
while n < 1e13 do n = n + 1 end
LUA
mkdir -p schedules
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", schedules = { missed_after = "1 s" } }
SETTINGS
schedule() { # name more
    printf 'return { robot = "%s", cron = "* * * * * *", timezone = "UTC", %s }\n' "$2" "$3" >"schedules/$1.lua"
}
schedule once quick 'missed = "once"'
schedule none quick 'missed = "skip"'
schedule approved quick 'approve = true'
commit
serve
until_runs 1 done once
until_runs 1 done none
[ "$(runs_of approved done)" = 0 ] || failed "nobody approved it"

# killed, and down for some seconds
for process in $(pgrep -P "$server") "$server"; do kill -9 "$process" 2>/dev/null; done
wait "$server" 2>/dev/null
down=$(date +%s)
until [ $(($(date +%s) - down)) -ge 5 ]; do sleep 0.2; done
serve
missed_of() { python3 -c "
import sqlite3
store = sqlite3.connect('file:.renki/store.sqlite?mode=ro', uri=True, timeout=30)
print(store.execute(\"SELECT count(*) FROM runs WHERE schedule = '$1' AND state = 'missed'\").fetchone()[0])"; }
for _ in $(seq 300); do [ "$(missed_of once)" -ge 2 ] && [ "$(missed_of none)" -ge 3 ] && break; sleep 0.1; done
exits 0 "$RENKI" schedule pause once --why "enough"
exits 0 "$RENKI" schedule pause none --why "enough"
python3 - <<'PY' >"$said" 2>&1 || failed "each due time has one row, and what was missed is told"
import sqlite3
store = sqlite3.connect("file:.renki/store.sqlite?mode=ro", uri=True)
def count(schedule, state):
    return store.execute("SELECT count(*) FROM runs WHERE schedule = ? AND state = ?", (schedule, state)).fetchone()[0]
twice = store.execute("SELECT count(*) - count(DISTINCT schedule || planned_ms) FROM runs WHERE planned_ms > 0").fetchone()[0]
gaps = [b - a for name in ("once", "none") for rows in [[r[0] for r in store.execute(
    "SELECT planned_ms FROM runs WHERE schedule = ? ORDER BY 1", (name,))]] for a, b in zip(rows, rows[1:])]
made_up = store.execute("SELECT count(*) FROM runs WHERE schedule = 'once' AND cause LIKE '%\"by\":\"missed\"%'").fetchone()[0]
print(count("none", "missed"), count("once", "missed"), made_up, twice, gaps)
assert count("none", "missed") >= 3 and count("once", "missed") >= 2 and made_up >= 1
assert twice == 0 and set(gaps) == {1000}, gaps
PY
exits 0 "$RENKI" alerts
says "none"

# approved in advance, or called off
rm schedules/approved.lua
year=$(($(date +%Y) + 1))
printf 'return { robot = "quick", cron = "0 8 1 * *", timezone = "UTC", approve = true }\n' >schedules/monthly.lua
exits 0 "$RENKI" schedule list
says "waits for approval"
exits 0 "$RENKI" schedule approve monthly --as aino
exits 0 "$RENKI" schedule call-off monthly "$year-06-01" --why "holidays" --as aino
exits 0 "$RENKI" schedule next monthly --count 14
says "approved by aino"
says "called off by aino: holidays"
exits 3 "$RENKI" schedule call-off monthly "$year-06-02" --why "holidays"
exits 0 "$RENKI" schedule list
says_not "waits for approval"

# made up for by hand: the number is said first, and each time only once
exits 2 "$RENKI" schedule backfill monthly --from 2025-01-01 --to 2025-03-31
says "3 runs"
exits 0 "$RENKI" schedule backfill monthly --from 2025-01-01 --to 2025-03-31 --yes
until_runs 3 done monthly
exits 0 "$RENKI" schedule backfill monthly --from 2025-01-01 --to 2025-03-31 --yes
says "0 runs"

# an earlier run that is not over
schedule left slow 'overlap = "skip"'
schedule fresh slow 'overlap = "replace"'
until_runs 1 skipped left
[ "$(runs_of left running)" = 1 ] || failed "one run goes on"
until_runs 2 cancelled fresh
rm schedules/left.lua schedules/fresh.lua
exits 0 "$RENKI" schedule list
