// Walks along the local times of one rule; see recur.h.
#include "lib/recurrence/recur.h"
#include "lib/recurrence/recurrence.h"

#include <stdlib.h>

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static const int64_t unit_seconds[] = {
    [DAILY] = SECONDS_OF_DAY, [HOURLY] = SECONDS_OF_HOUR, [MINUTELY] = SECONDS_OF_MINUTE, [SECONDLY] = 1};

// ---- one day against the parts

static bool ordinal_fits(uint64_t forward, uint64_t backward, int position, int length)
{
    return (forward >> ((position - 1) / 7 + 1) & 1) || (backward >> ((length - position) / 7 + 1) & 1);
}

// Days after 1 January on which week 1 begins; negative: before it.
static int first_week_of(const struct recur *recur, int year)
{
    const int first = (date_weekday((struct date){(int16_t)year, 1, 1}) - recur->week_begins + 7) % 7;
    return first <= 3 ? -first : 7 - first;
}

static int length_of(int year)
{
    return date_is_leap_year(year) ? 366 : 365;
}

// The week of the year by RFC 5545 (the first has at least four days of it), and how many the week's year has.
static void week_of(const struct recur *recur, struct date date, int *week, int *weeks)
{
    int year = date.year, day = date_day_of_year(date) - 1;
    if (day < first_week_of(recur, year)) {
        year--;
        day += length_of(year);
    } else if (day >= length_of(year) + first_week_of(recur, year + 1)) {
        day -= length_of(year);
        year++;
    }
    const int begins = first_week_of(recur, year);
    *week = (day - begins) / 7 + 1;
    *weeks = (length_of(year) + first_week_of(recur, year + 1) - begins) / 7;
}

// dateutil and rrule.js give the first days of some years (1 and 2 January 2022) to a week 53 that the year before does
// not have. A rule that asks for week 53 means these days here too, so that it says the same as in those programs.
static bool is_counted_as_53(const struct recur *recur, struct date date)
{
    const int begins = first_week_of(recur, date.year), length = length_of(date.year);
    return date_day_of_year(date) <= begins && date.year > YEAR_LEAST &&
           first_week_of(recur, date.year - 1) >= 0 && (length - begins) % 7 >= 4;
}

static bool week_fits(const struct recur *recur, struct date date)
{
    int week, weeks;
    week_of(recur, date, &week, &weeks);
    return (recur->weeks >> week & 1) || (recur->weeks_back >> (weeks - week + 1) & 1) ||
           ((recur->weeks >> 53 & 1) && is_counted_as_53(recur, date));
}

static bool weekday_fits(const struct recur *recur, struct date date)
{
    const int weekday = date_weekday(date);
    if (recur->weekdays >> weekday & 1)
        return true;
    if (!recur->has_nth)
        return false;
    if (recur->frequency == MONTHLY || recur->months)
        return ordinal_fits(recur->nth[weekday], recur->nth_back[weekday], date.day,
                            date_days_in_month(date.year, date.month));
    return ordinal_fits(recur->nth[weekday], recur->nth_back[weekday], date_day_of_year(date),
                        date_is_leap_year(date.year) ? 366 : 365);
}

static bool year_day_fits(const struct recur *recur, struct date date)
{
    const int day = date_day_of_year(date), back = (date_is_leap_year(date.year) ? 366 : 365) - day + 1;
    return (recur->year_days[day / 64] >> day % 64 & 1) ||
           (recur->year_days_back[back / 64] >> back % 64 & 1);
}

static bool day_fits(const struct recur *recur, struct date date)
{
    if (recur->months && !(recur->months >> date.month & 1))
        return false;
    if ((recur->month_days || recur->month_days_back) && !(recur->month_days >> date.day & 1) &&
        !(recur->month_days_back >> (date_days_in_month(date.year, date.month) - date.day + 1) & 1))
        return false;
    if ((recur->weekdays || recur->has_nth) && !weekday_fits(recur, date))
        return false;
    if (recur->has_year_days && !year_day_fits(recur, date))
        return false;
    return (!recur->weeks && !recur->weeks_back) || week_fits(recur, date);
}

// ---- periods

static void add_day(struct recur_walk *walk, struct date date)
{
    --*walk->steps_left;
    if (day_fits(walk->recur, date))
        walk->days[walk->day_count++] = date_to_days(date);
}

static void add_month(struct recur_walk *walk, int year, int month)
{
    const int last = date_days_in_month(year, month);
    --*walk->steps_left;
    if (walk->recur->months && !(walk->recur->months >> month & 1))
        return;
    for (int day = 1; day <= last; day++)
        add_day(walk, (struct date){(int16_t)year, (int8_t)month, (int8_t)day});
}

