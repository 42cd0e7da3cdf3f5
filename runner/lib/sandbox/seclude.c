// The confinement of a role that needs no file by name: reader and viewer (sandbox.h).
#include "lib/sandbox/sandbox.h"

#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

// Such a role is told nothing before it is sealed, the grade that the administrator accepts neither: it takes what the
// machine gives and insists on one of the two beside seccomp.
bool sandbox_seclude(enum sandbox_profile profile, const struct sandbox_limits *limits, struct err *err)
{
    SCOPED(sandbox_filter)
    filter = NULL;
    struct sandbox_limits own = *limits;
    if (geteuid() == 0)
        return fail(err, ERR_SANDBOX_ROOT);
    if (!sandbox_filter_new(&filter, profile, err) || !sandbox_own_bytes(&own.own_bytes, err))
        return false;
    const bool seen_nothing = sandbox_namespaces(err) && sandbox_view(NULL, 0, err);
    if (!sandbox_drop_privileges(err))
        return false;
    const bool landlock = sandbox_landlock(profile, NULL, 0, err);
    if ((!seen_nothing && !landlock) || (!landlock && sandbox_landlock_abi() > 0))
        return false;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return fail(err, ERR_SANDBOX_LAYER, "dumpable", strerror(errno));
    return sandbox_limits(&own, err) && sandbox_on_trap(NULL, err) && sandbox_filter_apply(filter, err);
}
