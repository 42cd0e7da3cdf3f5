// Calendars by name, from what a reader found in .ics files; see businessday.h.
#include "lib/businessday/businessday.h"

#include "lib/calendar/parse.h"

#include <stdlib.h>

struct calendar {
    char *name;
    struct closed_day *days; // sorted, each day once
    size_t count;
};

struct calendars {
    struct calendar **items; // sorted by name
    size_t count;
};

static const struct {
    const char *name, *full;
} short_names[] = {
    {"fi", "fi-holidays"}, {"fi-public", "fi-public-holidays"},
    {"se", "se-holidays"}, {"ee", "ee-holidays"},
    {"target2", "target"}, {"t2", "target"},
};

static void calendar_free(struct calendar *calendar)
{
    if (!calendar)
        return;
    for (size_t i = 0; i < calendar->count; i++) {
        for (int language = 0; language < LANGUAGE_COUNT; language++)
            xfree((char *)(uintptr_t)calendar->days[i].names[language]);
        xfree((char *)(uintptr_t)calendar->days[i].local);
    }
    xfree(calendar->days);
    xfree(calendar->name);
    xfree(calendar);
}
DEFINE_SCOPED(calendar)

struct calendars *calendars_new(void)
{
    return xcalloc(1, sizeof(struct calendars));
}

void calendars_free(struct calendars *calendars)
{
    if (!calendars)
        return;
    for (size_t i = 0; i < calendars->count; i++)
        calendar_free(calendars->items[i]);
    xfree(calendars->items);
    xfree(calendars);
}

// ---- adding

static int by_day(const void *a, const void *b)
{
    const int32_t one = ((const struct closed_day *)a)->day, other = ((const struct closed_day *)b)->day;
    return (one > other) - (one < other);
}

static char *copy_name(const struct json *value)
{
    struct text text;
    return json_text(value, &text) && text.length ? text_copy(text) : NULL;
}

static bool add_day(struct calendar *calendar, const struct json *value, struct err *err)
{
    struct text text;
    struct date date;
    if (!json_text(json_get(value, "date"), &text) || !date_parse(&date, text, err))
        return fail(err, ERR_CALENDAR_DATA, calendar->name);
    struct closed_day *day = &calendar->days[calendar->count++];
    *day = (struct closed_day){.day = date_to_days(date), .local = copy_name(json_get(value, "local"))};
    for (enum language language = 0; language < LANGUAGE_COUNT; language++)
        day->names[language] = copy_name(json_get(value, language_name(language)));
    return true;
}

static bool read_days(struct calendar *calendar, const struct json *days, struct err *err)
{
    if (json_kind(days) != JSON_ARRAY)
        return fail(err, ERR_CALENDAR_DATA, calendar->name);
    if (json_count(days) > CALENDAR_DAYS_MAX)
        return fail(err, ERR_LIMIT_PASSED, calendar->name, N(CALENDAR_DAYS_MAX));
    calendar->days = xcalloc(json_count(days) + 1, sizeof calendar->days[0]);
    for (const struct json *day = json_first(days); day; day = json_next(day))
        if (!add_day(calendar, day, err))
            return false;
    qsort(calendar->days, calendar->count, sizeof calendar->days[0], by_day);
    return true;
}

static int compare_names(struct text a, struct text b)
{
    const size_t shorter = a.length < b.length ? a.length : b.length;
    for (size_t i = 0; i < shorter; i++) {
        const unsigned char one = (unsigned char)a.data[i], other = (unsigned char)b.data[i];
        const int small_one = one >= 'A' && one <= 'Z' ? one | 0x20 : one;
        const int small_other = other >= 'A' && other <= 'Z' ? other | 0x20 : other;
        if (small_one != small_other)
            return small_one - small_other;
    }
    return (a.length > b.length) - (a.length < b.length);
}

// The place of a name, or where it would stand.
static size_t place(const struct calendars *calendars, struct text name, bool *found)
{
    size_t low = 0, high = calendars->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = compare_names(text_from(calendars->items[middle]->name), name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = false;
    return low;
}

bool calendars_add(struct calendars *calendars, struct text name, const struct json *days, struct err *err)
{
    bool found;
    if (name.length > CALENDAR_NAME_MAX || calendars->count >= CALENDARS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "schedules/calendars", N(CALENDARS_MAX));
    SCOPED(calendar)
    calendar = xcalloc(1, sizeof *calendar);
    calendar->name = text_copy(name);
    if (!read_days(calendar, json_get(days, "days"), err))
        return false;
    const size_t index = place(calendars, name, &found);
    if (found) {
        calendar_free(calendars->items[index]);
    } else {
        calendars->items = xreallocarray(calendars->items, ++calendars->count, sizeof calendars->items[0]);
        memmove(&calendars->items[index + 1], &calendars->items[index],
                (calendars->count - 1 - index) * sizeof calendars->items[0]);
    }
    calendars->items[index] = STEAL(calendar);
    return true;
}

// ---- looking up

struct text calendar_full_name(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(short_names); i++)
        if (text_equal_ascii_case(name, text_from(short_names[i].name)))
            return text_from(short_names[i].full);
    return name;
}

static bool unknown(const struct calendars *calendars, struct text name, struct err *err)
{
    SCOPED_BUF(names, ERR_ARGUMENT_MAX);
    for (size_t i = 0; i < calendars->count; i++)
        if (!buf_printf(&names, "%s%s", i ? ", " : "", calendars->items[i]->name))
            break;
    SCOPED_TEXT char *wanted = text_copy(name);
    return fail(err, ERR_CALENDAR_UNKNOWN, wanted, names.length ? buf_string(&names) : "–");
}

bool calendars_find(const struct calendar **out, const struct calendars *calendars, struct text name,
                    struct err *err)
{
    bool found = false;
    size_t index = place(calendars, name, &found); // a workspace's own "fi" is meant before the short name
    if (!found)
        index = place(calendars, calendar_full_name(name), &found);
    if (!found)
        return unknown(calendars, name, err);
    *out = calendars->items[index];
    return true;
}

size_t calendars_count(const struct calendars *calendars)
{
    return calendars->count;
}

const struct calendar *calendars_at(const struct calendars *calendars, size_t index)
{
    return calendars->items[index];
}

const char *calendar_name(const struct calendar *calendar)
{
    return calendar->name;
}

size_t calendar_count(const struct calendar *calendar)
{
    return calendar->count;
}

const struct closed_day *calendar_at(const struct calendar *calendar, size_t index)
{
    return &calendar->days[index];
}

const struct closed_day *calendar_find(const struct calendar *calendar, int32_t day)
{
    const struct closed_day wanted = {.day = day};
    return calendar->count ? bsearch(&wanted, calendar->days, calendar->count, sizeof wanted, by_day) : NULL;
}

const char *closed_day_name(const struct closed_day *day, enum language language)
{
    if (day->names[language])
        return day->names[language];
    if (day->names[LANGUAGE_EN])
        return day->names[LANGUAGE_EN];
    return day->local ? day->local : "";
}
