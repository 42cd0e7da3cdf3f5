---@meta date

--- Days, months, clock readings and points in time.
---
--- ```lua
--- local date = require "date"
--- date(2026, 5, 31)                       --> 2026-05-31
--- date "31.5.2026" + 30                   --> 2026-06-30
--- date "30.6.2026" - date "31.5.2026"     --> 30
--- date "1.5.2026" < date "31.5.2026"      --> true
--- ```
---
--- A `date` is a day; a `month` a month of a year; a `moment` what a clock on a wall shows, without a time zone; an
--- `instant` is a point in time, shown in a zone. `tostring` gives ISO 8601 of each. Years are 1 to 9999.
---
--- Time zones have the names of the tz database. Where none is given, `Europe/Helsinki` is meant. A time that the clock
--- skips in spring is read with the offset before the change (03:30 becomes 04:30); one that comes twice in autumn
--- means the first.
---@class date
---@operator add(integer): date
---@operator sub(integer): date
---@operator sub(date): integer
---@overload fun(year: integer, month: integer, day: integer): date
---@overload fun(text: string): date
local date = {}

--- Reads a day: `31.5.2026`, `2026-05-31`, `20260531`, or by a pattern.
---
--- In patterns `yyyy yy mm m dd d` are year, month and day, `HH H MM M SS fff ffffff` the time; other letters stand in
--- quotes. A single letter reads one or two digits. A `yy` of 70 to 99 means 1970 to 1999, below it 2000 to 2069.
---
--- ```lua
--- date.parse("31.5.2026")              --> 2026-05-31
--- date.parse("260531", "yymmdd")       --> 2026-05-31
--- date.parse("31/05/2026", "dd/mm/yyyy") --> 2026-05-31
--- ```
---@param text string
---@param pattern? string
---@return date
function date.parse(text, pattern) end

--- Whether a text can be read as a day; when not, why.
---
--- ```lua
--- date.valid("30.2.2026") --> false, "\"30.2.2026\" is no day of the calendar or no time of day."
--- ```
---@param text string
---@param pattern? string
---@return boolean valid
---@return string? reason
function date.valid(text, pattern) end

--- The day it is now.
---
--- ```lua
--- date.today()                --> 2026-05-31
--- date.today("America/New_York") --> 2026-05-30
--- ```
---@param zone? string `Europe/Helsinki` when not given
---@return date
function date.today(zone) end

--- The point in time it is now.
---
--- ```lua
--- date.now() --> 2026-05-31T12:00:00.123+03:00
--- ```
---@param zone? string `Europe/Helsinki` when not given
---@return instant
function date.now(zone) end

--- A month: from `2026-05`, `202605`, `5/2026`, or from numbers.
---
--- ```lua
--- date.month("2026-05"):last()   --> 2026-05-31
--- date.month(2026, 1):previous() --> 2025-12
--- ```
---@param text string|integer a text, or the year
---@param month? integer
---@return month
function date.month(text, month) end

--- The Monday of a week by ISO 8601.
---
--- ```lua
--- date.week(2026, 1) --> 2025-12-29
--- ```
---@param year integer
---@param week integer 1 to 53
---@return date
function date.week(year, week) end

--- A day and a time of day, without a zone; an offset in the text is passed over.
---
--- ```lua
--- date.moment("31.5.2026 9.05")           --> 2026-05-31T09:05:00
--- date.moment(2026, 5, 31, 9, 5)          --> 2026-05-31T09:05:00
--- date.moment("2605310905", "yymmddHHMM") --> 2026-05-31T09:05:00
--- ```
---@param text string|integer a text, or the year
---@param pattern? string|integer a pattern, or the month
---@param day? integer
---@param hour? integer
---@param minute? integer
---@param second? integer
---@return moment
function date.moment(text, pattern, day, hour, minute, second) end

---@class date.instant_options
---@field zone? string where it is shown, and whose clock is meant when the text has no offset

--- A point in time: ISO 8601 with an offset, or with a zone.
---
--- ```lua
--- date.instant("2026-05-31T12:00:00+03:00")                            --> 2026-05-31T12:00:00+03:00
--- date.instant("2026-05-31T09:00:00Z", { zone = "Europe/Helsinki" })   --> 2026-05-31T12:00:00+03:00
--- date.instant("31.5.2026 12.00", { zone = "Europe/Helsinki" })        --> 2026-05-31T12:00:00+03:00
--- ```
---@param text string
---@param options? date.instant_options
---@return instant
function date.instant(text, options) end

---@class date.span
---@field years? integer
---@field months? integer
---@field weeks? integer
---@field days? integer

---@class date.clock_span: date.span
---@field hours? integer
---@field minutes? integer
---@field seconds? integer

---@return integer
function date:year() end

--- The month that the day is in.
---
--- ```lua
--- date("15.5.2026"):month():last() --> 2026-05-31
--- ```
---@return month
function date:month() end

