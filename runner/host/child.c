// See child.h.
#include "host/child.h"

#include "lib/base/log.h"
#include "lib/process/process.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

struct child {
    uv_poll_t poll; // of the pidfd
    struct process process;
    enum role role;
    struct channel *channel;
    const struct child_events *events;
    void *owner;
    bool running, watched;
    struct err why;
};

static void settle(struct child *child)
{
    if (child->running || child->channel || child->watched)
        return;
    if (child->events)
        child->events->ended(child->owner, &child->why);
    xfree(child);
}

static void on_unwatched(uv_handle_t *handle)
{
    struct child *child = handle->data;
    close(child->process.pidfd);
    child->watched = false;
    settle(child);
}

static void on_exit_ready(uv_poll_t *poll, int status, int events)
{
    struct child *child = poll->data;
    (void)status, (void)events;
    if (!child->running)
        return;
    const int code = process_wait(&child->process);
    child->running = false;
    log_debug("child.ended", "role=%s pid=%d code=%d", role_name(child->role), (int)child->process.pid, code);
    uv_close((uv_handle_t *)poll, on_unwatched);
}

static bool on_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    struct child *child = owner;
    return !child->events || child->events->frame(child->owner, channel, frame, err);
}

static void on_closed(void *owner, struct channel *channel, const struct err *why)
{
    struct child *child = owner;
    (void)channel;
    child->channel = NULL;
    child->why = *why;
    if (child->running)
        child_stop(child); // without its socket it has no purpose
    settle(child);
}

static const struct channel_events channel_events = {.frame = on_frame, .closed = on_closed};

bool child_start(struct child **out, struct host *host, enum role role, bool take_fds,
                 const struct child_events *events, void *owner, struct err *err)
{
    struct process process;
    if (!process_start(&process, role_name(role), err))
        return false;
    struct child *child = xcalloc(1, sizeof *child);
    *child = (struct child){
        .process = process, .role = role, .events = events, .owner = owner, .running = true, .watched = true};
    child->channel =
        channel_new(host->loop, process.socket, ROLE_HOST, role, take_fds, &channel_events, child);
    require(uv_poll_init(host->loop, &child->poll, process.pidfd) == 0);
    child->poll.data = child;
    uv_poll_start(&child->poll, UV_READABLE, on_exit_ready);
    log_debug("child.started", "role=%s pid=%d", role_name(role), (int)process.pid);
    *out = child;
    return true;
}

struct channel *child_channel(struct child *child)
{
    return child->channel;
}

void child_stop(struct child *child)
{
    if (child->running)
        syscall(SYS_pidfd_send_signal, child->process.pidfd, SIGKILL, NULL, 0);
    if (child->channel)
        channel_close(child->channel);
}

void child_disown(struct child *child)
{
    child->events = NULL;
}
