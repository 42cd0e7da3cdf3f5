// A schedule file as a struct; see schedule.h.
#include "lib/calendar/instant.h"
#include "lib/calendar/parse.h"
#include "lib/schedule/schedule_own.h"

enum {
    MONTHS_ALL = 0x1ffe,
    STABLE_MS = 10000,
    WINDOW_MS = 300000,
    SECONDS_OF_HOUR = 3600,
    SECONDS_OF_MINUTE = 60
};

static const char *const kind_names[SCHEDULE_KIND_COUNT] = {
    [SCHEDULE_CRON] = "cron",   [SCHEDULE_RRULE] = "rrule", [SCHEDULE_BUSINESS_DAY] = "business_day",
    [SCHEDULE_AFTER] = "after", [SCHEDULE_FILE] = "file",   [SCHEDULE_WEBHOOK] = "webhook",
    [SCHEDULE_QUEUE] = "queue",
};

const char *schedule_kind_name(enum schedule_kind kind)
{
    return kind_names[kind];
}

const struct schedule_facts *schedule_facts(const struct schedule *schedule)
{
    return &schedule->facts;
}

bool schedule_is_open(const struct schedule *schedule, int64_t at_ms)
{
    const int64_t seconds = at_ms / 1000;
    return seconds >= schedule->from && seconds <= schedule->until;
}

void schedule_free(struct schedule *schedule)
{
    if (schedule)
        recurrence_free(schedule->recurrence);
    xfree(schedule);
}

// ---- which rule

static bool is_time(enum schedule_kind kind)
{
    return kind <= SCHEDULE_BUSINESS_DAY;
}

static bool find_kind(struct schedule *schedule, const struct json *root, struct problems *problems)
{
    SCOPED_BUF(given, ERR_ARGUMENT_MAX);
    int count = 0;
    for (enum schedule_kind kind = 0; kind < SCHEDULE_KIND_COUNT; kind++)
        if (json_get(root, kind_names[kind])) {
            schedule->facts.kind = kind;
            if (!buf_printf(&given, "%s%s", count++ ? ", " : "", kind_names[kind]))
                break;
        }
    if (count == 1)
        return true;
    return count ? fail(problems_add(problems), ERR_SCHEDULE_RULES, buf_string(&given))
                 : fail(problems_add(problems), ERR_SCHEDULE_NO_RULE);
}

// Keys that belong to another rule would be passed over silently.
static void check_belonging(const struct schedule *schedule, const struct json *root,
                            struct problems *problems)
{
    static const struct {
        const char *key, *with;
        unsigned kinds;
    } belongings[] = {
        {"dtstart", "rrule", 1 << SCHEDULE_RRULE},
        {"at", "business_day", 1 << SCHEDULE_BUSINESS_DAY},
        {"months", "business_day", 1 << SCHEDULE_BUSINESS_DAY},
        {"calendar", "cron, rrule, business_day",
         1 << SCHEDULE_CRON | 1 << SCHEDULE_RRULE | 1 << SCHEDULE_BUSINESS_DAY},
        {"missed", "cron, rrule, business_day",
         1 << SCHEDULE_CRON | 1 << SCHEDULE_RRULE | 1 << SCHEDULE_BUSINESS_DAY},
    };
    for (size_t i = 0; i < COUNT_OF(belongings); i++)
        if (json_get(root, belongings[i].key) && !(belongings[i].kinds >> schedule->facts.kind & 1))
            fail(problems_add(problems), ERR_SCHEDULE_KEY_WITHOUT, belongings[i].key, belongings[i].with);
    if (schedule->facts.kind == SCHEDULE_BUSINESS_DAY && !json_get(root, "at"))
        fail(problems_add(problems), ERR_MANIFEST_MISSING, "at");
}

// ---- rules of time

static void read_cron(struct schedule *schedule, const struct json *root, struct problems *problems)
{
    struct err err;
    if (!cron_read(&schedule->cron, text_from(json_string_or(json_get(root, "cron"), "")), &err))
        *problems_add(problems) = err;
}

