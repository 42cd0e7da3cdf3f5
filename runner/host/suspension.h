// A robot that crashes three times running is suspended. In the host.
//
// What crashes its own process (SIGSEGV, SIGBUS, SIGSYS …) is broken, or tries to break out: each try would be one more
// draw. The suspension is of a robot in one version (its tree), so a changed robot may run at once. An attempt counts
// like a run of its own; one that comes to its own end, well or not, sets the count back; a cancelled one does not.
#ifndef RENKI_HOST_SUSPENSION_H
#define RENKI_HOST_SUSPENSION_H

#include "host/host.h"

enum { CRASHES_RUNNING_MAX = 3 };

// Whether the robot may start at all: false with ROBOT_SUSPENDED or ROBOT_RETIRED (life.h).
bool may_start(struct host *host, const char *robot, const char *tree, struct err *err) MUST_CHECK;
// The same for a person's request: a suspension is written to the audit log.
bool may_start_for(struct host *host, const char *robot, const char *tree, const char *actor,
                   struct err *err) MUST_CHECK;
// Counts how a run's attempt ended, in the transaction of its end; the third crash goes to the audit log.
bool suspension_count(const struct session *session, bool *suspended, struct err *err) MUST_CHECK;

#endif
