# All that is known of a run goes into one file; renki and stock tools find whatever was changed in it afterwards.
. "$SUPPORT/workspace.sh"

robot report <<'LUA'
local sheet = require "sheet"
run:expect { items = 3, sum = "6.50" }
run:each({ { no = "a", sum = "1.50" }, { no = "b", sum = "2.00" }, { no = "c", sum = "3.00" } }, { key = "no", sum = "sum" },
  function(row) run:log(row.no) end)
local book = sheet.create "report.xlsx"
book:table("Rows", { "No" }, { { 1 }, { 2 } })
run:attach(book)
LUA
exits 0 "$RENKI" run report
exits 0 "$RENKI" run report # another run's rows stand between
exits 0 "$RENKI" evidence 1 "$scene/one.zip"
says "13 files"
exits 3 "$RENKI" evidence 1 "$scene/one.zip"
says "There is a file"
[ "$(stat -c %a "$scene/one.zip")" = 600 ] || failed "only its owner may read it"
[ -z "$(ls .renki/evidence)" ] || failed "nothing is left in .renki/evidence"
exits 2 "$RENKI" evidence 77
says "There is no run 77"

# renki itself, anywhere
cd "$scene" || exit 1
exits 0 "$RENKI" evidence --verify one.zip
says "Evidence of run 1 of report, done"
says "3 steps and items are there"
says "Signed by the host with the key ssh-ed25519 "
says "It ran in the mode development"
exits 0 "$RENKI" evidence --verify one.zip --json
is .problem_count 0
is .robot report

# stock tools: sha256sum, and the chain worked out from its description alone
mkdir open && cd open || exit 1
python3 -m zipfile -e ../one.zip .
exits 0 sha256sum --check --strict SHA256SUMS
cat >../chain.py <<'PY'
import hashlib, json
def blake(data): return hashlib.blake2b(data, digest_size=32).digest()
def framed(text): return str(len(text.encode())).encode() + b":" + text.encode()
previous, own = None, 0
for line in open("audit.jsonl"):
    row = json.loads(line)
    content = bytes.fromhex(row["content_hash"])
    if "content" in row: assert blake(row["content"].encode()) == content, row["number"]
    assert ("content" in row) == (row["run"] == 1), row["number"]
    own += row["run"] == 1
    numbers = f'{row["number"]},{row["time_ms"]},{row["run"] or 0}'
    if previous is None and row["number"] == 1: previous = bytes(32)
    if previous is not None:
        assert blake(previous + framed(numbers) + framed(row["actor"]) + framed(row["event"]) + content).hex() == row["chain_hash"], row["number"]
    previous = bytes.fromhex(row["chain_hash"])
assert own >= 3, own
PY
exits 0 python3 ../chain.py

# the digests are signed by the host, the commits are git's, with their authors
exits 0 ssh-keygen -Y verify -f allowed_signers -I renki -n renki-evidence -s SHA256SUMS.sig <SHA256SUMS
says "Good"
exits 0 git clone -q commits.bundle ../commits
exits 0 git -C ../commits bundle verify "$PWD/commits.bundle"
says "complete history"
exits 0 git -C ../commits fsck --strict
exits 0 git -C ../commits log -1 --format='%D|%an <%ae>'
says "run-1"
says "Test <test@localhost>"
cmp -s ../commits/robots/report/robot.lua robot/robot.lua || failed "the commit has what ran"
grep -q '"mode":"development"' run.json || failed "it says in which mode it ran"
grep -q '"event":"evidence"' audit.jsonl || failed "that evidence was taken is in it"
grep -q "run:attach" robot/robot.lua || failed "the robot is in it"
cmp -s outputs/report.xlsx "$workspace/.renki/artifacts/1/report.xlsx" || failed "what it attached is in it"

