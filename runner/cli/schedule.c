// See cli.h. renki schedule: when robots run, and what people decide of it.
#include "cli/schedule.h"

#include <unistd.h>

enum { BODY_MAX_BYTES = 16384, PAGE_ROWS = 500, ANSWER_MAX = 64 };

static int wrong(const struct cli *cli, const struct err *err)
{
    print_err(cli, err);
    return EXIT_USAGE;
}

// ---- asking

// Members that requests of schedules know; those that were not given are left out.
static void write_given(struct json_writer *writer, const struct cli *cli)
{
    const struct {
        const char *key, *value;
    } given[] = {
        {"schedule", cli->argument_count > 1 ? cli->arguments[1] : NULL},
        {"time", cli->argument_count > 2 ? cli->arguments[2] : NULL},
        {"why", cli->options[OPTION_WHY]},
        {"from", cli->options[OPTION_FROM]},
        {"to", cli->options[OPTION_TO]},
    };
    for (size_t i = 0; i < COUNT_OF(given); i++)
        if (given[i].value) {
            json_write_key(writer, given[i].key);
            json_write_lossy(writer, text_from(given[i].value));
        }
}

static void write_asker(struct json_writer *writer, const struct cli *cli)
{
    if (!cli->options[OPTION_AS]) {
        write_person(writer, cli);
        return;
    }
    json_write_key(writer, "actor");
    json_write_lossy(writer, text_from(cli->options[OPTION_AS]));
    json_write_key(writer, "language");
    json_write_string(writer, language_name(cli->language));
}

static bool write_body(struct buf *body, const struct cli *cli, int64_t count, bool count_only,
                       const char *after)
{
    struct json_writer writer = json_writer_new(body);
    json_begin_object(&writer);
    write_given(&writer, cli);
    write_asker(&writer, cli);
    json_write_key(&writer, "count");
    json_write_integer(&writer, count);
    json_write_key(&writer, "most");
    json_write_integer(&writer, PAGE_ROWS);
    json_write_key(&writer, "count_only");
    json_write_boolean(&writer, count_only);
    json_write_key(&writer, "after");
    json_write_lossy(&writer, text_from(after));
    json_end_object(&writer);
    return json_writer_done(&writer);
}

static bool ask(struct json_document **reply, int *failed, struct cli *cli, struct conversation *conversation,
                const char *name, int64_t count, bool count_only, const char *after)
{
    SCOPED_BUF(body, BODY_MAX_BYTES);
    struct err err;
    if (!write_body(&body, cli, count, count_only, after)) {
        (void)fail(&err, ERR_LIMIT_PASSED, "arguments", N(BODY_MAX_BYTES));
        *failed = wrong(cli, &err);
        return false;
    }
    const struct ask question = {.name = name, .body = buf_text(&body)};
    return conversation ? conversation_ask(reply, failed, cli, conversation, &question)
                        : ask_host(reply, failed, cli, &question);
}

// ---- looking

// In pages: a workspace may have 100,000 of them.
static int list(struct cli *cli)
{
    int failed = EXIT_FAILED;
    const bool json = cli->options[OPTION_JSON] != NULL;
    SCOPED_TEXT char *after = xstrdup("");
    SCOPED(conversation)
    conversation = NULL;
    if (!reach_host(&conversation, &failed, cli))
        return failed;
    if (json)
        fputs("{\"schedules\":[", stdout);
    for (bool first = true, more = true; more; first = false) {
        SCOPED(json_document)
        reply = NULL;
        if (!ask(&reply, &failed, cli, conversation, "schedule.list", 0, false, after))
            return failed;
        const struct json *rows = json_get(json_root(reply), "schedules");
        more = json_count(rows) == PAGE_ROWS;
        for (const struct json *row = json_first(rows); json && row; row = json_next(row)) {
            SCOPED_BUF(text, 1 << 20);
            struct json_writer writer = json_writer_new(&text);
            json_write_value(&writer, row);
            printf("%s%s", first && row == json_first(rows) ? "" : ",", buf_string(&text));
        }
        if (!json)
            show_schedules(cli, rows, first, !more);
        if (more) {
            xfree(after);
            after = xstrdup(json_string_or(json_get(json_at(rows, PAGE_ROWS - 1), "name"), ""));
        }
    }
    if (json)
        fputs("]}\n", stdout);
    return EXIT_DONE;
}

static int show(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    if (!ask(&reply, &failed, cli, NULL, "schedule.show", 0, false, ""))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show_schedule(cli, json_root(reply));
    return EXIT_DONE;
}

static int next(struct cli *cli)
{
    int failed = EXIT_FAILED;
    int64_t count = cli->argument_count > 1 ? 5 : 20;
    struct err err;
    SCOPED(json_document)
    reply = NULL;
    const char *given = cli->options[OPTION_HOW_MANY];
    if (given && (!text_to_int64(text_from(given), &count) || count < 1)) {
        (void)fail(&err, ERR_OPTION_NUMBER, "count", given);
        return wrong(cli, &err);
    }
    if (!ask(&reply, &failed, cli, NULL, "schedule.next", count, false, ""))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show_times(cli, json_get(json_root(reply), "times"));
    return EXIT_DONE;
}

// ---- deciding

