// See cli.h. What ran: runs, show, log, cancel.
#include "cli/cli.h"

enum { SHOWN_RUNS = 20, STATE_MAX = 100 };

static bool ask_run(struct json_document **reply, int *failed, struct cli *cli, const char *name,
                    event_handler on_event)
{
    int64_t run;
    SCOPED_BUF(body, 4096);
    if (!run_number(&run, cli)) {
        *failed = EXIT_USAGE;
        return false;
    }
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "run");
    json_write_integer(&writer, run);
    json_write_key(&writer, "follow");
    json_write_boolean(&writer, cli->options[OPTION_FOLLOW] != NULL);
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = name, .body = buf_text(&body), .on_event = on_event, .owner = cli};
    return ask_host(reply, failed, cli, &ask);
}

// Its state, and what it is beside: a draft, an emergency.
static const char *marked(char out[STATE_MAX], const struct cli *cli, const struct json *run)
{
    bool draft = false, emergency = false;
    SCOPED_BUF(words_, STATE_MAX);
    const char *state = state_words(cli, json_string_or(json_get(run, "state"), ""));
    (void)json_boolean(json_get(run, "draft"), &draft);
    (void)json_boolean(json_get(run, "emergency"), &emergency);
    if ((!draft && !emergency) ||
        !phrase_append(&words_, cli->language, emergency ? PHRASE_MARK_EMERGENCY : PHRASE_MARK_DRAFT, state))
        return state;
    (void)snprintf(out, STATE_MAX, "%s", buf_string(&words_));
    return out;
}

static void fill_row(struct cli *cli, const struct json *run, const char **cells,
                     char texts[3][TIME_TEXT_SIZE], char mark[STATE_MAX])
{
    const int64_t begun = json_int64_or(json_get(run, "started_ms"), 0),
                  ended = json_int64_or(json_get(run, "ended_ms"), 0);
    const struct json *totals = json_get(run, "summary");
    bool balanced;
    cells[0] = integer_text(texts[0], json_int64_or(json_get(run, "id"), 0));
    cells[1] = json_string_or(json_get(run, "robot"), "");
    cells[2] = marked(mark, cli, run);
    cells[3] = time_text(texts[1], json_int64_or(json_get(run, "created_ms"), 0));
    cells[4] = begun && ended ? duration_text(texts[2], ended - begun) : "";
    cells[5] = !json_boolean(json_get(totals, "balanced"), &balanced)
                   ? ""
                   : words(cli, balanced ? PHRASE_BALANCED : PHRASE_NOT_BALANCED);
    cells[6] = json_string_or(json_get(run, "actor"), "");
}

static void show_runs(struct cli *cli, const struct json *runs)
{
    enum { COLUMNS = 7 };
    const size_t count = json_count(runs);
    const char **cells = xcalloc(count * COLUMNS + 1, sizeof *cells);
    char(*texts)[3][TIME_TEXT_SIZE] = xcalloc(count + 1, sizeof *texts);
    char(*marks)[STATE_MAX] = xcalloc(count + 1, sizeof *marks);
    size_t i = 0;
    for (const struct json *run = json_first(runs); run; run = json_next(run), i++)
        fill_row(cli, run, cells + i * COLUMNS, texts[i], marks[i]);
    const char *const head[COLUMNS] = {words(cli, PHRASE_HEAD_RUN),   words(cli, PHRASE_HEAD_ROBOT),
                                       words(cli, PHRASE_HEAD_STATE), words(cli, PHRASE_HEAD_WHEN),
                                       words(cli, PHRASE_HEAD_TIME),  words(cli, PHRASE_HEAD_TOTALS),
                                       words(cli, PHRASE_HEAD_WHO)};
    if (count)
        print_table(cli, head, cells, count, COLUMNS, 1U | 1U << 4);
    else
        say(cli, stdout, PHRASE_NO_RUNS);
    xfree(marks);
    xfree(texts);
    xfree(cells);
}

int command_runs(struct cli *cli)
{
    int failed = EXIT_FAILED;
    int64_t most;
    SCOPED_BUF(body, 256);
    SCOPED(json_document)
    reply = NULL;
    if (!read_most(&most, cli, SHOWN_RUNS))
        return EXIT_USAGE;
    if (!buf_printf(&body, "{\"most\":%lld}", (long long)most))
        return EXIT_FAILED;
    const struct ask ask = {.name = "run.list", .body = buf_text(&body)};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show_runs(cli, json_get(json_root(reply), "runs"));
    return EXIT_DONE;
}

int command_show(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    if (!ask_run(&reply, &failed, cli, "run.show", NULL))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    (void)show_run(cli, json_root(reply), true);
    return EXIT_DONE;
}

static void on_log(void *owner, const char *name, const struct json *body, struct text raw)
{
    struct cli *cli = owner;
    char time[TIME_TEXT_SIZE];
    if (strcmp(name, "log") != 0)
        return;
    if (cli->options[OPTION_JSON]) {
        printf("%.*s\n", (int)raw.length, raw.data);
    } else {
        printf("%s%s%s  ", colour_on(cli, DIM), time_text(time, json_int64_or(json_get(body, "time_ms"), 0)),
               colour_off(cli));
        print_clean(stdout, json_string_or(json_get(body, "text"), ""));
        fputc('\n', stdout);
    }
    fflush(stdout);
}

int command_log(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    return ask_run(&reply, &failed, cli, "run.log", on_log) ? EXIT_DONE : failed;
}

int command_cancel(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    if (!ask_run(&reply, &failed, cli, "run.cancel", NULL))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    say(cli, stdout, PHRASE_CANCEL_ASKED, cli->arguments[0]);
    return EXIT_DONE;
}
