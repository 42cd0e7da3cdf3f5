# Ctrl-C cancels the run cleanly; so does `renki cancel` from another terminal, through another host.
. "$SUPPORT/workspace.sh"

robot endless <<'LUA'
run:log "working"
while true do end
LUA

"$RENKI" run endless >"$scene/out" 2>&1 &
child=$!
children=$child
until grep -q working "$scene/out"; do sleep 0.05; done
kill -INT $child
wait $child
[ $? = 130 ] || failed "Ctrl-C ends with 130"
children=
exits 0 "$RENKI" show 1 --json
is .run[0].state cancelled

"$RENKI" run endless >"$scene/out2" 2>&1 &
child=$!
children=$child
until grep -q working "$scene/out2"; do sleep 0.05; done
exits 0 "$RENKI" cancel 2
wait $child
code=$?
children=
[ $code = 130 ] || failed "a cancelled run ends with 130, not $code"
exits 0 "$RENKI" show 2 --json
is .run[0].state cancelled
