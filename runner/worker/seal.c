// What a fork of the zygote does before the first byte of the robot is read. In the worker.
//
// The order is sandbox.md's: each step would be refused by those after it, and seccomp comes last because it refuses
// the others. A step that fails ends the process: half a sandbox is none.
#include "worker/shares.h"
#include "worker/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
    OPEN_FILES = 64,
    SPARE_BYTES = 64 << 20,
    FIRST_FREE = WORKER_FOLDER + 1,
};

static bool refused(struct err *err, const char *step)
{
    return fail(err, ERR_SYSTEM, step, strerror(errno));
}

static bool die_with_parent(pid_t parent, struct err *err)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return refused(err, "prctl");
    return getppid() == parent ? true : fail(err, ERR_WIRE_CLOSED, "host"); // it went away before
}

// 0, 1, 2 lead nowhere (the zygote's 0 is /dev/null); 3, 4, 5 are the sockets and the folder; nothing else is open.
static bool take_descriptors(struct seal *seal, struct err *err)
{
    const int folder = open(seal->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return refused(err, "open the run's folder");
    const int sources[] = {seal->host, seal->gateway, folder};
    int high[COUNT_OF(sources)];
    for (size_t i = 0; i < COUNT_OF(sources); i++) // out of the way of the numbers they are to have
        if ((high[i] = dup3(sources[i], FIRST_FREE + 40 + (int)i, O_CLOEXEC)) < 0)
            return refused(err, "dup3");
    for (size_t i = 0; i < COUNT_OF(sources); i++)
        if (dup3(high[i], WORKER_HOST + (int)i, O_CLOEXEC) < 0)
            return refused(err, "dup3");
    seal->host = WORKER_HOST;
    seal->gateway = WORKER_GATEWAY;
#ifndef RENKI_SANITIZED // which tells what it found on descriptor 2
    if (dup3(0, 2, 0) < 0)
        return refused(err, "dup3");
#endif
    return dup3(0, 1, 0) >= 0 && close_range(FIRST_FREE, ~0U, 0) == 0 ? true : refused(err, "close_range");
}

static bool limit(const struct seal *seal, struct err *err)
{
    const struct sandbox_limits limits = {
#ifndef RENKI_SANITIZED // whose shadow memory is terabytes of address space
        .memory_bytes = (rlim_t)seal->limits.memory_bytes + SPARE_BYTES,
#endif
        .own_bytes = seal->own_bytes,
        .cpu_seconds = (rlim_t)((seal->limits.cpu_ms + 999) / 1000),
        .file_bytes = (rlim_t)seal->limits.file_bytes,
        .open_files = OPEN_FILES,
    };
    return sandbox_limits(&limits, err);
}

static bool is_granted(const struct seal *seal, const char *path, enum sandbox_access access)
{
    for (size_t i = 0; i < seal->share_count; i++)
        if (strcmp(seal->shares[i].path, path) == 0)
            return seal->shares[i].access == access;
    return false;
}

// Without Landlock: what this run may not see is covered, what it may only read can't be written.
static bool cover_files(struct seal *seal, struct err *err)
{
    const char *hidden[SHARES_MAX], *read_only[SHARES_MAX];
    struct sandbox_cover cover = {
        .runs = seal->runs, .folder = seal->folder, .hidden = hidden, .read_only = read_only};
    for (size_t i = 0; i < seal->known->count; i++) {
        const struct share *share = &seal->known->items[i];
        if (is_granted(seal, share->seen_as, SANDBOX_READ))
            read_only[cover.read_only_count++] = share->seen_as;
        else if (!is_granted(seal, share->seen_as, SANDBOX_WRITE))
            hidden[cover.hidden_count++] = share->seen_as;
    }
    seal->folder = SANDBOX_COVERED_FOLDER;
    return sandbox_cover(&cover, err) && sandbox_drop_privileges(err);
}

static bool close_files(const struct seal *seal, struct err *err)
{
    struct sandbox_place places[SHARES_MAX + 1] = {{seal->folder, SANDBOX_FOLDER, false}};
    if (seal->share_count)
        memcpy(places + 1, seal->shares, seal->share_count * sizeof places[0]);
    return sandbox_landlock(SANDBOX_WORKER, places, seal->share_count + 1, err);
}

bool seal_worker(lua_State *L, struct seal *seal, struct err *err)
{
    return die_with_parent(seal->parent, err) && (!seal->covered || cover_files(seal, err)) &&
           take_descriptors(seal, err) && limit(seal, err) &&
           limits_arm(L, WORKER_HOST, &seal->limits, seal->on_trap, err) &&
           (seal->covered || close_files(seal, err)) &&
           (fchdir(WORKER_FOLDER) == 0 || refused(err, "fchdir")) &&
           (!seal->filter || !layer_is_there(LAYER_SECCOMP) || sandbox_filter_apply(seal->filter, err));
}
