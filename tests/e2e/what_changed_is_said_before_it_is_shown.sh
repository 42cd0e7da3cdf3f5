# A diff says in sentences what changed in permits, limits and schedule; then lines, with their words marked. What git
# would say of the same files is the same.
. "$SUPPORT/workspace.sh"
export GIT_AUTHOR_NAME=Test GIT_AUTHOR_EMAIL=test@localhost GIT_COMMITTER_NAME=Test GIT_COMMITTER_EMAIL=test@localhost

# first LINE: of a text in the last output; LINE stands before the other
order() { # first second
    [ "$(grep -nF -e "$1" "$said" | head -1 | cut -d: -f1)" -lt "$(grep -nF -e "$2" "$said" | head -1 | cut -d: -f1)" ] ||
        failed "\"$1\" stands before \"$2\""
}
# the lines that the JSON tells, as git writes them
patch() { python3 -c '
import json, sys
for file in json.loads(open(sys.argv[1]).read())["files"]:
    for hunk in file["hunks"]:
        print("@@ %(old)d,%(old_count)d %(new)d,%(new_count)d" % hunk)
        for line in hunk["lines"]:
            assert "".join(line.get("parts", [line["text"]])) == line["text"], line
            print(line["kind"] + line["text"])' "$said"; }
same_as_git() { # what git diff wants to know
    patch >"$scene/ours"
    git diff --no-color --no-ext-diff --diff-algorithm=myers "$@" | /usr/bin/python3 -c '
import re, sys
for line in sys.stdin:
    line = line.rstrip("\n")
    head = re.match(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", line)
    if head: print("@@ %s,%s %s,%s" % (head[1], head[2] or 1, head[3], head[4] or 1))
    elif line[:1] in " +-" and line[:3] not in ("+++", "---"): print(line)' >"$scene/theirs"
    [ -s "$scene/theirs" ] || failed "git finds a difference"
    cmp -s "$scene/theirs" "$scene/ours" || { diff "$scene/theirs" "$scene/ours" >"$said"; failed "the lines are those of git"; }
}

mkdir -p schedules
echo 'return { robot = "rents", cron = "0 6 * * 1-5" }' >schedules/rents.lua
manifest='return {
  title = "Rents",
  owner = "finance",
  permits = {
    http = { { "GET", "https://ledger.example/api/*", login = "ledger" } },
    shares = { inbox = "read" },
  },
}'
robot rents <<'LUA'
local decimal = require "decimal"
local sum = decimal(0)
run:log("sum is %s", sum)
LUA
# the working files
exits 0 "$RENKI" diff rents
says "Nothing is different"
cat >robots/rents/manifest.lua <<'LUA'
return {
  title = "Rents",
  owner = "treasury",
  permits = {
    http = { { { "GET", "POST" }, "https://ledger.example/api/*", login = "ledger" } },
    mail = { to = { "*@city.example" } },
  },
  limits = { memory = "512 MB" },
}
LUA
sed -i 's/sum is %s/the sum is %s/' robots/rents/robot.lua
echo 'return { robot = "rents", cron = "30 7 * * 1-5" }' >schedules/rents.lua
exits 0 "$RENKI" diff rents
says 'wider: may now also POST to https://ledger.example/api/* with the login "ledger"'
says "wider: may now also send mail to *@city.example"
says "wider: may use 512 MB of memory instead of 256 MB"
says "narrower: may no longer read the share inbox"
says "changed: the owner is now treasury, no longer finance"
says "changed: the schedule rents starts it at 7:30 instead of 6:00"
order "wider: may use" "narrower: may no longer"
order "narrower: may no longer" "changed: the owner"
order "changed: the schedule" "robots/rents/robot.lua"
says '-run:log("sum is %s", sum)'
says '+run:log("{+the +}sum is %s", sum)'
exits 0 env -u NO_COLOR TERM=xterm python3 "$SUPPORT/terminal.py" "never said" "" "$RENKI" diff rents
says "$(printf '+run:log("\033[7mthe \033[27msum is')"
says_not "{+"
exits 0 "$RENKI" diff rents --json
is .changes[0].reach wider
is .after.kind working
same_as_git HEAD -- robots schedules
RENKI_LANGUAGE=fi exits 0 "$RENKI" diff rents
says "ei saa enää lukea jakoa inbox"

# ---- versions by number, id, day
git commit -qam "second"
exits 0 "$RENKI" history rents
says "second"
says "- may now also send mail to *@city.example"
exits 0 "$RENKI" history rents --json
is .versions[0].changes[0].text 'may now also POST to https://ledger.example/api/* with the login "ledger"'
first=$(git rev-list HEAD -- robots/rents | tail -1)
for name in 1 v1 "$(echo "$first" | cut -c1-10)"; do
    exits 0 "$RENKI" diff rents "$name" --json
    is .before.commit "$first"
    is .after.kind version
    same_as_git "$first" HEAD -- robots schedules
done
exits 0 "$RENKI" diff rents 2 1
says "wider: may now also read the share inbox"
exits 0 "$RENKI" diff rents 1 "$(TZ=Europe/Helsinki date +%F)"
says "may now also POST"
for name in 3 0 v 2000-01-01 ffff "$(printf '\033[2J')"; do
    exits 3 "$RENKI" diff rents "$name"
    says "has no version"
done
exits 3 "$RENKI" diff nobody 1
says "never been saved"
exits 3 "$RENKI" diff nobody
says "never been saved"
exits 2 "$RENKI" blame nobody
says 'There is no robot "nobody"'

# ---- files that come, go, get another name, or are no text; and one that says nothing
head -c 3000 /dev/urandom >robots/rents/logo.bin
printf 'no line end' >robots/rents/notes.txt
seq 1 200 >robots/rents/long.txt
git add -A && git commit -qm "third"
git mv robots/rents/long.txt robots/rents/numbers.txt
sed -i 's/^100$/one hundred/' robots/rents/numbers.txt
head -c 2000 /dev/urandom >robots/rents/logo.bin
printf 'with a line end\n' >robots/rents/notes.txt
echo 'return { title = ' >robots/rents/manifest.lua
git add -A && git commit -qm "fourth"
exits 0 "$RENKI" diff rents 3 4
says "robots/rents/numbers.txt: was called robots/rents/long.txt"
says "no text: 2000 bytes, before 3000"
says "No newline at end of file"
says "What it says can't be compared"
exits 0 "$RENKI" diff rents 3 4 --json
same_as_git -M HEAD~1 HEAD -- robots

# ---- modules that the robot requires are a part of it; control characters do nothing
mkdir -p robots/lib
echo 'return { hello = 1 }' >robots/lib/names.lua
echo 'return { other = 1 }' >robots/lib/other.lua
printf 'local names = require "lib.names"\nrun:log(names.hello)\n' >robots/rents/robot.lua
git add -A && git commit -qm "with a module"
printf 'return { hello = "\033[2J\302\233" }\n' >robots/lib/names.lua
echo 'return { other = 2 }' >robots/lib/other.lua
exits 0 "$RENKI" diff rents
says "robots/lib/names.lua"
says_not "robots/lib/other.lua"
LC_ALL=C tr -d '\n\t' <"$said" | LC_ALL=C grep -q "[[:cntrl:]]" && failed "no control character reaches the terminal"

# ---- much of it
seq 1 300000 >robots/rents/huge.txt
head -c 900000 robots/rents/huge.txt >robots/rents/cut && mv robots/rents/cut robots/rents/huge.txt
exits 0 "$RENKI" diff rents
says "more of it is not shown"
exit 0