static void fill_days(struct recur_walk *walk)
{
    walk->day_count = 0;
    switch (walk->recur->frequency) {
    case YEARLY:
        for (int month = 1; month <= 12; month++)
            add_month(walk, (int)walk->unit, month);
        break;
    case MONTHLY:
        add_month(walk, (int)(walk->unit / 12), (int)(walk->unit % 12) + 1);
        break;
    case WEEKLY:
        for (int32_t day = (int32_t)(walk->unit * 7 + walk->recur->week_begins - 4), i = 0; i < 7; i++)
            if (day + i >= DAYS_LEAST && day + i <= DAYS_MOST)
                add_day(walk, date_from_days(day + i));
        break;
    case DAILY:
    case HOURLY:
    case MINUTELY:
    case SECONDLY:
        add_day(walk, date_from_days((int32_t)floor_divide(
                          walk->unit, SECONDS_OF_DAY / unit_seconds[walk->recur->frequency])));
        break;
    }
}

// The period that holds a local time. Weeks are counted so that day = unit * 7 + week_begins - 4 begins them.
static int64_t unit_of(const struct recur *recur, int64_t local)
{
    const int32_t day = (int32_t)floor_divide(local, SECONDS_OF_DAY);
    const struct date date = date_from_days(day);
    switch (recur->frequency) {
    case YEARLY:
        return date.year;
    case MONTHLY:
        return date.year * 12 + date.month - 1;
    case WEEKLY:
        return floor_divide((int64_t)day - recur->week_begins + 4, 7);
    case DAILY:
    case HOURLY:
    case MINUTELY:
    case SECONDLY:
        break;
    }
    return floor_divide(local, unit_seconds[recur->frequency]);
}

// The last period that is looked at: some centuries on, within the years.
static int64_t last_unit_of(const struct recur *recur, int64_t from)
{
    static const int64_t most = (int64_t)(DAYS_MOST - 7) * SECONDS_OF_DAY;
    const int64_t last = from + (int64_t)RECURRENCE_YEARS_MOST * YEAR_DAYS_MAX * SECONDS_OF_DAY;
    return unit_of(recur, last < most ? last : most);
}

// ---- the set of a period: element n is a day, hour, minute and second

static int64_t times_of_day(const struct recur_walk *walk)
{
    return (int64_t)__builtin_popcount(walk->hours) * __builtin_popcountll(walk->minutes) *
           __builtin_popcountll(walk->seconds);
}

static int nth_bit(uint64_t bits, int64_t n)
{
    while (n-- > 0)
        bits &= bits - 1;
    return __builtin_ctzll(bits);
}

static int64_t element(const struct recur_walk *walk, int64_t n)
{
    const int64_t seconds = __builtin_popcountll(walk->seconds),
                  minutes = __builtin_popcountll(walk->minutes);
    const int64_t times = times_of_day(walk);
    const int64_t time = n % times;
    return (int64_t)walk->days[n / times] * SECONDS_OF_DAY +
           nth_bit(walk->hours, time / (minutes * seconds)) * (int64_t)SECONDS_OF_HOUR +
           nth_bit(walk->minutes, time / seconds % minutes) * (int64_t)SECONDS_OF_MINUTE +
           nth_bit(walk->seconds, time % seconds);
}

static int64_t below(uint64_t bits, int n)
{
    return __builtin_popcountll(bits & ((UINT64_C(1) << n) - 1));
}

// How many elements of the whole set are before a local time.
static int64_t elements_before(const struct recur_walk *walk, int64_t local)
{
    const int64_t day = floor_divide(local, SECONDS_OF_DAY), time = local - day * SECONDS_OF_DAY;
    const int64_t seconds = __builtin_popcountll(walk->seconds),
                  minutes = __builtin_popcountll(walk->minutes);
    const int hour = (int)(time / SECONDS_OF_HOUR), minute = (int)(time / SECONDS_OF_MINUTE % 60),
              second = (int)(time % 60);
    size_t index = 0;
    while (index < walk->day_count && walk->days[index] < day)
        index++;
    int64_t count = (int64_t)index * times_of_day(walk);
    if (index == walk->day_count || walk->days[index] != day)
        return count;
    count += below(walk->hours, hour) * minutes * seconds;
    if (!(walk->hours >> hour & 1))
        return count;
    count += below(walk->minutes, minute) * seconds;
    return walk->minutes >> minute & 1 ? count + below(walk->seconds, second) : count;
}

static int by_number(const void *a, const void *b)
{
    return (*(const int32_t *)a > *(const int32_t *)b) - (*(const int32_t *)a < *(const int32_t *)b);
}

// BYSETPOS: the elements that are meant, in order, each once.
static void choose(struct recur_walk *walk)
{
    const int64_t whole = walk->size;
    size_t count = 0;
    for (size_t i = 0; i < walk->recur->position_count; i++) {
        const int position = walk->recur->positions[i];
        const int64_t index = position > 0 ? position - 1 : whole + position;
        if (index >= 0 && index < whole)
            walk->chosen[count++] = (int32_t)index;
    }
    qsort(walk->chosen, count, sizeof walk->chosen[0], by_number);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!kept || walk->chosen[kept - 1] != walk->chosen[i])
            walk->chosen[kept++] = walk->chosen[i];
    walk->size = (int64_t)kept;
}

