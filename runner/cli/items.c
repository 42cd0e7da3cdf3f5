// See cli.h. `renki items`: queues of work items, for the people who look after them.
#include "cli/cli.h"

enum { SHOWN_ITEMS = 100, BODY_BYTES_MAX = 900000 };

static int wrong(const struct cli *cli, const struct err *err, int code)
{
    print_err(cli, err);
    return code;
}

static const char *item_state_words(const struct cli *cli, const char *state)
{
    static const struct {
        const char *name;
        enum phrase words;
    } states[] = {
        {"new", PHRASE_ITEM_NEW},        {"taken", PHRASE_ITEM_TAKEN},
        {"done", PHRASE_STATE_DONE},     {"exception", PHRASE_ITEM_EXCEPTION},
        {"failed", PHRASE_STATE_FAILED}, {"abandoned", PHRASE_ITEM_ABANDONED},
    };
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (strcmp(states[i].name, state) == 0)
            return words(cli, states[i].words);
    return state;
}

// ---- queues

static const char *balance_words(const struct cli *cli, const struct json *totals)
{
    bool balanced;
    return !json_boolean(json_get(totals, "balanced"), &balanced)
               ? ""
               : words(cli, balanced ? PHRASE_BALANCED : PHRASE_NOT_BALANCED);
}

static void show_queues(const struct cli *cli, const struct json *reply)
{
    enum { COLUMNS = 10, NUMBERS = 7 };
    static const char *const counts[NUMBERS] = {"new",    "taken",     "done",   "exception",
                                                "failed", "abandoned", "overdue"};
    const struct json *queues = json_get(reply, "queues"), *totals = json_get(reply, "totals");
    const size_t rows = json_count(queues);
    const char **cells = xcalloc(rows * COLUMNS + 1, sizeof *cells);
    char(*numbers)[NUMBERS][INTEGER_TEXT_SIZE] = xcalloc(rows + 1, sizeof *numbers);
    char(*times)[TIME_TEXT_SIZE] = xcalloc(rows + 1, sizeof *times);
    const struct json *total = json_first(totals);
    size_t i = 0;
    for (const struct json *queue = json_first(queues); queue; queue = json_next(queue), i++) {
        const char **at = cells + i * COLUMNS;
        at[0] = json_string_or(json_get(queue, "name"), "");
        for (size_t n = 0; n < NUMBERS; n++)
            at[n + 1] = integer_text(numbers[i][n], json_int64_or(json_get(queue, counts[n]), 0));
        at[NUMBERS + 1] = time_text(times[i], json_int64_or(json_get(queue, "oldest_ms"), 0));
        at[NUMBERS + 2] = balance_words(cli, total);
        total = json_next(total);
    }
    const char *const head[COLUMNS] = {words(cli, PHRASE_HEAD_QUEUE),     words(cli, PHRASE_ITEM_NEW),
                                       words(cli, PHRASE_ITEM_TAKEN),     words(cli, PHRASE_STATE_DONE),
                                       words(cli, PHRASE_ITEM_EXCEPTION), words(cli, PHRASE_STATE_FAILED),
                                       words(cli, PHRASE_ITEM_ABANDONED), words(cli, PHRASE_HEAD_OVERDUE),
                                       words(cli, PHRASE_HEAD_OLDEST),    words(cli, PHRASE_HEAD_TOTALS)};
    if (rows)
        print_table(cli, head, cells, rows, COLUMNS, 0xFEU);
    else
        say(cli, stdout, PHRASE_NO_QUEUES);
    xfree(times);
    xfree(numbers);
    xfree(cells);
}

static int queues(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    const struct ask ask = {.name = "items.queues", .body = TEXT_OF("{}")};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show_queues(cli, json_root(reply));
    return EXIT_DONE;
}

// ---- one queue

