// Events made into days; see ics.h. Recurrences are worked out by lib/recurrence, on the wall's days, without a zone.
#include "lib/ics/ics.h"

#include "lib/calendar/instant.h"
#include "lib/ics/line.h"
#include "lib/json/json.h"
#include "lib/recurrence/recurrence.h"

#include <stdlib.h>

enum {
    NAME_COUNT = LANGUAGE_COUNT + 1,
    LOCAL = LANGUAGE_COUNT,
    REPLACED_MAX = 2000,
    UID_MAX = 200,
    DATE_DIGITS = 8
};

struct event {
    int line;
    bool has_start, cancelled, repeats, replaces;
    int32_t start, end, replaced; // days; end: without; 0 length: one day
    bool has_end;
    int64_t length; // of DURATION, days; 0: none
    char uid[UID_MAX + 1];
    struct buf names[NAME_COUNT];
    struct buf rules; // RRULE, RDATE, EXDATE, EXRULE as they stand
};

// A day that an event with RECURRENCE-ID takes the place of.
struct replaced {
    char uid[UID_MAX + 1];
    int32_t day;
};

struct reading {
    struct ics_lines lines;
    struct json_writer writer;
    struct event event;
    bool in_calendar, in_event, writes; // writes: the second pass
    int depth;                          // of components inside the event (VALARM)
    size_t events, days;
    struct replaced *replaced;
    size_t replaced_count;
    struct err *err;
};

static bool note_line(const struct reading *reading, int line)
{
    return err_note(reading->err, "line %d", line);
}

// ---- values

// "20261206", or the day of "20261206T073000Z".
static bool read_day(int32_t *out, struct text value, const struct reading *reading)
{
    int64_t number;
    const struct text digits = text_of(value.data, value.length < DATE_DIGITS ? value.length : DATE_DIGITS);
    struct date date = {0};
    if (digits.length == DATE_DIGITS && text_to_int64(digits, &number) && number > 0 &&
        (value.length == DATE_DIGITS || (value.data[DATE_DIGITS] | 0x20) == 't'))
        date = (struct date){(int16_t)(number / 10000), (int8_t)(number / 100 % 100), (int8_t)(number % 100)};
    if (!date_valid(date)) {
        SCOPED_TEXT char *written = text_copy(text_of(value.data, text_utf8_floor(value, 40)));
        (void)fail(reading->err, ERR_ICS_DATE, written);
        return note_line(reading, reading->lines.number);
    }
    *out = date_to_days(date);
    return true;
}

// Whole days and weeks only: "P1D", "P2W"; a shorter one ends on its day.
static bool read_duration(struct event *event, struct text value)
{
    int64_t number;
    if (value.length < 3 || (value.data[0] | 0x20) != 'p')
        return true;
    const char unit = (char)(value.data[value.length - 1] | 0x20);
    if (text_to_int64(text_of(value.data + 1, value.length - 2), &number) && number > 0 &&
        number <= ICS_EVENT_DAYS_MAX)
        event->length = unit == 'w' ? number * 7 : unit == 'd' ? number : 0;
    return true;
}

// The time of DTEND says whether its own day belongs to the event: midnight does not.
static bool read_end(struct reading *reading, struct text value)
{
    struct event *event = &reading->event;
    if (!read_day(&event->end, value, reading))
        return false;
    const bool midnight =
        value.length == DATE_DIGITS ||
        text_starts(text_of(value.data + DATE_DIGITS + 1, value.length - DATE_DIGITS - 1), "000000");
    event->end += !midnight;
    event->has_end = true;
    return true;
}

static bool read_name(struct reading *reading, const struct ics_line *line)
{
    const struct text language = ics_parameter(line, "LANGUAGE");
    int name = LOCAL;
    for (int i = 0; i < LANGUAGE_COUNT; i++)
        if (language.length >= 2 &&
            text_equal_ascii_case(text_of(language.data, 2), text_from(language_name((enum language)i))))
            name = i;
    if (ics_is(line->name, "COMMENT") && name == LOCAL && !language.length)
        return true; // a note, not a name
    buf_clear(&reading->event.names[name]);
    return ics_append_text(&reading->event.names[name],
                           text_of(line->value.data, text_utf8_floor(line->value, ICS_NAME_MAX)));
}

static bool read_rule(struct reading *reading)
{
    struct event *event = &reading->event;
    event->repeats = true;
    return (buf_append_text(&event->rules, buf_text(&reading->lines.line)) &&
            buf_append_char(&event->rules, '\n')) ||
           fail(reading->err, ERR_READ_TOO_LARGE, "RRULE", N(RECURRENCE_BYTES_MAX));
}

