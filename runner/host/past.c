// See past.h. Definitions are kept as JSON under the id of the file they were read from, the oldest making room.
#include "host/past.h"

#include "host/reader.h"
#include "host/repo/compare.h"
#include "host/today.h"
#include "lib/calendar/parse.h"

enum { SLICE_MS = 10, DEFINITIONS_MAX = 256, DEFINITION_BYTES_MAX = 262144 };

struct past {
    struct definition {
        char id[REPO_ID_SIZE];
        char *json;
    } definitions[DEFINITIONS_MAX];
    size_t next;
};

struct preparing {
    uv_timer_t timer;
    struct host *host;
    past_done done;
    void *owner;
};

static void on_closed(uv_handle_t *handle)
{
    xfree(handle->data);
}

static void prepare(struct preparing *preparing)
{
    struct err err;
    bool ready = false;
    struct repo *repo = host_repo(preparing->host, &err);
    const bool good = repo && repo_versions_prepare(repo, &ready, SLICE_MS, &err);
    if (good && !ready)
        return;
    preparing->done(preparing->owner, good ? NULL : &err);
    uv_close((uv_handle_t *)&preparing->timer, on_closed);
}

static void on_timer(uv_timer_t *timer)
{
    prepare(timer->data);
}

void past_prepare(struct host *host, past_done done, void *owner)
{
    struct preparing *preparing = xcalloc(1, sizeof *preparing);
    *preparing = (struct preparing){.host = host, .done = done, .owner = owner};
    require(uv_timer_init(host->loop, &preparing->timer) == 0);
    preparing->timer.data = preparing;
    uv_timer_start(&preparing->timer, on_timer, 1, 1);
    prepare(preparing);
}

bool past_find(struct host *host, struct version *out, const char *robot, const char *text, struct err *err)
{
    const struct version_query query = {.robot = robot};
    struct repo *repo = host_repo(host, err);
    struct date day;
    struct err no_day;
    const bool is_day = date_parse(&day, text_from(text), &no_day);
    return repo && repo_version_find(repo, out, &query, text, is_day ? day_end_ms(host, day) : 0, err);
}

// ---- what manifests and schedules of long ago say

enum { MANIFEST_BEFORE, MANIFEST_AFTER, SCHEDULE_BEFORE, SCHEDULE_AFTER, FILE_COUNT };

struct comparing {
    struct host *host;
    past_changes_done done;
    void *owner;
    struct changes changes;
    char *name; // of the schedule
    struct {
        char id[REPO_ID_SIZE], *path, *source, *json; // source NULL: it is not there
        size_t length;
    } files[FILE_COUNT];
    size_t at; // the one that is read
    struct err unreadable;
    bool failed[FILE_COUNT];
};

static void comparing_free(struct comparing *comparing)
{
    for (size_t i = 0; i < FILE_COUNT; i++) {
        xfree(comparing->files[i].path);
        xfree(comparing->files[i].source);
        xfree(comparing->files[i].json);
    }
    changes_dispose(&comparing->changes);
    xfree(comparing->name);
    xfree(comparing);
}

static const char *known_definition(const struct host *host, const char *id)
{
    for (size_t i = 0; host->past && i < DEFINITIONS_MAX; i++)
        if (host->past->definitions[i].json && strcmp(host->past->definitions[i].id, id) == 0)
            return host->past->definitions[i].json;
    return NULL;
}

static void keep_definition(struct host *host, const char *id, struct text json)
{
    if (!host->past)
        host->past = xcalloc(1, sizeof *host->past);
    struct definition *definition = &host->past->definitions[host->past->next];
    host->past->next = (host->past->next + 1) % DEFINITIONS_MAX;
    xfree(definition->json);
    definition->json = text_copy(json);
    memcpy(definition->id, id, REPO_ID_SIZE);
}

static struct json_document *parsed(const char *json)
{
    struct json_document *document = NULL;
    struct err ignored;
    return json && json_parse(&document, text_from(json), &ignored) ? document : NULL;
}

typedef void (*describe)(struct comparing *comparing, const struct json *before, const struct json *after);

static void describe_manifest(struct comparing *comparing, const struct json *before,
                              const struct json *after)
{
    changes_describe(&comparing->changes, before, after);
}

static void describe_schedule(struct comparing *comparing, const struct json *before,
                              const struct json *after)
{
    changes_describe_schedule(&comparing->changes, comparing->name, before, after);
}

