# A host stands still for longer than its lease; another takes its run over. When it wakes it is fenced: what it had in
# hand is not written, it joins again under a new number, and the person who waited there hears how the run ended.
. "$SUPPORT/fleet.sh"

robot count <<'LUA'
local items = {}
for i = 1, 60 do items[i] = { id = i } end
run:each(items, { key = "id" }, function(item)
  run:log("item %d", item.id)
  local x = 0
  for i = 1, 3000000 do x = x + i % 7 end
end)
LUA
clone b
serve a && note_pid a
serve b && note_pid b
# The other one has to have had the database for a whole lease before it judges.
exits 0 on a "$RENKI" run count
on a "$RENKI" run count >"$scene/run" 2>&1 &
person=$!
children="$children $person"
until_sql 30 t "SELECT count(*) > 3 FROM entries WHERE run = 2"
stopped=$(host_pid a)
kill -STOP "$stopped"
until_sql 20 "2 2" "SELECT attempt || ' ' || (SELECT max(id) FROM hosts WHERE state = 'active') FROM runs WHERE id = 2"
kill -CONT "$stopped"
stopped=
until_sql 30 3 "SELECT count(*) FROM hosts"
until_sql 60 done "SELECT state FROM runs WHERE id = 2"

until_says "$scene/run" "60 items: 60 done"
wait $person || failed "the person hears that it is done"
[ "$(sql "SELECT count(*) FROM entries WHERE run = 2 AND state = 'done'")" = 60 ] || failed "each item is done once"
# From the moment of the takeover only the second host wrote.
[ "$(sql "SELECT count(*) FROM entries AS early JOIN entries AS late ON late.run = 2 AND early.run = 2
  AND late.attempt = 1 AND early.attempt = 2 AND late.time_ms > early.time_ms")" = 0 ] || failed "the fenced host wrote nothing"
[ "$(sql "SELECT state FROM hosts WHERE id = 1")" = gone ] || failed "its first number is gone for good"
exits 0 on a "$RENKI" run count
