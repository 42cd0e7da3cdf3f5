# For scenes whose workspace has its store on PostgreSQL: `. "$SUPPORT/database.sh"` after workspace.sh. Starts a server of
# the scene's own: `server kill`, `server start`, `server sql "SELECT …"` and the others of postgres.sh do the rest.
database=$scene/database
server() { # action, arguments of it
    action=$1
    shift
    "$SUPPORT/postgres.sh" "$action" "$database" "$@"
}

# A port that nobody has, for a server that is reached over TCP.
free_port() { python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

server start >"$said" 2>&1
case $? in
0) ;;
77) cat "$said"; database=; exit 0 ;;
*) failed "a database server starts" ;;
esac

store() { # address, more settings
    cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", store = "$1", ${2:-} }
SETTINGS
    commit
}
store "$(server address)"
