# What a robot attaches is copied out of its folder, with its SHA-256; what is no file of its own is refused.
. "$SUPPORT/workspace.sh"

robot report <<'LUA'
local sheet = require "sheet"
local book = sheet.create "report.xlsx"
book:table("Rows", { "No" }, { { 1 }, { 2 } })
run:attach(book, { title = "The report" })
LUA
exits 0 "$RENKI" run report
says "$workspace/.renki/artifacts/1/report.xlsx"
exits 0 "$RENKI" show 1 --json
is .artifacts[0].title "The report"
sum=$(sha256sum .renki/artifacts/1/report.xlsx | cut -d' ' -f1)
is .artifacts[0].sha256 "$sum"
left=$(find .renki/runs -type f | wc -l)
[ "$left" = 0 ] || failed "nothing is left of the run's folder"

for path in nowhere.xlsx /etc/passwd ../../store.sqlite .; do
    robot escape <<LUA
run:attach "$path"
LUA
    "$RENKI" run escape >"$said" 2>&1 && failed "attaching $path is refused"
    says "$path"
    says "robot.lua:1"
done
find .renki/artifacts -type f >"$said"
says_not passwd
