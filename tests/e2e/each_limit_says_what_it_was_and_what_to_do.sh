# Each limit that the host watches is hit exactly: what is allowed passes, one more ends the run, another run goes on.
. "$SUPPORT/workspace.sh"

# hits ROBOT words…: the run fails and says all of this.
hits() {
    name=$1
    shift
    exits 1 "$RENKI" run "$name"
    for words in "$@"; do says "$words"; done
}

last_run() { "$RENKI" runs --json | tail -1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["runs"][0]["id"])'; }

# ---- files: how many, how large together
manifest='return { title = "a test", owner = "tests", limits = { files = 5, output = "1 MB", time = "20 s" } }'
robot files-fit <<'LUA'
local text = require "text"
for i = 1, 5 do text.write(i .. ".txt", ("x"):rep(200000)) end
local till = os.time() + 1
while os.time() <= till do end
LUA
robot many-files <<'LUA'
local text = require "text"
for i = 1, 6 do text.write(i .. ".txt", "x") end
while true do end
LUA
robot large-files <<'LUA'
local text = require "text"
for i = 1, 5 do text.write(i .. ".txt", ("x"):rep(210000)) end
while true do end
LUA
robot open-files <<'LUA'
local sheet = require "sheet"
local text = require "text"
text.write("a.csv", "No;Sum\n1;2\n2;3\n")
for _ = 1, 200 do for _ in sheet.open("a.csv"):rows() do break end end
for _ = 1, 200 do text.lines("a.csv") end
print "one by one"
local kept = {}
for i = 1, 200 do kept[i] = sheet.open("a.csv") end
LUA
exits 0 "$RENKI" run files-fit
hits open-files 'one by one' "The file a.csv can't be opened: too many are open already" 'robot.lua:8' 'workbook:close()'
hits many-files 'more than 5 files' 'robot.lua:' 'limits.files' # where it was when they were counted
hits large-files 'more than 1 MB of files' 'robot.lua:' 'limits.output'

# ---- steps, results, journal
manifest='return { title = "a test", owner = "tests" }'
robot steps <<'LUA'
for i = 1, 10001 do run:step("step " .. i, function() return i end) end
LUA
hits steps 'more than 10000 steps' 'run:each'
exits 0 "$RENKI" show "$(last_run)" --json
is .counts[0].count 10000
robot result <<'LUA'
run:step("large", function() return ("x"):rep((1 << 20) + 1) end)
LUA
hits result '1000 KB' 'robot.lua:1'
robot journal <<'LUA'
local large = ("x"):rep(1 << 20)
for i = 1, 300 do run:step("step " .. i, function() return large:sub(1, 990000) end) end
LUA
hits journal 'more than 256 MB' 'Return only what is needed'

# ---- the log: a line too long is cut, lines and bytes beyond are counted
robot long-line <<'LUA'
run:log(("x"):rep(20000))
LUA
exits 0 "$RENKI" run long-line
exits 0 "$RENKI" log "$(last_run)"
[ "$(wc -c <"$said")" -lt 9000 ] || failed "a line has at most 8 KB"
robot bytes <<'LUA'
local line = ("x"):rep(8000)
for i = 1, 1400 do run:log(line) end
LUA
exits 0 "$RENKI" run bytes --json
exits 0 "$RENKI" log "$(last_run)"
says 'further lines were left out here'

# ---- the queue: 100 wait, one more is refused
robot patient <<'LUA'
run:log "ran"
LUA
exits 0 "$RENKI" run patient
wait_more() {
    python3 - "$1" <<'PYTHON'
import sqlite3, sys
store = sqlite3.connect(".renki/store.sqlite")
store.execute("INSERT INTO runs (robot, state, tree, draft, dry_run, actor, language, folder, host, inputs, manifest, created_ms)"
              " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
              " SELECT 'patient', 'waiting', 'x', 0, 0, 'x', 'en', '', '', '{}', '{}', 1 FROM n", (int(sys.argv[1]),))
store.commit()
PYTHON
}
wait_more 99
exits 0 "$RENKI" run patient
wait_more 1
exits 3 "$RENKI" run patient
says '100 runs of this robot already wait'
exits 0 "$RENKI" run files-fit