// Asks the host for one thing and says that it is done.
static int decide(struct cli *cli, const char *name, enum phrase done)
{
    int failed = EXIT_FAILED;
    char local[LOCAL_TEXT_SIZE];
    SCOPED(json_document)
    reply = NULL;
    if (!ask(&reply, &failed, cli, NULL, name, 0, false, ""))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    const struct json *root = json_root(reply), *run = json_get(root, "run");
    say(cli, stdout, done, cli->arguments[1],
        run ? N(json_int64_or(run, 0))
            : local_words(local, cli, json_string_or(json_get(root, "local"), "")));
    return EXIT_DONE;
}

static int need_why(const struct cli *cli)
{
    struct err err;
    (void)fail(&err, ERR_SCHEDULE_WHY);
    return wrong(cli, &err);
}

static int pause_schedule(struct cli *cli)
{
    return cli->options[OPTION_WHY] ? decide(cli, "schedule.pause", PHRASE_SCHEDULE_PAUSED) : need_why(cli);
}

static int resume(struct cli *cli)
{
    return decide(cli, "schedule.resume", PHRASE_SCHEDULE_RESUMED);
}

static int run_now(struct cli *cli)
{
    return decide(cli, "schedule.run", PHRASE_SCHEDULE_STARTED);
}

static int approve(struct cli *cli)
{
    return decide(cli, "schedule.approve", PHRASE_SCHEDULE_APPROVED);
}

static int call_off(struct cli *cli)
{
    return cli->options[OPTION_WHY] ? decide(cli, "schedule.call_off", PHRASE_SCHEDULE_CALLED_OFF)
                                    : need_why(cli);
}

// ---- making up for what is past

static bool is_yes(const struct cli *cli, const char *answer)
{
    const char *yes = words(cli, PHRASE_YES_LETTERS); // each letter means yes
    return answer[0] && strchr(yes, answer[0]);
}

// How many it will be is said first; on a terminal the person says yes, elsewhere --yes does.
static bool confirm(int *failed, struct cli *cli, int64_t count)
{
    char answer[ANSWER_MAX] = "";
    struct err err;
    if (cli->options[OPTION_YES])
        return true;
    if (!isatty(STDIN_FILENO)) {
        (void)fail(&err, ERR_SCHEDULE_CONFIRM, N(count));
        *failed = wrong(cli, &err);
        return false;
    }
    say(cli, stderr, PHRASE_SCHEDULE_CONFIRM, N(count));
    *failed = EXIT_INTERRUPTED;
    return fgets(answer, sizeof answer, stdin) && is_yes(cli, answer);
}

static int backfill(struct cli *cli)
{
    int failed = EXIT_FAILED;
    struct err err;
    SCOPED(conversation)
    conversation = NULL;
    SCOPED(json_document)
    counted = NULL;
    SCOPED(json_document)
    reply = NULL;
    if (!cli->options[OPTION_FROM] || !cli->options[OPTION_TO]) {
        (void)fail(&err, ERR_ARGUMENT_MISSING, "schedule", "backfill NAME --from DAY --to DAY");
        return wrong(cli, &err);
    }
    if (!reach_host(&conversation, &failed, cli) ||
        !ask(&counted, &failed, cli, conversation, "schedule.backfill", 0, true, ""))
        return failed;
    const int64_t count = json_int64_or(json_get(json_root(counted), "count"), 0);
    if (count > 0 && !confirm(&failed, cli, count))
        return failed;
    if (!ask(&reply, &failed, cli, conversation, "schedule.backfill", 0, false, ""))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    say(cli, stdout, PHRASE_SCHEDULE_BACKFILLED, cli->arguments[1],
        N(json_int64_or(json_get(json_root(reply), "count"), 0)));
    return EXIT_DONE;
}

// Of a rule that is not saved, where one is given; it needs no workspace.
static int next_times(struct cli *cli)
{
    return cli->options[OPTION_CRON] || cli->options[OPTION_RRULE] ? schedule_next_of_rule(cli) : next(cli);
}

// ---- the words after `renki schedule`

static const struct {
    const char *name;
    int least, most; // arguments, its own name among them
    int (*run)(struct cli *cli);
} actions[] = {
    {"list", 1, 1, list},         {"next", 1, 2, next_times},
    {"show", 2, 2, show},         {"pause", 2, 2, pause_schedule},
    {"resume", 2, 2, resume},     {"run", 2, 2, run_now},
    {"backfill", 2, 2, backfill}, {"approve", 2, 3, approve},
    {"call-off", 2, 3, call_off},
};

static int unknown_action(const struct cli *cli)
{
    struct err err;
    SCOPED_BUF(known, ERR_ARGUMENT_MAX);
    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (!buf_printf(&known, "%s%s", i ? ", " : "", actions[i].name))
            break;
    (void)fail(&err, ERR_SCHEDULE_WHAT, cli->arguments[0], buf_string(&known));
    return wrong(cli, &err);
}

// Who asks for a rule that is not saved may be root; everybody else becomes the settings' user.
static bool become(const struct cli *cli, struct err *err)
{
    const bool unsaved = cli->options[OPTION_CRON] || cli->options[OPTION_RRULE];
    return unsaved || geteuid() != 0 || become_user(cli, err);
}

int command_schedule(struct cli *cli)
{
    struct err err;
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (strcmp(actions[i].name, cli->arguments[0]) != 0)
            continue;
        if (cli->argument_count < actions[i].least || cli->argument_count > actions[i].most) {
            (void)fail(&err, ERR_ARGUMENT_MISSING, "schedule", cli->command->arguments);
            return wrong(cli, &err);
        }
        if (!become(cli, &err)) {
            print_err(cli, &err);
            return EXIT_REFUSED;
        }
        return actions[i].run(cli);
    }
    return unknown_action(cli);
}
