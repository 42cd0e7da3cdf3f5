// See cli.h. Starting a run and showing it: progress while it goes on, and at the end what an accountant looks for.
#include "cli/cli.h"

#include "lib/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { BODY_MAX_BYTES = 900000, SHOWN_EXCEPTIONS = 30, SHOWN_LINES = 10 };

// ---- while it runs

struct watching {
    struct cli *cli;
    struct progress progress;
    int64_t run;
    int record; // descriptor of --record's file; -1
    bool record_failed;
};

static void show_log_line(struct watching *watching, const struct json *line)
{
    const struct cli *cli = watching->cli;
    const char *level = json_string_or(json_get(line, "level"), "");
    const char *text = json_string_or(json_get(line, "text"), "");
    if (strcmp(level, "debug") == 0 || cli->options[OPTION_JSON])
        return;
    progress_clear(cli, &watching->progress);
    const bool loud = strcmp(level, "error") == 0 || strcmp(level, "warning") == 0;
    fputs(colour_on(cli, loud ? YELLOW : PLAIN), stdout);
    print_clean(stdout, text);
    fputs(loud ? colour_off(cli) : "", stdout);
    fputc('\n', stdout);
    fflush(stdout);
}

static void show_waiting(struct watching *watching, const struct json *body)
{
    char wait[TIME_TEXT_SIZE];
    const struct json *fault = json_get(body, "fault");
    progress_clear(watching->cli, &watching->progress);
    if (json_kind(fault) != JSON_OBJECT)
        return; // for a person or a time: the report says it
    say(watching->cli, stderr, PHRASE_RUN_WAITS, json_string_or(json_get(fault, "message"), ""),
        duration_text(wait, json_int64_or(json_get(body, "wait_ms"), 0)));
}

static void show_deferred(struct watching *watching, const struct json *body)
{
    char when[TIME_TEXT_SIZE];
    const char *what = json_string_or(json_get(body, "for"), "");
    time_text(when, json_int64_or(json_get(body, "again_ms"), 0));
    progress_clear(watching->cli, &watching->progress);
    if (strcmp(what, "emergency") == 0)
        say(watching->cli, stderr, PHRASE_RUN_NEEDS_SECOND, N(watching->run), when);
    else
        say(watching->cli, stderr, PHRASE_RUN_DEFERRED, what, when);
}

static void keep_recording(struct watching *watching, struct text part)
{
    while (watching->record >= 0 && part.length) {
        const ssize_t written = write(watching->record, part.data, part.length);
        if (written < 0) {
            watching->record_failed = true;
            return;
        }
        part = text_of(part.data + written, part.length - (size_t)written);
    }
}

static void on_event(void *owner, const char *name, const struct json *body, struct text raw)
{
    struct watching *watching = owner;
    if (strcmp(name, "queued") == 0)
        watching->run = json_int64_or(json_get(body, "run"), 0);
    else if (strcmp(name, "log") == 0)
        show_log_line(watching, body);
    else if (strcmp(name, "progress") == 0)
        progress_draw(watching->cli, &watching->progress, json_int64_or(json_get(body, "done"), 0),
                      json_int64_or(json_get(body, "total"), 0), json_string_or(json_get(body, "text"), ""));
    else if (strcmp(name, "waiting") == 0)
        show_waiting(watching, body);
    else if (strcmp(name, "deferred") == 0)
        show_deferred(watching, body);
    else if (strcmp(name, "recording") == 0)
        keep_recording(watching, raw);
}

// ---- what is asked

static bool input_is_file(const struct json *inputs, struct text name)
{
    for (const struct json *input = json_first(inputs); input; input = json_next(input))
        if (text_is(name, json_string_or(json_get(input, "name"), "")))
            return strcmp(json_string_or(json_get(input, "type"), ""), "file") == 0;
    return false; // the host says that there is no such input
}

