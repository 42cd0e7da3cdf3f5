// See zone.h. Names that are links to one zone (some 600 names, 350 zones) share its data.
#include "lib/calendar/zone.h"

#include "lib/base/file.h"
#include "lib/calendar/tzif.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { ZONES_MAX = 2000, ZONE_NAME_MAX = 60, FOLDER_DEPTH_MAX = 3 };

struct zone {
    char name[ZONE_NAME_MAX + 1];
    const struct tzif *data; // in zones->data
};

struct zones {
    struct zone *zones; // sorted by name
    size_t count;
    struct tzif **data; // each zone once
    size_t data_count;
};

void zones_free(struct zones *zones)
{
    if (!zones)
        return;
    for (size_t i = 0; i < zones->data_count; i++) {
        tzif_dispose(zones->data[i]);
        xfree(zones->data[i]);
    }
    xfree(zones->data);
    xfree(zones->zones);
    xfree(zones);
}

// Takes the data, or lets it go when the same is held already.
static const struct tzif *share(struct zones *zones, struct tzif *data)
{
    for (size_t i = 0; i < zones->data_count; i++)
        if (tzif_equal(zones->data[i], data)) {
            tzif_dispose(data);
            return zones->data[i];
        }
    zones->data = xreallocarray(zones->data, zones->data_count + 1, sizeof(struct tzif *));
    struct tzif *kept = xmalloc(sizeof(*kept));
    *kept = *data;
    zones->data[zones->data_count++] = kept;
    return kept;
}

// Files that are no zones (tables, the leap second list) are passed over: the folder holds them too.
static void add_zone(struct zones *zones, int folder, const char *file, const char *name)
{
    SCOPED_BUF(bytes, TZIF_BYTES_MAX);
    struct err err = {0};
    struct tzif data;
    if (zones->count == ZONES_MAX || strlen(name) > ZONE_NAME_MAX || !file_read(&bytes, folder, file, &err) ||
        !tzif_parse(&data, buf_text(&bytes)))
        return;
    zones->zones = xreallocarray(zones->zones, zones->count + 1, sizeof(zones->zones[0]));
    struct zone *zone = &zones->zones[zones->count++];
    *zone = (struct zone){.data = share(zones, &data)};
    memcpy(zone->name, name, strlen(name) + 1);
}

static bool left_out(const char *name)
{
    // posix/ and right/ hold all zones again; right/ counts leap seconds, which no office clock does.
    static const char *const names[] = {"posix", "right", "posixrules", "localtime", "Factory"};
    if (name[0] == '.')
        return true;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static void walk(struct zones *zones, int folder, const char *prefix, int depth)
{
    DIR *entries = fdopendir(folder);
    if (!entries) {
        close(folder);
        return;
    }
    for (const struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        if (left_out(entry->d_name))
            continue;
        SCOPED_TEXT char *name = xasprintf("%s%s", prefix, entry->d_name);
        const int inner = depth < FOLDER_DEPTH_MAX ? openat(dirfd(entries), entry->d_name,
                                                            O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                                                   : -1;
        if (inner < 0) {
            add_zone(zones, dirfd(entries), entry->d_name, name);
            continue;
        }
        SCOPED_TEXT char *inner_prefix = xasprintf("%s/", name);
        walk(zones, inner, inner_prefix, depth + 1);
    }
    closedir(entries);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct zone *)a)->name, ((const struct zone *)b)->name);
}

bool zones_open(struct zones **out, const char *folder, struct err *err)
{
    SCOPED(zones)
    zones = xcalloc(1, sizeof(*zones));
    const int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0)
        walk(zones, directory, "", 0);
    if (zones->count == 0)
        return fail(err, ERR_ZONES_MISSING, folder);
    qsort(zones->zones, zones->count, sizeof(zones->zones[0]), by_name);
    *out = STEAL(zones);
    return true;
}

size_t zones_count(const struct zones *zones)
{
    return zones->count;
}

static bool unknown(const struct zones *zones, const char *name, struct err *err)
{
    const char **names = xreallocarray(NULL, zones->count, sizeof(names[0]));
    for (size_t i = 0; i < zones->count; i++)
        names[i] = zones->zones[i].name;
    const char *near = text_nearest(name, names, zones->count);
    xfree(names);
    return fail(err, ERR_ZONE_UNKNOWN, name, near ? near : "Europe/Helsinki");
}

bool zones_find(const struct zone **out, const struct zones *zones, struct text name, struct err *err)
{
    struct zone wanted = {0};
    const size_t length = text_utf8_floor(name, ZONE_NAME_MAX);
    memcpy(wanted.name, name.data, length);
    *out = length == name.length
               ? bsearch(&wanted, zones->zones, zones->count, sizeof(zones->zones[0]), by_name)
               : NULL;
    return *out || unknown(zones, wanted.name, err);
}

const char *zone_name(const struct zone *zone)
{
    return zone->name;
}

int32_t zone_offset(const struct zone *zone, int64_t seconds)
{
    const struct tzif *data = zone->data;
    size_t low = 0, high = data->count; // the first change after `seconds` is in [low, high]
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (data->times[middle] <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == data->count && data->has_rule)
        return rule_offset(&data->rule, seconds);
    return low == 0 ? data->first_offset : data->offsets[low - 1];
}

int64_t zone_to_utc(const struct zone *zone, int64_t local_seconds)
{
    // Offsets lie within a day, and no zone changes twice within two: the offset is one of these.
    const int32_t before = zone_offset(zone, local_seconds - SECONDS_OF_DAY);
    const int32_t after = zone_offset(zone, local_seconds + SECONDS_OF_DAY);
    const int64_t early = local_seconds - before, late = local_seconds - after;
    if (zone_offset(zone, early) == before)
        return zone_offset(zone, late) == after && late < early ? late : early;
    return zone_offset(zone, late) == after ? late : early; // neither: in a gap, the offset before it
}

int64_t zone_change_after(const struct zone *zone, int64_t seconds)
{
    const struct tzif *data = zone->data;
    size_t low = 0, high = data->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (data->times[middle] <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < data->count)
        return data->times[low];
    return data->has_rule ? rule_change_after(&data->rule, seconds) : INT64_MAX;
}

enum wall zone_wall(int64_t *out, const struct zone *zone, int64_t local_seconds)
{
    const int32_t before = zone_offset(zone, local_seconds - SECONDS_OF_DAY);
    const int32_t after = zone_offset(zone, local_seconds + SECONDS_OF_DAY);
    const int64_t early = local_seconds - before, late = local_seconds - after;
    *out = early;
    if (before == after)
        return WALL_ONCE;
    const bool early_shows = zone_offset(zone, early) == before,
               late_shows = zone_offset(zone, late) == after;
    if (early_shows && late_shows)
        return WALL_TWICE; // set back: the earlier offset is the larger one
    if (!early_shows && !late_shows) {
        *out = zone_change_after(zone, late);
        return WALL_NEVER;
    }
    *out = early_shows ? early : late;
    return WALL_ONCE;
}
