// Cron expressions: five fields as in a crontab, or six with seconds first, read in a time zone. In every process.
//
//     [second] minute hour day-of-month month day-of-week        or @yearly @monthly @weekly @daily @hourly …
//
// Pure: no clock, no files. README.md has the whole grammar and what is decided where programs differ.
//
// 1. Where day of month and day of week are both restricted, a day that fits either is meant (Vixie's cron); a + before
//    the weekdays asks for both.
// 2. A rule that names times is read from the clock on the wall: a time that the clock skips runs at the first moment
//    after, one that comes twice runs once, the first time. A rule that goes on at intervals follows real time: it runs
//    in both of two like hours and has nothing to catch up where an hour is missing. Which of them it is: README.md.
#ifndef RENKI_CRON_H
#define RENKI_CRON_H

#include "lib/calendar/zone.h"

enum { CRON_LENGTH_MAX = 500, CRON_YEARS_MOST = 400 }; // the calendar repeats itself after 400 years

// Bit n of a field: the value n is meant. A value; copied freely.
struct cron {
    uint64_t seconds, minutes;
    uint32_t hours, days;
    uint32_t days_before_last; // bit n: n days before the month's last day
    uint32_t nearest;          // bit n: the weekday nearest to day n, in the month
    uint32_t nearest_last;     // bit n: the weekday nearest to n days before the last
    uint16_t months;
    uint8_t weekdays;      // bit 0: Sunday
    uint8_t last_weekdays; // the last such day of the month
    uint8_t nth[7];        // by weekday, bit k: the k-th of the month
    bool days_given, weekdays_given, both;
    bool interval; // rule 2
};

// Errors name the field: CRON_FIELDS, CRON_MACRO, CRON_FIELD, CRON_RANGE, CRON_BACKWARDS, CRON_STEP, CRON_LONG.
bool cron_read(struct cron *out, struct text written, struct err *err) MUST_CHECK;
// The first time strictly after `after` (seconds since 1970-01-01T00:00Z). False when it never comes again, at least
// not within CRON_YEARS_MOST years. *wall says how the clock shows it: WALL_NEVER where its own time is skipped.
bool cron_next(int64_t *out, enum wall *wall, const struct cron *cron, const struct zone *zone,
               int64_t after) MUST_CHECK;
// What the clock on the wall would have to show: local seconds strictly after `local`. For the words that explain.
bool cron_next_local(int64_t *out, const struct cron *cron, int64_t local) MUST_CHECK;

#endif
