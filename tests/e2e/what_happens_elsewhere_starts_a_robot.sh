# A robot follows another; a file that arrives in a share is given to one run, by one of two hosts, and put away after it.
. "$SUPPORT/workspace.sh"

runs_of() { # schedule state: how many
    "$RENKI" schedule show "$1" --json >"$said" 2>&1 || failed "schedule show $1"
    python3 -c 'import json, sys
print(sum(run["state"] == sys.argv[2] for run in json.load(open(sys.argv[1]))["runs"]))' "$said" "$2"
}
until_runs() { # count state schedule
    for _ in $(seq 300); do
        [ "$(runs_of "$3" "$2")" -ge "$1" ] && return
        sleep 0.1
    done
    failed "$3 has $1 runs that are $2"
}
until_file() {
    for _ in $(seq 300); do
        [ -e "$1" ] && return
        sleep 0.1
    done
    failed "$1 is there"
}

robot first <<'LUA'
run:log "first"
LUA
robot breaks <<'LUA'
error "on purpose"
LUA
manifest='return { title = "a test", owner = "tests", inputs = { earlier = { type = "number", required = false },
  lines = { type = "file", required = false } } }'
robot second <<'LUA'
run:log("after %s", run.inputs.earlier)
LUA
robot reads <<'LUA'
run:log("read: %s", run.inputs.lines)
LUA
mkdir -p schedules "$scene/inbox"
cat >renki.lua <<SETTINGS
return { key = "$scene/gateway.key", shares = { inbox = "$scene/inbox" } }
SETTINGS
cat >schedules/follows.lua <<'LUA'
return { robot = "second", after = { robot = "first" }, inputs = { earlier = "{run}" } }
LUA
cat >schedules/cleans.lua <<'LUA'
return { robot = "second", after = { robot = "breaks", on = "failed" } }
LUA
cat >schedules/arrives.lua <<'LUA'
return { robot = "reads", file = { share = "inbox", pattern = "*.csv", stable = "300 ms", input = "lines" } }
LUA
commit
"$RENKI" serve >"$scene/serve" 2>&1 &
children=$!
until [ -S .renki/host.sock ]; do sleep 0.05; done
exits 0 "$RENKI" schedule list # its files are read
says "when first has ended"

exits 0 "$RENKI" run first
until_runs 1 done follows
run=$(value .runs[0].id)
exits 0 "$RENKI" log "$run"
says "after 1"
[ "$(runs_of cleans done)" = 0 ] || failed "nothing failed yet"
exits 1 "$RENKI" run breaks
until_runs 1 done cleans

printf 'a;1\n' >"$scene/inbox/lines.csv"
printf 'half' >"$scene/inbox/other.csv.part"
until_file "$scene/inbox/done/lines.csv"
until_runs 1 done arrives
run=$(value .runs[0].id)
exits 0 "$RENKI" show "$run" --json
is .inputs[0].file lines.csv
[ -e "$scene/inbox/other.csv.part" ] || failed "what is not whole is left alone"
[ -z "$(ls -A "$scene/inbox/.renki-claimed")" ] || failed "nothing stays claimed"

# a second workspace watches the same share: each file is taken once
cp -r "$workspace" "$scene/other"
rm -rf "$scene/other/.renki"
(cd "$scene/other" && exec "$RENKI" serve >"$scene/serve2" 2>&1) &
children="$children $!"
until [ -S "$scene/other/.renki/host.sock" ]; do sleep 0.05; done
for i in 1 2 3 4 5 6 7 8 9; do printf '%s\n' "$i" >"$scene/inbox/many$i.csv"; done
for i in 1 2 3 4 5 6 7 8 9; do until_file "$scene/inbox/done/many$i.csv"; done
here=$(runs_of arrives done)
there=$(cd "$scene/other" && runs_of arrives done)
[ $((here + there)) = 10 ] || failed "ten files make ten runs, not $here and $there"
ls "$scene/inbox/failed" >/dev/null 2>&1 && failed "none failed"
true
