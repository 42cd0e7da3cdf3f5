// The process that every run is a fork of: warms up, shuts itself in, forks on demand. It never runs a robot's Lua and
// has one thread.
//
// The order of zygote_start is sandbox.md's. Files are read and filters built first, for later neither works; maps
// need a dumpable process and /proc; mounts come before Landlock, which refuses them; seccomp is last.
// Workers are made as children of the host (CLONE_PARENT), which so learns how they ended.
#include "lib/base/log.h"
#include "lib/process/process.h"
#include "worker/libraries.h"
#include "worker/probe.h"
#include "worker/shares.h"
#include "worker/worker.h"

#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LANDLOCK_ALONE = 3, FOLDER_MAX = 64 };

struct zygote {
    struct wire host;
    pid_t host_pid;
    lua_State *lua;
    struct sandbox_filter *filter, *workers_filter;
    struct shares shares;
    char *runs;      // as seen from here
    bool namespaces; // else reduced to Landlock and seccomp
    bool landlock;   // else reduced to namespaces and seccomp
    rlim_t own_bytes;
    size_t touched_bytes; // of the buffer it reads into, since it was last wiped
};

// ---- starting

// Whether this machine gives an ordinary user namespaces is only known by trying, and half a try can't be undone.
static bool namespaces_work(void)
{
    const pid_t child = fork();
    if (child == 0) {
        struct err err;
        _exit(layer_is_there(LAYER_NAMESPACES) && sandbox_namespaces(&err) && sandbox_view(NULL, 0, &err)
                  ? 0
                  : 1);
    }
    return child > 0 && process_wait(&(struct process){.pid = child}) == 0;
}

static bool choose_layers(struct zygote *zygote, bool reduced, struct err *err)
{
    const int abi = layer_is_there(LAYER_LANDLOCK) ? sandbox_landlock_abi() : 0;
    zygote->landlock = abi > 0;
    zygote->namespaces = !reduced || namespaces_work();
    if (!zygote->landlock && !(reduced && zygote->namespaces))
        return fail(err, ERR_SANDBOX_LAYER, "Landlock", strerror(ENOSYS));
    if (!zygote->namespaces && abi < LANDLOCK_ALONE)
        return fail(err, ERR_SANDBOX_LAYER, "namespaces", strerror(EPERM));
    return true;
}

static bool warm_up(struct zygote *zygote, const struct message_ZYGOTE_SETUP *setup, struct err *err)
{
    SCOPED_TEXT char *stdlib = text_copy(setup->stdlib);
    zygote->lua = language_new(stdlib, err);
    if (!zygote->lua || !shares_read(&zygote->shares, setup->shares, err))
        return false;
    shares_forget_missing(&zygote->shares);
    return sandbox_filter_new(&zygote->filter, zygote->landlock ? SANDBOX_ZYGOTE : SANDBOX_ZYGOTE_MOUNTING,
                              err) &&
           sandbox_filter_new(&zygote->workers_filter, SANDBOX_WORKER, err) &&
           sandbox_own_bytes(&zygote->own_bytes, err);
}

// The runs' folder and the shares, nothing else.
static bool make_view(struct zygote *zygote, struct err *err)
{
    struct sandbox_bind binds[SHARES_MAX + 1] = {{zygote->runs, "runs", true}};
    for (size_t i = 0; i < zygote->shares.count; i++) {
        const struct share *share = &zygote->shares.items[i];
        binds[i + 1] = (struct sandbox_bind){share->path, share->seen_as + 1, share->write};
    }
    if (!layer_is_there(LAYER_NAMESPACES))
        return fail(err, ERR_SANDBOX_LAYER, "namespaces", strerror(EPERM));
    if (!sandbox_namespaces(err) || !sandbox_view(binds, zygote->shares.count + 1, err))
        return false;
    xfree(zygote->runs);
    zygote->runs = xstrdup("/runs");
    return true;
}

