# A robot is read before it runs: each mistake with its file and line, and what to do about it.
. "$SUPPORT/workspace.sh"

manifest='return {
  title = "a test", owner = "tests",
  inputs = { period = { type = "month" }, lines = { type = "file" } },
  permits = { http = { { "GET", "https://ledger.example/api/*", login = "ledger" } } },
}'
robot slips <<'LUA'
local decimal = require "decimal"
local http = require "http"
local words = require "lib.words"
local ledger = http.client { base = "https://ledgr.example/api", login = "ledger" }
local total = decimal "0"
for _, row in ipairs(words.rows(run.inputs.perod)) do
  total = totl + row.sum
  ledger:get("/entries/{id}", { id = row.id })
end
print(total / 3, date.today())
LUA
mkdir -p robots/lib
echo 'return { rows = function() return nothing end }' >robots/lib/words.lua

exits 1 "$RENKI" check slips
says 'slips/manifest.lua:3: warning: The robot asks for the input "lines" but never uses it.'
says 'slips/robot.lua:6: error: run.inputs has nothing called "perod".'
says 'Did you mean "period"?'
says 'slips/robot.lua:7: error: "totl" is not known here.'
says 'slips/robot.lua:8: error: No permit of this robot covers GET https://ledgr.example/api/entries/'
says 'slips/robot.lua:10: error: "date" is not known here.'
says 'Put `local date = require "date"` at the top of the robot.'
says 'lib/words.lua:1: error: "nothing" is not known here.'

exits 1 "$RENKI" check slips --json
is .[0].robot slips
is .[0].finding.file manifest.lua

manifest='return {
  title = "a test", owner = "tests",
  inputs = { period = { type = "moth" } },
  permits = { http = { { "GTE", "https://ledger.example/api/*" } } },
}'
robot wrong <<'LUA'
run:log("never"
LUA
exits 1 "$RENKI" check wrong
says 'wrong/manifest.lua:3: error: inputs.period.type'
says 'wrong/manifest.lua:4: error: permit 1: "GTE" is no HTTP method; did you mean "GET"?'
says 'wrong/robot.lua:2: error: `)` is missing'

exits 1 "$RENKI" check slps
says 'There is no robot "slps"'
RENKI_LANGUAGE=fi exits 1 "$RENKI" check slips
says 'virhe: Nimeä "totl" ei tunneta tässä.'

# The robots of the project itself are as they should be.
rm -r robots
cp -r "$SUPPORT/../../robots" .
exits 0 "$RENKI" check
says "0 errors, 0 warnings"
