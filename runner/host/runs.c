// See runs.h: the drawing, and what is true in each state.
#include "host/runs.h"

static const char *const names[] = {
    [RUN_PLANNED] = "planned", [RUN_QUEUED] = "queued",       [RUN_RUNNING] = "running",
    [RUN_WAITING] = "waiting", [RUN_IN_DOUBT] = "in doubt",   [RUN_DONE] = "done",
    [RUN_FAILED] = "failed",   [RUN_CANCELLED] = "cancelled", [RUN_REFUSED] = "refused",
    [RUN_MISSED] = "missed",   [RUN_SKIPPED] = "skipped",
};

// Every change there is; all else is forbidden.
static const struct {
    enum run_state from, to;
} moves[] = {
    {RUN_PLANNED, RUN_QUEUED},     // run_due
    {RUN_PLANNED, RUN_MISSED},     // run_miss
    {RUN_PLANNED, RUN_SKIPPED},    // run_skip
    {RUN_PLANNED, RUN_CANCELLED},  // run_cancel
    {RUN_QUEUED, RUN_RUNNING},     // run_start
    {RUN_QUEUED, RUN_SKIPPED},     // run_skip
    {RUN_QUEUED, RUN_CANCELLED},   // run_cancel
    {RUN_QUEUED, RUN_FAILED},      // run_fail, run_lost
    {RUN_QUEUED, RUN_REFUSED},     // run_refuse
    {RUN_RUNNING, RUN_DONE},       // run_finish
    {RUN_RUNNING, RUN_FAILED},     // run_fail, run_lost
    {RUN_RUNNING, RUN_REFUSED},    // run_refuse
    {RUN_RUNNING, RUN_CANCELLED},  // run_cancel
    {RUN_RUNNING, RUN_WAITING},    // run_wait
    {RUN_RUNNING, RUN_IN_DOUBT},   // run_doubt
    {RUN_RUNNING, RUN_QUEUED},     // run_yield
    {RUN_WAITING, RUN_QUEUED},     // run_requeue
    {RUN_WAITING, RUN_CANCELLED},  // run_cancel
    {RUN_WAITING, RUN_FAILED},     // run_lost
    {RUN_IN_DOUBT, RUN_QUEUED},    // run_requeue
    {RUN_IN_DOUBT, RUN_CANCELLED}, // run_cancel
    {RUN_IN_DOUBT, RUN_FAILED},    // run_fail
    {RUN_FAILED, RUN_QUEUED},      // run_resume
    {RUN_CANCELLED, RUN_QUEUED},   // run_resume
    {RUN_REFUSED, RUN_QUEUED},     // run_resume
};

const char *run_state_name(enum run_state state)
{
    return names[state];
}

bool run_state_from_name(enum run_state *out, const char *name)
{
    for (size_t i = 0; i < RUN_STATE_COUNT; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (enum run_state)i;
            return true;
        }
    return false;
}

bool run_may_move(enum run_state from, enum run_state to)
{
    for (size_t i = 0; i < COUNT_OF(moves); i++)
        if (moves[i].from == from && moves[i].to == to)
            return true;
    return false;
}

static bool must_have_moved(bool moved, int64_t id, enum run_state from, struct err *err)
{
    return moved ? true : fail(err, ERR_RUN_STATE, N(id), names[from]);
}

static bool move(struct store *store, int64_t id, enum run_state from, enum run_state to, const char *actor,
                 struct text content, struct err *err)
{
    bool moved;
    require(run_may_move(from, to));
    return store_run_move(store, &moved, id, names[from], names[to], actor, content, err) &&
           must_have_moved(moved, id, from, err);
}

static bool end(struct store *store, int64_t id, enum run_state from, enum run_state to,
                const struct run_end *with, const char *actor, struct err *err)
{
    bool moved;
    require(run_may_move(from, to));
    return store_run_end(store, &moved, id, names[from], names[to], with, actor, err) &&
           must_have_moved(moved, id, from, err);
}

