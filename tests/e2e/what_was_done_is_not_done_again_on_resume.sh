# A run fails in the midst; `renki resume` goes on where it stopped, with the tree and the inputs it began with.
. "$SUPPORT/workspace.sh"

manifest='return { title = "a test", owner = "tests", inputs = { lines = { type = "file", accept = { ".csv" } } } }'
robot half <<'LUA'
local sheet = require "sheet"
run:each(sheet.open(run.inputs.lines):rows { header = true }, { key = "no", sum = "sum" }, function(row)
  run:log("doing %s", row.no)
  if row.no == "3" and run.attempt == 1 then run:fail "the ledger is away" end
  return row.no
end)
run:step("report", function() return run:log "reported" end)
LUA
printf 'no;sum\n1;1.10\n2;2.20\n3;3.30\n4;4.40\n' >lines.csv
exits 1 "$RENKI" run half lines=lines.csv
says "doing 1"
says "doing 3"
says_not "doing 4"
says "the ledger is away"
says "renki resume 1"

echo 'run:log "another robot by now"' >robots/half/robot.lua
commit
rm lines.csv
exits 0 "$RENKI" resume 1
says_not "doing 1"
says_not "doing 2"
says "doing 3"
says "doing 4"
says "reported"
exits 0 "$RENKI" show 1 --json
is .run[0].state done
is .run[0].attempt 2
is .totals.items.done 4
is .totals.sums.done 11.00
exits 2 "$RENKI" resume 1
