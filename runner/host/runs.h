// The states of a run, and the only functions that change them. In the host.
//
//     planned ── run_due ──► queued ── run_start ──► running ── run_finish ──► done
//      │  │  │                ▲  │ │                  │ │ │ │ └── run_fail ───► failed
//      │  │  └ run_skip ► skipped◄┘ │                  │ │ │ └─── run_refuse ─► refused
//      │  └─── run_miss ► missed    │                  │ │ └───── run_cancel ─► cancelled
//      └────── run_cancel ► cancelled◄── run_cancel    │ └── run_wait ──► waiting ── run_requeue ──► queued
//                                                      └──── run_doubt ─► in doubt ─ run_requeue ──► queued
//
//     planned    a schedule's, before it is due; it has neither tree nor folder
//     queued     it waits for a place, and to be prepared when it was planned
//     running    it has a worker, its host's identity and an attempt number
//     waiting    for its next attempt, an answer, another run or a time; it has neither worker nor place
//     in doubt   what a step did outside is not known; a person or the robot's own check says it
//     done       it ended well (exceptions may be listed)      failed     it did not; resume goes on with it
//     cancelled  somebody asked for it; resume goes on with it
//     refused    it did what it may not, or a login was refused: never tried again by itself, but a person who has put
//                that right resumes it, so that what was done before is not done twice
//     missed     it was due while no host ran, and its schedule says not to make up for it
//     skipped    it was due, but its calendar or an earlier run of its lane stood in the way
//
// Besides the drawing: run_cancel ends what waits or is in doubt; run_fail and run_refuse end a queued run that could
// not be prepared; run_yield gives a running one back to the queue, whose host is gone or closes; run_lost fails it
// instead where no daemon goes on with it; run_resume queues what failed, was cancelled or refused, for a person.
//
// Each writes the change and its audit row in the transaction of the turn; false when the run is in another state by
// now (RUN_STATE) or the database failed.
#ifndef RENKI_HOST_RUNS_H
#define RENKI_HOST_RUNS_H

#include "host/store/store.h"

enum run_state {
    RUN_PLANNED,
    RUN_QUEUED,
    RUN_RUNNING,
    RUN_WAITING,
    RUN_IN_DOUBT,
    RUN_DONE,
    RUN_FAILED,
    RUN_CANCELLED,
    RUN_REFUSED,
    RUN_MISSED,
    RUN_SKIPPED,
    RUN_STATE_COUNT
};
const char *run_state_name(enum run_state state);
bool run_state_from_name(enum run_state *out, const char *name) MUST_CHECK;
bool run_may_move(enum run_state from, enum run_state to);

bool run_queue(struct store *store, int64_t *id, const struct run_new *run, struct err *err) MUST_CHECK;
// A schedule's: *id is 0 when that run is there already.
bool run_plan(struct store *store, int64_t *id, const struct run_plan *plan, struct err *err) MUST_CHECK;
// Queues what was planned and is due at `now_ms`, at most so many; none that needs approval and lacks it, and none that
// was due before `missed_before_ms`: schedules decide of those. One audit row names them all.
bool run_due(struct store *store, int64_t now_ms, int64_t missed_before_ms, int64_t most,
             store_due_visitor visit, void *owner, struct err *err) MUST_CHECK;
// `why` is JSON: what stood in the way.
bool run_miss(struct store *store, int64_t id, struct text why, const char *actor,
              struct err *err) MUST_CHECK;
bool run_skip(struct store *store, int64_t id, enum run_state from, struct text why, const char *actor,
              struct err *err) MUST_CHECK;
bool run_start(struct store *store, int64_t id, const struct run_started *with, const char *actor,
               struct err *err) MUST_CHECK;
bool run_finish(struct store *store, int64_t id, const struct run_end *end, const char *actor,
                struct err *err) MUST_CHECK;
// From running, or from queued where it could not be prepared, or in doubt.
bool run_fail(struct store *store, int64_t id, enum run_state from, const struct run_end *end,
              const char *actor, struct err *err) MUST_CHECK;
bool run_refuse(struct store *store, int64_t id, enum run_state from, const struct run_end *end,
                const char *actor, struct err *err) MUST_CHECK;
bool run_cancel(struct store *store, int64_t id, enum run_state from, const struct run_end *end,
                const char *actor, struct err *err) MUST_CHECK;
// For what: "retry", "sleep", "question", "run". Until `due_ms`, 0: until run_requeue.
bool run_wait(struct store *store, int64_t id, const char *what, int64_t due_ms, const struct run_end *end,
              const char *actor, struct err *err) MUST_CHECK;
bool run_doubt(struct store *store, int64_t id, const struct run_end *end, const char *actor,
               struct err *err) MUST_CHECK;
// From waiting or in doubt.
bool run_requeue(struct store *store, int64_t id, enum run_state from, const char *actor,
                 struct err *err) MUST_CHECK;
// From failed, cancelled or refused, by a person, for this host or any ("").
bool run_resume(struct store *store, int64_t id, enum run_state from, const char *host, const char *actor,
                struct err *err) MUST_CHECK;
// Its host is gone or closes: any host goes on with it.
bool run_yield(struct store *store, int64_t id, const char *actor, struct err *err) MUST_CHECK;
// Its host is gone and no daemon has it: what was queued, running or waiting is failed, and can be resumed.
bool run_lost(struct store *store, int64_t id, enum run_state from, struct err *err) MUST_CHECK;

#endif