// With its time, so that EXDATE meets it.
static bool keep_start(struct reading *reading, struct text value)
{
    struct buf *rules = &reading->event.rules;
    return (buf_append_string(rules, "DTSTART:") && buf_append_text(rules, value) &&
            buf_append_char(rules, '\n')) ||
           fail(reading->err, ERR_READ_TOO_LARGE, "DTSTART", N(RECURRENCE_BYTES_MAX));
}

// ---- days

static bool is_replaced(const struct reading *reading, int32_t day)
{
    for (size_t i = 0; i < reading->replaced_count; i++)
        if (reading->replaced[i].day == day && strcmp(reading->replaced[i].uid, reading->event.uid) == 0)
            return true;
    return false;
}

static bool write_day(struct reading *reading, int32_t day)
{
    static const char *const keys[NAME_COUNT] = {"en", "fi", "sv", "local"};
    SCOPED_BUF(date, 16);
    if (day < DAYS_LEAST || day > DAYS_MOST)
        return true;
    if (++reading->days > ICS_DAYS_MAX)
        return fail(reading->err, ERR_READ_TOO_LARGE, "days", N(ICS_DAYS_MAX));
    require(date_write_iso(&date, date_from_days(day)));
    json_begin_object(&reading->writer);
    json_write_key(&reading->writer, "date");
    json_write_text(&reading->writer, buf_text(&date));
    for (int i = 0; i < NAME_COUNT; i++)
        if (reading->event.names[i].length) {
            json_write_key(&reading->writer, keys[i]);
            json_write_lossy(&reading->writer, buf_text(&reading->event.names[i]));
        }
    json_end_object(&reading->writer);
    return true;
}

static bool write_event(struct reading *reading, int32_t start)
{
    const struct event *event = &reading->event;
    int64_t length = event->has_end ? (int64_t)event->end - event->start : event->length;
    if (!event->replaces && is_replaced(reading, start))
        return true;
    if (length < 1)
        length = 1;
    if (length > ICS_EVENT_DAYS_MAX) {
        (void)fail(reading->err, ERR_READ_TOO_LARGE, "days", N(ICS_EVENT_DAYS_MAX));
        return note_line(reading, event->line);
    }
    for (int32_t i = 0; i < length; i++)
        if (!write_day(reading, start + i))
            return false;
    return true;
}

static bool write_repeated(struct reading *reading)
{
    struct event *event = &reading->event;
    static const struct date last = {ICS_YEAR_LAST, 12, 31}, first = {ICS_YEAR_FIRST, 1, 1};
    const int64_t end = ((int64_t)date_to_days(last) + 1) * SECONDS_OF_DAY;
    int64_t at = (int64_t)date_to_days(first) * SECONDS_OF_DAY - 1, wall;
    enum wall shown;
    bool found;
    SCOPED(recurrence)
    recurrence = NULL;
    if (!recurrence_read(&recurrence, buf_text(&event->rules), TEXT_OF(""), NULL, NULL, reading->err))
        return note_line(reading, event->line);
    for (;;) {
        if (!recurrence_next(&at, &wall, &shown, &found, recurrence, at, reading->err))
            return note_line(reading, event->line);
        if (!found || at >= end)
            return true;
        const int32_t day = (int32_t)(at / SECONDS_OF_DAY); // not before 1970
        if (!write_event(reading, day))
            return false;
        at = ((int64_t)day + 1) * SECONDS_OF_DAY - 1; // a day counts once
    }
}

static bool remember_replaced(struct reading *reading)
{
    if (!reading->event.replaces)
        return true;
    if (reading->replaced_count == REPLACED_MAX)
        return fail(reading->err, ERR_READ_TOO_LARGE, "RECURRENCE-ID", N(REPLACED_MAX));
    reading->replaced =
        xreallocarray(reading->replaced, reading->replaced_count + 1, sizeof reading->replaced[0]);
    struct replaced *replaced = &reading->replaced[reading->replaced_count++];
    memcpy(replaced->uid, reading->event.uid, sizeof replaced->uid);
    replaced->day = reading->event.replaced;
    return true;
}

static bool end_event(struct reading *reading)
{
    const struct event *event = &reading->event;
    reading->in_event = false;
    if (!event->has_start) {
        (void)fail(reading->err, ERR_ICS_EVENT);
        return note_line(reading, event->line);
    }
    if (!reading->writes)
        return remember_replaced(reading);
    if (event->cancelled)
        return true;
    return event->repeats && !event->replaces ? write_repeated(reading) : write_event(reading, event->start);
}

// ---- lines

static void clear_event(struct event *event)
{
    for (int i = 0; i < NAME_COUNT; i++)
        buf_dispose(&event->names[i]);
    buf_dispose(&event->rules);
    *event = (struct event){.rules = buf_new(RECURRENCE_BYTES_MAX)};
    for (int i = 0; i < NAME_COUNT; i++)
        event->names[i] = buf_new(ICS_NAME_MAX);
}

