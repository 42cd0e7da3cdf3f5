// Calendar days and clock readings of the proleptic Gregorian calendar, years 1 to 9999. No time zone here.
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

bool date_valid(struct date date);
// Days since 1970-01-01, negative before.
int32_t date_to_days(struct date date);
struct date date_from_days(int32_t days);

#endif
