// See cli.h. Logins: the value comes from standard input, is sealed here to the gateway's key, and only the box goes on.
#include "cli/cli.h"

#include "lib/seal/secret.h"

#include <sodium.h>
#include <termios.h>
#include <unistd.h>

static int wrong(const struct cli *cli, const struct err *err, int code)
{
    print_err(cli, err);
    return code;
}

// ---- the value

static void hide(bool hidden)
{
    struct termios settings;
    if (tcgetattr(STDIN_FILENO, &settings) != 0)
        return;
    settings.c_lflag = hidden ? settings.c_lflag & ~(tcflag_t)ECHO : settings.c_lflag | ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings);
}

// A line from a person; everything up to the end from a pipe, one line end at the end left out.
static bool read_value(struct buf *value, const struct cli *cli, const char *name, struct err *err)
{
    const bool person = isatty(STDIN_FILENO);
    if (person) {
        say(cli, stderr, PHRASE_SECRET_ASK, name);
        hide(true);
    }
    for (;;) {
        char *room = buf_reserve(value, 4096);
        const ssize_t got = room ? read(STDIN_FILENO, room, 4096) : -1;
        if (got <= 0)
            break;
        value->length += (size_t)got;
        if (person && value->data[value->length - 1] == '\n')
            break;
    }
    if (person)
        hide(false);
    while (value->length &&
           (value->data[value->length - 1] == '\n' || value->data[value->length - 1] == '\r'))
        value->length--;
    if (value->length)
        value->data[value->length] = '\0';
    return value->length ? true : fail(err, ERR_SECRET_EMPTY, name);
}

// ---- the public part

static void write_field(struct json_writer *writer, const struct cli *cli, const char *key,
                        enum option option)
{
    if (!cli->options[option])
        return;
    json_write_key(writer, key);
    json_write_lossy(writer, text_from(cli->options[option]));
}

static bool write_public(struct buf *out, const struct cli *cli, struct err *err)
{
    struct json_writer writer = json_writer_new(out);
    json_begin_object(&writer);
    json_write_key(&writer, "name");
    json_write_lossy(&writer, text_from(cli->arguments[1]));
    json_write_key(&writer, "kind");
    json_write_lossy(&writer, text_from(cli->options[OPTION_KIND] ? cli->options[OPTION_KIND] : "basic"));
    write_field(&writer, cli, "origin", OPTION_ORIGIN);
    write_field(&writer, cli, "username", OPTION_USERNAME);
    write_field(&writer, cli, "header", OPTION_HEADER);
    if (cli->options[OPTION_FORM_URL]) {
        json_write_key(&writer, "form");
        json_begin_object(&writer);
        write_field(&writer, cli, "url", OPTION_FORM_URL);
        json_write_key(&writer, "fields");
        json_begin_array(&writer);
        for (size_t i = 0; i < cli->field_count; i++) {
            const char *equals = strchr(cli->fields[i], '=');
            if (!equals)
                return fail(err, ERR_INPUT_FORM, cli->fields[i]);
            json_begin_array(&writer);
            json_write_lossy(&writer, text_of(cli->fields[i], (size_t)(equals - cli->fields[i])));
            json_write_lossy(&writer, text_from(equals + 1));
            json_end_array(&writer);
        }
        json_end_array(&writer);
        json_end_object(&writer);
    }
    json_end_object(&writer);
    return json_writer_done(&writer) ? true : fail(err, ERR_LIMIT_PASSED, "--field", N(SECRET_PUBLIC_MAX));
}

// ---- sealing and sending

static bool write_box(struct json_writer *writer, struct text box)
{
    const size_t size = sodium_base64_ENCODED_LEN(box.length, sodium_base64_VARIANT_ORIGINAL);
    char *text = xmalloc(size);
    sodium_bin2base64(text, size, (const unsigned char *)box.data, box.length,
                      sodium_base64_VARIANT_ORIGINAL);
    json_write_key(writer, "box");
    json_write_string(writer, text);
    xfree(text);
    return !writer->failed;
}

