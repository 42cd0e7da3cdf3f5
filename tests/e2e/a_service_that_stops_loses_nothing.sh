# SIGTERM in the midst of a run: it may finish within the bound; what does not is given back, and goes on where it was
# when renki serves again. Nothing fails, and no item is done twice.
. "$SUPPORT/workspace.sh"

robot long <<'LUA'
local rows = {}
for i = 1, 200 do rows[i] = { no = i } end
run:each(rows, { key = "no" }, function(row)
  run:log("item %d", row.no)
  local until_ = os.clock() + 0.01
  while os.clock() < until_ do end
end)
LUA
robot short <<'LUA'
run:log "short begins"
local until_ = os.clock() + 0.5
while os.clock() < until_ do end
run:log "short ends"
LUA
settings() { # drain
    echo "return { key = \"$scene/gateway.key\", drain = \"$1\" }" >renki.lua
}
serve() {
    : >"$scene/serve"
    "$RENKI" serve >"$scene/serve" 2>&1 &
    server=$!
    children="$children $server"
    for i in $(seq 600); do grep -q "renki serves" "$scene/serve" && return; sleep 0.05; done
    failed "it serves"
}
soon() { # file words
    for i in $(seq 600); do grep -qs -e "$2" "$1" && return; sleep 0.05; done
    cp "$1" "$said"
    failed "it says $2"
}

# The bound is long enough: what runs ends well, and what comes meanwhile is told.
settings "20 s"
serve
"$RENKI" run short >"$scene/short" 2>&1 &
watcher=$!
soon "$scene/short" "short begins"
kill -TERM $server
soon "$scene/serve" "Stopping: 1 run may still finish, for 20.0 s at most"
exits 1 "$RENKI" run short
says "stopping and takes no new runs"
wait $watcher || failed "the run that was there ends well"
wait $server || failed "the service ends with 0"
grep -q "short ends" "$scene/short" || failed "it was not cut short"

# The bound is short: the run is given back; the next host goes on with it by itself.
settings "100 ms"
serve
"$RENKI" run long >"$scene/long" 2>&1 &
watcher=$!
soon "$scene/long" "item 20"
kill -TERM $server
wait $server || failed "the service ends with 0"
soon "$scene/serve" "1 run goes on when renki serves again"
wait $watcher
[ $? = 1 ] || failed "whoever watches hears of it"
soon "$scene/long" "renki stopped; run 2 goes on when it serves again"
serve
for i in $(seq 600); do
    exits 0 "$RENKI" show 2 --json
    [ "$(value .run[0].state)" = running ] || [ "$(value .run[0].state)" = queued ] || break
    sleep 0.05
done
is .run[0].state done
is .run[0].attempt 2
is .totals.items.done 200
kill -TERM $server
wait $server || failed "an idle service ends with 0"
exits 0 "$RENKI" log 2
[ "$(grep -c 'item' "$said")" = 200 ] || [ "$(grep -c 'item' "$said")" = 201 ] || failed "no item is done twice"

# A second signal gives back at once.
settings "10 min"
serve
"$RENKI" run long >"$scene/long" 2>&1 &
watcher=$!
soon "$scene/long" "item 20"
kill -INT $server
soon "$scene/serve" "Stopping: 1 run"
kill -INT $server
wait $server || failed "the service ends with 0"
wait $watcher
children=
