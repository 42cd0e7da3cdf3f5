# `renki drain` lets a host start no more runs: the others do, whoever asked; --undo lets it again.
. "$SUPPORT/fleet.sh"

robot hello <<'LUA'
run:log "hello"
LUA
clone b
RENKI_LOG=info
serve a && note_pid a
serve b && note_pid b
exits 0 on b "$RENKI" drain 1
until_says "$scene/serve.a" "host.drain number=1 drained=1"
exits 0 on a "$RENKI" hosts
says draining
# Asked at the one that is drained, run by the other, told to the person.
for round in 1 2 3; do exits 0 on a "$RENKI" run hello; done
[ "$(sql "SELECT count(*) FROM runs AS r JOIN hosts AS h ON h.identity = r.host WHERE h.id = 1")" = 0 ] ||
    failed "the drained host started none"
exits 0 on a "$RENKI" drain 2
exits 0 on a "$RENKI" drain 1 --undo
until_says "$scene/serve.b" "host.drain number=2 drained=1"
exits 0 on b "$RENKI" run hello
[ "$(sql "SELECT h.id FROM runs AS r JOIN hosts AS h ON h.identity = r.host WHERE r.id = 4")" = 1 ] ||
    failed "now the first one does"
exits 3 on a "$RENKI" drain elsewhere
says "No host that serves"

# Without a place for files that both reach, a second host does not serve.
sed -i 's/artifacts = [^,]*,//' "$scene/b/renki.lua"
kill -TERM $(host_pid b)
until_sql 20 gone "SELECT state FROM hosts WHERE id = 2"
on b "$RENKI" serve >"$said" 2>&1 && failed "it does not serve"
says "no place for files that both can reach"