static int send_box(struct cli *cli, struct conversation *conversation, const struct json *public_part,
                    int64_t version, struct text box)
{
    int failed = EXIT_FAILED;
    SCOPED_BUF(body, 400000);
    SCOPED(json_document)
    reply = NULL;
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "name");
    json_write_lossy(&writer, text_from(cli->arguments[1]));
    json_write_key(&writer, "version");
    json_write_integer(&writer, version);
    json_write_key(&writer, "origin");
    json_write_value(&writer, public_part);
    if (!write_box(&writer, box))
        return EXIT_FAILED;
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = "secret.set", .body = buf_text(&body)};
    if (!conversation_ask(&reply, &failed, cli, conversation, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    say(cli, stdout, PHRASE_SECRET_SET, cli->arguments[1],
        json_string_or(json_get(public_part, "origin"), ""));
    return EXIT_DONE;
}

static int seal_and_send(struct cli *cli, struct conversation *conversation, const struct json *key,
                         const struct json *public_part, struct text value)
{
    struct err err;
    SCOPED_BUF(box, SECRET_BOX_MAX);
    const int64_t version = json_int64_or(json_get(key, "version"), 1);
    if (!secret_seal(&box, json_string_or(json_get(key, "public_key"), ""), public_part, version, value,
                     &err))
        return wrong(cli, &err, EXIT_USAGE);
    return send_box(cli, conversation, public_part, version, buf_text(&box));
}

static int set(struct cli *cli)
{
    int failed = EXIT_FAILED;
    struct err err;
    SCOPED_BUF(public_text, SECRET_PUBLIC_MAX);
    SCOPED_BUF(body, 4096);
    SCOPED_BUF(value, SECRET_MOST + 4096);
    SCOPED(json_document)
    public_part = NULL;
    SCOPED(json_document)
    key = NULL;
    SCOPED(conversation)
    conversation = NULL;
    if (!write_public(&public_text, cli, &err) || !json_parse(&public_part, buf_text(&public_text), &err) ||
        !secret_check(json_root(public_part), &err))
        return wrong(cli, &err, EXIT_USAGE);
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "name");
    json_write_lossy(&writer, text_from(cli->arguments[1]));
    json_end_object(&writer);
    const struct ask ask = {.name = "secret.key", .body = buf_text(&body)};
    if (!reach_host(&conversation, &failed, cli) || !conversation_ask(&key, &failed, cli, conversation, &ask))
        return failed;
    // Room for all of it at once, so that no half-read copy is left behind by a growing buffer.
    const bool read = buf_reserve(&value, SECRET_MOST) && read_value(&value, cli, cli->arguments[1], &err);
    const int result =
        read ? seal_and_send(cli, conversation, json_root(key), json_root(public_part), buf_text(&value))
             : wrong(cli, &err, EXIT_USAGE);
    memory_wipe(value.data, value.length);
    return result;
}

static int list(struct cli *cli)
{
    enum { COLUMNS = 7 };
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    const struct ask ask = {.name = "secret.list"};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    const struct json *secrets = json_get(json_root(reply), "secrets");
    const size_t count = json_count(secrets);
    const char **cells = xcalloc(count * COLUMNS + 1, sizeof *cells);
    char(*texts)[3][TIME_TEXT_SIZE] = xcalloc(count + 1, sizeof *texts);
    size_t i = 0;
    for (const struct json *row = json_first(secrets); row; row = json_next(row), i++) {
        const struct json *public_part = json_get(row, "origin");
        const char **at = cells + i * COLUMNS;
        at[0] = json_string_or(json_get(row, "name"), "");
        at[1] = json_string_or(json_get(public_part, "kind"), "");
        at[2] = json_string_or(json_get(public_part, "origin"), "");
        at[3] = json_string_or(json_get(row, "actor"), "");
        at[4] = time_text(texts[i][0], json_int64_or(json_get(row, "set_ms"), 0));
        at[5] = time_text(texts[i][1], json_int64_or(json_get(row, "used_ms"), 0));
        at[6] = time_text(texts[i][2], json_int64_or(json_get(row, "frozen_ms"), 0));
    }
    const char *const head[COLUMNS] = {words(cli, PHRASE_HEAD_NAME),   words(cli, PHRASE_HEAD_KIND),
                                       words(cli, PHRASE_HEAD_ORIGIN), words(cli, PHRASE_HEAD_WHO),
                                       words(cli, PHRASE_HEAD_SET),    words(cli, PHRASE_HEAD_USED),
                                       words(cli, PHRASE_HEAD_FROZEN)};
    if (count)
        print_table(cli, head, cells, count, COLUMNS, 0);
    else
        say(cli, stdout, PHRASE_NO_SECRETS);
    xfree(texts);
    xfree(cells);
    return EXIT_DONE;
}

// `verb`: what is asked of the host; `said`: what is told once it is done.
static int ask_about(struct cli *cli, const char *verb, enum phrase said)
{
    int failed = EXIT_FAILED;
    SCOPED_BUF(body, 4096);
    SCOPED(json_document)
    reply = NULL;
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    json_write_key(&writer, "name");
    json_write_lossy(&writer, text_from(cli->arguments[1]));
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = verb, .body = buf_text(&body)};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    say(cli, stdout, said, cli->arguments[1]);
    return EXIT_DONE;
}

static int remove_secret(struct cli *cli)
{
    return ask_about(cli, "secret.remove", PHRASE_SECRET_REMOVED);
}

static int thaw(struct cli *cli)
{
    return ask_about(cli, "secret.thaw", PHRASE_SECRET_THAWED);
}

int command_secret(struct cli *cli)
{
    static const struct {
        const char *name;
        int arguments;
        int (*run)(struct cli *cli);
    } verbs[] = {{"set", 2, set}, {"list", 1, list}, {"remove", 2, remove_secret}, {"thaw", 2, thaw}};
    struct err err;
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (strcmp(verbs[i].name, cli->arguments[0]) == 0 && cli->argument_count == verbs[i].arguments)
            return verbs[i].run(cli);
    (void)fail(&err, ERR_ARGUMENT_MISSING, "secret", cli->command->arguments);
    return wrong(cli, &err, EXIT_USAGE);
}
