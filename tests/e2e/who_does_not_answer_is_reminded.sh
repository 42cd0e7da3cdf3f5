# A question with a time: the person is reminded, at its time the deputy is asked, and the deputy's answer is taken; where
# the robot says what holds then, that holds. Answers are typed at a terminal, field by field, and a wrong one is asked again.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/desk.sh"

cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", $desk, alerts = { $alerts, most_per_hour = 1000 } }
SETTINGS
manifest='return { title = "a test", owner = "bookkeeper", deputy = "controller" }'
robot asks <<'LUA'
local answer = run:ask { title = "Pay the invoices?", due = "4 s", fields = {
  { name = "approved", type = "boolean", label = { en = "Approved?" } },
  { name = "sum", type = "decimal", default = "10.00" },
} }
run:log("approved %s, %s by %s", answer.approved, answer.sum, answer.by)
LUA
robot goes <<'LUA'
local answer = run:ask { title = "Go on?", due = "2 s", otherwise = { yes = false },
  fields = { { name = "yes", type = "boolean" } } }
run:log("yes is %s by %s", answer.yes, answer.by)
LUA
"$RENKI" serve >"$scene/serving" 2>&1 &
children="$children $!"
for _ in $(seq 300); do grep -q "renki serves" "$scene/serving" && break; sleep 0.1; done
count() { # state or kind of alert, what
    exits 0 "$RENKI" alerts --json
    python3 -c 'import json, sys
print(sum(a["kind"] == sys.argv[2] for a in json.load(open(sys.argv[1]))["alerts"]))' "$said" "$1"
}
until_mail() { # words
    for _ in $(seq 200); do grep -qF -e "$1" "$scene/mails" && return; sleep 0.1; done
    cp "$scene/mails" "$said"
    failed "a mail says \"$1\""
}
state_is() { # run state
    for _ in $(seq 200); do
        "$RENKI" show "$1" --json >"$said" 2>&1 && [ "$(value .run[0].state)" = "$2" ] && return
        sleep 0.1
    done
    failed "run $1 is $2"
}

exits 5 "$RENKI" run goes
exits 5 "$RENKI" run asks
state_is 1 done
exits 0 "$RENKI" log 1
says "yes is false by renki"
exits 3 "$RENKI" tasks answer 1 yes=yes

# asked, reminded, then the deputy
until_mail "controller"
[ "$(count task)" = 4 ] || failed "each is asked and reminded once"
[ "$(count "overdue task")" = 2 ] || failed "each is told as overdue once"
exits 0 "$RENKI" tasks list
says "controller"
sleep 2
[ "$(count "overdue task")" = 2 ] || failed "nobody is told twice"
exits 0 "$RENKI" show 2 --json
is .run[0].state waiting

# Typed: what is wrong is told and asked again, what was typed before stays, a default holds.
exits 0 python3 "$SUPPORT/terminal.py" "Approved?: " "perhaps^M" -- "sum [10.00]: " "12,50^M" \
    -- "Approved? [perhaps]: " "yes^M" -- "sum [12,50]: " "^M" "$RENKI" tasks answer 2
says '"perhaps"'
state_is 2 done
exits 0 "$RENKI" log 2
says "approved true, 12,50 by "
# A terminal that ends has answered nothing.
exits 5 "$RENKI" run asks
exits 2 python3 "$SUPPORT/terminal.py" "Approved?: " "yes^M" -- "sum [10.00]: " "$(printf '\004')" "$RENKI" tasks answer 3
exits 0 "$RENKI" tasks show 3
says_not "answered"
