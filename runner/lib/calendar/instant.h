// Points in time: microseconds since 1970-01-01T00:00Z, and the zone or offset in which people read them.
//
// Two instants are equal when the point in time is, however it is shown.
#ifndef RENKI_CALENDAR_INSTANT_H
#define RENKI_CALENDAR_INSTANT_H

#include "lib/calendar/zone.h"

struct instant {
    int64_t microseconds;    // since 1970-01-01T00:00Z, within the years 1 to 9999 there and on the wall
    const struct zone *zone; // borrowed; NULL: at offset_seconds
    int32_t offset_seconds;  // east of UTC, only where there is no zone
};

// What a wall clock in the zone shows; the zone's rule for gaps and overlaps is in zone.h. Error: DATE_RANGE.
bool instant_from_moment(struct instant *out, struct moment moment, const struct zone *zone,
                         struct err *err) MUST_CHECK;
// The same point in time, read in another zone. Error: DATE_RANGE.
bool instant_in_zone(struct instant *out, struct instant instant, const struct zone *zone,
                     struct err *err) MUST_CHECK;
// Error: DATE_RANGE.
bool instant_add_microseconds(struct instant *out, struct instant instant, int64_t microseconds,
                              struct err *err) MUST_CHECK;

int32_t instant_offset(struct instant instant); // seconds east of UTC
struct moment instant_moment(struct instant instant);

// ISO 8601 with its offset: "2026-05-31T12:00:00+03:00". Without one the wall clock of `zone` is meant; with neither,
// the error INSTANT_WITHOUT_ZONE. With both, the point in time is the offset's and it is shown in the zone.
bool instant_parse(struct instant *out, struct text written, const struct zone *zone,
                   struct err *err) MUST_CHECK;

// Append ISO 8601: "2026-05-31", "2026-05-31T12:00:00.5", and an instant's with "Z" or "+03:00". False: buffer full.
bool date_write_iso(struct buf *out, struct date date) MUST_CHECK;
bool moment_write_iso(struct buf *out, struct moment moment) MUST_CHECK;
bool instant_write_iso(struct buf *out, struct instant instant) MUST_CHECK;

#endif
