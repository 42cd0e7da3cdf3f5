// See cli.h. Questions to people: list, show, answer.
#include "cli/task_form.h"

#include <stdio.h>
#include <unistd.h>

enum { BODY_MOST = 400000, TRIES_MOST = 20 };

static int wrong(const struct cli *cli, const struct err *err)
{
    print_err(cli, err);
    return EXIT_USAGE;
}

static bool task_number(int64_t *task, const struct cli *cli)
{
    struct err err;
    if (text_to_int64(text_from(cli->arguments[1]), task) && *task > 0)
        return true;
    (void)fail(&err, ERR_TASK_NUMBER, cli->arguments[1]);
    print_err(cli, &err);
    return false;
}

// ---- list

static int list(struct cli *cli)
{
    enum { COLUMNS = 6 };
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    const struct ask ask = {.name = "task.list",
                            .body = cli->options[OPTION_ALL] ? TEXT_OF("{\"all\":true}") : TEXT_OF("{}")};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    const struct json *tasks = json_get(json_root(reply), "tasks");
    const size_t count = json_count(tasks);
    const char **cells = xcalloc(count * COLUMNS + 1, sizeof *cells);
    char(*texts)[4][TIME_TEXT_SIZE] = xcalloc(count + 1, sizeof *texts);
    size_t i = 0;
    for (const struct json *row = json_first(tasks); row; row = json_next(row), i++) {
        const char **at = cells + i * COLUMNS;
        at[0] = integer_text(texts[i][0], json_int64_or(json_get(row, "id"), 0));
        at[1] = json_string_or(json_get(row, "title"), "");
        at[2] = json_string_or(json_get(row, "person"), "");
        at[3] = json_string_or(json_get(row, "robot"), "");
        at[4] = time_text(texts[i][1], json_int64_or(json_get(row, "asked_ms"), 0));
        at[5] = time_text(texts[i][2], json_int64_or(json_get(row, "due_ms"), 0));
    }
    const char *const head[COLUMNS] = {words(cli, PHRASE_HEAD_TASK), words(cli, PHRASE_HEAD_TITLE),
                                       words(cli, PHRASE_HEAD_TO),   words(cli, PHRASE_HEAD_ROBOT),
                                       words(cli, PHRASE_HEAD_WHEN), words(cli, PHRASE_HEAD_DUE)};
    if (count)
        print_table(cli, head, cells, count, COLUMNS, 1U);
    else
        say(cli, stdout, PHRASE_NO_TASKS);
    xfree(texts);
    xfree(cells);
    return EXIT_DONE;
}

// ---- show

// What came of a call, as it was recorded.
static char *came_of(const struct cli *cli, const struct json *row)
{
    const char *outcome = json_string_or(json_get(row, "outcome"), NULL);
    const int64_t status = json_int64_or(json_get(row, "status"), 0);
    if (!outcome)
        return xstrdup(words(cli, PHRASE_TASK_NO_ANSWER));
    return xasprintf("%s %s", outcome, status ? N(status) : json_string_or(json_get(row, "problem"), ""));
}

static void show_sent(const struct cli *cli, const struct json *row)
{
    char time[TIME_TEXT_SIZE];
    SCOPED_TEXT char *what = came_of(cli, row);
    printf("  ");
    say(cli, stdout, PHRASE_TASK_SENT, json_string_or(json_get(row, "method"), ""),
        json_string_or(json_get(row, "host"), ""), json_string_or(json_get(row, "path"), ""),
        N(json_int64_or(json_get(row, "bytes"), 0)),
        time_text(time, json_int64_or(json_get(row, "about_ms"), 0)), what);
}

static void show_doubt(const struct cli *cli, const struct json *task)
{
    say(cli, stdout, PHRASE_TASK_WAS_IT_DONE);
    for (const struct json *row = json_first(json_get(task, "evidence")); row; row = json_next(row))
        show_sent(cli, row);
    if (strcmp(json_string_or(json_get(task, "entry"), ""), "effect") == 0)
        say(cli, stdout, PHRASE_TASK_ALONE);
    say(cli, stdout, PHRASE_TASK_ANSWER_DOUBT, N(json_int64_or(json_get(task, "id"), 0)));
}

