# Two hosts empty one queue; the database server is killed under them and comes back. Every run is done, each step once.
. "$SUPPORT/fleet.sh"

robot short <<'LUA'
run:step("one", function()
  local x = 0
  for i = 1, 300000 do x = x + i % 7 end
  return 1
end)
LUA
clone b
serve a && note_pid a
serve b && note_pid b
exits 0 on a "$RENKI" run short
sql "INSERT INTO runs (robot, state, tree, draft, dry_run, actor, language, folder, host, inputs, manifest, created_ms,
    queued_ms, served)
  SELECT robot, 'queued', tree, 0, 0, actor, language, '', '', inputs, manifest, created_ms, created_ms, 1
  FROM runs, generate_series(1, 200) WHERE id = 1"
until_sql 30 t "SELECT count(*) > 20 FROM runs WHERE state = 'done'"
sh "$SUPPORT/postgres.sh" kill "$database"
sleep 2 # it is away for a while; nothing is waited for
sh "$SUPPORT/postgres.sh" start "$database" >"$said" 2>&1 || failed "the server starts again"
(until_sql 150 201 "SELECT count(*) FROM runs WHERE state = 'done'") || {
    sql "SELECT id, state, host, taken, attempt, waiting_for, fault FROM runs WHERE state <> 'done'" >"$said"
    failed "every run is done"
}

[ "$(sql "SELECT count(*) FROM entries WHERE state = 'done'")" = 201 ] || failed "each step is done"
# Where a host could not record again what it had in hand, its runs went on from their journals.
[ "$(sql "SELECT max(attempt) FROM runs")" -le 2 ] || failed "no run was begun again without a reason"
[ "$(sql "SELECT count(DISTINCT host) FROM runs WHERE id > 1")" = 2 ] || failed "both hosts took part"
[ "$(sql "SELECT count(*) FROM hosts WHERE state = 'active'")" = 2 ] || failed "neither was taken for dead"
exits 0 on a "$RENKI" doctor