struct start {
    int fds[FRAME_FDS_MAX];
    const char *names[FRAME_FDS_MAX]; // NAME=PATH as given
    size_t count;
};

static bool add_file(struct start *start, const char *argument, const char *path, struct err *err)
{
    if (start->count == FRAME_FDS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "files", N(FRAME_FDS_MAX));
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? fail(err, ERR_FILE_MISSING, path)
                               : fail(err, ERR_FILE_UNREADABLE, path, strerror(errno));
    start->fds[start->count] = fd;
    start->names[start->count++] = argument;
    return true;
}

static void write_pair(struct json_writer *writer, const char *argument)
{
    const char *equals = strchr(argument, '=');
    json_begin_array(writer);
    json_write_lossy(writer, text_of(argument, (size_t)(equals - argument)));
    json_write_lossy(writer, text_from(equals + 1));
    json_end_array(writer);
}

static void write_flag(struct json_writer *writer, const struct cli *cli, const char *key, enum option option)
{
    json_write_key(writer, key);
    json_write_boolean(writer, cli->options[option] != NULL);
}

void write_person(struct json_writer *writer, const struct cli *cli)
{
    char actor[64];
    const char *user = getenv("USER");
    snprintf(actor, sizeof actor, "%s", user && user[0] ? user : N(geteuid()));
    json_write_key(writer, "actor");
    json_write_lossy(writer, text_from(actor));
    json_write_key(writer, "language");
    json_write_string(writer, language_name(cli->language));
}

static bool write_start(struct buf *body, struct cli *cli, const struct json *inputs, struct start *start,
                        struct err *err)
{
    struct json_writer writer = json_writer_new(body);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_lossy(&writer, text_from(cli->arguments[0]));
    json_write_key(&writer, "given");
    json_begin_array(&writer);
    for (int i = 1; i < cli->argument_count; i++) {
        const char *argument = cli->arguments[i], *equals = strchr(argument, '=');
        if (!equals || equals == argument)
            return fail(err, ERR_INPUT_FORM, argument);
        write_pair(&writer, argument);
        if (input_is_file(inputs, text_of(argument, (size_t)(equals - argument))) &&
            !add_file(start, argument, equals + 1, err))
            return false;
    }
    json_end_array(&writer);
    json_write_key(&writer, "files");
    json_begin_array(&writer);
    for (size_t i = 0; i < start->count; i++)
        write_pair(&writer, start->names[i]);
    json_end_array(&writer);
    write_flag(&writer, cli, "dry_run", OPTION_DRY_RUN);
    write_flag(&writer, cli, "draft", OPTION_DRAFT);
    write_flag(&writer, cli, "record", OPTION_RECORD);
    write_person(&writer, cli);
    if (!write_emergency(&writer, cli, err))
        return false;
    json_end_object(&writer);
    return json_writer_done(&writer) ? true : fail(err, ERR_LIMIT_PASSED, "inputs", "900 KB");
}

static bool ask_inputs(struct json_document **reply, int *failed, struct cli *cli,
                       struct conversation *conversation)
{
    SCOPED_BUF(body, BODY_MAX_BYTES);
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_lossy(&writer, text_from(cli->arguments[0]));
    write_flag(&writer, cli, "draft", OPTION_DRAFT);
    json_end_object(&writer);
    const struct ask ask = {.name = "robot.inputs", .body = buf_text(&body)};
    return conversation_ask(reply, failed, cli, conversation, &ask);
}

static int watch(struct cli *cli, struct conversation *conversation, struct ask *ask,
                 struct watching *watching)
{
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    ask->on_event = on_event;
    ask->owner = watching;
    ask->on_interrupt = "run.cancel";
    ask->interrupt_run = &watching->run;
    const bool done = conversation_ask(&reply, &failed, cli, conversation, ask);
    progress_clear(cli, &watching->progress);
    if (!done)
        return was_interrupted() ? EXIT_INTERRUPTED : failed;
    if (cli->options[OPTION_JSON])
        (void)print_json(json_root(reply));
    const int result =
        cli->options[OPTION_JSON] ? run_exit_code(json_root(reply)) : show_run(cli, json_root(reply), false);
    return was_interrupted() ? EXIT_INTERRUPTED : result;
}

