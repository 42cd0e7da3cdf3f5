# The store's statements are written once, for SQLite and PostgreSQL: a server prepares each of them.
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