static void show_form(const struct cli *cli, const struct json *task)
{
    const struct json *fields = json_get(task, "fields"), *inputs = json_get(fields, "inputs");
    SCOPED_BUF(names, 4096);
    for (const struct json *one = json_first(json_get(fields, "order")); one; one = json_next(one)) {
        const char *name = json_string_or(one, "");
        const struct json *field = json_get(inputs, name);
        say(cli, stdout, PHRASE_TASK_FIELD, name, task_label(cli, field, name),
            json_string_or(json_get(field, "type"), ""));
        if (!buf_printf(&names, " %s=…", name))
            break;
    }
    for (const struct json *file = json_first(json_get(task, "files")); file; file = json_next(file)) {
        SCOPED_TEXT char *path =
            xasprintf(".renki/artifacts/%lld/%s", (long long)json_int64_or(json_get(task, "run"), 0),
                      json_string_or(file, ""));
        say(cli, stdout, PHRASE_TASK_FILE, path);
    }
    say(cli, stdout, PHRASE_TASK_ANSWER_FORM, N(json_int64_or(json_get(task, "id"), 0)), buf_string(&names));
}

static bool ask_task(struct json_document **reply, int *failed, const struct cli *cli,
                     struct conversation *conversation, int64_t task)
{
    SCOPED_BUF(body, 64);
    if (!buf_printf(&body, "{\"task\":%lld}", (long long)task))
        return false;
    const struct ask ask = {.name = "task.show", .body = buf_text(&body)};
    return conversation_ask(reply, failed, cli, conversation, &ask);
}

static const struct json *task_of(const struct json_document *reply)
{
    return json_at(json_get(json_root(reply), "task"), 0);
}

static void show_task(const struct cli *cli, const struct json *task)
{
    char time[TIME_TEXT_SIZE];
    const int64_t due_ms = json_int64_or(json_get(task, "due_ms"), 0);
    const char *text = json_string_or(json_get(task, "text"), "");
    bool stands_in = false;
    say(cli, stdout, PHRASE_TASK_HEAD, N(json_int64_or(json_get(task, "id"), 0)),
        json_string_or(json_get(task, "title"), ""));
    say(cli, stdout, PHRASE_TASK_OF, N(json_int64_or(json_get(task, "run"), 0)),
        json_string_or(json_get(task, "robot"), ""), json_string_or(json_get(task, "person"), ""));
    if (due_ms)
        say(cli, stdout, PHRASE_TASK_DUE, time_text(time, due_ms));
    if (text[0]) {
        print_clean(stdout, text);
        fputc('\n', stdout);
    }
    if (strcmp(json_string_or(json_get(task, "state"), ""), "open") != 0)
        say(cli, stdout,
            json_boolean(json_get(task, "stands_in"), &stands_in) && stands_in ? PHRASE_RUN_ANSWERED_FOR
                                                                               : PHRASE_RUN_ANSWERED,
            time_text(time, json_int64_or(json_get(task, "answered_ms"), 0)),
            json_string_or(json_get(task, "actor"), ""), json_string_or(json_get(task, "person"), ""));
    else if (strcmp(json_string_or(json_get(task, "kind"), ""), "doubt") == 0)
        show_doubt(cli, task);
    else
        show_form(cli, task);
}

static int show(struct cli *cli)
{
    int failed = EXIT_FAILED;
    int64_t task;
    SCOPED(json_document)
    reply = NULL;
    SCOPED(conversation)
    conversation = NULL;
    if (!task_number(&task, cli))
        return EXIT_USAGE;
    if (!reach_host(&conversation, &failed, cli) || !ask_task(&reply, &failed, cli, conversation, task))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show_task(cli, task_of(reply));
    return EXIT_DONE;
}

// ---- answer

static bool write_arguments(struct json_writer *writer, const struct cli *cli, struct err *err)
{
    for (int i = 2; i < cli->argument_count; i++) {
        const char *equals = strchr(cli->arguments[i], '=');
        if (!equals || equals == cli->arguments[i])
            return fail(err, ERR_INPUT_FORM, cli->arguments[i]);
        write_pair(writer, text_of(cli->arguments[i], (size_t)(equals - cli->arguments[i])),
                   text_from(equals + 1));
    }
    return true;
}

static const char *verdict_of(const struct cli *cli)
{
    return cli->options[OPTION_DONE]       ? "done"
           : cli->options[OPTION_NOT_DONE] ? "not done"
           : cli->options[OPTION_GIVE_UP]  ? "give up"
                                           : "";
}

