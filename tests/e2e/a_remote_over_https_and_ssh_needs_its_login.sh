# A git remote over https with a login, and over ssh with a key: fetched from and pushed to; a wrong certificate, host key
# or login is refused in words, and a login never goes anywhere else.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/remotes.sh"

# What the servers said is worth knowing when something is not so.
servers() {
    for log in "$scene"/*.err "$scene/sshd"; do
        [ ! -s "$log" ] || { echo "$log:" && tail -n 30 "$log"; } >&2
    done
}
failed() {
    printf 'not so: %s\n' "$*" >&2
    sed 's/^/  | /' "$said" >&2
    servers
    exit 1
}

robot hello <<'LUA'
run:log "first"
LUA
branch=$(git symbolic-ref --short HEAD)
git clone -q --bare . "$scene/remote.git"
git clone -q "$scene/remote.git" "$scene/desk"
desk() { git -C "$scene/desk" -c user.name=Test -c user.email=test@localhost "$@" >"$said" 2>&1 || failed "git $*"; }
change() { # what the robot says from now on
    sed -i "s/\"[a-z]*\"/\"$1\"/" "$scene/desk/robots/hello/robot.lua"
    desk commit -qam "it says $1"
    desk push -q
}
settings() { # of the remote
    printf 'return { key = "%s/gateway.key", remote = { branch = "%s", %s } }\n' "$scene" "$branch" "$1" >renki.lua
}

# ---- https
certificates
serve_https web --basic robots:correct-horse
url="https://localhost:$port/remote.git"
change second
settings "url = \"$url\", login = \"git\", ca = \"$scene/ca.pem\""
printf 'wrong-horse' | exits 0 "$RENKI" secret set git --origin "https://localhost:$port" --username robots
exits 3 "$RENKI" sync
says 'does not take the login "git"'
printf 'correct-horse' | exits 0 "$RENKI" secret set git --origin "https://localhost:$port" --username robots
exits 0 "$RENKI" sync --json
is .moved true
is .commits 1
exits 0 "$RENKI" run hello
says second
exits 0 "$RENKI" sync
says "is up to date"

# A login of another place stays where it is, an authority of others does not count.
printf 'correct-horse' | exits 0 "$RENKI" secret set other --origin "https://localhost:$((port + 1))" --username robots
settings "url = \"$url\", login = \"other\", ca = \"$scene/ca.pem\""
exits 3 "$RENKI" sync
says 'does not take the login "other"'
settings "url = \"$url\", login = \"git\""
: >"$scene/web"
exits 3 "$RENKI" sync
says "certificate of localhost is not good"
[ ! -s "$scene/web" ] || failed "nothing is asked of a server whose certificate is not good"

# A redirect to another host is not followed; nor is what git's own settings say.
home_port=$port
serve_https elsewhere
printf '[url "https://localhost:%s/"]\n    insteadOf = %s\n[credential]\n    helper = "!touch %s/helped"\n' \
    "$port" "https://localhost:$home_port/" "$scene" >"$scene/.gitconfig"
settings "url = \"$url\", login = \"git\", ca = \"$scene/ca.pem\""
cp "$scene/.gitconfig" .renki/sync.git/config
exits 0 "$RENKI" sync
[ ! -s "$scene/elsewhere" ] && [ ! -e "$scene/helped" ] || failed "git's settings of others do not count"
rm "$scene/.gitconfig"
serve_https redirecting --redirect "https://127.0.0.1:$port"
printf 'correct-horse' | exits 0 "$RENKI" secret set git --origin "https://localhost:$port" --username robots
settings "url = \"https://localhost:$port/remote.git\", login = \"git\", ca = \"$scene/ca.pem\""
exits 1 "$RENKI" sync
[ ! -s "$scene/elsewhere" ] || failed "a redirect is not followed"

# A token instead of a password; and what was made here goes there.
serve_https token --bearer 0123456789abcdef
printf '0123456789abcdef' | exits 0 "$RENKI" secret set token --kind bearer --origin "https://localhost:$port"
settings "url = \"https://localhost:$port/remote.git\", login = \"token\", ca = \"$scene/ca.pem\", push = true"
robot fresh <<'LUA'
run:log "made here"
LUA
exits 0 "$RENKI" sync --json
is .pushed 1
desk pull -q
[ -e "$scene/desk/robots/fresh/robot.lua" ] || failed "it is at the remote"

# ---- ssh
serve_ssh
address="ssh://$(id -un)@localhost:$port$scene/remote.git"
key=$(cut -d' ' -f1,2 "$scene/host_key.pub")
change third
exits 0 "$RENKI" secret set deploy --kind ssh_key --origin "ssh://localhost:$port" --username "$(id -un)" <"$scene/client"
settings "url = \"$address\", login = \"deploy\", host_keys = { \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\" }"
exits 3 "$RENKI" sync
says "shows a key that remote.host_keys does not name: $(printf '%s' "$key" | cut -d' ' -f2)"
settings "url = \"$address\", login = \"deploy\", push = true, host_keys = { \"$key\" }"
exits 0 "$RENKI" sync --json
is .moved true
exits 0 "$RENKI" run hello
says third
robot second <<'LUA'
run:log "made here too"
LUA
exits 0 "$RENKI" sync --json
is .pushed 1
desk pull -q
[ -e "$scene/desk/robots/second/robot.lua" ] || failed "it is at the remote"
ssh-keygen -q -t ed25519 -N "" -C other -f "$scene/other" || failed "a key is made"
exits 0 "$RENKI" secret set deploy --kind ssh_key --origin "ssh://localhost:$port" --username "$(id -un)" <"$scene/other"
exits 3 "$RENKI" sync
says 'does not take the login "deploy"'

# The remote is whole; no key or password is anywhere in the workspace.
git -C "$scene/remote.git" fsck --strict >"$said" 2>&1 || failed "git finds the remote whole"
git fsck --strict >"$said" 2>&1 || failed "git finds the workspace whole"
if grep -rqsF -e correct-horse -e 0123456789abcdef -e "$(sed -n 2p "$scene/client")" .renki .git; then
    failed "no login is in the workspace"
fi
