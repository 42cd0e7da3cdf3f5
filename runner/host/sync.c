// See sync.h.
#include "host/sync.h"

#include "host/child.h"
#include "host/queue.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define QUARANTINE ".renki/sync.git"
enum { FETCH_MS = 5 * 60 * 1000 };

struct sync {
    struct host *host;
    uv_timer_t every, bound;
    struct child *child; // NULL: nothing is being fetched
    int64_t last_ms;
    struct err problem;
    bool answered;
};

static void failed(struct sync *sync, const struct err *why)
{
    sync->answered = true;
    // Told once, and again when it is something else.
    if (sync->problem.code != why->code || strcmp(sync->problem.arguments[1], why->arguments[1]) != 0)
        log_error("sync.failed", "error=%s reason=%s", err_name(why->code), why->arguments[1]);
    sync->problem = *why;
}

static bool on_done(struct sync *sync, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_SYNC_DONE message;
    struct host *host = sync->host;
    struct err why;
    bool moved = false;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    SCOPED_TEXT char *commit = text_copy(message.commit);
    struct repo *repo = host_repo(host, &why);
    if (!repo || !repo_adopt(repo, &moved, QUARANTINE, host->settings->remote_branch, commit, &why)) {
        failed(sync, &why);
        return true;
    }
    sync->answered = true;
    sync->problem.code = ERR_NONE;
    sync->last_ms = clock_realtime_ms();
    if (moved)
        log_info("sync.moved", "branch=%s commit=%s", host->settings->remote_branch, commit);
    return true;
}

static bool on_failed(struct sync *sync, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_SYNC_FAILED message;
    struct err why;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (!err_from_record(&why, message.code, message.arguments))
        return fail(err, ERR_FRAME_MALFORMED, "SYNC_FAILED", "code");
    failed(sync, &why);
    return true;
}

static bool on_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    const bool good =
        frame->type == MESSAGE_SYNC_DONE ? on_done(owner, frame, err) : on_failed(owner, frame, err);
    channel_close(channel);
    return good;
}

static void on_ended(void *owner, const struct err *why)
{
    struct sync *sync = owner;
    struct err err;
    (void)why;
    sync->child = NULL;
    uv_timer_stop(&sync->bound);
    (void)fail(&err, ERR_ROLE_DIED, "sync");
    if (!sync->answered)
        failed(sync, &err);
}

static const struct child_events events = {.frame = on_frame, .ended = on_ended};

static void on_bound(uv_timer_t *timer)
{
    const struct sync *sync = timer->data;
    if (sync->child)
        child_stop(sync->child);
}

static void on_time(uv_timer_t *timer)
{
    struct sync *sync = timer->data;
    const struct settings *settings = sync->host->settings;
    struct err err;
    if (sync->child)
        return;
    sync->answered = false;
    if (!child_start(&sync->child, sync->host, ROLE_SYNC, false, &events, sync, &err)) {
        failed(sync, &err);
        return;
    }
    uv_timer_start(&sync->bound, on_bound, FETCH_MS, 0);
    channel_send(child_channel(sync->child),
                 MESSAGE_OF(SYNC, .url = text_from(settings->remote),
                            .branch = text_from(settings->remote_branch), .quarantine = TEXT_OF(QUARANTINE),
                            .reduced = settings->reduced));
}

void sync_begin(struct host *host)
{
    if (host->settings->remote)
        uv_timer_start(&host->sync->every, on_time, 0, (uint64_t)host->settings->remote_every_ms);
}

int64_t sync_last_ms(const struct host *host)
{
    return host->sync->last_ms;
}

const struct err *sync_problem(const struct host *host)
{
    return &host->sync->problem;
}

struct sync *sync_new(struct host *host)
{
    struct sync *sync = xcalloc(1, sizeof *sync);
    sync->host = host;
    require(uv_timer_init(host->loop, &sync->every) == 0 && uv_timer_init(host->loop, &sync->bound) == 0);
    sync->every.data = sync->bound.data = sync;
    return sync;
}
