# A technical failure is tried again as the manifest says; a bug and what the robot itself finds wrong are not.
. "$SUPPORT/workspace.sh"

manifest='return { title = "a test", owner = "tests", retry = { attempts = 3, wait = "1 s" },
  permits = { http = { { "GET", "http://ledger.example/*" } } } }'
robot away <<'LUA'
local http = require "http"
run:each({ { no = 1 } }, { key = "no", label = "first" }, function() return run:log "done once" end)
run:log("attempt %d", run.attempt)
if run.attempt < 3 then http.client { base = "http://ledger.example" }:get("/") end
LUA
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", systems = { ledger = { origin = "http://ledger.example", address = "http://127.0.0.1:9" } } }
SETTINGS
robot wrong <<'LUA'
run:fail "the file was booked before"
LUA
robot bug <<'LUA'
local x = nil + 1
LUA
exits 0 "$RENKI" run away
says "attempt 1"
says "attempt 3"
[ "$(grep -c 'done once' "$said")" = 1 ] || failed "what was done is not done again"
exits 0 "$RENKI" show 1 --json
is .run[0].attempt 3
exits 1 "$RENKI" run wrong --json
is .run[0].attempt 1
exits 1 "$RENKI" run bug --json
is .run[0].attempt 1

# What the system itself says decides: wrong is wrong, and who asks to come back in an hour is asked in an hour.
. "$SUPPORT/ledger.sh"
manifest='return { title = "a test", owner = "tests", retry = { attempts = 3, wait = "1 s" },
  inputs = { path = { type = "text" } }, permits = { http = { { "GET", "https://ledger.example/*" } } } }'
robot asks <<'LUA'
require "http".client { base = "https://ledger.example" }:get(run.inputs.path)
LUA
exits 1 "$RENKI" run asks path=/status/404 --json
is .run[0].attempt 1
: >"$scene/busy"
"$RENKI" run asks path=/busy >"$scene/busy" 2>&1 &
busy=$!
children="$children $busy"
for i in $(seq 600); do grep -q "Trying again in 60 min" "$scene/busy" && break; sleep 0.05; done
cp "$scene/busy" "$said"
says "Trying again in 60 min"
kill -INT $busy
wait $busy
exits 0 "$RENKI" runs --json
is .runs[0].state cancelled
