// See cli.h. queue: what runs and waits and for what, what ended badly and needs somebody, and moving runs by hand.
#include "cli/cli.h"

enum { SHOWN_RUNS = 20, COLUMNS = 6, BODY_MAX_BYTES = 8192, CELL_MAX = 1024 };

// ---- what a run waits for, in words

static const char *suffix_after(const char *text, const char *prefix)
{
    const size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static bool append_fault(struct buf *out, const struct json *run)
{
    return buf_append_string(out, json_string_or(json_get(json_get(run, "fault"), "message"), ""));
}

static bool waiting_words(struct buf *out, const struct cli *cli, const struct json *run)
{
    const char *what = json_string_or(json_get(run, "waiting_for"), "");
    char when[TIME_TEXT_SIZE];
    time_text(when, json_int64_or(json_get(run, "due_ms"), 0));
    if (strcmp(what, "retry") == 0)
        return phrase_append(out, cli->language, PHRASE_WAITS_RETRY, when) && append_fault(out, run);
    if (strcmp(what, "sleep") == 0)
        return phrase_append(out, cli->language, PHRASE_WAITS_UNTIL, when);
    if (strcmp(what, "question") == 0)
        return phrase_append(out, cli->language, PHRASE_WAITS_ANSWER);
    if (strcmp(what, "run") == 0)
        return phrase_append(out, cli->language, PHRASE_WAITS_CALL);
    return buf_append_string(out, what);
}

// What holds a queued run back stands in waiting_for as manners.h writes it.
static bool deferred_words(struct buf *out, const struct cli *cli, const struct json *run)
{
    static const struct {
        const char *prefix;
        enum phrase phrase;
    } reasons[] = {{"robot ", PHRASE_WAITS_ROBOT},
                   {"system ", PHRASE_WAITS_SYSTEM},
                   {"hours of ", PHRASE_WAITS_HOURS},
                   {"login ", PHRASE_WAITS_LOGIN},
                   {"emergency", PHRASE_WAITS_EMERGENCY}};
    const char *what = json_string_or(json_get(run, "waiting_for"), "");
    char when[TIME_TEXT_SIZE];
    time_text(when, json_int64_or(json_get(run, "not_before_ms"), 0));
    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        const char *name = suffix_after(what, reasons[i].prefix);
        if (name) {
            SCOPED_TEXT char *first = text_copy(text_of(name, strcspn(name, " ")));
            return phrase_append(out, cli->language, reasons[i].phrase, first, when);
        }
    }
    return what[0] ? buf_append_string(out, what)
                   : phrase_append(out, cli->language, PHRASE_WAITS_UNTIL, when);
}

static bool queued_words(struct buf *out, const struct cli *cli, const struct json *run,
                         const struct json *reply)
{
    const int64_t holder = json_int64_or(json_get(run, "holder"), 0);
    bool taken = false, serving = false, draining = false;
    (void)json_boolean(json_get(run, "taken"), &taken);
    (void)json_boolean(json_get(reply, "serving"), &serving);
    (void)json_boolean(json_get(reply, "draining"), &draining);
    if (taken)
        return phrase_append(out, cli->language, PHRASE_WAITS_PREPARED);
    if (json_int64_or(json_get(run, "not_before_ms"), 0) > 0)
        return deferred_words(out, cli, run);
    if (holder)
        return phrase_append(out, cli->language, PHRASE_WAITS_LANE, N(holder));
    if (!serving && !json_string_or(json_get(run, "host"), "")[0])
        return phrase_append(out, cli->language, PHRASE_WAITS_SERVE);
    return phrase_append(out, cli->language, draining ? PHRASE_WAITS_SERVE : PHRASE_WAITS_PLACE);
}

static bool reason_words(struct buf *out, const struct cli *cli, const struct json *run,
                         const struct json *reply)
{
    const char *state = json_string_or(json_get(run, "state"), "");
    if (strcmp(state, "queued") == 0)
        return queued_words(out, cli, run, reply);
    if (strcmp(state, "waiting") == 0)
        return waiting_words(out, cli, run);
    if (strcmp(state, "in doubt") == 0)
        return phrase_append(out, cli->language, PHRASE_WAITS_DOUBT);
    return strcmp(state, "running") == 0 || append_fault(out, run);
}

