// See cli.h. Brings a robot to another environment: promote.
#include "cli/cli.h"

enum { BODY_BYTES_MAX = 4096 };

static const char *text_at(const struct json *object, const char *key)
{
    return json_string_or(json_get(object, key), "");
}

static void show(const struct cli *cli, const struct json *reply)
{
    const char *robot = text_at(reply, "robot"), *to = text_at(reply, "to"),
               *branch = text_at(reply, "branch");
    bool production = false, sent = false;
    char commit[11];
    snprintf(commit, sizeof commit, "%s", text_at(reply, "commit"));
    (void)json_boolean(json_get(reply, "production"), &production);
    (void)json_boolean(json_get(reply, "sent"), &sent);
    if (!commit[0]) {
        say(cli, stdout, PHRASE_PROMOTE_SAME, robot, to);
        return;
    }
    const bool rehearsal = cli->options[OPTION_DRY_RUN] != NULL;
    say(cli, stdout, rehearsal ? PHRASE_PROMOTE_WOULD : PHRASE_PROMOTE_DONE, robot, to, branch, commit);
    print_changes(cli, reply);
    for (const struct json *shared = json_first(json_get(reply, "shared")); shared;
         shared = json_next(shared))
        say(cli, stdout, PHRASE_PROMOTE_SHARED, text_at(shared, "module"), to, text_at(shared, "robots"));
    say(cli, stdout, PHRASE_PROMOTE_SCHEDULES);
    if (production)
        say(cli, stdout, PHRASE_PROMOTE_APPROVAL, to);
    if (!rehearsal && !sent)
        say(cli, stdout, PHRASE_PROMOTE_SEND, text_at(reply, "url"), branch);
}

static bool write_asked(struct buf *body, const struct cli *cli)
{
    struct json_writer writer = json_writer_new(body);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_lossy(&writer, text_from(cli->arguments[0]));
    json_write_key(&writer, "to");
    json_write_lossy(&writer, text_from(cli->options[OPTION_TO_ENVIRONMENT]));
    json_write_key(&writer, "dry_run");
    json_write_boolean(&writer, cli->options[OPTION_DRY_RUN] != NULL);
    write_person(&writer, cli);
    json_end_object(&writer);
    return json_writer_done(&writer);
}

int command_promote(struct cli *cli)
{
    int failed = EXIT_FAILED;
    struct err err;
    SCOPED_BUF(body, BODY_BYTES_MAX);
    SCOPED(json_document)
    reply = NULL;
    if (!cli->options[OPTION_TO_ENVIRONMENT]) {
        (void)fail(&err, ERR_PROMOTE_WHERE);
        print_err(cli, &err);
        return EXIT_USAGE;
    }
    if (!write_asked(&body, cli)) {
        (void)fail(&err, ERR_LIMIT_PASSED, "--to", N(BODY_BYTES_MAX));
        print_err(cli, &err);
        return EXIT_USAGE;
    }
    const struct ask ask = {.name = "robot.promote", .body = buf_text(&body)};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show(cli, json_root(reply));
    return EXIT_DONE;
}