static void describe_pair(struct comparing *comparing, size_t before, describe describe_)
{
    const size_t after = before + 1;
    if (comparing->failed[before] || comparing->failed[after] ||
        strcmp(comparing->files[before].id, comparing->files[after].id) == 0)
        return;
    SCOPED(json_document)
    was = parsed(comparing->files[before].json);
    SCOPED(json_document)
    is = parsed(comparing->files[after].json);
    describe_(comparing, was ? json_root(was) : NULL, is ? json_root(is) : NULL);
}

static void finish(struct comparing *comparing)
{
    describe_pair(comparing, MANIFEST_BEFORE, describe_manifest);
    describe_pair(comparing, SCHEDULE_BEFORE, describe_schedule);
    comparing->done(comparing->owner, &comparing->changes,
                    comparing->unreadable.code == ERR_NONE ? NULL : &comparing->unreadable);
    comparing_free(comparing);
}

static void read_next(struct comparing *comparing);

static void note_unreadable(struct comparing *comparing, const struct err *why)
{
    comparing->failed[comparing->at] = true;
    if (comparing->unreadable.code == ERR_NONE)
        comparing->unreadable = *why;
}

static void on_definition(void *owner, struct text json, const struct err *failed)
{
    struct comparing *comparing = owner;
    if (failed)
        note_unreadable(comparing, failed);
    else {
        comparing->files[comparing->at].json = text_copy(json);
        keep_definition(comparing->host, comparing->files[comparing->at].id, json);
    }
    comparing->at++;
    read_next(comparing);
}

// The other file of a pair is the same: then neither is looked at.
static bool is_wanted(const struct comparing *comparing, size_t at)
{
    return comparing->files[at].source && strcmp(comparing->files[at].id, comparing->files[at ^ 1].id) != 0;
}

static void read_next(struct comparing *comparing)
{
    for (; comparing->at < FILE_COUNT; comparing->at++) {
        const size_t at = comparing->at;
        if (!is_wanted(comparing, at))
            continue;
        const char *known = known_definition(comparing->host, comparing->files[at].id);
        if (!known) {
            reader_read(comparing->host, comparing->files[at].path,
                        text_of(comparing->files[at].source, comparing->files[at].length), on_definition,
                        comparing);
            return;
        }
        comparing->files[at].json = xstrdup(known);
    }
    finish(comparing);
}

static bool take_file(struct comparing *comparing, size_t at, const char *side, struct err *err)
{
    bool found = false;
    SCOPED_BUF(content, DEFINITION_BYTES_MAX);
    struct repo *repo = host_repo(comparing->host, err);
    if (!repo || (*side && !repo_side_file(repo, comparing->files[at].id, &content, &found, side,
                                           comparing->files[at].path, err)))
        return false;
    comparing->files[at].length = content.length;
    comparing->files[at].source = found ? xstrdup("") : NULL;
    if (found && content.length) {
        xfree(comparing->files[at].source);
        comparing->files[at].source = buf_steal(&content);
    }
    return true;
}

void past_changes(struct host *host, const struct past_sides *sides, past_changes_done done, void *owner)
{
    struct comparing *comparing = xcalloc(1, sizeof *comparing);
    *comparing = (struct comparing){.host = host, .done = done, .owner = owner};
    comparing->changes = changes_new(sides->language);
    comparing->name = xstrdup(sides->is);
    comparing->files[MANIFEST_BEFORE].path = xasprintf("robots/%s/manifest.lua", sides->was);
    comparing->files[MANIFEST_AFTER].path = xasprintf("robots/%s/manifest.lua", sides->is);
    comparing->files[SCHEDULE_BEFORE].path = xasprintf("schedules/%s.lua", sides->was);
    comparing->files[SCHEDULE_AFTER].path = xasprintf("schedules/%s.lua", sides->is);
    for (comparing->at = 0; comparing->at < FILE_COUNT; comparing->at++) {
        const bool is_before = comparing->at == MANIFEST_BEFORE || comparing->at == SCHEDULE_BEFORE;
        struct err err;
        if (!take_file(comparing, comparing->at, is_before ? sides->before : sides->after, &err))
            note_unreadable(comparing, &err);
    }
    comparing->at = 0;
    read_next(comparing);
}
