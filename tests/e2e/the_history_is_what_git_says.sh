# Versions of robots are the commits that the git program lists for the same files, whatever the history looks like:
# merges, octopus merges, empty commits, reverts, robots that go and come, commits dated in the future. Texts in them do
# nothing to the terminal.
. "$SUPPORT/workspace.sh"
export GIT_AUTHOR_NAME=Test GIT_AUTHOR_EMAIL=test@localhost GIT_COMMITTER_NAME=Test GIT_COMMITTER_EMAIL=test@localhost

# ids: what renki lists, the newest first
ids() { python3 -c '
import json, sys
for version in json.load(open(sys.argv[1]))["versions"]: print(version["commit"])' "$said"; }
# same ROBOT PATH…: renki and git list the same commits
same() {
    robot=$1
    shift
    exits 0 "$RENKI" history "$robot" --most 400 --json
    ids | sort >"$scene/ours"
    git log --format=%H -- "$@" | sort >"$scene/theirs"
    [ -s "$scene/theirs" ] || failed "git lists versions of $robot"
    diff "$scene/theirs" "$scene/ours" >"$said" || failed "the versions of $robot are those of git"
}

# ---- a history made at random, always the same
/usr/bin/python3 - <<'PYTHON' | git fast-import --quiet --force || failed "git imports"
import random
random.seed(4711)
names = ["rents", "ledger", "payments", "odd-one"]
tips, mark, clock = [], 0, 1_600_000_000
def commit(message, parents, changes, when):
    global mark
    mark += 1
    print(f"commit refs/heads/main\nmark :{mark}\ncommitter Bookkeeper <bookkeeper@city.example> {when} +0200")
    print(f"data {len(message.encode())}\n{message}")
    for place, parent in enumerate(parents):
        print(("merge" if place else "from") + f" {parent}")
    for path, content in changes.items():
        if content is None: print(f"D {path}")
        else: print(f"M 100644 inline {path}\ndata {len(content)}\n{content}")
    print()
    return f":{mark}"
files = lambda name, number: {f"robots/{name}/robot.lua": f"run:log {number}\n",
                              f"robots/{name}/manifest.lua": 'return { title = "a test", owner = "tests" }\n'}
first = {path: text for name in names for path, text in files(name, 0).items()}
tips = [commit("first", ["refs/heads/main^0"], first, clock)]
for number in range(300):
    clock += 60
    when = clock + random.choice([0, 0, 0, 0, -90, 10_000_000])
    kind = random.random()
    parents = [tips[-1]]
    changes = {}
    if kind < 0.25:                                             # a side branch from some way back
        parents = [random.choice(tips[-6:])]
    elif kind < 0.40 and len(tips) > 3:                         # a merge, now and then of three
        parents = list(dict.fromkeys([tips[-1]] + random.sample(tips[-6:-1], random.choice([1, 1, 2]))))
    if random.random() < 0.7:
        name = random.choice(names)
        what = random.random()
        if what < 0.1: changes = {f"robots/{name}": None}
        elif what < 0.2: changes = {f"schedules/{name}.lua": f'return {{ robot = "{name}", cron = "{number % 60} 7 * * *" }}\n'}
        elif what < 0.3: changes = {"robots/lib/names.lua": f"return {number}\n"}
        else: changes = files(name, number % 7)                 # contents come back
    elif random.random() < 0.5:
        changes = {"README.md": f"{number}\n"}
    tips.append(commit(f"change {number}", parents, changes, when))
PYTHON
git reset -q --hard
for name in rents ledger payments odd-one; do
    same $name robots/$name schedules/$name.lua
done
exits 0 "$RENKI" history --most 400 --json
ids | sort >"$scene/ours"
git log --format=%H -- robots schedules | sort >"$scene/theirs"
diff "$scene/theirs" "$scene/ours" >"$said" || failed "all changes are those of git"

# ---- what was kept is used again, added to, and not believed when it is damaged
[ -s .renki/timeline ] || failed "what commits changed is kept"
git commit -q --allow-empty -m "nothing at all"
echo 'run:log "one more"' >robots/rents/robot.lua
git add robots && git commit -q -m "one more"
same rents robots/rents schedules/rents.lua
for place in 0 9 100 20000; do
    printf 'x' | dd of=.renki/timeline bs=1 seek=$place conv=notrunc status=none
    same rents robots/rents schedules/rents.lua
done
: >.renki/timeline
same ledger robots/ledger schedules/ledger.lua
head -c 3000 /dev/zero >.renki/timeline
same ledger robots/ledger schedules/ledger.lua

# ---- a branch that was rewritten
git reset -q --hard HEAD~2
same rents robots/rents schedules/rents.lua

# ---- a robot that goes and comes, and one that gets another name
git rm -rq robots/odd-one 2>/dev/null
git commit -q -m "away" --allow-empty
robot odd-one <<'LUA'
run:log "back again"
LUA
same odd-one robots/odd-one schedules/odd-one.lua
git rm -rq robots/odd-one && git commit -q -m "away for good"
exits 0 "$RENKI" history odd-one --json
is .versions[0].kind removed
git mv robots/rents robots/leases
sed -i 's/a test/leases/' robots/leases/manifest.lua
git commit -qam "another name"
exits 0 "$RENKI" history leases --json
is .versions[0].kind renamed
is .versions[0].was rents
is .versions[1].robot rents

# ---- texts that would do something
robot loud <<'LUA'
run:log "hello"
LUA
echo 'run:log "again"' >robots/loud/robot.lua
GIT_AUTHOR_NAME=$(printf 'Boss\033[2J\033]0;gone\007\342\200\256x') git commit -qam "$(printf 'subject \033[31mred\r\tand \302\233on\n\nmore')"
head -c 3000000 /dev/zero | tr '\0' 'm' >"$scene/huge"
echo 'run:log "huge"' >robots/loud/robot.lua
git commit -qaF "$scene/huge"
echo 'run:log "latin"' >robots/loud/robot.lua
git -c i18n.commitEncoding=ISO-8859-1 commit -qam "$(printf 'M\344ki och \345n')"
echo 'run:log "no words"' >robots/loud/robot.lua
git commit -qa --allow-empty-message -m ""
exits 0 "$RENKI" history loud
says "Mäki och ån"
tr -d '\n' <"$said" | LC_ALL=C grep -q "[[:cntrl:]]" && failed "no control character reaches the terminal"
printf '\302\233' >"$scene/csi"
grep -qF -f "$scene/csi" "$said" && failed "nor one of the upper ones"
exits 0 "$RENKI" history loud --json
is .total 5
[ "$(wc -c <"$said")" -lt 20000 ] || failed "a huge message is cut"

# ---- what is not there
exits 3 "$RENKI" history nobody
says "has never been saved"
exits 2 "$RENKI" history ../rents
