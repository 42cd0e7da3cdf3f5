// What else is done when a run is over, in the transaction of its end. In the host.
//
// Each part of the host that cares for ends (alerts, callers, triggers …) has a row in over.c; ending.c and queue.c call
// them all, whatever ended the run.
#ifndef RENKI_HOST_OVER_H
#define RENKI_HOST_OVER_H

#include "host/host.h"
#include "host/runs.h"

// `run` was in this transaction moved to `state`, one that a run does not leave by itself (failed: it is not tried
// again). False when the database failed.
bool over(struct host *host, int64_t run, enum run_state state, struct err *err) MUST_CHECK;
// The same for who has read the row in this transaction, after the last step and before the move.
bool over_row(struct host *host, const struct run_row *row, enum run_state state, struct err *err) MUST_CHECK;

#endif
