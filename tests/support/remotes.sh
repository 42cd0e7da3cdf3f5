# Git remotes for scenes: `. "$SUPPORT/remotes.sh"` after workspace.sh. Real parts: git's http-backend behind https, sshd.

# An authority ($scene/ca.pem) and a certificate for localhost by it ($scene/server.pem, server.key).
certificates() {
    {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=a test's authority" \
            -addext "basicConstraints=critical,CA:TRUE" -keyout "$scene/ca.key" -out "$scene/ca.pem" &&
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=localhost" \
                -keyout "$scene/server.key" -out "$scene/server.csr" &&
            printf 'subjectAltName=DNS:localhost\n' >"$scene/server.ext" &&
            openssl x509 -req -days 2 -in "$scene/server.csr" -CA "$scene/ca.pem" -CAkey "$scene/ca.key" \
                -CAcreateserial -extfile "$scene/server.ext" -out "$scene/server.pem"
    } >"$said" 2>&1 || failed "certificates are made"
}

# wait_for_file FILE LOG: what is said in the log is shown when it does not come.
wait_for_file() {
    tries=0
    until [ -s "$1" ]; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || { cp "$2" "$said"; failed "$1 is there within a minute"; }
        sleep 0.1
    done
}

# serve_https NAME options…: git_https.py over the folder $scene; its port is in $port, what it was asked in $scene/NAME.
serve_https() {
    name=$1
    shift
    rm -f "$scene/$name.port"
    /usr/bin/python3 "$SUPPORT/git_https.py" "$scene" "$scene/server.pem" "$scene/server.key" "$scene/$name.port" "$@" \
        >"$scene/$name" 2>"$scene/$name.err" &
    server=$!
    children="$children $server"
    wait_for_file "$scene/$name.port" "$scene/$name.err"
    port=$(cat "$scene/$name.port")
}

# serve_ssh: sshd on a free port, as this user, who may only reach git. Keys: $scene/client (ours), $scene/host_key.
serve_ssh() {
    ssh-keygen -q -t ed25519 -N "" -C client -f "$scene/client" && ssh-keygen -q -t ed25519 -N "" -C host -f "$scene/host_key" ||
        failed "keys are made"
    cp "$scene/client.pub" "$scene/authorized"
    chmod 600 "$scene/authorized"
    # This user may have no shell to log in with: sshd is told of one.
    printf '%s:x:%s:%s::%s:/bin/sh\n' "$(id -un)" "$(id -u)" "$(id -g)" "$scene" >"$scene/passwd"
    printf '%s:x:%s:\n' "$(id -gn)" "$(id -g)" >"$scene/group"
    # A port that was free may be another test's by the time sshd asks for it.
    for attempt in 1 2 3 4 5; do
        start_sshd && return
    done
    cp "$scene/sshd" "$said"
    failed "sshd listens after $attempt attempts"
}

# On a port that is free now; false when it ends instead of listening.
start_sshd() {
    port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    cat >"$scene/sshd_config" <<CONFIG
Port $port
ListenAddress 127.0.0.1
HostKey $scene/host_key
PidFile none
AuthorizedKeysFile $scene/authorized
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
LoginGraceTime 0
LogLevel VERBOSE
CONFIG
    LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD="$scene/passwd" NSS_WRAPPER_GROUP="$scene/group" \
        /usr/sbin/sshd -D -e -f "$scene/sshd_config" >"$scene/sshd" 2>&1 &
    server=$!
    tries=0
    until grep -q "Server listening" "$scene/sshd"; do
        tries=$((tries + 1))
        kill -0 "$server" 2>/dev/null && [ $tries -lt 600 ] || { kill "$server" 2>/dev/null; wait "$server"; return 1; }
        sleep 0.1
    done
    children="$children $server"
}
