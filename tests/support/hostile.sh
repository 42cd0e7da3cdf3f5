# Repositories that nobody means well with, for scenes: `. "$SUPPORT/hostile.sh"` after workspace.sh and remotes.sh. Each is
# asked for by a host that serves; nothing may be taken of it.

# hostile_repositories: $scene/good.git, and the hostile ones in $scene/made; what each is told by is in $scene/list.
hostile_repositories() {
    robot hello <<'LUA'
run:log "good"
LUA
    git branch -q -m main
    git clone -q --bare --template= . "$scene/good.git" || failed "git clones"
    git -C "$scene/good.git" config core.bigFileThreshold 1m # whoever packs them tries no deltas
    git clone -q "$scene/good.git" "$scene/desk" || failed "git clones"
    mkdir "$scene/made"
    /usr/bin/python3 "$SUPPORT/hostile_repositories.py" "$scene/good.git" "$scene/made" >"$scene/list" 2>"$said" ||
        failed "hostile repositories are made"
}
desk() { git -C "$scene/desk" -c user.name=Test -c user.email=test@localhost "$@" >"$said" 2>&1 || failed "git $*"; }

# remote URL more: a host serves that fetches from there when it is told to. What URL leads to is $scene/remote.git.
serve_remote() {
    printf 'return { key = "%s/gateway.key", remote = { url = "%s", branch = "main", every = "1 h", %s } }\n' \
        "$scene" "$1" "$2" >renki.lua
    cp -R "$scene/good.git" "$scene/remote.git"
    RENKI_LOG=info "$RENKI" serve >"$scene/serve" 2>&1 &
    children="$children $!"
    tries=0
    until grep -q "service.ready" "$scene/serve"; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || { cp "$scene/serve" "$said"; failed "it serves"; }
        sleep 0.1
    done
    exits 0 "$RENKI" sync
}

# What the workspace has of git: where all references are, and that no file of robots or schedules differs.
state() {
    git for-each-ref --format='%(refname) %(objectname)'
    git status --porcelain -- robots schedules
}

# refused NAME WORDS: nothing of it is taken, and renki says why.
refused() {
    state >"$scene/before"
    rm -rf "$scene/remote.git"
    mv "$scene/made/$1.git" "$scene/remote.git"
    "$RENKI" sync --json >"$said" 2>&1
    code=$?
    [ $code = 3 ] || [ $code = 1 ] || failed "$1 is not taken ($code)"
    grep -qF -e "$2" "$said" || failed "of $1 it says \"$2\""
    state >"$scene/after"
    cmp -s "$scene/before" "$scene/after" || { cp "$scene/after" "$said"; failed "$1 changes nothing"; }
}

# The next good commit is taken as if nothing had been.
good_again() {
    desk commit -q --allow-empty -m "good again"
    desk push -q
    rm -rf "$scene/remote.git"
    cp -R "$scene/good.git" "$scene/remote.git"
    exits 0 "$RENKI" sync
    [ "$(git rev-parse HEAD)" = "$(git -C "$scene/desk" rev-parse HEAD)" ] || failed "the next good commit is taken"
}

# all_refused COLUMN LEAST: of $scene/list, 2 where it is a folder and 3 behind a server; so many of them at least.
all_refused() {
    count=0
    cut -f "1,$1" "$scene/list" >"$scene/asked"
    while IFS="$(printf '\t')" read -r name words; do
        [ "$words" != - ] || continue
        refused "$name" "$words"
        count=$((count + 1))
        case $count in *0) good_again ;; esac
    done <"$scene/asked"
    [ $count -ge "$2" ] || failed "all of them were tried, not $count"
    good_again
}

# What is to be so afterwards.
unharmed() {
    [ ! -e /tmp/renki-owned ] || failed "no hook is run"
    [ -z "$(find . -path ./.git -prune -o -path ./.renki -prune -o -type l -print)" ] || failed "there is no link"
    git fsck --strict --no-dangling >"$said" 2>&1 || failed "git finds the workspace whole"
    [ "$(du -sm .renki | cut -f1)" -lt 50 ] || failed "what was refused takes no room"
    exits 0 "$RENKI" alerts --json --most 1000
    says '"kind":"sync"'
    exits 0 "$RENKI" run hello
    says good
}
