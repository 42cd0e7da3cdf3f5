// Content lines read into rules and dates, and their next occurrence; see recurrence.h.
#include "lib/recurrence/recurrence.h"

#include "lib/calendar/parse.h"
#include "lib/recurrence/date_time.h"
#include "lib/recurrence/recur.h"

#include <stdlib.h>

// Without a zone the wall's time is all there is.
static int32_t offset_at(const struct zone *zone, int64_t seconds)
{
    return zone ? zone_offset(zone, seconds) : 0;
}

static int64_t to_utc(const struct zone *zone, int64_t local)
{
    return zone ? zone_to_utc(zone, local) : local;
}

struct dates {
    int64_t *items; // local seconds, sorted
    size_t count;
};

struct recurrence {
    const struct zone *zone;
    bool has_start;
    int64_t start; // local seconds
    struct recur rules[RECURRENCE_RULES_MAX], exceptions[RECURRENCE_RULES_MAX];
    size_t rule_count, exception_count;
    struct dates added, removed, removed_days; // removed_days: whole days, by their first second
};

void recurrence_free(struct recurrence *recurrence)
{
    if (!recurrence)
        return;
    xfree(recurrence->added.items);
    xfree(recurrence->removed.items);
    xfree(recurrence->removed_days.items);
    xfree(recurrence);
}

const struct zone *recurrence_zone(const struct recurrence *recurrence)
{
    return recurrence->zone;
}

// ---- reading

struct reading {
    struct recurrence *recurrence;
    const struct zones *zones;
    struct err *err;
};

// Local seconds in the recurrence's zone of what another zone or UTC says.
static int64_t to_local(const struct recurrence *recurrence, const struct date_time *time,
                        const struct zone *zone)
{
    if (time->date_only || (!time->utc && zone == recurrence->zone))
        return time->wall;
    const int64_t instant = time->utc ? time->wall : to_utc(zone, time->wall);
    return instant + offset_at(recurrence->zone, instant);
}

// The zone of a line's TZID; without one the recurrence's own.
static bool find_zone(const struct zone **out, struct text parameters, const struct reading *reading)
{
    struct text one;
    *out = reading->recurrence->zone;
    while (text_cut(&parameters, ';', &one)) {
        struct text name;
        if (!text_cut(&one, '=', &name) || !text_equal_ascii_case(name, TEXT_OF("TZID")))
            continue;
        if (one.length >= 2 && one.data[0] == '"')
            one = text_of(one.data + 1, one.length - 2);
        return !reading->zones || zones_find(out, reading->zones, one, reading->err);
    }
    return true;
}

static bool read_start(const struct reading *reading, struct text parameters, struct text value)
{
    struct recurrence *recurrence = reading->recurrence;
    struct date_time time;
    if (!find_zone(&recurrence->zone, parameters, reading) || !date_time_read(&time, value, reading->err))
        return false;
    if (time.utc && reading->zones &&
        !zones_find(&recurrence->zone, reading->zones, TEXT_OF("UTC"), reading->err))
        return false;
    recurrence->start = time.wall;
    recurrence->has_start = true;
    return true;
}

static bool read_rule(struct recur *rules, size_t *count, const struct reading *reading, struct text value)
{
    if (*count == RECURRENCE_RULES_MAX)
        return fail(reading->err, ERR_LIMIT_PASSED, "RRULE", N(RECURRENCE_RULES_MAX));
    return recur_read(&rules[(*count)++], value, reading->err);
}

static bool add_date(struct dates *dates, int64_t local, struct err *err)
{
    if (dates->count == RECURRENCE_DATES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "RDATE, EXDATE", N(RECURRENCE_DATES_MAX));
    dates->items = xreallocarray(dates->items, dates->count + 1, sizeof dates->items[0]);
    dates->items[dates->count++] = local;
    return true;
}

// Values split by commas; of a PERIOD its beginning counts.
static bool read_dates(const struct reading *reading, bool adds, struct text parameters, struct text value)
{
    struct recurrence *recurrence = reading->recurrence;
    const struct zone *zone;
    struct text one, begin;
    if (!find_zone(&zone, parameters, reading))
        return false;
    while (text_cut(&value, ',', &one)) {
        struct date_time time;
        if (!text_cut(&one, '/', &begin) || !date_time_read(&time, begin, reading->err))
            return begin.length ? false : fail(reading->err, ERR_RRULE_DATE, "");
        struct dates *dates = adds             ? &recurrence->added
                              : time.date_only ? &recurrence->removed_days
                                               : &recurrence->removed;
        if (!add_date(dates, to_local(recurrence, &time, zone), reading->err))
            return false;
    }
    return true;
}

static bool is(struct text text, const char *name)
{
    return text_equal_ascii_case(text, text_from(name));
}

static bool wrong_line(const struct reading *reading, struct text line)
{
    SCOPED_TEXT char *written = text_copy(text_of(line.data, text_utf8_floor(line, 80)));
    return fail(reading->err, ERR_RRULE_LINE, written);
}