void show_queue_totals(const struct cli *cli, const struct json *totals)
{
    const struct json *items = json_get(totals, "items"), *expected = json_get(totals, "expected");
    const char *sum = json_string_or(json_get(expected, "sum"), ""),
               *count = json_string_or(json_get(expected, "items"), "");
    bool balanced;
    say(cli, stdout, PHRASE_QUEUE_ITEMS, json_string_or(json_get(totals, "name"), ""),
        N(json_int64_or(json_get(items, "done"), 0)),
        N(json_int64_or(json_get(items, "exception"), 0) + json_int64_or(json_get(items, "abandoned"), 0)),
        N(json_int64_or(json_get(items, "failed"), 0)), N(json_int64_or(json_get(items, "left"), 0)));
    if (!json_boolean(json_get(totals, "balanced"), &balanced))
        return;
    fputs(colour_on(cli, balanced ? GREEN : RED), stdout);
    if (balanced)
        say(cli, stdout, sum[0] ? PHRASE_RUN_BALANCED : PHRASE_RUN_BALANCED_ITEMS, sum[0] ? sum : count);
    else
        say(cli, stdout, PHRASE_RUN_NOT_BALANCED, sum[0] ? sum : count,
            sum[0] ? json_string_or(json_get(json_get(totals, "difference"), "sum"), "?")
                   : N(json_int64_or(json_get(json_get(totals, "difference"), "items"), 0)));
    fputs(colour_off(cli), stdout);
}

static void show_items(const struct cli *cli, const struct json *items)
{
    enum { COLUMNS = 6 };
    const size_t rows = json_count(items);
    const char **cells = xcalloc(rows * COLUMNS + 1, sizeof *cells);
    char(*times)[2][TIME_TEXT_SIZE] = xcalloc(rows + 1, sizeof *times);
    size_t i = 0;
    for (const struct json *item = json_first(items); item; item = json_next(item), i++) {
        const char **at = cells + i * COLUMNS;
        at[0] = json_string_or(json_get(item, "key"), "");
        at[1] = item_state_words(cli, json_string_or(json_get(item, "state"), ""));
        at[2] = json_string_or(json_get(item, "amount"), "");
        at[3] = time_text(times[i][0], json_int64_or(json_get(item, "due_ms"), 0));
        at[4] = time_text(times[i][1], json_int64_or(json_get(item, "changed_ms"), 0));
        at[5] = json_string_or(json_get(item, "note"), "");
    }
    const char *const head[COLUMNS] = {words(cli, PHRASE_HEAD_ITEM),    words(cli, PHRASE_HEAD_STATE),
                                       words(cli, PHRASE_HEAD_AMOUNT),  words(cli, PHRASE_HEAD_DUE_BY),
                                       words(cli, PHRASE_HEAD_CHANGED), words(cli, PHRASE_HEAD_FOUND)};
    if (rows)
        print_table(cli, head, cells, rows, COLUMNS, 1U << 2);
    else
        say(cli, stdout, PHRASE_NO_ITEMS);
    xfree(times);
    xfree(cells);
}

static void begin_body(struct json_writer *writer, struct buf *body, const struct cli *cli)
{
    *writer = json_writer_new(body);
    json_begin_object(writer);
    json_write_key(writer, "queue");
    json_write_lossy(writer, text_from(cli->arguments[1]));
}

static int list(struct cli *cli)
{
    int failed = EXIT_FAILED;
    int64_t most;
    struct json_writer writer;
    SCOPED_BUF(body, 4096);
    SCOPED(json_document)
    reply = NULL;
    if (!read_most(&most, cli, SHOWN_ITEMS))
        return EXIT_USAGE;
    begin_body(&writer, &body, cli);
    json_write_key(&writer, "state");
    json_write_lossy(&writer, text_from(cli->options[OPTION_STATE] ? cli->options[OPTION_STATE] : ""));
    json_write_key(&writer, "most");
    json_write_integer(&writer, most);
    json_end_object(&writer);
    const struct ask ask = {.name = "items.list", .body = buf_text(&body)};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show_items(cli, json_get(json_root(reply), "items"));
    show_queue_totals(cli, json_get(json_root(reply), "totals"));
    return EXIT_DONE;
}

