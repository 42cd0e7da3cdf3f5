# One host's clock is an hour ahead of the other's: times come from the database server, so both are alive to each
# other, schedules are on time, and what waits waits as long as it should.
. "$SUPPORT/fleet.sh"

robot tick <<'LUA'
run:log "tick"
LUA
manifest='return { title = "a test", owner = "tests", retry = { attempts = 2, wait = "3 s", jitter = 0 },
  permits = { http = { { "GET", "http://ledger.example/*" } } } }'
robot again <<'LUA'
local http = require "http"
http.client { base = "http://ledger.example" }:get("/")
LUA
sed -i 's|^return {|& systems = { ledger = { origin = "http://ledger.example", address = "http://127.0.0.1:9" } },|' renki.lua
mkdir -p schedules
cat >schedules/often.lua <<'LUA'
return { robot = "tick", cron = "* * * * * *", timezone = "Europe/Helsinki" }
LUA
commit
clone b
right=$RENKI
RENKI=$RENKI_AHEAD
serve a
RENKI=$right
serve b
exits 0 on a "$RENKI" doctor --json
python3 - "$said" <<'PYTHON' || failed "the host's own clock is an hour ahead"
import datetime, json, sys
shown = [check["detail"] for check in json.load(open(sys.argv[1]))["checks"] if check["name"] == "clock"][0]
hours = datetime.datetime.fromisoformat(shown.replace("Z", "+00:00")) - datetime.datetime.now(datetime.timezone.utc)
sys.exit(not 3000 < hours.total_seconds() < 4000)
PYTHON
exits 1 on b "$RENKI" run again
until_sql 30 t "SELECT count(*) > 12 FROM runs WHERE schedule = 'often' AND state = 'done'"

[ "$(sql "SELECT count(*) FROM hosts WHERE state = 'active'")" = 2 ] || failed "neither takes the other for dead"
[ "$(sql "SELECT count(*) FROM runs WHERE started_ms < planned_ms OR started_ms > planned_ms + 5000")" = 0 ] ||
    failed "each run is begun when it is due"
[ "$(sql "SELECT count(*) FROM runs WHERE state = 'missed'")" = 0 ] || failed "none is taken for missed"
[ "$(sql "SELECT attempt FROM runs WHERE robot = 'again'")" = 2 ] || failed "it is tried again"
[ "$(sql "SELECT ended_ms - created_ms BETWEEN 3000 AND 15000 FROM runs WHERE robot = 'again'")" = t ] ||
    failed "after as long as it should be"
