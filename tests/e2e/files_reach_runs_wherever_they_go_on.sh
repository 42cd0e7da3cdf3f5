# A robot hands a file to another, a file that arrives in a share starts a third: killed in the midst of it, their hosts are
# taken over from with the files. A run that lost its files says so, and is not given the folder of another.
. "$SUPPORT/fleet.sh"

mkdir "$scene/inbox"
sed -i "s|^return {|& shares = { inbox = \"$scene/inbox\" },|" renki.lua
count='local sheet = require "sheet"
run:each(sheet.open(run.inputs.list):rows { header = true }, { key = "id" }, function(item)
  local x = 0
  for i = 1, 3000000 do x = x + i % 7 end
end)'
manifest='return { title = "a test", owner = "tests", inputs = { list = { type = "file", accept = { ".csv", ".xlsx" } } } }'
echo "$count" | robot count
manifest='return { title = "a test", owner = "tests", permits = { robots = { "count" } } }'
robot caller <<'LUA'
local book = require("sheet").create "lines.xlsx"
local rows = {}
for i = 1, 40 do rows[i] = { i } end
book:table("Lines", { "id" }, rows)
run:call("count", { list = book })
LUA
mkdir schedules
cat >schedules/arrives.lua <<'LUA'
return { robot = "count", file = { share = "inbox", pattern = "*.csv", stable = "300 ms", input = "list" } }
LUA
manifest='return { title = "a test", owner = "tests", inputs = { list = { type = "file", accept = { ".csv" } } },
  permits = { http = { { "GET", "https://ledger.example/*", login = "ledger" } } } }'
echo 'run:log(run.inputs.list)' | robot asks
clone b

serve_both() {
    for host in a b; do
        [ -f "$(folder_of $host)/.renki/fleet.pid" ] && continue
        serve $host && note_pid $host
    done
}
kill_holder() { # run
    holder=$(sql "SELECT split_part(host, '/', 2) FROM runs WHERE id = $1")
    gone=b left=a
    [ "$holder" = "$(host_pid a)" ] && gone=a left=b
    kill -9 "$holder"
    rm "$(folder_of $gone)/.renki/fleet.pid"
}
goes_on() { # run
    until_sql 30 t "SELECT count(*) > 3 FROM entries WHERE run = $1 AND kind = 'item'"
    [ -n "$(ls "$scene"/shared/inputs/*/)" ] || failed "what the run is given is shared"
    kill_holder "$1"
    until_sql 60 "done 2" "SELECT state || ' ' || attempt FROM runs WHERE id = $1"
    [ "$(sql "SELECT count(*) FROM entries WHERE run = $1 AND kind = 'item' AND state = 'done'")" = 40 ] ||
        failed "each item of run $1 is done"
}
serve_both
on a "$RENKI" run caller >"$scene/run" 2>&1 &
children="$children $!"
until_sql 30 2 "SELECT max(id) FROM runs"
goes_on 2
until_sql 30 done "SELECT state FROM runs WHERE id = 1"

serve_both
{ echo id; seq 1 40; } >"$scene/inbox/.arrives"
mv "$scene/inbox/.arrives" "$scene/inbox/arrives.csv"
until_sql 30 3 "SELECT max(id) FROM runs"
goes_on 3
tries=0
until [ -e "$scene/inbox/done/arrives.csv" ]; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || failed "the file is put away"
    sleep 0.1
done
tries=0
while [ -n "$(ls "$scene/shared/inputs")" ]; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || failed "what the runs were given goes with them"
    sleep 0.1
done

# ---- a run that was refused has no files any more, and its folder is another's
{ echo id; seq 1 3; } >"$(folder_of $left)/list.csv"
exits 3 on $left "$RENKI" run asks list=list.csv
exits 0 on $left "$RENKI" runs
exits 1 on $left "$RENKI" resume 4
says "The files of run 4 are no longer there."