// One unfolded line. DTSTART comes in a first pass, since the others are read in its zone.
static bool read_line(const struct reading *reading, struct text line, bool start_pass)
{
    struct recurrence *recurrence = reading->recurrence;
    struct text name_part, name, parameters;
    const struct text whole = line;
    const ptrdiff_t colon = text_find(line, ':');
    if (colon < 0 && text_find(line, '=') >= 0) // a bare rule
        return start_pass || read_rule(recurrence->rules, &recurrence->rule_count, reading, line);
    if (colon < 0 || !text_cut(&line, ':', &name_part))
        return wrong_line(reading, whole);
    parameters = name_part;
    (void)text_cut(&parameters, ';', &name);
    if (is(name, "DTSTART"))
        return !start_pass || recurrence->has_start || read_start(reading, parameters, line);
    if (start_pass)
        return true;
    if (is(name, "RRULE"))
        return read_rule(recurrence->rules, &recurrence->rule_count, reading, line);
    if (is(name, "EXRULE"))
        return read_rule(recurrence->exceptions, &recurrence->exception_count, reading, line);
    if (is(name, "RDATE") || is(name, "EXDATE"))
        return read_dates(reading, is(name, "RDATE"), parameters, line);
    return wrong_line(reading, whole);
}

static bool read_lines(const struct reading *reading, struct text lines, bool start_pass)
{
    struct text line;
    while (text_cut(&lines, '\n', &line)) {
        if (line.length && !read_line(reading, line, start_pass))
            return false;
    }
    return true;
}

