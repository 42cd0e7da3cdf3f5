// See cli.h. Emergency runs: asked for by one administrator (run --emergency), allowed by another.
#include "cli/cli.h"

enum { BODY_BYTES_MAX = 16384, SIGNED_BYTES_MAX = 8192 };

void show_emergency(const struct cli *cli, const struct json *emergency)
{
    const char *allowed = json_string_or(json_get(emergency, "allowed_by"), "");
    if (json_kind(emergency) == JSON_OBJECT)
        say(cli, stdout, *allowed ? PHRASE_EMERGENCY_DONE : PHRASE_EMERGENCY_WAITS,
            N(json_int64_or(json_get(emergency, "run"), 0)), json_string_or(json_get(emergency, "robot"), ""),
            json_string_or(json_get(emergency, "asked_by"), ""),
            json_string_or(json_get(emergency, "why"), ""), allowed);
}

static void write_option(struct json_writer *writer, const struct cli *cli, const char *key,
                         enum option option)
{
    if (cli->options[option]) {
        json_write_key(writer, key);
        json_write_lossy(writer, text_from(cli->options[option]));
    }
}

// What is to be signed, and what it becomes.
static bool sign_words(struct buf *out, struct cli *cli, int64_t run, int *failed, struct err *err)
{
    SCOPED_BUF(body, BODY_BYTES_MAX);
    SCOPED(json_document)
    reply = NULL;
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    if (run) {
        json_write_key(&writer, "run");
        json_write_integer(&writer, run);
    } else {
        json_write_key(&writer, "robot");
        json_write_lossy(&writer, text_from(cli->arguments[0]));
    }
    write_option(&writer, cli, "as", OPTION_AS_PERSON);
    write_option(&writer, cli, "why", OPTION_WHY);
    json_end_object(&writer);
    const struct ask ask = {.name = "emergency.words", .body = buf_text(&body)};
    err->code = ERR_NONE;
    return json_writer_done(&writer) && ask_host(&reply, failed, cli, &ask) &&
           sign_text(out, json_string_or(json_get(json_root(reply), "payload"), ""),
                     cli->options[OPTION_SIGNING_KEY], "renki", err);
}

// `signed`, where a key is given. False with an error; ERR_NONE: it has been told.
static bool write_signed(struct json_writer *writer, struct cli *cli, int64_t run, int *failed,
                         struct err *err)
{
    SCOPED_BUF(signature, SIGNED_BYTES_MAX);
    if (!cli->options[OPTION_SIGNING_KEY])
        return true;
    if (!sign_words(&signature, cli, run, failed, err))
        return false;
    json_write_key(writer, "signed");
    json_write_lossy(writer, buf_text(&signature));
    return true;
}

bool write_emergency(struct json_writer *writer, struct cli *cli, struct err *err)
{
    int failed = EXIT_FAILED;
    if (!cli->options[OPTION_EMERGENCY])
        return true;
    json_write_key(writer, "emergency");
    json_write_boolean(writer, true);
    write_option(writer, cli, "as", OPTION_AS_PERSON);
    write_option(writer, cli, "why", OPTION_WHY);
    return write_signed(writer, cli, 0, &failed, err);
}

static int list(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    const struct ask ask = {.name = "emergency.list", .body = TEXT_OF("{}")};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    const struct json *emergencies = json_get(json_root(reply), "emergencies");
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    if (!json_count(emergencies))
        say(cli, stdout, PHRASE_EMERGENCY_NO);
    for (const struct json *one = json_first(emergencies); one; one = json_next(one))
        show_emergency(cli, one);
    return EXIT_DONE;
}

static int allow(struct cli *cli, int64_t run)
{
    int failed = EXIT_FAILED;
    struct err err;
    SCOPED_BUF(body, BODY_BYTES_MAX);
    SCOPED(json_document)
    reply = NULL;
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "run");
    json_write_integer(&writer, run);
    write_option(&writer, cli, "as", OPTION_AS_PERSON);
    if (!write_signed(&writer, cli, run, &failed, &err)) {
        if (err.code != ERR_NONE)
            print_err(cli, &err);
        return failed;
    }
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = "emergency.allow", .body = buf_text(&body)};
    if (!json_writer_done(&writer) || !ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    say(cli, stdout, PHRASE_EMERGENCY_ALLOWED, N(run),
        json_string_or(json_get(json_root(reply), "person"), ""));
    return EXIT_DONE;
}

int command_emergency(struct cli *cli)
{
    struct err err;
    int64_t run = 0;
    const char *last = cli->argument_count ? cli->arguments[cli->argument_count - 1] : "";
    if (cli->argument_count == 0)
        return list(cli);
    if (cli->argument_count == 2 && strcmp(cli->arguments[0], "allow") == 0 &&
        text_to_int64(text_from(last), &run) && run > 0)
        return allow(cli, run);
    (void)fail(&err, ERR_RUN_NUMBER, last);
    print_err(cli, &err);
    return EXIT_USAGE;
}
