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
