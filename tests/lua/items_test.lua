-- Work items, calls and sleeps on the stage of tests. The robot is in the folder items.
local decimal = require "decimal"
local test    = require "test"

local function run_case(case, options)
  options = options or {}
  options.inputs = { case = case }
  return test.run_robot(options)
end

local function fault_of(case, options)
  local result = run_case(case, options)
  test.equal(result.state, "failed")
  return result.fault
end

local function three()
  return { worked = { { key = 1, data = {} }, { key = 2, data = {} }, { key = 3, data = {} } } }
end

test.case("a key that is there is no second item", function()
  local result = run_case "add_twice"
  test.equal(result.fault, nil)
  test.equal(result.log, { "true", "false", "2", "1\t2026-12-31T23:59:59+02:00\tnil" })
  test.equal(result.queues.filled[1].amount, "2.50")
  test.equal(result.queues.filled[1].priority, 2)
end)

test.case("many items go in few messages, and all arrive", function()
  test.equal(run_case("add_many").log, { "20000", "20000" })
end)

test.case("items are done once, by priority and then by due date, counted and summed", function()
  local result = run_case("each", { queues = { worked = {
    { key = "a", data = { sum = "1.00" } },
    { key = "b", data = { sum = "2.00", odd = true }, priority = 1 },
    { key = "c", data = { sum = "3.00" }, due = require "date".instant "2026-01-01T00:00:00Z" },
  } } })
  test.equal(result.fault, nil)
  test.equal(result.log, { "b c a", "2\t1" })
  test.equal(result.totals.sum, decimal "6.00")
  test.equal(result.queues.worked[2].state, "exception")
  test.equal(result.queues.worked[2].note, "b is odd")
  test.equal(result.exceptions, { "b is odd" })
end)

test.case("a failure stops the run, and a resumed one goes on with what is left", function()
  local first = run_case("fails_at_two", { queues = three() })
  test.equal(first.state, "failed")
  test.equal(first.queues.worked[2].state, "failed")
  test.equal(first.queues.worked[3].state, "new")
  local second = run_case("fails_at_two", { resume = first })
  test.equal(second.state, "done")
  test.equal(second.queues.worked[3].state, "done")
end)

test.case("with continue the rest is done and the run ends as failed", function()
  local result = run_case("goes_on", { queues = three() })
  test.equal(result.fault.code, "ITEMS_FAILED")
  test.equal(result.queues.worked[3].state, "done")
  test.equal(result.log[#result.log], "after")
end)

test.case("with retry an item is tried again, and its steps are done once", function()
  local result = run_case("retries", { queues = { worked = { { key = 1, data = {} } } } })
  test.equal(result.fault, nil)
  test.equal(result.log[#result.log], "1\t3")
  test.equal(result.slept, { 120000, 120000 })
  test.equal(result.queues.worked[1].state, "done")
end)

test.case("no more items are taken than were asked for", function()
  local result = run_case("most", { queues = three() })
  test.equal(result.log, { "2" })
  test.equal(result.queues.worked[3].state, "new")
end)

test.case("the manifest says which queues are filled and worked", function()
  local fault = fault_of "not_permitted"
  test.equal(fault.class, "refused")
  test.contains(fault.hint, [[queues = { ["worked"] = "fill" }]])
  test.contains(fault_of("unknown_queue").message, "nobodys")
end)

test.case("what can't be an item is told", function()
  test.equal(fault_of("bad_name").code, "QUEUE_NAME")
  test.equal(fault_of("float_amount").code, "AMOUNT_FLOAT")
  test.contains(fault_of("no_key").message, "key")
  test.equal(fault_of("nested", { queues = three() }).code, "EACH_INSIDE")
end)

test.case("a queue has totals", function()
  test.equal(run_case("expect").queues_expected.both, { items = 3, sum = "1.20" })
end)

test.case("a robot is called once, with inputs as on the command line", function()
  local robots = {}
  function robots.child(inputs) return { seen = inputs.month .. (inputs.list or "") .. (inputs.sum or "") } end
  local first = run_case("call", { robots = robots })
  test.equal(first.fault, nil)
  test.equal(first.log, { "2026-10a;b1.50", "2026-11" })
  test.equal(#first.called, 2)
  local second = run_case("call", { robots = robots, resume = first })
  test.equal(second.log, { "2026-10a;b1.50", "2026-11" })
  test.equal(#second.called, 0)
end)

test.case("only the robots of the manifest are called", function()
  test.equal(fault_of("call_not_permitted").code, "ROBOT_NOT_PERMITTED")
  test.equal(fault_of("call").code, "TEST_NO_ROBOT")
end)

test.case("sleeps are told and take no time in tests", function()
  local result = run_case "sleep"
  test.equal(result.fault, nil)
  test.equal(result.slept, { 1000, 7200000, 1798106400000 })
  test.equal(result.log, { "awake" })
  local again = run_case("sleep", { resume = result })
  test.equal(again.slept, { 1000 })
end)

test.case("a long sleep can't stand inside a step", function()
  test.equal(fault_of("sleep_in_step").code, "STEP_WAITS")
  test.contains(fault_of("sleep_nonsense").message, "how long")
end)

test.case("a run gives what its robot returns, or what it says", function()
  test.equal(run_case("returns").result, { 1, decimal "2.5" })
  test.equal(run_case("result").result, "this")
end)
