// See cli.h. Calendars of closed days come from files that others write, so they are read as settings are: by a reader, in
// its sandbox. Files are opened as the person may; only then a root becomes nobody.
#include "cli/cli.h"

#include "lib/base/file.h"
#include "lib/businessday/businessday.h"
#include "lib/manifest/manifest.h"
#include "lib/process/place.h"
#include "lib/process/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { SOURCE_MAX = 262144, READER_WAIT_MS = 20000 };
#define WORKSPACE_CALENDARS "schedules/calendars"
#define DEFAULT_TIMEZONE "Europe/Helsinki"

struct source {
    char *name; // "fi-holidays"
    struct buf bytes;
    bool wanted, unreadable;
    struct err err; // why
};

struct sources {
    struct source *items;
    size_t count;
    struct buf settings; // renki.lua; empty outside a workspace
};

static void sources_dispose(struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        xfree(sources->items[i].name);
        buf_dispose(&sources->items[i].bytes);
    }
    xfree(sources->items);
    buf_dispose(&sources->settings);
}

// ---- finding and opening

static struct source *find_source(struct sources *sources, struct text name)
{
    for (size_t i = 0; i < sources->count; i++)
        if (text_equal_ascii_case(text_from(sources->items[i].name), name))
            return &sources->items[i];
    return NULL;
}

// Whether a name is among "FI,target"; NULL names all.
static bool is_wanted(const char *names, struct text name)
{
    struct text rest = text_from(names), one;
    while (names && text_cut(&rest, ',', &one))
        if (text_equal_ascii_case(text_trim(one), name) ||
            text_equal_ascii_case(calendar_full_name(text_trim(one)), name))
            return true;
    return !names;
}

// Only what is asked for is opened; the other names are kept for messages.
static bool add_source(struct sources *sources, int folder, const char *file, struct text name, bool wanted)
{
    struct source *source = find_source(sources, name);
    if (!source) {
        if (sources->count == CALENDARS_MAX)
            return false;
        sources->items = xreallocarray(sources->items, sources->count + 1, sizeof sources->items[0]);
        source = &sources->items[sources->count++];
        *source = (struct source){.name = text_copy(name)};
    }
    buf_dispose(&source->bytes);
    source->bytes = buf_new(SOURCE_MAX);
    source->wanted = wanted;
    source->unreadable = wanted && !file_read(&source->bytes, folder, file, &source->err);
    return true;
}

static bool add_folder(struct sources *sources, const char *path, const char *names)
{
    bool added = true;
    DIR *entries = path ? opendir(path) : NULL;
    for (const struct dirent *entry = entries ? readdir(entries) : NULL; entry && added;
         entry = readdir(entries)) {
        const struct text file = text_from(entry->d_name);
        const struct text name = text_of(file.data, file.length >= 4 ? file.length - 4 : 0);
        if (text_ends(file, ".ics") && name.length && file.data[0] != '.')
            added = add_source(sources, dirfd(entries), entry->d_name, name, is_wanted(names, name));
    }
    if (entries)
        closedir(entries);
    return added;
}

static bool open_sources(struct sources *sources, const struct cli *cli, const char *names, struct err *err)
{
    struct err none = {0};
    SCOPED_TEXT char *workspace = NULL;
    SCOPED_TEXT char *shipped = place_of(PLACE_CALENDARS);
    sources->settings = buf_new(SOURCE_MAX);
    if (!find_workspace(&workspace, cli, &none) && cli->options[OPTION_WORKSPACE]) {
        *err = none;
        return false;
    }
    SCOPED_TEXT char *settings = workspace ? xasprintf("%s/renki.lua", workspace) : NULL;
    SCOPED_TEXT char *own = workspace ? xasprintf("%s/" WORKSPACE_CALENDARS, workspace) : NULL;
    if (settings && !file_read(&sources->settings, AT_FDCWD, settings, &none))
        buf_clear(&sources->settings); // whoever may not read it has the default time zone
    if (!add_folder(sources, shipped, names) || !add_folder(sources, own, names))
        return fail(err, ERR_LIMIT_PASSED, WORKSPACE_CALENDARS, N(CALENDARS_MAX));
    return become_nobody(err);
}

// ---- reading