static int open_record(const char *path, struct err *err)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        (void)fail(err, ERR_FILE_UNWRITABLE, path, strerror(errno));
    return fd;
}

int command_run(struct cli *cli)
{
    struct err err;
    int failed = EXIT_FAILED;
    struct start start = {.count = 0};
    SCOPED_BUF(body, BODY_MAX_BYTES);
    SCOPED(json_document)
    inputs = NULL;
    SCOPED(conversation)
    conversation = NULL;
    if (!reach_host(&conversation, &failed, cli) || !ask_inputs(&inputs, &failed, cli, conversation))
        return failed;
    struct watching watching = {.cli = cli, .record = -1};
    const bool ready = write_start(&body, cli, json_get(json_root(inputs), "inputs"), &start, &err);
    if (ready && cli->options[OPTION_RECORD])
        watching.record = open_record(cli->options[OPTION_RECORD], &err);
    if (!ready || (cli->options[OPTION_RECORD] && watching.record < 0)) {
        print_err(cli, &err);
        return err.code == ERR_INPUT_FORM ? EXIT_USAGE : EXIT_FAILED;
    }
    struct ask ask = {
        .name = "run.start", .body = buf_text(&body), .fds = start.fds, .fd_count = start.count};
    const int result = watch(cli, conversation, &ask, &watching);
    for (size_t i = 0; i < start.count; i++)
        close(start.fds[i]);
    if (watching.record >= 0 && (close(watching.record) != 0 || watching.record_failed)) {
        (void)fail(&err, ERR_FILE_UNWRITABLE, cli->options[OPTION_RECORD], strerror(errno));
        print_err(cli, &err);
        return EXIT_FAILED;
    }
    return result;
}

bool run_number(int64_t *run, struct cli *cli)
{
    struct err err;
    if (text_to_int64(text_from(cli->arguments[0]), run) && *run > 0)
        return true;
    (void)fail(&err, ERR_RUN_NUMBER, cli->arguments[0]);
    print_err(cli, &err);
    return false;
}

bool read_most(int64_t *most, const struct cli *cli, int64_t otherwise)
{
    const char *given = cli->options[OPTION_MOST];
    struct err err;
    *most = otherwise;
    if (!given || (text_to_int64(text_from(given), most) && *most >= 1))
        return true;
    (void)fail(&err, ERR_OPTION_NUMBER, "most", given);
    print_err(cli, &err);
    return false;
}

int command_resume(struct cli *cli)
{
    int failed = EXIT_FAILED;
    int64_t run;
    SCOPED_BUF(body, 4096);
    SCOPED(conversation)
    conversation = NULL;
    if (!run_number(&run, cli))
        return EXIT_USAGE;
    if (!reach_host(&conversation, &failed, cli))
        return failed;
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "run");
    json_write_integer(&writer, run);
    write_person(&writer, cli);
    json_end_object(&writer);
    struct watching watching = {.cli = cli, .record = -1, .run = run};
    struct ask ask = {.name = "run.resume", .body = buf_text(&body)};
    return watch(cli, conversation, &ask, &watching);
}

// ---- at its end

static const struct json *row_of(const struct json *report)
{
    return json_at(json_get(report, "run"), 0);
}

