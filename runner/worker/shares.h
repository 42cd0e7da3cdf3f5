// The shares that runs may be granted: folders of the workplace with a name. In the zygote.
#ifndef RENKI_WORKER_SHARES_H
#define RENKI_WORKER_SHARES_H

#include "lib/json/json.h"
#include "lib/sandbox/sandbox.h"

enum { SHARES_MAX = 64, SHARE_NAME_MAX = 64 };

struct share {
    char *name, *path; // path outside, absolute
    char *seen_as;     // "/shares/NAME"
    bool write;        // the most that a run may be granted
};
struct shares {
    struct share items[SHARES_MAX];
    size_t count;
};

// Reads { NAME: { "path": "/srv/in", "write": false } }, or { NAME: "/srv/in" } for one that may be granted for writing.
// Errors: SANDBOX_SHARES.
bool shares_read(struct shares *out, struct text json, struct err *err) MUST_CHECK;

// Forgets those that are not there just now (a server that is down must not stop the runs that don't need it), and says
// so in the log.
void shares_forget_missing(struct shares *shares);

// Reads a run's { NAME: "read" | "write" } into places (room for SHARES_MAX), as seen inside or, without a mount view,
// outside. False when a share is unknown or more is asked than the setup gives.
bool shares_granted(struct sandbox_place *places, size_t *count, const struct shares *shares,
                    struct text json, bool seen_inside) MUST_CHECK;

#endif
