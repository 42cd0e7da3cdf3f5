// The self-test of the sandbox: forks that try the forbidden, before the first run may start. In the zygote.
#ifndef RENKI_WORKER_PROBE_H
#define RENKI_WORKER_PROBE_H

#include "worker/worker.h"

struct probe {
    const char *runs; // the folder of runs, as seen
    lua_State *lua;
    struct seal seal;                          // as a worker gets it, but for descriptors, folder and limits
    const struct sandbox_filter *outer_filter; // the zygote's own
    bool namespaces;
    int landlock_abi; // 0: none
};

// Writes what is in force and what was tried: [{ "name", "ok", "detail" }, …]. Errors: SANDBOX_SELF_TEST with what was
// not refused.
bool probe_run(struct buf *layers, const struct probe *probe, struct err *err) MUST_CHECK;

#endif
