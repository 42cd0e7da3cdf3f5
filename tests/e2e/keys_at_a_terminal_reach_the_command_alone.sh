# Ctrl-C goes to every process of a terminal's foreground; renki's roles are not among them, so that a run is cancelled in
# order and a service ends in order.
. "$SUPPORT/workspace.sh"

robot endless <<'LUA'
run:log "working"
while true do end
LUA
exits 130 python3 "$SUPPORT/terminal.py" working ^C "$RENKI" run endless
exits 0 "$RENKI" show 1 --json
is .run[0].state cancelled
exits 0 python3 "$SUPPORT/terminal.py" "renki serves" ^C "$RENKI" serve
