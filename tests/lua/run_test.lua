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
