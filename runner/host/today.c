// See today.h. Reading the zone data takes milliseconds, so an offset is used for a quarter of an hour: zones change
// theirs at quarters only.
#include "host/today.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/calendar/zone.h"

enum { QUARTER_MS = 15 * 60 * 1000, DAY_SECONDS = 86400 };

static int32_t read_offset(const char *name, int64_t seconds)
{
    SCOPED(zones)
    zones = NULL;
    const struct zone *zone;
    struct err err;
    if (zones_open(&zones, ZONES_FOLDER, &err) && zones_find(&zone, zones, text_from(name), &err))
        return zone_offset(zone, seconds);
    log_error("zone.unknown", "zone=%s error=%s", name, err_name(err.code));
    return 0;
}

int64_t local_seconds(struct host *host, int64_t now_ms)
{
    if (now_ms >= host->offset_until_ms) {
        host->offset_seconds = read_offset(host->settings->timezone, now_ms / 1000);
        host->offset_until_ms = (now_ms / QUARTER_MS + 1) * QUARTER_MS;
    }
    return now_ms / 1000 + host->offset_seconds;
}

struct date today(struct host *host)
{
    return date_from_days((int32_t)(local_seconds(host, clock_realtime_ms()) / DAY_SECONDS));
}

struct date day_of(struct host *host, int64_t time_ms)
{
    if (time_ms == 0)
        return today(host);
    const int64_t seconds = time_ms / 1000 + read_offset(host->settings->timezone, time_ms / 1000);
    return date_from_days((int32_t)(seconds / DAY_SECONDS));
}

int64_t day_end_ms(struct host *host, struct date day)
{
    SCOPED(zones)
    zones = NULL;
    const struct zone *zone;
    struct err err;
    const int64_t local = ((int64_t)date_to_days(day) + 1) * DAY_SECONDS;
    const bool known = zones_open(&zones, ZONES_FOLDER, &err) &&
                       zones_find(&zone, zones, text_from(host->settings->timezone), &err);
    return 1000 * (known ? zone_to_utc(zone, local) : local);
}
