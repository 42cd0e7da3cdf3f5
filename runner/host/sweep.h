// Looks after a run's folder while it runs: how much it has written, and whether the disk has room. In the host.
#ifndef RENKI_HOST_SWEEP_H
#define RENKI_HOST_SWEEP_H

#include "host/session.h"

// Free space under which runs stop and none start: more than a run may write, by default, between two sweeps.
enum { SWEEP_FLOOR_MB = 256 };

// Ends the run when its folder is over its limits or the disk is nearly full.
void sweep(struct session *session);
// True when there is room for runs to start.
bool sweep_has_room(void);

#endif