static void read_rrule(struct schedule *schedule, const struct json *root, const struct zones *zones,
                       struct problems *problems)
{
    struct err err;
    if (!recurrence_read(&schedule->recurrence, text_from(json_string_or(json_get(root, "rrule"), "")),
                         text_from(json_string_or(json_get(root, "dtstart"), "")), schedule->facts.zone,
                         zones, &err))
        *problems_add(problems) = err;
}

static bool read_at(int32_t *at, const struct json *value)
{
    const struct text text = text_from(json_string_or(value, ""));
    struct text rest = text, part;
    int64_t numbers[3] = {0};
    size_t count = 0;
    while (text_cut(&rest, ':', &part))
        if (count == COUNT_OF(numbers) || part.length < 1 || part.length > 2 || part.data[0] == '-' ||
            !text_to_int64(part, &numbers[count++]))
            return false;
    *at = (int32_t)(numbers[0] * SECONDS_OF_HOUR + numbers[1] * SECONDS_OF_MINUTE + numbers[2]);
    return count >= 2 && numbers[0] < 24 && numbers[1] < 60 && numbers[2] < 60;
}

static bool read_months(uint16_t *months, const struct json *value)
{
    *months = value ? 0 : MONTHS_ALL;
    for (const struct json *member = json_first(value); member; member = json_next(member)) {
        int64_t month;
        if (!json_int64(member, &month) || month < 1 || month > 12)
            return false;
        *months |= (uint16_t)(1 << month);
    }
    return *months != 0;
}

static bool read_nth(int *nth, const struct json *value)
{
    struct text text;
    int64_t number;
    *nth = LAST_BUSINESS_DAY;
    if (json_text(value, &text))
        return text_is(text, "last");
    if (!json_int64(value, &number) || number < -23 || number > 23 || number == 0)
        return false;
    *nth = (int)number;
    return true;
}

static void read_business_day(struct schedule *schedule, const struct json *root, struct problems *problems)
{
    char shown[SCHEMA_SHOWN_MAX];
    const struct json *value = json_get(root, "business_day");
    if (!read_nth(&schedule->nth, value))
        fail(problems_add(problems), ERR_SCHEDULE_BUSINESS_DAY, schema_show(shown, value));
    value = json_get(root, "at");
    if (value && !read_at(&schedule->at, value))
        fail(problems_add(problems), ERR_SCHEDULE_TIME, "at", schema_show(shown, value));
    value = json_get(root, "months");
    if (!read_months(&schedule->months, value))
        fail(problems_add(problems), ERR_SCHEDULE_MONTHS, "months", schema_show(shown, value));
}

// ---- triggers

static bool add_on(unsigned *on, const struct json *value)
{
    static const struct {
        const char *name;
        unsigned bit;
    } ends[] = {{"done", AFTER_DONE}, {"failed", AFTER_FAILED}, {"exceptions", AFTER_EXCEPTIONS}};
    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (strcmp(json_string_or(value, ""), ends[i].name) == 0) {
            *on |= ends[i].bit;
            return true;
        }
    return false;
}

static void read_after(struct schedule_facts *facts, const struct json *table, struct problems *problems)
{
    char shown[SCHEMA_SHOWN_MAX];
    const struct json *on = json_get(table, "on");
    facts->after.robot = json_string_or(json_get(table, "robot"), "");
    bool read = !on || json_kind(on) == JSON_TEXT ? !on || add_on(&facts->after.on, on) : json_count(on) > 0;
    for (const struct json *member = json_first(on); member; member = json_next(member))
        read = add_on(&facts->after.on, member) && read;
    if (!on)
        facts->after.on = AFTER_DONE;
    if (!read)
        fail(problems_add(problems), ERR_SCHEDULE_ON, "after.on", schema_show(shown, on));
}

static int64_t duration_or(const struct json *value, int64_t otherwise)
{
    struct text text;
    int64_t ms;
    return json_text(value, &text) && duration_from_text(text, &ms) ? ms : otherwise;
}

