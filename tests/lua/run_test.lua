-- The run object: what is kept, what is passed over, what is told. The robot is in the folder run.
local decimal = require "decimal"
local test    = require "test"

local function run_case(case, options)
  options = options or {}
  options.inputs = options.inputs or {}
  options.inputs.case = case
  return test.run_robot(options)
end

local function failure_of(case)
  local result = run_case(case)
  test.equal(result.state, "failed")
  return result.fault
end

test.case("inputs have the types of the manifest", function()
  local result = run_case("inputs", {
    inputs = { amount = "1 234,50", day = "31.12.2026", month = "2026-12", names = "a;b" },
  })
  test.equal(result.fault, nil)
  test.equal(result.log, { "1235.50\t31.12.2026\t2027-01\t2" })
end)

test.case("an input that is not declared is a mistake that names the nearest", function()
  local fault = failure_of "misspelt"
  test.equal(fault.code, "FIELD_UNKNOWN")
  test.contains(fault.hint, "amount")
end)

test.case("items are done once, counted and balanced", function()
  local result = run_case "each"
  test.equal(result.fault, nil)
  test.equal(result.totals, {
    items = 3, sum = decimal "4.00", expected_items = 3, expected_sum = decimal "4.00", balanced = true,
  })
  test.equal(result.exceptions, { "2 differs by 2,25" })
  test.equal(result.items[2].state, "exception")
  test.equal(result.items[3].result, { "3", decimal "0.25" })
  test.equal(result.log, { "2 results" })
end)

