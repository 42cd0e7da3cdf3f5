# Several command lines at once on one workspace: each has its own host, none loses anything.
. "$SUPPORT/workspace.sh"

robot counter <<'LUA'
local numbers = {}
for i = 1, 50 do numbers[i] = { no = i, sum = "0.10" } end
run:expect { items = 50, sum = "5.00" }
run:each(numbers, { key = "no", sum = "sum" }, function(row) return row.no end)
LUA
for i in 1 2 3 4; do
    "$RENKI" run counter --json >"$scene/out$i" 2>&1 &
    eval "child$i=$!"
done
for i in 1 2 3 4; do
    eval "wait \$child$i" || { cp "$scene/out$i" "$said"; failed "run $i ends well"; }
    cp "$scene/out$i" "$said"
    is .run[0].state done
    is .totals.balanced true
    is .totals.items.done 50
done
exits 0 "$RENKI" runs --json
is .runs[3].state done
