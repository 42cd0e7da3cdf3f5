# Five runs, each with a host of its own, empty a queue of 500 items; one is killed with an item in its hands. Each item
# is done by one run only, none is lost, and a person sees what the queue comes to.
. "$SUPPORT/workspace.sh"

manifest='return { title = "fill", owner = "tests", permits = { queues = { letters = "fill" } } }'
robot fill <<'LUA'
local decimal = require "decimal"
local items = require "items"
local list = {}
for i = 1, 500 do list[i] = { no = i, sum = decimal "1.10" } end
print("new", items.add_all("letters", list, { key = "no", amount = "sum" }))
items.expect("letters", { items = 500, sum = decimal "550.00" })
LUA
manifest='return { title = "work", owner = "tests", permits = { queues = { letters = "work" } },
  inputs = { slow = { type = "boolean", default = false } } }'
robot work <<'LUA'
local items = require "items"
items.each("letters", {}, function(_, item)
  run:step("look", function() return 1 end)
  if run.inputs.slow then
    print("holds " .. item.key)
    run:sleep "5 s"
    run:sleep "5 s"
    run:sleep "5 s"
  end
  print("did " .. item.key)
end)
LUA

exits 0 "$RENKI" run fill
says "new	500"
exits 0 "$RENKI" run fill
says "new	0"

: >"$scene/slow"
setsid "$RENKI" run work slow=true >"$scene/slow" 2>&1 &
slow=$!
children="$children $slow"
for _ in $(seq 600); do grep -q "holds 1" "$scene/slow" && break; sleep 0.05; done
grep -q "holds 1" "$scene/slow" || { cp "$scene/slow" "$said"; failed "the slow one holds an item"; }
for i in 1 2 3 4; do
    "$RENKI" run work >"$scene/worker$i" 2>&1 &
    eval "worker$i=\$!"
done
env kill -9 -- "-$slow"
wait $slow 2>/dev/null
for i in 1 2 3 4; do eval "wait \$worker$i" || { cp "$scene/worker$i" "$said"; failed "worker $i ends well"; }; done
exits 0 "$RENKI" run work # what the killed one had has come back by now, if nobody has done it yet
cat "$scene"/worker? "$said" | grep '^did' | sort >"$scene/did"
[ "$(wc -l <"$scene/did")" = 500 ] || failed "500 items are done"
[ "$(uniq "$scene/did" | wc -l)" = 500 ] || failed "none is done twice"

exits 0 "$RENKI" items --json
is queues[0].done 500
is queues[0].new 0
is totals[0].balanced true
is totals[0].sums.done 550.00
exits 0 "$RENKI" items
says "balanced"
exits 0 "$RENKI" items list letters --state done --most 2
says "balanced: 550.00"