static bool begins_line(struct text rest)
{
    static const char *const names[] = {"DTSTART", "RRULE", "EXRULE", "RDATE", "EXDATE"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const size_t length = strlen(names[i]);
        if (rest.length > length && (rest.data[length] == ':' || rest.data[length] == ';') &&
            is(text_of(rest.data, length), names[i]))
            return true;
    }
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// A line that begins with a blank goes on the one before (RFC 5545, 3.1), unless a line of its own begins there: rules
// copied from elsewhere are often indented, or all on one line.
static bool unfold(struct buf *out, struct text written)
{
    for (size_t i = 0; i < written.length;) {
        const size_t begin = i;
        while (i < written.length && is_blank(written.data[i]))
            i++;
        const struct text blanks = text_of(written.data + begin, i - begin);
        const bool ends = text_find(blanks, '\n') >= 0;
        if (begins_line(text_of(written.data + i, written.length - i)) ||
            (ends && (written.data[i - 1] == '\n' || i == written.length))) {
            if (!buf_append_char(out, '\n'))
                return false;
        } else if (!ends && i < written.length && !buf_append_text(out, blanks)) {
            return false;
        }
        if (i < written.length && !buf_append_char(out, written.data[i++]))
            return false;
    }
    return true;
}

// The beginning as people write it too: 2026-12-06T07:30+02:00.
static bool read_given_start(const struct reading *reading, struct text start)
{
    struct recurrence *recurrence = reading->recurrence;
    struct moment moment;
    bool has_offset;
    int32_t offset = 0;
    if (!moment_parse(&moment, &has_offset, &offset, start, reading->err))
        return false;
    recurrence->start = moment_to_microseconds(moment) / MICROSECONDS;
    if (has_offset)
        recurrence->start += offset_at(recurrence->zone, recurrence->start - offset) - offset;
    recurrence->has_start = true;
    return true;
}

static int by_number(const void *a, const void *b)
{
    return (*(const int64_t *)a > *(const int64_t *)b) - (*(const int64_t *)a < *(const int64_t *)b);
}

static void finish(struct recurrence *recurrence)
{
    struct dates *const all[] = {&recurrence->added, &recurrence->removed, &recurrence->removed_days};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (all[i]->count)
            qsort(all[i]->items, all[i]->count, sizeof all[i]->items[0], by_number);
    struct recur *const rules[] = {recurrence->rules, recurrence->exceptions};
    const size_t counts[] = {recurrence->rule_count, recurrence->exception_count};
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        for (size_t j = 0; j < counts[i]; j++) {
            struct recur *rule = &rules[i][j];
            recur_begin(rule, recurrence->start);
            if (rule->until_is_utc)
                rule->until += offset_at(recurrence->zone, rule->until);
        }
}

bool recurrence_read(struct recurrence **out, struct text written, struct text start, const struct zone *zone,
                     const struct zones *zones, struct err *err)
{
    SCOPED(recurrence)
    recurrence = xcalloc(1, sizeof *recurrence);
    SCOPED_BUF(lines, RECURRENCE_BYTES_MAX);
    const struct reading reading = {recurrence, zones, err};
    recurrence->zone = zone;
    if (!unfold(&lines, written))
        return fail(err, ERR_LIMIT_PASSED, "RRULE", N(RECURRENCE_BYTES_MAX));
    if (start.length && !read_given_start(&reading, start))
        return false;
    if (!read_lines(&reading, buf_text(&lines), true) || !read_lines(&reading, buf_text(&lines), false))
        return false;
    if (!recurrence->rule_count && !recurrence->added.count)
        return fail(err, ERR_RRULE_NO_FREQ);
    if (!recurrence->has_start)
        return fail(err, ERR_RRULE_NO_START);
    finish(recurrence);
    *out = STEAL(recurrence);
    return true;
}

// ---- the next one

// All rules, dates and exceptions walked together.
struct search {
    const struct recurrence *recurrence;
    int64_t steps_left;
    struct recur_walk *walks, *exceptions; // one a rule
    int64_t heads[RECURRENCE_RULES_MAX], exception_heads[RECURRENCE_RULES_MAX];
    bool live[RECURRENCE_RULES_MAX], exception_live[RECURRENCE_RULES_MAX];
    size_t added;
};

static bool holds(const struct dates *dates, int64_t local)
{
    return dates->count && bsearch(&local, dates->items, dates->count, sizeof local, by_number);
}

static bool is_excepted(struct search *search, int64_t local)
{
    const struct recurrence *recurrence = search->recurrence;
    const int64_t day = local / SECONDS_OF_DAY - (local % SECONDS_OF_DAY < 0);
    for (size_t i = 0; i < recurrence->exception_count; i++) {
        while (search->exception_live[i] && search->exception_heads[i] < local)
            search->exception_live[i] = recur_walk_next(&search->exceptions[i], &search->exception_heads[i]);
        if (search->exception_live[i] && search->exception_heads[i] == local)
            return true;
    }
    return holds(&recurrence->removed, local) || holds(&recurrence->removed_days, day * SECONDS_OF_DAY);
}

// The smallest head; all that are equal go on.
static bool next_local(struct search *search, int64_t *out)
{
    const struct recurrence *recurrence = search->recurrence;
    do {
        bool found = search->added < recurrence->added.count;
        if (found)
            *out = recurrence->added.items[search->added];
        for (size_t i = 0; i < recurrence->rule_count; i++)
            if (search->live[i] && (!found || search->heads[i] < *out)) {
                *out = search->heads[i];
                found = true;
            }
        if (!found)
            return false;
        for (size_t i = 0; i < recurrence->rule_count; i++)
            if (search->live[i] && search->heads[i] == *out)
                search->live[i] = recur_walk_next(&search->walks[i], &search->heads[i]);
        while (search->added < recurrence->added.count && recurrence->added.items[search->added] == *out)
            search->added++;
    } while (--search->steps_left > 0 && is_excepted(search, *out));
    return search->steps_left > 0;
}

static void begin(struct search *search, int64_t from)
{
    const struct recurrence *recurrence = search->recurrence;
    for (size_t i = 0; i < recurrence->rule_count; i++) {
        recur_walk_begin(&search->walks[i], &recurrence->rules[i], recurrence->start, from,
                         &search->steps_left);
        search->live[i] = recur_walk_next(&search->walks[i], &search->heads[i]);
    }
    for (size_t i = 0; i < recurrence->exception_count; i++) {
        recur_walk_begin(&search->exceptions[i], &recurrence->exceptions[i], recurrence->start, from,
                         &search->steps_left);
        search->exception_live[i] = recur_walk_next(&search->exceptions[i], &search->exception_heads[i]);
    }
    while (search->added < recurrence->added.count && recurrence->added.items[search->added] < from)
        search->added++;
}

// Local times are in order, instants not quite: what a gap skips is read as later than what follows it.
static bool seek(int64_t *out, int64_t *wall, enum wall *shown, struct search *search, int64_t after)
{
    const struct zone *zone = search->recurrence->zone;
    bool found = false;
    int64_t local = 0;
    while ((!found || *shown == WALL_NEVER) && next_local(search, &local)) {
        int64_t ignored;
        const int64_t instant = to_utc(zone, local);
        if (found && local >= *out + offset_at(zone, *out))
            break;
        if (instant <= after || (found && instant >= *out))
            continue;
        *out = instant;
        *wall = local;
        *shown = zone ? zone_wall(&ignored, zone, local) : WALL_ONCE;
        found = true;
    }
    return found;
}

bool recurrence_next(int64_t *out, int64_t *wall, enum wall *shown, bool *found,
                     const struct recurrence *recurrence, int64_t after, struct err *err)
{
    struct search search = {.recurrence = recurrence, .steps_left = RECURRENCE_STEPS_MAX};
    const int32_t offset = offset_at(recurrence->zone, after),
                  before = offset_at(recurrence->zone, after - SECONDS_OF_DAY);
    // After a gap of the last day its times may still be to come.
    const int64_t from = after + (offset < before ? offset : before);
    search.walks = xcalloc(recurrence->rule_count + 1, sizeof search.walks[0]);
    search.exceptions = xcalloc(recurrence->exception_count + 1, sizeof search.exceptions[0]);
    begin(&search, from);
    *found = seek(out, wall, shown, &search, after);
    xfree(search.walks);
    xfree(search.exceptions);
    return search.steps_left > 0 || fail(err, ERR_RRULE_WORK);
}
