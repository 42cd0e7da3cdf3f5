# A clerk changes a robot and saves it: a version with a name, found clean by git; what must not get in stops it.
. "$SUPPORT/workspace.sh"

exits 0 "$RENKI" new robot rents
exits 3 "$RENKI" run rents
says "renki save rents"
exits 0 "$RENKI" save rents -m "reads the rents of the month"
says "new        robots/rents/robot.lua"
says_not "renki.lua"
exits 0 git status --porcelain
[ ! -s "$said" ] || failed "git finds it clean"
exits 0 git log -1 --format=%an,%s
says "reads the rents of the month"
exits 0 "$RENKI" run rents name=Aino

# Nothing changed; a robot that is nobody's.
exits 0 "$RENKI" save
says "Nothing has changed"
exits 2 "$RENKI" save rentz
says "There is no robot \"rentz\""

# All that changed, with a message made of it.
echo 'run:log "more"' >>robots/rents/robot.lua
rm robots/rents/README.md
mkdir -p schedules
echo 'return { robot = "rents", cron = "0 7 * * *", timezone = "Europe/Helsinki" }' >schedules/rents.lua
exits 0 "$RENKI" save --json
is .end saved
is .change_count 3
is .waits false
exits 0 git log -1 --format=%s
says "remove robots/rents/README.md and 2 more"
exits 0 git fsck --strict --no-dangling

# A password, a key and somebody's identity code stop the save; nothing of them is shown or kept.
before=$(git rev-parse HEAD)
printf 'local login = { user = "renki", password = "%s" }\n' "h4mm3rs22" >>robots/rents/robot.lua
printf 'Aino;131052-%s;1200,00\n' 308T >robots/rents/tests/people.csv
exits 3 "$RENKI" save
says "robots/rents/robot.lua, line 8: this looks like a password (password = …)."
says "robots/rents/tests/people.csv, line 1: this is somebody's personal identity code (13…)."
says "renki secret set"
says_not h4mm3rs22
says_not 131052
[ "$(git rev-parse HEAD)" = "$before" ] || failed "nothing is saved"
rm robots/rents/tests/people.csv
sed -i 's/h4mm3rs22" }/& -- renki: no secret/' robots/rents/robot.lua
exits 0 "$RENKI" save
says "robots/rents/robot.lua, line 8: says that it holds no secret"

# What can't be part of a robot is named.
ln -s /etc/passwd robots/rents/passwd
exits 3 "$RENKI" save
says "robots/rents/passwd can't be part of a robot"
rm robots/rents/passwd
exits 0 "$RENKI" save --conflicts
says "No conflict waits"

# Another branch's merge that is not over is left alone.
git rev-parse HEAD >.git/MERGE_HEAD
echo 'run:log "again"' >>robots/rents/robot.lua
exits 3 "$RENKI" save
says "not finished"
rm .git/MERGE_HEAD

# Two saves at once, and a commit by git beside: all of it is there.
for i in 1 2 3; do mkdir -p "robots/r$i" && echo "run:log \"$i\"" >"robots/r$i/robot.lua"; done
"$RENKI" save r1 >"$scene/1" 2>&1 &
first=$!
"$RENKI" save r2 >"$scene/2" 2>&1 &
second=$!
until git add robots/r3 2>/dev/null; do sleep 0.05; done
until git -c user.name=Test -c user.email=test@localhost commit -q -m beside 2>/dev/null; do sleep 0.05; done
wait $first || failed "the first save: $(cat "$scene/1")"
wait $second || failed "the second save: $(cat "$scene/2")"
exits 0 "$RENKI" save
exits 0 git status --porcelain
[ ! -s "$said" ] || failed "git finds it clean"
for i in 1 2 3; do git cat-file -e "HEAD:robots/r$i/robot.lua" || failed "r$i is saved"; done
exits 0 git fsck --strict --no-dangling
