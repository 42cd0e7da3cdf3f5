// The rule at the end of a zone file: how offsets go on for ever (POSIX TZ, as in RFC 8536, 3.3). Only zone.c needs it.
#ifndef RENKI_CALENDAR_RULE_H
#define RENKI_CALENDAR_RULE_H

#include "lib/calendar/date.h"

// When in a year the clock is changed, in local time before the change.
struct rule_day {
    enum { RULE_MONTH_WEEK_DAY, RULE_DAY_WITHOUT_LEAP, RULE_DAY_OF_YEAR } kind;
    int16_t month, week, day;
    int32_t seconds; // after midnight; may be negative or past the day's end
};

struct rule {
    bool has_summer;
    int32_t standard_offset, summer_offset; // seconds east of UTC
    struct rule_day summer_begins, summer_ends;
};

// Reads "EET-2EEST,M3.5.0/3,M10.5.0/4"; false when it is none.
bool rule_parse(struct rule *out, struct text written) MUST_CHECK;
// Seconds east of UTC at a time given in seconds since 1970-01-01T00:00Z, within the years 1 to 9999.
int32_t rule_offset(const struct rule *rule, int64_t seconds);
// The first change strictly after; INT64_MAX when there is none.
int64_t rule_change_after(const struct rule *rule, int64_t seconds);

#endif