// ---- one item

// The value inside {"$decimal":"1.20"} and its like; else itself.
static const struct json *plain(const struct json *value)
{
    const struct json *inner = json_first(value);
    const bool wrapped = json_kind(value) == JSON_OBJECT && json_count(value) == 1 &&
                         json_key(inner).length && json_key(inner).data[0] == '$';
    return wrapped ? inner : value;
}

bool item_field_text(struct buf *out, const struct json *value)
{
    struct text text;
    struct json_writer writer = json_writer_new(out);
    value = plain(value);
    if (json_text(value, &text))
        return buf_append_text(out, text);
    if (json_kind(value) == JSON_NULL)
        return true;
    json_write_value(&writer, value);
    return json_writer_done(&writer);
}

static void show_field(const char *name, const char *value)
{
    if (!value[0])
        return;
    printf("  %s: ", name);
    print_clean(stdout, value);
    fputc('\n', stdout);
}

static void show_data(const struct json *data)
{
    for (const struct json *member = json_first(data); member; member = json_next(member)) {
        SCOPED_TEXT char *name = text_copy(json_key(member));
        SCOPED_BUF(value, BODY_BYTES_MAX);
        if (item_field_text(&value, member))
            show_field(name, buf_string(&value));
    }
}

static void show_changes(const struct cli *cli, const struct json *changes)
{
    char time[TIME_TEXT_SIZE];
    for (const struct json *change = json_first(changes); change; change = json_next(change)) {
        say(cli, stdout, PHRASE_ITEM_CHANGED, time_text(time, json_int64_or(json_get(change, "time_ms"), 0)),
            json_string_or(json_get(change, "actor"), ""),
            item_state_words(cli, json_string_or(json_get(change, "state"), "")),
            json_string_or(json_get(change, "note"), ""));
        show_field(words(cli, PHRASE_HEAD_WHY), json_string_or(json_get(change, "why"), ""));
        show_data(json_get(change, "data"));
    }
}

static void show_item(const struct cli *cli, const struct json *reply)
{
    char due[TIME_TEXT_SIZE], changed[TIME_TEXT_SIZE];
    const struct json *item = json_at(json_get(reply, "item"), 0);
    const int64_t run = json_int64_or(json_get(item, "run"), 0);
    printf("%s%s%s: %s\n", colour_on(cli, BOLD), json_string_or(json_get(item, "key"), ""), colour_off(cli),
           item_state_words(cli, json_string_or(json_get(item, "state"), "")));
    show_field(words(cli, PHRASE_HEAD_FOUND), json_string_or(json_get(item, "note"), ""));
    show_field(words(cli, PHRASE_HEAD_AMOUNT), json_string_or(json_get(item, "amount"), ""));
    show_field(words(cli, PHRASE_HEAD_DUE_BY), time_text(due, json_int64_or(json_get(item, "due_ms"), 0)));
    show_field(words(cli, PHRASE_HEAD_CHANGED),
               time_text(changed, json_int64_or(json_get(item, "changed_ms"), 0)));
    show_field(words(cli, PHRASE_HEAD_RUN), run ? N(run) : "");
    show_data(json_get(item, "data"));
    show_changes(cli, json_get(reply, "changes"));
}

static void write_key(struct json_writer *writer, struct buf *body, const struct cli *cli)
{
    begin_body(writer, body, cli);
    json_write_key(writer, "key");
    json_write_lossy(writer, text_from(cli->arguments[2]));
}

