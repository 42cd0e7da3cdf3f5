// Capabilities, resource limits, and the one call that confines a role without a mount view.
#include "lib/sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STACK_BYTES = 8 << 20, CPU_GRACE_SECONDS = 2, CAPABILITIES_MOST = 64 };

static bool refused(struct err *err, const char *layer)
{
    return fail(err, ERR_SANDBOX_LAYER, layer, strerror(errno));
}

// The bounding set can only be emptied by one who has CAP_SETPCAP (in a user namespace of one's own that is so);
// without it, having none and NO_NEW_PRIVS, nothing can be gained either.
static void drop_bounding_set(void)
{
    for (unsigned long capability = 0; capability < CAPABILITIES_MOST; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
            return;
}

bool sandbox_drop_privileges(struct err *err)
{
    drop_bounding_set();
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
        return refused(err, "capabilities");
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};
    if (syscall(SYS_capset, &header, none) != 0)
        return refused(err, "capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return refused(err, "no_new_privs");
    return true;
}

// A lower limit that the machine's administrator has set (`ulimit`) can't be raised, and holds.
static bool set(__rlimit_resource_t resource, rlim_t soft, rlim_t hard, const char *name, struct err *err)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0)
        return refused(err, "limits");
    limit.rlim_max = hard < limit.rlim_max ? hard : limit.rlim_max;
    limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
    if (setrlimit(resource, &limit) == 0)
        return true;
    refused(err, "limits");
    return err_note(err, "%s", name);
}

bool sandbox_limits(const struct sandbox_limits *limits, struct err *err)
{
    const rlim_t cpu = limits->cpu_seconds;
    return set(RLIMIT_CORE, 0, 0, "core", err) && set(RLIMIT_MEMLOCK, 0, 0, "memlock", err) &&
           set(RLIMIT_NPROC, 1, 1, "nproc", err) &&
           set(RLIMIT_STACK, STACK_BYTES, STACK_BYTES, "stack", err) &&
           set(RLIMIT_NOFILE, limits->open_files, limits->open_files, "nofile", err) &&
           (!limits->file_bytes || set(RLIMIT_FSIZE, limits->file_bytes, limits->file_bytes, "fsize", err)) &&
           (!cpu || set(RLIMIT_CPU, cpu, cpu + CPU_GRACE_SECONDS, "cpu", err)) &&
           (!limits->memory_bytes || set(RLIMIT_AS, limits->own_bytes + limits->memory_bytes,
                                         limits->own_bytes + limits->memory_bytes, "as", err));
}

bool sandbox_own_bytes(rlim_t *out, struct err *err)
{
    char text[128] = {0};
    const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    const ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0)
        close(file);
    struct text rest = text_of(text, length > 0 ? (size_t)length : 0), pages_text;
    int64_t pages;
    if (!text_cut(&rest, ' ', &pages_text) || !text_to_int64(pages_text, &pages) || pages <= 0)
        return fail(err, ERR_FILE_UNREADABLE, "/proc/self/statm", strerror(errno));
    *out = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
    return true;
}

bool sandbox_confine(const struct sandbox *sandbox, struct err *err)
{
    SCOPED(sandbox_filter)
    filter = NULL;
    if (geteuid() == 0)
        return fail(err, ERR_SANDBOX_ROOT);
    if (!sandbox_filter_new(&filter, sandbox->profile, err) || !sandbox_drop_privileges(err))
        return false;
    const bool without = sandbox->reduced && sandbox_landlock_abi() == 0;
    if (!without && !sandbox_landlock(sandbox->profile, sandbox->places, sandbox->place_count, err))
        return false;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return refused(err, "dumpable");
    return sandbox_on_trap(NULL, err) && sandbox_filter_apply(filter, err);
}