// ---- tables

static int64_t since_ms(const struct json *run)
{
    static const char *const keys[] = {"ended_ms", "started_ms", "queued_ms", "created_ms"};
    const char *state = json_string_or(json_get(run, "state"), "");
    const bool queued = strcmp(state, "queued") == 0;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const int64_t time = json_int64_or(json_get(run, keys[i]), 0);
        if (time > 0 && !(queued && i < 2))
            return time;
    }
    return 0;
}

static void show_table(const struct cli *cli, const struct json *reply, bool dead, size_t count)
{
    const char **cells = xcalloc(count * COLUMNS + 1, sizeof *cells);
    char(*texts)[3][TIME_TEXT_SIZE] = xcalloc(count + 1, sizeof *texts);
    char(*reasons)[CELL_MAX] = xcalloc(count + 1, sizeof *reasons);
    const struct json *run = json_first(json_get(reply, "runs"));
    for (size_t i = 0; i < count; i++, run = json_next(run)) {
        const char **row = cells + i * COLUMNS;
        SCOPED_BUF(reason, BODY_MAX_BYTES);
        SCOPED_BUF(cell, CELL_MAX);
        if (reason_words(&reason, cli, run, reply) && cell_text(&cell, buf_text(&reason), 100))
            snprintf(reasons[i], CELL_MAX, "%s", buf_string(&cell));
        row[0] = integer_text(texts[i][0], json_int64_or(json_get(run, "id"), 0));
        row[1] = json_string_or(json_get(run, "robot"), "");
        row[2] = state_words(cli, json_string_or(json_get(run, "state"), ""));
        row[3] = dead ? json_string_or(json_get(run, "actor"), "")
                      : integer_text(texts[i][1], json_int64_or(json_get(run, "priority"), 0));
        row[4] = time_text(texts[i][2], since_ms(run));
        row[5] = reasons[i];
    }
    const char *const head[COLUMNS] = {
        words(cli, PHRASE_HEAD_RUN),   words(cli, PHRASE_HEAD_ROBOT),
        words(cli, PHRASE_HEAD_STATE), words(cli, dead ? PHRASE_HEAD_WHO : PHRASE_HEAD_PRIORITY),
        words(cli, PHRASE_HEAD_SINCE), words(cli, dead ? PHRASE_HEAD_WHY : PHRASE_HEAD_WAITS)};
    print_table(cli, head, cells, count, COLUMNS, dead ? 1U : 1U | 1U << 3);
    xfree(reasons);
    xfree(texts);
    xfree(cells);
}

static void show_queue(const struct cli *cli, const struct json *reply, bool dead)
{
    const size_t most = (size_t)json_int64_or(json_get(reply, "most"), SHOWN_RUNS);
    const size_t found = json_count(json_get(reply, "runs")), count = found < most ? found : most;
    bool draining = false;
    (void)json_boolean(json_get(reply, "draining"), &draining);
    if (draining)
        say(cli, stdout, PHRASE_QUEUE_DRAINS);
    if (count == 0)
        say(cli, stdout, dead ? PHRASE_QUEUE_NONE_DEAD : PHRASE_QUEUE_EMPTY);
    else
        show_table(cli, reply, dead, count);
    if (found > count)
        say(cli, stdout, PHRASE_QUEUE_MORE, N((int64_t)most * 2));
}

static int list(struct cli *cli, bool dead)
{
    int failed = EXIT_FAILED;
    int64_t most;
    SCOPED_BUF(body, 256);
    SCOPED(json_document)
    reply = NULL;
    if (!read_most(&most, cli, SHOWN_RUNS))
        return EXIT_USAGE;
    if (!buf_printf(&body, "{\"most\":%lld,\"dead\":%s}", (long long)most, dead ? "true" : "false"))
        return EXIT_FAILED;
    const struct ask ask = {.name = "queue.list", .body = buf_text(&body)};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show_queue(cli, json_root(reply), dead);
    return EXIT_DONE;
}

// ---- by hand

