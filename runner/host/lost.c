// See lost.h.
#include "host/lost.h"

#include "host/identity.h"
#include "host/manners.h"
#include "host/over.h"
#include "host/queue.h"
#include "host/runs.h"
#include "host/session.h"
#include "host/store/hosts.h"
#include "host/turn.h"
#include "lib/base/log.h"

enum { AGAIN_MS = 1000 };

struct lost {
    bool shared;
    struct host *own; // NULL: of other hosts
    int64_t *runs;
    size_t count;
};

// Where hosts share a store, the statement has looked for those that are not there.
static bool collect(void *owner, int64_t id, const char *identity, struct err *err)
{
    struct lost *lost = owner;
    (void)err;
    if (lost->own ? strcmp(identity, lost->own->identity) != 0 || session_find(lost->own, id)
                  : !lost->shared && identity_life(identity) == LIFE_HERE)
        return true;
    lost->runs = xreallocarray(lost->runs, lost->count + 1, sizeof *lost->runs);
    lost->runs[lost->count++] = id;
    return true;
}

static bool fail_one(struct host *host, int64_t run, enum run_state state, struct err *err)
{
    return run_lost(host->store, run, state, err) && over(host, run, RUN_FAILED, err);
}

static bool give_back(struct host *host, int64_t run, struct err *err)
{
    struct run_row row;
    enum run_state state;
    bool good = true;
    if (!store_run_load(host->store, &row, run, err))
        return false;
    log_info("run.lost", "run=%lld state=%s", (long long)run, row.state);
    if (run_state_from_name(&state, row.state)) {
        if (state == RUN_WAITING && strcmp(row.waiting_for, "retry") != 0)
            good = store_run_for(host->store, run, "", err); // whatever it waits for comes to any host
        else if (!row.served)
            good = fail_one(host, run, state, err);
        else if (state == RUN_RUNNING)
            good = run_yield(host->store, run, "renki", err) && manners_release(host, run, err);
        else
            good = store_run_queued(host->store, run, err) && store_run_for(host->store, run, "", err);
    }
    run_row_dispose(&row);
    return good;
}

static bool give_all_back(struct host *host, struct lost *lost, struct err *err)
{
    bool good = true;
    if (lost->count) {
        good = turn_begin(host, err);
        for (size_t i = 0; good && i < lost->count; i++)
            good = give_back(host, lost->runs[i], err);
        if (!good)
            turn_spoil(host, err);
        queue_at(host, 1);
    }
    xfree(lost->runs);
    return good;
}

bool lost_give_back(struct host *host, struct err *err)
{
    struct lost lost = {.shared = store_is_shared(host->store)};
    const bool good = lost.shared ? store_runs_orphaned(host->store, collect, &lost, err)
                                  : store_runs_live(host->store, collect, &lost, err);
    return give_all_back(host, &lost, err) && good;
}

// ---- of this host

void lost_note(struct host *host)
{
    host->has_lost = true;
    queue_at(host, store_now_ms(host->store) + AGAIN_MS);
}

static void on_given_back(void *owner, const struct err *failed)
{
    if (failed)
        lost_note(owner);
}

bool lost_give_back_own(struct host *host, struct err *err)
{
    struct lost lost = {.own = host};
    if (!host->has_lost || !host->serving)
        return true;
    host->has_lost = false;
    turn_after(host, on_given_back, host);
    const bool good = store_runs_live(host->store, collect, &lost, err);
    return give_all_back(host, &lost, err) && good;
}
