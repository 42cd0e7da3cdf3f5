# 10,000 runs are queued when the daemon starts: commands answer all the while, and every run is done, the urgent first.
# QUEUED says how many, if not so many.
. "$SUPPORT/workspace.sh"
queued=${QUEUED:-10000}

robot small <<'LUA'
run:log "done"
LUA
exits 0 "$RENKI" run small

python3 - .renki/store.sqlite "$queued" <<'PYTHON' || failed "runs are queued"
import sqlite3, sys, time
queued = int(sys.argv[2])
first = int(time.time() * 1000) - queued
store = sqlite3.connect(sys.argv[1])
tree, manifest = store.execute("SELECT tree, manifest FROM runs").fetchone()
store.executemany(
    "INSERT INTO runs (robot, state, tree, draft, dry_run, actor, language, folder, host, inputs, manifest, created_ms,"
    " queued_ms, served, priority) VALUES ('small', 'queued', ?, 0, 0, 'tests', 'en', '', '', '{}', ?, ?, ?, 1, ?)",
    ((tree, manifest, first + n, first + n, 1 if n > queued - 100 else 0) for n in range(1, queued + 1)))
store.commit()
PYTHON

"$RENKI" serve >"$scene/serve" 2>&1 &
children=$!
tries=0
until grep -qs 'renki' "$scene/serve"; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || failed "the daemon serves"
    sleep 0.1
done

left() { python3 -c "
import sqlite3
store = sqlite3.connect('file:.renki/store.sqlite?mode=ro', uri=True, timeout=60)
print(store.execute(\"SELECT count(*) FROM runs WHERE state <> 'done'\").fetchone()[0])"; }
now=$(left)
while [ "$now" -gt 0 ]; do
    exits 0 "$RENKI" runs --json # the host answers in the midst of it
    sleep 0.5
    before=$now
    now=$(left)
    if [ "$now" = "$before" ]; then
        still=$((${still:-0} + 1))
        [ $still -lt 60 ] || failed "the queue moves on ($now left)"
    else
        still=0
    fi
done

python3 - .renki/store.sqlite "$queued" <<'PYTHON' >"$said" 2>&1 || failed "all are done once, the urgent first"
import sqlite3, sys
queued = int(sys.argv[2])
store = sqlite3.connect(sys.argv[1])
assert store.execute("SELECT count(*), max(attempt) FROM runs WHERE state = 'done'").fetchone() == (queued + 1, 1)
order = [run for run, in store.execute("SELECT id FROM runs WHERE id > 1 ORDER BY started_ms, id")]
urgent = sorted(order.index(run) for run in range(queued - 98, queued + 2))
assert urgent[-1] < 200, urgent[-1]  # some had been taken when these were looked at
PYTHON