test.case("what was done before a failure is not done again", function()
  local first = run_case "stops_at_two"
  test.equal(first.state, "failed")
  test.equal(first.fault.class, "failure")
  test.equal(first.log, { "did\t1" })
  local second = run_case("stops_at_two", { resume = first })
  test.equal(second.state, "done")
  test.equal(second.log, { "did\t2", "did\t3" })
  test.equal(#second.items, 3)
end)

test.case("with on_failure = continue the rest is done and the run fails at its end", function()
  local result = run_case "goes_on"
  test.equal(result.state, "failed")
  test.equal(result.fault.code, "ITEMS_FAILED")
  test.equal(#result.items, 3)
  test.equal(result.log[#result.log], "after")
end)

test.case("a bug stops the run whatever on_failure says", function()
  local result = run_case "bug_stops"
  test.equal(result.fault.class, "bug")
  test.equal(#result.items, 1)
end)

test.case("the same key again is another item", function()
  local keys = {}
  for i, item in ipairs(run_case("same_key").items) do keys[i] = item.key end
  test.equal(keys, { "1", "1 (2)", "1 (3)" })
end)

test.case("an item without its key says which one it is", function()
  test.equal(failure_of("no_key").message, 'Item 2 has nothing in "No", which names it.')
end)

test.case("several columns make one key without doubt", function()
  test.equal(run_case("several_columns").items[1].key, "x\\|y | 1")
end)

test.case("a sum is never a binary fraction", function()
  test.equal(failure_of("float_sum").code, "AMOUNT_FLOAT")
end)

test.case("results of every kind come back as they were", function()
  local first = run_case "kept"
  test.equal(first.fault, nil)
  local second = run_case("kept", { resume = first })
  test.equal(second.log, first.log)
  test.equal(first.log[3], "1\t2\tfive\tx\tnil\t9007199254740993\tfloat")
end)

test.case("what can't be kept is refused with a word", function()
  test.contains(failure_of("not_kept").message, "function")
  test.equal(failure_of("endless").code, "KEEP_DEEP")
end)

test.case("steps have names of their own and don't nest", function()
  test.equal(failure_of("step_twice").code, "STEP_TWICE")
  test.equal(failure_of("step_in_step").code, "STEP_IN_STEP")
  test.equal(failure_of("each_in_each").code, "EACH_INSIDE")
end)

test.case("a step inside an item is done once for each item", function()
  local first = run_case "step_in_item"
  test.equal(first.log, { "book\t1", "book\t2", "book\t3" })
  test.equal(run_case("step_in_item", { resume = first }).log, {})
end)

test.case("a key belongs to the run that claimed it first", function()
  local first = run_case "claim"
  test.equal(first.log, { "ours" })
  test.equal(run_case("claim", { resume = first }).log, { "ours" })
  test.equal(run_case("claim", { resume = first, number = 2 }).log, { "1" })
end)

test.case("files are kept with their titles, exceptions stand outside items too", function()
  local result = run_case "attach"
  test.equal(result.artifacts, { { path = "report.txt", title = "Report" } })
  test.equal(result.exceptions, { "outside an item" })
end)

test.case("a wrong option or a dot is told with what to write", function()
  test.contains(failure_of("option").hint, "key, label")
  test.contains(failure_of("dot").hint, "run:log")
end)

-- ---- What is in doubt

local fake = require "fake"

-- A ledger that takes a payment and breaks off, or answers; `paid` is what it tells who asks.
local function ledger_that(answer, paid)
  local state = { posted = 0, keys = {} }
  state.system = fake.system("https://ledger.example", {
    ["POST /payments"] = function(request)
      state.posted = state.posted + 1
      table.insert(state.keys, request.headers["x-key"])
      return answer
    end,
    ["GET /payments"] = { body = paid or "" },
  })
  return state
end

local function run_against(case, ledger, options)
  options = options or {}
  options.systems = { ledger.system }
  return run_case(case, options)
end

test.case("a step whose call broke off is in doubt and not done again by itself", function()
  local ledger = ledger_that { fault = "cut" }
  local first = run_against("pays", ledger)
  test.equal(first.state, "failed")
  test.equal(first.steps[1].state, "doubt")
  local second = run_against("pays", ledger, { resume = first })
  test.equal(second.state, "in doubt")
  test.equal(ledger.posted, 1)
end)

test.case("a person says that it was done, or not, or gives up", function()
  local ledger = ledger_that { fault = "cut" }
  local function resumed(answer)
    local first = run_against("pays", ledger_that { fault = "cut" })
    ledger = ledger_that { status = 201 }
    return run_against("pays", ledger, { resume = first, answers = { pay = answer } })
  end
  test.equal(resumed({ done = "4711" }).log, { "paid\t4711" })
  test.equal(ledger.posted, 0)
  test.equal(resumed("not done").log, { "paid\t201" })
  test.equal(ledger.posted, 1)
  test.equal(resumed("give up").fault.code, "DOUBT_GIVEN_UP")
  test.equal(ledger.posted, 0)
end)

test.case("an idempotent step is done again, with the same key", function()
  local ledger = ledger_that { fault = "cut" }
  local first = run_against("pays_idempotently", ledger)
  local second = run_against("pays_idempotently", ledger, { resume = first })
  test.equal(second.state, "failed")
  test.equal(ledger.posted, 2)
  test.equal(ledger.keys[1], ledger.keys[2])
  test.equal(#ledger.keys[1], 32)
end)

test.case("a check finds out; where it can't, a person is asked", function()
  local function resumed(paid)
    local first = run_against("pays_and_checks", ledger_that { fault = "cut" })
    local ledger = ledger_that({ status = 201 }, paid)
    return run_against("pays_and_checks", ledger, { resume = first }), ledger.posted
  end
  local found, posted = resumed "paid"
  test.equal(found.log, { "paid\tfound" })
  test.equal(posted, 0)
  found, posted = resumed "not"
  test.equal(found.log, { "paid\t201" })
  test.equal(posted, 1)
  found, posted = resumed "unknown"
  test.equal(found.state, "in doubt")
  test.equal(posted, 0)
end)

test.case("an answer that says nothing was done leaves no doubt", function()
  for _, status in ipairs { 400, 404, 422, 429, 503 } do
    test.equal(run_against("pays", ledger_that { status = status }).steps[1].state, "failed")
  end
  for _, status in ipairs { 500, 502, 504 } do
    test.equal(run_against("pays", ledger_that { status = status }).steps[1].state, "doubt")
  end
  test.equal(run_against("pays", ledger_that { fault = "refused" }).steps[1].state, "failed")
  test.equal(run_against("pays", ledger_that { fault = "timeout" }).steps[1].state, "doubt")
end)

test.case("what only reads is never in doubt, nor what the robot vouches for", function()
  test.equal(run_against("reads", ledger_that(nil, "x")).state, "done")
  local cut = ledger_that { fault = "cut" }
  test.equal(run_against("vouches", cut).steps[1].state, "failed")
end)

test.case("an item in doubt counts for its amount once a person says it was done", function()
  local first = run_against("pays_item", ledger_that { fault = "cut" })
  test.equal(first.items[1].state, "doubt")
  test.equal(first.totals.balanced, false)
  local answers = { ["1"] = "done" }
  local second = run_against("pays_item", ledger_that { status = 201 }, { resume = first, answers = answers })
  test.equal(second.fault, nil)
  test.equal(second.totals.balanced, true)
end)

test.case("a call outside of steps is not silently made again", function()
  local ledger = ledger_that { status = 201 }
  local first = run_against("pays_alone", ledger)
  test.equal(first.log, { "paid\t201" })
  local second = run_against("pays_alone", ledger, { resume = first })
  test.equal(second.state, "in doubt")
  test.equal(ledger.posted, 1)
  local name = "POST ledger.example/payments"
  local third = run_against("pays_alone", ledger, { resume = first, answers = { [name] = "done" } })
  test.equal(third.fault.code, "ROBOT_FAILED")
  test.equal(ledger.posted, 1)
end)

test.case("a mail outside of steps is sent once, and known to be sent", function()
  local first = run_case "mails_alone"
  test.equal(#first.mails, 1)
  local second = run_case("mails_alone", { resume = first })
  test.equal(second.state, "done")
  test.equal(#second.mails, 0)
  test.equal(second.log, first.log)
end)

test.case("steps in another order are an error that names both", function()
  local fault = run_case("another_order", { resume = run_case "another_order" }).fault
  test.equal(fault.code, "STEP_MOVED")
  test.contains(fault.message, '"second" at place 2')
  fault = run_case("another_step", { resume = run_case "another_step" }).fault
  test.equal(fault.code, "STEP_ORDER")
  test.contains(fault.message, '"first"')
  test.contains(fault.message, '"other"')
end)

-- ---- Questions

test.case("a question waits for its answer and goes on with it", function()
  local first = run_case "asks"
  test.equal(first.state, "waiting")
  test.equal(first.questions[1].to, "aino")
  local second = run_case("asks", { resume = first, answers = { ["Pay?"] = { approved = "yes", sum = "2,50" } } })
  test.equal(second.fault, nil)
  test.equal(second.log, { "true\t3.50\tthe test" })
  test.equal(run_case("asks", { resume = second }).log, second.log)
end)

test.case("what holds when nobody answers holds", function()
  test.equal(run_case("asks", { answers = { ["Pay?"] = "nobody" } }).log, { "false\t2.20\tthe test" })
  test.equal(run_case("asks_or_fails", { answers = { ["Pay?"] = "nobody" } }).fault.code, "QUESTION_UNANSWERED")
end)

test.case("an answer is checked as inputs are", function()
  local result = run_case("asks", { answers = { ["Pay?"] = { approved = "perhaps" } } })
  test.contains(result.fault.message, "approved")
end)
