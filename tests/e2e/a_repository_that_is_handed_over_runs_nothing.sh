# A workspace whose repository comes from somebody else: hooks of every kind, and settings of git that start programs. renki
# checks, runs, saves, compares, restores and fetches in it, and nothing of that is ever started.
. "$SUPPORT/workspace.sh"

robot hello <<'LUA'
run:log "first"
LUA
git branch -q -m main
git clone -q --bare . "$scene/remote.git"
git clone -q "$scene/remote.git" "$scene/desk"
sed -i 's/first/second/' "$scene/desk/robots/hello/robot.lua"
git -C "$scene/desk" -c user.name=Test -c user.email=test@localhost commit -qam second && git -C "$scene/desk" push -q ||
    failed "git commits"
owned="$scene/owned"
printf '#!/bin/sh\necho "$0 $*" >>"%s"\n' "$owned" >"$scene/evil"
chmod 755 "$scene/evil"

# plant FOLDER: hooks and settings of a repository.
plant() {
    mkdir -p "$1/hooks" "$1/info"
    for hook in applypatch-msg pre-applypatch post-applypatch pre-commit pre-merge-commit prepare-commit-msg commit-msg \
        post-commit pre-rebase post-checkout post-merge pre-push pre-receive update proc-receive post-receive post-update \
        reference-transaction push-to-checkout pre-auto-gc post-rewrite sendemail-validate fsmonitor-watchman \
        post-index-change; do
        cp "$scene/evil" "$1/hooks/$hook"
    done
    { [ ! -f "$1/config" ] || mv "$1/config" "$1/config.git"; } && cat - "$1/config.git" >"$1/config" <<CONFIG
[include]
    path = $scene/included
[includeIf "gitdir:/"]
    path = $scene/included
[core]
    fsmonitor = $scene/evil
    sshCommand = $scene/evil
    hooksPath = $1/hooks
    editor = $scene/evil
    pager = $scene/evil
    askPass = $scene/evil
    gitProxy = $scene/evil
    alternateRefsCommand = $scene/evil
[credential]
    helper = !$scene/evil
[gpg]
    program = $scene/evil
[gpg "ssh"]
    program = $scene/evil
[commit]
    gpgSign = true
[uploadpack]
    packObjectsHook = $scene/evil
[remote "origin"]
    url = ext::$scene/evil
    uploadpack = $scene/evil
[protocol "ext"]
    allow = always
[merge]
    tool = evil
CONFIG
    printf '* filter=evil diff=evil merge=evil\n' >"$1/info/attributes"
}
cat >"$scene/included" <<CONFIG
[filter "evil"]
    clean = $scene/evil
    smudge = $scene/evil
    process = $scene/evil
    required = true
[diff "evil"]
    command = $scene/evil
    textconv = $scene/evil
[merge "evil"]
    driver = $scene/evil %O %A %B
[url "ext::$scene/evil"]
    insteadOf = $scene/remote.git
CONFIG
printf 'return { key = "%s/gateway.key", remote = { url = "%s", branch = "main", every = "1 h" } }\n' "$scene" \
    "$scene/remote.git" >renki.lua
git -c user.name=Test -c user.email=test@localhost commit -qam "settings" && git push -q "$scene/desk" main:theirs &&
    git -C "$scene/desk" -c user.name=Test -c user.email=test@localhost merge -q -m "merged" theirs &&
    git -C "$scene/desk" push -q || failed "git commits"
plant .git
plant "$scene/remote.git"
exits 1 "$RENKI" sync # what its settings include lies outside its folder
says "included"
sed -i '1,/core/{/include/d;/path/d}' "$scene/remote.git/config"

exits 0 "$RENKI" doctor
exits 0 "$RENKI" check
exits 0 "$RENKI" sync --json
is .moved true
exits 0 "$RENKI" run hello
says second
sed -i 's/second/third/' robots/hello/robot.lua
exits 3 "$RENKI" run hello
exits 0 "$RENKI" diff hello
exits 0 "$RENKI" save -m "third"
exits 0 "$RENKI" run hello
says third
exits 0 "$RENKI" history hello
exits 0 "$RENKI" blame hello
exits 0 "$RENKI" restore hello 1
exits 0 "$RENKI" run hello
says first
[ ! -e "$owned" ] || { cp "$owned" "$said"; failed "nothing is started"; }
rm -f .git/config .git/info/attributes && rm -rf .git/hooks
[ -z "$(git status --porcelain -- robots)" ] || failed "no filter changed what was saved"
git fsck --strict --no-dangling >"$said" 2>&1 || failed "git finds it whole"

# Objects of another repository, which the remote borrows: what lies outside its folder is not read.
git init -q --bare "$scene/secret.git"
blob=$(echo "a secret" | git -C "$scene/secret.git" hash-object -w --stdin)
echo "$scene/secret.git/objects" >"$scene/remote.git/objects/info/alternates"
rm -rf "$scene/remote.git/hooks" "$scene/remote.git/config" "$scene/remote.git/info/attributes"
printf '[core]\n    bare = true\n    repositoryformatversion = 0\n' >"$scene/remote.git/config"
export GIT_INDEX_FILE="$scene/index"
git -C "$scene/remote.git" read-tree main && git -C "$scene/remote.git" update-index --add --cacheinfo "100644,$blob,robots/hello/words.txt" &&
    tree=$(git -C "$scene/remote.git" write-tree) &&
    made=$(git -C "$scene/remote.git" -c user.name=Test -c user.email=test@localhost commit-tree -p main -m secret "$tree") &&
    git -C "$scene/remote.git" update-ref refs/heads/main "$made" || failed "git commits"
unset GIT_INDEX_FILE
kept=$(git rev-parse HEAD)
"$RENKI" sync >"$said" 2>&1 && failed "it is not taken"
[ "$(git rev-parse HEAD)" = "$kept" ] || failed "nothing moves"
if git cat-file -e "$blob" 2>/dev/null; then failed "the secret is not here"; fi