static bool write_answer(struct buf *body, const struct cli *cli, int64_t number,
                         const struct task_form *form, struct err *err)
{
    struct json_writer writer = json_writer_new(body);
    json_begin_object(&writer);
    json_write_key(&writer, "task");
    json_write_integer(&writer, number);
    json_write_key(&writer, "verdict");
    json_write_string(&writer, verdict_of(cli));
    json_write_key(&writer, "result");
    json_write_string(&writer, cli->options[OPTION_RESULT]);
    json_write_key(&writer, "given");
    json_begin_array(&writer);
    if (form)
        task_form_write(&writer, form);
    else if (!write_arguments(&writer, cli, err))
        return false;
    json_end_array(&writer);
    write_person(&writer, cli);
    json_end_object(&writer);
    return json_writer_done(&writer) ? true : fail(err, ERR_LIMIT_PASSED, "answer", "400 KB");
}

static bool tell_answer(struct json_document **reply, int *failed, const struct cli *cli,
                        struct conversation *conversation, int64_t number, const struct task_form *form)
{
    struct err err;
    SCOPED_BUF(body, BODY_MOST);
    if (!write_answer(&body, cli, number, form, &err)) {
        *failed = wrong(cli, &err);
        return false;
    }
    const struct ask ask = {.name = "task.answer", .body = buf_text(&body)};
    return conversation_ask(reply, failed, cli, conversation, &ask);
}

// A person at a terminal is told what is wrong, and asked again.
static bool fill_and_tell(struct json_document **reply, int *failed, const struct cli *cli,
                          struct conversation *conversation, int64_t number, const struct json *task)
{
    struct task_form form = {.task = task};
    bool told = false;
    show_task(cli, task);
    *failed = EXIT_USAGE;
    for (int tries = 0; !told && *failed == EXIT_USAGE && tries < TRIES_MOST; tries++) {
        struct err err;
        if (!task_form_ask(&form, cli)) {
            (void)fail(&err, ERR_ARGUMENT_MISSING, "tasks", "answer N NAME=VALUE…");
            *failed = wrong(cli, &err);
            break;
        }
        told = tell_answer(reply, failed, cli, conversation, number, &form);
    }
    task_form_dispose(&form);
    return told;
}

static bool is_typed(const struct cli *cli, const struct json *task)
{
    return strcmp(json_string_or(json_get(task, "kind"), ""), "ask") == 0 && cli->argument_count == 2 &&
           !verdict_of(cli)[0] && isatty(STDIN_FILENO);
}

static int answer(struct cli *cli)
{
    int failed = EXIT_FAILED;
    int64_t number;
    SCOPED(json_document)
    shown = NULL;
    SCOPED(json_document)
    reply = NULL;
    SCOPED(conversation)
    conversation = NULL;
    if (!task_number(&number, cli))
        return EXIT_USAGE;
    if (!reach_host(&conversation, &failed, cli) || !ask_task(&shown, &failed, cli, conversation, number))
        return failed;
    if (is_typed(cli, task_of(shown))
            ? !fill_and_tell(&reply, &failed, cli, conversation, number, task_of(shown))
            : !tell_answer(&reply, &failed, cli, conversation, number, NULL))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    const int64_t run = json_int64_or(json_get(task_of(shown), "run"), 0);
    if (cli->options[OPTION_GIVE_UP])
        say(cli, stdout, PHRASE_TASK_GIVEN_UP, N(run));
    else
        say(cli, stdout, PHRASE_TASK_ANSWERED, N(number), N(run));
    return EXIT_DONE;
}

int command_tasks(struct cli *cli)
{
    static const struct {
        const char *name;
        int least, most;
        int (*run)(struct cli *cli);
    } verbs[] = {{"list", 1, 1, list}, {"show", 2, 2, show}, {"answer", 2, INT32_MAX, answer}};
    struct err err;
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (strcmp(verbs[i].name, cli->arguments[0]) == 0 && cli->argument_count >= verbs[i].least &&
            cli->argument_count <= verbs[i].most)
            return verbs[i].run(cli);
    (void)fail(&err, ERR_ARGUMENT_MISSING, "tasks", cli->command->arguments);
    return wrong(cli, &err);
}
