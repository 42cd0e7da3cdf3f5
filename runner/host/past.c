// See past.h.
#include "host/past.h"

enum { SLICE_MS = 10 };

struct preparing {
    uv_timer_t timer;
    struct host *host;
    past_done done;
    void *owner;
};

static void on_closed(uv_handle_t *handle)
{
    xfree(handle->data);
}

static void prepare(struct preparing *preparing)
{
    struct err err;
    bool ready = false;
    struct repo *repo = host_repo(preparing->host, &err);
    const bool good = repo && repo_versions_prepare(repo, &ready, SLICE_MS, &err);
    if (good && !ready)
        return;
    preparing->done(preparing->owner, good ? NULL : &err);
    uv_close((uv_handle_t *)&preparing->timer, on_closed);
}

static void on_timer(uv_timer_t *timer)
{
    prepare(timer->data);
}

void past_prepare(struct host *host, past_done done, void *owner)
{
    struct preparing *preparing = xcalloc(1, sizeof *preparing);
    *preparing = (struct preparing){.host = host, .done = done, .owner = owner};
    require(uv_timer_init(host->loop, &preparing->timer) == 0);
    preparing->timer.data = preparing;
    uv_timer_start(&preparing->timer, on_timer, 1, 1);
    prepare(preparing);
}
