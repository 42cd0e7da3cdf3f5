// See cli.h. history: who changed what and when, of one robot or of all.
#include "cli/cli.h"

enum { SHOWN_VERSIONS = 20, COLUMNS = 5, CELL_MAX = 1024, ID_SHOWN = 10 };

struct shown_version {
    const char *cells[COLUMNS];
    char time[TIME_TEXT_SIZE], number[INTEGER_TEXT_SIZE], id[ID_SHOWN + 1], who[CELL_MAX], what[CELL_MAX];
};

// ---- the words for one version

static bool append_names(struct buf *out, const struct cli *cli, const struct json *version)
{
    const struct json *names = json_get(version, "names");
    const int64_t more = json_int64_or(json_get(version, "name_count"), 0) - (int64_t)json_count(names);
    bool first = true;
    for (const struct json *name = json_first(names); name; name = json_next(name), first = false)
        if (!buf_printf(out, "%s%s", first ? "" : ", ", json_string_or(name, "")))
            return false;
    return more <= 0 ||
           (buf_append_char(out, ' ') && phrase_append(out, cli->language, PHRASE_RUN_MORE, N(more)));
}

static bool append_kind(struct buf *out, const struct cli *cli, const struct json *version)
{
    const char *kind = json_string_or(json_get(version, "kind"), "");
    const char *was = json_string_or(json_get(version, "was"), "");
    if (strcmp(kind, "added") == 0)
        return phrase_append(out, cli->language, PHRASE_VERSION_ADDED);
    if (strcmp(kind, "removed") == 0)
        return phrase_append(out, cli->language, PHRASE_VERSION_REMOVED);
    return strcmp(kind, "renamed") != 0 || phrase_append(out, cli->language, PHRASE_VERSION_RENAMED, was);
}

// The first line of what its author wrote; and what is not plain from that.
static bool append_what(struct buf *out, const struct cli *cli, const struct json *version)
{
    SCOPED_BUF(more, CELL_MAX);
    if (!buf_append_string(out, json_string_or(json_get(version, "subject"), "")) ||
        !append_kind(&more, cli, version) || !append_names(&more, cli, version))
        return false;
    return more.length == 0 || (buf_printf(out, "%s(%s)", out->length ? " " : "", buf_string(&more)));
}

static void to_cell(char out[CELL_MAX], struct text text, int width)
{
    SCOPED_BUF(cell, CELL_MAX);
    out[0] = '\0';
    if (cell_text(&cell, text, width))
        (void)snprintf(out, CELL_MAX, "%s", buf_string(&cell));
}

static void fill(struct shown_version *row, const struct cli *cli, const struct json *version)
{
    SCOPED_BUF(what, (size_t)2 * CELL_MAX);
    const char *number = N(json_int64_or(json_get(version, "number"), 0));
    (void)snprintf(row->number, sizeof row->number, "%s", strcmp(number, "0") == 0 ? "" : number);
    (void)snprintf(row->id, sizeof row->id, "%s", json_string_or(json_get(version, "commit"), ""));
    to_cell(row->who, text_from(json_string_or(json_get(version, "author"), "")), 30);
    if (append_what(&what, cli, version))
        to_cell(row->what, buf_text(&what), 100);
    row->cells[0] = row->number;
    row->cells[1] = row->id;
    row->cells[2] = time_text(row->time, json_int64_or(json_get(version, "time_ms"), 0));
    row->cells[3] = row->who;
    row->cells[4] = row->what;
}

// ---- the list

static size_t sentences_of(const struct json *versions)
{
    size_t count = 0;
    for (const struct json *version = json_first(versions); version; version = json_next(version))
        count += json_count(json_get(version, "changes"));
    return count;
}

// What changed in permits stands below its version, in rows of their own.
static size_t fill_sentences(struct shown_version *rows, const struct json *version)
{
    const struct json *changes = json_get(version, "changes");
    size_t count = 0;
    for (const struct json *change = json_first(changes); change; change = json_next(change), count++) {
        SCOPED_BUF(text, CELL_MAX);
        for (size_t i = 0; i < COLUMNS; i++)
            rows[count].cells[i] = "";
        if (buf_printf(&text, "- %s", json_string_or(json_get(change, "text"), "")))
            to_cell(rows[count].what, buf_text(&text), 100);
        rows[count].cells[COLUMNS - 1] = rows[count].what;
    }
    return count;
}

static void show_history(const struct cli *cli, const struct json *reply)
{
    const struct json *versions = json_get(reply, "versions");
    const size_t count = json_count(versions), most = count + sentences_of(versions);
    const int64_t total = json_int64_or(json_get(reply, "total"), 0);
    const size_t skip = json_string_or(json_get(reply, "robot"), NULL) ? 0 : 1; // numbers are a robot's
    const char *const head[COLUMNS] = {words(cli, PHRASE_HEAD_VERSION), words(cli, PHRASE_HEAD_ID),
                                       words(cli, PHRASE_HEAD_WHEN), words(cli, PHRASE_HEAD_WHO),
                                       words(cli, PHRASE_HEAD_WHAT)};
    struct shown_version *rows = xcalloc(most + 1, sizeof *rows);
    const char **cells = xcalloc(most * COLUMNS + 1, sizeof *cells);
    size_t used = 0;
    for (const struct json *version = json_first(versions); version; version = json_next(version)) {
        fill(&rows[used++], cli, version);
        used += fill_sentences(rows + used, version);
    }
    for (size_t i = 0; i < used; i++)
        memcpy(cells + i * (COLUMNS - skip), rows[i].cells + skip, (COLUMNS - skip) * sizeof *cells);
    if (count)
        print_table(cli, head + skip, cells, used, COLUMNS - skip, skip ? 0 : 1U);
    else
        say(cli, stdout, PHRASE_NO_VERSIONS);
    if (total > (int64_t)count)
        say(cli, stdout, PHRASE_VERSIONS_MORE, N(total));
    xfree(cells);
    xfree(rows);
}

int command_history(struct cli *cli)
{
    int failed = EXIT_FAILED;
    int64_t most;
    SCOPED_BUF(body, CELL_MAX);
    SCOPED(json_document)
    reply = NULL;
    struct json_writer writer = json_writer_new(&body);
    if (!read_most(&most, cli, SHOWN_VERSIONS))
        return EXIT_USAGE;
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_string(&writer, cli->argument_count ? cli->arguments[0] : NULL);
    json_write_key(&writer, "most");
    json_write_integer(&writer, most);
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = "version.history", .body = buf_text(&body)};
    if (!json_writer_done(&writer) || !ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show_history(cli, json_root(reply));
    return EXIT_DONE;
}
