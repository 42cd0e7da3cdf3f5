#!/bin/sh
# A real PostgreSQL server for a test, from Debian's package, in a folder of its own; no network unless a port is given.
#
#     postgres.sh start FOLDER [PORT]   makes it when it is new, and starts it; ends with 77 when there is no package
#     postgres.sh stop FOLDER           ends it and leaves its files
#     postgres.sh kill FOLDER           all of it at once, by SIGKILL
#     postgres.sh sql FOLDER TEXT       as its owner
#     postgres.sh fresh FOLDER          an empty database again
#     postgres.sh address FOLDER        what `store` in renki.lua says
#
# PostgreSQL refuses root: then it runs as the user renki, or else postgres. Nothing is synced, for a test's server dies
# alone and not with the machine, unless SYNC=on is given. OPTIONS are the server's own, for start.
set -eu
action=$1 folder=$2
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || { echo "skipped: no PostgreSQL server here"; exit 77; }
user=$(id -un) as=
if [ "$(id -u)" = 0 ]; then
    user=renki
    id $user >/dev/null 2>&1 || user=postgres
    as="setpriv --reuid $user --regid $user --init-groups"
fi
data=$folder/data

start() {
    if [ ! -e "$data/PG_VERSION" ]; then
        mkdir -p "$folder"
        [ -z "$as" ] || chown "$user" "$folder"
        printf 'only for a test\n' >"$folder/password"
        [ -z "$as" ] || chown "$user" "$folder/password"
        $as "$bin/initdb" -D "$data" -U renki --pwfile="$folder/password" --auth-local=trust --auth-host=scram-sha-256 \
            -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log"
        new=yes
    fi
    listen=
    [ -z "$1" ] || listen="-h 127.0.0.1 -p $1"
    # Of a server that was killed, some process may last a moment longer.
    tries=0
    until (cd "$folder" && $as "$bin/pg_ctl" -D "$data" -l "$folder/server.log" -w -t 30 \
        -o "-k $folder ${listen:--h ''} -c fsync=${SYNC:-off} -c max_connections=40 -c shared_buffers=16MB ${OPTIONS:-}" start) >"$folder/pg_ctl.log" 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 20 ] || { cat "$folder/server.log" >&2; exit 1; }
        sleep 0.2
    done
    [ -z "${new:-}" ] || sql postgres "CREATE DATABASE renki"
}

sql() { # database text
    port=$(sed -n 4p "$data/postmaster.pid")
    (cd "$folder" && $as "$bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$folder" -p "$port" -U renki -d "$1" -c "$2")
}

case $action in
start) start "${3:-}" ;;
stop) (cd "$folder" && $as "$bin/pg_ctl" -D "$data" -m fast -w stop >/dev/null) ;;
kill)
    postmaster=$(head -1 "$data/postmaster.pid")
    children=$(ps -o pid= --ppid "$postmaster")
    kill -9 "$postmaster"
    for child in $children; do kill -9 "$child" 2>/dev/null || :; done # some end by themselves when it is gone
    while kill -0 "$postmaster" 2>/dev/null; do sleep 0.01; done
    ;;
sql) sql renki "$3" ;;
fresh) sql renki "SET client_min_messages = warning; DROP SCHEMA public CASCADE; CREATE SCHEMA public" ;;
address) echo "postgresql:///renki?host=$folder&port=$(sed -n 4p "$data/postmaster.pid" 2>/dev/null || echo 5432)&user=renki" ;;
*) echo "postgres.sh: $action?" >&2; exit 2 ;;
esac