---@return integer
function date:day() end

--- 1 is Monday, 7 Sunday.
---
--- ```lua
--- date("31.5.2026"):weekday() --> 7
--- ```
---@return integer
function date:weekday() end

--- The week by ISO 8601, and the year that the week belongs to.
---
--- ```lua
--- date("1.1.2027"):week() --> 53, 2026
--- ```
---@return integer week
---@return integer year
function date:week() end

--- 1 to 366.
---@return integer
function date:day_of_year() end

--- Months are added first: the same day of that month, or its last day when it is shorter.
---
--- ```lua
--- date("31.1.2026"):add { months = 1 }            --> 2026-02-28
--- date("31.1.2026"):add { months = 1, days = 1 }  --> 2026-03-01
--- ```
---@param span date.span
---@return date
function date:add(span) end

--- The day with a time of day.
---
--- ```lua
--- date("31.5.2026"):at(12, 30) --> 2026-05-31T12:30:00
--- ```
---@param hour integer
---@param minute? integer
---@param second? integer
---@return moment
function date:at(hour, minute, second) end

--- Whole years to another day, as ages are counted.
---
--- ```lua
--- date("23.12.1998"):years_to(date "22.12.2018") --> 19
--- ```
---@param other date
---@return integer
function date:years_to(other) end

--- By a pattern (see `date.parse`).
---
--- ```lua
--- date("1.5.2026"):format()             --> 1.5.2026
--- date("1.5.2026"):format("dd.mm.yyyy") --> 01.05.2026
--- ```
---@param pattern? string `d.m.yyyy` when not given
---@return string
function date:format(pattern) end

--- A month of a year: `month + 1`, `month - 1`, `later - earlier` in months, `<` and `==`.
---@class month
---@operator add(integer): month
---@operator sub(integer): month
---@operator sub(month): integer
local month = {}

---@return integer
function month:year() end

--- 1 to 12.
---@return integer
function month:number() end

--- How many days it has.
---@return integer
function month:days() end

---@return date
function month:first() end

---@return date
function month:last() end

---@return month
function month:next() end

---@return month
function month:previous() end

--- Whether a day is in the month.
---
--- ```lua
--- date.month("2026-05"):contains(date "31.5.2026") --> true
--- ```
---@param day date
---@return boolean
function month:contains(day) end

--- By a pattern (see `date.parse`).
---
--- ```lua
--- date.month("2026-05"):format()        --> 5/2026
--- date.month("2026-05"):format("yymm")  --> 2605
--- ```
---@param pattern? string `m/yyyy` when not given
---@return string
function month:format(pattern) end

--- What a clock on a wall shows: `later - earlier` in seconds, `<` and `==`.
---@class moment
---@operator sub(moment): number
local moment = {}

---@return date
function moment:date() end

---@return integer
function moment:hour() end

---@return integer
function moment:minute() end

---@return integer
function moment:second() end

---@return integer
function moment:microsecond() end

--- ```lua
--- date.moment("31.5.2026 23.30"):add { hours = 1 } --> 2026-06-01T00:30:00
--- ```
---@param span date.clock_span
---@return moment
function moment:add(span) end

--- The point in time at which clocks of the zone show this.
---
--- ```lua
--- date.moment("31.5.2026 12.00"):in_zone("Europe/Helsinki") --> 2026-05-31T12:00:00+03:00
--- ```
---@param zone? string `Europe/Helsinki` when not given
---@return instant
function moment:in_zone(zone) end

---@param pattern? string `d.m.yyyy H.MM` when not given
---@return string
function moment:format(pattern) end

--- A point in time: `later - earlier` in seconds, `<` and `==` whatever the zones.
---@class instant
---@operator sub(instant): number
local instant = {}

--- The day that a calendar in its zone shows.
---@return date
function instant:date() end

--- What a clock in its zone shows.
---@return moment
function instant:moment() end

--- The zone's name; nil when it has an offset only.
---@return string?
function instant:zone() end

--- Seconds ahead of UTC.
---@return integer
function instant:offset() end

--- The same point in time in another zone.
---
--- ```lua
--- date.instant("2026-05-31T09:00:00Z"):in_zone("Europe/Helsinki") --> 2026-05-31T12:00:00+03:00
--- ```
---@param zone? string `Europe/Helsinki` when not given
---@return instant
function instant:in_zone(zone) end

--- Years to days are added on the calendar of its zone, so that noon stays noon; then exact hours to seconds.
---
--- ```lua
--- date.instant("28.3.2026 12.00", { zone = "Europe/Helsinki" }):add { days = 1 } --> 2026-03-29T12:00:00+03:00
--- ```
---@param span date.clock_span
---@return instant
function instant:add(span) end

--- Seconds since 1970-01-01T00:00:00Z, as other systems count them.
---@return number
function instant:since_1970() end

---@param pattern? string `d.m.yyyy H.MM` when not given
---@return string
function instant:format(pattern) end

return date