# whatever is changed is found and named
tampered() { # what is said; then commands that change the open files
    wanted=$1
    shift
    rm -rf "$scene/changed" && cp -R "$scene/open" "$scene/changed" && cd "$scene/changed" || exit 1
    eval "$*"
    rm -f "$scene/changed.zip"
    python3 -m zipfile -c "$scene/changed.zip" ./* 2>/dev/null
    exits 1 "$RENKI" evidence --verify "$scene/changed.zip"
    says "$wanted"
    says "is NOT what was packed"
}
resum='sha256sum $(find . -type f ! -name "SHA256SUMS*" | cut -c3-) >SHA256SUMS'
tampered "log.jsonl is not what it was" 'sed -i "s/\"a\"/\"x\"/" log.jsonl'
tampered "outputs/report.xlsx is missing" 'rm outputs/report.xlsx'
tampered "more.txt is in the file" 'echo more >more.txt'
tampered "outputs/report.xlsx is not what it was" "echo x >>outputs/report.xlsx; $resum"
tampered "tells of 3 steps and items" "sed -i 1d entries.jsonl; $resum"
tampered "does not fit together at row 2" "sed -i '2s/\"actor\":\"[^\"]*\"/\"actor\":\"nobody\"/' audit.jsonl; $resum"
tampered "does not fit together at row 3" "sed -i 2d audit.jsonl; $resum"
tampered "SHA256SUMS.sig is no good signature" "echo x >>log.jsonl; $resum"
tampered "The digests are not signed" 'rm SHA256SUMS.sig'
tampered "SHA256SUMS.sig is no good signature" 'ssh-keygen -q -t ed25519 -N "" -f "$scene/other"; rm SHA256SUMS.sig; ssh-keygen -q -Y sign -f "$scene/other" -n renki-evidence SHA256SUMS; rm "$scene/other" "$scene/other.pub"'
tampered "SHA256SUMS.sig is no good signature" "echo '-----BEGIN SSH SIGNATURE-----' >SHA256SUMS.sig"
tampered "run.json is missing" 'rm run.json'
tampered "audit.jsonl can't be read" "echo '{' >>audit.jsonl; $resum"

# what is no evidence is refused in words
printf 'PK\003\004 nothing' >"$scene/broken.zip"
exits 1 "$RENKI" evidence --verify "$scene/broken.zip"
says "is not a file that"
exits 1 "$RENKI" evidence --verify "$scene/nowhere.zip"
says "nowhere.zip"

# what was changed between the run and the packing is told, and found by whoever checks
cd "$workspace" || exit 1
echo x >>.renki/artifacts/2/report.xlsx
exits 0 "$RENKI" evidence 2 "$scene/two.zip"
says "outputs/report.xlsx was changed after the run"
exits 1 "$RENKI" evidence --verify "$scene/two.zip"
says "outputs/report.xlsx is not what it was"
rm .renki/artifacts/2/report.xlsx
exits 0 "$RENKI" evidence 2 "$scene/three.zip"
says "outputs/report.xlsx is not at hand"
exits 0 "$RENKI" evidence --verify "$scene/three.zip"
says "1 file that the run attached is not in it"

# a run that goes on is refused
robot asks <<'LUA'
run:ask { title = "Go on?", to = "tests" }
LUA
exits 5 "$RENKI" run asks
exits 3 "$RENKI" evidence 3
says "Run 3 has not ended"

# in production: who wrote it and who allowed it, checked by git alone in a clone of the bundle
cat >renki.lua <<LUA
return { key = "$scene/gateway.key", mode = "production",
  people = { controller = { name = "Controller", email = "controller@city.example" } },
  approval = { approvers = 1 } }
LUA
commit
exits 0 "$RENKI" approve report --as controller
exits 0 "$RENKI" run report --json
is .run[0].id 4
tree=$(value .run[0].tree)
exits 0 "$RENKI" evidence 4 "$scene/four.zip"
exits 0 "$RENKI" evidence --verify "$scene/four.zip"
says "It ran in the mode production"
mkdir "$scene/audit" && cd "$scene/audit" || exit 1
python3 -m zipfile -e ../four.zip .
exits 0 git clone -q commits.bundle commits
exits 0 git -C commits tag
says "approvals/$tree/controller"
exits 0 git -C commits -c gpg.ssh.allowedSignersFile="$PWD/allowed_signers" verify-tag "approvals/$tree/controller"
says "Good \"git\" signature"
exits 0 git -C commits cat-file -t "$tree"
says tree