static void read_trigger(struct schedule_facts *facts, const struct json *root, struct problems *problems)
{
    const struct json *table = json_get(root, kind_names[facts->kind]);
    if (facts->kind == SCHEDULE_AFTER)
        read_after(facts, table, problems);
    if (facts->kind == SCHEDULE_FILE) {
        facts->file.share = json_string_or(json_get(table, "share"), "");
        facts->file.pattern = json_string_or(json_get(table, "pattern"), "");
        facts->file.stable_ms = duration_or(json_get(table, "stable"), STABLE_MS);
        facts->file.input = json_string_or(json_get(table, "input"), NULL);
        facts->file.done = json_string_or(json_get(table, "done"), NULL);
    }
    if (facts->kind == SCHEDULE_WEBHOOK) {
        facts->webhook.secret = json_string_or(json_get(table, "secret"), "");
        facts->webhook.github = strcmp(json_string_or(json_get(table, "signature"), ""), "github") == 0;
        facts->webhook.window_ms = duration_or(json_get(table, "window"), WINDOW_MS);
        facts->webhook.inputs = json_get(table, "inputs");
    }
    if (facts->kind == SCHEDULE_QUEUE) {
        facts->queue.name = json_string_or(json_get(table, "name"), "");
        facts->queue.at_least = json_int64_or(json_get(table, "at_least"), 1);
    }
}

// ---- calendars, zone, bounds

static bool add_calendar(struct schedule *schedule, const struct json *name)
{
    struct text text;
    if (schedule->calendar_count == BUSINESS_CALENDARS_MAX || !json_text(name, &text) || !text.length)
        return false;
    schedule->calendars[schedule->calendar_count++] = text;
    return true;
}

static bool read_otherwise(struct schedule *schedule, const struct json *value)
{
    static const struct {
        const char *name;
        enum occurrence_moved moved;
    } ways[] = {{"skip", MOVED_SKIPPED}, {"next", MOVED_NEXT}, {"previous", MOVED_PREVIOUS}};
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        if (strcmp(json_string_or(value, ""), ways[i].name) == 0) {
            schedule->otherwise = ways[i].moved;
            return true;
        }
    return false;
}

// { "fi-holidays", otherwise = "next" } comes as an object with the key "1".
static bool read_calendars(struct schedule *schedule, const struct json *value)
{
    bool fits = json_kind(value) == JSON_TEXT
                    ? add_calendar(schedule, value)
                    : json_kind(value) == JSON_OBJECT || json_kind(value) == JSON_ARRAY;
    for (const struct json *member = json_first(value); member; member = json_next(member)) {
        int64_t position;
        if (text_is(json_key(member), "otherwise"))
            fits = read_otherwise(schedule, member) && fits;
        else
            fits = (json_kind(value) == JSON_ARRAY || text_to_int64(json_key(member), &position)) &&
                   add_calendar(schedule, member) && fits;
    }
    // A day counted in business days is never a closed one, whatever is said of those; all else must say it.
    const bool counted = schedule->facts.kind == SCHEDULE_BUSINESS_DAY;
    const bool said = schedule->otherwise != MOVED_NOT;
    if (counted)
        schedule->otherwise = MOVED_NOT;
    return fits && schedule->calendar_count > 0 && (counted || said);
}

// "2026-12-01" is the whole day, first second or last.
static bool read_bound(int64_t *out, const struct schedule *schedule, const struct json *value, bool end)
{
    struct text text;
    struct err err;
    struct date date;
    struct instant instant;
    if (!json_text(value, &text))
        return false;
    if (date_parse(&date, text, &err)) {
        (void)zone_wall(out, schedule->facts.zone, ((int64_t)date_to_days(date) + end) * SECONDS_OF_DAY);
        *out -= end;
        return true;
    }
    if (!instant_parse(&instant, text, schedule->facts.zone, &err))
        return false;
    *out = instant.microseconds / MICROSECONDS;
    return true;
}