// False too where the reader ends: what it says is in *err then.
static bool read_file(struct json_document **out, const char *name, struct text source, struct err *err)
{
    struct process reader;
    struct frame frame;
    struct message_READ_DONE done;
    struct message_READ_FAILED failed;
    SCOPED(json_document)
    document = NULL;
    if (!process_start(&reader, "reader", err))
        return false;
    struct wire wire = wire_new(reader.socket, ROLE_HOST, ROLE_READER, false);
    const struct message_READ read = {.name = text_from(name), .source = source};
    bool good =
        wire_send(&wire, MESSAGE_READ, &read, err) && wire_receive(&wire, &frame, READER_WAIT_MS, err);
    if (good && frame.type == MESSAGE_READ_DONE) {
        good = wire_decode(&document, &done, &frame, err) && json_parse(out, done.data, err);
    } else if (good) {
        good = false;
        if (wire_decode(&document, &failed, &frame, err))
            (void)(err_from_record(err, failed.code, failed.arguments)
                       ? err_note(err, "%.*s", (int)failed.where.length, failed.where.data)
                       : fail(err, ERR_FRAME_MALFORMED, "READ_FAILED", "code"));
    }
    close(reader.pidfd);
    wire_dispose(&wire);
    (void)process_wait(&reader);
    return good;
}

static bool add_calendar(struct calendars *calendars, const struct source *source, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    SCOPED_TEXT char *name = xasprintf("%s.ics", source->name);
    if (source->unreadable) {
        *err = source->err;
        return false;
    }
    return read_file(&document, name, buf_text(&source->bytes), err) &&
           calendars_add(calendars, text_from(source->name), json_root(document), err);
}

// The settings' own, where they are in order; a broken renki.lua is told by the commands that need it.
static char *timezone_of(const struct sources *sources)
{
    struct err err;
    struct problems problems = {0};
    SCOPED(json_document)
    document = NULL;
    SCOPED(settings)
    settings = NULL;
    SCOPED_BUF(json, SOURCE_MAX);
    if (!sources->settings.length || !read_file(&document, "renki.lua", buf_text(&sources->settings), &err))
        return xstrdup(DEFAULT_TIMEZONE);
    struct json_writer writer = json_writer_new(&json);
    json_write_value(&writer, json_root(document));
    const bool read =
        json_writer_done(&writer) && settings_read(&settings, buf_text(&json), ENVIRONMENT_ANY, &problems);
    problems_dispose(&problems);
    return xstrdup(read ? settings->timezone : DEFAULT_TIMEZONE);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct source *)a)->name, ((const struct source *)b)->name);
}

// Each name that was asked for is there; else the message names those that are.
static bool all_there(struct sources *sources, const char *names, struct err *err)
{
    struct text rest = text_from(names), one;
    SCOPED_BUF(known, ERR_ARGUMENT_MAX);
    while (names && text_cut(&rest, ',', &one)) {
        one = text_trim(one);
        if (!one.length || find_source(sources, one) || find_source(sources, calendar_full_name(one)))
            continue;
        for (size_t i = 0; i < sources->count; i++)
            if (!buf_printf(&known, "%s%s", i ? ", " : "", sources->items[i].name))
                break;
        SCOPED_TEXT char *wanted = text_copy(one);
        return fail(err, ERR_CALENDAR_UNKNOWN, wanted, known.length ? buf_string(&known) : "–");
    }
    return true;
}

static bool load(struct calendars *calendars, struct sources *sources, const struct cli *cli,
                 const char *names, struct err *err)
{
    if (!open_sources(sources, cli, names, err))
        return false;
    if (sources->count)
        qsort(sources->items, sources->count, sizeof sources->items[0], by_name);
    if (!all_there(sources, names, err))
        return false;
    for (size_t i = 0; i < sources->count; i++) {
        if (!sources->items[i].wanted || add_calendar(calendars, &sources->items[i], err))
            continue;
        if (names)
            return false;
        print_err(cli, err); // of all, the others are still worth showing
    }
    return true;
}

bool calendars_load(struct calendars **out, char **timezone, const struct cli *cli, const char *names,
                    struct err *err)
{
    SCOPED(calendars)
    calendars = calendars_new();
    struct sources sources = {0};
    const bool loaded = load(calendars, &sources, cli, names, err);
    if (loaded && timezone)
        *timezone = timezone_of(&sources);
    sources_dispose(&sources);
    if (!loaded)
        return false;
    *out = STEAL(calendars);
    return true;
}
