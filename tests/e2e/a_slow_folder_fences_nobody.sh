# A host whose files take nine seconds each, longer than a lease: it goes on telling that it lives and answers meanwhile, and
# the run that is given the file, and attaches one, is done at its first attempt. Another host judges it all the time.
. "$SUPPORT/fleet.sh"

manifest='return { title = "a test", owner = "tests", inputs = { list = { type = "file", accept = { ".csv" } } } }'
robot copies <<'LUA'
local book = require("sheet").create "lines.xlsx"
book:table("Lines", { "id" }, { { 1 } })
run:attach(book)
LUA
clone b
serve b
fast=$RENKI
RENKI=$RENKI_SLOW
serve a
RENKI=$fast
echo id >list.csv
: >"$scene/run"
"$RENKI" run copies list=list.csv >"$scene/run" 2>&1 &
running=$!
begun=$(date +%s)
while kill -0 $running 2>/dev/null; do
    [ $(($(date +%s) - begun)) -lt 90 ] || failed "the run ends"
    exits 0 timeout 5 "$RENKI" hosts --json
    is .hosts[0].state active
    is .hosts[1].state active
    sleep 1
done
wait $running || { cp "$scene/run" "$said"; failed "the run is done"; }
[ $(($(date +%s) - begun)) -ge 27 ] || failed "its files take nine seconds each"
exits 0 "$RENKI" show 1 --json
is .run[0].attempt 1
is .run[0].state done
is .artifacts[0].name lines.xlsx
