# A file in schedules/ is all it takes: the robot runs when it is due, and the next time is there before it comes.
. "$SUPPORT/workspace.sh"

serve() {
    : >"$scene/serve"
    "$RENKI" serve >"$scene/serve" 2>&1 &
    server=$!
    children=$server
    for _ in $(seq 600); do grep -q . "$scene/serve" && return; sleep 0.05; done
    failed "the host serves"
}
# runs_in STATE SCHEDULE: how many runs of the schedule are in this state
runs_in() {
    "$RENKI" schedule show "$2" --json >"$said" 2>&1 || failed "schedule show"
    python3 -c 'import json, sys
rows = json.load(open(sys.argv[1]))["runs"]
print(sum(row["state"] == sys.argv[2] for row in rows))' "$said" "$1"
}
until_runs() { # count state schedule
    for _ in $(seq 300); do
        [ "$(runs_in "$2" "$3")" -ge "$1" ] && return
        sleep 0.1
    done
    failed "$3 has $1 runs that are $2"
}

robot hello <<'LUA'
run:log("hello, %s", run.inputs.name)
LUA
manifest='return { title = "a test", owner = "tests", inputs = { name = { type = "text", default = "nobody" } } }'
robot hello <<'LUA'
run:log("hello, %s", run.inputs.name)
LUA
mkdir -p schedules
cat >schedules/often.lua <<'LUA'
return { robot = "hello", cron = "* * * * * *", timezone = "Europe/Helsinki", inputs = { name = "Aino" } }
LUA
serve
until_runs 2 done often
[ "$(runs_in planned often)" = 1 ] || failed "one run is planned ahead"
run=$(value .runs[1].id)
exits 0 "$RENKI" log "$run"
says "hello, Aino"

# a file that appears while the host runs, and one that is broken: what it said before still holds
cat >schedules/later.lua <<'LUA'
return { robot = "hello", cron = "30 7 * * 1-5", timezone = "Europe/Helsinki" }
LUA
exits 0 "$RENKI" schedule list
says "later"
says "07:30"
printf 'return { robot = "hello", cron = "every day", timezone = "Europe/Helsinki" }\n' >schedules/later.lua
exits 0 "$RENKI" schedule list
says "07:30"
says "not in order"
exits 0 "$RENKI" schedule show later
says "five fields"
exits 0 "$RENKI" schedule next later --count 3
[ "$(wc -l <"$said")" = 3 ] || failed "a line for each time"
grep -qE '^[0-9-]+T07:30:00\+0[23]:00  ' "$said" || failed "the instant with its offset first"

# paused: who, when and why is shown, and nothing runs
exits 2 "$RENKI" schedule pause often
exits 0 "$RENKI" schedule pause often --why "the ledger is closed" --as aino
exits 0 "$RENKI" schedule list
says "by aino: the ledger is closed"
before=$(runs_in done often)
until_runs "$before" done often
[ "$(runs_in planned often)" = 0 ] || failed "nothing is planned while it is paused"
exits 3 "$RENKI" schedule pause often --why again
exits 0 "$RENKI" schedule resume often
until_runs 1 planned often
exits 0 "$RENKI" schedule run later
until_runs 1 done later

# gone: it ends, and the list is without it
rm schedules/often.lua
exits 0 "$RENKI" schedule list
says_not "often"
