// See cli.h. The life of robots: robots, keep, retire.
#include "cli/cli.h"

enum { BODY_BYTES_MAX = 16384 };

static const char *stage_words(const struct cli *cli, const struct json *robot)
{
    static const struct {
        const char *stage;
        enum phrase words;
    } stages[] = {{"fine", PHRASE_STAGE_FINE},
                  {"past", PHRASE_STAGE_PAST},
                  {"asked", PHRASE_STAGE_ASKED},
                  {"warned", PHRASE_STAGE_WARNED},
                  {"stopped", PHRASE_STAGE_STOPPED}};
    const char *stage = json_string_or(json_get(robot, "stage"), "");
    if (json_int64_or(json_get(robot, "retired_ms"), 0))
        return words(cli, PHRASE_STAGE_RETIRED);
    for (size_t i = 0; i < COUNT_OF(stages); i++)
        if (strcmp(stage, stages[i].stage) == 0)
            return words(cli, stages[i].words);
    return words(cli, PHRASE_STAGE_BROKEN);
}

static void show_robots(struct cli *cli, const struct json *robots)
{
    enum { COLUMNS = 6 };
    const size_t count = json_count(robots);
    const char **cells = xcalloc(count * COLUMNS + 1, sizeof *cells);
    const char *const head[COLUMNS] = {words(cli, PHRASE_HEAD_ROBOT),  words(cli, PHRASE_HEAD_TITLE_OF),
                                       words(cli, PHRASE_HEAD_OWNER),  words(cli, PHRASE_HEAD_DEPUTY),
                                       words(cli, PHRASE_HEAD_REVIEW), words(cli, PHRASE_HEAD_STATE)};
    static const char *const keys[COLUMNS - 1] = {"robot", "title", "owner", "deputy", "review"};
    size_t row = 0;
    for (const struct json *robot = json_first(robots); robot; robot = json_next(robot), row++) {
        for (size_t i = 0; i < COUNT_OF(keys); i++)
            cells[row * COLUMNS + i] = json_string_or(json_get(robot, keys[i]), "");
        cells[row * COLUMNS + COLUMNS - 1] = stage_words(cli, robot);
    }
    if (count)
        print_table(cli, head, cells, count, COLUMNS, 0);
    else
        say(cli, stdout, PHRASE_NO_ROBOTS);
    xfree(cells);
}

int command_robots(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    const struct ask ask = {.name = "life.list", .body = TEXT_OF("{}")};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show_robots(cli, json_get(json_root(reply), "robots"));
    return EXIT_DONE;
}

static bool ask_of_robot(struct json_document **reply, int *failed, struct cli *cli, const char *name)
{
    SCOPED_BUF(body, BODY_BYTES_MAX);
    struct json_writer writer = json_writer_new(&body);
    const struct {
        const char *key;
        enum option option;
    } texts[] = {{"why", OPTION_WHY}, {"until", OPTION_UNTIL}};
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_lossy(&writer, text_from(cli->arguments[0]));
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (cli->options[texts[i].option]) {
            json_write_key(&writer, texts[i].key);
            json_write_lossy(&writer, text_from(cli->options[texts[i].option]));
        }
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = name, .body = buf_text(&body)};
    *failed = EXIT_FAILED;
    return json_writer_done(&writer) && ask_host(reply, failed, cli, &ask);
}

int command_keep(struct cli *cli)
{
    int failed;
    struct err err;
    SCOPED(json_document)
    reply = NULL;
    if (!cli->options[OPTION_UNTIL]) {
        (void)fail(&err, ERR_LIFE_UNTIL, "", N(1100));
        print_err(cli, &err);
        return EXIT_USAGE;
    }
    if (!ask_of_robot(&reply, &failed, cli, "life.keep"))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    say(cli, stdout, PHRASE_LIFE_KEPT, cli->arguments[0], cli->options[OPTION_UNTIL]);
    return EXIT_DONE;
}

static void show_names(const struct cli *cli, const struct json *names, enum phrase phrase)
{
    for (const struct json *name = json_first(names); name; name = json_next(name))
        say(cli, stdout, phrase, json_string_or(name, ""));
}

int command_retire(struct cli *cli)
{
    int failed;
    SCOPED(json_document)
    reply = NULL;
    const bool undo = cli->options[OPTION_UNDO] != NULL;
    if (!ask_of_robot(&reply, &failed, cli, undo ? "life.revive" : "life.retire"))
        return failed;
    const struct json *root = json_root(reply);
    if (cli->options[OPTION_JSON])
        return print_json(root);
    say(cli, stdout, undo ? PHRASE_LIFE_REVIVED : PHRASE_LIFE_RETIRED, cli->arguments[0]);
    show_names(cli, json_get(root, "schedules"), PHRASE_LIFE_SCHEDULE_ENDED);
    show_names(cli, json_get(root, "logins"), PHRASE_LIFE_LOGIN_ENDED);
    show_names(cli, json_get(root, "kept"), PHRASE_LIFE_LOGIN_KEPT);
    return EXIT_DONE;
}
