// See cli.h. diff: what is different between two versions of a robot, sentences first, then lines with their words marked.
#include "cli/cli.h"

enum { ID_SHOWN = 10, BODY_MAX_BYTES = 4096, SIDE_MAX = 200 };

// ---- which two

static const char *side_words(char out[SIDE_MAX], const struct cli *cli, const struct json *side)
{
    SCOPED_BUF(text, SIDE_MAX);
    char id[ID_SHOWN + 1];
    const int64_t number = json_int64_or(json_get(side, "number"), 0);
    const char *kind = json_string_or(json_get(side, "kind"), "");
    (void)snprintf(id, sizeof id, "%s", json_string_or(json_get(side, "commit"), ""));
    out[0] = '\0';
    const bool good = strcmp(kind, "working") == 0 ? phrase_append(&text, cli->language, PHRASE_DIFF_WORKING)
                      : strcmp(kind, "version") != 0
                          ? phrase_append(&text, cli->language, PHRASE_DIFF_NOTHING)
                      : number ? phrase_append(&text, cli->language, PHRASE_DIFF_VERSION, N(number), id)
                               : buf_append_string(&text, id);
    if (good)
        (void)snprintf(out, SIDE_MAX, "%s", buf_string(&text));
    return out;
}

// ---- sentences

static void show_sentences(const struct cli *cli, const struct json *reply)
{
    static const struct {
        const char *reach;
        enum phrase phrase;
        enum colour colour;
    } kinds[] = {{"wider", PHRASE_DIFF_WIDER, YELLOW},
                 {"narrower", PHRASE_DIFF_NARROWER, PLAIN},
                 {"other", PHRASE_DIFF_OTHER, PLAIN}};
    const struct json *changes = json_get(reply, "changes");
    const char *unreadable = json_string_or(json_get(reply, "unreadable"), NULL);
    for (const struct json *change = json_first(changes); change; change = json_next(change))
        for (size_t i = 0; i < COUNT_OF(kinds); i++)
            if (strcmp(json_string_or(json_get(change, "reach"), ""), kinds[i].reach) == 0) {
                printf("  %s", colour_on(cli, kinds[i].colour));
                say(cli, stdout, kinds[i].phrase, json_string_or(json_get(change, "text"), ""));
                fputs(colour_off(cli), stdout);
            }
    if (unreadable)
        say(cli, stdout, PHRASE_DIFF_UNREADABLE, unreadable);
    if (json_count(changes) || unreadable)
        putchar('\n');
}

// ---- lines

// Without what a terminal would obey; a tab stays.
static void print_text(const char *text)
{
    SCOPED_BUF(cell, (size_t)1 << 16);
    for (struct text rest = text_from(text), part; text_cut(&rest, '\t', &part);) {
        buf_clear(&cell);
        if (cell_text(&cell, part, 1 << 15))
            fputs(buf_string(&cell), stdout);
        if (rest.data)
            putchar('\t');
    }
}

// Where there are no colours, marks stand for them.
static void print_parts(const struct cli *cli, const struct json *parts, bool added)
{
    bool marked = false;
    for (const struct json *part = json_first(parts); part; part = json_next(part), marked = !marked) {
        const char *text = json_string_or(part, "");
        if (!*text)
            continue;
        if (marked)
            fputs(cli->colour ? "\033[7m" : added ? "{+" : "[-", stdout);
        print_text(text);
        if (marked)
            fputs(cli->colour ? "\033[27m" : added ? "+}" : "-]", stdout);
    }
}

static void show_line(const struct cli *cli, const struct json *line)
{
    const char *kind = json_string_or(json_get(line, "kind"), " ");
    const struct json *parts = json_get(line, "parts");
    bool open = false;
    (void)json_boolean(json_get(line, "open"), &open);
    printf("%s%c", colour_on(cli, *kind == '+' ? GREEN : *kind == '-' ? RED : PLAIN), *kind);
    if (json_count(parts))
        print_parts(cli, parts, *kind == '+');
    else
        print_text(json_string_or(json_get(line, "text"), ""));
    printf("%s\n", colour_off(cli));
    if (open)
        say(cli, stdout, PHRASE_DIFF_FILE_OPEN);
}

