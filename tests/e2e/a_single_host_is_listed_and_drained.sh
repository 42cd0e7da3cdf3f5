# On one machine, without a database server: the daemon is listed, drained, let go on; a killed one is gone at once.
. "$SUPPORT/workspace.sh"

robot hello <<'LUA'
run:log "hello"
LUA
exits 0 "$RENKI" hosts
says "No host serves"
"$RENKI" serve >"$scene/serve" 2>&1 &
children=$!
tries=0
until [ -S .renki/host.sock ]; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || failed "it serves"
    sleep 0.05
done
exits 0 "$RENKI" hosts --json
is .hosts[0].state active
is .hosts[0].number 1
process=$(value .hosts[0].identity | cut -d/ -f2)
exits 0 "$RENKI" drain 1
"$RENKI" run hello >"$scene/run" 2>&1 &
children="$children $!"
person=$!
tries=0
until "$RENKI" runs --json >"$said" && [ "$(value .runs[0].state)" = queued ]; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || failed "the run is queued"
    sleep 0.1
done
exits 0 "$RENKI" drain 1 --undo
wait $person || failed "the run is done once the host may start runs again"
kill -9 "$process"
tries=0
until "$RENKI" hosts --json >"$said" 2>&1 && [ "$(value .hosts[0].state)" = gone ]; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || failed "the killed one is gone"
    sleep 0.1
done
