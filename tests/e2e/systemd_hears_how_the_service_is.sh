# `renki serve` under systemd: it is ready when it can run robots, beats as long as it is alive, says what goes on, and
# what its processes log has named fields.
. "$SUPPORT/workspace.sh"

robot hello <<'LUA'
run:log "hello"
LUA
RENKI_LOG=info python3 "$SUPPORT/systemd.py" "$scene" "$RENKI" serve >"$scene/serve" 2>&1 &
server=$!
children=$server
soon() { # file words
    for i in $(seq 600); do grep -qs -e "$2" "$1" && return; sleep 0.05; done
    cp "$1" "$said"
    failed "$1 has $2"
}
soon "$scene/notified" '^READY=1'
[ -S .renki/host.sock ] || failed "ready means that commands reach it"
exits 0 "$RENKI" run hello
soon "$scene/notified" '^STATUS=0 running, 0 queued, 0 waiting, 0 in doubt'
before=$(grep -c '^WATCHDOG=1' "$scene/notified")
until [ "$(grep -c '^WATCHDOG=1' "$scene/notified")" -gt "$((before + 1))" ]; do sleep 0.05; done
kill -STOP "$(pgrep -P "$(pgrep -P $server)" -f 'renki host')" || failed "the host is found"
sleep 1 # longer than the watchdog: this is what is measured
before=$(grep -c '^WATCHDOG=1' "$scene/notified")
sleep 0.6
[ "$(grep -c '^WATCHDOG=1' "$scene/notified")" = "$before" ] || failed "a host that stands still does not beat"
kill -CONT "$(pgrep -P "$(pgrep -P $server)" -f 'renki host')"
kill -TERM $server
wait $server || failed "SIGTERM ends it with 0"
children=
soon "$scene/notified" '^STOPPING=1'
soon "$scene/notified" '^EXTEND_TIMEOUT_USEC='
soon "$scene/journal" '"RENKI_EVENT": "run.ended", "RENKI_RUN": "1", "RENKI_ROBOT": "hello", "RENKI_STATE": "done"'
soon "$scene/journal" '"PRIORITY": "6", "SYSLOG_IDENTIFIER": "renki", "RENKI_ROLE": "host", "RENKI_EVENT": "service.ready"'
