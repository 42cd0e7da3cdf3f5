# Endless output into a pager or a terminal that was stopped by Ctrl-S: lines may be missing there, but the run goes on and
# its log has them all.
. "$SUPPORT/workspace.sh"

robot talk <<'LUA'
for i = 1, 1900 do run:log("%d %s", i, ("y"):rep(4000)) end
LUA
mkfifo "$scene/pipe"
"$RENKI" run talk >"$scene/pipe" 2>"$said" &
command=$!
children=$command
exec 3<"$scene/pipe"
for wait in $(seq 400); do
    [ "$(cat .renki/logs/1.jsonl 2>/dev/null | wc -l)" = 1900 ] && break
    [ "$wait" = 400 ] && { kill -9 $command; failed "the run goes on"; }
    sleep 0.05
done
tail -n 1 <&3 >"$scene/last"
wait $command || failed "it ends well"
children=
exits 0 "$RENKI" show 1 --json
is .run[0].state done
