# Owner, review date, retirement: who owns nothing any more is asked, warned, and stops; retiring ends all in one act.
. "$SUPPORT/workspace.sh"

settings() { # whether the bookkeeper is active
    cat >renki.lua <<LUA
return { key = "$scene/gateway.key", 
  people = { bookkeeper = { name = "Bookkeeper", email = "bookkeeper@city.example", active = $1 },
             controller = { name = "Controller", email = "controller@city.example" } } }
LUA
    commit
}
serve() {
    : >"$scene/serve"
    "$RENKI" serve >"$scene/serve" 2>&1 &
    server=$!
    children=$server
    for _ in $(seq 600); do grep -q . "$scene/serve" && return; sleep 0.05; done
    failed "the host serves"
}
stop() {
    kill "$server"
    wait "$server" 2>/dev/null
    children=
}
until_says() { # text command…
    wanted=$1
    shift
    for _ in $(seq 300); do
        "$@" >"$said" 2>&1
        grep -qF "$wanted" "$said" && return
        sleep 0.1
    done
    failed "\"$*\" says \"$wanted\""
}
day() { date -d "$1" +%F; }

manifest="return { title = 'Rents', owner = 'bookkeeper', review = '$(day '100 days ago')',
  permits = { http = { { 'GET', 'https://bank.example/*', login = 'bank' }, { 'GET', 'https://ledger.example/*', login = 'ledger' } } } }"
robot rents <<'LUA'
run:log("rents")
LUA
manifest="return { title = 'Taxes', owner = 'controller', permits = { http = { { 'GET', 'https://ledger.example/*', login = 'ledger' } } } }"
robot taxes <<'LUA'
run:log("taxes")
LUA
mkdir -p schedules
cat >schedules/often.lua <<'LUA'
return { robot = "rents", cron = "* * * * * *", timezone = "Europe/Helsinki" }
LUA

# whoever owns it is reminded, and it goes on
settings true
for login in bank ledger; do
    echo "a long password" | "$RENKI" secret set $login --origin https://$login.example --username robot >"$said" 2>&1 || failed "it is set"
done
exits 0 "$RENKI" robots
says "to be reviewed"
exits 0 "$RENKI" robots --json
is .robots[0].stage past
serve
until_says "past its review date" "$RENKI" alerts
until_says '"state":"done"' "$RENKI" schedule show often --json
stop

# the owner has left: long past the date it takes no new scheduled runs; by hand it still runs
settings false
exits 0 "$RENKI" robots
says "stopped: nobody owns it"
serve
until_says "nobody active owns it: it takes no new scheduled runs" "$RENKI" alerts
"$RENKI" alerts --json >"$said"
[ "$(grep -o 'past its review date' "$said" | wc -l)" = 2 ] || failed "each stage is told once"
exits 0 "$RENKI" run rents
stop

# somebody keeps it, with a reason
exits 3 "$RENKI" keep rents --until "$(day yesterday)" --why "still needed"
says "no day on which to look again"
exits 3 "$RENKI" keep rents --until "$(day '90 days')"
says "The reason is missing"
exits 0 "$RENKI" keep rents --until "$(day '90 days')" --why "the controller takes it over"
exits 0 "$RENKI" robots --json
is .robots[0].stage fine
is .robots[0].review "$(day '90 days')"
is .robots[0].kept_why "the controller takes it over"

# not at the month's end: the day of stopping falls into it, whatever today is, and moves behind it
manifest="return { title = 'Fees', owner = 'bookkeeper', review = '2026-10-29' }"
robot fees <<'LUA'
run:log("fees")
LUA
exits 0 "$RENKI" robots --json
is .robots[0].stops 2026-12-11

# retiring: schedules and the logins that nobody else names end, runs stay
exits 3 "$RENKI" retire rents
says "The reason is missing"
rm -r robots/taxes # in the working files only: what is saved names the login ledger, and runs
exits 0 "$RENKI" retire rents --why "the new ledger does it"
says "ended: the schedule often"
says "removed: the login bank"
says "the login ledger"
exits 0 "$RENKI" secret list
says ledger
says_not bank
exits 0 "$RENKI" schedule show often
says "the new ledger does it"
exits 3 "$RENKI" run rents
says "is retired: the new ledger does it"
exits 3 "$RENKI" retire rents --why again
says "is retired"
exits 0 "$RENKI" robots
says retired
exits 0 "$RENKI" show 1
exits 0 "$RENKI" evidence 1 "$scene/one.zip"
exits 0 "$RENKI" retire rents --undo
exits 3 "$RENKI" run rents
says "There is no secret bank"
exits 3 "$RENKI" retire rents --undo
says "is not retired"
