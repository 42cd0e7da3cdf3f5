# Everything a person can get wrong at the command line: one clear message, a code that is not zero, nothing recorded.
. "$SUPPORT/workspace.sh"

manifest='return { title = "a test", owner = "tests", inputs = {
  month = { type = "month" }, sum = { type = "decimal", required = false },
  lines = { type = "file", accept = { ".csv" }, required = false } } }'
robot report <<'LUA'
run:log "ran"
LUA

exits 2 "$RENKI" run nosuch
says 'no robot "nosuch"'
exits 2 "$RENKI" run reprot
says 'Did you mean "report"?'
exits 2 "$RENKI" run report
says month
exits 2 "$RENKI" run report month=2026-13 sum=12,x
says month
says sum
exits 2 "$RENKI" run report mnth=2026-10 month=2026-10
says 'Did you mean "month"?'
exits 1 "$RENKI" run report month=2026-10 lines=nowhere.csv
says nowhere.csv
echo x >lines.xls
exits 2 "$RENKI" run report month=2026-10 lines=lines.xls
says .csv
mkdir folder.csv
exits 1 "$RENKI" run report month=2026-10 lines=folder.csv
says folder.csv
exits 2 "$RENKI" run report month
exits 2 "$RENKI" run report --no-such-option
exits 2 "$RENKI" nosuchcommand
exits 2 "$RENKI" show 99
says "no run 99"
exits 2 "$RENKI" show x
exits 2 "$RENKI" resume 99
exits 2 "$RENKI" cancel 99
exits 2 "$RENKI" new robot Wrong/Name
exits 2 "$RENKI" new robot report
exits 2 "$RENKI" init "$workspace"

exits 0 "$RENKI" runs --json
is .runs "[]"

cd "$scene" || exit 1
exits 2 "$RENKI" run report
says "renki.lua"
exits 2 "$RENKI" doctor
