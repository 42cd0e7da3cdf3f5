-- Makes the calendars of closed days that come with renki, from the rules by which the days are set:
--     lua5.4 schedules/calendars/make.lua [FOLDER]
-- Without a folder it writes beside itself. A test makes them again and compares. Saturdays and Sundays are closed
-- anyway; those that are holidays stand here for their names. When a law changes a holiday, change its line.
local FIRST_YEAR <const>, LAST_YEAR <const> = 2015, 2035

---- days, counted from 1970-01-01 in the Gregorian calendar

local function days_from_date(year, month, day)
  local shifted = month > 2 and year or year - 1 -- the year begins in March, so that the leap day is its last
  local month_of_shifted = (month + 9) % 12
  local day_of_year = (153 * month_of_shifted + 2) // 5 + day - 1
  local era = shifted // 400
  local year_of_era = shifted - era * 400
  return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468
end

local function date_from_days(days)
  local shifted = days + 719468
  local era = shifted // 146097
  local day_of_era = shifted - era * 146097
  local year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
  local day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
  local month_of_shifted = (5 * day_of_year + 2) // 153
  local day = day_of_year - (153 * month_of_shifted + 2) // 5 + 1
  local month = month_of_shifted < 10 and month_of_shifted + 3 or month_of_shifted - 9
  local year = year_of_era + era * 400
  return month <= 2 and year + 1 or year, month, day
end

