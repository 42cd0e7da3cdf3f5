// See cli.h. The store: copied from one place to another.
#include "cli/cli.h"

enum { BODY_MAX_BYTES = 16384 };

// "postgresql://user:password@server/…" or "…?password=…"
static bool shows_password(const char *address)
{
    const char *begin = strstr(address, "://");
    if (!begin)
        return false;
    const char *end = strpbrk(begin + 3, "/?"), *at = strchr(begin + 3, '@'), *colon = strchr(begin + 3, ':');
    const bool before_at = at && colon && colon < at && (!end || at < end);
    return before_at || strstr(address, "password=");
}

static void on_event(void *owner, const char *name, const struct json *body, struct text raw)
{
    const struct cli *cli = owner;
    (void)raw;
    if (strcmp(name, "table") != 0 || cli->options[OPTION_JSON])
        return;
    say(cli, stdout, PHRASE_STORE_TABLE, json_string_or(json_get(body, "table"), ""),
        N(json_int64_or(json_get(body, "rows"), 0)));
    fflush(stdout);
}

static bool write_copy(struct buf *body, const struct cli *cli, const struct conversation *conversation)
{
    struct json_writer writer = json_writer_new(body);
    json_begin_object(&writer);
    json_write_key(&writer, "folder");
    json_write_lossy(&writer, text_from(conversation_folder(conversation)));
    json_write_key(&writer, "from");
    json_write_lossy(&writer, text_from(cli->arguments[1]));
    json_write_key(&writer, "to");
    json_write_lossy(&writer, text_from(cli->arguments[2]));
    json_end_object(&writer);
    return json_writer_done(&writer);
}

static int copy(struct cli *cli)
{
    int failed = EXIT_FAILED;
    struct err err;
    SCOPED_BUF(body, BODY_MAX_BYTES);
    SCOPED(json_document)
    reply = NULL;
    SCOPED(conversation)
    conversation = NULL;
    if (!conversation_open_own(&conversation, cli, &err)) {
        print_err(cli, &err);
        return exit_code_of(&err);
    }
    if (!write_copy(&body, cli, conversation))
        return EXIT_USAGE;
    const struct ask ask = {
        .name = "store.copy", .body = buf_text(&body), .on_event = on_event, .owner = cli};
    if (!conversation_ask(&reply, &failed, cli, conversation, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    say(cli, stdout, PHRASE_STORE_COPIED, N(json_int64_or(json_get(json_root(reply), "rows"), 0)),
        N(json_int64_or(json_get(json_root(reply), "audit"), 0)));
    return EXIT_DONE;
}

int command_store(struct cli *cli)
{
    struct err err;
    if (strcmp(cli->arguments[0], "copy") != 0) {
        (void)fail(&err, ERR_COMMAND_UNKNOWN, cli->arguments[0]);
        print_err(cli, &err);
        return EXIT_USAGE;
    }
    for (int i = 1; i <= 2; i++)
        if (shows_password(cli->arguments[i])) {
            (void)fail(&err, ERR_STORE_PASSWORD_SHOWN);
            print_err(cli, &err);
            return EXIT_USAGE;
        }
    return copy(cli);
}
