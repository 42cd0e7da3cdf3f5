# Two hosts and a person work on one remote: what each made comes to all, merged where no line was changed by both; what
# was is never lost, and nothing is forced. A notice of a push is enough to be fetched at once.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/remotes.sh"

robot hello <<'LUA'
run:log "first"
LUA
git branch -q -m main
git clone -q --bare . "$scene/remote.git"
git clone -q "$scene/remote.git" "$scene/desk"
git clone -q "$scene/remote.git" "$scene/other"
desk() { git -C "$scene/desk" -c user.name=Test -c user.email=test@localhost "$@" >"$said" 2>&1 || failed "git $*"; }
certificates
serve_https web --basic robots:correct-horse
listen=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
settings() { # more
    printf 'return { key = "%s/gateway.key", %s remote = { url = "https://localhost:%s/remote.git", branch = "main",
      every = "1 h", login = "git", ca = "%s/ca.pem", push = true, webhook = "push" } }\n' "$scene" "$1" "$port" "$scene" >renki.lua
    printf 'correct-horse' | exits 0 "$RENKI" secret set git --origin "https://localhost:$port" --username robots
}
made() { # at NAME
    mkdir -p "robots/$1"
    cp robots/hello/*.lua "robots/$1"
    git add robots && git -c user.name=Test -c user.email=test@localhost commit -q -m "$1" || failed "git commits"
}
settings ""
(cd "$scene/other" && settings "" && made theirs) || exit 1
made ours
exits 0 "$RENKI" sync --json
is .pushed 1

# The other host has a commit of its own: it is merged and pushed, and comes here.
cd "$scene/other" || exit 1
exits 0 "$RENKI" sync --json
is .moved true
is .pushed 1
[ -e robots/ours/robot.lua ] || failed "what was made here is there"
cd "$workspace" || exit 1
exits 0 "$RENKI" sync
[ -e robots/theirs/robot.lua ] || failed "what was made there is here"
[ "$(git rev-parse HEAD)" = "$(git -C "$scene/other" rev-parse HEAD)" ] || failed "both are at the same commit"
[ "$(git rev-parse HEAD)" = "$(git -C "$scene/remote.git" rev-parse main)" ] || failed "and the remote is"

# A file that somebody changes stays as it is, and is named.
desk pull -q
sed -i 's/first/second/' "$scene/desk/robots/hello/robot.lua"
desk commit -qam second
desk push -q
echo '-- mine' >>robots/hello/robot.lua
exits 0 "$RENKI" sync
says "robots/hello/robot.lua"
grep -q mine robots/hello/robot.lua || failed "it stays"
git checkout -q -- robots

# The same line on both sides is a person's to settle: neither side moves.
cd "$scene/other" || exit 1
sed -i 's/first/third/' robots/hello/robot.lua
git -c user.name=Test -c user.email=test@localhost commit -qam third
kept=$(git rev-parse HEAD) there=$(git -C "$scene/remote.git" rev-parse main)
exits 3 "$RENKI" sync
says "a person must merge them"
[ "$(git rev-parse HEAD)" = "$kept" ] && [ "$(git -C "$scene/remote.git" rev-parse main)" = "$there" ] ||
    failed "neither side moves"

# Approvals are a union: one of each host is at both, and at the remote; one that the remote lost comes back.
approve() { # who
    tree=$(git rev-parse HEAD~1:robots/hello)
    git -c user.name="$1" -c user.email="$1@localhost" tag -a -m "approved" "by-$1" "$tree" &&
        git update-ref "refs/renki/approvals/$tree/$1" "refs/tags/by-$1" && git tag -d "by-$1" >"$said" || failed "git tags"
}
git reset -q --soft HEAD~1 && git checkout -q HEAD -- robots || failed "git goes back"
approve controller
exits 0 "$RENKI" sync
cd "$workspace" || exit 1
approve treasurer
exits 0 "$RENKI" sync --json
is .approvals 1
git -C "$scene/remote.git" for-each-ref refs/renki/approvals >"$said"
says "/controller"
says "/treasurer"
git -C "$scene/remote.git" for-each-ref --format='delete %(refname)' refs/renki/approvals | git -C "$scene/remote.git" update-ref --stdin
exits 0 "$RENKI" sync
git -C "$scene/remote.git" for-each-ref refs/renki/approvals >"$said"
says "/controller"
says "/treasurer"

# Two words of one person, said on two hosts: both are everywhere, the one beside the other.
approve_again() { # who
    git -c user.name="$1" -c user.email="$1@localhost" tag -a -m "approved again" "by-$1" "$tree" &&
        git update-ref "refs/renki/approvals/$tree/$1" "refs/tags/by-$1" && git tag -d "by-$1" >"$said" || failed "git tags"
}
theirs=$(git rev-parse "refs/renki/approvals/$tree/treasurer")
approve_again treasurer
mine=$(git rev-parse "refs/renki/approvals/$tree/treasurer")
exits 0 "$RENKI" sync
(cd "$scene/other" && exits 0 "$RENKI" sync) || exit 1
for side in "$workspace" "$scene/other" "$scene/remote.git"; do
    git -C "$side" for-each-ref --format='%(objectname)' "refs/renki/approvals/$tree" >"$said"
    says "$theirs"
    says "$mine"
done
exits 0 "$RENKI" sync --json
is .pushed 0

# A signed notice makes a serving host fetch at once.
settings "web = { listen = \"127.0.0.1:$listen\" },"
echo "the key of the forge" | exits 0 "$RENKI" secret set push --kind signature --origin hook:remote
RENKI_LOG=info "$RENKI" serve >"$scene/serving" 2>&1 &
children="$children $!"
until_says() {
    tries=0
    until grep -qF -e "$1" "$scene/serving"; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { cp "$scene/serving" "$said"; failed "\"$1\" is said within 30 s"; }
        sleep 0.1
    done
}
until_says service.ready
until_says web.ready
exits 0 "$RENKI" sync
desk pull -q
desk commit -q --allow-empty -m "a notice"
desk push -q
notice() { # key
    sign=$(printf '{"ref":"main"}' | openssl dgst -sha256 -hmac "$1" | sed 's/.* //')
    python3 -c 'import http.client, sys
c = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
c.request("POST", "/hooks/remote", b"{\"ref\":\"main\"}", {"X-Hub-Signature-256": "sha256=" + sys.argv[2]})
print(c.getresponse().status)' "$listen" "$sign" >"$said" 2>&1
}
notice "another key"
says 401
notice "the key of the forge"
says 202
until_says sync.moved
for side in "$workspace" "$scene/other" "$scene/remote.git"; do
    git -C "$side" fsck --strict --no-dangling >"$said" 2>&1 || failed "git finds $side whole"
done
