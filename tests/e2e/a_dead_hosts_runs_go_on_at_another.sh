# Two hosts share a store. One is killed: the other takes its run over within ten seconds, from the journal, with the
# file it was given and in the version that it began with.
. "$SUPPORT/fleet.sh"

manifest='return { title = "a test", owner = "tests", inputs = { list = { type = "file", accept = { ".csv" } } } }'
robot count <<'LUA'
local sheet = require "sheet"
run:each(sheet.open(run.inputs.list):rows { header = true }, { key = "id" }, function(item)
  run:log("doing %s", tostring(item.id))
  local x = 0
  for i = 1, 3000000 do x = x + i % 7 end
end)
LUA
clone b
serve a && note_pid a
serve b && note_pid b
exits 0 on a "$RENKI" hosts --json
is .hosts[1].state active

# A draft is in nobody's repository but the first one's.
{ echo id; seq 1 40; } >list.csv
sed -i 's/doing/draft of/' robots/count/robot.lua
on a "$RENKI" run count list=list.csv --draft >"$scene/run" 2>&1 &
children="$children $!"
until_sql 30 t "SELECT count(*) > 3 FROM entries"
kill -9 "$(host_pid a)"
until_sql 10 2 "SELECT attempt FROM runs WHERE id = 1"
until_sql 60 done "SELECT state FROM runs WHERE id = 1"

[ "$(sql "SELECT count(*) FROM entries WHERE state = 'done'")" = 40 ] || failed "each item is done"
[ "$(sql "SELECT count(*) > 3 FROM entries WHERE attempt = 1")" = t ] || failed "what the first did is not done again"
cat "$workspace"/.renki/logs/1.jsonl "$scene"/b/.renki/logs/1.jsonl | grep -o 'draft of [0-9]*' | sort | uniq -c >"$said"
[ "$(grep -c . "$said")" = 40 ] || failed "each item was begun"
[ "$(awk '$1 > 1' "$said" | grep -c .)" -le 1 ] || failed "only the one that was under way was begun twice"
exits 0 on b "$RENKI" hosts
says gone
