// Reads one RRULE value, as strictly as RFC 5545, 3.3.10, has it; see recur.h.
#include "lib/recurrence/date_time.h"
#include "lib/recurrence/recur.h"

enum { NUMBER_DIGITS_MAX = 9, PARTS_MAX = 16 };

static const char *const frequency_names[] = {"YEARLY", "MONTHLY",  "WEEKLY",  "DAILY",
                                              "HOURLY", "MINUTELY", "SECONDLY"};
static const char *const weekday_names[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

struct part {
    const char *name;
    struct text value;
    struct err *err;
};

static bool wrong(const struct part *part)
{
    SCOPED_TEXT char *value = text_copy(part->value);
    return fail(part->err, ERR_RRULE_PART, part->name, value);
}

static bool is(struct text text, const char *name)
{
    return text_equal_ascii_case(text, text_from(name));
}

// Digits only, after a sign where one is allowed.
static bool read_number(struct text text, bool sign, int64_t *out)
{
    const bool negative = sign && text.length && text.data[0] == '-';
    if (sign && text.length && (text.data[0] == '-' || text.data[0] == '+'))
        text = text_of(text.data + 1, text.length - 1);
    if (!text.length || text.length > NUMBER_DIGITS_MAX)
        return false;
    *out = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *out = *out * 10 + (text.data[i] - '0');
    }
    *out = negative ? -*out : *out;
    return true;
}

// ---- lists

// Each number of "1,2,-3" goes to `add`; false for what is none or out of least to most.
static bool each_number(const struct part *part, bool sign, int64_t least, int64_t most,
                        void (*add)(struct recur *, int), struct recur *recur)
{
    struct text rest = part->value, one;
    int64_t number;
    if (!rest.length || rest.data[rest.length - 1] == ',')
        return wrong(part);
    while (text_cut(&rest, ',', &one)) {
        if (!read_number(one, sign, &number) || (number < 0 ? -number : number) < least ||
            (number < 0 ? -number : number) > most)
            return wrong(part);
        add(recur, (int)number);
    }
    return true;
}

static void add_second(struct recur *recur, int number)
{
    recur->seconds |= UINT64_C(1) << number;
}
static void add_minute(struct recur *recur, int number)
{
    recur->minutes |= UINT64_C(1) << number;
}
static void add_hour(struct recur *recur, int number)
{
    recur->hours |= UINT32_C(1) << number;
}
static void add_month(struct recur *recur, int number)
{
    recur->months |= (uint16_t)(1 << number);
}
static void add_month_day(struct recur *recur, int number)
{
    *(number < 0 ? &recur->month_days_back : &recur->month_days) |= UINT32_C(1)
                                                                    << (number < 0 ? -number : number);
}
static void add_week(struct recur *recur, int number)
{
    *(number < 0 ? &recur->weeks_back : &recur->weeks) |= UINT64_C(1) << (number < 0 ? -number : number);
}
static void add_year_day(struct recur *recur, int number)
{
    uint64_t *days = number < 0 ? recur->year_days_back : recur->year_days;
    const int day = number < 0 ? -number : number;
    days[day / 64] |= UINT64_C(1) << day % 64;
    recur->has_year_days = true;
}
static void add_position(struct recur *recur, int number)
{
    for (size_t i = 0; i < recur->position_count; i++)
        if (recur->positions[i] == number)
            return;
    if (recur->position_count < SETPOS_MAX)
        recur->positions[recur->position_count++] = (int16_t)number;
}

// ---- parts

static bool read_frequency(struct recur *recur, const struct part *part)
{
    for (size_t i = 0; i < COUNT_OF(frequency_names); i++)
        if (is(part->value, frequency_names[i])) {
            recur->frequency = (enum frequency)i;
            return true;
        }
    return wrong(part);
}

static bool read_interval(struct recur *recur, const struct part *part)
{
    return (read_number(part->value, false, &recur->interval) && recur->interval > 0) || wrong(part);
}

static bool read_count(struct recur *recur, const struct part *part)
{
    return (read_number(part->value, false, &recur->count) && recur->count > 0) || wrong(part);
}

static bool read_until(struct recur *recur, const struct part *part)
{
    struct date_time time;
    if (!date_time_read(&time, part->value, part->err))
        return false;
    recur->until = time.wall + (time.date_only ? SECONDS_OF_DAY - 1 : 0); // the whole day
    recur->until_is_utc = time.utc;
    return true;
}

