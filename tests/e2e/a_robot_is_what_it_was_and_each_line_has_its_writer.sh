# Who wrote each line is what git blame says; an older version comes back as a new commit, and nothing is rewritten.
. "$SUPPORT/workspace.sh"
export GIT_AUTHOR_NAME=Test GIT_AUTHOR_EMAIL=test@localhost GIT_COMMITTER_NAME=Test GIT_COMMITTER_EMAIL=test@localhost

same_blame() { # robot file
    exits 0 "$RENKI" blame "$1" "$2" --json
    python3 -c '
import json, sys
for line in json.load(open(sys.argv[1]))["lines"]: print(line["commit"] or "0" * 40, line["text"])' "$said" >"$scene/ours"
    git blame --porcelain --no-ignore-rev -- "robots/$1/$2" 2>/dev/null >"$scene/porcelain" ||
        git blame --porcelain -- "robots/$1/$2" >"$scene/porcelain"
    /usr/bin/python3 -c '
import re, sys
for line in open(sys.argv[1], errors="surrogateescape"):
    head = re.match(r"([0-9a-f]{40}) \d+ \d+", line)
    if head: commit = head[1]
    elif line.startswith("\t"): print(commit, line[1:-1])' "$scene/porcelain" >"$scene/theirs"
    [ -s "$scene/theirs" ] || failed "git blames $2"
    cmp -s "$scene/theirs" "$scene/ours" || { diff "$scene/theirs" "$scene/ours" >"$said"; failed "lines of $1 $2 are those of git"; }
}

# ---- a file that many have changed, on branches that were merged
mkdir -p robots/rents robots/lib
seq 1 60 >robots/rents/robot.lua
echo 'return { title = "Rents", owner = "finance" }' >robots/rents/manifest.lua
echo 'return { rate = 1 }' >robots/lib/rates.lua
git add -A && git commit -qm "first"
/usr/bin/python3 - <<'PYTHON' || failed "a history is made"
import random, subprocess
random.seed(12)
git = lambda *words: subprocess.run(["git", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
path = "robots/rents/robot.lua"
def edit(low, high, word):
    lines = open(path).read().splitlines()
    for _ in range(3):
        at = random.randint(low, min(high, len(lines) - 1))
        what = random.random()
        if what < 0.5: lines[at] = f"{word} {random.random()}"
        elif what < 0.8: lines.insert(at, f"new {word} {random.random()}")
        else: del lines[at]
    open(path, "w").write("\n".join(lines) + "\n")
for number in range(12):
    edit(0, 50, f"main {number}")
    git("commit", "-qam", f"change {number}")
    if number % 4 == 2:
        git("checkout", "-q", "-b", f"side{number}")
        edit(40, 58, f"side {number}")
        git("commit", "-qam", f"side {number}")
        git("checkout", "-q", "main")
        edit(0, 8, f"beside {number}")
        git("commit", "-qam", f"beside {number}")
        git("merge", "-q", "-m", f"merge {number}", f"side{number}")
PYTHON
same_blame rents robot.lua
same_blame rents manifest.lua
sed -i '5s/.*/not saved yet/;20d' robots/rents/robot.lua
printf 'at the end' >>robots/rents/robot.lua
same_blame rents robot.lua
exits 0 "$RENKI" blame rents
says "not saved"
git checkout -q robots
exits 3 "$RENKI" blame rents nothing.lua
says "manifest.lua, robot.lua"
ln -s /etc robots/rents/link
exits 3 "$RENKI" blame rents link/passwd
rm robots/rents/link
for file in ../../renki.lua /etc/passwd .git/config ""; do exits 3 "$RENKI" blame rents "$file"; done

# ---- back to the first version
first=$(git rev-list HEAD -- robots/rents | tail -1)
head=$(git rev-parse HEAD)
exits 0 "$RENKI" restore rents 1
says "rents is again what it was in version 1"
[ "$(git rev-parse HEAD:robots/rents)" = "$(git rev-parse "$first:robots/rents")" ] || failed "the content is that of version 1"
[ "$(git rev-parse HEAD~1)" = "$head" ] || failed "the history stays"
[ -z "$(git status --porcelain)" ] || failed "working files follow"
git log -1 --format=%an >"$said"
says "${USER:-$(id -u)}"
git fsck --strict >"$said" 2>&1 || failed "the repository is in order"
exits 0 "$RENKI" restore rents 1
says "already what it was"
exits 0 "$RENKI" restore rents "$(git rev-parse --short=12 HEAD~2)" -m "the newer rule holds again"
git log -1 --format=%s >"$said"
says "the newer rule holds again"
exits 3 "$RENKI" restore rents 99
says "no version"

# ---- what is not saved is not lost
echo 'run:log "mine"' >robots/rents/robot.lua
echo 'new file' >robots/rents/extra.txt
exits 3 "$RENKI" restore rents 1
says "changes that are not saved"
grep -q mine robots/rents/robot.lua || failed "it is untouched"
exits 0 "$RENKI" restore rents 1 --force --json
kept=$(value .kept)
git cat-file -p "$kept:robot/robot.lua" >"$said" || failed "the draft is kept"
says "mine"
[ -z "$(git status --porcelain)" ] || failed "the working files are those of version 1"
[ ! -e robots/rents/extra.txt ] || failed "also what was new is in the draft alone"

# ---- with the modules that it required then
printf 'local rates = require "lib.rates"\nrun:log(rates.rate)\n' >robots/rents/robot.lua
git commit -qam "with a module"
number=$("$RENKI" history rents --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["total"])')
echo 'return { rate = 2 }' >robots/lib/rates.lua
echo 'run:log "newer"' >robots/rents/robot.lua
git commit -qam "newer"
exits 0 "$RENKI" restore rents "$number"
grep -q 'rate = 2' robots/lib/rates.lua || failed "modules stay as they are"
exits 0 "$RENKI" restore rents "$number" --with-lib
grep -q 'rate = 1' robots/lib/rates.lua || failed "modules come back when asked for"

# ---- a robot that was removed
git rm -rq robots/rents && git commit -qm "gone"
gone=$("$RENKI" history rents --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["total"])')
exits 3 "$RENKI" restore rents "$gone"
says "was not there"
exits 0 "$RENKI" restore rents 1
[ -f robots/rents/robot.lua ] || failed "it is back"
exits 0 "$RENKI" history rents
says "back to version 1"
