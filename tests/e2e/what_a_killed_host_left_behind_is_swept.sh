# Run folders that no run has are gone after some days; those of runs that can be resumed stay, and so do fresh ones.
. "$SUPPORT/workspace.sh"

manifest='return { title = "a test", owner = "tests", inputs = { lines = { type = "file" } } }'
robot fails <<'LUA'
run:log("read: %s", require("text").read(run.inputs.lines))
run:fail "on purpose"
LUA
printf 'a;1' >"$scene/lines.csv"
exits 1 "$RENKI" run fails lines="$scene/lines.csv"
old=00112233445566778899aabbccddeeff
part=11112233445566778899aabbccddeeff.part
fresh=22112233445566778899aabbccddeeff
chmod u+r .renki/runs
mkdir -p .renki/runs/$old/in .renki/runs/$part .renki/runs/$fresh
echo left >.renki/runs/$old/in/lines.csv
touch -d "3 days ago" .renki/runs/* .renki/swept
touch .renki/runs/$fresh
kept=$(ls .renki/runs | grep -v "$old\|$part")
chmod u-r .renki/runs
[ "$(stat -c %a .renki/runs)" = 300 ] || failed "the folder of folders can't be listed"

exits 0 "$RENKI" runs
[ "$(stat -c %a .renki/runs)" = 300 ] || failed "it still can't"
chmod u+r .renki/runs
[ "$(ls .renki/runs)" = "$kept" ] || failed "what is left are the failed run's folder, and the fresh one"
mkdir .renki/runs/$old
touch -d "3 days ago" .renki/runs/$old
chmod u-r .renki/runs
exits 1 "$RENKI" resume 1
says "read: a;1"
[ -d .renki/runs/$old ] || failed "it is looked at once a day"
