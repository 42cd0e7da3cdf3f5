# Two hosts read the same schedule: each of its times is one run, begun once, by whichever of them. When one is gone the
# other goes on alone.
. "$SUPPORT/fleet.sh"

robot tick <<'LUA'
run:log "tick"
LUA
mkdir -p schedules
cat >schedules/often.lua <<'LUA'
return { robot = "tick", cron = "* * * * * *", timezone = "Europe/Helsinki" }
LUA
commit
clone b
serve a && note_pid a
serve b && note_pid b
until_sql 30 t "SELECT count(*) > 4 FROM runs WHERE schedule = 'often' AND state = 'done'"
kill -9 "$(host_pid a)"
before=$(sql "SELECT count(*) FROM runs WHERE state = 'done'")
until_sql 30 t "SELECT count(*) > $before + 2 FROM runs WHERE schedule = 'often' AND state = 'done'"
[ "$(sql "SELECT count(*) FROM (SELECT 1 FROM runs WHERE planned_ms IS NOT NULL GROUP BY schedule, planned_ms
  HAVING count(*) > 1) AS twice")" = 0 ] || failed "no time is there twice"
[ "$(sql "SELECT count(*) FROM (SELECT run FROM audit WHERE event = 'run.done' GROUP BY run HAVING count(*) > 1) AS twice")" = 0 ] ||
    failed "no run ended twice"
