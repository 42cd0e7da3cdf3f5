// run:call and run:sleep: what a run waits for. In the host.
//
// 1. A called robot is a run of its own, whose parent is the caller; the caller's journal has an entry "call" that names
//    it, written in the transaction that queues it. So it is called once, whatever dies.
// 2. Whoever waits costs nothing: its worker ends (session_park). The end of the called run wakes the caller.
// 3. A run that is cancelled takes those that it called with it.
// 4. A sleep's end is written down when it is first asked for; it is not slept anew.
#ifndef RENKI_HOST_CALLS_H
#define RENKI_HOST_CALLS_H

#include "host/session.h"

enum { CALL_DEPTH_MAX = 8 };

// Handlers of a worker's messages, for the table of worker.c.
bool calls_on_call(struct session *session, struct frame *frame, struct err *err);
bool calls_on_result(struct session *session, struct frame *frame, struct err *err);
bool calls_on_sleep(struct session *session, struct frame *frame, struct err *err);

// For over.c: wakes the caller, cancels the called.
bool calls_over(struct host *host, const struct run_row *run, enum run_state state,
                struct err *err) MUST_CHECK;
// The session's run is about to wait for a called one: *answered when that is over already, so that the wait ends at
// once. Holds the run's row until the end of the transaction.
bool calls_answered(struct session *session, bool *answered, struct err *err) MUST_CHECK;

#endif