static bool read_weekday(struct text name, int *out)
{
    for (int i = 0; i < (int)COUNT_OF(weekday_names); i++)
        if (is(name, weekday_names[i])) {
            *out = i + 1;
            return true;
        }
    return false;
}

static bool read_week_begin(struct recur *recur, const struct part *part)
{
    int weekday;
    if (!read_weekday(part->value, &weekday))
        return wrong(part);
    recur->week_begins = (int8_t)weekday;
    return true;
}

// "MO", "1MO", "-1FR"
static bool read_day(struct recur *recur, struct text written)
{
    int weekday;
    int64_t number;
    if (written.length < 2 || !read_weekday(text_of(written.data + written.length - 2, 2), &weekday))
        return false;
    const struct text front = text_of(written.data, written.length - 2);
    if (!front.length) {
        recur->weekdays |= (uint8_t)(1 << weekday);
        return true;
    }
    if (!read_number(front, true, &number) || number == 0 || number > ORDINAL_MAX || number < -ORDINAL_MAX)
        return false;
    *(number < 0 ? &recur->nth_back[weekday] : &recur->nth[weekday]) |= UINT64_C(1)
                                                                        << (number < 0 ? -number : number);
    recur->has_nth = true;
    return true;
}

static bool read_days(struct recur *recur, const struct part *part)
{
    struct text rest = part->value, one;
    if (!rest.length || rest.data[rest.length - 1] == ',')
        return wrong(part);
    while (text_cut(&rest, ',', &one))
        if (!read_day(recur, one))
            return wrong(part);
    return true;
}

static bool read_seconds(struct recur *recur, const struct part *part)
{
    return each_number(part, false, 0, 60, add_second, recur);
}
static bool read_minutes(struct recur *recur, const struct part *part)
{
    return each_number(part, false, 0, 59, add_minute, recur);
}
static bool read_hours(struct recur *recur, const struct part *part)
{
    return each_number(part, false, 0, 23, add_hour, recur);
}
static bool read_months(struct recur *recur, const struct part *part)
{
    return each_number(part, false, 1, 12, add_month, recur);
}
static bool read_month_days(struct recur *recur, const struct part *part)
{
    return each_number(part, true, 1, 31, add_month_day, recur);
}
static bool read_weeks(struct recur *recur, const struct part *part)
{
    return each_number(part, true, 1, ORDINAL_MAX, add_week, recur);
}
static bool read_year_days(struct recur *recur, const struct part *part)
{
    return each_number(part, true, 1, YEAR_DAYS_MAX, add_year_day, recur);
}
static bool read_positions(struct recur *recur, const struct part *part)
{
    return each_number(part, true, 1, SETPOS_MAX, add_position, recur);
}

enum part_name {
    FREQ,
    UNTIL,
    COUNT,
    INTERVAL,
    SECOND,
    MINUTE,
    HOUR,
    DAY,
    MONTHDAY,
    YEARDAY,
    WEEKNO,
    MONTH,
    SETPOS,
    WKST
};
static const struct {
    const char *name;
    bool (*read)(struct recur *, const struct part *);
} parts[] = {
    [FREQ] = {"FREQ", read_frequency},
    [UNTIL] = {"UNTIL", read_until},
    [COUNT] = {"COUNT", read_count},
    [INTERVAL] = {"INTERVAL", read_interval},
    [SECOND] = {"BYSECOND", read_seconds},
    [MINUTE] = {"BYMINUTE", read_minutes},
    [HOUR] = {"BYHOUR", read_hours},
    [DAY] = {"BYDAY", read_days},
    [MONTHDAY] = {"BYMONTHDAY", read_month_days},
    [YEARDAY] = {"BYYEARDAY", read_year_days},
    [WEEKNO] = {"BYWEEKNO", read_weeks},
    [MONTH] = {"BYMONTH", read_months},
    [SETPOS] = {"BYSETPOS", read_positions},
    [WKST] = {"WKST", read_week_begin},
};

// ---- what does not go together

static const unsigned by_parts = 1U << SECOND | 1U << MINUTE | 1U << HOUR | 1U << DAY | 1U << MONTHDAY |
                                 1U << YEARDAY | 1U << WEEKNO | 1U << MONTH;

static bool given_alone(unsigned given, enum part_name name)
{
    return (given & by_parts) == 1U << name;
}

static bool is_single(const struct recur *recur, enum part_name name)
{
    int count = __builtin_popcount(recur->month_days) + __builtin_popcount(recur->month_days_back);
    for (size_t i = 0; name == YEARDAY && i < COUNT_OF(recur->year_days); i++)
        count += __builtin_popcountll(recur->year_days[i]) + __builtin_popcountll(recur->year_days_back[i]);
    return count == 1;
}

