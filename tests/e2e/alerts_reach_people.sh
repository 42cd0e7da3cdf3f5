# What goes wrong is told without asking: by mail and by a signed request, tried again until it is out, over a restart too,
# and many at once as one message.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/desk.sh"

cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key",
  $desk,
  alerts = { $alerts, on = { "failed" }, most_per_hour = 2 } }
SETTINGS
robot broken <<'LUA'
run:fail("the ledger of %s is not balanced", "October")
LUA
robot refused <<'LUA'
require("http").get("https://elsewhere.example/")
LUA

serve() {
    : >"$scene/serving"
    RENKI_LOG=debug "$RENKI" serve >"$scene/serving" 2>&1 &
    serving=$!
    for _ in $(seq 300); do grep -q "renki serves" "$scene/serving" && return; sleep 0.1; done
    cp "$scene/serving" "$said"
    failed "renki serves"
}

# Without a daemon it is kept, and shown.
exits 1 "$RENKI" run broken
exits 3 "$RENKI" run refused
exits 0 "$RENKI" alerts --json
is alerts[1].kind failed
is alerts[1].sent_ms null
is alerts[0].kind refused
exits 0 "$RENKI" alerts
says "to be sent"
says "kept"

# The desk is closed: the mail goes out, the request is tried again.
touch "$scene/closed"
serve
until_lines "$scene/mails" 1
until_lines "$scene/refused" 1
cp "$scene/mails" "$said"
says "it@city.example|renki: Run 1 of the robot broken failed. the ledger of October is not balanced|"
says "renki resume 1"

# A restart loses nothing; what is on its way is out once the desk opens, and the mail is not sent again.
kill "$serving" && wait "$serving"
rm "$scene/closed"
serve
until_lines "$scene/posted" 1
cp "$scene/posted" "$said"
says 'signed {"workspace":'
says '"kind":"failed","run":1,"subject":"broken"'
[ "$(wc -l <"$scene/mails")" = 1 ] || failed "one mail was sent"
for _ in $(seq 300); do
    "$RENKI" alerts --json >"$said" 2>&1
    [ "$(value alerts[1].sent_ms)" != null ] && break
    sleep 0.1
done
[ "$(value alerts[1].sent_ms)" != null ] || failed "it is noted as sent"
is alerts[1].attempts 2
is alerts[0].mail 0

# Many at once are one message.
kill "$serving" && wait "$serving"
for _ in 1 2 3 4 5 6 7; do exits 1 "$RENKI" run broken; done
serve
until_lines "$scene/posted" 2
until_lines "$scene/mails" 2
cp "$scene/mails" "$said"
says "renki: 7 alerts|"

# No more than the settings say within an hour; the next ones wait, and are counted then.
exits 1 "$RENKI" run broken
for _ in $(seq 300); do grep -q "alert.bound waiting=1" "$scene/serving" && break; sleep 0.1; done
grep -q "alert.bound waiting=1" "$scene/serving" || failed "the next one waits"
kill "$serving" && wait "$serving"
[ "$(wc -l <"$scene/mails")" = 2 ] || failed "two mails were sent"
exits 0 "$RENKI" alerts --json
is alerts[0].sent_ms null
