// See schedule.h.
#include "cli/schedule.h"

#include "lib/base/clock.h"

enum { COLUMNS = 4, CELL_MAX = 400, WORDS_MAX = 8192 };

// ---- times

// Day of the week by Zeller's congruence: 0 is Saturday.
static enum phrase weekday(int year, int month, int day)
{
    static const enum phrase days[] = {PHRASE_DAY_SATURDAY, PHRASE_DAY_SUNDAY,    PHRASE_DAY_MONDAY,
                                       PHRASE_DAY_TUESDAY,  PHRASE_DAY_WEDNESDAY, PHRASE_DAY_THURSDAY,
                                       PHRASE_DAY_FRIDAY};
    const int m = month < 3 ? month + 12 : month, y = month < 3 ? year - 1 : year;
    return days[(day + 13 * (m + 1) / 5 + y + y / 4 - y / 100 + y / 400) % 7];
}

const char *local_words(char out[LOCAL_TEXT_SIZE], const struct cli *cli, const char *instant)
{
    int year, month, day, hour, minute, second;
    out[0] = '\0';
    if (sscanf(instant, "%4d-%2d-%2dT%2d:%2d:%2d", &year, &month, &day, &hour, &minute, &second) != 6 ||
        month < 1 || month > 12)
        return out;
    const int used = snprintf(out, LOCAL_TEXT_SIZE, "%s %d.%d.%d %02d:%02d",
                              words(cli, weekday(year, month, day)), day, month, year, hour, minute);
    if (second && used > 0)
        snprintf(out + used, LOCAL_TEXT_SIZE - (size_t)used, ":%02d", second);
    return out;
}

static const char *in_language(const struct cli *cli, const struct json *why)
{
    return json_string_or(json_get(why, language_name(cli->language)), "");
}

static void show_time(const struct cli *cli, const struct json *time)
{
    // Of one schedule the facts stand here, of all in the cause of what is planned.
    const struct json *cause = json_get(time, "cause"), *facts = cause ? cause : time;
    const char *instant = json_string_or(json_get(facts, "local"), ""),
               *decision = json_string_or(json_get(time, "decision"), ""),
               *why = in_language(cli, json_get(facts, "why"));
    char local[LOCAL_TEXT_SIZE];
    printf("%s  %s", instant, local_words(local, cli, instant));
    if (cause)
        printf("  %s", json_string_or(json_get(time, "schedule"), ""));
    if (why[0])
        printf(", %s", why);
    if (decision[0]) {
        const bool off = strcmp(decision, "call-off") == 0;
        SCOPED_BUF(said, WORDS_MAX);
        if (phrase_append(&said, cli->language, off ? PHRASE_SCHEDULE_OFF_BY : PHRASE_SCHEDULE_APPROVED_BY,
                          json_string_or(json_get(time, "decided_by"), ""),
                          json_string_or(json_get(time, "decided_why"), ""))) {
            fputs("; ", stdout);
            print_clean(stdout, buf_string(&said));
        }
    }
    fputc('\n', stdout);
}

void show_times(const struct cli *cli, const struct json *times)
{
    for (const struct json *time = json_first(times); time; time = json_next(time))
        show_time(cli, time);
}

// ---- the list

static bool trigger_words(struct buf *out, const struct cli *cli, const char *trigger)
{
    struct text rest = text_from(trigger), kind;
    (void)text_cut(&rest, ' ', &kind);
    SCOPED_TEXT char *name = text_copy(rest);
    return phrase_append(out, cli->language,
                         text_is(kind, "after")   ? PHRASE_SCHEDULE_AFTER_ROBOT
                         : text_is(kind, "file")  ? PHRASE_SCHEDULE_ON_FILE
                         : text_is(kind, "queue") ? PHRASE_SCHEDULE_ON_QUEUE
                                                  : PHRASE_SCHEDULE_ON_WEBHOOK,
                         name);
}

// When it runs next, or what starts it.
static bool next_words(struct buf *out, const struct cli *cli, const struct json *row)
{
    char local[LOCAL_TEXT_SIZE];
    const char *trigger = json_string_or(json_get(row, "trigger"), "");
    if (trigger[0])
        return trigger_words(out, cli, trigger);
    if (json_int64_or(json_get(row, "paused_ms"), 0) || !json_int64_or(json_get(row, "due_ms"), 0))
        return buf_append_string(out, "–");
    const struct json *cause = json_get(row, "cause");
    const char *why = in_language(cli, json_get(cause, "why"));
    return buf_append_string(out, local_words(local, cli, json_string_or(json_get(cause, "local"), ""))) &&
           (!why[0] || (buf_append_string(out, ", ") && buf_append_string(out, why)));
}

static bool has_problem(const struct json *row)
{
    return json_count(json_get(row, "problem")) > 0;
}

