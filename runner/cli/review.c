// See cli.h. What waits for approval, and what a person says to it.
#include "cli/cli.h"

#include <stdlib.h>

enum { SHORT_ID = 10, SIGNED_MAX = 16384 };

// ---- review

static enum phrase state_of(const struct json *robot)
{
    static const struct {
        const char *name;
        enum phrase words;
    } states[] = {{"approved", PHRASE_REVIEW_APPROVED},
                  {"rejected", PHRASE_REVIEW_REJECTED},
                  {"waits", PHRASE_REVIEW_WAITS}};
    const char *state = json_string_or(json_get(robot, "state"), "");
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (strcmp(states[i].name, state) == 0)
            return states[i].words;
    return PHRASE_REVIEW_WRONG;
}

static bool waits(const struct json *robot)
{
    return strcmp(json_string_or(json_get(robot, "state"), ""), "approved") != 0;
}

static void show_list(const struct cli *cli, const struct json *robots)
{
    enum { COLUMNS = 4 };
    const size_t most = json_count(robots);
    const char *const head[COLUMNS] = {words(cli, PHRASE_HEAD_ROBOT), words(cli, PHRASE_HEAD_STATE),
                                       words(cli, PHRASE_HEAD_CONTENT), words(cli, PHRASE_HEAD_COULD)};
    const char **cells = xcalloc(most * COLUMNS + 1, sizeof *cells);
    char(*ids)[SHORT_ID + 1] = xcalloc(most + 1, sizeof *ids);
    size_t count = 0;
    for (const struct json *robot = json_first(robots); robot; robot = json_next(robot)) {
        const char **at = cells + count * COLUMNS;
        if (!cli->options[OPTION_ALL_ROBOTS] && !waits(robot))
            continue;
        snprintf(ids[count], sizeof ids[count], "%s", json_string_or(json_get(robot, "tree"), ""));
        at[0] = json_string_or(json_get(robot, "robot"), "");
        at[1] = words(cli, state_of(robot));
        at[2] = ids[count++];
        at[3] = json_string_or(json_get(robot, "could"), "");
    }
    if (count)
        print_table(cli, head, cells, count, COLUMNS, 0);
    else
        say(cli, stdout, most ? PHRASE_REVIEW_NOTHING : PHRASE_REVIEW_NONE);
    xfree(ids);
    xfree(cells);
}

// Names and addresses in commits are anybody's text.
static char *clean(const char *text)
{
    SCOPED_BUF(out, 1024);
    (void)!cell_text(&out, text_from(text), 200);
    return xstrdup(buf_string(&out));
}

static void show_word(const struct cli *cli, const struct json *word)
{
    char time[TIME_TEXT_SIZE];
    const char *worth = json_string_or(json_get(word, "worth"), "");
    const bool rejects = strcmp(json_string_or(json_get(word, "says"), ""), "rejected") == 0;
    SCOPED_TEXT char *person = clean(json_string_or(json_get(word, "person"), ""));
    SCOPED_TEXT char *why = clean(json_string_or(json_get(word, "why"), ""));
    SCOPED_TEXT char *account = clean(json_string_or(json_get(word, "account"), ""));
    time_text(time, json_int64_or(json_get(word, "time_ms"), 0));
    if (strcmp(worth, "good") != 0)
        say(cli, stdout, PHRASE_REVIEW_WORTHLESS, person, worth);
    else if (rejects)
        say(cli, stdout, PHRASE_REVIEW_SAID_NO, person, time, why);
    else
        say(cli, stdout, *account ? PHRASE_REVIEW_SAID_BY : PHRASE_REVIEW_SAID, person, time, account);
}

