// See overdue.h.
#include "host/overdue.h"

#include "host/fault.h"
#include "host/over.h"
#include "host/queue.h"
#include "host/runs.h"
#include "host/session.h"
#include "lib/base/log.h"

enum { AT_ONCE = 100, SECOND_MS = 1000, MINUTE_MS = 60000 };

int64_t overdue_every_ms(const struct host *host)
{
    const int64_t quarter_ms = host->settings->limits.queued_ms / 4;
    return quarter_ms < SECOND_MS ? SECOND_MS : quarter_ms > MINUTE_MS ? MINUTE_MS : quarter_ms;
}

struct found {
    int64_t runs[AT_ONCE], waited_ms[AT_ONCE];
    size_t count;
};

static bool take(void *owner, int64_t run, int64_t waited_ms, struct err *err)
{
    struct found *found = owner;
    (void)err;
    found->runs[found->count] = run;
    found->waited_ms[found->count++] = waited_ms;
    return true;
}

static void waited_too_long(struct err *why, int64_t run, int64_t waited_ms)
{
    char time[40];
    if (waited_ms < 2 * MINUTE_MS)
        snprintf(time, sizeof time, "%s s", N(waited_ms / SECOND_MS));
    else
        snprintf(time, sizeof time, "%s min", N(waited_ms / MINUTE_MS));
    (void)fail(why, ERR_RUN_QUEUED_TOO_LONG, time, N(run));
}

static bool end(struct host *host, int64_t run, int64_t waited_ms, struct err *err)
{
    struct err why;
    waited_too_long(&why, run, waited_ms);
    log_error("run.queued_too_long", "run=%lld ms=%lld", (long long)run, (long long)waited_ms);
    SCOPED_TEXT char *fault = fault_of(&why, host->settings->language);
    const struct run_end with = {.fault = text_from(fault)};
    if (!run_fail(host->store, run, RUN_QUEUED, &with, "renki", err) || !over(host, run, RUN_FAILED, err))
        return false;
    queue_tell_end(host, run);
    return true;
}

bool overdue_settle(struct host *host, struct err *err)
{
    struct found found = {.count = 0};
    bool good = store_queue_overdue(host->store, host->settings->limits.queued_ms, host->identity,
                                    host->serving, AT_ONCE, take, &found, err);
    for (size_t i = 0; good && i < found.count; i++)
        good = end(host, found.runs[i], found.waited_ms[i], err);
    return good;
}

bool overdue_may_start(struct session *session, struct err *err)
{
    struct store *store = session->host->store;
    const int64_t most_ms = session->pin->manifest->limits.queued_ms;
    int64_t waited_ms = 0;
    if (most_ms && (!store_run_may_queue(store, session->id, most_ms, err) ||
                    !store_run_waited(store, &waited_ms, session->id, err)))
        return false;
    if (waited_ms)
        waited_too_long(err, session->id, waited_ms);
    return waited_ms == 0;
}
