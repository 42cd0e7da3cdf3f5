# A robot asks a person: the run waits and costs nothing; what is answered is checked, kept with who said it, and the run
# goes on. Where nobody answers in time, what the robot says for that holds.
. "$SUPPORT/workspace.sh"

manifest='return { title = "a test", owner = "aino", deputy = "eino" }'
robot pay <<'LUA'
run:step("prepare", function() return run:log "prepared" end)
local report = require "sheet".create("report.xlsx")
report:table("Invoices", { "No" }, { { "4711" } })
report:close()
local answer = run:ask {
  title = "Pay the invoices?", to = "aino", text = "They are in the file.", files = report,
  fields = {
    { name = "approved", type = "boolean", label = { en = "Approved?" } },
    { name = "sum", type = "decimal", default = "10.00" },
    { name = "day", type = "date", required = false },
  },
}
run:log("approved %s sum %s day %s by %s", answer.approved, answer.sum, answer.day, answer.by)
LUA
robot hurry <<'LUA'
local answer = run:ask {
  title = "Quick?", due = "2 s", otherwise = { yes = false }, fields = { { name = "yes", type = "boolean" } },
}
run:log("yes is %s by %s", answer.yes, answer.by)
LUA
robot strict <<'LUA'
run:ask { title = "Now?", due = "2 s", otherwise = "fail", fields = {} }
LUA
robot wrong <<'LUA'
run:ask { title = "What?", due = "2 s", otherwise = { yes = "perhaps" }, fields = { { name = "yes", type = "boolean" } } }
LUA
robot asks <<'LUA'
local answer = run:ask { title = "Go on?", fields = { { name = "yes", type = "boolean" } } }
run:log("went on: %s", answer.yes)
LUA

# Without a daemon: the command ends, the answer is taken, resume goes on.
exits 5 "$RENKI" run pay
says "prepared"
says "Run 1 waits for an answer from aino: renki tasks show 1"
exits 0 "$RENKI" tasks show 1
says "They are in the file."
says "Approved?"
says "report.xlsx"
[ -s .renki/artifacts/1/report.xlsx ] || failed "the file is kept for the person"
exits 2 "$RENKI" tasks answer 1 approved=perhaps
says "approved"
exits 2 "$RENKI" tasks answer 1 approvd=yes
says "approved"
exits 3 "$RENKI" tasks answer 1 --done
says "is a form"
exits 0 "$RENKI" tasks answer 1 approved=kyllä sum="12,50"
exits 3 "$RENKI" tasks answer 1 approved=no
exits 0 "$RENKI" resume 1
says_not "prepared"
says "approved true sum 12"
exits 0 "$RENKI" show 1 --json
is .run[0].state done
is .questions[0].state answered
is .questions[0].stands_in true
exits 3 "$RENKI" tasks show 99
exits 2 "$RENKI" tasks answer x

# What is wrong with the question itself is the robot's mistake, told at once.
exits 1 "$RENKI" run wrong
says "yes"

# A daemon goes on by itself, with the answer or without one.
"$RENKI" serve >"$scene/serve" 2>&1 &
children="$children $!"
tries=0
until [ -S .renki/host.sock ]; do
    tries=$((tries + 1)) && [ $tries -lt 300 ] || failed "the host listens"
    sleep 0.1
done
state_is() { # run state: within 30 s
    tries=0
    until "$RENKI" show "$1" --json >"$said" 2>&1 && [ "$(value .run[0].state)" = "$2" ]; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || failed "run $1 is $2"
        sleep 0.1
    done
}
exits 5 "$RENKI" run asks
task=$("$RENKI" tasks list --json | sed -n 's/.*"tasks":\[{"id":\([0-9]*\).*/\1/p')
exits 0 "$RENKI" tasks answer "$task" yes=yes
state_is 3 done
exits 0 "$RENKI" log 3
says "went on: true"
exits 5 "$RENKI" run hurry
state_is 4 done
exits 0 "$RENKI" log 4
says "yes is false by renki"
exits 5 "$RENKI" run strict
state_is 5 failed
is .run[0].fault.code QUESTION_UNANSWERED
exits 0 "$RENKI" tasks list
says "Nobody is asked anything"
exits 5 "$RENKI" run asks
exits 0 "$RENKI" cancel 6
state_is 6 cancelled
exits 0 "$RENKI" tasks list --json
is .tasks "[]"
