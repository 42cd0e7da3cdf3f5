# What the scenes of a fleet begin with: `. "$SUPPORT/fleet.sh"`. A PostgreSQL server, a shared folder, and two hosts,
# "a" and "b", whose workspaces are clones of one repository.
#
#     serve a; serve b      start their daemons        on a COMMAND…   a command in that workspace
#     host_pid a            the host process           state RUN       what the store says of the run
. "$SUPPORT/workspace.sh"

database=$scene/database
leave_fleet() {
    status=$?
    for stopped in ${stopped:-}; do kill -CONT "$stopped" 2>/dev/null; done
    for child in $children; do kill "$child" 2>/dev/null && wait "$child" 2>/dev/null; done
    children=
    sh "$SUPPORT/postgres.sh" stop "$database" >/dev/null 2>&1
    (exit $status)
    leave
}
trap leave_fleet EXIT
sh "$SUPPORT/postgres.sh" start "$database" >"$said" 2>&1
code=$?
[ $code != 77 ] || { echo "skipped: no PostgreSQL server here"; exit 0; }
[ $code = 0 ] || failed "a PostgreSQL server starts"

mkdir "$scene/shared"
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", artifacts = "$scene/shared",
  store = "$(sh "$SUPPORT/postgres.sh" address "$database")" }
SETTINGS
commit

folder_of() { [ "$1" = a ] && echo "$workspace" || echo "$scene/$1"; }
clone() { git clone -q "$workspace" "$scene/$1" || failed "git clones the workspace"; }
on() {
    place=$1
    shift
    (cd "$(folder_of "$place")" && "$@")
}
serve() {
    : >"$scene/serve.$1"
    # exec: what is ended at the end is the daemon, not a shell that waits for it.
    (cd "$(folder_of "$1")" && exec env RENKI_LOG=${RENKI_LOG:-} "$RENKI" serve) >"$scene/serve.$1" 2>&1 &
    children="$children $!"
    until_says "$scene/serve.$1" "serves"
}
# Waits until the file has the words; half a minute is long on any machine.
until_says() {
    tries=0
    until grep -qF -e "$2" "$1"; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { cp "$1" "$said"; failed "\"$2\" is said within 30 s"; }
        sleep 0.1
    done
}
sql() { sh "$SUPPORT/postgres.sh" sql "$database" "$1"; }
# Waits until the statement gives this answer.
until_sql() { # seconds expected statement
    tries=0
    until [ "$(sql "$3")" = "$2" ]; do
        tries=$((tries + 1))
        [ $tries -lt $(($1 * 5)) ] || failed "within $1 s \"$3\" gives $2, not $(sql "$3")"
        sleep 0.2
    done
}
# The daemons' host processes have the lowest and the second-lowest number that serve.
host_pid() { on "$1" cat .renki/fleet.pid; }
# Of the daemon that joined last.
note_pid() {
    sql "SELECT split_part(identity, '/', 2) FROM hosts WHERE serving = 1 ORDER BY id DESC LIMIT 1" \
        >"$(folder_of "$1")/.renki/fleet.pid"
}
