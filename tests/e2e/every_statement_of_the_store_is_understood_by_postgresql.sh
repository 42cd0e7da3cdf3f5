# The store's statements are written once, for SQLite and PostgreSQL: a server prepares each of them. What goes through
# items bit by bit finds the next ones by an index, and does not sort a million to find them.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/database.sh"

exits 0 "$RENKI" runs
cat >"$scene/statements.py" <<'PYTHON'
import glob, os, re, sys
# Literals that follow each other, as the compiler joins them.
for path in sorted(glob.glob(sys.argv[1] + "/*.c")):
    name = os.path.basename(path)
    if name in ("store_sqlite.c", "store_postgres.c", "dialect.c", "migrations.c"):
        continue
    source = re.sub(r"//[^\n]*", "", open(path).read())
    for literals in re.finditer(r'(?:"(?:[^"\\]|\\.)*"\s*)+', source):
        text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals.group(0))).replace('\\"', '"')
        if re.match(r"(SELECT|INSERT|UPDATE|DELETE|WITH) ", text) and "%" not in text:
            print(f"-- {name}\nPREPARE a AS {re.sub(r'[?](?=[0-9])', '$', text)}; DEALLOCATE a;")
PYTHON
python3 "$scene/statements.py" "$SUPPORT/../../runner/host/store" >"$scene/statements.sql" || failed "statements are found"
[ "$(grep -c PREPARE "$scene/statements.sql")" -gt 100 ] || failed "there are more than a hundred"
server sql "$(cat "$scene/statements.sql")" >"$said" 2>&1 || failed "PostgreSQL understands each"

cat >"$scene/plans.py" <<'PYTHON'
import re, sqlite3, sys
store = sqlite3.connect(sys.argv[2])
looked = 0
for statement in re.findall(r"PREPARE a AS (.*); DEALLOCATE", open(sys.argv[1]).read()):
    if re.search(r"FROM (work_items WHERE queue|entries WHERE run = .* scope) .*(ORDER BY .* LIMIT|GROUP BY)", statement) and "FOR UPDATE" not in statement:
        statement = re.sub(r"[$](?=[0-9])", "?", statement)
        wanted = [0] * len(set(re.findall(r"[?][0-9]+", statement)))
        plan = [row[3] for row in store.execute("EXPLAIN QUERY PLAN " + statement, wanted)]
        looked += 1
        if any("TEMP B-TREE" in line for line in plan):
            print(statement, plan)
print("looked at", looked)
PYTHON
exits 0 "$RENKI" init "$scene/plain"
(cd "$scene/plain" && exec "$RENKI" runs >"$said" 2>&1) || failed "a workspace has a store of its own"
exits 0 python3 "$scene/plans.py" "$scene/statements.sql" "$scene/plain/.renki/store.sqlite"
[ "$(wc -l <"$said")" = 1 ] || failed "none is sorted"
says_not "looked at 0"
