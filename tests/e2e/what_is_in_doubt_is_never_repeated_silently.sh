# Everything is killed between a call and its record. Nobody knows whether it was done: an idempotent step is done again
# with the same key, a check finds out, and else a person says it; nothing is done twice by itself.
. "$SUPPORT/workspace.sh"
. "$SUPPORT/effects.sh"

robot pay <<'LUA'
local bank = require "http".client { base = "https://bank.example" }
local case = run.inputs.from
local function pay(step)
  bank:post("/" .. case, { json = { sum = 1 }, headers = { ["Idempotency-Key"] = step.key } })
  return "paid now"
end
local options = {
  idempotent = { idempotent = true },
  found = { check = function() return bank:get("/found"):text() == "1", "found paid" end },
  missing = { check = function() return bank:get("/nothing"):text() == "1" end },
  unknown = { check = function() return nil end },
}
if case == "alone" then
  bank:post("/alone", {})
  run:log "went on"
elseif case == "item" then
  run:expect { items = 1, sum = "7.00" }
  run:each({ { no = "4711", sum = "7.00" } }, { key = "no", sum = "sum" }, function(_, _, step) return pay(step) end)
else
  run:log("%s", run:step("pay", options[case] or {}, pay))
end
LUA

number=0
tear() { # case
    number=$((number + 1))
    torn "/$1" "$RENKI" run pay from="$1"
    counted "/$1" 1
}

# With the key that the system honours, it may be done again.
touch "$effects/honour"
tear idempotent
exits 0 "$RENKI" resume $number
says "paid now"
counted /idempotent 1
[ "$(sort -u "$effects/keys" | wc -l)" = 1 ] || failed "both calls had the same key"
rm "$effects/honour"

tear found
exits 0 "$RENKI" resume $number
says "found paid"
counted /found 1

tear missing
exits 0 "$RENKI" resume $number
says "paid now"
counted /missing 2

tear unknown
exits 5 "$RENKI" resume $number
says "waits for an answer from aino: renki tasks show 1"
counted /unknown 1

# Without either, the owner is asked, on evidence.
tear plain
exits 5 "$RENKI" resume $number
counted /plain 1
exits 0 "$RENKI" show $number --json
is .run[0].state "in doubt"
exits 0 "$RENKI" alerts --json
is .alerts[0].kind "in doubt"
exits 0 "$RENKI" tasks list
says "aino"
exits 0 "$RENKI" tasks show 2
says "POST bank.example/plain"
says "no answer recorded"
exits 3 "$RENKI" tasks answer 2
says "Task 2 asks whether something was done"
exits 0 "$RENKI" tasks answer 2 --done --result "as told"
exits 3 "$RENKI" tasks answer 2 --not-done
says "was answered already"
exits 0 "$RENKI" resume $number
says "as told"
counted /plain 1
exits 0 "$RENKI" show $number
says "standing in for aino"
exits 0 "$RENKI" show $number --json
is .questions[0].answer.was done

tear again
exits 5 "$RENKI" resume $number
exits 0 "$RENKI" tasks answer 3 --not-done
exits 0 "$RENKI" resume $number
says "paid now"
counted /again 2

tear given
exits 5 "$RENKI" resume $number
exits 0 "$RENKI" tasks answer 4 --give-up
exits 0 "$RENKI" show $number --json
is .run[0].state failed
is .run[0].fault.code DOUBT_GIVEN_UP
counted /given 1
exits 5 "$RENKI" resume $number

# An item, and a call outside of both; the totals count what a person says was done.
tear item
exits 5 "$RENKI" resume $number
says "in doubt"
exits 0 "$RENKI" show $number --json
is .totals.items.doubt 1
is .totals.balanced false
exits 0 "$RENKI" tasks answer 6 --done
exits 0 "$RENKI" resume $number
counted /item 1
exits 0 "$RENKI" show $number --json
is .totals.balanced true

tear alone
exits 5 "$RENKI" resume $number
exits 0 "$RENKI" tasks show 7
says "outside of steps"
exits 0 "$RENKI" tasks answer 7 --done
exits 0 "$RENKI" resume $number
says "went on"
counted /alone 1

# A robot that changed meanwhile goes on as it began.
tear changed
exits 5 "$RENKI" resume $number
echo 'run:log "another robot"' >robots/pay/robot.lua
commit
exits 0 "$RENKI" tasks answer 8 --done --result "as it was"
exits 0 "$RENKI" resume $number
says "as it was"

# An error after which something may have been done is no better than a crash.
printf '500' >"$effects/status"
cat >robots/pay/robot.lua <<'LUA'
local bank = require "http".client { base = "https://bank.example", retries = 0 }
run:step("pay", function() bank:post("/error", {}) end)
LUA
commit
number=$((number + 1))
exits 1 "$RENKI" run pay
counted /error 1
printf '400' >"$effects/status"
exits 5 "$RENKI" resume $number
counted /error 1
exits 0 "$RENKI" tasks answer 9 --not-done
exits 1 "$RENKI" resume $number
exits 1 "$RENKI" resume $number
counted /error 3
