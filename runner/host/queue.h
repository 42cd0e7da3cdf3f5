// The queue: which run starts next, and what is due. In the host.
//
// Runs wait in the store, not in memory: a waiting run costs a row. The queue takes the first that may start when there
// is a place, prepares it (a run that a schedule planned has no tree yet) and makes its session; one timer waits for
// whatever is due next.
//
// 1. A run is taken in the turn's transaction, so two hosts never start the same one.
// 2. A host that serves takes any daemon's runs, another only its own.
// 3. What can't be prepared (its robot is gone, an input does not fit) ends as failed or refused, with the reason.
#ifndef RENKI_HOST_QUEUE_H
#define RENKI_HOST_QUEUE_H

#include "host/host.h"

bool queue_new(struct host *host, struct err *err) MUST_CHECK;
void queue_close(struct host *host);

// Something may start: a run was queued, a place is free, a lane is. Starts what can be started.
void queue_look(struct host *host);
// Whether a run that is queued now starts at once: a place is free and nothing waits before it. Its row may then be
// made as taken by this host, and queue_begin starts the session that prepared it.
bool queue_is_free(struct host *host);
// Takes the session, whose run is in the store as queued and taken.
void queue_begin(struct session *session);
// Asks the store what other hosts queued and planned.
void queue_ask(struct host *host);
// Something is due then (ms since 1970): a planned run, a waiting one, a deferred one.
void queue_at(struct host *host, int64_t due_ms);
// A waiting run, or one in doubt, may go on: it is queued, in the turn's transaction.
bool queue_wake(struct host *host, int64_t run, const char *actor, struct err *err) MUST_CHECK;
// Who may start the runs that this host queues: "" when it serves, else its own identity.
const char *queue_owner(const struct host *host);
// Ends a run without a session: planned, queued, waiting or in doubt. RUN_OVER when it is in another state.
bool queue_cancel(struct host *host, int64_t run, const char *actor, struct err *err) MUST_CHECK;
// Its watchers hear of its end once the turn is on disk.
void queue_tell_end(struct host *host, int64_t run);

#endif
