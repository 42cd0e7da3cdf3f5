// See date.h.
#include "lib/calendar/date.h"

static const int16_t days_before_month[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};

bool date_is_leap_year(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int date_days_in_month(int year, int month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && date_is_leap_year(year) ? 29 : days[month - 1];
}

bool date_valid(struct date date)
{
    return date.year >= YEAR_LEAST && date.year <= YEAR_MOST && date.month >= 1 && date.month <= 12 &&
           date.day >= 1 && date.day <= date_days_in_month(date.year, date.month);
}

int date_day_of_year(struct date date)
{
    return days_before_month[date.month - 1] + (date.month > 2 && date_is_leap_year(date.year)) + date.day;
}

// Days before 1 January of the year, counted from 0001-01-01.
static int32_t days_before_year(int32_t year)
{
    const int32_t past = year - 1;
    return past * 365 + past / 4 - past / 100 + past / 400;
}

int32_t date_to_days(struct date date)
{
    return days_before_year(date.year) + date_day_of_year(date) - 1 + DAYS_LEAST;
}

struct date date_from_days(int32_t days)
{
    require(days >= DAYS_LEAST && days <= DAYS_MOST);
    const int32_t since = days - DAYS_LEAST;
    int32_t year = (int32_t)((int64_t)since * 400 / 146097) + 1; // never too small, at most one too large
    while (days_before_year(year) > since)
        year--;
    while (days_before_year(year + 1) <= since)
        year++;
    int32_t rest = since - days_before_year(year);
    int month = 1;
    while (rest >= date_days_in_month(year, month))
        rest -= date_days_in_month(year, month++);
    return (struct date){(int16_t)year, (int8_t)month, (int8_t)(rest + 1)};
}

int date_compare(struct date a, struct date b)
{
    const int32_t left = date_to_days(a), right = date_to_days(b);
    return (left > right) - (left < right);
}

int date_weekday(struct date date)
{
    return (date_to_days(date) - DAYS_LEAST) % 7 + 1; // 0001-01-01 was a Monday
}

static int weeks_in_year(int year)
{
    // A year has 53 weeks when it begins on a Thursday, or is a leap year that begins on a Wednesday.
    const int first = date_weekday((struct date){(int16_t)year, 1, 1});
    return first == 4 || (first == 3 && date_is_leap_year(year)) ? 53 : 52;
}

struct week date_week(struct date date)
{
    const int week = (date_day_of_year(date) - date_weekday(date) + 10) / 7;
    if (week < 1) // never in the year 1, which began on a Monday
        return (struct week){(int16_t)(date.year - 1), (int8_t)weeks_in_year(date.year - 1)};
    if (week > weeks_in_year(date.year))
        return (struct week){(int16_t)(date.year + 1), 1};
    return (struct week){date.year, (int8_t)week};
}

bool date_from_week(struct date *out, struct week week)
{
    if (week.year < YEAR_LEAST || week.year > YEAR_MOST || week.week < 1 ||
        week.week > weeks_in_year(week.year))
        return false;
    const struct date fourth = {week.year, 1, 4}; // always in week 1
    return date_add_days(out, fourth, 7 * (week.week - 1) - (date_weekday(fourth) - 1));
}

bool date_add_days(struct date *out, struct date date, int64_t days)
{
    int64_t sum;
    if (__builtin_add_overflow(date_to_days(date), days, &sum) || sum < DAYS_LEAST || sum > DAYS_MOST)
        return false;
    *out = date_from_days((int32_t)sum);
    return true;
}

bool month_add(struct month *out, struct month month, int64_t months)
{
    int64_t sum;
    if (__builtin_add_overflow(month.year * 12 + month.month - 1, months, &sum) || sum < YEAR_LEAST * 12 ||
        sum > YEAR_MOST * 12 + 11)
        return false;
    *out = (struct month){(int16_t)(sum / 12), (int8_t)(sum % 12 + 1)};
    return true;
}

bool date_add_months(struct date *out, struct date date, int64_t months)
{
    struct month month;
    if (!month_add(&month, (struct month){date.year, date.month}, months))
        return false;
    const int last = date_days_in_month(month.year, month.month);
    *out = (struct date){month.year, month.month, (int8_t)(date.day < last ? date.day : last)};
    return true;
}

int date_whole_years(struct date from, struct date to)
{
    if (date_compare(to, from) < 0)
        return -date_whole_years(to, from);
    const bool before_the_day = to.month < from.month || (to.month == from.month && to.day < from.day);
    return to.year - from.year - before_the_day;
}

bool month_valid(struct month month)
{
    return date_valid((struct date){month.year, month.month, 1});
}

struct date month_first(struct month month)
{
    return (struct date){month.year, month.month, 1};
}

struct date month_last(struct month month)
{
    return (struct date){month.year, month.month, (int8_t)date_days_in_month(month.year, month.month)};
}

int month_compare(struct month a, struct month b)
{
    return date_compare(month_first(a), month_first(b));
}

bool moment_valid(struct moment moment)
{
    return date_valid(moment.date) && moment.hour >= 0 && moment.hour <= 23 && moment.minute >= 0 &&
           moment.minute <= 59 && moment.second >= 0 && moment.second <= 59 && moment.microsecond >= 0 &&
           moment.microsecond < MICROSECONDS;
}

int64_t moment_to_microseconds(struct moment moment)
{
    const int64_t seconds = (int64_t)date_to_days(moment.date) * SECONDS_OF_DAY + moment.hour * 3600 +
                            moment.minute * 60 + moment.second;
    return seconds * MICROSECONDS + moment.microsecond;
}

bool moment_from_microseconds(struct moment *out, int64_t microseconds)
{
    const int64_t day = (int64_t)SECONDS_OF_DAY * MICROSECONDS;
    int64_t days = microseconds / day, rest = microseconds % day;
    if (rest < 0) {
        rest += day;
        days--;
    }
    if (days < DAYS_LEAST || days > DAYS_MOST)
        return false;
    const int32_t seconds = (int32_t)(rest / MICROSECONDS);
    *out = (struct moment){
        .date = date_from_days((int32_t)days),
        .hour = (int8_t)(seconds / 3600),
        .minute = (int8_t)(seconds / 60 % 60),
        .second = (int8_t)(seconds % 60),
        .microsecond = (int32_t)(rest % MICROSECONDS),
    };
    return true;
}

int moment_compare(struct moment a, struct moment b)
{
    const int64_t left = moment_to_microseconds(a), right = moment_to_microseconds(b);
    return (left > right) - (left < right);
}
