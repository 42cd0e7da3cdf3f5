// See schedule.h. `renki schedule next` of a rule that is not saved needs no host and no
// workspace.
#include "cli/schedule.h"

#include "lib/base/clock.h"
#include "lib/calendar/instant.h"
#include "lib/schedule/schedule.h"

enum { TIMES_DEFAULT = 10, TIMES_MAX = 100000, DEFINITION_MAX = 65536, WORDS_MAX = 8192 };

// ---- next, of a rule given by options

struct next {
    struct cli *cli;
    struct zones *zones;
    struct calendars *calendars;
    char *timezone;
    struct json_document *definition;
    struct schedule *schedule;
    int64_t after_ms, count;
};

static void next_dispose(struct next *next)
{
    schedule_free(next->schedule);
    json_document_free(next->definition);
    calendars_free(next->calendars);
    zones_free(next->zones);
    xfree(next->timezone);
}

static bool is_there(const struct cli *cli, enum option option)
{
    return cli->options[option] != NULL;
}

// A shell hands "\n" over as two characters; no rule has them otherwise.
static char *with_line_ends(const char *written)
{
    char *lines = xstrdup(written), *to = lines;
    for (const char *from = lines; *from; from++) {
        if (from[0] == '\\' && from[1] == 'n') {
            *to++ = '\n';
            from++;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
    return lines;
}

static void write_option(struct json_writer *writer, const struct cli *cli, enum option option)
{
    if (!is_there(cli, option))
        return;
    json_write_key(writer, option_rows[option].name);
    json_write_lossy(writer, text_from(cli->options[option]));
}

// { "1": "fi-holidays", "2": "target", "otherwise": "next" }, as the reader hands a file's over.
static void write_calendar(struct json_writer *writer, const struct cli *cli)
{
    struct text rest = text_from(cli->options[OPTION_CALENDAR]), one;
    if (!is_there(cli, OPTION_CALENDAR) && !is_there(cli, OPTION_OTHERWISE))
        return;
    json_write_key(writer, "calendar");
    json_begin_object(writer);
    for (int i = 1; is_there(cli, OPTION_CALENDAR) && text_cut(&rest, ',', &one); i++) {
        json_write_key(writer, N(i));
        json_write_lossy(writer, text_trim(one));
    }
    write_option(writer, cli, OPTION_OTHERWISE);
    json_end_object(writer);
}

// What a file in schedules/ would say.
static bool write_definition(struct buf *out, const struct next *next)
{
    const struct cli *cli = next->cli;
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_string(&writer, "next");
    write_option(&writer, cli, OPTION_CRON);
    if (is_there(cli, OPTION_RRULE)) {
        SCOPED_TEXT char *lines = with_line_ends(cli->options[OPTION_RRULE]);
        json_write_key(&writer, "rrule");
        json_write_lossy(&writer, text_from(lines));
    }
    write_option(&writer, cli, OPTION_DTSTART);
    write_option(&writer, cli, OPTION_TIMEZONE);
    write_calendar(&writer, cli);
    json_end_object(&writer);
    return json_writer_done(&writer);
}

static bool read_count(struct next *next, struct err *err)
{
    const char *count = next->cli->options[OPTION_HOW_MANY];
    next->count = TIMES_DEFAULT;
    return !count ||
           (text_to_int64(text_from(count), &next->count) && next->count >= 0 && next->count <= TIMES_MAX) ||
           fail(err, ERR_OPTION_NUMBER, "count", count);
}

static bool read_from(struct next *next, struct err *err)
{
    const char *from = next->cli->options[OPTION_FROM];
    struct instant instant;
    next->after_ms = clock_realtime_ms();
    if (!from)
        return true;
    if (!instant_parse(&instant, text_from(from), schedule_facts(next->schedule)->zone, err))
        return false;
    next->after_ms = instant.microseconds / 1000 - (instant.microseconds % 1000 < 0);
    return true;
}

static bool read_definition(struct next *next, struct problems *problems)
{
    SCOPED_BUF(written, DEFINITION_MAX);
    struct err err = {0};
    const struct json *rule;
    if (!is_there(next->cli, OPTION_CRON) && !is_there(next->cli, OPTION_RRULE))
        return fail(problems_add(problems), ERR_SCHEDULE_RULE_MISSING);
    if (!write_definition(&written, next))
        return fail(problems_add(problems), ERR_LIMIT_PASSED, "--rrule", N(DEFINITION_MAX));
    if (!json_parse(&next->definition, buf_text(&written), &err)) {
        *problems_add(problems) = err;
        return false;
    }
    rule = json_root(next->definition);
    return schedule_read(&next->schedule, rule, next->zones, next->timezone, problems);
}

static bool read_rest(struct next *next, struct problems *problems)
{
    struct err err = {0};
    if (read_count(next, &err) && read_from(next, &err))
        return true;
    *problems_add(problems) = err;
    return false;
}

static bool write_time(struct buf *out, int64_t ms, const struct zone *zone)
{
    return instant_write_iso(out, (struct instant){ms * 1000, zone, 0});
}

static bool print_line(const struct next *next, const struct occurrence *occurrence)
{
    SCOPED_BUF(line, WORDS_MAX);
    SCOPED_BUF(why, WORDS_MAX);
    if (!write_time(&line, occurrence->due_ms, occurrence->zone) ||
        !occurrence_words(&why, occurrence, next->cli->language))
        return false;
    printf("%s%s", buf_string(&line), why.length ? "  " : "");
    print_clean(stdout, buf_string(&why));
    putchar('\n');
    return true;
}

static bool write_object(struct json_writer *writer, const struct next *next,
                         const struct occurrence *occurrence)
{
    SCOPED_BUF(at, 64);
    SCOPED_BUF(rule, 64);
    SCOPED_BUF(why, WORDS_MAX);
    if (!write_time(&at, occurrence->due_ms, occurrence->zone) ||
        !write_time(&rule, occurrence->rule_ms, occurrence->zone) ||
        !occurrence_words(&why, occurrence, next->cli->language))
        return false;
    json_begin_object(writer);
    json_write_key(writer, "at");
    json_write_text(writer, buf_text(&at));
    json_write_key(writer, "rule");
    json_write_text(writer, buf_text(&rule));
    json_write_key(writer, "why");
    json_write_lossy(writer, buf_text(&why));
    json_end_object(writer);
    return true;
}

static bool print_times(const struct next *next, struct err *err)
{
    const bool json = is_there(next->cli, OPTION_JSON);
    SCOPED_BUF(out, (size_t)64 << 20);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "times");
    json_begin_array(&writer);
    int64_t after_ms = next->after_ms;
    for (int64_t i = 0; i < next->count; i++) {
        struct occurrence occurrence;
        bool found;
        if (!schedule_next(&occurrence, &found, next->schedule, next->calendars, after_ms, err))
            return false;
        if (!found)
            break;
        if (!(json ? write_object(&writer, next, &occurrence) : print_line(next, &occurrence)))
            return fail(err, ERR_LIMIT_PASSED, "words", N(WORDS_MAX));
        after_ms = occurrence.due_ms;
    }
    json_end_array(&writer);
    json_end_object(&writer);
    if (json)
        puts(buf_string(&out));
    return true;
}

static int print_problems(const struct cli *cli, const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        print_err(cli, &problems->items[i]);
    return EXIT_USAGE;
}

int schedule_next_of_rule(struct cli *cli)
{
    struct next next = {.cli = cli};
    struct problems problems = {0};
    struct err err = {0};
    int result = EXIT_USAGE;
    const char *names = is_there(cli, OPTION_CALENDAR) ? cli->options[OPTION_CALENDAR] : "";
    if (!calendars_load(&next.calendars, &next.timezone, cli, names, &err) ||
        !zones_open(&next.zones, ZONES_FOLDER, &err))
        print_err(cli, &err);
    else if (!read_definition(&next, &problems) || !read_rest(&next, &problems))
        result = print_problems(cli, &problems);
    else if (!print_times(&next, &err))
        print_err(cli, &err);
    else
        result = EXIT_DONE;
    problems_dispose(&problems);
    next_dispose(&next);
    return result;
}
