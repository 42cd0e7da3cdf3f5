# A queue holds a million items and says so when one more comes; whoever looks at it, works on it or takes it elsewhere gets
# what was asked for, and the host needs no more memory for it.
. "$SUPPORT/workspace.sh"

manifest='return { title = "fill", owner = "tests", permits = { queues = { letters = "fill" } },
  inputs = { from = { type = "number" } } }'
robot fill <<'LUA'
require("items").add_all("letters", { { no = run.inputs.from } }, { key = "no", amount = "no" })
LUA
manifest='return { title = "work", owner = "tests", permits = { queues = { letters = "work" } } }'
robot work <<'LUA'
local did = {}
require("items").each("letters", { most = 20 }, function(_, item) did[#did + 1] = item.key end)
print(#did .. " from " .. did[1])
LUA
exits 0 "$RENKI" run fill from=1
exits 0 python3 - .renki/store.sqlite <<'PYTHON'
import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
columns = "queue, state, note, priority, due_ms, added_by, created_ms, changed_ms"
store.execute(f"""INSERT INTO work_items ({columns}, key, amount, data)
  WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 999999)
  SELECT {columns}, i, i || '.50', '{{"no":' || i || '}}' FROM work_items, n""")
store.commit()
PYTHON

"$RENKI" serve >"$scene/serving" 2>&1 &
children=$!
for _ in $(seq 600); do grep -q "renki serves" "$scene/serving" && break; sleep 0.1; done
exits 0 "$RENKI" run fill from=1000000
exits 1 "$RENKI" run fill from=1000001
says 'The queue "letters" has 1000000 items, and no room for more.'
says "Use a queue a month, or a year."
exits 0 "$RENKI" run work
says "20 from 1"
exits 0 "$RENKI" items list letters --most 3 --json
is items[2].key 3
is totals.items.left 999980
exits 0 "$RENKI" items --json
is queues[0].new 999980
is queues[0].done 20

# All that it was asked for took no more memory than a host needs; with sanitizers it needs other amounts.
[ "${QUEUED:-10000}" = 10000 ] || exit 0
host=$(python3 -c 'import sqlite3
print(sqlite3.connect("file:.renki/store.sqlite?mode=ro", uri=True).execute(
    "SELECT identity FROM hosts WHERE serving = 1").fetchone()[0].split("/")[1])')
exits 0 grep VmHWM "/proc/$host/status"
[ "$(awk '{ print $2 }' "$said")" -lt 65536 ] || failed "the host's memory is bounded"
