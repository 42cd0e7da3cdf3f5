# "It did not run" is an event: what is late, what nobody approved, what was missed while no host ran, a share that is away
# and a file that is broken are told by the host, by mail and by a signed request; the list and the doctor show what is still
# so, and no longer.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/desk.sh"

cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", $desk, alerts = { $alerts, most_per_hour = 1000 },
  shares = { inbox = "$scene/inbox" }, schedules = { missed_after = "1 s" } }
SETTINGS
serve() {
    : >"$scene/serving"
    "$RENKI" serve >"$scene/serving" 2>&1 &
    serving=$!
    children="$children $serving"
    for _ in $(seq 300); do grep -q "renki serves" "$scene/serving" && return; sleep 0.1; done
    cp "$scene/serving" "$said"
    failed "renki serves"
}
# Both ways of an alert: of this kind and subject, with these words in its mail.
told() { # kind subject words
    for _ in $(seq 200); do
        grep '^signed ' "$scene/posted" | grep -F "\"kind\":\"$1\"" | grep -F "\"subject\":\"$2\"" >"$said" &&
            grep -qF -e "$3" "$scene/mails" && return
        sleep 0.1
    done
    cat "$scene/posted" "$scene/mails" >"$said"
    failed "an alert \"$1\" of $2 says \"$3\" by mail and by webhook"
}

robot quick <<'LUA'
run:log "quick"
LUA
robot hangs <<'LUA'
run:sleep("1 h")
LUA
mkdir -p schedules
schedule() { # name robot more
    printf 'return { robot = "%s", cron = "* * * * * *", timezone = "UTC", %s }\n' "$2" "$3" >"schedules/$1.lua"
}
schedule stuck hangs 'late = "1 s"'
schedule wanting quick 'approve = true'
schedule regular quick ''
printf 'return { robot = "quick", file = { share = "inbox", pattern = "*.csv", stable = "100 ms" } }\n' >schedules/arrives.lua
printf 'return { robot = "quick", cron = "0 8 * * *", timezone = "UTC" }\n' >schedules/morning.lua
commit
serve
for _ in $(seq 100); do "$RENKI" schedule list >"$said" 2>&1; grep -q "looked into" "$said" && break; sleep 0.1; done
[ "$(grep -c "its share can't be looked into" "$said")" = 1 ] || failed "the share is away, and nothing else is wrong"
exits 0 "$RENKI" schedule show arrives
says 'The share "inbox" can'\''t be looked into: it is not there.'
printf 'return { robot = "quick", cron = "0 8 * *", timezone = "UTC" }\n' >schedules/morning.lua
exits 0 "$RENKI" schedule list
says "its file is not in order"

told late stuck "\"stuck\" is late: run"
told missed wanting "\"wanting\" did not run: nobody approved it in time."
told schedule arrives "The share \"inbox\" can't be looked into"
told schedule morning "morning"
rm schedules/stuck.lua schedules/wanting.lua
exits 0 "$RENKI" doctor
says "1 schedule file has something wrong"
says "1 schedule waits for files in shares that can't be looked into"

# A share that comes later is beyond what the host may touch: that is said, until it is begun anew.
mkdir "$scene/inbox"
printf 'a;1\n' >"$scene/inbox/lines.csv"
for _ in $(seq 200); do "$RENKI" schedule show arrives >"$said" 2>&1; grep -q "not there when" "$said" && break; sleep 0.1; done
says 'The share "inbox" was not there when renki began'
kill "$serving" && wait "$serving"
[ -e "$scene/inbox/lines.csv" ] || failed "the file is left alone"
sleep 3
serve

# No host ran for a while: the one that comes tells it.
told missed regular "\"regular\" did not run when it was due"

# Put right: it shows no more, and the file starts its run.
printf 'return { robot = "quick", cron = "0 8 * * *", timezone = "UTC" }\n' >schedules/morning.lua
for _ in $(seq 200); do [ -e "$scene/inbox/done/lines.csv" ] && break; sleep 0.1; done
[ -e "$scene/inbox/done/lines.csv" ] || failed "the file is taken"
exits 0 "$RENKI" schedule list
says_not "can't be looked into"
says_not "not in order"
exits 0 "$RENKI" doctor
says_not "something wrong"
says_not "shares that can't"
[ "$(grep -cF 'looked into' "$scene/mails")" = 1 ] || failed "the share is told once"

# An alert that can't be sent is a line of the doctor.
touch "$scene/closed"
schedule morning nobody 'months = 1'
exits 0 "$RENKI" schedule list
for _ in $(seq 100); do "$RENKI" doctor >"$said" 2>&1; grep -q "could not be sent yet" "$said" && break; sleep 0.1; done
says "could not be sent yet"
