# A parent calls a child, gives it a file, and everything is killed while the child works: resumed, the child goes on and
# the parent gets its result; nothing is called twice. Who may not be called is refused; cancelling goes down.
. "$SUPPORT/workspace.sh"

manifest='return { title = "child", owner = "tests",
  inputs = { n = { type = "number" }, lines = { type = "file", required = false }, wait = { type = "text", default = "0 s" } } }'
robot child <<'LUA'
local text = require "text"
print "child begins"
run:sleep(run.inputs.wait)
local lines = run.inputs.lines and text.read(run.inputs.lines) or ""
return { twice = 2 * run.inputs.n, lines = lines }
LUA
manifest='return { title = "parent", owner = "tests", inputs = { wait = { type = "text", default = "0 s" } },
  permits = { robots = { "child", "parent" } } }'
robot parent <<'LUA'
local report = require("sheet").create("lines.xlsx")
report:table("Lines", { "No" }, { { 1 } })
local got = run:call("child", { n = 21, wait = run.inputs.wait })
print("got " .. got.twice)
LUA
exits 0 "$RENKI" run parent
says "got 42"
exits 0 "$RENKI" show 2 --json
is run[0].robot child
is run[0].state done

# Killed in between, all of it.
: >"$scene/parent"
setsid "$RENKI" run parent wait="6 s" >"$scene/parent" 2>&1 &
parent=$!
children="$children $parent"
for _ in $(seq 600); do
    "$RENKI" show 4 --json >"$scene/shown" 2>/dev/null && grep -q '"state":"\(running\|waiting\)"' "$scene/shown" && break
    sleep 0.05
done
env kill -9 -- "-$parent"
wait $parent 2>/dev/null
exits 0 "$RENKI" runs # what is lost is found
: >"$scene/serve"
"$RENKI" serve >"$scene/serve" 2>&1 &
serve=$!
children="$children $serve"
for _ in $(seq 300); do [ -S .renki/host.sock ] && break; sleep 0.1; done
for run in 4 3; do
    "$RENKI" show $run --json >"$said" 2>&1
    case $(value run[0].state) in failed) exits 0 "$RENKI" resume $run ;; esac
done
for _ in $(seq 300); do
    exits 0 "$RENKI" show 3 --json
    [ "$(value run[0].state)" = done ] && break
    sleep 0.1
done
is run[0].state done
exits 0 "$RENKI" log 3
says "got 42"
exits 0 "$RENKI" runs --json
[ "$(value runs | grep -o '"robot": "child"' | wc -l)" = 2 ] || failed "the child is called once by each parent"

# Round in circles.
manifest='return { title = "circle", owner = "tests", permits = { robots = { "circle" } } }'
robot circle <<'LUA'
run:call "circle"
LUA
exits 3 "$RENKI" run circle
says "waits for this one"
# Not in the manifest.
manifest='return { title = "stranger", owner = "tests" }'
robot stranger <<'LUA'
run:call "child"
LUA
exits 3 "$RENKI" run stranger
says 'robots = { "child" }'

# Whoever cancels the parent cancels the child.
"$RENKI" run parent wait="1 h" >"$scene/cancelled" 2>&1 &
waits=$!
for _ in $(seq 300); do
    exits 0 "$RENKI" runs --most 1 --json
    [ "$(value runs[0].robot)" = child ] && [ "$(value runs[0].state)" = waiting ] && break
    sleep 0.1
done
is runs[0].state waiting
child=$(value runs[0].id)
exits 0 "$RENKI" cancel $((child - 1))
wait $waits
exits 0 "$RENKI" show "$child" --json
is run[0].state cancelled
