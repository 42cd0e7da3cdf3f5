# What is not approved at its due time is told; in an emergency two administrators run it all the same, and that stays to be
# seen.
. "$SUPPORT/workspace.sh"

settings() { # groups
    cat >renki.lua <<SETTINGS
return {
  key    = "$scene/gateway.key",
  mode   = "production",
  people = {
    bookkeeper    = { name = "The bookkeeper", email = "bookkeeper@city.example" },
    controller    = { name = "The controller", email = "controller@city.example" },
    administrator = { name = "The administrator", email = "administrator@city.example" },
    head          = { name = "The head of IT", email = "head@city.example", keys = { "$(cat "$scene/head.pub")" } },
  },
  groups   = { controllers = { "controller" }, administrators = { $1 } },
  approval = { group = "controllers" },
}
SETTINGS
}
waits_for() { # run state
    for i in $(seq 600); do
        "$RENKI" show "$1" --json >"$said" 2>&1 && [ "$(value .run[0].state)" = "$2" ] && return
        sleep 0.1
    done
    failed "run $1 is $2"
}

ssh-keygen -q -t ed25519 -N "" -f "$scene/head" && ssh-keygen -q -t ed25519 -N "" -f "$scene/other" || failed "keys are made"
settings '"administrator", "head"'
mkdir -p robots/pay schedules
echo 'run:log("paid " .. run.inputs.month)' >robots/pay/robot.lua
echo 'return { title = "Pay", owner = "bookkeeper", inputs = { month = { type = "text", default = "October" } } }' \
    >robots/pay/manifest.lua
echo 'return { robot = "pay", cron = "* * * * *", timezone = "UTC" }' >schedules/pay.lua
git add -A && git -c user.name="The bookkeeper" -c user.email=bookkeeper@city.example commit -qm "pay" || failed "git commits"
"$RENKI" serve >"$scene/serve" 2>&1 &
server=$!
children="$children $server"
until [ -S .renki/host.sock ]; do sleep 0.05; done

# Its schedule is told of it, and takes it up again once somebody approves.
exits 0 "$RENKI" schedule run pay
for i in $(seq 600); do
    "$RENKI" alerts --json >"$said" 2>&1
    grep -q '"kind":"unapproved"' "$said" && break
    sleep 0.1
done
says '"kind":"unapproved"'
says "was not approved when it was due"
exits 0 "$RENKI" schedule pause pay --why "the scene"
exits 0 "$RENKI" runs --json
is .runs[0].state refused

# Who may ask, and how.
exits 3 "$RENKI" run pay --emergency --as administrator
says "has to say why"
exits 3 "$RENKI" run pay --emergency --as controller --why "salaries"
says "administrator, head"
exits 3 "$RENKI" run pay
"$RENKI" run pay month=November --emergency --as administrator --why "salaries are due" >"$scene/asked" 2>&1 &
asked=$!
children="$children $asked"
for i in $(seq 600); do
    "$RENKI" emergency --json >"$said" 2>&1
    grep -q '"run"' "$said" && break
    sleep 0.1
done
run=$(value .emergencies[0].run)
waits_for "$run" queued
exits 0 "$RENKI" queue
says "second administrator"

# Not the same one, not who is no administrator, not without the key; not with another's, nor with a word for another run.
exits 3 "$RENKI" emergency allow "$run" --as administrator
says "can't allow it as well"
says "head"
exits 3 "$RENKI" emergency allow "$run" --as controller
exits 3 "$RENKI" emergency allow "$run" --as head
says "registered keys"
exits 3 "$RENKI" emergency allow "$run" --as head --key "$scene/other"
exits 3 "$RENKI" emergency allow 999 --as head --key "$scene/head"
waits_for "$run" queued
exits 0 "$RENKI" emergency allow "$run" --as head --key "$scene/head"
says "allows the emergency run $run"
wait $asked || failed "the run that was asked for ends well"
cp "$scene/asked" "$said"
says "paid November"
says "salaries are due"
exits 3 "$RENKI" emergency allow "$run" --as head --key "$scene/head"

# It stays to be seen: in the run, the list, the review, the audit log, the alerts; and the content is not approved by it.
exits 0 "$RENKI" show "$run"
says "Asked by administrator, allowed by head: salaries are due"
exits 0 "$RENKI" runs
says "emergency"
exits 0 "$RENKI" review pay
says "Asked by administrator, allowed by head: salaries are due"
exits 0 "$RENKI" emergency --json
is '.emergencies[0].asked_account' "$(id -un)"
is '.emergencies[0].allowed_account' ""
exits 0 "$RENKI" alerts --json
says '"kind":"emergency"'
python3 - >"$said" <<'PYTHON' || failed "the audit log is read"
import sqlite3
for row in sqlite3.connect("file:.renki/store.sqlite?mode=ro", uri=True).execute("SELECT event, actor FROM audit"): print(*row)
PYTHON
says "emergency.asked administrator"
says "emergency.allowed head"
says "run.refused"
exits 3 "$RENKI" run pay

# What is approved needs no emergency. A rejection takes one more look.
exits 0 "$RENKI" approve pay --as controller
exits 3 "$RENKI" run pay --emergency --as administrator --why "again"
says "there is no emergency"
exits 0 "$RENKI" run pay
kill -INT $server
wait $server
children=
