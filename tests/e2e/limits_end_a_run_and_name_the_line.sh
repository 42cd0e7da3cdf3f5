# A robot with an endless loop, endless memory, endless output or deep recursion: the run ends, others go on.
. "$SUPPORT/workspace.sh"

manifest='return { title = "a test", owner = "tests",
  limits = { memory = "32 MB", cpu = "1 s", time = "5 s", output = "1 MB" } }'
robot loop <<'LUA'
local n = 0
while true do pcall(function() while true do n = n + 1 end end) end
LUA
robot memory <<'LUA'
local rows = {}
while true do
  rows[#rows + 1] = ("x"):rep(100000) .. #rows
end
LUA
robot recursion <<'LUA'
local function deeper(n) return 1 + deeper(n + 1) end
deeper(1)
LUA
exits 1 "$RENKI" run loop
says "1 s of computing were used up"
says "robot.lua:2"
exits 1 "$RENKI" run memory
says "more than 32 MB"
says "robot.lua:3"
exits 1 "$RENKI" run recursion
says "robot.lua:1"

manifest='return { title = "a test", owner = "tests" }'
robot log <<'LUA'
for i = 1, 100100 do run:log("%d", i) end
LUA
exits 0 "$RENKI" run log --json
exits 0 "$RENKI" log 4
says "100 further lines were left out here"

manifest='return { title = "a test", owner = "tests", limits = { time = "1 s" } }'
robot slow <<'LUA'
while true do end
LUA
exits 1 "$RENKI" run slow
says "Stopped after 1 s, at line 1"
