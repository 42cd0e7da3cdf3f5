# Two hosts share a store and a bucket. One is killed: the other fetches what the run was given from the bucket, goes on,
# and attaches to it. A wrong login, a bucket that does not answer and an object that was changed are told in words.
. "$SUPPORT/fleet.sh"

mkdir "$scene/objects"
: >"$scene/port"
python3 "$SUPPORT/s3_server.py" "$scene/objects" ACCESSKEY "the secret key of the bucket" eu-north-1 >"$scene/port" &
children="$children $!"
tries=0
until [ -s "$scene/port" ]; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || failed "the bucket's server starts within 30 s"
    sleep 0.1
done
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key",
  artifacts = { s3 = "https://s3.example/bucket/renki", login = "s3", region = "eu-north-1" },
  systems = { s3 = { origin = "https://s3.example", address = "http://127.0.0.1:$(cat "$scene/port")" } },
  store = "$(sh "$SUPPORT/postgres.sh" address "$database")" }
SETTINGS
manifest='return { title = "a test", owner = "tests", inputs = { list = { type = "file", accept = { ".csv" } } } }'
robot count <<'LUA'
local sheet = require "sheet"
local count = 0
run:each(sheet.open(run.inputs.list):rows { header = true }, { key = "id" }, function(item)
  local x = 0
  for i = 1, 3000000 do x = x + i % 7 end
  count = count + 1
end)
local book = sheet.create "työ 1.xlsx"
book:table("Rows", { "No" }, { { 1 }, { 2 } })
run:attach(book, { title = "The report" })
LUA
clone b
objects() { ls "$scene/objects" >"$said"; }
{ echo id; seq 1 40; } >list.csv

# ---- logins
"$RENKI" run count list=list.csv >"$said" 2>&1 && failed "without its login nothing starts"
says "renki secret set s3"
set_secret() { echo "$1" | "$RENKI" secret set s3 --origin "$2" --username ACCESSKEY >"$said" 2>&1 || failed "it is set"; }
set_secret "another key than the bucket's" https://s3.example
"$RENKI" run count list=list.csv >"$said" 2>&1 && failed "a wrong secret key starts nothing"
says 'The bucket at s3.example refused the login "s3" (status 403).'
"$RENKI" doctor >"$said" 2>&1
says "refused the login"
set_secret "the secret key of the bucket" https://another.example
"$RENKI" run count list=list.csv >"$said" 2>&1 && failed "a login of another place is not used"
says "https://another.example"
set_secret "the secret key of the bucket" https://s3.example
exits 0 "$RENKI" doctor
says "https://s3.example/bucket/renki"
objects
says_not doctor

# ---- a bucket that is away for a moment
touch "$scene/refuse"
"$RENKI" run count list=list.csv >"$said" 2>&1 && failed "nothing starts without the bucket"
says "The bucket at s3.example could not be used: 503."
rm "$scene/refuse"
[ "$(sql "SELECT count(*) FROM runs")" = 0 ] || failed "no run was queued"

# ---- a host is killed
kill_holder() { # run
    holder=$(sql "SELECT split_part(host, '/', 2) FROM runs WHERE id = $1")
    if [ "$holder" = "$(host_pid a)" ]; then gone=a left=b; else gone=b left=a; fi
    kill -9 "$holder"
}
serve a && note_pid a
serve b && note_pid b
on a "$RENKI" run count list=list.csv >"$scene/run" 2>&1 &
children="$children $!"
until_sql 30 t "SELECT count(*) > 3 FROM entries"
objects
says "bucket%2Frenki%2Finputs%2F"
kill_holder 1
until_sql 10 2 "SELECT attempt FROM runs WHERE id = 1"
until_sql 90 done "SELECT state FROM runs WHERE id = 1"
[ "$(sql "SELECT count(*) FROM entries WHERE state = 'done'")" = 40 ] || failed "each item is done"
exits 0 on $left "$RENKI" show 1
says " https://s3.example/bucket/renki/1/ty"
exits 0 on $left "$RENKI" show 1 --json
is .artifacts[0].path "https://s3.example/bucket/renki/1/ty~C3~B6~201.xlsx"
is .artifacts[0].sha256 "$(sha256sum "$scene/objects/bucket%2Frenki%2F1%2Fty~C3~B6~201.xlsx" | cut -d' ' -f1)"
exits 0 on $left "$RENKI" evidence 1 "$scene/one.zip"
exits 0 "$RENKI" evidence --verify "$scene/one.zip"
says_not "not in it"
mkdir "$scene/one" && (cd "$scene/one" && python3 -m zipfile -e ../one.zip . && sha256sum --check --quiet SHA256SUMS) >"$said" 2>&1 ||
    failed "what lies in the bucket is in the evidence"
[ -s "$scene/one/outputs/työ 1.xlsx" ] || failed "under its name"
find "$scene/b/.renki/artifacts" "$workspace/.renki/artifacts" -type f >"$said"
says_not xlsx
tries=0
while ls "$scene/objects" | grep -q inputs; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || failed "what the run was given goes with it"
    sleep 0.1
done

# ---- an object that somebody changed, and one that is gone
run=1
for how in changed gone; do
    serve $gone && note_pid $gone
    run=$((run + 1))
    before=$(sql "SELECT count(*) FROM entries")
    on a "$RENKI" run count list=list.csv >"$scene/run" 2>&1 &
    children="$children $!"
    until_sql 30 t "SELECT count(*) > $before + 3 FROM entries"
    for object in "$scene"/objects/*inputs*; do
        [ $how = gone ] && rm "$object" || printf 'id\n99999\n' >"$object"
    done
    kill_holder $run
    until_sql 60 failed "SELECT state FROM runs WHERE id = $run"
    exits 0 on $left "$RENKI" show $run
    [ $how = gone ] && says "There is no inputs/" || says "its SHA-256 differs"
done

# ---- the files of a question
manifest='return { title = "a test", owner = "tests" }'
robot asker <<'LUA'
local sheet = require "sheet"
local book = sheet.create "proposal.xlsx"
book:table("Rows", { "No" }, { { 1 } })
book:close()
run:ask { title = "Approve?", files = book, fields = { { name = "yes", type = "boolean" } } }
LUA
[ $gone = a ] || { kill -9 "$(host_pid a)"; rm -f .renki/fleet.pid; }
exits 5 on a "$RENKI" run asker
[ "$(sql "SELECT path FROM artifacts WHERE name = 'proposal.xlsx'")" = "https://s3.example/bucket/renki/$((run + 1))/proposal.xlsx" ] ||
    failed "what a question shows is in the bucket"
[ -s "$scene/objects/bucket%2Frenki%2F$((run + 1))%2Fproposal.xlsx" ] || failed "and whole"
