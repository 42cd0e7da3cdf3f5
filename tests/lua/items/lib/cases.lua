local date    = require "date"
local decimal = require "decimal"
local items   = require "items"

local cases = {}

function cases.add_twice()
  print(items.add("filled", { no = 1 }, { key = "a", amount = decimal "2.50", due = "31.12.2026", priority = 2 }))
  print(items.add("filled", { no = 2 }, { key = "a" }))
  print(items.add_all("filled", { { no = "1" }, { no = "2" }, { no = "1" } }, { key = "no" }))
  print(items.get("filled", "a").data.no, items.get("filled", "a").due, items.get("filled", "b"))
end

function cases.add_many()
  local list = {}
  for i = 1, 20000 do list[i] = { no = i, text = ("x"):rep(100) } end
  print(items.add_all("filled", list, { key = "no" }))
  print(items.count("filled").new)
end

function cases.each()
  local results = items.each("worked", { sum = "sum" }, function(data, item)
    if data.odd then run:exception("%s is odd", item.key) end
    return item.key
  end)
  print(table.concat(results, " "))
  print(items.count("worked").done, items.count("worked").exception)
end

function cases.fails_at_two()
  items.each("worked", {}, function(_, item)
    if item.key == "2" and run.attempt == 1 then run:fail("no") end
    return item.key
  end)
end

function cases.goes_on()
  items.each("worked", { on_failure = "continue" }, function(_, item)
    if item.key == "2" then require("sheet").open("none.xlsx") end
  end)
  print "after"
end

function cases.retries()
  local steps, tries = 0, 0
  items.each("worked", { on_failure = "retry", attempts = 3, wait = "2 min" }, function(_, item)
    run:step("once", function() steps = steps + 1 end)
    tries = tries + 1
    if item.tries < 3 then require("sheet").open("none.xlsx") end
  end)
  print(steps, tries)
end

function cases.most()
  print(#items.each("worked", { most = 2 }, function(_, item) return item.key end))
end

function cases.not_permitted() items.add("worked", {}, { key = "1" }) end
function cases.unknown_queue() items.each("nobodys", {}, function() end) end
function cases.bad_name() items.count("No Such") end
function cases.float_amount() items.add("filled", {}, { key = "1", amount = 1.5 }) end
function cases.no_key() items.add("filled", {}) end
function cases.nested() items.each("worked", {}, function() items.each("worked", {}, function() end) end) end

function cases.expect()
  items.expect("both", { items = 3, sum = decimal "1.20" })
end

function cases.call()
  print(run:call("child", { month = "2026-10", list = { "a", "b" }, sum = decimal "1.50" }).seen)
  print(run:call("child", { month = "2026-11" }).seen)
end

function cases.call_not_permitted() run:call("stranger") end

function cases.sleep()
  run:sleep "1 s"
  run:sleep "2 h"
  run:sleep(date.instant "2026-12-24T12:00:00+02:00")
  print "awake"
end

function cases.sleep_in_step() run:step("a", function() run:sleep "1 h" end) end
function cases.sleep_nonsense() run:sleep "soon" end
function cases.returns() return { 1, decimal "2.5" } end
function cases.result() run:result "this" return "not this" end

return cases
