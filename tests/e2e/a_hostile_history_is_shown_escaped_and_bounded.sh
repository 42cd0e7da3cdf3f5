# A history may come from anybody. What would move the cursor, turn the direction of writing or is no UTF-8 is replaced;
# what is huge is cut and counted; files that are no text are told by their size. Nothing of it stops history, diff, blame.
. "$SUPPORT/workspace.sh"

# Commits as no honest program makes them: names, messages, paths and contents, one robot each.
/usr/bin/python3 - >"$scene/import" <<'PYTHON' || failed "a hostile history is made"
import os, random, sys
random.seed(5)
out = sys.stdout.buffer
evil = b"\x1b[2J\x1b]0;owned\x07\xe2\x80\xae\xff\xfe \xc2\x9b31m"
time = 1_700_000_000

def commit(author, message, files, gone=()):
    global time
    time += 60
    out.write(b"commit refs/heads/main\n")
    for who in (b"author", b"committer"):
        out.write(who + b" " + author + b" %d +0000\n" % time)
    out.write(b"data %d\n%s\n" % (len(message), message))
    if commit.first: out.write(b"from refs/heads/main^0\n")
    commit.first = False
    for path in gone: out.write(b"D " + path + b"\n")
    for path, content in files.items():
        out.write(b"M 100644 inline " + path + b"\ndata %d\n%s\n" % (len(content), content))
commit.first = True

manifest = b'return { title = "%s", owner = "finance" }\n'
person = b"Bookkeeper <bookkeeper@city.example>"
robot = b"robots/odd/"
commit(person, b"first", {robot + b"manifest.lua": manifest % b"odd", robot + b"robot.lua": b"one\ntwo\nthree\n"})
commit(b"Evil " + evil.replace(b"\n", b"") + b" <a\x1b[2J@\xff.example>", b"say " + evil + b"\n\nmore " + evil,
       {robot + b"robot.lua": b"one\nt" + evil + b"wo\nthree\n",
        robot + b"manifest.lua": (manifest % b"\\27[2J\\xe2\\x80\\xae{1}{2}")[:-3] +
                                 b', permits = { http = { { "GET", "https://x.example/\\27[31m" } } } }\n'})
commit(b"A" * 5000 + b" <" + b"b" * 5000 + b">", b"m" * 300_000, {robot + b"robot.lua": b"one\nt" + evil + b"\nthree\n"})
commit(b" <>", b"", {b'"robots/odd/name\\033[2J\\nnext\\377.txt"': b"x\n"})
# no text, empty, a line of a megabyte, a hundred thousand lines, two thousand files, 12 MB
commit(person, b"large", {robot + b"logo.bin": bytes(random.randrange(256) for _ in range(4000)), robot + b"empty": b"",
                          robot + b"line": b"x" * 1_000_000 + b"\n",
                          robot + b"lines": b"".join(b"%d\n" % i for i in range(100_000))})
commit(person, b"larger", {robot + b"logo.bin": b"\0" * 5000, robot + b"empty": b"\n",
                           robot + b"line": b"y" * 1_000_000 + b"\n",
                           robot + b"lines": b"".join(b"%d.\n" % i for i in range(100_000))})
commit(person, b"many", {robot + b"many/%d" % i: b"%d\n" % i for i in range(2000)})
commit(person, b"gigantic", {robot + b"gigantic": b"0123456789abcdef\n" * 700_000})
commit(person, b"gigantic again", {robot + b"gigantic": b"0123456789abcdeg\n" * 700_000})
commit(person, b"gone again", {}, gone=[robot + b"gigantic", robot + b"many", robot + b"line", robot + b"lines",
                                        b'"robots/odd/name\\033[2J\\nnext\\377.txt"', robot + b"logo.bin", robot + b"empty"])
PYTHON
git fast-import --quiet <"$scene/import" || failed "git takes it"
rm "$scene/import"
git reset -q --hard
"$RENKI" serve >"$scene/serve" 2>&1 &
children=$!
until [ -S .renki/host.sock ]; do sleep 0.1; done

# What a terminal would obey is not there; what is there is UTF-8; and it is no more than an answer holds.
harmless() {
    /usr/bin/python3 - "$said" <<'PYTHON' || failed "\"$*\" is harmless"
import sys
said = open(sys.argv[1], "rb").read()
text = said.decode("utf-8")
bad = [hex(ord(c)) for c in text if (ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0
       or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"]
sys.exit(f"{sorted(set(bad))}" if bad else 0 if 0 < len(said) < 4_000_000 else f"{len(said)} bytes")
PYTHON
}
json_too() {
    /usr/bin/python3 -c 'import json, sys; json.loads(open(sys.argv[1], encoding="utf-8").read())' "$said" ||
        failed "\"$*\" is JSON"
}

exits 0 "$RENKI" history odd
says "say"
harmless history odd
exits 0 "$RENKI" history
harmless history
exits 0 "$RENKI" history odd --json
is .total 10
json_too history odd
for pair in "1 2" "2 3" "3 4" "4 5" "5 6" "6 7" "7 8" "8 9" "9 10" "1 10" "2 9"; do
    # shellcheck disable=SC2086 # two words
    set -- $pair
    exits 0 "$RENKI" diff odd "$1" "$2"
    harmless diff odd "$pair"
    exits 0 "$RENKI" diff odd "$1" "$2" --json
    json_too diff odd "$pair"
done
exits 0 "$RENKI" diff odd 1 2
says "may now also GET https://x.example/"
says "the title is now"
exits 0 "$RENKI" diff odd 5 6
says "no text: 5000 bytes, before 4000"
says "more of it is not shown"
exits 0 "$RENKI" diff odd 8 9
says "robots/odd/gigantic"
exits 0 "$RENKI" blame odd
says "AAAA"
harmless blame odd
exits 0 "$RENKI" blame odd manifest.lua --json
json_too blame odd
for language in fi sv; do
    exits 0 env RENKI_LANGUAGE=$language "$RENKI" diff odd 1 10
    harmless diff odd
done

# Coming back to what can't be a robot is refused in words; to what can be one, it works.
exits 1 "$RENKI" restore odd 9
says "The file gigantic is larger than 1 MB"
harmless restore odd 9
exits 3 "$RENKI" restore odd 4
harmless restore odd 4
[ -z "$(git status --porcelain)" ] || failed "nothing was changed"
exits 0 "$RENKI" restore odd 1
exits 0 git fsck --strict --no-dangling