static void read_bounds(struct schedule *schedule, const struct json *root, struct problems *problems)
{
    char shown[SCHEMA_SHOWN_MAX];
    const struct json *from = json_get(root, "from"), *until = json_get(root, "until");
    if (from && !read_bound(&schedule->from, schedule, from, false))
        fail(problems_add(problems), ERR_SCHEDULE_INSTANT, "from", schema_show(shown, from));
    if (until && !read_bound(&schedule->until, schedule, until, true))
        fail(problems_add(problems), ERR_SCHEDULE_INSTANT, "until", schema_show(shown, until));
    if (schedule->from > schedule->until)
        fail(problems_add(problems), ERR_SCHEDULE_FROM_UNTIL);
}

static bool read_zone(struct schedule *schedule, const struct json *root, const struct zones *zones,
                      const char *timezone, struct problems *problems)
{
    struct err err;
    if (zones_find(&schedule->facts.zone, zones,
                   text_from(json_string_or(json_get(root, "timezone"), timezone)), &err))
        return true;
    (void)err_note(&err, "timezone");
    *problems_add(problems) = err;
    return false;
}

// ---- the rest

static void read_facts(struct schedule_facts *facts, const struct json *root)
{
    const char *missed = json_string_or(json_get(root, "missed"), "once");
    const char *overlap = json_string_or(json_get(root, "overlap"), "wait");
    facts->robot = json_string_or(json_get(root, "robot"), "");
    facts->title = json_get(root, "title");
    facts->inputs = json_get(root, "inputs");
    facts->missed = strcmp(missed, "skip") == 0  ? MISSED_SKIP
                    : strcmp(missed, "all") == 0 ? MISSED_ALL
                                                 : MISSED_ONCE;
    facts->overlap = strcmp(overlap, "skip") == 0       ? OVERLAP_SKIP
                     : strcmp(overlap, "parallel") == 0 ? OVERLAP_PARALLEL
                     : strcmp(overlap, "replace") == 0  ? OVERLAP_REPLACE
                                                        : OVERLAP_WAIT;
    facts->jitter_ms = duration_or(json_get(root, "jitter"), 0);
    facts->late_ms = duration_or(json_get(root, "late"), 0);
    facts->priority = (int)json_int64_or(json_get(root, "priority"), 0);
    (void)json_boolean(json_get(root, "approve"), &facts->approve);
}

static void read_rule(struct schedule *schedule, const struct json *root, const struct zones *zones,
                      struct problems *problems)
{
    const struct json *calendar = json_get(root, "calendar");
    if (schedule->facts.kind == SCHEDULE_CRON)
        read_cron(schedule, root, problems);
    if (schedule->facts.kind == SCHEDULE_RRULE)
        read_rrule(schedule, root, zones, problems);
    if (schedule->facts.kind == SCHEDULE_BUSINESS_DAY)
        read_business_day(schedule, root, problems);
    if (!is_time(schedule->facts.kind))
        read_trigger(&schedule->facts, root, problems);
    else if (calendar && !read_calendars(schedule, calendar))
        fail(problems_add(problems), ERR_SCHEDULE_CALENDAR);
}

bool schedule_read(struct schedule **out, const struct json *definition, const struct zones *zones,
                   const char *timezone, struct problems *problems)
{
    SCOPED(schedule)
    schedule = xcalloc(1, sizeof *schedule);
    const size_t before = problems->total;
    schedule->from = INT64_MIN;
    schedule->until = INT64_MAX;
    schema_check(definition, schedule_rules, "", problems);
    if (problems->total > before)
        return false;
    const bool known = find_kind(schedule, definition, problems);
    if (known)
        check_belonging(schedule, definition, problems);
    if (!read_zone(schedule, definition, zones, timezone, problems) || !known)
        return false;
    read_facts(&schedule->facts, definition);
    read_rule(schedule, definition, zones, problems);
    read_bounds(schedule, definition, problems);
    if (problems->total > before)
        return false;
    *out = STEAL(schedule);
    return true;
}