static void show_hunk(const struct cli *cli, const struct json *hunk)
{
    const struct json *lines = json_get(hunk, "lines");
    printf("%s@@ -%lld,%lld +%lld,%lld @@%s\n", colour_on(cli, DIM),
           (long long)json_int64_or(json_get(hunk, "old"), 0),
           (long long)json_int64_or(json_get(hunk, "old_count"), 0),
           (long long)json_int64_or(json_get(hunk, "new"), 0),
           (long long)json_int64_or(json_get(hunk, "new_count"), 0), colour_off(cli));
    for (const struct json *line = json_first(lines); line; line = json_next(line))
        show_line(cli, line);
}

static void show_file(const struct cli *cli, const struct json *file)
{
    static const struct {
        const char *kind;
        enum phrase phrase;
    } kinds[] = {{"changed", PHRASE_DIFF_FILE_CHANGED},
                 {"added", PHRASE_DIFF_FILE_ADDED},
                 {"removed", PHRASE_DIFF_FILE_REMOVED},
                 {"renamed", PHRASE_DIFF_FILE_RENAMED}};
    const char *kind = json_string_or(json_get(file, "kind"), "");
    const struct json *hunks = json_get(file, "hunks");
    bool binary = false, cut = false;
    (void)json_boolean(json_get(file, "binary"), &binary);
    (void)json_boolean(json_get(file, "cut"), &cut);
    fputs(colour_on(cli, BOLD), stdout);
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(kind, kinds[i].kind) == 0)
            say(cli, stdout, kinds[i].phrase, json_string_or(json_get(file, "path"), ""),
                json_string_or(json_get(file, "was"), ""));
    fputs(colour_off(cli), stdout);
    if (binary)
        say(cli, stdout, PHRASE_DIFF_FILE_BINARY, N(json_int64_or(json_get(file, "bytes"), 0)),
            N(json_int64_or(json_get(file, "bytes_before"), 0)));
    for (const struct json *hunk = json_first(hunks); hunk; hunk = json_next(hunk))
        show_hunk(cli, hunk);
    if (cut)
        say(cli, stdout, PHRASE_DIFF_FILE_CUT);
    putchar('\n');
}

void show_difference(const struct cli *cli, const struct json *reply)
{
    const struct json *files = json_get(reply, "files");
    const int64_t more = json_int64_or(json_get(reply, "more_files"), 0);
    show_sentences(cli, reply);
    for (const struct json *file = json_first(files); file; file = json_next(file))
        show_file(cli, file);
    if (more)
        say(cli, stdout, PHRASE_DIFF_MORE_FILES, N(more));
}

static void show_diff(const struct cli *cli, const struct json *reply)
{
    char before[SIDE_MAX], after[SIDE_MAX];
    if (json_count(json_get(reply, "files")) == 0 && json_int64_or(json_get(reply, "more_files"), 0) == 0) {
        say(cli, stdout, PHRASE_DIFF_SAME);
        return;
    }
    say(cli, stdout, PHRASE_DIFF_SIDES, json_string_or(json_get(reply, "robot"), ""),
        side_words(before, cli, json_get(reply, "before")), side_words(after, cli, json_get(reply, "after")));
    putchar('\n');
    show_difference(cli, reply);
}

int command_diff(struct cli *cli)
{
    static const char *const keys[] = {"robot", "a", "b"};
    int failed = EXIT_FAILED;
    SCOPED_BUF(body, BODY_MAX_BYTES);
    SCOPED(json_document)
    reply = NULL;
    struct json_writer writer = json_writer_new(&body);
    json_begin_object(&writer);
    for (int i = 0; i < cli->argument_count && i < (int)COUNT_OF(keys); i++) {
        json_write_key(&writer, keys[i]);
        json_write_lossy(&writer, text_from(cli->arguments[i]));
    }
    write_person(&writer, cli);
    json_end_object(&writer);
    const struct ask ask = {.name = "version.diff", .body = buf_text(&body)};
    if (!json_writer_done(&writer) || !ask_host(&reply, &failed, cli, &ask))
        return failed;
    if (cli->options[OPTION_JSON])
        return print_json(json_root(reply));
    show_diff(cli, json_root(reply));
    return EXIT_DONE;
}
