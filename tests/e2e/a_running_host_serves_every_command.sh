# `renki serve` keeps one host; commands use it while it is there, and start their own when it is gone.
. "$SUPPORT/workspace.sh"

robot hello <<'LUA'
run:log "hello"
LUA
"$RENKI" serve >"$scene/serve" 2>&1 &
server=$!
children=$server
until [ -S .renki/host.sock ]; do sleep 0.05; done
exits 0 "$RENKI" run hello
says hello
exits 0 "$RENKI" run hello
exits 0 "$RENKI" runs --json
is .runs[1].state done
mode=$(stat -c %a .renki/host.sock .renki | tr '\n' ' ')
[ "$mode" = "600 700 " ] || failed "socket and folder are their owner's alone, not $mode"
"$RENKI" serve >"$said" 2>&1 && failed "a second host does not serve the same workspace"
says "already serves"
kill -INT $server
wait $server
children=
exits 0 "$RENKI" run hello
says hello
