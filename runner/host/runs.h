// The states of a run, and the only functions that change them. In the host.
//
//                      ┌── run_resume ── from failed, cancelled and refused, when a person asks for it
//                      ▼
//     run_queue ──► queued ── run_start ──► running ── run_fail ──► failed
//                    │ ▲                    │ │ │ └─── run_cancel ─► cancelled ◄─┐
//                    │ └── run_requeue ──┐  │ │ └───── run_refuse ─► refused     │
//                    │                 waiting◄┘ run_wait  run_finish ► done     │
//                    │                    └────────────── run_cancel ────────────┤
//                    └─────────────────────────────────── run_cancel ────────────┘
//
//     queued     its row is there, its inputs are copied; it waits for a place
//     running    it has a worker, its host's identity and an attempt number
//     waiting    for its next attempt, at `due`; it has neither worker nor place
//     done       it ended well (exceptions may be listed)      failed     it did not; resume goes on with it
//     cancelled  somebody asked for it; resume goes on with it
//     refused    it did what it may not, or a login was refused: never tried again by itself, but a person who has put
//                that right resumes it, so that what was done before is not done twice
//
// Each writes the change and its audit row in the transaction of the turn; false when the run is in another state by
// now (RUN_STATE) or the database failed.
#ifndef RENKI_HOST_RUNS_H
#define RENKI_HOST_RUNS_H

#include "host/store/store.h"

enum run_state {
    RUN_QUEUED,
    RUN_RUNNING,
    RUN_WAITING,
    RUN_DONE,
    RUN_FAILED,
    RUN_CANCELLED,
    RUN_REFUSED,
    RUN_STATE_COUNT
};
const char *run_state_name(enum run_state state);
bool run_state_from_name(enum run_state *out, const char *name) MUST_CHECK;
bool run_may_move(enum run_state from, enum run_state to);

// What is told of an end; JSON, empty for none.
struct run_end {
    struct text fault, cost, summary;
};

bool run_queue(struct store *store, int64_t *id, const struct run_new *run, struct err *err) MUST_CHECK;
bool run_start(struct store *store, int64_t id, int64_t attempt, const char *host, const char *actor,
               struct err *err) MUST_CHECK;
bool run_finish(struct store *store, int64_t id, const struct run_end *end, const char *actor,
                struct err *err) MUST_CHECK;
bool run_fail(struct store *store, int64_t id, const struct run_end *end, const char *actor,
              struct err *err) MUST_CHECK;
bool run_refuse(struct store *store, int64_t id, const struct run_end *end, const char *actor,
                struct err *err) MUST_CHECK;
bool run_cancel(struct store *store, int64_t id, enum run_state from, const struct run_end *end,
                const char *actor, struct err *err) MUST_CHECK;
// For the next attempt at `due_ms`.
bool run_wait(struct store *store, int64_t id, int64_t due_ms, const struct run_end *end, const char *actor,
              struct err *err) MUST_CHECK;
bool run_requeue(struct store *store, int64_t id, const char *actor, struct err *err) MUST_CHECK;
// From failed, cancelled or refused, by a person.
bool run_resume(struct store *store, int64_t id, enum run_state from, const char *actor,
                struct err *err) MUST_CHECK;
// Its host is gone: what was queued or running is failed, and can be resumed.
bool run_lost(struct store *store, int64_t id, enum run_state from, struct err *err) MUST_CHECK;

#endif
