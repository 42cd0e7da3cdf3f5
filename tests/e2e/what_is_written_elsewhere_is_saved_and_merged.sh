# A page in a browser saves files that it has, with the commit that they were made from: `robot.save` with `base` and
# `files`. What others saved meanwhile is merged; one line changed twice is shown with both sides, and nothing is lost.
. "$SUPPORT/workspace.sh"

# saves WHO BASE FILES: as this person, files as JSON made from BASE; the answer is in $said.
saves() {
    printf '{"actor":"%s","base":"%s","message":"by %s","files":%s}' "$1" "$2" "$1" "$3" >"$scene/body"
    exits "${wanted:-0}" python3 "$SUPPORT/ask.py" robot.save <"$scene/body"
}
file() { printf '[{"path":"%s","content":"%s"}]' "$1" "$2"; }

robot rents <<'LUA'
one
two
three
four
five
LUA
"$RENKI" serve >"$scene/serve" 2>&1 &
children=$!
until [ -S .renki/host.sock ]; do sleep 0.1; done
base=$(git rev-parse HEAD)

# Two people have the same version open, and change lines that are apart.
saves bookkeeper "$base" "$(file robots/rents/robot.lua 'ONE\ntwo\nthree\nfour\nfive\n')"
is .end saved
saves controller "$base" "$(file robots/rents/robot.lua 'one\ntwo\nthree\nfour\nFIVE\n')"
is .end saved
is .commit "$(git rev-parse HEAD)"
is .changes[0].path robots/rents/robot.lua
[ "$(git show HEAD:robots/rents/robot.lua | tr '\n' ' ')" = "ONE two three four FIVE " ] || failed "both are kept"
[ -z "$(git status --porcelain)" ] || failed "the working file follows"
exits 0 git log -3 --format="%an %cn %s" --reverse
says "bookkeeper bookkeeper by bookkeeper"
says "controller controller by controller"

# A third one has changed a line that is another by now: both sides are told, mine is kept, the branch stays.
before=$(git rev-parse HEAD)
saves treasurer "$base" "$(file robots/rents/robot.lua 'uno\ntwo\nthree\nfour\nfive\n')"
is .end conflicts
is .commit "$before"
is .conflicts[0].path robots/rents/robot.lua
says '"branch":"ONE\ntwo\nthree\nfour\nFIVE\n","mine":"uno\ntwo\nthree\nfour\nfive\n"'
says '"text":"<<<<<<< saved by others\nONE\n=======\nuno\n>>>>>>> yours\ntwo\nthree\nfour\nFIVE\n"'
kept=$(value .kept)
case $kept in refs/renki/conflicts/treasurer/*) ;; *) failed "it is kept for the treasurer: $kept" ;; esac
[ "$(git show "$kept:robots/rents/robot.lua" | head -1)" = uno ] || failed "what was written is there"
[ "$(git rev-parse HEAD)" = "$before" ] || failed "nothing is saved over"
[ -z "$(git status --porcelain)" ] || failed "no marks are left in the working file"
USER=treasurer exits 0 "$RENKI" save --conflicts
says robots/rents/robot.lua
saves treasurer "$before" "$(file robots/rents/robot.lua 'uno, ONE\ntwo\nthree\nfour\nFIVE\n')"
is .end saved
[ -z "$(git for-each-ref refs/renki/conflicts)" ] || failed "what is settled waits no more"

# One deletes what the other changed; bytes; a file and a folder of one name.
base=$(git rev-parse HEAD)
saves bookkeeper "$base" '[{"path":"robots/rents/robot.lua","gone":true},{"path":"robots/rents/logo.png","base64":"AAH/"}]'
is .change_count 2
[ "$(git cat-file -s HEAD:robots/rents/logo.png)" = 3 ] || failed "bytes are saved"
[ ! -e robots/rents/robot.lua ] || failed "what is gone is gone in the folder"
saves controller "$base" "$(file robots/rents/robot.lua 'changed\n')"
is .end conflicts
is .conflicts[0].branch null
says '"mine":"changed\n"'
base=$(git rev-parse HEAD)
saves controller "$base" "$(file robots/rents/robot.lua 'changed\n')"
is .end saved
saves bookkeeper "$base" "$(file robots/rents/notes 'a file\n')"
saves controller "$base" "$(file robots/rents/notes/today 'in a folder\n')"
is .end conflicts
saves bookkeeper "$(git rev-parse HEAD)" "$(file robots/rents/notes 'a file\n')"
is .end unchanged

# What must not get in, and what is no version.
head=$(git rev-parse HEAD)
wanted=3
for path in .git/config ../outside /etc/passwd robots/../renki.lua robots/rents/.GIT/hooks/post-commit 'robots/rents/git~1/config' \
    README.md .renki/key robots/rents/ 'robots/rents/a\u0000b' 'robots/rents/\u001b[2J' 'robots/rents/.g\u200cit/config' ''; do
    saves bookkeeper "$head" "$(file "$path" 'run()\n')"
done
saves bookkeeper "$head" "$(file robots/rents/robot.lua 'local password = \"h4mm3rs22\"\n')"
says SAVE_PASSWORD
says_not h4mm3rs22
saves bookkeeper "$head" '[{"path":"robots/rents/a.lua","base64":"!!"}]'
saves bookkeeper "$head" '[{"path":"robots/rents/a.lua"}]'
saves bookkeeper 0000000000000000000000000000000000000001 "$(file robots/rents/a.lua 'x\n')"
saves bookkeeper no-version "$(file robots/rents/a.lua 'x\n')"
saves bookkeeper "$(git rev-parse HEAD:robots)" "$(file robots/rents/a.lua 'x\n')"
[ "$(git rev-parse HEAD)" = "$head" ] || failed "nothing of it is saved"
[ -z "$(git status --porcelain)" ] || failed "nor in the folder"
wanted=0

# Twelve at once from one version, some of one file: each is there, whoever came first.
seq 1 60 >robots/rents/robot.lua
exits 0 "$RENKI" save
base=$(git rev-parse HEAD)
/usr/bin/python3 - "$base" <<'PYTHON' || failed "twelve save at once"
import json, subprocess, sys, os
lines = [str(i) for i in range(1, 61)]
asked = []
for writer in range(12):
    mine = list(lines)
    mine[5 * writer] = f"writer {writer}"
    body = {"actor": f"writer{writer}", "base": sys.argv[1], "files": [
        {"path": "robots/rents/robot.lua", "content": "\n".join(mine) + "\n"},
        {"path": f"robots/rents/tests/{writer}.lua", "content": "-- a test\n"}]}
    process = subprocess.Popen([sys.executable, os.environ["SUPPORT"] + "/ask.py", "robot.save"], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    process.stdin.write(json.dumps(body).encode())
    process.stdin.close()
    asked.append(process)
for process in asked:
    reply = process.stdout.read()
    if process.wait() != 0 or json.loads(reply)["end"] != "saved": sys.exit(reply.decode())
PYTHON
[ "$(grep -c writer robots/rents/robot.lua)" = 12 ] || failed "each line is there"
[ "$(git rev-list --count "$base..HEAD")" = 12 ] || failed "each is a version"
[ -z "$(git status --porcelain)" ] || failed "git finds it clean"
exits 0 git fsck --strict --no-dangling
[ ! -s "$said" ] || failed "the repository is in order"
