# The database is locked, damaged or read-only: one clear message, and nothing is lost.
. "$SUPPORT/workspace.sh"

robot hello <<'LUA'
run:log "hello"
LUA
exits 0 "$RENKI" run hello

python3 - "$workspace/.renki/store.sqlite" <<'PYTHON' &
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
open(sys.argv[1] + ".held", "w").close()
time.sleep(9)
PYTHON
holder=$!
children=$holder
until [ -e .renki/store.sqlite.held ]; do sleep 0.05; done
exits 1 "$RENKI" run hello
says "in use by another program"
says "Nothing was lost"
kill $holder
wait $holder 2>/dev/null
children=
exits 0 "$RENKI" run hello

# Under a daemon nobody needs to do anything: what could not be recorded is done again from the journal, once it can be.
robot many <<'LUA'
local rows = {}
for i = 1, 2000 do rows[i] = { no = i } end
run:each(rows, { key = "no" }, function(row) return row.no end)
LUA
: >"$scene/serve"
"$RENKI" serve >"$scene/serve" 2>&1 &
children=$!
until grep -q "renki serves" "$scene/serve"; do sleep 0.05; done
python3 - .renki/store.sqlite "$scene/serve" <<'PYTHON' &
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
while database.execute("SELECT count(*) FROM entries").fetchone()[0] < 20:
    time.sleep(0.005)
database.execute("BEGIN IMMEDIATE")
while "run.end" not in open(sys.argv[2]).read():  # the end of the run could not be recorded either
    time.sleep(0.05)
PYTHON
holder=$!
children="$children $holder"
exits 0 "$RENKI" run many
wait "$holder" || failed "the database was held"
says done
run=$("$RENKI" runs --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["runs"][0]["id"])')
exits 0 "$RENKI" show "$run" --json
is totals.items.done 2000
is run[0].attempt 2
for child in $children; do kill "$child" 2>/dev/null && wait "$child" 2>/dev/null; done
children=

cp -r .renki "$scene/kept"
printf 'this is no database' >.renki/store.sqlite
rm -f .renki/store.sqlite-wal .renki/store.sqlite-shm
exits 1 "$RENKI" runs
says "is damaged"
says "backup"
rm -rf .renki
cp -r "$scene/kept" .renki
exits 0 "$RENKI" runs

chmod -R a-w .renki
exits 1 "$RENKI" run hello
says "can't be written"
chmod -R u+w .renki
exits 0 "$RENKI" run hello
exits 0 "$RENKI" doctor
says audit
