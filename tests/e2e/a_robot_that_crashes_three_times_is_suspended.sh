# A crash costs the zygote its place, three in a row suspend the robot, and only a new version runs again.
. "$SUPPORT/workspace.sh"

robot slow <<'LUA'
run:log "begun"
while true do end
LUA
robot hello <<'LUA'
run:log "hello"
LUA

RENKI_LOG=info "$RENKI" serve >"$scene/serve" 2>&1 &
server=$!
children=$server
until [ -S .renki/host.sock ]; do sleep 0.05; done
host=$(tr ' ' '\n' </proc/$server/task/$server/children | head -1)

# Zygotes and workers, oldest first: a worker is a fork that keeps the name.
zygotes() {
    for one in $(cat "/proc/$host/task/$host/children"); do
        { tr '\0' ' ' <"/proc/$one/cmdline"; } 2>/dev/null | grep -q ' zygote ' && echo "$one"
    done | sort -n
}
begin_slow() { # output
    : >"$1" # the shell empties it in the background: what the run before said must not be taken for this one's
    "$RENKI" run slow ${language-} >"$1" 2>&1 &
    command=$!
    until grep -qs begun "$1"; do sleep 0.02; done
}
# The first signal is told with its line; the second finds the handler gone.
crash() { # pid signal
    kill -"$2" "$1" && sleep 0.1 && kill -"$2" "$1" 2>/dev/null
}

# An old zygote stays while a worker of its own does, and goes with it; a new run has a new one.
begin_slow "$scene/other"
other=$command
zygote=$(zygotes | head -1)
victim_before=$(zygotes | tail -1)
begin_slow "$scene/one"
crash "$(zygotes | tail -1)" SEGV
wait $command
[ $? = 1 ] || failed "a crash ends the command with 1"
grep -q 'crashed (signal 11)' "$scene/one" || failed "the crash is told"
grep -q "robot.lua:" "$scene/one" || { cat "$scene/one"; failed "with its line"; }
kill -0 "$zygote" 2>/dev/null || failed "the zygote of a live worker stays"
exits 0 "$RENKI" run hello
kill -0 "$victim_before" 2>/dev/null || failed "the other run goes on"
[ "$(grep -c 'role.replaced role=zygote reason=crash' "$scene/serve")" = 1 ] || failed "it is replaced once"
exits 0 "$RENKI" cancel 1
wait $other
for _ in $(seq 40); do kill -0 "$zygote" 2>/dev/null || break; sleep 0.05; done
kill -0 "$zygote" 2>/dev/null && failed "it ends with its last worker"

# Two more. A cancelled run in between (run 1) did not set the count back.
for signal in BUS SEGV; do
    begin_slow "$scene/next"
    crash "$(zygotes | tail -1)" $signal
    wait $command
done
exits 3 "$RENKI" run slow
says 'The robot slow is suspended: its process crashed 3 times running.'
says 'A new version lifts this'
RENKI_LANGUAGE=sv exits 3 "$RENKI" run slow
says 'avstängd'
RENKI_LANGUAGE=fi exits 3 "$RENKI" run slow
says 'pysäytetty toistaiseksi'
exits 3 "$RENKI" resume 2
exits 0 "$RENKI" run hello
grep -q 'robot.suspended' "$scene/serve" || failed "the host's log tells"
python3 - <<'PYTHON' || failed "the audit log tells"
import sqlite3
events = [row[0] for row in sqlite3.connect("file:.renki/store.sqlite?mode=ro", uri=True).execute("SELECT event FROM audit")]
assert events.count("robot.suspended") == 1 and events.count("run.refused") == 4, events
PYTHON

robot slow <<'LUA'
run:log "mended"
LUA
exits 0 "$RENKI" run slow
says mended
kill $server
wait $server
[ $? = 0 ] || failed "SIGTERM ends serve with 0"
children=
[ -e .renki/host.sock ] && failed "the socket is gone"
exit 0