int run_exit_code(const struct json *report)
{
    const struct json *run = row_of(report);
    const char *state = json_string_or(json_get(run, "state"), "");
    if (strcmp(state, "refused") == 0)
        return EXIT_REFUSED;
    if (strcmp(state, "cancelled") == 0)
        return EXIT_INTERRUPTED;
    if (strcmp(state, "waiting") == 0 || strcmp(state, "in doubt") == 0)
        return EXIT_WAITING;
    if (strcmp(state, "done") != 0)
        return EXIT_FAILED;
    bool balanced;
    if (json_boolean(json_get(json_get(report, "totals"), "balanced"), &balanced) && !balanced)
        return EXIT_EXCEPTIONS;
    return json_count(json_get(report, "exceptions")) ? EXIT_EXCEPTIONS : EXIT_DONE;
}

static enum phrase state_phrase(const char *state)
{
    static const struct {
        const char *state;
        enum phrase phrase;
    } rows[] = {
        {"queued", PHRASE_STATE_QUEUED},     {"running", PHRASE_STATE_RUNNING},
        {"waiting", PHRASE_STATE_WAITING},   {"done", PHRASE_STATE_DONE},
        {"failed", PHRASE_STATE_FAILED},     {"cancelled", PHRASE_STATE_CANCELLED},
        {"refused", PHRASE_STATE_REFUSED},   {"planned", PHRASE_STATE_PLANNED},
        {"missed", PHRASE_STATE_MISSED},     {"skipped", PHRASE_STATE_SKIPPED},
        {"in doubt", PHRASE_STATE_IN_DOUBT},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].state, state) == 0)
            return rows[i].phrase;
    return PHRASE_STATE_QUEUED;
}

const char *state_words(const struct cli *cli, const char *state)
{
    return words(cli, state_phrase(state));
}

enum colour state_colour(const char *state)
{
    return strcmp(state, "done") == 0                                      ? GREEN
           : strcmp(state, "failed") == 0 || strcmp(state, "refused") == 0 ? RED
                                                                           : YELLOW;
}

// "1848 items: 1839 done, 9 for a person" and then whether it balances, to the cent.
static void show_totals(const struct cli *cli, const struct json *totals)
{
    const struct json *items = json_get(totals, "items");
    const int64_t done = json_int64_or(json_get(items, "done"), 0),
                  excepted = json_int64_or(json_get(items, "exception"), 0);
    const int64_t failed = json_int64_or(json_get(items, "failed"), 0),
                  left = json_int64_or(json_get(items, "left"), 0);
    const int64_t doubts = json_int64_or(json_get(items, "doubt"), 0);
    if (done + excepted + failed + left > 0)
        say(cli, stdout, PHRASE_RUN_ITEMS, N(done + excepted + failed + left), N(done), N(excepted),
            N(failed), N(left));
    if (doubts > 0)
        say(cli, stdout, PHRASE_RUN_DOUBTS, N(doubts));
    bool balanced;
    if (!json_boolean(json_get(totals, "balanced"), &balanced))
        return;
    const struct json *expected = json_get(totals, "expected"), *difference = json_get(totals, "difference");
    const char *sum = json_string_or(json_get(expected, "sum"), ""),
               *count = json_string_or(json_get(expected, "items"), "");
    fputs(colour_on(cli, balanced ? GREEN : RED), stdout);
    if (balanced)
        say(cli, stdout, sum[0] ? PHRASE_RUN_BALANCED : PHRASE_RUN_BALANCED_ITEMS, sum[0] ? sum : count);
    else
        say(cli, stdout, PHRASE_RUN_NOT_BALANCED, sum[0] ? sum : count,
            sum[0] ? json_string_or(json_get(difference, "sum"), "?")
                   : N(json_int64_or(json_get(difference, "items"), 0)));
    fputs(colour_off(cli), stdout);
}