static bool state_of(struct buf *out, const struct cli *cli, const struct json *row)
{
    char time[TIME_TEXT_SIZE];
    const int64_t paused_ms = json_int64_or(json_get(row, "paused_ms"), 0);
    if (paused_ms)
        return phrase_append(out, cli->language, PHRASE_SCHEDULE_PAUSED_BY, time_text(time, paused_ms),
                             json_string_or(json_get(row, "paused_by"), ""),
                             json_string_or(json_get(row, "paused_why"), ""));
    if (has_problem(row))
        return phrase_append(out, cli->language,
                             json_string_or(json_get(row, "robot"), "")[0] ? PHRASE_SCHEDULE_WARNING
                                                                           : PHRASE_SCHEDULE_NEVER_READ);
    if (strcmp(json_string_or(json_get(row, "approval"), ""), "needed") == 0)
        return phrase_append(out, cli->language, PHRASE_SCHEDULE_TO_APPROVE);
    if (json_count(json_get(row, "trouble")))
        return phrase_append(out, cli->language, PHRASE_SCHEDULE_TROUBLE);
    if (json_string_or(json_get(row, "trigger"), "")[0])
        return phrase_append(out, cli->language, PHRASE_SCHEDULE_WAITS);
    return phrase_append(out, cli->language,
                         json_int64_or(json_get(row, "due_ms"), 0) ? PHRASE_STATE_PLANNED
                                                                   : PHRASE_SCHEDULE_OVER);
}

static char *cell_of(bool (*write)(struct buf *, const struct cli *, const struct json *),
                     const struct cli *cli, const struct json *row)
{
    SCOPED_BUF(full, WORDS_MAX);
    SCOPED_BUF(cell, WORDS_MAX);
    if (!write(&full, cli, row) || !cell_text(&cell, buf_text(&full), CELL_MAX))
        return xstrdup("");
    return xstrdup(buf_string(&cell));
}

void show_schedules(const struct cli *cli, const struct json *rows, bool first, bool last)
{
    const size_t count = json_count(rows);
    const char **cells = xcalloc(count * COLUMNS + 1, sizeof *cells);
    char **owned = xcalloc(count * 2 + 1, sizeof *owned);
    const char *const head[COLUMNS] = {words(cli, PHRASE_HEAD_NAME), words(cli, PHRASE_HEAD_ROBOT),
                                       words(cli, PHRASE_HEAD_NEXT), words(cli, PHRASE_HEAD_STATE)};
    size_t i = 0;
    for (const struct json *row = json_first(rows); row; row = json_next(row), i++) {
        cells[i * COLUMNS] = json_string_or(json_get(row, "name"), "");
        cells[i * COLUMNS + 1] = json_string_or(json_get(row, "robot"), "");
        cells[i * COLUMNS + 2] = owned[i * 2] = cell_of(next_words, cli, row);
        cells[i * COLUMNS + 3] = owned[i * 2 + 1] = cell_of(state_of, cli, row);
    }
    if (count)
        print_table(cli, first ? head : NULL, cells, count, COLUMNS, 0);
    else if (first && last)
        say(cli, stdout, PHRASE_NO_SCHEDULES);
    for (i = 0; i < count * 2; i++)
        xfree(owned[i]);
    xfree(owned);
    xfree(cells);
}

// ---- one schedule

// As the file has it, without its signs: { "fi-holidays", otherwise = "next" } is "fi-holidays, otherwise next".
static bool append_plain(struct buf *out, const struct json *value)
{
    struct text text;
    if (json_text(value, &text))
        return buf_append_text(out, text);
    if (json_kind(value) != JSON_OBJECT && json_kind(value) != JSON_ARRAY) {
        struct json_writer writer = json_writer_new(out);
        json_write_value(&writer, value);
        return json_writer_done(&writer);
    }
    bool good = true;
    for (const struct json *member = json_first(value); member; member = json_next(member)) {
        int64_t position;
        const bool named = json_kind(value) == JSON_OBJECT && !text_to_int64(json_key(member), &position);
        good = good && (member == json_first(value) || buf_append_string(out, ", ")) &&
               (!named || (buf_append_text(out, json_key(member)) && buf_append_string(out, " "))) &&
               append_plain(out, member);
    }
    return good;
}

static void show_member(const struct cli *cli, enum phrase phrase, const struct json *value)
{
    SCOPED_BUF(text, WORDS_MAX);
    if (value && append_plain(&text, value))
        say(cli, stdout, phrase, buf_string(&text));
}

