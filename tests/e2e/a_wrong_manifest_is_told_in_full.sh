# All that is wrong in a manifest or in the settings is told at once, unknown keys with the nearest one.
. "$SUPPORT/workspace.sh"

manifest='return { title = "a test", owner = "tests", limts = { memory = "1 GB" }, inputs = { m = { type = "mnth" } } }'
robot wrong <<'LUA'
run:log "never"
LUA
exits 2 "$RENKI" run wrong
says limits
says month

manifest='return { title = "a test", owner = '
robot broken <<'LUA'
run:log "never"
LUA
exits 2 "$RENKI" run broken
says manifest.lua

manifest='while true do end'
robot endless <<'LUA'
run:log "never"
LUA
exits 2 "$RENKI" run endless
says manifest.lua

rm robots/broken/manifest.lua
commit
exits 3 "$RENKI" run broken
says manifest.lua

echo 'return { langage = "fi" }' >renki.lua
exits 2 "$RENKI" runs
says language
