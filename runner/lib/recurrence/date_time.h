// A DATE or DATE-TIME value of RFC 5545 (3.3.4, 3.3.5). For the sources of this folder only.
#ifndef RENKI_RECURRENCE_DATE_TIME_H
#define RENKI_RECURRENCE_DATE_TIME_H

#include "lib/calendar/date.h"

struct date_time {
    int64_t wall;        // seconds on the wall since 1970-01-01; of UTC where `utc`
    bool date_only, utc; // "20261206"; "…Z"
};

// "20261206", "20261206T073000", "20261206T073000Z". Errors: RRULE_DATE, DATE_NONE.
bool date_time_read(struct date_time *out, struct text written, struct err *err) MUST_CHECK;

#endif
