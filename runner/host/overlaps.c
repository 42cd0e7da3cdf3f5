// See overlaps.h.
#include "host/overlaps.h"

#include "host/fault.h"
#include "host/over.h"
#include "host/queue.h"
#include "host/session.h"
#include "host/store/schedules.h"

struct overlapping {
    int64_t run;
    char *lane;
    bool replaces;
};

bool overlaps_note(void *owner, const struct run_due *due, struct err *err)
{
    struct overlaps *overlaps = owner;
    const bool replaces = text_is(due->overlap, "replace");
    (void)err;
    if (!due->lane.length || (!replaces && !text_is(due->overlap, "skip")))
        return true;
    overlaps->items = xreallocarray(overlaps->items, overlaps->count + 1, sizeof *overlaps->items);
    overlaps->items[overlaps->count++] = (struct overlapping){due->id, text_copy(due->lane), replaces};
    return true;
}

struct holders {
    int64_t runs[HOLDERS_MAX];
    size_t count;
};

static bool take_holder(void *owner, int64_t run, struct err *err)
{
    struct holders *holders = owner;
    (void)err;
    holders->runs[holders->count++] = run;
    return true;
}

// A live one is told to end, and the lane is free when it has; one that waits ends at once.
static bool cancel(struct host *host, int64_t run, struct err *err)
{
    struct session *session = session_find(host, run);
    struct run_row row;
    if (session) {
        session_cancel(session, "renki");
        return true;
    }
    if (!store_run_load(host->store, &row, run, err))
        return false;
    const bool elsewhere = strcmp(row.state, "running") == 0;
    run_row_dispose(&row);
    return elsewhere ? store_run_request_cancel(host->store, run, err)
                     : queue_cancel(host, run, "renki", err);
}

static bool skip(struct host *host, int64_t run, int64_t holder, struct err *err)
{
    struct err reason;
    (void)fail(&reason, ERR_SCHEDULE_OVERLAPS, N(holder));
    SCOPED_TEXT char *fault = fault_of(&reason, host->settings->language);
    return run_skip(host->store, run, RUN_QUEUED, text_from(fault), "renki", err) &&
           over(host, run, RUN_SKIPPED, err);
}

static bool settle(struct host *host, const struct overlapping *item, struct err *err)
{
    struct holders holders = {.count = 0};
    if (!store_lane_holders(host->store, item->run, text_from(item->lane), take_holder, &holders, err))
        return false;
    if (holders.count && !item->replaces)
        return skip(host, item->run, holders.runs[0], err);
    for (size_t i = 0; i < holders.count; i++)
        if (!cancel(host, holders.runs[i], err))
            return false;
    return true;
}

bool overlaps_settle(struct host *host, struct overlaps *overlaps, struct err *err)
{
    bool good = true;
    for (size_t i = 0; i < overlaps->count; i++) {
        good = good && settle(host, &overlaps->items[i], err);
        xfree(overlaps->items[i].lane);
    }
    xfree(overlaps->items);
    *overlaps = (struct overlaps){0};
    return good;
}
