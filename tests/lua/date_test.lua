local date = require "date"

-- The text of what a call raises.
local function raised(f, ...)
  local done, fault = pcall(f, ...)
  assert(not done, "nothing was raised")
  return tostring(fault)
end

local function equal(got, expected)
  if tostring(got) ~= expected then
    error(("expected %s, got %s"):format(expected, tostring(got)), 2)
  end
end

local function mentions(text, part)
  if not text:find(part, 1, true) then
    error(("%s is not in: %s"):format(part, text), 2)
  end
end

local tests = {}

tests["a day is made of numbers or of text"] = function()
  equal(date(2026, 5, 31), "2026-05-31")
  equal(date "31.5.2026", "2026-05-31")
  equal(date.parse "20260531", "2026-05-31")
  equal(date.parse("260531", "yymmdd"), "2026-05-31")
  equal(date.parse("31/05/2026", "dd/mm/yyyy"), "2026-05-31")
end

tests["a day that is none raises and says so"] = function()
  mentions(raised(date, 2026, 2, 30), "30.2.2026")
  mentions(raised(date.parse, "31.5.26"), "31.5.26")
  mentions(raised(date.parse, "31.5.2026", "DD.MM.YYYY"), "DD.MM.YYYY")
  raised(date, 2026, 13, 1)
  raised(date, "31.5.2026", 5)
end

tests["whether a text is a day can be asked"] = function()
  assert(date.valid "31.5.2026" == true)
  local valid, reason = date.valid "30.2.2026"
  assert(valid == false)
  mentions(reason, "30.2.2026")
  assert(date.valid("310526", "ddmmyy"))
  raised(date.valid, "31.5.2026", "DD")
end

tests["days are added and taken apart"] = function()
  equal(date "31.5.2026" + 30, "2026-06-30")
  equal(1 + date "31.12.2026", "2027-01-01")
  equal(date "1.1.2026" - 1, "2025-12-31")
  assert(date "30.6.2026" - date "31.5.2026" == 30)
  equal(date("31.1.2026"):add { months = 1 }, "2026-02-28")
  equal(date("31.1.2026"):add { months = 1, days = 1 }, "2026-03-01")
  equal(date("29.2.2024"):add { years = 1, weeks = 1 }, "2025-03-07")
  raised(function() return date "31.12.9999" + 1 end)
  raised(function() return date "31.12.2026" + 1.5 end)
  raised(function() return date("31.12.2026"):add { day = 1 } end)
end

tests["days are compared"] = function()
  assert(date "1.5.2026" < date "31.5.2026" and date "1.5.2026" <= date "1.5.2026")
  assert(date "1.5.2026" == date "2026-05-01" and date "1.5.2026" ~= date "2.5.2026")
  raised(function() return date "1.5.2026" < date.month "2026-05" end)
end

tests["a day knows its year, month, week and weekday"] = function()
  local day = date "1.1.2027"
  assert(day:year() == 2027 and day:day() == 1 and day:weekday() == 5 and day:day_of_year() == 1)
  local week, year = day:week()
  assert(week == 53 and year == 2026)
  equal(day:month(), "2027-01")
  equal(date.week(2026, 1), "2025-12-29")
  raised(date.week, 2025, 53)
  assert(date("23.12.1998"):years_to(date "22.12.2018") == 19)
end

tests["days are written as offices write them"] = function()
  equal(date("1.5.2026"):format(), "1.5.2026")
  equal(date("1.5.2026"):format "dd.mm.yyyy", "01.05.2026")
  equal(date("1.5.2026"):format "yyyymmdd", "20260501")
  mentions(raised(function() return date("1.5.2026"):format "d.mmm.yyyy" end), "mmm")
end

tests["months have a first and a last day, a next and a previous month"] = function()
  local month = date.month "2026-02"
  equal(month:first(), "2026-02-01")
  equal(month:last(), "2026-02-28")
  equal(month:next(), "2026-03")
  equal(date.month(2026, 1):previous(), "2025-12")
  equal(month + 11, "2027-01")
  assert(date.month "2027-01" - month == 11)
  assert(month:days() == 28 and month:number() == 2 and month:year() == 2026)
  assert(month:contains(date "28.2.2026") and not month:contains(date "1.3.2026"))
  equal(month:format(), "2/2026")
  assert(date.month "2/2026" == month and month < month:next())
  raised(date.month, "2026-13")
end

tests["a moment is a clock on a wall"] = function()
  local moment = date.moment "31.5.2026 23.30"
  equal(moment, "2026-05-31T23:30:00")
  equal(moment:add { hours = 1 }, "2026-06-01T00:30:00")
  equal(date("31.5.2026"):at(23, 30), "2026-05-31T23:30:00")
  equal(date.moment(2026, 5, 31, 9, 5), "2026-05-31T09:05:00")
  equal(moment:format "d.m.yyyy 'klo' H.MM", "31.5.2026 klo 23.30")
  assert(moment:hour() == 23 and moment:minute() == 30 and moment:second() == 0 and moment:microsecond() == 0)
  assert(date.moment "1.6.2026 0.30" - moment == 3600)
  equal(moment:date(), "2026-05-31")
end

tests["an instant is one point in time in every zone"] = function()
  local noon = date.instant "2026-05-31T12:00:00+03:00"
  equal(noon, "2026-05-31T12:00:00+03:00")
  equal(noon:in_zone "Europe/Stockholm", "2026-05-31T11:00:00+02:00")
  assert(noon == date.instant "2026-05-31T09:00:00Z")
  assert(noon:since_1970() == 1780218000 and noon:offset() == 10800 and noon:zone() == nil)
  assert(noon:in_zone():zone() == "Europe/Helsinki")
  equal(noon:date(), "2026-05-31")
  equal(noon:in_zone("UTC"):moment(), "2026-05-31T09:00:00")
  mentions(raised(date.instant, "2026-05-31T12:00:00"), "zone")
  mentions(raised(function() return noon:in_zone "Europe/Helsinky" end), "Europe/Helsinky")
end

tests["the night of the change of the clock has one rule"] = function()
  local zone = { zone = "Europe/Helsinki" }
  equal(date.instant("29.3.2026 3.30", zone), "2026-03-29T04:30:00+03:00")
  equal(date.instant("25.10.2026 3.30", zone), "2026-10-25T03:30:00+03:00")
  local noon = date.instant("28.3.2026 12.00", zone)
  equal(noon:add { days = 1 }, "2026-03-29T12:00:00+03:00")
  equal(noon:add { hours = 24 }, "2026-03-29T13:00:00+03:00")
  equal(date.moment("25.10.2026 3.30"):in_zone():add { hours = 1 }, "2026-10-25T03:30:00+02:00")
end

tests["today is the day of now"] = function()
  local before, today, after = date.now(), date.today(), date.now()
  assert(before:date() <= today and today <= after:date())
  assert(after - before >= 0)
end

return tests