static int show(struct cli *cli)
{
    int failed = EXIT_FAILED;
    struct err err;
    struct json_writer writer;
    SCOPED_BUF(body, 4096);
    SCOPED(json_document)
    reply = NULL;
    write_key(&writer, &body, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = "items.show", .body = buf_text(&body)};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (!json_count(json_get(json_root(reply), "item"))) {
        (void)fail(&err, ERR_ITEM_UNKNOWN, cli->arguments[2], cli->arguments[1]);
        return wrong(cli, &err, EXIT_FAILED);
    }
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show_item(cli, json_root(reply));
    return EXIT_DONE;
}

// ---- by hand

static bool write_fields(struct json_writer *writer, const struct cli *cli, struct err *err)
{
    json_write_key(writer, "fields");
    json_begin_array(writer);
    for (int i = 3; i < cli->argument_count; i++) {
        const char *equals = strchr(cli->arguments[i], '=');
        if (!equals)
            return fail(err, ERR_INPUT_FORM, cli->arguments[i]);
        json_begin_array(writer);
        json_write_lossy(writer, text_of(cli->arguments[i], (size_t)(equals - cli->arguments[i])));
        json_write_lossy(writer, text_from(equals + 1));
        json_end_array(writer);
    }
    json_end_array(writer);
    return true;
}

static int ask_by_hand(struct cli *cli, const char *name, struct json_writer *writer, struct buf *body,
                       enum phrase told)
{
    int failed = EXIT_FAILED;
    struct err err;
    SCOPED(json_document)
    reply = NULL;
    write_person(writer, cli);
    json_end_object(writer);
    if (!json_writer_done(writer)) {
        (void)fail(&err, ERR_LIMIT_PASSED, "--data", N(BODY_BYTES_MAX));
        return wrong(cli, &err, EXIT_USAGE);
    }
    const struct ask ask = {.name = name, .body = buf_text(body)};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    say(cli, stdout, told, cli->arguments[2]);
    return EXIT_DONE;
}

static int retry(struct cli *cli)
{
    struct err err;
    struct json_writer writer;
    SCOPED_BUF(body, BODY_BYTES_MAX);
    write_key(&writer, &body, cli);
    if (cli->options[OPTION_DATA]) {
        json_write_key(&writer, "data");
        json_write_lossy(&writer, text_from(cli->options[OPTION_DATA]));
    }
    if (!write_fields(&writer, cli, &err))
        return wrong(cli, &err, EXIT_USAGE);
    return ask_by_hand(cli, "items.retry", &writer, &body, PHRASE_ITEM_RETRIED);
}

static int close_item(struct cli *cli)
{
    struct err err;
    struct json_writer writer;
    SCOPED_BUF(body, BODY_BYTES_MAX);
    if (!cli->options[OPTION_WHY] || !cli->options[OPTION_WHY][0]) {
        (void)fail(&err, ERR_ARGUMENT_MISSING, "items close", "--why TEXT");
        return wrong(cli, &err, EXIT_USAGE);
    }
    write_key(&writer, &body, cli);
    json_write_key(&writer, "why");
    json_write_lossy(&writer, text_from(cli->options[OPTION_WHY]));
    return ask_by_hand(cli, "items.close", &writer, &body, PHRASE_ITEM_CLOSED);
}

int command_items(struct cli *cli)
{
    static const struct {
        const char *name;
        int least, most;
        int (*run)(struct cli *cli);
    } verbs[] = {
        {"export", 3, 3, items_export}, {"import", 3, 3, items_import}, {"list", 2, 2, list},
        {"show", 3, 3, show},           {"retry", 3, 1000, retry},      {"close", 3, 3, close_item},
    };
    struct err err;
    if (cli->argument_count == 0)
        return queues(cli);
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (strcmp(verbs[i].name, cli->arguments[0]) == 0 && cli->argument_count >= verbs[i].least &&
            cli->argument_count <= verbs[i].most)
            return verbs[i].run(cli);
    (void)fail(&err, ERR_ARGUMENT_MISSING, "items", cli->command->arguments);
    return wrong(cli, &err, EXIT_USAGE);
}
