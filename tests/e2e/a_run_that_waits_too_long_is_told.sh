# A run waits for its turn as long as its manifest says, or else the settings; then it fails, which is told, and can be
# resumed. One whose manifest is read only when its turn comes does not start either when that is too late.
. "$SUPPORT/workspace.sh"

cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", places = 1, limits = { queued = "4 s" } }
SETTINGS
robot hog <<'LUA'
print "begins"
local n = 0
while n < 1e13 do n = n + 1 end
LUA
robot quick <<'LUA'
run:log "quick"
LUA
manifest='return { title = "a test", owner = "tests", limits = { queued = "1 s" } }'
robot hasty <<'LUA'
run:log "hasty"
LUA
manifest='return { title = "a test", owner = "tests", limits = { queued = "5 s" } }'
robot patient <<'LUA'
run:log "patient"
LUA
exits 2 "$RENKI" run patient
says "queued"
mkdir schedules
printf 'return { robot = "hasty", cron = "0 8 * * *", timezone = "UTC" }\n' >schedules/morning.lua
# The schedule's run is number 1, the first hog 2.
"$RENKI" serve >"$scene/serving" 2>&1 &
children="$children $!"
for _ in $(seq 300); do grep -q "renki serves" "$scene/serving" && break; sleep 0.1; done
hog() {
    : >"$scene/hog"
    "$RENKI" run hog >"$scene/hog" 2>&1 &
    hog=$!
    children="$children $hog"
    for _ in $(seq 300); do grep -q "begins" "$scene/hog" && break; sleep 0.1; done
}

hog
exits 1 "$RENKI" run hasty
says "longer than it may, and did not run"
exits 1 "$RENKI" run quick
says "for its turn, longer than it may"
exits 0 "$RENKI" show 4 --json
is .run[0].state failed
is .run[0].fault.code RUN_QUEUED_TOO_LONG
exits 0 "$RENKI" alerts
says "Run 4 of the robot quick failed"
exits 0 "$RENKI" queue dead
says "quick"

# planned, so that nobody knew its manifest
exits 0 "$RENKI" schedule run morning
sleep 2
exits 0 "$RENKI" cancel 2
wait $hog
for _ in $(seq 100); do
    "$RENKI" schedule show morning --json >"$said" 2>&1
    [ "$(value .runs[0].state)" = failed ] && break
    sleep 0.1
done
is .runs[0].state failed
exits 0 "$RENKI" resume 4
says "quick"
exits 0 "$RENKI" run hasty
