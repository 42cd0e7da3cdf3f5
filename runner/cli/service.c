// See cli.h. What runs until it is stopped: fake; and what tells of the machine: doctor, version.
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BODY_MAX_BYTES = 900000 };

// ---- fake

static void show_listening(const struct cli *cli, const struct json *body)
{
    if (cli->options[OPTION_JSON]) {
        (void)print_json(body);
    } else {
        for (const struct json *system = json_first(json_get(body, "systems")); system;
             system = json_next(system))
            say(cli, stdout, PHRASE_FAKE_SYSTEM, json_string_or(json_get(system, "name"), ""),
                N(json_int64_or(json_get(system, "port"), 0)));
        if (json_get(body, "mail"))
            say(cli, stdout, PHRASE_FAKE_MAIL, N(json_int64_or(json_get(body, "mail"), 0)),
                cli->options[OPTION_MAILS] ? cli->options[OPTION_MAILS] : "mails");
        say(cli, stdout, PHRASE_FAKE_STOP);
    }
    fflush(stdout);
}

static void on_fake_event(void *owner, const char *name, const struct json *body, struct text raw)
{
    struct cli *cli = owner;
    (void)raw;
    if (strcmp(name, "listening") == 0)
        show_listening(cli, body);
    else if (strcmp(name, "log") == 0 && !cli->options[OPTION_JSON]) {
        print_clean(stdout, json_string_or(json_get(body, "text"), ""));
        fputc('\n', stdout);
        fflush(stdout);
    }
}

struct fake_files {
    int fds[FRAME_FDS_MAX]; // the folder for mails first
    const char *arguments[FRAME_FDS_MAX];
    size_t count;
};

static bool open_files(struct fake_files *files, const struct cli *cli, struct err *err)
{
    const char *mails = cli->options[OPTION_MAILS] ? cli->options[OPTION_MAILS] : "mails";
    if (mkdir(mails, 0755) != 0 && errno != EEXIST)
        return fail(err, ERR_FILE_UNWRITABLE, mails, strerror(errno));
    files->fds[files->count++] = open(mails, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 1; i < cli->argument_count; i++) {
        const char *equals = strchr(cli->arguments[i], '=');
        if (!equals)
            return fail(err, ERR_INPUT_FORM, cli->arguments[i]);
        if (files->count == FRAME_FDS_MAX)
            return fail(err, ERR_LIMIT_PASSED, "files", N(FRAME_FDS_MAX));
        const int fd = open(equals + 1, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0)
            return errno == ENOENT ? fail(err, ERR_FILE_MISSING, equals + 1)
                                   : fail(err, ERR_FILE_UNREADABLE, equals + 1, strerror(errno));
        files->arguments[files->count] = cli->arguments[i];
        files->fds[files->count++] = fd;
    }
    return true;
}

static bool write_fake(struct buf *body, const struct cli *cli, const struct fake_files *files,
                       struct err *err)
{
    struct json_writer writer = json_writer_new(body);
    json_begin_object(&writer);
    json_write_key(&writer, "folder");
    json_write_lossy(&writer, text_from(cli->arguments[0]));
    json_write_key(&writer, "free_ports");
    json_write_boolean(&writer, cli->options[OPTION_FREE_PORTS] != NULL);
    json_write_key(&writer, "files"); // [[name, path], …] of the descriptors after the first
    json_begin_array(&writer);
    for (size_t i = 1; i < files->count; i++) {
        const char *equals = strchr(files->arguments[i], '=');
        json_begin_array(&writer);
        json_write_lossy(&writer, text_of(files->arguments[i], (size_t)(equals - files->arguments[i])));
        json_write_lossy(&writer, text_from(equals + 1));
        json_end_array(&writer);
    }
    json_end_array(&writer);
    write_person(&writer, cli);
    json_end_object(&writer);
    return json_writer_done(&writer) ? true : fail(err, ERR_LIMIT_PASSED, "files", "900 KB");
}

int command_fake(struct cli *cli)
{
    int failed = EXIT_FAILED;
    struct err err;
    struct fake_files files = {.count = 0};
    SCOPED_BUF(body, BODY_MAX_BYTES);
    SCOPED(json_document)
    reply = NULL;
    SCOPED(conversation)
    conversation = NULL;
    if (!open_files(&files, cli, &err) || !write_fake(&body, cli, &files, &err)) {
        print_err(cli, &err);
        return err.code == ERR_INPUT_FORM ? EXIT_USAGE : EXIT_FAILED;
    }
    if (!reach_host(&conversation, &failed, cli))
        return failed;
    const struct ask ask = {.name = "fake.start",
                            .body = buf_text(&body),
                            .fds = files.fds,
                            .fd_count = files.count,
                            .on_event = on_fake_event,
                            .owner = cli};
    const bool ended = conversation_ask(&reply, &failed, cli, conversation, &ask);
    for (size_t i = 0; i < files.count; i++)
        close(files.fds[i]);
    if (was_interrupted())
        return EXIT_DONE;
    if (ended) {
        const struct json *fault = json_get(json_root(reply), "fault");
        print_clean(stderr, json_string_or(json_get(fault, "message"), words(cli, PHRASE_FAKE_ENDED)));
        fputc('\n', stderr);
    }
    return ended ? EXIT_FAILED : failed;
}

// ---- doctor

static enum colour check_colour(const char *state)
{
    return strcmp(state, "ok") == 0 ? GREEN : strcmp(state, "warning") == 0 ? YELLOW : RED;
}

static void show_check(const struct cli *cli, const struct json *check)
{
    const char *state = json_string_or(json_get(check, "state"), ""),
               *name = json_string_or(json_get(check, "name"), "");
    const char *sign = strcmp(state, "ok") == 0 ? "✓" : strcmp(state, "warning") == 0 ? "!" : "✗";
    printf("%s%s%s %s%*s ", colour_on(cli, check_colour(state)), sign, colour_off(cli), name,
           text_width(name) < 24 ? 24 - text_width(name) : 0, "");
    print_clean(stdout, json_string_or(json_get(check, "detail"), ""));
    fputc('\n', stdout);
    struct err err;
    const struct json *problem = json_get(check, "problem");
    if (json_kind(problem) != JSON_OBJECT || !problem_read(&err, problem))
        return;
    SCOPED_BUF(text, 16384);
    if (err_message(&text, &err, cli->language) && buf_append_string(&text, " ") &&
        err_hint(&text, &err, cli->language)) {
        printf("  ");
        print_clean(stdout, buf_string(&text));
        fputc('\n', stdout);
    }
}

int command_doctor(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    const struct ask ask = {.name = "doctor"};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    bool well = true;
    for (const struct json *check = json_first(json_get(json_root(reply), "checks")); check;
         check = json_next(check)) {
        well = well && strcmp(json_string_or(json_get(check, "state"), ""), "failed") != 0;
        if (!cli->options[OPTION_JSON])
            show_check(cli, check);
    }
    if (cli->options[OPTION_JSON])
        (void)print_json(json_root(reply));
    else
        say(cli, stdout, well ? PHRASE_DOCTOR_WELL : PHRASE_DOCTOR_ILL);
    return well ? EXIT_DONE : EXIT_FAILED;
}

// ---- version

int command_version(struct cli *cli)
{
    if (cli->options[OPTION_JSON])
        printf("{\"version\":\"%s\"}\n", RENKI_VERSION);
    else
        printf("renki %s\n", RENKI_VERSION);
    return EXIT_DONE;
}
