// See instant.h.
#include "lib/calendar/instant.h"

#include "lib/calendar/parse.h"

#include <stdio.h>
#include <stdlib.h>

static int64_t floor_seconds(int64_t microseconds)
{
    return microseconds / MICROSECONDS - (microseconds % MICROSECONDS < 0);
}

int32_t instant_offset(struct instant instant)
{
    return instant.zone ? zone_offset(instant.zone, floor_seconds(instant.microseconds))
                        : instant.offset_seconds;
}

static int64_t wall(struct instant instant)
{
    return instant.microseconds + (int64_t)instant_offset(instant) * MICROSECONDS;
}

// Both the point in time and what the wall shows must lie within the years.
static bool checked(struct instant *out, struct instant instant, struct err *err)
{
    struct moment moment;
    if (!moment_from_microseconds(&moment, instant.microseconds) ||
        !moment_from_microseconds(&moment, wall(instant)))
        return fail(err, ERR_DATE_RANGE);
    *out = instant;
    return true;
}

bool instant_from_moment(struct instant *out, struct moment moment, const struct zone *zone, struct err *err)
{
    const int64_t seconds = floor_seconds(moment_to_microseconds(moment));
    const struct instant instant = {
        .microseconds = zone_to_utc(zone, seconds) * MICROSECONDS + moment.microsecond,
        .zone = zone,
    };
    return checked(out, instant, err);
}

bool instant_in_zone(struct instant *out, struct instant instant, const struct zone *zone, struct err *err)
{
    return checked(out, (struct instant){.microseconds = instant.microseconds, .zone = zone}, err);
}

bool instant_add_microseconds(struct instant *out, struct instant instant, int64_t microseconds,
                              struct err *err)
{
    struct moment moment;
    if (__builtin_add_overflow(instant.microseconds, microseconds, &instant.microseconds) ||
        !moment_from_microseconds(&moment, instant.microseconds))
        return fail(err, ERR_DATE_RANGE);
    return checked(out, instant, err);
}

struct moment instant_moment(struct instant instant)
{
    struct moment moment;
    require(moment_from_microseconds(&moment, wall(instant))); // every instant was checked
    return moment;
}

bool instant_parse(struct instant *out, struct text written, const struct zone *zone, struct err *err)
{
    struct moment moment;
    bool has_offset;
    int32_t offset;
    if (!moment_parse(&moment, &has_offset, &offset, written, err))
        return false;
    if (!has_offset && !zone) {
        SCOPED_TEXT char *shown = text_copy(written);
        return fail(err, ERR_INSTANT_WITHOUT_ZONE, shown);
    }
    if (!has_offset)
        return instant_from_moment(out, moment, zone, err);
    const struct instant instant = {
        .microseconds = moment_to_microseconds(moment) - (int64_t)offset * MICROSECONDS,
        .zone = zone,
        .offset_seconds = offset,
    };
    return checked(out, instant, err);
}

bool date_write_iso(struct buf *out, struct date date)
{
    return buf_printf(out, "%04d-%02d-%02d", date.year, date.month, date.day);
}

bool moment_write_iso(struct buf *out, struct moment moment)
{
    char fraction[12] = "";
    if (moment.microsecond) {
        snprintf(fraction, sizeof(fraction), ".%06d", (int)moment.microsecond);
        for (size_t end = strlen(fraction); fraction[end - 1] == '0'; end--)
            fraction[end - 1] = '\0';
    }
    return date_write_iso(out, moment.date) &&
           buf_printf(out, "T%02d:%02d:%02d%s", moment.hour, moment.minute, moment.second, fraction);
}

bool instant_write_iso(struct buf *out, struct instant instant)
{
    const int32_t offset = instant_offset(instant);
    if (!moment_write_iso(out, instant_moment(instant)))
        return false;
    if (offset == 0)
        return buf_append_char(out, 'Z');
    const int32_t size = abs(offset);
    if (size % 60) // before 1921 Helsinki's clock was 1:39:49 ahead
        return buf_printf(out, "%c%02d:%02d:%02d", offset < 0 ? '-' : '+', (int)(size / 3600),
                          (int)(size / 60 % 60), (int)(size % 60));
    return buf_printf(out, "%c%02d:%02d", offset < 0 ? '-' : '+', (int)(size / 3600), (int)(size / 60 % 60));
}
