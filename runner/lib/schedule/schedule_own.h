// The inside of a schedule, for the sources of this folder only.
#ifndef RENKI_SCHEDULE_OWN_H
#define RENKI_SCHEDULE_OWN_H

#include "lib/cron/cron.h"
#include "lib/manifest/schema.h"
#include "lib/recurrence/recurrence.h"
#include "lib/schedule/schedule.h"

enum { LAST_BUSINESS_DAY = -1 };

struct schedule {
    struct schedule_facts facts;
    struct cron cron;
    struct recurrence *recurrence; // of rrule; else NULL
    // business_day
    int nth;         // from the end where negative
    uint16_t months; // bit n: month n
    int32_t at;      // seconds after midnight
    // calendars by name; borrowed from the definition
    struct text calendars[BUSINESS_CALENDARS_MAX];
    size_t calendar_count;
    enum occurrence_moved otherwise; // MOVED_NOT: there are no calendars to move it
    int64_t from, until; // seconds since 1970-01-01T00:00Z, both with; INT64_MIN and INT64_MAX: not bounded
};

// The keys of a schedule file (schedule_rules.c).
extern const struct rule schedule_rules[];

#endif