static void show_exceptions(const struct cli *cli, const struct json *exceptions)
{
    const size_t count = json_count(exceptions), shown = count < SHOWN_EXCEPTIONS ? count : SHOWN_EXCEPTIONS;
    if (count == 0)
        return;
    const char **cells = xcalloc(2 * shown, sizeof *cells);
    size_t i = 0;
    for (const struct json *row = json_first(exceptions); row && i < shown; row = json_next(row), i++) {
        cells[2 * i] = json_string_or(json_get(row, "key"), "");
        cells[2 * i + 1] = json_string_or(json_get(row, "text"), "");
    }
    const char *const head[] = {words(cli, PHRASE_HEAD_ITEM), words(cli, PHRASE_HEAD_FOUND)};
    fputc('\n', stdout);
    say(cli, stdout, PHRASE_RUN_EXCEPTIONS, N(count));
    print_table(cli, head, cells, shown, 2, 1);
    if (count > shown)
        say(cli, stdout, PHRASE_RUN_MORE, N(count - shown));
    xfree(cells);
}

static void show_artifacts(const struct cli *cli, const struct json *report)
{
    const struct json *artifacts = json_get(report, "artifacts");
    const char *folder = json_string_or(json_get(report, "folder"), ".");
    if (json_count(artifacts))
        fputc('\n', stdout);
    for (const struct json *row = json_first(artifacts); row; row = json_next(row)) {
        const char *place = json_string_or(json_get(row, "path"), "");
        const bool is_whole = place[0] == '/' || strstr(place, "://"); // in a fleet's folder or bucket
        SCOPED_TEXT char *path = is_whole ? xstrdup(place) : xasprintf("%s/%s", folder, place);
        const char *title = json_string_or(json_get(row, "title"), "");
        say(cli, stdout, PHRASE_RUN_ARTIFACT, title[0] ? title : json_string_or(json_get(row, "name"), ""),
            path);
    }
}

static void show_held(const struct cli *cli, const struct json *report)
{
    const struct json *held = json_get(report, "held");
    bool dry_run;
    if (!json_boolean(json_get(row_of(report), "dry_run"), &dry_run) || !dry_run)
        return;
    fputc('\n', stdout);
    say(cli, stdout, PHRASE_RUN_HELD, N(json_count(held)));
    for (const struct json *row = json_first(held); row; row = json_next(row)) {
        printf("  ");
        print_clean(stdout, json_string_or(json_get(row, "method"), ""));
        printf(" ");
        print_clean(stdout, json_string_or(json_get(row, "host"), ""));
        // A path begins with its slash, an address of a mail does not.
        printf("%s", json_string_or(json_get(row, "path"), "")[0] == '/' ? "" : " ");
        print_clean(stdout, json_string_or(json_get(row, "path"), ""));
        printf("\n");
    }
}

static void show_fault(const struct cli *cli, const struct json *fault)
{
    const char *source = json_string_or(json_get(fault, "source"), ""),
               *text = json_string_or(json_get(fault, "text"), "");
    const char *hint = json_string_or(json_get(fault, "hint"), "");
    fputc('\n', stdout);
    fputs(colour_on(cli, RED), stdout);
    print_clean(stdout, json_string_or(json_get(fault, "message"), ""));
    fputs(colour_off(cli), stdout);
    fputc('\n', stdout);
    if (source[0]) {
        printf("  %s:%lld  ", source, (long long)json_int64_or(json_get(fault, "line"), 0));
        print_clean(stdout, text);
        fputc('\n', stdout);
    }
    if (hint[0]) {
        print_clean(stdout, hint);
        fputc('\n', stdout);
    }
}

static void show_calls(const struct cli *cli, const struct json *calls)
{
    for (const struct json *row = json_first(calls); row; row = json_next(row)) {
        const char *outcome = json_string_or(json_get(row, "outcome"), "");
        say(cli, stdout, PHRASE_RUN_CALLS, N(json_int64_or(json_get(row, "count"), 0)),
            json_string_or(json_get(row, "method"), ""), json_string_or(json_get(row, "host"), ""), outcome);
    }
}

