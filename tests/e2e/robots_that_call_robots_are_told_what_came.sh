# A robot gives another a file and learns of its refusal; a line of robots that call one another ends at eight with an error
# that says so.
. "$SUPPORT/workspace.sh"

manifest='return { title = "counts", owner = "tests", inputs = { lines = { type = "file" } } }'
robot counts <<'LUA'
local text = require "text"
local found = text.read(run.inputs.lines)
print("was given " .. found)
return { letters = #found }
LUA
manifest='return { title = "reaches", owner = "tests" }'
robot reaches <<'LUA'
require("http").get("https://elsewhere.example/")
LUA
manifest='return { title = "first", owner = "tests", inputs = { robot = { type = "text" } },
  permits = { robots = { "counts", "reaches", "line1" } } }'
robot first <<'LUA'
local text = require "text"
text.write("lines.csv", "a;1")
if run.inputs.robot == "counts" then
  print("letters: " .. run:call("counts", { lines = { file = "lines.csv" } }).letters)
elseif run.inputs.robot == "missing" then
  run:call("counts", { lines = { file = "absent.csv" } })
else
  run:call(run.inputs.robot)
end
LUA
for i in 1 2 3 4 5 6 7 8; do
    manifest="return { title = \"line\", owner = \"tests\", permits = { robots = { \"line$((i + 1))\" } } }"
    robot line$i <<LUA
run:call "line$((i + 1))"
LUA
done
manifest='return { title = "line", owner = "tests" }'
robot line9 <<'LUA'
print "never"
LUA
"$RENKI" serve >"$scene/serving" 2>&1 &
children="$children $!"
for _ in $(seq 300); do grep -q "renki serves" "$scene/serving" && break; sleep 0.1; done

exits 0 "$RENKI" run first robot=counts
says "letters: 3"
exits 0 "$RENKI" log 2
says "was given a;1"
exits 0 "$RENKI" show 2 --json
is .inputs[0].file lines.csv

exits 1 "$RENKI" run first robot=missing
says "absent.csv"

# What the called robot was refused, its caller is told.
exits 1 "$RENKI" run first robot=reaches
says "The robot reaches that was called did not get done (run 5)"
says "elsewhere.example"
exits 0 "$RENKI" show 5 --json
is .run[0].state refused

# The ninth of a line is not called, and the first one's message says why.
exits 1 "$RENKI" run line1
says "The robot line2 that was called did not get done (run 7): The robot line9 can't be called: 8 robots already wait"
exits 0 "$RENKI" runs --json
says_not line9
is runs[0].robot line8
is runs[0].state refused
