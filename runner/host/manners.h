// Whether outside systems let a run start now: their opening hours, how many runs at once, logins that are frozen. In
// the host.
//
// 1. What a run may reach is what its manifest permits, not what it will do: a run that may call a system holds one of
//    the system's places (`runs_at_once` of the settings) from its start to its end, across all hosts of the store.
// 2. A place is a row in the transaction of the run's start; so nothing is held for a start that did not happen. Places
//    of runs that are neither queued nor running are nobody's.
// 3. A run gets all places that it needs or none. One of them may be its robot's own (`runs_at_once` of the manifest).
#ifndef RENKI_HOST_MANNERS_H
#define RENKI_HOST_MANNERS_H

#include "host/host.h"

enum { WAITING_FOR_MAX = 128 };

struct admission {
    bool admitted;
    int64_t again_ms; // since 1970; not admitted: to be asked again then
    char waiting_for
        [WAITING_FOR_MAX]; // "robot NAME", "system NAME", "hours of NAME", "login NAME frozen"; empty: admitted
};

// To be called before run_start, in its transaction (turn_begin). `patient`: a daemon's run, which waits for a frozen
// login; a person's starts, and hears at its first call what to do. Fails only with the database.
bool manners_admit(struct host *host, struct admission *out, int64_t run, const char *robot,
                   const struct manifest *manifest, bool patient, struct err *err) MUST_CHECK;
// The run has ended, is parked, or did not start after all; fine when it holds nothing. In the transaction of that.
bool manners_release(struct host *host, int64_t run, struct err *err) MUST_CHECK;
// Tells the gateway how many hosts share the systems' rates: when it is ready, and while the fleet changes.
void manners_share_rates(struct host *host);

#endif
