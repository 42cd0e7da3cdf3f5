// Calendar days and clock readings of the proleptic Gregorian calendar, years 1 to 9999. No time zone here.
//
// What leads out of the years is false and leaves *out untouched; the caller says so with ERR_DATE_RANGE.
#ifndef RENKI_CALENDAR_DATE_H
#define RENKI_CALENDAR_DATE_H

#include "lib/base/err.h"

struct date {
    int16_t year;
    int8_t month, day; // 1 to 12, 1 to 31
};

// A clock on a wall: a date and a time of day without a zone.
struct moment {
    struct date date;
    int8_t hour, minute, second; // 0 to 23, 0 to 59, 0 to 59
    int32_t microsecond;
};

// A month of a year, as reports and postings are kept.
struct month {
    int16_t year;
    int8_t month;
};

// A week by ISO 8601: Monday to Sunday, of the year that holds its Thursday.
struct week {
    int16_t year;
    int8_t week; // 1 to 53
};

enum { YEAR_LEAST = 1, YEAR_MOST = 9999 };
enum { DAYS_LEAST = -719162, DAYS_MOST = 2932896 }; // 0001-01-01 and 9999-12-31 as days since 1970-01-01

bool date_valid(struct date date);
// Days since 1970-01-01, negative before.
int32_t date_to_days(struct date date);
struct date date_from_days(int32_t days);       // DAYS_LEAST to DAYS_MOST
int date_compare(struct date a, struct date b); // below, at or above 0
bool date_is_leap_year(int year);
int date_days_in_month(int year, int month);

// 1 is Monday, 7 Sunday.
int date_weekday(struct date date);
int date_day_of_year(struct date date); // 1 to 366
struct week date_week(struct date date);
// The Monday that begins the week; false when the year has no such week.
bool date_from_week(struct date *out, struct week week) MUST_CHECK;

bool date_add_days(struct date *out, struct date date, int64_t days) MUST_CHECK;
// The same day of another month, or that month's last day when it is shorter: 31 January + 1 month is the last day of
// February. So adding a month twice is not always adding two.
bool date_add_months(struct date *out, struct date date, int64_t months) MUST_CHECK;
// Whole years from one date to another, as ages are counted: the day itself completes the year, 29 February on
// 1 March of common years. Negative when `to` is earlier.
int date_whole_years(struct date from, struct date to);

bool month_valid(struct month month);
bool month_add(struct month *out, struct month month, int64_t months) MUST_CHECK;
struct date month_first(struct month month);
struct date month_last(struct month month);
int month_compare(struct month a, struct month b);

bool moment_valid(struct moment moment);
int moment_compare(struct moment a, struct moment b);
// Microseconds on the wall since 1970-01-01 00:00, as if it were UTC; and back.
int64_t moment_to_microseconds(struct moment moment);
bool moment_from_microseconds(struct moment *out, int64_t microseconds) MUST_CHECK;

enum { MICROSECONDS = 1000000, SECONDS_OF_DAY = 86400 };

#endif
