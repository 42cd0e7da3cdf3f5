# The store is on a PostgreSQL server, reached by a socket file and by TCP with a password: every command does the same.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/database.sh"

manifest='return { title = "a test", owner = "tests", inputs = { lines = { type = "file", accept = { ".csv" } } } }'
robot half <<'LUA'
local sheet = require "sheet"
run:each(sheet.open(run.inputs.lines):rows { header = true }, { key = "no", sum = "sum" }, function(row)
  run:log("doing %s", row.no)
  if row.no == "3" and run.attempt == 1 then run:fail "the ledger is away" end
  return row.no
end)
run:step("report\0by bytes \xff", function() return run:log "reported" end)
LUA
manifest='return { title = "a test", owner = "tests" }'
robot endless <<'LUA'
run:log "working"
while true do end
LUA
printf 'no;sum\n1;1.10\n2;2.20\n3;3.30\n4;4.40\n' >lines.csv

exits 1 "$RENKI" run half lines=lines.csv
says "the ledger is away"
exits 0 "$RENKI" resume 1
says_not "doing 2"
says "reported"
exits 0 "$RENKI" show 1 --json
is .run[0].state done
is .totals.sums.done 11.00
exits 0 "$RENKI" runs
says half

: >"$scene/out"
"$RENKI" run endless >"$scene/out" 2>&1 &
child=$!
children=$child
until grep -q working "$scene/out"; do sleep 0.05; done
exits 0 "$RENKI" cancel 2
wait $child
[ $? = 130 ] || failed "a cancelled run ends with 130"
children=

echo "open sesame" | "$RENKI" secret set ledger --origin https://ledger.example --username robot >"$said" 2>&1 ||
    failed "a secret is set"
exits 0 "$RENKI" secret list
says ledger
exits 0 "$RENKI" doctor
says "✓ store"
says "postgresql 15"
says "✓ audit"
[ ! -e .renki/store.sqlite ] || failed "there is no other store"

# By TCP, with a password: in the address, or in a file that libpq knows.
server stop
port=$(free_port)
server start "$port" || failed "it listens on a port"
store "postgresql://renki:only%20for%20a%20test@localhost:$port/renki"
exits 1 "$RENKI" run half lines=lines.csv
exits 0 "$RENKI" resume 3
RENKI_LOG=debug "$RENKI" runs >"$said" 2>&1 || failed "runs are listed"
says half
says_not "only for a test"
exits 0 "$RENKI" doctor
says "renki@localhost"
says "✓ host: ports"
exits 0 "$RENKI_OLD" doctor
says "! host: ports"
says "Landlock ABI 3"
says_not "only for"
printf '127.0.0.1:%s:renki:renki:only for a test\n' "$port" >"$scene/passwords"
chmod 600 "$scene/passwords"
store "postgresql://renki@127.0.0.1:$port/renki?passfile=$scene/passwords"
exits 0 "$RENKI" runs
says half

# What is wrong is told, and the password is not.
store "postgresql://renki:wrongword@127.0.0.1:$port/renki"
exits 1 "$RENKI" runs
says "can't be reached"
says "password authentication failed"
says_not "wrongword"
store "postgresql://renki:wrong%word@127.0.0.1:$port/renki"
exits 3 "$RENKI" runs
says "no address of a database"
says_not "wrong%word"
store "mysql://renki@127.0.0.1/renki"
exits 3 "$RENKI" runs
says "no address of a database"
server stop
store "postgresql://renki:only%20for%20a%20test@127.0.0.1:$port/renki"
exits 1 "$RENKI" runs
says "can't be reached"