static void show_definition(const struct cli *cli, const struct json *definition)
{
    static const struct {
        const char *key;
        enum phrase phrase;
    } members[] = {
        {"robot", PHRASE_SCHEDULE_SAYS_ROBOT},
        {"cron", PHRASE_SCHEDULE_SAYS_CRON},
        {"rrule", PHRASE_SCHEDULE_SAYS_RRULE},
        {"business_day", PHRASE_SCHEDULE_SAYS_DAY},
        {"at", PHRASE_SCHEDULE_SAYS_AT},
        {"timezone", PHRASE_SCHEDULE_SAYS_ZONE},
        {"calendar", PHRASE_SCHEDULE_SAYS_CALENDAR},
        {"after", PHRASE_SCHEDULE_SAYS_AFTER},
        {"file", PHRASE_SCHEDULE_SAYS_FILE},
        {"queue", PHRASE_SCHEDULE_SAYS_QUEUE},
        {"webhook", PHRASE_SCHEDULE_SAYS_WEBHOOK},
        {"from", PHRASE_SCHEDULE_SAYS_FROM},
        {"until", PHRASE_SCHEDULE_SAYS_UNTIL},
        {"inputs", PHRASE_SCHEDULE_SAYS_INPUTS},
        {"late", PHRASE_SCHEDULE_SAYS_LATE},
        {"jitter", PHRASE_SCHEDULE_SAYS_JITTER},
        {"priority", PHRASE_SCHEDULE_SAYS_PRIORITY},
    };
    static const struct {
        const char *key, *value;
        enum phrase phrase;
    } choices[] = {
        {"missed", "once", PHRASE_SCHEDULE_MISSED_ONCE},
        {"missed", "skip", PHRASE_SCHEDULE_MISSED_SKIP},
        {"missed", "all", PHRASE_SCHEDULE_MISSED_ALL},
        {"overlap", "wait", PHRASE_SCHEDULE_OVERLAP_WAIT},
        {"overlap", "skip", PHRASE_SCHEDULE_OVERLAP_SKIP},
        {"overlap", "parallel", PHRASE_SCHEDULE_OVERLAP_PARALLEL},
        {"overlap", "replace", PHRASE_SCHEDULE_OVERLAP_REPLACE},
    };
    bool approve = false;
    for (size_t i = 0; i < COUNT_OF(members); i++)
        show_member(cli, members[i].phrase, json_get(definition, members[i].key));
    for (size_t i = 0; i < COUNT_OF(choices); i++)
        if (strcmp(json_string_or(json_get(definition, choices[i].key), ""), choices[i].value) == 0)
            say(cli, stdout, choices[i].phrase);
    if (json_boolean(json_get(definition, "approve"), &approve) && approve)
        say(cli, stdout, PHRASE_SCHEDULE_NEEDS_APPROVAL);
}

static void show_runs_of(const struct cli *cli, const struct json *runs)
{
    enum { RUN_COLUMNS = 4 };
    const size_t count = json_count(runs);
    const char **cells = xcalloc(count * RUN_COLUMNS + 1, sizeof *cells);
    char(*texts)[3][LOCAL_TEXT_SIZE] = xcalloc(count + 1, sizeof *texts);
    const char *const head[RUN_COLUMNS] = {words(cli, PHRASE_HEAD_RUN), words(cli, PHRASE_HEAD_STATE),
                                           words(cli, PHRASE_HEAD_DUE), words(cli, PHRASE_HEAD_BEGAN)};
    size_t i = 0;
    for (const struct json *run = json_first(runs); run; run = json_next(run), i++) {
        const char **at = cells + i * RUN_COLUMNS;
        at[0] = integer_text(texts[i][0], json_int64_or(json_get(run, "id"), 0));
        at[1] = state_words(cli, json_string_or(json_get(run, "state"), ""));
        at[2] = local_words(texts[i][1], cli, json_string_or(json_get(json_get(run, "cause"), "local"), ""));
        at[3] = time_text(texts[i][2], json_int64_or(json_get(run, "started_ms"), 0));
    }
    if (count)
        print_table(cli, head, cells, count, RUN_COLUMNS, 1U);
    xfree(texts);
    xfree(cells);
}

void show_schedule(const struct cli *cli, const struct json *reply)
{
    char time[TIME_TEXT_SIZE];
    const struct json *next = json_get(reply, "next");
    const int64_t paused_ms = json_int64_or(json_get(reply, "paused_ms"), 0);
    printf("%s%s%s\n", colour_on(cli, BOLD), json_string_or(json_get(reply, "name"), ""), colour_off(cli));
    show_definition(cli, json_get(reply, "definition"));
    if (paused_ms)
        say(cli, stdout, PHRASE_SCHEDULE_PAUSED_BY, time_text(time, paused_ms),
            json_string_or(json_get(reply, "paused_by"), ""),
            json_string_or(json_get(reply, "paused_why"), ""));
    if (has_problem(reply)) {
        say(cli, stdout, PHRASE_SCHEDULE_WARNING);
        for (const struct json *problem = json_first(json_get(reply, "problem")); problem;
             problem = json_next(problem))
            print_problem(cli, problem);
    }
    const struct json *troubles = json_get(reply, "troubles");
    for (const struct json *one = json_first(troubles); one; one = json_next(one))
        print_problem(cli, json_first(json_get(one, "problem")));
    if (json_count(next)) {
        say(cli, stdout, PHRASE_SCHEDULE_NEXT_TIMES);
        show_times(cli, next);
    }
    show_runs_of(cli, json_get(reply, "runs"));
}