// Parts that RFC 5545 has no place for under a FREQ narrow the days as filters where other programs write them so; where
// such a part would be all there is, the rule contradicts itself.
static const char *misplaced(const struct recur *recur, unsigned given)
{
    if (recur->frequency == MONTHLY && given_alone(given, WEEKNO))
        return "BYWEEKNO";
    if (recur->frequency == WEEKLY && given_alone(given, MONTHDAY) && is_single(recur, MONTHDAY))
        return "BYMONTHDAY";
    if (recur->frequency >= MONTHLY && recur->frequency <= DAILY && given_alone(given, YEARDAY) &&
        is_single(recur, YEARDAY))
        return "BYYEARDAY";
    return recur->has_nth && recur->frequency > MONTHLY ? "BYDAY=1MO" : NULL;
}

static bool check_together(const struct recur *recur, unsigned given, struct err *err)
{
    if (!(given >> FREQ & 1))
        return fail(err, ERR_RRULE_NO_FREQ);
    if ((given >> COUNT & 1) && (given >> UNTIL & 1))
        return fail(err, ERR_RRULE_TOGETHER, "COUNT", "UNTIL");
    const char *part = misplaced(recur, given);
    if (part)
        return fail(err, ERR_RRULE_TOGETHER, part, frequency_names[recur->frequency]);
    if (recur->has_nth && (given >> WEEKNO & 1))
        return fail(err, ERR_RRULE_TOGETHER, "BYDAY=1MO", "BYWEEKNO");
    if ((given >> SETPOS & 1) && !(given & by_parts))
        return fail(err, ERR_RRULE_SETPOS);
    return true;
}

static bool unknown_part(struct text name, struct err *err)
{
    const char *names[COUNT_OF(parts)];
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        names[i] = parts[i].name;
    SCOPED_TEXT char *wanted = text_copy(name);
    const char *nearest = text_nearest(wanted, names, COUNT_OF(names));
    return fail(err, ERR_RRULE_UNKNOWN, wanted, nearest ? nearest : "FREQ");
}

static bool read_part(struct recur *recur, unsigned *given, struct text written, struct err *err)
{
    struct text name;
    if (!text_cut(&written, '=', &name))
        return fail(err, ERR_RRULE_UNKNOWN, "", "FREQ");
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (is(name, parts[i].name)) {
            const struct part part = {parts[i].name, written, err};
            if (*given >> i & 1)
                return fail(err, ERR_RRULE_TWICE, parts[i].name);
            *given |= 1U << i;
            return parts[i].read(recur, &part);
        }
    return unknown_part(name, err);
}

bool recur_read(struct recur *out, struct text written, struct err *err)
{
    struct text rest = written, part;
    unsigned given = 0;
    *out = (struct recur){.interval = 1, .until = INT64_MAX, .week_begins = 1};
    if (!written.length)
        return fail(err, ERR_RRULE_NO_FREQ);
    if (written.data[written.length - 1] == ';')
        return fail(err, ERR_RRULE_UNKNOWN, "", "FREQ");
    while (text_cut(&rest, ';', &part))
        if (!read_part(out, &given, part, err))
            return false;
    out->has_days = (given & (1U << DAY | 1U << MONTHDAY | 1U << YEARDAY | 1U << WEEKNO)) != 0;
    return check_together(out, given, err);
}

void recur_begin(struct recur *recur, int64_t start)
{
    struct moment moment;
    require(moment_from_microseconds(&moment, start * MICROSECONDS));
    if (!recur->has_days && recur->frequency == YEARLY && !recur->months)
        recur->months = (uint16_t)(1 << moment.date.month);
    if (!recur->has_days && (recur->frequency == YEARLY || recur->frequency == MONTHLY))
        recur->month_days = UINT32_C(1) << moment.date.day;
    if (!recur->has_days && recur->frequency == WEEKLY)
        recur->weekdays = (uint8_t)(1 << date_weekday(moment.date));
    if (!recur->hours && recur->frequency < HOURLY)
        recur->hours = UINT32_C(1) << moment.hour;
    if (!recur->minutes && recur->frequency < MINUTELY)
        recur->minutes = UINT64_C(1) << moment.minute;
    if (!recur->seconds && recur->frequency < SECONDLY)
        recur->seconds = UINT64_C(1) << moment.second;
}