bool run_queue(struct store *store, int64_t *id, const struct run_new *run, struct err *err)
{
    return store_run_add(store, id, run, err);
}

bool run_plan(struct store *store, int64_t *id, const struct run_plan *plan, struct err *err)
{
    return store_run_plan(store, id, plan, err);
}

bool run_due(struct store *store, int64_t now_ms, int64_t missed_before_ms, int64_t most,
             store_due_visitor visit, void *owner, struct err *err)
{
    return store_runs_due(store, now_ms, missed_before_ms, most, visit, owner, err);
}

bool run_miss(struct store *store, int64_t id, struct text why, const char *actor, struct err *err)
{
    return end(store, id, RUN_PLANNED, RUN_MISSED, &(struct run_end){.fault = why}, actor, err);
}

bool run_skip(struct store *store, int64_t id, enum run_state from, struct text why, const char *actor,
              struct err *err)
{
    return end(store, id, from, RUN_SKIPPED, &(struct run_end){.fault = why}, actor, err);
}

bool run_start(struct store *store, int64_t id, const struct run_started *with, const char *actor,
               struct err *err)
{
    bool moved;
    return store_run_start(store, &moved, id, names[RUN_QUEUED], names[RUN_RUNNING], with, actor, err) &&
           must_have_moved(moved, id, RUN_QUEUED, err);
}

bool run_finish(struct store *store, int64_t id, const struct run_end *with, const char *actor,
                struct err *err)
{
    return end(store, id, RUN_RUNNING, RUN_DONE, with, actor, err);
}

bool run_fail(struct store *store, int64_t id, enum run_state from, const struct run_end *with,
              const char *actor, struct err *err)
{
    return end(store, id, from, RUN_FAILED, with, actor, err);
}

bool run_refuse(struct store *store, int64_t id, enum run_state from, const struct run_end *with,
                const char *actor, struct err *err)
{
    return end(store, id, from, RUN_REFUSED, with, actor, err);
}

bool run_cancel(struct store *store, int64_t id, enum run_state from, const struct run_end *with,
                const char *actor, struct err *err)
{
    return end(store, id, from, RUN_CANCELLED, with, actor, err);
}

bool run_wait(struct store *store, int64_t id, const char *what, int64_t due_ms, const struct run_end *with,
              const char *actor, struct err *err)
{
    return end(store, id, RUN_RUNNING, RUN_WAITING, with, actor, err) &&
           store_run_waits(store, id, what, due_ms, err);
}

bool run_doubt(struct store *store, int64_t id, const struct run_end *with, const char *actor,
               struct err *err)
{
    return end(store, id, RUN_RUNNING, RUN_IN_DOUBT, with, actor, err) &&
           store_run_waits(store, id, "doubt", 0, err);
}

bool run_requeue(struct store *store, int64_t id, enum run_state from, const char *actor, struct err *err)
{
    return move(store, id, from, RUN_QUEUED, actor, TEXT_OF(""), err) && store_run_queued(store, id, err);
}

bool run_resume(struct store *store, int64_t id, enum run_state from, const char *host, const char *actor,
                struct err *err)
{
    if (!run_may_move(from, RUN_QUEUED) || from < RUN_DONE)
        return fail(err, ERR_RUN_NOT_RESUMABLE, N(id), names[from]);
    return move(store, id, from, RUN_QUEUED, actor, TEXT_OF(""), err) && store_run_queued(store, id, err) &&
           store_run_for(store, id, host, err);
}

bool run_yield(struct store *store, int64_t id, const char *actor, struct err *err)
{
    return move(store, id, RUN_RUNNING, RUN_QUEUED, actor, TEXT_OF(""), err) &&
           store_run_queued(store, id, err) && store_run_for(store, id, "", err);
}

bool run_lost(struct store *store, int64_t id, enum run_state from, struct err *err)
{
    const struct run_end with = {
        .fault = TEXT_OF("{\"class\":\"failure\",\"code\":\"RUN_LOST\",\"arguments\":[]}")};
    return end(store, id, from, RUN_FAILED, &with, "renki", err);
}
