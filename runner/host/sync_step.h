// One process of the sync role, from the login it needs to its end. In the host.
//
// The host never sees the login: it makes a pipe, hands one end with the sealed box to the gateway, the other to the
// process.
#ifndef RENKI_HOST_SYNC_STEP_H
#define RENKI_HOST_SYNC_STEP_H

#include "host/host.h"
#include "host/quarantine.h"

struct sync_step;

struct sync_job {
    const char *step;    // "fetch", "index" or "push"
    const char *branch;  // to be fetched; NULL: the settings'
    const char *refused; // the commit that was refused last; ""
    struct text pushes;  // [[reference, id], …]
};

struct sync_step_events {
    // A reference of the remote that matters; false refuses the rest.
    void (*reference)(void *owner, const char *name, const char *id);
    // What became of a reference that was pushed; `why` is empty when it was taken.
    void (*pushed)(void *owner, const char *name, const char *why);
    // The process is over; last call. `failed` NULL: it did its work; `fresh`: objects came.
    void (*done)(void *owner, bool fresh, const struct err *failed);
};

// `done` comes from the loop, in any case.
void sync_step_start(struct host *host, const struct sync_job *job, const struct sync_step_events *events,
                     void *owner);

#endif
