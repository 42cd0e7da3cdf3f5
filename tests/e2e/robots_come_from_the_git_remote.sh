# A daemon fetches the robots from a git remote: a push is run soon after. What is not plain files, or does not move the
# branch forward, is refused and changes nothing.
. "$SUPPORT/workspace.sh"

robot hello <<'LUA'
run:log "first"
LUA
branch=$(git symbolic-ref --short HEAD)
git clone -q --bare . "$scene/remote.git"
git clone -q "$scene/remote.git" "$scene/desk"
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", remote = { url = "$scene/remote.git", branch = "$branch", every = "1 s" } }
SETTINGS
RENKI_LOG=info "$RENKI" serve >"$scene/serve" 2>&1 &
children=$!

# Waits for the words in what the daemon says.
until_says() {
    tries=0
    until grep -qF -e "$1" "$scene/serve"; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { cp "$scene/serve" "$said"; failed "\"$1\" is said within 30 s"; }
        sleep 0.1
    done
}
desk() { git -C "$scene/desk" -c user.name=Test -c user.email=test@localhost "$@" >"$said" 2>&1 || failed "git $*"; }

until_says serves
exits 0 "$RENKI" run hello
says first

sed -i 's/first/second/' "$scene/desk/robots/hello/robot.lua"
mkdir "$scene/desk/robots/fresh"
cp "$scene"/desk/robots/hello/*.lua "$scene/desk/robots/fresh"
desk add -A
desk commit -m "a second version, and another robot"
desk push -q
until_says "sync.moved"
exits 0 "$RENKI" run hello
says second
exits 0 "$RENKI" run fresh
kept=$(git rev-parse HEAD)

# A link that would lead out of the repository.
ln -s /etc/passwd "$scene/desk/robots/hello/words.lua"
desk add -A
desk commit -m "a link"
desk push -q
until_says "a link"
[ "$(git rev-parse HEAD)" = "$kept" ] || failed "the branch stays where it was"
[ ! -e robots/hello/words.lua ] || failed "the link is not there"
exits 0 "$RENKI" run hello

# History that was written anew.
desk reset -q --hard "$kept~1"
desk commit --allow-empty -m "another way"
desk push -q --force
until_says "history was written anew"
[ "$(git rev-parse HEAD)" = "$kept" ] || failed "the branch does not go back"
exits 0 "$RENKI" run hello
says second
