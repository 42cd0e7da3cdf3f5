# `renki store copy`: from the file in .renki to a server and back; runs, secrets and the audit log go along.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/database.sh"
address=$(server address)

cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key" }
SETTINGS
robot hello <<'LUA'
run:each({ { no = 1 }, { no = 2 } }, { key = "no" }, function(row) run:log("item %d", row.no) end)
LUA
exits 0 "$RENKI" run hello
exits 0 "$RENKI" run hello
echo "open sesame" | "$RENKI" secret set ledger --origin https://ledger.example --username robot >"$said" 2>&1 ||
    failed "a secret is set"

# Not while a daemon serves it.
: >"$scene/serving"
"$RENKI" serve >"$scene/serving" 2>&1 &
daemon=$!
children=$daemon
until grep -q "serves" "$scene/serving"; do
    kill -0 $daemon || failed "it serves"
    sleep 0.05
done
exits 1 "$RENKI" store copy sqlite "$address"
says "in use"
kill $daemon
wait $daemon 2>/dev/null
children=

exits 0 "$RENKI" store copy sqlite "$address"
says "runs: 2 rows"
says "secrets: 1 row"
says "All is there"
exits 3 "$RENKI" store copy sqlite "$address"
says "is not empty"
store "$address"
exits 0 "$RENKI" show 2 --json
is .run[0].state done
is .totals.items.done 2
exits 0 "$RENKI" run hello
exits 0 "$RENKI" secret list
says ledger
exits 0 "$RENKI" doctor
says "✓ audit"

mv .renki/store.sqlite "$scene/former.sqlite"
rm -f .renki/store.sqlite-*
exits 0 "$RENKI" store copy renki.lua sqlite --json
is .tables "$(value .tables)"
store sqlite
exits 0 "$RENKI" show 3 --json
is .run[0].state done
exits 0 "$RENKI" doctor
says "✓ audit"
says "store.sqlite"

exits 2 "$RENKI" store copy sqlite postgresql://renki:secret@db.example/renki
says "can be read by everybody"
exits 3 "$RENKI" store copy sqlite mysql
says "is no store"
exits 3 "$RENKI" store copy sqlite sqlite
says "the same database"
