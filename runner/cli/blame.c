// See cli.h. blame: who wrote each line of a robot. restore: a robot as it was in a version.
#include "cli/cli.h"

enum { BODY_MAX_BYTES = 16384, WHO_WIDTH = 20, DAY_SHOWN = 10, ID_SHOWN = 10, CELL_MAX = 1024 };

// ---- blame

// What stands before a line: "12  2026-11-22  Controller".
static void show_origin(const struct cli *cli, const struct json *version)
{
    char time[TIME_TEXT_SIZE];
    SCOPED_BUF(who, CELL_MAX);
    if (!version) {
        const char *text = words(cli, PHRASE_BLAME_NOT_SAVED);
        printf("%s%s%*s%s", colour_on(cli, YELLOW), text, 6 + DAY_SHOWN + 1 + WHO_WIDTH - text_width(text),
               "", colour_off(cli));
        return;
    }
    time_text(time, json_int64_or(json_get(version, "time_ms"), 0));
    const bool good = cell_text(&who, text_from(json_string_or(json_get(version, "author"), "")), WHO_WIDTH);
    const char *shown = good ? buf_string(&who) : "";
    printf("%5s %.*s %s%*s", N(json_int64_or(json_get(version, "number"), 0)), DAY_SHOWN, time, shown,
           WHO_WIDTH - text_width(shown), "");
}

static void show_lines(const struct cli *cli, const struct json *reply)
{
    const struct json *lines = json_get(reply, "lines"), *version = NULL;
    int64_t number = 0;
    bool cut = false;
    for (const struct json *line = json_first(lines); line; line = json_next(line)) {
        SCOPED_BUF(text, (size_t)1 << 16);
        if (json_get(line, "version"))
            version = json_get(line, "version");
        show_origin(cli, json_string_or(json_get(line, "commit"), NULL) ? version : NULL);
        printf(" %s%5s%s ", colour_on(cli, DIM), N(++number), colour_off(cli));
        if (cell_text(&text, text_from(json_string_or(json_get(line, "text"), "")), 1 << 15))
            fputs(buf_string(&text), stdout);
        putchar('\n');
    }
    (void)json_boolean(json_get(reply, "cut"), &cut);
    if (cut)
        say(cli, stdout, PHRASE_BLAME_CUT);
}

// ---- both

static bool ask(struct json_document **reply, int *failed, const struct cli *cli, const char *name,
                const char *const keys[2])
{
    SCOPED_BUF(body, BODY_MAX_BYTES);
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    for (int i = 0; i < cli->argument_count && i < 2; i++) {
        json_write_key(&writer, keys[i]);
        json_write_lossy(&writer, text_from(cli->arguments[i]));
    }
    if (cli->options[OPTION_MESSAGE]) {
        json_write_key(&writer, "message");
        json_write_lossy(&writer, text_from(cli->options[OPTION_MESSAGE]));
    }
    json_write_key(&writer, "with_lib");
    json_write_boolean(&writer, cli->options[OPTION_WITH_LIB] != NULL);
    json_write_key(&writer, "force");
    json_write_boolean(&writer, cli->options[OPTION_FORCE] != NULL);
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask wanted = {.name = name, .body = buf_text(&body)};
    return json_writer_done(&writer) && ask_host(reply, failed, cli, &wanted);
}

int command_blame(struct cli *cli)
{
    static const char *const keys[] = {"robot", "file"};
    int failed = EXIT_FAILED;
    SCOPED(json_document)
    reply = NULL;
    if (!ask(&reply, &failed, cli, "version.blame", keys))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show_lines(cli, json_root(reply));
    return EXIT_DONE;
}

int command_restore(struct cli *cli)
{
    static const char *const keys[] = {"robot", "version"};
    int failed = EXIT_FAILED;
    bool same = false;
    char id[ID_SHOWN + 1];
    SCOPED(json_document)
    reply = NULL;
    if (!ask(&reply, &failed, cli, "version.restore", keys))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    const struct json *root = json_root(reply);
    const char *robot = json_string_or(json_get(root, "robot"), ""),
               *version = json_string_or(json_get(root, "version"), ""),
               *kept = json_string_or(json_get(root, "kept"), "");
    (void)snprintf(id, sizeof id, "%s", json_string_or(json_get(root, "commit"), ""));
    (void)json_boolean(json_get(root, "same"), &same);
    if (*kept)
        say(cli, stdout, PHRASE_RESTORE_KEPT, kept);
    if (same)
        say(cli, stdout, PHRASE_RESTORE_SAME, robot, version);
    else
        say(cli, stdout, PHRASE_RESTORED, robot, version, id);
    return EXIT_DONE;
}
