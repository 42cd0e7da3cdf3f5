# As soon as so many items wait, their robot is started, once, whoever added them; what came while no daemon served too. A
# robot that leaves them where they are is not started over and over.
. "$SUPPORT/workspace.sh"

manifest='return { title = "fill", owner = "tests", inputs = { from = { type = "number" } },
  permits = { queues = { letters = "fill" } } }'
robot fill <<'LUA'
local items = require "items"
items.add_all("letters", { { no = run.inputs.from }, { no = run.inputs.from + 1 } }, { key = "no" })
LUA
manifest='return { title = "work", owner = "tests", permits = { queues = { letters = "work" } } }'
robot work <<'LUA'
local items = require "items"
items.each("letters", {}, function(_, item) print("did " .. item.key) end)
LUA
mkdir schedules
cat >schedules/letters.lua <<'LUA'
return { robot = "work", queue = { name = "letters", at_least = 4 } }
LUA
commit
serve() {
    : >"$scene/serving"
    "$RENKI" serve >"$scene/serving" 2>&1 &
    serving=$!
    children="$children $serving"
    for _ in $(seq 300); do grep -q "renki serves" "$scene/serving" && break; sleep 0.1; done
    exits 0 "$RENKI" schedule list # its files are read
}
runs_are() { # how many of the schedule, and all are done
    for _ in $(seq 200); do
        exits 0 "$RENKI" schedule show letters --json
        found=$(python3 -c 'import json, sys
print(*(run["state"] for run in json.load(open(sys.argv[1]))["runs"]))' "$said")
        [ "$found" = "$1" ] && return
        sleep 0.1
    done
    failed "the runs are \"$1\", not \"$found\""
}

serve
says "letters"
exits 0 "$RENKI" run fill from=1
sleep 1
runs_are ""
exits 0 "$RENKI" run fill from=3
runs_are "done"
exits 0 "$RENKI" items --json
is queues[0].done 4
is queues[0].new 0

# while nobody serves
kill "$serving" && wait "$serving"
exits 0 "$RENKI" run fill from=5
exits 0 "$RENKI" run fill from=7
serve
runs_are "done done"

# one that does nothing about them
printf 'return 1\n' >robots/work/robot.lua
commit
exits 0 "$RENKI" run fill from=9
exits 0 "$RENKI" run fill from=11
runs_are "done done done"
sleep 2
runs_are "done done done"
exits 0 "$RENKI" run fill from=13 # more have come: it is asked once more
runs_are "done done done done"
sleep 1
runs_are "done done done done"
