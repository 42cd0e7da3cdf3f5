# --dry-run lets reads through, holds writes back and lists them; --record keeps the calls, without credentials, for a
# test that runs offline.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/ledger.sh"

printf 'correct horse battery' >"$scene/password"
"$RENKI" secret set ledger --origin https://ledger.example/ --username robot <"$scene/password" >"$said" 2>&1 ||
    failed "the login is kept"

manifest='return { title = "a test", owner = "tests",
  permits = { http = { { "GET", "https://ledger.example/*", login = "ledger" },
    { "POST", "https://ledger.example/*", login = "ledger" } } } }'
robot post <<'LUA'
local http = require "http"
local ledger = http.client { base = "https://ledger.example", login = "ledger" }
run:each({ { no = 1 }, { no = 2 }, { no = 3 } }, { key = "no" }, function(row)
  local answer = ledger:post("/entries", { json = { no = row.no } })
  run:log("number %d is held: %s", row.no, answer.held)
  if row.no == 2 then run:exception "number 2 is strange" end
end)
run:log("the ledger has %d", ledger:get("/posted"):json().numbers)
LUA

exits 4 "$RENKI" run post --dry-run
says "number 3 is held: true"
says "the ledger has 0"
says "3 writes were held back"
says "POST ledger.example/entries"
says "number 2 is strange"
posted 0 0
exits 4 "$RENKI" run post --dry-run --json
is .run[0].dry_run true
is .held[2].method POST
is .totals.items.exception 1
posted 0 0

exits 4 "$RENKI" run post --record "$scene/calls.json"
says "number 3 is held: false"
posted 3 1
if grep -qE 'correct|horse|Y29ycmVjd|cm9ib3Q6' "$scene/calls.json"; then failed "the recording has no credentials"; fi
mkdir robots/post/tests
cp "$scene/calls.json" robots/post/tests/
cat >robots/post/tests/recorded.lua <<'LUA'
local fake = require "fake"
local test = require "test"
test.case("as it was recorded", function()
  local result = test.run_robot { systems = { fake.recording "tests/calls.json" } }
  test.equal(result.state, "done")
  test.equal(#result.exceptions, 1)
end)
LUA
commit
exits 0 "$RENKI" test post
says "1 passed"
posted 3 1
