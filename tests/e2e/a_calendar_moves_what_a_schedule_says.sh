# A workplace's own calendar closes a day: the run moves, the reason is said, and a change of the calendar plans it anew.
. "$SUPPORT/workspace.sh"

robot hello <<'LUA'
run:log "hello"
LUA
day=$(date -d "+3 days" +%Y-%m-%d)
mkdir -p schedules/calendars
calendar() { # day name
    cat >schedules/calendars/own.ics <<ICS
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//renki//test//EN
BEGIN:VEVENT
UID:$1@renki
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:$(echo "$1" | tr -d -)
SUMMARY:$2
END:VEVENT
END:VCALENDAR
ICS
}
calendar 2020-01-01 "long ago"
cat >schedules/soon.lua <<LUA
return { robot = "hello", cron = "30 7 ${day#*-*-} ${day#*-} *", timezone = "Europe/Helsinki",
         calendar = { "own", otherwise = "next" } }
LUA
sed -i "s/cron = \"[^\"]*\"/cron = \"30 7 $(date -d "$day" "+%-d %-m") *\"/" schedules/soon.lua
cat >schedules/wrong.lua <<'LUA'
return { robot = "hello", cron = "0 8 * * *", calendar = { "no-such-calendar", otherwise = "skip" } }
LUA
"$RENKI" serve >"$scene/serve" 2>&1 &
children=$!
until [ -S .renki/host.sock ]; do sleep 0.05; done
exits 0 "$RENKI" schedule list
says "not in order"
exits 0 "$RENKI" schedule show wrong
says "no-such-calendar"
exits 0 "$RENKI" schedule next soon --count 1
before=$(cat "$said")
calendar "$day" "Closing of the books"
for _ in $(seq 300); do
    exits 0 "$RENKI" schedule show soon --json
    grep -q "Closing of the books" "$said" && break
    sleep 0.1
done
says "Closing of the books"
exits 0 "$RENKI" schedule next soon --count 1
[ "$before" != "$(cat "$said")" ] || failed "the run moves with the calendar"
