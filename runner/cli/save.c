// See cli.h. save: working files become a version that can be run, approved, found again. Nothing of git is needed here.
#include "cli/cli.h"

#include "lib/base/text.h"

enum { BODY_MAX_BYTES = 100000, SHOWN_CHANGES = 40, ID_SHOWN = 10 };

static const char *text_at(const struct json *object, const char *key)
{
    return json_string_or(json_get(object, key), "");
}

static bool flag_at(const struct json *object, const char *key)
{
    bool flag = false;
    (void)json_boolean(json_get(object, key), &flag);
    return flag;
}

// ---- what was saved

static enum phrase words_of_change(const char *kind)
{
    return strcmp(kind, "added") == 0     ? PHRASE_SAVE_ADDED
           : strcmp(kind, "deleted") == 0 ? PHRASE_SAVE_DELETED
                                          : PHRASE_SAVE_CHANGED;
}

void print_changes(const struct cli *cli, const struct json *reply)
{
    int64_t shown = 0;
    const int64_t count = json_int64_or(json_get(reply, "change_count"), 0);
    for (const struct json *change = json_first(json_get(reply, "changes")); change && shown < SHOWN_CHANGES;
         change = json_next(change), shown++) {
        const char *kind = words(cli, words_of_change(text_at(change, "kind")));
        printf("  %s%*s ", kind, text_width(kind) < 10 ? 10 - text_width(kind) : 0, "");
        print_clean(stdout, text_at(change, "path"));
        fputc('\n', stdout);
    }
    if (count > shown) {
        fputs("  ", stdout);
        say(cli, stdout, PHRASE_SAVE_MORE, N(count - shown));
    }
}

static void show_saved(const struct cli *cli, const struct json *reply)
{
    SCOPED_TEXT char *id = xstrndup(text_at(reply, "commit"), strnlen(text_at(reply, "commit"), ID_SHOWN));
    say(cli, stdout, PHRASE_SAVE_DONE, id);
    print_changes(cli, reply);
    for (const struct json *line = json_first(json_get(reply, "allowed")); line; line = json_next(line))
        say(cli, stdout, PHRASE_SAVE_ALLOWED, text_at(line, "path"),
            N(json_int64_or(json_get(line, "line"), 0)));
    if (flag_at(reply, "waits"))
        say(cli, stdout, PHRASE_SAVE_WAITS);
}

// ---- what could not be

static enum phrase words_of_conflict(const struct json *conflict)
{
    if (json_kind(json_get(conflict, "text")) != JSON_NULL)
        return PHRASE_SAVE_CONFLICT_TEXT;
    return json_kind(json_get(conflict, "mine")) == JSON_NULL ? PHRASE_SAVE_CONFLICT_GONE
                                                              : PHRASE_SAVE_CONFLICT_MINE;
}

static void show_conflicts(const struct cli *cli, const struct json *reply)
{
    say(cli, stdout, PHRASE_SAVE_CONFLICT);
    for (const struct json *each = json_first(json_get(reply, "conflicts")); each; each = json_next(each)) {
        fputs("  ", stdout);
        say(cli, stdout, words_of_conflict(each), text_at(each, "path"));
    }
    say(cli, stdout, PHRASE_SAVE_KEPT, text_at(reply, "kept"));
}

static int show(const struct cli *cli, const struct json *reply)
{
    const char *end = text_at(reply, "end");
    const bool conflicts = strcmp(end, "conflicts") == 0;
    if (conflicts)
        show_conflicts(cli, reply);
    else if (strcmp(end, "saved") == 0)
        show_saved(cli, reply);
    else
        say(cli, stdout, PHRASE_SAVE_NOTHING);
    for (const struct json *left = json_first(json_get(reply, "left")); left; left = json_next(left))
        say(cli, stdout, PHRASE_SAVE_LEFT, json_string_or(left, ""));
    return conflicts ? EXIT_WAITING : EXIT_DONE;
}

// ---- asking

static int list_conflicts(struct cli *cli)
{
    int failed = EXIT_FAILED;
    SCOPED_BUF(body, BODY_MAX_BYTES);
    SCOPED(json_document)
    reply = NULL;
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = "robot.conflicts", .body = buf_text(&body)};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    const struct json *conflicts = json_get(json_root(reply), "conflicts");
    if (json_count(conflicts) == 0)
        say(cli, stdout, PHRASE_SAVE_CONFLICTS_NONE);
    for (const struct json *each = json_first(conflicts); each; each = json_next(each)) {
        char when[TIME_TEXT_SIZE];
        printf("%s  %s\n", time_text(when, json_int64_or(json_get(each, "time_ms"), 0)),
               text_at(each, "reference"));
        for (const struct json *path = json_first(json_get(each, "paths")); path; path = json_next(path)) {
            fputs("  ", stdout);
            print_clean(stdout, json_string_or(path, ""));
            fputc('\n', stdout);
        }
    }
    return EXIT_DONE;
}

static bool write_asked(struct buf *body, const struct cli *cli, struct err *err)
{
    struct json_writer writer = json_writer_new(body);
    json_begin_object(&writer);
    json_write_key(&writer, "robots");
    json_begin_array(&writer);
    for (int i = 0; i < cli->argument_count; i++)
        json_write_lossy(&writer, text_from(cli->arguments[i]));
    json_end_array(&writer);
    if (cli->options[OPTION_MESSAGE]) {
        json_write_key(&writer, "message");
        json_write_lossy(&writer, text_from(cli->options[OPTION_MESSAGE]));
    }
    write_person(&writer, cli);
    json_end_object(&writer);
    return json_writer_done(&writer) ? true : fail(err, ERR_LIMIT_PASSED, "robots", "100 KB");
}

int command_save(struct cli *cli)
{
    int failed = EXIT_FAILED;
    struct err err;
    SCOPED_BUF(body, BODY_MAX_BYTES);
    SCOPED(json_document)
    reply = NULL;
    if (cli->options[OPTION_CONFLICTS])
        return list_conflicts(cli);
    if (!write_asked(&body, cli, &err)) {
        print_err(cli, &err);
        return EXIT_FAILED;
    }
    const struct ask ask = {.name = "robot.save", .body = buf_text(&body)};
    if (!ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (!cli->options[OPTION_JSON])
        return show(cli, json_root(reply));
    (void)print_json(json_root(reply));
    return strcmp(text_at(json_root(reply), "end"), "conflicts") == 0 ? EXIT_WAITING : EXIT_DONE;
}