static int64_t at(const struct recur_walk *walk, int64_t index)
{
    return element(walk, walk->recur->position_count ? walk->chosen[index] : index);
}

// The first index not before a local time.
static int64_t index_from(const struct recur_walk *walk, int64_t local)
{
    if (!walk->recur->position_count)
        return elements_before(walk, local);
    int64_t index = 0;
    while (index < walk->size && at(walk, index) < local)
        index++;
    return index;
}

// Hours, minutes and seconds of the period; false when its own is not among those that the parts name.
static bool fill_times(struct recur_walk *walk)
{
    const struct recur *recur = walk->recur;
    walk->hours = recur->hours;
    walk->minutes = recur->minutes;
    walk->seconds = recur->seconds & ~(UINT64_C(1) << 60); // a leap second is on no office clock
    if (recur->frequency < HOURLY)
        return true;
    const int64_t second = walk->unit * unit_seconds[recur->frequency];
    const int64_t time = second - floor_divide(second, SECONDS_OF_DAY) * SECONDS_OF_DAY;
    const uint32_t hour = UINT32_C(1) << time / SECONDS_OF_HOUR;
    const uint64_t minute = UINT64_C(1) << time / SECONDS_OF_MINUTE % 60, own = UINT64_C(1) << time % 60;
    walk->hours = recur->hours ? recur->hours & hour : hour;
    if (recur->frequency >= MINUTELY)
        walk->minutes = recur->minutes ? recur->minutes & minute : minute;
    if (recur->frequency >= SECONDLY)
        walk->seconds = recur->seconds ? recur->seconds & own : own;
    return walk->hours && walk->minutes && walk->seconds;
}

static void fill(struct recur_walk *walk)
{
    walk->size = 0;
    fill_days(walk);
    if (walk->day_count && fill_times(walk)) {
        walk->size = (int64_t)walk->day_count * times_of_day(walk);
        if (walk->recur->position_count)
            choose(walk);
    }
    walk->index = index_from(walk, walk->start); // what is before DTSTART does not count
}

// ---- going on

// Where a period of a day or less came out empty: the first period after the month, day, hour or minute that does not fit.
static int64_t skip_to(const struct recur_walk *walk)
{
    const enum frequency frequency = walk->recur->frequency;
    const int64_t second = walk->unit * unit_seconds[frequency];
    int64_t length = SECONDS_OF_DAY;
    if (!walk->day_count && walk->recur->months) {
        const struct date date = date_from_days((int32_t)floor_divide(second, SECONDS_OF_DAY));
        if (!(walk->recur->months >> date.month & 1))
            return ((int64_t)date_to_days(month_last((struct month){date.year, date.month})) + 1) *
                   (SECONDS_OF_DAY / unit_seconds[frequency]);
    }
    if (walk->day_count) {
        length = walk->hours ? SECONDS_OF_MINUTE : SECONDS_OF_HOUR;
        if (frequency <= HOURLY || (walk->hours && walk->minutes))
            length = unit_seconds[frequency];
    }
    return (floor_divide(second, length) + 1) * length / unit_seconds[frequency];
}

static void advance(struct recur_walk *walk)
{
    const struct recur *recur = walk->recur;
    int64_t wanted = walk->unit + recur->interval;
    if (recur->frequency >= DAILY && !walk->size) {
        const int64_t skipped = skip_to(walk),
                      periods = (skipped - walk->unit + recur->interval - 1) / recur->interval;
        if (periods > 1)
            wanted = walk->unit + periods * recur->interval;
    }
    walk->unit = wanted;
    if (walk->unit > walk->last_unit || --*walk->steps_left <= 0) {
        walk->ended = true;
        return;
    }
    fill(walk);
}

void recur_walk_begin(struct recur_walk *walk, const struct recur *recur, int64_t start, int64_t from,
                      int64_t *steps_left)
{
    walk->recur = recur;
    walk->start = start;
    walk->steps_left = steps_left;
    walk->counted = 0;
    walk->ended = false;
    walk->unit = unit_of(recur, start);
    walk->last_unit = last_unit_of(recur, from > start ? from : start);
    if (from > start && !recur->count) {
        const int64_t periods = (unit_of(recur, from) - walk->unit) / recur->interval;
        walk->unit += periods > 0 ? periods * recur->interval : 0;
    }
    fill(walk);
    while (!walk->ended) {
        const int64_t begin = walk->index, index = index_from(walk, from);
        if (index > walk->index)
            walk->index = index;
        walk->counted += walk->index - begin;
        if (walk->index < walk->size || (recur->count && walk->counted >= recur->count))
            return;
        advance(walk);
    }
}

bool recur_walk_next(struct recur_walk *walk, int64_t *out)
{
    while (!walk->ended && walk->index >= walk->size)
        advance(walk);
    if (walk->ended || (walk->recur->count && walk->counted >= walk->recur->count))
        return false;
    *out = at(walk, walk->index++);
    walk->counted++;
    return *out <= walk->recur->until;
}
