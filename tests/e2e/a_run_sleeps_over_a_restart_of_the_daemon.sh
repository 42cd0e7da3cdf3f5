# A run that sleeps has no process; the daemon is ended and begun anew meanwhile; the run goes on when its time has come,
# and what it did before is not done again.
. "$SUPPORT/workspace.sh"

manifest='return { title = "sleeper", owner = "tests" }'
robot sleeper <<'LUA'
run:step("before", function() print "before" end)
run:sleep "8 s"
print("after, attempt " .. run.attempt)
LUA
serve() {
    rm -f .renki/host.sock
    "$RENKI" serve >"$scene/serve" 2>&1 &
    serve=$!
    children="$children $serve"
    for _ in $(seq 300); do [ -S .renki/host.sock ] && return; sleep 0.1; done
    failed "the daemon begins"
}
state() { exits 0 "$RENKI" show 1 --json; value run[0].state; }

serve
"$RENKI" run sleeper >"$scene/run" 2>&1 &
watcher=$!
for _ in $(seq 300); do [ "$("$RENKI" show 1 --json 2>/dev/null | grep -o '"state":"waiting"')" ] && break; sleep 0.1; done
[ "$(state)" = waiting ] || failed "the run sleeps"
kill -TERM $serve
wait $serve 2>/dev/null
wait $watcher 2>/dev/null
serve
for _ in $(seq 400); do [ "$(state)" = done ] && break; sleep 0.1; done
[ "$(state)" = done ] || failed "it wakes"
exits 0 "$RENKI" log 1
says "after, attempt 2"
[ "$(grep -c before "$said")" = 1 ] || failed "what was done is not done again"