static bool event_line(struct reading *reading, const struct ics_line *line)
{
    struct event *event = &reading->event;
    if (ics_is(line->name, "DTSTART")) {
        event->has_start = true;
        return read_day(&event->start, line->value, reading) && keep_start(reading, line->value);
    }
    if (ics_is(line->name, "DTEND"))
        return read_end(reading, line->value);
    if (ics_is(line->name, "DURATION"))
        return read_duration(event, line->value);
    if (ics_is(line->name, "RECURRENCE-ID")) {
        event->replaces = true;
        return read_day(&event->replaced, line->value, reading);
    }
    if (ics_is(line->name, "STATUS"))
        event->cancelled = ics_is(line->value, "CANCELLED");
    if (ics_is(line->name, "UID"))
        memcpy(event->uid, line->value.data, line->value.length < UID_MAX ? line->value.length : UID_MAX);
    if (ics_is(line->name, "RRULE") || ics_is(line->name, "EXRULE") || ics_is(line->name, "RDATE") ||
        ics_is(line->name, "EXDATE"))
        return read_rule(reading);
    if (ics_is(line->name, "SUMMARY") || ics_is(line->name, "COMMENT"))
        return read_name(reading, line) || fail(reading->err, ERR_READ_TOO_LARGE, "bytes", N(ICS_NAME_MAX));
    return true;
}

static bool nesting(struct reading *reading, struct text component)
{
    SCOPED_TEXT char *name = text_copy(text_of(component.data, text_utf8_floor(component, 40)));
    (void)fail(reading->err, ERR_ICS_NESTING, name);
    return note_line(reading, reading->lines.number);
}

static bool begin_component(struct reading *reading, struct text component)
{
    if (reading->in_event || (reading->in_calendar && !ics_is(component, "VEVENT"))) {
        reading->depth++; // VALARM, VTIMEZONE and what is in them
        return true;
    }
    if (!reading->in_calendar) {
        reading->in_calendar = ics_is(component, "VCALENDAR");
        return reading->in_calendar || nesting(reading, component);
    }
    clear_event(&reading->event);
    reading->event.line = reading->lines.number;
    reading->in_event = true;
    return ++reading->events <= ICS_EVENTS_MAX ||
           fail(reading->err, ERR_READ_TOO_LARGE, "VEVENT", N(ICS_EVENTS_MAX));
}

static bool end_component(struct reading *reading, struct text component)
{
    if (reading->depth > 0) {
        reading->depth--;
        return true;
    }
    if (reading->in_event)
        return ics_is(component, "VEVENT") ? end_event(reading) : nesting(reading, component);
    reading->in_calendar = false;
    return ics_is(component, "VCALENDAR") || nesting(reading, component);
}

static bool take(struct reading *reading, const struct ics_line *line)
{
    if (ics_is(line->name, "BEGIN"))
        return begin_component(reading, line->value);
    if (!reading->in_calendar)
        return fail(reading->err, ERR_ICS_NONE);
    if (ics_is(line->name, "END"))
        return end_component(reading, line->value);
    return reading->in_event && reading->depth == 0 ? event_line(reading, line) : true;
}

static bool pass(struct reading *reading, struct text source, bool writes)
{
    struct ics_line line;
    bool found = true, any = false;
    reading->writes = writes;
    reading->in_calendar = reading->in_event = false;
    reading->depth = 0;
    reading->events = 0;
    ics_lines_begin(&reading->lines, source);
    while (found) {
        if (!ics_lines_next(&line, &found, &reading->lines, reading->err))
            return any ? false : fail(reading->err, ERR_ICS_NONE);
        if (found && !take(reading, &line))
            return false;
        any = any || found;
    }
    if (!any)
        return fail(reading->err, ERR_ICS_NONE);
    ics_lines_dispose(&reading->lines);
    return !reading->in_calendar || fail(reading->err, ERR_ICS_NESTING, "VCALENDAR");
}

bool ics_read(struct buf *out, struct text source, struct err *err)
{
    struct reading reading = {.writer = json_writer_new(out), .err = err};
    clear_event(&reading.event);
    json_begin_object(&reading.writer);
    json_write_key(&reading.writer, "days");
    json_begin_array(&reading.writer);
    const bool read = pass(&reading, source, false) && pass(&reading, source, true);
    json_end_array(&reading.writer);
    json_end_object(&reading.writer);
    ics_lines_dispose(&reading.lines);
    clear_event(&reading.event);
    xfree(reading.replaced);
    return read &&
           (json_writer_done(&reading.writer) || fail(err, ERR_READ_TOO_LARGE, "bytes", N(out->maximum)));
}
