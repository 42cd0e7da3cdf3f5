// One recurrence rule, and a walk along its local times. For the sources of this folder only.
//
// A rule has *periods* (years, months, weeks, days, hours, minutes, seconds: its FREQ), of which each INTERVAL-th is
// looked at. A period holds a *set*: some days, each with the same times of day. The set is never written out: its
// elements are counted from days × hours × minutes × seconds, so that a hostile rule takes no memory.
#ifndef RENKI_RECURRENCE_RECUR_H
#define RENKI_RECURRENCE_RECUR_H

#include "lib/calendar/zone.h"

enum frequency { YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY, SECONDLY };
enum {
    SETPOS_MAX = 366,
    ORDINAL_MAX = 53,
    YEAR_DAYS_MAX = 366,
    SECONDS_OF_HOUR = 3600,
    SECONDS_OF_MINUTE = 60
};

struct recur {
    enum frequency frequency;
    int64_t interval, count; // count 0: none
    int64_t until;           // local seconds, with; INT64_MAX: none
    bool until_is_utc;       // `until` is an instant
    int8_t week_begins;      // 1 Monday to 7 Sunday
    // Bits; 0 where the part was not given (and is not filled in from DTSTART).
    uint64_t seconds, minutes;
    uint32_t hours;
    uint16_t months;
    uint32_t month_days, month_days_back; // bit n: day n; day -n
    uint8_t weekdays;                     // bit 1: Monday; without a number
    uint64_t nth[8], nth_back[8];         // by weekday, bit n: the n-th; the n-th from the end
    bool has_nth;
    uint64_t weeks, weeks_back;
    uint64_t year_days[6], year_days_back[6]; // 64 a word
    bool has_year_days, has_days;             // days chosen by any part
    int16_t positions[SETPOS_MAX];
    size_t position_count;
};

// Reads "FREQ=…;…". `given` keeps out what RFC 5545 does not allow.
bool recur_read(struct recur *out, struct text written, struct err *err) MUST_CHECK;
// Fills in from DTSTART what the parts leave open.
void recur_begin(struct recur *recur, int64_t start);

struct recur_walk {
    const struct recur *recur;
    int64_t start;       // DTSTART, local
    int64_t unit;        // of the period: a year, a month since year 0, a Monday-like week, a day, …
    int64_t last_unit;   // where the search ends
    int64_t counted;     // towards COUNT, before this period
    int64_t *steps_left; // shared by all walks of one answer
    bool filled, ended;
    int32_t days[YEAR_DAYS_MAX]; // since 1970-01-01
    size_t day_count;
    uint32_t hours;
    uint64_t minutes, seconds;
    int64_t index, size; // in the set, or in `chosen` where there are positions
    int32_t chosen[SETPOS_MAX];
};

// At the first time not before `from` (local seconds).
void recur_walk_begin(struct recur_walk *walk, const struct recur *recur, int64_t start, int64_t from,
                      int64_t *steps_left);
// The next local time, in order. False at the end, or when *steps_left is used up.
bool recur_walk_next(struct recur_walk *walk, int64_t *out) MUST_CHECK;

#endif
