// See over.h.
#include "host/over.h"

#include "host/alerts.h"
#include "host/calls.h"
#include "host/items.h"
#include "host/manners.h"
#include "host/triggers.h"

static bool leave_systems(struct host *host, const struct run_row *run, enum run_state state, struct err *err)
{
    (void)state;
    return !(run->recorded & RECORDED_HOLDS) || manners_release(host, run->id, err);
}

static bool (*const parts[])(struct host *host, const struct run_row *run, enum run_state state,
                             struct err *err) = {
    leave_systems, alert_of_end, items_over, calls_over, triggers_over,
    NULL, // ends the list
};

bool over_row(struct host *host, const struct run_row *row, enum run_state state, struct err *err)
{
    bool good = true;
    for (size_t i = 0; good && parts[i]; i++)
        good = parts[i](host, row, state, err);
    return good;
}

bool over(struct host *host, int64_t run, enum run_state state, struct err *err)
{
    struct run_row row;
    const bool good = store_run_load(host->store, &row, run, err) && over_row(host, &row, state, err);
    run_row_dispose(&row);
    return good;
}
