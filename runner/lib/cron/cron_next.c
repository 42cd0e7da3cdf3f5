// When a cron rule comes next; see cron.h.
//
// The search walks months, then takes days and times from bits: about thirty steps for an everyday rule. Times are found on
// the wall first; a zone makes instants of them in one of two ways (rule 2 of cron.h).
#include "lib/cron/cron.h"

enum { SECONDS_OF_MINUTE = 60, SECONDS_OF_HOUR = 3600 };
static const uint32_t weekly = 0x10204081; // every seventh bit

// The lowest bit at or above `from`; -1 when there is none.
static int next_bit(uint64_t bits, int from)
{
    if (from > 63)
        return -1;
    bits &= ~UINT64_C(0) << from;
    return bits ? __builtin_ctzll(bits) : -1;
}

// The weekday nearest to a day, without leaving its month.
static int nearest_weekday(int day, int first_weekday, int last)
{
    const int weekday = (first_weekday + day - 1) % 7;
    if (weekday == 6)
        return day > 1 ? day - 1 : day + 2;
    if (weekday == 0)
        return day < last ? day + 1 : day - 2;
    return day;
}

static uint32_t days_by_date(const struct cron *cron, int first_weekday, int last)
{
    uint32_t days = cron->days;
    for (uint32_t bits = cron->days_before_last; bits; bits &= bits - 1)
        if (__builtin_ctz(bits) < last)
            days |= UINT32_C(1) << (last - __builtin_ctz(bits));
    for (uint32_t bits = cron->nearest; bits; bits &= bits - 1)
        if (__builtin_ctz(bits) <= last)
            days |= UINT32_C(1) << nearest_weekday(__builtin_ctz(bits), first_weekday, last);
    for (uint32_t bits = cron->nearest_last; bits; bits &= bits - 1)
        if (__builtin_ctz(bits) < last)
            days |= UINT32_C(1) << nearest_weekday(last - __builtin_ctz(bits), first_weekday, last);
    return days;
}

static uint32_t days_by_weekday(const struct cron *cron, int first_weekday, int last)
{
    uint32_t days = 0;
    for (int weekday = 0; weekday < 7; weekday++) {
        const int first = 1 + (weekday - first_weekday + 7) % 7;
        if (cron->weekdays >> weekday & 1)
            days |= weekly << first;
        for (uint32_t bits = cron->nth[weekday]; bits; bits &= bits - 1)
            if (first + 7 * (__builtin_ctz(bits) - 1) <= last)
                days |= UINT32_C(1) << (first + 7 * (__builtin_ctz(bits) - 1));
        if (cron->last_weekdays >> weekday & 1)
            days |= UINT32_C(1) << (first + (last - first) / 7 * 7);
    }
    return days;
}

// The days of a month that are meant, bit 1 for the first.
static uint32_t days_of_month(const struct cron *cron, int year, int month)
{
    if (!(cron->months >> month & 1))
        return 0;
    const int last = date_days_in_month(year, month);
    const int first_weekday = date_weekday((struct date){(int16_t)year, (int8_t)month, 1}) % 7;
    const uint32_t all = (uint32_t)((UINT64_C(2) << last) - 2);
    uint32_t days;
    if (!cron->weekdays_given)
        days = days_by_date(cron, first_weekday, last);
    else if (!cron->days_given)
        days = days_by_weekday(cron, first_weekday, last);
    else if (cron->both)
        days = days_by_date(cron, first_weekday, last) & days_by_weekday(cron, first_weekday, last);
    else
        days = days_by_date(cron, first_weekday, last) | days_by_weekday(cron, first_weekday, last);
    return days & all;
}

// The first time of day at or after `from` (seconds since midnight); -1 when the day has none left.
static int next_time(const struct cron *cron, int from)
{
    int hour = from / SECONDS_OF_HOUR, minute = from / SECONDS_OF_MINUTE % 60,
        second = from % SECONDS_OF_MINUTE;
    if (from >= SECONDS_OF_DAY)
        return -1;
    if (cron->hours >> hour & 1) {
        if (cron->minutes >> minute & 1) {
            second = next_bit(cron->seconds, second);
            if (second >= 0)
                return hour * SECONDS_OF_HOUR + minute * SECONDS_OF_MINUTE + second;
        }
        minute = next_bit(cron->minutes, minute + 1);
        if (minute >= 0)
            return hour * SECONDS_OF_HOUR + minute * SECONDS_OF_MINUTE + next_bit(cron->seconds, 0);
    }
    hour = next_bit(cron->hours, hour + 1);
    return hour < 0 ? -1
                    : hour * SECONDS_OF_HOUR + next_bit(cron->minutes, 0) * SECONDS_OF_MINUTE +
                          next_bit(cron->seconds, 0);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static bool next_day(struct date *date, const struct cron *cron)
{
    const int most = date->year + CRON_YEARS_MOST < YEAR_MOST ? date->year + CRON_YEARS_MOST : YEAR_MOST;
    for (int year = date->year, month = (uint8_t)date->month, from = date->day + 1; year <= most; from = 0) {
        const int day = next_bit(days_of_month(cron, year, month), from);
        if (day > 0) {
            *date = (struct date){(int16_t)year, (int8_t)month, (int8_t)day};
            return true;
        }
        year += month == 12;
        month = month % 12 + 1;
    }
    return false;
}

bool cron_next_local(int64_t *out, const struct cron *cron, int64_t local)
{
    const int64_t days = floor_divide(local + 1, SECONDS_OF_DAY);
    if (days < DAYS_LEAST || days > DAYS_MOST)
        return false;
    struct date date = date_from_days((int32_t)days);
    int time = -1;
    if (days_of_month(cron, date.year, date.month) >> date.day & 1)
        time = next_time(cron, (int)(local + 1 - days * SECONDS_OF_DAY));
    if (time < 0) {
        if (!next_day(&date, cron))
            return false;
        time = next_time(cron, 0);
    }
    *out = (int64_t)date_to_days(date) * SECONDS_OF_DAY + time;
    return true;
}

// Times that are named: each on the wall, made an instant.
static bool next_named(int64_t *out, enum wall *wall, const struct cron *cron, const struct zone *zone,
                       int64_t after)
{
    int64_t local = after + zone_offset(zone, after);
    do {
        if (!cron_next_local(&local, cron, local))
            return false;
        *wall = zone_wall(out, zone, local);
    } while (*out <= after); // the second of two like hours, or more times of one gap
    return true;
}

// Intervals: what the wall shows while the offset stays the same, then on from the change.
static bool next_interval(int64_t *out, const struct cron *cron, const struct zone *zone, int64_t after)
{
    for (int64_t from = after + 1;;) {
        const int32_t offset = zone_offset(zone, from);
        const int64_t change = zone_change_after(zone, from);
        int64_t local;
        if (!cron_next_local(&local, cron, from + offset - 1))
            return false;
        if (local - offset < change) {
            *out = local - offset;
            return true;
        }
        // No wall shows `local` before that, so nothing is missed by going on two days before it.
        const int64_t near = local - offset - 2 * SECONDS_OF_DAY;
        from = near > change ? near : change;
    }
}

bool cron_next(int64_t *out, enum wall *wall, const struct cron *cron, const struct zone *zone, int64_t after)
{
    *wall = WALL_ONCE;
    return cron->interval ? next_interval(out, cron, zone, after) : next_named(out, wall, cron, zone, after);
}
