// Sends references of this workspace: its objects are read where they are, and a branch is never forced. The remote moves
// a reference only from where it was when this began (receive-pack compares), so two hosts can't undo each other.
#include "sync/sync.h"

#include <string.h>

enum { PUSHES_MAX = 1000, RESULTS_MAX = 300000 };

struct pushing {
    struct syncing *syncing;
    struct buf results;
    bool failed;
};

static bool append_result(struct pushing *pushing, const char *name, const char *why)
{
    struct buf *out = &pushing->results;
    return buf_append_char(out, out->length ? ',' : '[') && buf_append_char(out, '[') &&
           json_append_quoted(out, text_from(name)) && buf_append_char(out, ',') &&
           json_append_quoted(out, text_from(why)) && buf_append_char(out, ']');
}

static int on_result(const char *name, const char *status, void *payload)
{
    struct pushing *pushing = ((struct syncing *)payload)->pushing;
    if (!append_result(pushing, name, status ? status : ""))
        pushing->failed = true;
    return 0;
}

// "refs/push/N" names what goes out, for libgit2 pushes references of the repository it was opened with.
static bool add_push(struct syncing *syncing, char **out, const struct json *push, size_t number)
{
    git_oid id;
    git_reference *made = NULL;
    const char *name = json_string_or(json_at(push, 0), "");
    SCOPED_TEXT char *local = xasprintf("refs/push/%zu", number);
    const bool good = git_oid_fromstr(&id, json_string_or(json_at(push, 1), "")) == 0 &&
                      git_reference_create(&made, syncing->repository, local, &id, 1, "push") == 0;
    git_reference_free(made);
    if (good)
        *out = xasprintf("%s:%s", local, name);
    return good;
}

static bool push(struct pushing *pushing, git_remote *remote, const git_strarray *specifications,
                 const git_push_options *options, struct err *err)
{
    struct syncing *syncing = pushing->syncing;
    const int result = git_remote_push(remote, specifications, options);
    if (result == GIT_ENONFASTFORWARD)
        return fail(err, ERR_SYNC_BEHIND, syncing->url);
    if (result != 0)
        return sync_failed(syncing, err);
    if (!pushing->results.length && !buf_append_char(&pushing->results, '['))
        return false;
    return !pushing->failed && buf_append_char(&pushing->results, ']') &&
                   wire_send(syncing->host, MESSAGE_OF(SYNC_PUSHED, .results = buf_text(&pushing->results)),
                             err)
               ? true
               : fail(err, ERR_SYNC_FAILED, syncing->url, "its answer is too long");
}

static bool open_objects(struct syncing *syncing, struct err *err)
{
    git_odb *objects = NULL;
    const bool good = git_repository_odb(&objects, syncing->repository) == 0 &&
                      git_odb_add_disk_alternate(objects, syncing->objects) == 0;
    git_odb_free(objects);
    return good ? true : sync_failed(syncing, err);
}

static bool push_all(struct pushing *pushing, char **specifications, size_t count, struct err *err)
{
    struct syncing *syncing = pushing->syncing;
    git_remote *remote = NULL;
    git_push_options options = GIT_PUSH_OPTIONS_INIT;
    const git_strarray all = {specifications, count};
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    options.custom_headers = remote_headers(syncing);
    options.pb_parallelism = 1;
    remote_callbacks(&options.callbacks, syncing);
    options.callbacks.push_update_reference = on_result;
    const bool good = git_remote_create_anonymous(&remote, syncing->repository, syncing->url) == 0
                          ? push(pushing, remote, &all, &options, err)
                          : sync_failed(syncing, err);
    git_remote_free(remote);
    remote_headers_dispose(&options.custom_headers);
    return good;
}

bool step_push(struct syncing *syncing, struct err *err)
{
    struct pushing pushing = {.syncing = syncing, .results = buf_new(RESULTS_MAX)};
    const size_t most = json_count(syncing->pushes);
    char **specifications = xcalloc(most + 1, sizeof *specifications);
    size_t count = 0;
    bool good = most <= PUSHES_MAX && open_objects(syncing, err);
    syncing->pushing = &pushing;
    for (const struct json *each = json_first(syncing->pushes); good && each; each = json_next(each), count++)
        if (!add_push(syncing, &specifications[count], each, count))
            good = sync_failed(syncing, err);
    good = good && push_all(&pushing, specifications, count, err);
    for (size_t i = 0; i < count; i++)
        xfree(specifications[i]);
    xfree(specifications);
    buf_dispose(&pushing.results);
    return good;
}
