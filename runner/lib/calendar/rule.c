// See rule.h.
#include "lib/calendar/rule.h"

static bool take(struct text *in, char c)
{
    if (!in->length || in->data[0] != c)
        return false;
    *in = text_of(in->data + 1, in->length - 1);
    return true;
}

static bool take_number(struct text *in, int most, int *out)
{
    size_t count = 0;
    int value = 0;
    while (count < in->length && count < 4 && in->data[count] >= '0' && in->data[count] <= '9')
        value = value * 10 + (in->data[count++] - '0');
    if (count == 0 || value > most)
        return false;
    *in = text_of(in->data + count, in->length - count);
    *out = value;
    return true;
}

// Letters, or anything between < and >.
static bool take_name(struct text *in)
{
    if (take(in, '<')) {
        const ptrdiff_t end = text_find(*in, '>');
        if (end < 0)
            return false;
        *in = text_of(in->data + end + 1, in->length - (size_t)end - 1);
        return true;
    }
    size_t length = 0;
    while (length < in->length && (in->data[length] | 0x20) >= 'a' && (in->data[length] | 0x20) <= 'z')
        length++;
    *in = text_of(in->data + length, in->length - length);
    return length >= 3;
}

// [+-]hh[:mm[:ss]]
static bool take_time(struct text *in, int32_t *seconds)
{
    const bool negative = take(in, '-');
    int hours, minutes = 0, rest = 0;
    if (!negative)
        (void)take(in, '+');
    if (!take_number(in, 167, &hours) || (take(in, ':') && !take_number(in, 59, &minutes)) ||
        (take(in, ':') && !take_number(in, 59, &rest)))
        return false;
    *seconds = (negative ? -1 : 1) * (hours * 3600 + minutes * 60 + rest);
    return true;
}

static bool take_month_week_day(struct text *in, struct rule_day *out)
{
    int month, week, day;
    if (!take_number(in, 12, &month) || !take(in, '.') || !take_number(in, 5, &week) || !take(in, '.') ||
        !take_number(in, 6, &day) || month < 1 || week < 1)
        return false;
    *out = (struct rule_day){RULE_MONTH_WEEK_DAY, (int16_t)month, (int16_t)week, (int16_t)day, 0};
    return true;
}

static bool take_day(struct text *in, struct rule_day *out)
{
    int day;
    if (!take(in, ','))
        return false;
    if (take(in, 'M')) {
        if (!take_month_week_day(in, out))
            return false;
    } else if (take(in, 'J')) {
        if (!take_number(in, 365, &day) || day < 1)
            return false;
        *out = (struct rule_day){RULE_DAY_WITHOUT_LEAP, 0, 0, (int16_t)day, 0};
    } else {
        if (!take_number(in, 365, &day))
            return false;
        *out = (struct rule_day){RULE_DAY_OF_YEAR, 0, 0, (int16_t)day, 0};
    }
    out->seconds = 2 * 3600;
    return !take(in, '/') || take_time(in, &out->seconds);
}

bool rule_parse(struct rule *out, struct text in)
{
    struct rule rule = {0};
    int32_t west; // POSIX counts offsets to the west
    if (!take_name(&in) || !take_time(&in, &west))
        return false;
    rule.standard_offset = -west;
    if (in.length) {
        rule.has_summer = true;
        rule.summer_offset = rule.standard_offset + 3600;
        if (!take_name(&in))
            return false;
        if (in.length && in.data[0] != ',') {
            if (!take_time(&in, &west))
                return false;
            rule.summer_offset = -west;
        }
        if (!take_day(&in, &rule.summer_begins) || !take_day(&in, &rule.summer_ends) || in.length)
            return false;
    }
    *out = rule;
    return true;
}

// Local seconds since 1970 at which the day of that year is changed.
static int64_t local_seconds(const struct rule_day *when, int year)
{
    const struct date first = {(int16_t)year, 1, 1};
    int64_t days = date_to_days(first);
    switch (when->kind) {
    case RULE_MONTH_WEEK_DAY: {
        const struct date month = {(int16_t)year, (int8_t)when->month, 1};
        // Sunday is 0 in the rule and 7 here.
        int day = 1 + (when->day - date_weekday(month) % 7 + 7) % 7 + 7 * (when->week - 1);
        while (day > date_days_in_month(year, when->month)) // week 5 is the last one
            day -= 7;
        days = date_to_days(month) + day - 1;
        break;
    }
    case RULE_DAY_WITHOUT_LEAP:
        days += when->day - 1 + (when->day >= 60 && date_is_leap_year(year));
        break;
    case RULE_DAY_OF_YEAR:
        days += when->day;
        break;
    }
    return days * SECONDS_OF_DAY + when->seconds;
}

int32_t rule_offset(const struct rule *rule, int64_t seconds)
{
    struct moment local;
    if (!rule->has_summer ||
        !moment_from_microseconds(&local, (seconds + rule->standard_offset) * MICROSECONDS))
        return rule->standard_offset;
    const int year = local.date.year;
    const int64_t begins = local_seconds(&rule->summer_begins, year) - rule->standard_offset;
    const int64_t ends = local_seconds(&rule->summer_ends, year) - rule->summer_offset;
    const bool summer = begins < ends ? seconds >= begins && seconds < ends
                                      : seconds >= begins || seconds < ends; // south of the equator
    return summer ? rule->summer_offset : rule->standard_offset;
}

int64_t rule_change_after(const struct rule *rule, int64_t seconds)
{
    struct moment local;
    int64_t nearest = INT64_MAX;
    if (!rule->has_summer || !moment_from_microseconds(&local, seconds * MICROSECONDS))
        return nearest;
    for (int year = local.date.year; year <= local.date.year + 1 && year <= YEAR_MOST; year++) {
        const int64_t begins = local_seconds(&rule->summer_begins, year) - rule->standard_offset;
        const int64_t ends = local_seconds(&rule->summer_ends, year) - rule->summer_offset;
        if (begins > seconds && begins < nearest)
            nearest = begins;
        if (ends > seconds && ends < nearest)
            nearest = ends;
    }
    return nearest;
}
