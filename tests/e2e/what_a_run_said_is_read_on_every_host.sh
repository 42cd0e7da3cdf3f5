# A run's log is read on the host that has nothing of it: while it runs, after its host was killed in the midst of it, and
# when it is over, each line once and in order; from a folder, and from a bucket whose file somebody changed.
. "$SUPPORT/fleet.sh"

robot talks <<'LUA'
for i = 1, 60 do
  run:step("step " .. i, function()
    run:log("line %d of 60", i)
    local x = 0
    for n = 1, 3000000 do x = x + n % 7 end
  end)
end
LUA
robot terse <<'LUA'
run:log("one line")
run:log("two lines")
LUA
robot silent <<'LUA'
LUA
clone b
serve a && note_pid a
serve b && note_pid b
exits 0 on a "$RENKI" drain 1 # it starts nothing
: >"$scene/followed"
on a "$RENKI" run talks >"$scene/run" 2>&1 &
children="$children $!"
until_sql 30 t "SELECT count(*) > 3 FROM entries"
holder=$(sql "SELECT split_part(host, '/', 2) FROM runs WHERE id = 1")
[ "$holder" = "$(host_pid b)" ] || failed "the second host runs it"
on a "$RENKI" log 1 --follow >"$scene/followed" 2>&1 &
follower=$!
until_says "$scene/followed" "line 3 of 60"
until_says "$scene/followed" "line 8 of 60"
[ "$(sql "SELECT state FROM runs WHERE id = 1")" = running ] || failed "it runs meanwhile"
[ ! -e .renki/logs/1.jsonl ] || failed "this host has nothing of its own"

# ---- its host is killed: what it said in its last half second may be said again
kill -9 "$holder"
exits 0 on a "$RENKI" drain 1 --undo
until_sql 60 "done 2" "SELECT state || ' ' || attempt FROM runs WHERE id = 1"
wait $follower || { cp "$scene/followed" "$said"; failed "who follows hears its end"; }
whole() { # file: all lines, in order
    grep -o 'line [0-9]* of 60' "$1" | awk '{ print $2 }' | uniq >"$scene/numbers"
    seq 1 60 | cmp -s - "$scene/numbers" || { cp "$1" "$said"; failed "each line is there, in order"; }
}
whole "$scene/followed"

# ---- when it is over its log is a file
kept() { # run: how many files, and parts in the store
    until_sql 30 "$2" "SELECT (SELECT count(*) FROM log_files WHERE run = $1) || ' '
        || (SELECT count(*) FROM log_parts WHERE run = $1)"
}
kept 1 "1 0"
cat "$scene"/shared/logs/1-*.jsonl >"$scene/file"
[ "$(sql "SELECT sha256 FROM log_files")" = "$(sha256sum "$scene/file" | cut -d' ' -f1)" ] || failed "the store knows it"
clone c
serve c
exits 0 on c "$RENKI" log 1
whole "$said"
exits 0 on c "$RENKI" show 1
exits 0 on c "$RENKI" run silent
exits 0 on a "$RENKI" log 2
exits 0 on c "$RENKI" run terse
kept 3 "1 0"
for host in a c; do
    exits 0 on $host "$RENKI" log 3
    says "two lines"
done
rm "$scene"/shared/logs/3-*.jsonl
exits 1 on a "$RENKI" log 3
says "shared/logs/3-"
