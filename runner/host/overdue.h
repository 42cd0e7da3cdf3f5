// Runs that wait for their turn longer than they may: they fail, and people are told. In the host.
//
// 1. `limits.queued` of a manifest, or else of the settings, says how long. What waits is what a run does between
//    "queued" and its start: for a place, for its lane, for a system's hours, for a login to be thawed.
// 2. It is looked at as often as a quarter of the settings' time, at least each minute and at most each second.
// 3. A run whose manifest is read only when its turn comes does not start either when it has waited for longer.
#ifndef RENKI_HOST_OVERDUE_H
#define RENKI_HOST_OVERDUE_H

#include "lib/base/err.h"

struct host;
struct session;

// How long until the next look.
int64_t overdue_every_ms(const struct host *host);
// In the turn's transaction.
bool overdue_settle(struct host *host, struct err *err) MUST_CHECK;
// In the turn's transaction, of one that was taken and whose manifest was read now: false when it has waited too long.
bool overdue_may_start(struct session *session, struct err *err) MUST_CHECK;

#endif
