// Recurrences of RFC 5545: RRULE with DTSTART, RDATE, EXDATE and EXRULE, read in a time zone. In every process.
//
// Pure: no clock, no files. README.md says what is decided where the RFC leaves a choice, and why this is not libical.
//
// 1. A DTSTART that the rule doesn't meet is no occurrence and does not count towards COUNT.
// 2. A local time that the clock skips is read with the offset before the gap (RFC 5545, 3.3.5): 03:30 is 04:30. One
//    that comes twice means the first. Times that fall together are one.
// 3. What does not come within RECURRENCE_YEARS_MOST years, or not before the year 10000, never comes.
#ifndef RENKI_RECURRENCE_H
#define RENKI_RECURRENCE_H

#include "lib/calendar/zone.h"

enum {
    RECURRENCE_BYTES_MAX = 64 << 10, // of the lines together
    RECURRENCE_RULES_MAX = 8,        // RRULE and EXRULE lines together
    RECURRENCE_DATES_MAX = 2000,     // RDATE and EXDATE values together
    RECURRENCE_STEPS_MAX = 1000000,  // days and periods looked at for one answer
    RECURRENCE_YEARS_MOST = 500,     // that are searched
};

struct recurrence;

// `written` is a bare rule ("FREQ=DAILY;COUNT=3") or content lines: RRULE:, RDATE:, EXDATE:, EXRULE:, DTSTART:, split by
// line ends. `start` is the beginning as ISO 8601 or RFC 5545 write it, date only too; empty: the lines have a DTSTART.
// Floating times are read in `zone`; a TZID in DTSTART is looked up in `zones` and holds instead, and Z means UTC.
// With both `zone` and `zones` NULL all times are as the wall shows them, whatever zone a line names: for days.
// Errors: RRULE_…, DATE_…, ZONE_UNKNOWN.
bool recurrence_read(struct recurrence **out, struct text written, struct text start, const struct zone *zone,
                     const struct zones *zones, struct err *err) MUST_CHECK;
void recurrence_free(struct recurrence *recurrence);
DEFINE_SCOPED(recurrence)
// The zone its local times are read in.
const struct zone *recurrence_zone(const struct recurrence *recurrence);

// The first occurrence strictly after `after` (seconds since 1970-01-01T00:00Z). *found is false when none comes any more.
// *wall is the local time that the rule says, *shown how often the clock shows it. Error: RRULE_WORK.
bool recurrence_next(int64_t *out, int64_t *wall, enum wall *shown, bool *found,
                     const struct recurrence *recurrence, int64_t after, struct err *err) MUST_CHECK;

#endif
