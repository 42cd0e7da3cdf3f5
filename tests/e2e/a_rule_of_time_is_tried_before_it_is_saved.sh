# `renki schedule next` of a rule that is not saved, and `renki calendar`: outside a workspace and in one.
. "$SUPPORT/workspace.sh"

lines() { # what the last command said on standard output and error, line by line
    printf '%s\n' "$@" | cmp -s - "$said" || failed "it says exactly: $*"
}

mkdir "$scene/elsewhere" && cd "$scene/elsewhere" || exit 1

# ---- cron, around the change of the clock, and moved by a calendar
exits 0 "$RENKI" schedule next --cron "30 3 * * *" --from 2026-03-28T03:30:00+02:00 --count 2
lines "2026-03-29T04:00:00+03:00  because the clock skips 03:30 on 29.3.2026: at the first moment after" \
    "2026-03-30T03:30:00+03:00"
exits 0 "$RENKI" schedule next --cron "30 3 * * *" --from 2026-10-25T00:00+03:00 --count 2
lines "2026-10-25T03:30:00+03:00  because the clock shows 03:30 twice on 25.10.2026: once, the first time" \
    "2026-10-26T03:30:00+02:00"
exits 0 "$RENKI" schedule next --cron "30 7 1 5 *" --calendar FI --otherwise next --from 2026-04-01 --count 1
lines "2026-05-04T07:30:00+03:00  because 1.5.2026 is May Day: moved to the next business day"
exits 0 "$RENKI" schedule next --cron "30 7 1 5 *" --calendar FI,target --otherwise previous --from 2026-04-01 --count 1
lines "2026-04-30T07:30:00+03:00  because 1.5.2026 is May Day: moved to the business day before"
exits 0 "$RENKI" schedule next --cron "0 0 30 2 *"
[ ! -s "$said" ] || failed "what never comes says nothing"

# ---- recurrence rules, bare and as lines
exits 0 "$RENKI" schedule next --rrule "FREQ=MONTHLY;BYMONTHDAY=-1" --dtstart 2026-01-31T07:30 --timezone UTC \
    --from 2026-02-01T00:00Z --count 2
lines "2026-02-28T07:30:00Z" "2026-03-31T07:30:00Z"
exits 0 "$RENKI" schedule next --rrule 'RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260102T090000\nRDATE:20260110T090000' \
    --dtstart 20260101T090000 --from 2025-12-31T00:00Z --json
is times[0].at 2026-01-01T09:00:00+02:00
is times[1].at 2026-01-03T09:00:00+02:00
is times[2].at 2026-01-10T09:00:00+02:00

# ---- what is wrong with a rule is told, and is wrong use
exits 2 "$RENKI" schedule next --cron "61 7 * * *"
says 'The cron field "minute" goes from 0 to 59; 61 is outside.'
exits 2 "$RENKI" schedule next --rrule "FREQ=DAILY;BYDAYS=MO" --dtstart 2026-01-01
says "Did you mean BYDAY?"
exits 2 "$RENKI" schedule next --cron @daily --timezone Europe/Helsinky
says "Did you mean Europe/Helsinki?"
exits 2 "$RENKI" schedule next --cron @daily --calendar fi-holiday --otherwise next
says "fi-holidays, fi-public-holidays"
exits 2 "$RENKI" schedule next
exits 2 "$RENKI" schedule someday

# ---- calendars and sums
exits 0 "$RENKI" calendar fi-holidays --year 2026
says "2026-06-19  Midsummer Eve"
exits 0 "$RENKI" calendar FI-public --year 2026
says_not "Midsummer Eve"
exits 0 "$RENKI" calendar FI --is 2026-12-24
lines "false  Christmas Eve"
exits 0 "$RENKI" calendar TARGET2 --is 2026-12-24
lines "true"
exits 0 "$RENKI" calendar SE --next 2026-06-06
lines "2026-06-08"
exits 0 "$RENKI" calendar EE --previous 24.2.2026
lines "2026-02-23"
exits 0 "$RENKI" calendar FI --modified-following 2026-05-31
lines "2026-05-29"
exits 0 "$RENKI" calendar target --add 2 2026-12-24
lines "2026-12-29"
exits 0 "$RENKI" calendar target --add -2 --from 2026-12-28
lines "2026-12-23"
exits 0 "$RENKI" calendar FI --nth 3 2026-12-31
lines "2026-12-03"
exits 0 "$RENKI" calendar FI --last 2026-12
lines "2026-12-31"
exits 0 "$RENKI" calendar FI --count 2026-12-21 2026-12-28
lines "3"
exits 2 "$RENKI" calendar FI --add 2
exits 2 "$RENKI" calendar FI --is 2026-02-30
exits 2 "$RENKI" calendar nowhere --is 2026-12-24

# ---- a workspace has calendars of its own, and its time zone
cd "$workspace" || exit 1
mkdir -p schedules/calendars
sed -i 's/return {/return { timezone = "Europe\/Stockholm",/' renki.lua
printf '%s\r\n' BEGIN:VCALENDAR BEGIN:VEVENT "DTSTART;VALUE=DATE:20200707" "DTEND;VALUE=DATE:20200709" \
    "RRULE:FREQ=YEARLY" "SUMMARY:Summer pause" END:VEVENT END:VCALENDAR >schedules/calendars/office.ics
exits 0 "$RENKI" calendar office --year 2027
lines "2027-07-07  Summer pause" "2027-07-08  Summer pause"
exits 0 "$RENKI" schedule next --cron "0 9 7 7 *" --calendar FI,office --otherwise next --from 2027-07-01 --count 1
lines "2027-07-09T09:00:00+02:00  because 7.7.2027 is Summer pause: moved to the next business day"
printf 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:soon\n' >schedules/calendars/broken.ics
exits 2 "$RENKI" calendar broken --year 2027
says 'broken.ics, line 3: "soon" is no day of a calendar.'
exits 0 "$RENKI" calendar
says "office"
