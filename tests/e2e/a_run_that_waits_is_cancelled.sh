# A run that waits for a person, or for its turn, has no process; it is cancelled all the same, and asks nobody any more.
. "$SUPPORT/workspace.sh"

robot asks <<'LUA'
run:ask { title = "Shall it be paid?", to = "aino", fields = { { name = "yes", type = "boolean" } } }
LUA
exits 5 "$RENKI" run asks
exits 0 "$RENKI" tasks list
says "Shall it be paid?"
exits 0 "$RENKI" cancel 1
exits 0 "$RENKI" show 1 --json
is .run[0].state cancelled
exits 0 "$RENKI" tasks list
says_not "Shall it be paid?"
exits 3 "$RENKI" tasks answer 1 yes=true
says "run 1 is cancelled"
exits 2 "$RENKI" cancel 1
says "it is cancelled"

# In the queue of a daemon that takes nothing new.
"$RENKI" serve >"$scene/serve" 2>&1 &
children=$!
until [ -S .renki/host.sock ]; do sleep 0.05; done
manifest='return { title = "One at a time", owner = "tests", runs_at_once = 1 }'
robot slow <<'LUA'
run:sleep "4 s"
run:log "slept"
LUA
"$RENKI" run slow >"$scene/first" 2>&1 &
first=$!
tries=0
until "$RENKI" runs --json | grep -q '"robot":"slow","state":"running"'; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || failed "the first run runs: $(cat "$scene/first")"
    sleep 0.1
done
: >"$scene/second"
"$RENKI" run slow >"$scene/second" 2>&1 &
second=$!
tries=0
until "$RENKI" queue | grep -q "an earlier run of slow to end"; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || failed "the second run waits for the first: $("$RENKI" queue)"
    sleep 0.1
done
exits 0 "$RENKI" cancel 3
wait $second
[ $? = 130 ] || failed "who waited for it hears that it was cancelled: $(cat "$scene/second")"
grep -q cancelled "$scene/second" || failed "and reads so"
wait $first || failed "the first run ends well: $(cat "$scene/first")"