static bool first_landlock(const struct zygote *zygote, struct err *err)
{
    struct sandbox_place places[SHARES_MAX + 1] = {{zygote->runs, SANDBOX_FOLDER, false}};
    for (size_t i = 0; i < zygote->shares.count; i++) {
        const struct share *share = &zygote->shares.items[i];
        places[i + 1] = (struct sandbox_place){zygote->namespaces ? share->seen_as : share->path,
                                               share->write ? SANDBOX_WRITE : SANDBOX_READ, false};
    }
    return sandbox_landlock(SANDBOX_ZYGOTE, places, zygote->shares.count + 1, err);
}

static bool shut_in(struct zygote *zygote, struct err *err)
{
    if (zygote->namespaces && !make_view(zygote, err))
        return false;
    if (!sandbox_drop_privileges(err))
        return false;
    if (zygote->landlock && !first_landlock(zygote, err))
        return false;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return fail(err, ERR_SANDBOX_LAYER, "dumpable", strerror(errno));
    return true;
}

static struct seal seal_for(const struct zygote *zygote)
{
    return (struct seal){
        .parent = zygote->host_pid,
        .own_bytes = zygote->own_bytes,
        .covered = !zygote->landlock,
        .runs = zygote->runs,
        .known = &zygote->shares,
        .filter = zygote->workers_filter,
    };
}

static bool say_ready(struct zygote *zygote, struct text layers, struct err *err)
{
    const struct mallinfo2 heap = mallinfo2();
    return wire_send(
        &zygote->host,
        MESSAGE_OF(ZYGOTE_READY, .layers = layers, .heap_kilobytes = (int64_t)(heap.uordblks >> 10)), err);
}

static bool zygote_start(struct zygote *zygote, const struct message_ZYGOTE_SETUP *setup, struct err *err)
{
    SCOPED_BUF(layers, 60000);
    if (geteuid() == 0)
        return fail(err, ERR_SANDBOX_ROOT);
    zygote->runs = text_copy(setup->runs);
    if (!choose_layers(zygote, setup->reduced, err) || !warm_up(zygote, setup, err) || !shut_in(zygote, err))
        return false;
    const struct probe probe = {
        .runs = zygote->runs,
        .lua = zygote->lua,
        .seal = seal_for(zygote),
        .outer_filter = zygote->filter,
        .namespaces = zygote->namespaces,
        .landlock_abi = zygote->landlock ? sandbox_landlock_abi() : 0,
    };
    if (layer_is_there(LAYER_SELF_TEST) && !probe_run(&layers, &probe, err))
        return false;
    libraries_keep_needed();
    if (layer_is_there(LAYER_SECCOMP) &&
        (!sandbox_on_trap(NULL, err) || !sandbox_filter_apply(zygote->filter, err)))
        return false;
    return say_ready(zygote, buf_text(&layers), err);
}

static void say_failed(struct zygote *zygote, const struct err *reason)
{
    SCOPED_BUF(arguments, 4096);
    struct err err;
    err_clear(&err);
    log_error("zygote.failed", "error=%s where=\"%s\"", err_name(reason->code), reason->where);
    if (!err_to_record(&arguments, reason) ||
        !wire_send(&zygote->host,
                   MESSAGE_OF(ZYGOTE_FAILED, .code = text_from(err_name(reason->code)),
                              .arguments = buf_text(&arguments)),
                   &err))
        log_error("zygote.silent", "error=%s", err_name(err.code));
}

// ---- forking

// Names of folders are secrets of their runs: what the next fork can find in its memory is wiped.
static void forget(struct zygote *zygote, struct json_document *document)
{
    struct wire *wire = &zygote->host;
    mallopt(M_PERTURB, 0xA5); // free() overwrites
    json_document_free(document);
    mallopt(M_PERTURB, 0);
    if (wire->in.length <= wire->used_bytes) {
        memory_wipe(wire->in.data, zygote->touched_bytes);
        wire->in.length = wire->used_bytes = zygote->touched_bytes = 0;
    }
}

static void become_worker(struct zygote *zygote, struct seal *seal) __attribute__((noreturn));
static void become_worker(struct zygote *zygote, struct seal *seal)
{
    struct err err;
    memory_wipe(zygote->host.in.data, zygote->touched_bytes);
    buf_dispose(&zygote->host.in);
    if (!seal_worker(zygote->lua, seal, &err))
        limits_not_sealed(seal->host, &err);
    run_serve(zygote->lua);
}

