// Robots from the git remote that the settings name: fetched now and again, taken over when they pass. In the host.
//
// A process of its own fetches into .renki/sync.git (runner/sync); repo_adopt judges what came and moves the branch.
#ifndef RENKI_HOST_SYNC_H
#define RENKI_HOST_SYNC_H

#include "host/host.h"

struct sync;

struct sync *sync_new(struct host *host);
// From now on, where the settings name a remote; the first time at once.
void sync_begin(struct host *host);
// The last time that it went well (ms since 1970; 0: not yet), and what went wrong since; ERR_NONE: nothing.
int64_t sync_last_ms(const struct host *host);
const struct err *sync_problem(const struct host *host);

#endif
