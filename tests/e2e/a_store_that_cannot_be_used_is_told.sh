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
