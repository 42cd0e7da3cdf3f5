// See over.h.
#include "host/over.h"

#include "host/alerts.h"
#include "host/calls.h"
#include "host/items.h"
#include "host/manners.h"
#include "host/triggers.h"

static bool leave_systems(struct host *host, int64_t run, enum run_state state, struct err *err)
{
    (void)state;
    return manners_release(host, run, err);
}

static bool (*const parts[])(struct host *host, int64_t run, enum run_state state, struct err *err) = {
    leave_systems, alert_of_end, items_over, calls_over, triggers_over,
    NULL, // ends the list
};

bool over(struct host *host, int64_t run, enum run_state state, struct err *err)
{
    for (size_t i = 0; parts[i]; i++)
        if (!parts[i](host, run, state, err))
            return false;
    return true;
}