static void show_whole(const struct cli *cli, const struct json *report)
{
    char time[TIME_TEXT_SIZE];
    const struct json *run = row_of(report);
    say(cli, stdout, PHRASE_RUN_BY, json_string_or(json_get(run, "actor"), ""),
        time_text(time, json_int64_or(json_get(run, "created_ms"), 0)));
    say(cli, stdout, PHRASE_RUN_TREE, json_string_or(json_get(run, "tree"), ""));
    const char *environment = json_string_or(json_get(run, "environment"), "");
    if (environment[0])
        say(cli, stdout, PHRASE_EVIDENCE_RAN, environment, json_string_or(json_get(run, "mode"), ""));
    for (const struct json *row = json_first(json_get(report, "inputs")); row; row = json_next(row))
        say(cli, stdout, PHRASE_RUN_INPUT, json_string_or(json_get(row, "name"), ""),
            json_string_or(json_get(row, "file"), ""), json_string_or(json_get(row, "sha256"), ""));
    show_calls(cli, json_get(report, "calls"));
}

// Whom it waits for, or what people said of it.
static void show_questions(const struct cli *cli, const struct json *report)
{
    const char *run = N(json_int64_or(json_get(row_of(report), "id"), 0));
    for (const struct json *row = json_first(json_get(report, "questions")); row; row = json_next(row)) {
        const char *title = json_string_or(json_get(row, "title"), "");
        const char *number = N(json_int64_or(json_get(row, "id"), 0));
        bool stands_in = false;
        if (strcmp(json_string_or(json_get(row, "state"), ""), "open") == 0)
            say(cli, stdout, PHRASE_RUN_ASKS, run, json_string_or(json_get(row, "person"), ""), number);
        else if (json_boolean(json_get(row, "stands_in"), &stands_in) && stands_in)
            say(cli, stdout, PHRASE_RUN_ANSWERED_FOR, title, json_string_or(json_get(row, "actor"), ""),
                json_string_or(json_get(row, "person"), ""));
        else
            say(cli, stdout, PHRASE_RUN_ANSWERED, title, json_string_or(json_get(row, "actor"), ""));
    }
}

int show_run(struct cli *cli, const struct json *report, bool whole)
{
    char spent[TIME_TEXT_SIZE];
    const struct json *run = row_of(report), *fault = json_get(run, "fault");
    const char *state = json_string_or(json_get(run, "state"), "");
    const int64_t begun = json_int64_or(json_get(run, "started_ms"), 0),
                  ended = json_int64_or(json_get(run, "ended_ms"), 0);
    bool draft = false;
    fputs(colour_on(cli, BOLD), stdout);
    printf("%s", colour_on(cli, state_colour(state)));
    say(cli, stdout, PHRASE_RUN_HEAD, N(json_int64_or(json_get(run, "id"), 0)),
        json_string_or(json_get(run, "robot"), ""), state_words(cli, state),
        begun && ended ? duration_text(spent, ended - begun) : "–");
    fputs(colour_off(cli), stdout);
    if (json_boolean(json_get(run, "draft"), &draft) && draft)
        say(cli, stdout, PHRASE_RUN_DRAFT);
    show_emergency(cli, json_get(report, "emergency"));
    if (whole)
        show_whole(cli, report);
    show_totals(cli, json_get(report, "totals"));
    const struct json *queues = json_get(report, "queues");
    for (const struct json *queue = json_first(queues); queue; queue = json_next(queue))
        show_queue_totals(cli, queue);
    if (json_kind(fault) == JSON_OBJECT && strcmp(state, "done") != 0)
        show_fault(cli, fault);
    show_exceptions(cli, json_get(report, "exceptions"));
    show_held(cli, report);
    show_artifacts(cli, report);
    show_questions(cli, report);
    if (strcmp(state, "failed") == 0 || strcmp(state, "cancelled") == 0 || strcmp(state, "refused") == 0)
        say(cli, stdout, PHRASE_RUN_RESUME, N(json_int64_or(json_get(run, "id"), 0)));
    return run_exit_code(report);
}
