// Time zones by name, from the system's zone data. In every process that shows times; opened before it seals itself.
//
// 1. zones_open reads all zones at once (about 600 names); nothing is read later, since a sealed process can't.
// 2. A zone is borrowed from its struct zones and lives as long.
// 3. From a wall clock to a point in time: a time that the clock skips in spring is read with the offset before the
//    gap, so 03:30 becomes 04:30; a time that comes twice in autumn means the first one (RFC 5545, 3.3.5).
#ifndef RENKI_CALENDAR_ZONE_H
#define RENKI_CALENDAR_ZONE_H

#include "lib/calendar/date.h"

struct zones;
struct zone;

#define ZONES_FOLDER "/usr/share/zoneinfo"

// Errors: ZONES_MISSING when the folder is not there or holds no zone.
bool zones_open(struct zones **out, const char *folder, struct err *err) MUST_CHECK;
void zones_free(struct zones *zones);
DEFINE_SCOPED(zones)
size_t zones_count(const struct zones *zones);

// By name as in "Europe/Helsinki". Error: ZONE_UNKNOWN with the nearest name.
bool zones_find(const struct zone **out, const struct zones *zones, struct text name,
                struct err *err) MUST_CHECK;
const char *zone_name(const struct zone *zone);

// Seconds east of UTC at a time in seconds since 1970-01-01T00:00Z.
int32_t zone_offset(const struct zone *zone, int64_t seconds);
// The time in seconds since 1970-01-01T00:00Z at which the zone's wall clock shows `local_seconds` (counted as if the
// wall showed UTC), by rule 3.
int64_t zone_to_utc(const struct zone *zone, int64_t local_seconds);

// The first change of the clock strictly after `seconds`; INT64_MAX when there is none. Other changes of the zone (of its
// abbreviation only) count too.
int64_t zone_change_after(const struct zone *zone, int64_t seconds);

// How often the zone's wall clock shows a time: once; never, where it is skipped; twice, where it is set back.
enum wall { WALL_ONCE, WALL_NEVER, WALL_TWICE };
// *out: when it does; never: the first moment after the gap; twice: the first time. For schedules, in which a skipped
// time is not to be read by rule 3.
enum wall zone_wall(int64_t *out, const struct zone *zone, int64_t local_seconds);

#endif
