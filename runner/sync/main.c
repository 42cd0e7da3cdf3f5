// Fetches one branch of a git remote into a quarantine. A process of its own, which ends after it.
//
// No hooks, no configuration but its own, no credentials, no redirects, no tags; so many objects and bytes and no more.
// Whoever holds this process holds the quarantine, and nothing of that is believed.
#include "lib/base/log.h"
#include "lib/process/process.h"
#include "lib/sandbox/sandbox.h"
#include "lib/wire/wire.h"

#include <git2.h>

enum { OBJECTS_MAX = 1000000, BYTES_MAX = 512 << 20, PLACES_MAX = 16 };

static bool git_failed(struct err *err, const char *url)
{
    const git_error *last = git_error_last();
    return fail(err, ERR_SYNC_FAILED, url, last && last->message ? last->message : "git");
}

// ---- confining

// The folder of an address without a server; NULL for others.
static const char *local_folder(const char *url)
{
    static const char scheme[] = "file://";
    if (strncmp(url, scheme, sizeof scheme - 1) == 0)
        return url + sizeof scheme - 1;
    return url[0] == '/' ? url : NULL;
}

static bool confine(const char *url, const char *quarantine, bool reduced, struct err *err)
{
    struct sandbox_place places[PLACES_MAX];
    size_t count = 0;
    const char *folder = local_folder(url);
    for (size_t i = 0; i < sandbox_resolver_place_count && count < PLACES_MAX - 2; i++)
        places[count++] = sandbox_resolver_places[i];
    places[count++] = (struct sandbox_place){quarantine, SANDBOX_FOLDER, false, 0};
    if (folder)
        places[count++] = (struct sandbox_place){folder, SANDBOX_READ, true, 0};
    return sandbox_confine(&(struct sandbox){SANDBOX_SYNC, places, count, reduced}, err);
}

static bool open_quarantine(git_repository **out, const char *path, const char *url, struct err *err)
{
    git_libgit2_init();
    const int levels[] = {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG,
                          GIT_CONFIG_LEVEL_PROGRAMDATA};
    for (size_t i = 0; i < COUNT_OF(levels); i++)
        git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
    git_libgit2_opts(GIT_OPT_SET_TEMPLATE_PATH, "");
    return git_repository_init(out, path, true) == 0 ? true : git_failed(err, url);
}

// ---- fetching

static int on_progress(const git_indexer_progress *progress, void *payload)
{
    bool *too_much = payload;
    *too_much = progress->total_objects > OBJECTS_MAX || progress->received_bytes > BYTES_MAX;
    return *too_much ? -1 : 0;
}

static bool fetch(git_repository *repository, const char *url, const char *branch, struct err *err)
{
    git_remote *remote = NULL;
    bool too_much = false;
    SCOPED_TEXT char *specification = xasprintf("+refs/heads/%s:refs/heads/remote", branch);
    char *specifications[] = {specification};
    const git_strarray wanted = {specifications, 1};
    git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
    options.update_fetchhead = 0;
    options.callbacks.transfer_progress = on_progress;
    options.callbacks.payload = &too_much;
    const bool good = git_remote_create_anonymous(&remote, repository, url) == 0 &&
                      git_remote_fetch(remote, &wanted, &options, "sync") == 0;
    git_remote_free(remote);
    if (good)
        return true;
    return too_much ? fail(err, ERR_SYNC_REFUSED, url, "size") : git_failed(err, url);
}

static bool answer(struct wire *host, git_repository *repository, const char *url, const char *branch,
                   struct err *err)
{
    git_oid id;
    char commit[GIT_OID_HEXSZ + 1];
    if (git_reference_name_to_id(&id, repository, "refs/heads/remote") != 0)
        return fail(err, ERR_SYNC_FAILED, url, branch);
    git_oid_tostr(commit, sizeof commit, &id);
    return wire_send(host, MESSAGE_OF(SYNC_DONE, .commit = text_from(commit)), err);
}

static bool serve(struct wire *host, struct err *err)
{
    struct message_SYNC message;
    struct frame frame;
    SCOPED(json_document)
    document = NULL;
    git_repository *repository = NULL;
    if (!wire_expect(host, MESSAGE_SYNC, &message, &document, &frame, -1, err))
        return false;
    SCOPED_TEXT char *url = text_copy(message.url);
    SCOPED_TEXT char *branch = text_copy(message.branch);
    SCOPED_TEXT char *quarantine = text_copy(message.quarantine);
    const bool good = open_quarantine(&repository, quarantine, url, err) &&
                      confine(url, quarantine, message.reduced, err) && fetch(repository, url, branch, err) &&
                      answer(host, repository, url, branch, err);
    git_repository_free(repository);
    return good;
}

static int say_failed(struct wire *host, const struct err *why)
{
    SCOPED_BUF(arguments, 8192);
    struct err err;
    if (!err_to_record(&arguments, why) ||
        !wire_send(host,
                   MESSAGE_OF(SYNC_FAILED, .code = text_from(err_name(why->code)),
                              .arguments = buf_text(&arguments)),
                   &err))
        log_error("sync.answer", "error=%s", err_name(why->code));
    return 1;
}

int sync_main(void); // called by runner/main.c
int sync_main(void)
{
    struct err err;
    if (!process_begin("sync", LOG_LEVEL_ERROR))
        return 1;
    struct wire host = wire_new(PROCESS_SOCKET, ROLE_SYNC, ROLE_HOST, false);
    return serve(&host, &err) ? 0 : say_failed(&host, &err);
}
