// Looks after a run's folder while it runs: how much it has written, and whether the disk has room. In the host.
#ifndef RENKI_HOST_SWEEP_H
#define RENKI_HOST_SWEEP_H

#include "host/session.h"

// Ends the run when its folder is over its limits or the disk is nearly full.
void sweep(struct session *session);
// True when there is room for runs to start.
bool sweep_has_room(void);

#endif
