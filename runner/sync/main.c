// Talks to a git remote: one step, then it ends. In a process of its own.
//
// No hooks, no configuration but its own, no redirects, no tags; so many objects and bytes and no more. Whoever holds
// this process holds the quarantine, and nothing of that is believed.
#include "sync/sync.h"

#include "lib/base/log.h"
#include "lib/process/process.h"
#include "lib/sandbox/sandbox.h"

#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PLACES_MAX = 16, CPU_SECONDS = 240, MAPPED_BYTES = 256 << 20 };
#define MEMORY_BYTES ((rlim_t)2 << 30)

bool sync_failed(const struct syncing *syncing, struct err *err)
{
    const git_error *last = git_error_last();
    if (syncing->why.code != ERR_NONE) {
        *err = syncing->why;
        return false;
    }
    return fail(err, ERR_SYNC_FAILED, syncing->url, last && last->message ? last->message : "git");
}

bool sync_refuse(const struct syncing *syncing, const char *why, struct err *err)
{
    return fail(err, ERR_SYNC_REFUSED, syncing->url, why);
}

// ---- the steps, and what each may touch

static const struct step {
    const char *name;
    bool (*run)(struct syncing *syncing, struct err *err);
    bool network;
} steps[] = {{"fetch", step_fetch, true}, {"index", step_index, false}, {"push", step_push, true}};

static const struct step *find_step(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        if (text_is(name, steps[i].name))
            return &steps[i];
    return NULL;
}

// The folder of an address without a server; NULL for others.
static const char *local_folder(const char *url)
{
    static const char scheme[] = "file://";
    if (strncmp(url, scheme, sizeof scheme - 1) == 0)
        return url + sizeof scheme - 1;
    return url[0] == '/' ? url : NULL;
}

static bool bound(int resource, rlim_t most, struct err *err)
{
    const struct rlimit limit = {most, most};
    return setrlimit((__rlimit_resource_t)resource, &limit) == 0
               ? true
               : fail(err, ERR_SANDBOX_LAYER, "limits", "sync");
}

// What strangers make it unpack may cost so much and no more.
static bool set_bounds(struct err *err)
{
    rlim_t own;
    if (!sandbox_own_bytes(&own, err))
        return false;
#ifndef RENKI_SANITIZED // they map terabytes
    if (!bound(RLIMIT_AS, own + MEMORY_BYTES, err))
        return false;
#endif
    return bound(RLIMIT_FSIZE, SYNC_PACK_BYTES_MAX + (64 << 20), err) && bound(RLIMIT_CPU, CPU_SECONDS, err);
}

static bool confine(const struct syncing *syncing, const struct step *step, struct err *err)
{
    struct sandbox_place places[PLACES_MAX];
    size_t count = 0;
    const char *folder = step->network ? local_folder(syncing->url) : NULL;
    for (size_t i = 0; step->network && i < sandbox_resolver_place_count && count < PLACES_MAX - 3; i++)
        places[count++] = sandbox_resolver_places[i];
    places[count++] = (struct sandbox_place){syncing->quarantine, SANDBOX_FOLDER, false, 0};
    if (folder)
        places[count++] = (struct sandbox_place){folder, SANDBOX_READ, true, 0};
    if (step->run == step_push)
        places[count++] = (struct sandbox_place){syncing->objects, SANDBOX_READ, false, 0};
    const enum sandbox_profile profile = step->network ? SANDBOX_SYNC : SANDBOX_SYNC_INDEX;
    return sandbox_confine(&(struct sandbox){profile, places, count, syncing->reduced}, err);
}

// ---- the quarantine

static bool start_library(const struct syncing *syncing, struct err *err)
{
    if (git_libgit2_init() < 0)
        return sync_failed(syncing, err);
    const int levels[] = {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG,
                          GIT_CONFIG_LEVEL_PROGRAMDATA};
    for (size_t i = 0; i < COUNT_OF(levels); i++)
        git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
    git_libgit2_opts(GIT_OPT_SET_TEMPLATE_PATH, "");
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, (size_t)MAPPED_BYTES);
    git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECTS, (size_t)SYNC_OBJECTS_MAX);
    return true;
}

static int forget_push(const char *name, void *payload)
{
    (void)!git_reference_remove(payload, name); // at worst it is sent again
    return 0;
}

// What an earlier process may have left there to be followed is gone before anything reads it.
static bool open_quarantine(struct syncing *syncing, struct err *err)
{
    static const char *const followed[] = {
        "config",      "config.worktree", "commondir",      "objects/info/alternates",
        "info/grafts", "shallow",         "home/.gitconfig"};
    for (size_t i = 0; i < COUNT_OF(followed); i++) {
        SCOPED_TEXT char *path = xasprintf("%s/%s", syncing->quarantine, followed[i]);
        unlink(path);
    }
    // What was pushed last names objects that are not here.
    return git_repository_init(&syncing->repository, syncing->quarantine, true) == 0 &&
                   git_reference_foreach_glob(syncing->repository, "refs/push/*", forget_push,
                                              syncing->repository) == 0
               ? true
               : sync_failed(syncing, err);
}

// ---- being told, and answering

static bool run(struct syncing *syncing, const struct step *step, struct err *err)
{
    return set_bounds(err) && start_library(syncing, err) && remote_prepare(syncing, err) &&
           open_quarantine(syncing, err) && confine(syncing, step, err) && step->run(syncing, err);
}

static bool take_login(struct syncing *syncing, struct frame *frame, struct err *err)
{
    if (frame->fd_count == 0)
        return true;
    return login_read(&syncing->login, frame->fds[0])
               ? true
               : fail(err, ERR_SYNC_LOGIN, syncing->url, syncing->login_name);
}

static void take_words(struct syncing *out, const struct message_SYNC *message)
{
    *out = (struct syncing){.url = text_copy(message->url),
                            .branch = text_copy(message->branch),
                            .quarantine = text_copy(message->quarantine),
                            .objects = text_copy(message->objects),
                            .ca = text_copy(message->ca),
                            .login_name = text_copy(message->login),
                            .refused = text_copy(message->refused),
                            .reduced = message->reduced};
}

static void dispose(struct syncing *syncing)
{
    git_repository_free(syncing->repository);
    login_dispose(&syncing->login);
    char *const texts[] = {syncing->url, syncing->branch,     syncing->quarantine, syncing->objects,
                           syncing->ca,  syncing->login_name, syncing->refused};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        xfree(texts[i]);
}

static bool serve(struct wire *host, struct err *err)
{
    struct message_SYNC message;
    struct frame frame;
    struct syncing syncing;
    SCOPED(json_document)
    document = NULL;
    SCOPED(json_document)
    host_keys = NULL;
    SCOPED(json_document)
    pushes = NULL;
    if (!wire_expect(host, MESSAGE_SYNC, &message, &document, &frame, -1, err))
        return false;
    const struct step *step = find_step(message.step);
    if (!step || !json_parse(&host_keys, message.host_keys, err) || !json_parse(&pushes, message.pushes, err))
        return fail(err, ERR_FRAME_MALFORMED, "SYNC", "step");
    take_words(&syncing, &message);
    syncing.host = host;
    syncing.host_keys = json_root(host_keys);
    syncing.pushes = json_root(pushes);
    const bool good = take_login(&syncing, &frame, err) && run(&syncing, step, err);
    dispose(&syncing);
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
    if (!process_begin("remote", LOG_LEVEL_ERROR))
        return 1;
    struct wire host = wire_new(PROCESS_SOCKET, ROLE_SYNC, ROLE_HOST, true);
    return serve(&host, &err) ? 0 : say_failed(&host, &err);
}
