// Whether a run that failed is tried again, and when. In the host.
//
// One table says of what kind an error is (retry.c); the manifest's `retry` says which kinds are tried again, how often
// and how long it waits. What is of no kind is never tried again: wrong input, a refused login, a bug, a limit, an
// exception, and what the robot itself found wrong (run:fail) would be found again.
#ifndef RENKI_HOST_RETRY_H
#define RENKI_HOST_RETRY_H

#include "lib/manifest/manifest.h"

// A system that says when to come back (Retry-After) is believed up to this.
enum { RETRY_AFTER_MOST_MS = 24 * 60 * 60 * 1000 };

struct retry {
    bool again;
    int64_t wait_ms;      // from now on
    enum retry_kind kind; // RETRY_KIND_COUNT: of none
};

// `fault` is what ended the run, as JSON ({ class, code, arguments, retry_after_ms }); NULL or no JSON: not tried again.
// `failures` counts it too: 1 for the first. `chance` is 32 random bits, so that tests know what comes out.
struct retry retry_decide(const struct retry_rule *rule, const char *fault, int64_t failures,
                          uint32_t chance);

#endif