struct order {
    const char *name, *request;
    int least, most; // runs
    bool takes_number, takes_why;
    enum phrase done;
};
static const struct order orders[] = {
    {"first", "queue.move", 1, 1, false, false, PHRASE_QUEUE_FIRST},
    {"priority", "queue.move", 1, 1, true, false, PHRASE_QUEUE_PRIORITY},
    {"retry", "run.retry", 1, 1000, false, false, PHRASE_QUEUE_RETRY},
    {"close", "queue.close", 1, 1000, false, true, PHRASE_QUEUE_CLOSED},
};

static bool read_numbers(const struct cli *cli, const struct order *order, int64_t *priority, struct err *err)
{
    const int runs = cli->argument_count - 1 - order->takes_number;
    int64_t number;
    if (runs < order->least)
        return fail(err, ERR_ARGUMENT_MISSING, cli->command->name, cli->command->arguments);
    if (runs > order->most)
        return fail(err, ERR_ARGUMENT_EXTRA, cli->command->name, cli->arguments[cli->argument_count - 1]);
    for (int i = 1; i <= runs; i++)
        if (!text_to_int64(text_from(cli->arguments[i]), &number) || number < 1)
            return fail(err, ERR_RUN_NUMBER, cli->arguments[i]);
    const char *last = cli->arguments[cli->argument_count - 1];
    if (order->takes_number && !text_to_int64(text_from(last), priority))
        return fail(err, ERR_OPTION_NUMBER, "priority", last);
    if (order->takes_why && (!cli->options[OPTION_WHY] || !cli->options[OPTION_WHY][0]))
        return fail(err, ERR_QUEUE_WHY);
    return true;
}

static bool write_order(struct buf *body, const struct cli *cli, const struct order *order, int64_t run,
                        int64_t priority)
{
    struct json_writer writer = json_writer_new(body);
    json_begin_object(&writer);
    json_write_key(&writer, "run");
    json_write_integer(&writer, run);
    json_write_key(&writer, "first");
    json_write_boolean(&writer, strcmp(order->name, "first") == 0);
    json_write_key(&writer, "priority");
    json_write_integer(&writer, priority);
    json_write_key(&writer, "why");
    json_write_lossy(&writer, text_from(order->takes_why ? cli->options[OPTION_WHY] : ""));
    write_person(&writer, cli);
    json_end_object(&writer);
    return json_writer_done(&writer);
}

static int give_one(struct cli *cli, struct conversation *conversation, const struct order *order, int run_at,
                    int64_t priority)
{
    int failed = EXIT_FAILED;
    int64_t run = 0;
    SCOPED_BUF(body, BODY_MAX_BYTES);
    SCOPED(json_document)
    reply = NULL;
    if (!text_to_int64(text_from(cli->arguments[run_at]), &run) ||
        !write_order(&body, cli, order, run, priority))
        return EXIT_USAGE;
    const struct ask ask = {.name = order->request, .body = buf_text(&body)};
    if (!conversation_ask(&reply, &failed, cli, conversation, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    say(cli, stdout, order->done, cli->arguments[run_at], N(priority));
    return EXIT_DONE;
}

static int give(struct cli *cli, const struct order *order)
{
    struct err err;
    int64_t priority = 0;
    int result = EXIT_FAILED;
    SCOPED(conversation)
    conversation = NULL;
    if (!read_numbers(cli, order, &priority, &err)) {
        print_err(cli, &err);
        return EXIT_USAGE;
    }
    if (!reach_host(&conversation, &result, cli))
        return result;
    const int runs = cli->argument_count - 1 - order->takes_number;
    int worst = EXIT_DONE;
    for (int i = 1; i <= runs; i++) {
        result = give_one(cli, conversation, order, i, priority);
        worst = result != EXIT_DONE ? result : worst;
    }
    return worst;
}

int command_queue(struct cli *cli)
{
    const char *what = cli->argument_count ? cli->arguments[0] : "";
    struct err err;
    if (!what[0] || (strcmp(what, "dead") == 0 && cli->argument_count == 1))
        return list(cli, what[0] != '\0');
    for (size_t i = 0; i < COUNT_OF(orders); i++)
        if (strcmp(orders[i].name, what) == 0)
            return give(cli, &orders[i]);
    (void)fail(&err, ERR_QUEUE_WHAT, what);
    print_err(cli, &err);
    return EXIT_USAGE;
}