static void show_robot(const struct cli *cli, const struct json *robot)
{
    const char *name = json_string_or(json_get(robot, "robot"), "");
    const char *could = json_string_or(json_get(robot, "could"), "");
    const char *base = json_string_or(json_get(robot, "base"), "");
    if (json_get(robot, "fault"))
        print_problem(cli, json_get(robot, "fault"));
    say(cli, stdout, PHRASE_REVIEW_HEAD, name, words(cli, state_of(robot)),
        json_string_or(json_get(robot, "tree"), ""));
    for (const struct json *word = json_first(json_get(robot, "words")); word; word = json_next(word))
        show_word(cli, word);
    for (const struct json *author = json_first(json_get(robot, "authors")); author;
         author = json_next(author)) {
        SCOPED_TEXT char *who = clean(json_string_or(json_get(author, "name"), ""));
        SCOPED_TEXT char *email = clean(json_string_or(json_get(author, "email"), ""));
        say(cli, stdout, PHRASE_REVIEW_AUTHOR, who, email);
    }
    if (json_get(robot, "unreadable"))
        say(cli, stdout, PHRASE_REVIEW_UNREADABLE, json_string_or(json_get(robot, "unreadable"), ""));
    if (json_count(json_get(robot, "files"))) {
        say(cli, stdout, *base ? PHRASE_REVIEW_CHANGES : PHRASE_REVIEW_ALL, base);
        show_difference(cli, robot);
    }
    if (*could)
        say(cli, stdout, PHRASE_REVIEW_COULD, could, name);
}

static void write_robot(struct json_writer *writer, const struct cli *cli)
{
    json_write_key(writer, "robot");
    json_write_lossy(writer, text_from(cli->arguments[0]));
}

int command_review(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED_BUF(body, 4096);
    SCOPED(json_document)
    reply = NULL;
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    if (cli->argument_count)
        write_robot(&writer, cli);
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = "review.list", .body = buf_text(&body)};
    if (!json_writer_done(&writer) || !ask_host(&reply, &failed, cli, &ask))
        return failed;
    const struct json *robots = json_get(json_root(reply), "robots");
    bool production = true;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    if (json_boolean(json_get(json_root(reply), "production"), &production) && !production)
        say(cli, stdout, PHRASE_REVIEW_DEVELOPMENT);
    if (cli->argument_count)
        show_robot(cli, json_first(robots));
    else
        show_list(cli, robots);
    const struct json *emergencies = json_get(json_root(reply), "emergencies");
    for (const struct json *one = json_first(emergencies); one; one = json_next(one))
        show_emergency(cli, one);
    return EXIT_DONE;
}

// ---- approve, reject

static bool write_saying(struct buf *body, const struct cli *cli, bool draft, const char *object)
{
    struct json_writer writer = json_writer_new(body);
    json_begin_object(&writer);
    write_robot(&writer, cli);
    const struct {
        const char *key, *value;
    } texts[] = {{"as", cli->options[OPTION_AS]},
                 {"why", cli->options[OPTION_WHY]},
                 {"tree", cli->options[OPTION_CONTENT]},
                 {"signed", object}};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (texts[i].value) {
            json_write_key(&writer, texts[i].key);
            json_write_lossy(&writer, text_from(texts[i].value));
        }
    json_write_key(&writer, "draft");
    json_write_boolean(&writer, draft);
    write_person(&writer, cli);
    json_end_object(&writer);
    return json_writer_done(&writer);
}

static bool ask_saying(struct json_document **reply, int *failed, const struct cli *cli, const char *name,
                       bool draft, const char *object)
{
    SCOPED_BUF(body, 65536);
    if (!write_saying(&body, cli, draft, object))
        return false;
    const struct ask ask = {.name = name, .body = buf_text(&body)};
    return ask_host(reply, failed, cli, &ask);
}

static int say_it(struct cli *cli, const char *name, enum phrase done)
{
    int failed = EXIT_FAILED;
    struct err err;
    const char *key = cli->options[OPTION_SIGNING_KEY];
    SCOPED_BUF(object, SIGNED_MAX);
    SCOPED(json_document)
    draft = NULL;
    SCOPED(json_document)
    reply = NULL;
    if (key && !ask_saying(&draft, &failed, cli, name, true, NULL))
        return failed;
    if (key &&
        !sign_text(&object, json_string_or(json_get(json_root(draft), "payload"), ""), key, "git", &err)) {
        print_err(cli, &err);
        return EXIT_FAILED;
    }
    if (!ask_saying(&reply, &failed, cli, name, false, key ? buf_string(&object) : NULL))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    char id[SHORT_ID + 1];
    snprintf(id, sizeof id, "%s", json_string_or(json_get(json_root(reply), "tree"), ""));
    say(cli, stdout, done, cli->arguments[0], id, json_string_or(json_get(json_root(reply), "person"), ""));
    return EXIT_DONE;
}

int command_approve(struct cli *cli)
{
    return say_it(cli, "review.approve", PHRASE_APPROVED);
}

int command_reject(struct cli *cli)
{
    return say_it(cli, "review.reject", PHRASE_REJECTED);
}