-- Easter Sunday of the Western churches, by the rule of Meeus, Jones and Butcher.
local function easter(year)
  local a, b, c = year % 19, year // 100, year % 100
  local d, e = b // 4, b % 4
  local f = (b + 8) // 25
  local g = (b - f + 1) // 3
  local h = (19 * a + b - d - g + 15) % 30
  local i, k = c // 4, c % 4
  local l = (32 + 2 * e + 2 * i - h - k) % 7
  local m = (a + 11 * h + 22 * l) // 451
  local sum = h + l - 7 * m + 114
  return days_from_date(year, sum // 31, sum % 31 + 1)
end

---- rules: each gives the day of a year

local function on(month, day)
  return function(year) return days_from_date(year, month, day) end
end

local function after_easter(days)
  return function(year) return easter(year) + days end
end

-- The weekday (1 is Monday) on or after a date.
local function weekday_from(weekday, month, day)
  return function(year)
    local first = days_from_date(year, month, day)
    return first + (weekday - ((first + 3) % 7 + 1)) % 7
  end
end

local FRIDAY <const>, SATURDAY <const> = 5, 6
local EVE <const> = true -- no official holiday, but offices and banks are closed

---- the calendars: rule, names by language ("local" is the country's own where that is none of ours)

local finland = {
  { on(1, 1), fi = "uudenvuodenpäivä", sv = "nyårsdagen", en = "New Year's Day" },
  { on(1, 6), fi = "loppiainen", sv = "trettondagen", en = "Epiphany" },
  { after_easter(-2), fi = "pitkäperjantai", sv = "långfredagen", en = "Good Friday" },
  { after_easter(0), fi = "pääsiäispäivä", sv = "påskdagen", en = "Easter Sunday" },
  { after_easter(1), fi = "toinen pääsiäispäivä", sv = "annandag påsk", en = "Easter Monday" },
  { on(5, 1), fi = "vappu", sv = "första maj", en = "May Day" },
  { after_easter(39), fi = "helatorstai", sv = "Kristi himmelsfärdsdag", en = "Ascension Day" },
  { after_easter(49), fi = "helluntaipäivä", sv = "pingstdagen", en = "Whit Sunday" },
  { weekday_from(FRIDAY, 6, 19), eve = EVE, fi = "juhannusaatto", sv = "midsommarafton", en = "Midsummer Eve" },
  { weekday_from(SATURDAY, 6, 20), fi = "juhannuspäivä", sv = "midsommardagen", en = "Midsummer Day" },
  { weekday_from(SATURDAY, 10, 31), fi = "pyhäinpäivä", sv = "alla helgons dag", en = "All Saints' Day" },
  { on(12, 6), fi = "itsenäisyyspäivä", sv = "självständighetsdagen", en = "Independence Day" },
  { on(12, 24), eve = EVE, fi = "jouluaatto", sv = "julafton", en = "Christmas Eve" },
  { on(12, 25), fi = "joulupäivä", sv = "juldagen", en = "Christmas Day" },
  { on(12, 26), fi = "tapaninpäivä", sv = "annandag jul", en = "Second Day of Christmas" },
}

local sweden = {
  { on(1, 1), sv = "nyårsdagen", fi = "uudenvuodenpäivä", en = "New Year's Day" },
  { on(1, 6), sv = "trettondedag jul", fi = "loppiainen", en = "Epiphany" },
  { after_easter(-2), sv = "långfredagen", fi = "pitkäperjantai", en = "Good Friday" },
  { after_easter(0), sv = "påskdagen", fi = "pääsiäispäivä", en = "Easter Sunday" },
  { after_easter(1), sv = "annandag påsk", fi = "toinen pääsiäispäivä", en = "Easter Monday" },
  { on(5, 1), sv = "första maj", fi = "vappu", en = "May Day" },
  { after_easter(39), sv = "Kristi himmelsfärdsdag", fi = "helatorstai", en = "Ascension Day" },
  { after_easter(49), sv = "pingstdagen", fi = "helluntaipäivä", en = "Whit Sunday" },
  { on(6, 6), sv = "nationaldagen", fi = "Ruotsin kansallispäivä", en = "National Day" },
  { weekday_from(FRIDAY, 6, 19), eve = EVE, sv = "midsommarafton", fi = "juhannusaatto", en = "Midsummer Eve" },
  { weekday_from(SATURDAY, 6, 20), sv = "midsommardagen", fi = "juhannuspäivä", en = "Midsummer Day" },
  { weekday_from(SATURDAY, 10, 31), sv = "alla helgons dag", fi = "pyhäinpäivä", en = "All Saints' Day" },
  { on(12, 24), eve = EVE, sv = "julafton", fi = "jouluaatto", en = "Christmas Eve" },
  { on(12, 25), sv = "juldagen", fi = "joulupäivä", en = "Christmas Day" },
  { on(12, 26), sv = "annandag jul", fi = "tapaninpäivä", en = "Second Day of Christmas" },
  { on(12, 31), eve = EVE, sv = "nyårsafton", fi = "uudenvuodenaatto", en = "New Year's Eve" },
}

local estonia = {
  { on(1, 1), et = "uusaasta", fi = "uudenvuodenpäivä", sv = "nyårsdagen", en = "New Year's Day" },
  { on(2, 24), et = "iseseisvuspäev", fi = "Viron itsenäisyyspäivä", sv = "Estlands självständighetsdag",
    en = "Independence Day" },
  { after_easter(-2), et = "suur reede", fi = "pitkäperjantai", sv = "långfredagen", en = "Good Friday" },
  { after_easter(0), et = "ülestõusmispühade 1. püha", fi = "pääsiäispäivä", sv = "påskdagen", en = "Easter Sunday" },
  { on(5, 1), et = "kevadpüha", fi = "vappu", sv = "första maj", en = "May Day" },
  { after_easter(49), et = "nelipühade 1. püha", fi = "helluntaipäivä", sv = "pingstdagen", en = "Whit Sunday" },
  { on(6, 23), et = "võidupüha", fi = "voitonpäivä", sv = "segerdagen", en = "Victory Day" },
  { on(6, 24), et = "jaanipäev", fi = "juhannus", sv = "midsommar", en = "Midsummer Day" },
  { on(8, 20), et = "taasiseseisvumispäev", fi = "itsenäisyyden palauttamisen päivä",
    sv = "återställd självständighet", en = "Independence Restoration Day" },
  { on(12, 24), et = "jõululaupäev", fi = "jouluaatto", sv = "julafton", en = "Christmas Eve" },
  { on(12, 25), et = "esimene jõulupüha", fi = "joulupäivä", sv = "juldagen", en = "Christmas Day" },
  { on(12, 26), et = "teine jõulupüha", fi = "tapaninpäivä", sv = "annandag jul", en = "Second Day of Christmas" },
}

-- The closing days of T2, in which euros are settled between banks: no credit transfer arrives on them.
local target = {
  { on(1, 1), en = "New Year's Day", fi = "uudenvuodenpäivä", sv = "nyårsdagen" },
  { after_easter(-2), en = "Good Friday", fi = "pitkäperjantai", sv = "långfredagen" },
  { after_easter(1), en = "Easter Monday", fi = "toinen pääsiäispäivä", sv = "annandag påsk" },
  { on(5, 1), en = "Labour Day", fi = "vappu", sv = "första maj" },
  { on(12, 25), en = "Christmas Day", fi = "joulupäivä", sv = "juldagen" },
  { on(12, 26), en = "Second Day of Christmas", fi = "tapaninpäivä", sv = "annandag jul" },
}

local calendars = {
  { name = "fi-holidays", title = "Finland: public holidays, Midsummer Eve and Christmas Eve",
    language = "fi", rules = finland, eves = true },
  { name = "fi-public-holidays", title = "Finland: public holidays", language = "fi", rules = finland },
  { name = "se-holidays", title = "Sweden: public holidays and the three eves", language = "sv", rules = sweden,
    eves = true },
  { name = "ee-holidays", title = "Estonia: public holidays", language = "et", rules = estonia },
  { name = "target", title = "TARGET: closing days of the euro's payment system", language = "en", rules = target },
}

---- writing

local LANGUAGES <const> = { "fi", "sv", "en", "et" }

-- Commas and semicolons stand for something of their own in iCalendar (RFC 5545, 3.3.11).
local function escaped(text) return (text:gsub("[\\;,]", "\\%0")) end

local function event_lines(calendar, rule, year)
  local y, m, d = date_from_days(rule[1](year))
  local date = string.format("%04d%02d%02d", y, m, d)
  local lines = {
    "BEGIN:VEVENT",
    string.format("UID:%s-%s@renki", calendar.name, date),
    "DTSTAMP:20150101T000000Z",
    "DTSTART;VALUE=DATE:" .. date,
    string.format("SUMMARY;LANGUAGE=%s:%s", calendar.language, escaped(rule[calendar.language])),
  }
  for _, language in ipairs(LANGUAGES) do
    if language ~= calendar.language and rule[language] then
      lines[#lines + 1] = string.format("COMMENT;LANGUAGE=%s:%s", language, escaped(rule[language]))
    end
  end
  lines[#lines + 1] = "CATEGORIES:" .. (rule.eve and "EVE" or "HOLIDAY")
  lines[#lines + 1] = "TRANSP:TRANSPARENT"
  lines[#lines + 1] = "END:VEVENT"
  return table.concat(lines, "\r\n")
end

local function calendar_text(calendar)
  local parts = { "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//renki//calendars//EN", "CALSCALE:GREGORIAN",
    "X-WR-CALNAME:" .. escaped(calendar.title) }
  for year = FIRST_YEAR, LAST_YEAR do
    local events = {}
    for _, rule in ipairs(calendar.rules) do
      if calendar.eves or not rule.eve then
        events[#events + 1] = { day = rule[1](year), text = event_lines(calendar, rule, year) }
      end
    end
    table.sort(events, function(a, b) return a.day < b.day end)
    for _, event in ipairs(events) do parts[#parts + 1] = event.text end
  end
  parts[#parts + 1] = "END:VCALENDAR\r\n"
  return table.concat(parts, "\r\n")
end

local folder = arg[1] or arg[0]:match("^(.*)/[^/]*$") or "."
for _, calendar in ipairs(calendars) do
  local file = assert(io.open(folder .. "/" .. calendar.name .. ".ics", "wb"))
  assert(file:write(calendar_text(calendar)))
  assert(file:close())
end
