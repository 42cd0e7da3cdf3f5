local date    = require "date"
local decimal = require "decimal"

local ROWS = {
  { No = "1", Sum = decimal "1.50" }, { No = "2", Sum = decimal "2.25" }, { No = "3", Sum = decimal "0.25" },
}

local cases = {}

function cases.inputs()
  print(run.inputs.amount + 1, run.inputs.day:format "d.m.yyyy", run.inputs.month:next(), #run.inputs.names)
end

function cases.misspelt()
  print(run.inputs.amonut)
end

function cases.each()
  run:expect { items = 3, sum = decimal "4.00" }
  local results = run:each(ROWS, { key = "No", sum = "Sum" }, function(row)
    if row.No == "2" then
      run:exception("%s differs by %s", row.No, row.Sum)
      return nil
    end
    return { row.No, row.Sum }
  end)
  run:log("%d results", #results)
end

function cases.stops_at_two()
  run:each(ROWS, { key = "No", sum = "Sum" }, function(row)
    if row.No == "2" and run.attempt == 1 then run:fail "the ledger is closed" end
    print("did", row.No)
    return row.No
  end)
end

function cases.goes_on()
  run:each(ROWS, { key = "No", on_failure = "continue" }, function(row)
    if row.No == "2" then run:fail "the ledger is closed" end
  end)
  print "after"
end

function cases.bug_stops()
  run:each(ROWS, { key = "No", on_failure = "continue" }, function(row) return row.No.x.y end)
end

function cases.same_key()
  run:each({ { No = "1" }, { No = "1" }, { No = "1" } }, { key = "No" }, function(row) return row.No end)
end

function cases.no_key()
  run:each({ { No = "1" }, {} }, { key = "No" }, function(row) return row.No end)
end

function cases.several_columns()
  run:each({ { a = "x|y", b = 1 } }, { key = { "a", "b" } }, function() return true end)
end

function cases.float_sum()
  run:each({ { Sum = 0.1 } }, { sum = "Sum" }, function() return true end)
end

function cases.kept()
  local kept = run:step("all kinds", function()
    return {
      decimal "1.20", date "31.12.2026", date.month "2026-12", 1, 2.0, 0 / 1, "äö", "\xff", true,
      { a = 1, ["$b"] = { 2 } }, { [5] = "five", [2.5] = "x" }, {}, n = 9007199254740993,
    }
  end)
  print(kept[1] + decimal "0.05", kept[2]:format "d.m.yyyy", kept[3], kept[4], kept[5], kept[6], kept[7])
  print(#kept[8], kept[9])
  print(kept[10].a, kept[10]["$b"][1], kept[11][5], kept[11][2.5], next(kept[12]), kept.n, math.type(kept[5]))
end

function cases.not_kept()
  run:step("a function", function() return { inner = print } end)
end

function cases.endless()
  run:step("itself", function()
    local list = {}
    list[1] = list
    return list
  end)
end

function cases.step_twice()
  run:step("same", function() return 1 end)
  run:step("same", function() return 2 end)
end

function cases.step_in_step()
  run:step("outer", function()
    run:step("inner", function() return 1 end)
  end)
end

function cases.step_in_item()
  run:each(ROWS, { key = "No" }, function(row)
    return run:step("book", function()
      print("book", row.No)
      return row.No
    end)
  end)
end

function cases.each_in_each()
  run:each(ROWS, { key = "No" }, function()
    run:each(ROWS, { key = "No" }, function() return 1 end)
  end)
end

function cases.claim()
  local earlier = run:claim "file 1"
  print(earlier and earlier.run or "ours")
end

function cases.attach()
  run:attach("report.txt", { title = "Report" })
  run:exception "outside an item"
end

function cases.option()
  run:each(ROWS, { keys = "No" }, function() return 1 end)
end

function cases.dot()
  run.log "x"
end

local http = require "http"
local mail = require "mail"

local ledger = http.client { base = "https://ledger.example", retries = 0, cookies = false }

local function pay(step)
  local key = step and step.key
  return ledger:post("/payments", { json = { sum = 1 }, headers = { ["X-Key"] = key } }).status
end

function cases.pays()
  print("paid", run:step("pay", pay))
end

function cases.pays_idempotently()
  print("paid", run:step("pay", { idempotent = true }, pay))
end

function cases.pays_and_checks()
  local function check()
    local paid = ledger:get("/payments").body
    if paid == "unknown" then return nil end
    return paid == "paid", "found"
  end
  print("paid", run:step("pay", { check = check }, pay))
end

function cases.pays_item()
  run:expect { items = 1, sum = decimal "1.50" }
  run:each({ ROWS[1] }, { key = "No", sum = "Sum" }, function() return pay() end)
end

function cases.pays_alone()
  print("paid", ledger:post("/payments", { json = { sum = 1 } }).status)
  run:fail "afterwards"
end

function cases.reads()
  run:step("look", function() return ledger:get("/payments").body end)
end

function cases.vouches()
  run:step("look", function() return ledger:post("/payments", { retry = true }).status end)
end

function cases.mails_alone()
  print(mail.send { to = "desk@city.example", subject = "x", text = "y" }.message_id)
  if run.attempt == 1 then run:fail "afterwards" end
end

function cases.another_order()
  if run.attempt == 1 then
    run:step("first", function() return 1 end)
    run:step("second", function() return 2 end)
    run:fail "stops"
  end
  run:step("second", function() return 2 end)
end

function cases.another_step()
  run:step(run.attempt == 1 and "first" or "other", function() return 1 end)
  run:fail "stops"
end

function cases.asks()
  local answer = run:ask {
    title = "Pay?", to = "aino", due = "2 d", otherwise = { approved = false },
    fields = { { name = "approved", type = "boolean" }, { name = "sum", type = "decimal", default = "1.20" } },
  }
  print(answer.approved, answer.sum + 1, answer.by)
end

function cases.asks_or_fails()
  run:ask { title = "Pay?", otherwise = "fail", due = "2 d", fields = {} }
end

return cases
