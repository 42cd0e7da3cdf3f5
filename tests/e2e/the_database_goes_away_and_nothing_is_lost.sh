# The database server is restarted, and killed, in the midst of a run of 200 items: the run goes on, every item is there,
# none was done twice. The host is sealed by then and connects again by TCP.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/ledger.sh"
. "$SUPPORT/database.sh"

server stop
database_port=$(free_port)
server start "$database_port" || failed "it listens on a port"
store "postgresql://renki:only%20for%20a%20test@localhost:$database_port/renki" "systems = {
  ledger = { origin = \"https://ledger.example\", address = \"http://127.0.0.1:$port\" } }"

manifest='return { title = "a test", owner = "tests", permits = { http = {
  { "GET", "https://ledger.example/*" }, { "POST", "https://ledger.example/*" } } } }'
robot effects <<'LUA'
local http = require "http"
local ledger = http.client { base = "https://ledger.example" }
local rows = {}
for i = 1, 200 do rows[i] = { no = i } end
run:each(rows, { key = "no" }, function(row)
  if row.no % 20 == 0 then run:log("item %d", row.no) end
  if row.no % 60 == 30 then ledger:get "/pause" end -- 1.5 s
  ledger:post("/entries", { json = { no = row.no } })
end)
LUA

: >"$scene/out"
"$RENKI" run effects >"$scene/out" 2>&1 &
child=$!
children="$children $child"
wait_for() { # words
    until grep -qx "$1" "$scene/out"; do
        kill -0 $child 2>/dev/null || { cp "$scene/out" "$said"; failed "the run comes to $1"; }
        sleep 0.02
    done
}
wait_for "item 20"
server stop
sleep 2 # it is away for a while
server start "$database_port" || failed "it starts again"
wait_for "item 80"
server kill
server start "$database_port" || failed "it starts again"
wait_for "item 140"
server kill
server start "$database_port" || failed "it starts again"
wait $child || { cp "$scene/out" "$said"; failed "the run is done"; }
posted 200 1
exits 0 "$RENKI" show 1 --json
is .run[0].state done
is .run[0].attempt 1
is .totals.items.done 200
[ "$(server sql "SELECT count(*) FROM entries WHERE kind = 'item' AND state = 'done'")" = 200 ] || failed "200 items are there"
exits 0 "$RENKI" doctor
says "✓ audit"