static bool folder_is_a_name(struct text folder)
{
    for (size_t i = 0; i < folder.length; i++)
        if (!strchr("0123456789abcdefghijklmnopqrstuvwxyz-", folder.data[i]) || !folder.data[i])
            return false;
    return folder.length > 0 && folder.length <= FOLDER_MAX;
}

// What became of a request: a child (0 in the child itself), or why not.
static pid_t fork_worker(struct zygote *zygote, const struct message_FORK *fork_, const int *fds,
                         size_t fd_count, int *pidfd, const char **reason)
{
    struct sandbox_place places[SHARES_MAX];
    struct seal seal = seal_for(zygote);
    SCOPED_TEXT char *folder = NULL;
    *reason = "two sockets, a folder's name, positive limits and granted shares were expected";
    if (fd_count != 2 || !folder_is_a_name(fork_->folder) || fork_->memory_bytes <= 0 || fork_->cpu_ms <= 0 ||
        fork_->file_bytes <= 0 || fork_->memory_bytes > INT64_MAX / 4 ||
        !shares_granted(places, &seal.share_count, &zygote->shares, fork_->shares, zygote->namespaces))
        return -1;
    folder = xasprintf("%s/%.*s", zygote->runs, (int)fork_->folder.length, fork_->folder.data);
    seal.host = fds[0];
    seal.gateway = fds[1];
    seal.folder = folder;
    seal.shares = places;
    seal.limits = (struct limits){fork_->memory_bytes, fork_->cpu_ms, fork_->file_bytes};
    // clone3 would hide its flags from the filter, which allows exactly these
    const pid_t child = (pid_t)syscall(SYS_clone, CLONE_PARENT | CLONE_PIDFD, NULL, pidfd, NULL, NULL);
    if (child == 0)
        become_worker(zygote, &seal);
    *reason = strerror(errno);
    return child;
}

static bool on_fork(struct zygote *zygote, struct frame *frame, struct err *err)
{
    struct message_FORK message;
    struct json_document *document = NULL;
    int pidfd = -1;
    const char *reason;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    const int64_t run = message.run;
    const pid_t child = fork_worker(zygote, &message, frame->fds, frame->fd_count, &pidfd, &reason);
    frame_close_fds(frame);
    forget(zygote, document);
    if (child < 0)
        return wire_send(&zygote->host, MESSAGE_OF(FORK_FAILED, .run = run, .reason = text_from(reason)),
                         err);
    const bool sent =
        wire_send_fds(&zygote->host, MESSAGE_OF(FORKED, .run = run, .pid = child), &pidfd, 1, err);
    close(pidfd);
    return sent;
}

static int zygote_loop(struct zygote *zygote)
{
    struct frame frame;
    struct err err;
    while (wire_receive(&zygote->host, &frame, -1, &err)) {
        if (zygote->host.in.length > zygote->touched_bytes)
            zygote->touched_bytes = zygote->host.in.length;
        if (frame.type != MESSAGE_FORK) {
            frame_close_fds(&frame);
            return 1;
        }
        if (!on_fork(zygote, &frame, &err))
            break;
    }
    return err.code == ERR_WIRE_CLOSED ? 0 : 1;
}

int zygote_main(void)
{
    if (!process_begin("zygote", LOG_LEVEL_INFO))
        return 1;
    struct zygote zygote = {.host = wire_new(PROCESS_SOCKET, ROLE_ZYGOTE, ROLE_HOST, true),
                            .host_pid = getppid()};
    struct message_ZYGOTE_SETUP setup;
    struct frame frame;
    struct err err;
    SCOPED(json_document)
    document = NULL;
    if (!wire_expect(&zygote.host, MESSAGE_ZYGOTE_SETUP, &setup, &document, &frame, -1, &err))
        return 1;
    log_open("zygote", (enum log_level)setup.log_level);
    if (!zygote_start(&zygote, &setup, &err)) {
        say_failed(&zygote, &err);
        return 1;
    }
    return zygote_loop(&zygote);
}
