// See channel.h. uv_poll on the bare socket, because libuv's pipes pass only descriptors that libuv knows.
#include "lib/loop/channel.h"

#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { PENDING_FDS_MAX = 64 };

// Descriptors wait in the queue at the byte with which they leave.
struct pending_fd {
    size_t at_byte;
    int fd;
};

struct channel {
    uv_poll_t poll;
    int fd;
    enum role self, peer;
    unsigned phase;
    int watched; // events asked of libuv
    bool take_fds, paused, closing, finishing, dispatching, held;
    const struct channel_events *events;
    void *owner;
    struct buf in, out;
    size_t sent_bytes; // of `out`, already taken by the kernel
    int fds[FRAME_FDS_MAX];
    size_t fd_count;
    struct pending_fd pending[PENDING_FDS_MAX];
    size_t pending_count;
    struct err why;
};

static void on_ready(uv_poll_t *poll, int status, int events);

static void watch(struct channel *channel)
{
    if (channel->closing)
        return;
    const int events =
        (channel->paused ? 0 : UV_READABLE) | (channel->out.length > channel->sent_bytes ? UV_WRITABLE : 0);
    // libuv stops and starts anew each time it is told: two system calls that nothing needs.
    if (events == channel->watched)
        return;
    channel->watched = events;
    if (events)
        uv_poll_start(&channel->poll, events, on_ready);
    else
        uv_poll_stop(&channel->poll);
}

static void on_closed(uv_handle_t *handle)
{
    struct channel *channel = handle->data;
    for (size_t i = 0; i < channel->fd_count; i++)
        close(channel->fds[i]);
    for (size_t i = 0; i < channel->pending_count; i++)
        close(channel->pending[i].fd);
    close(channel->fd);
    channel->events->closed(channel->owner, channel, &channel->why);
    buf_dispose(&channel->in);
    buf_dispose(&channel->out);
    xfree(channel);
}

static void close_because(struct channel *channel, const struct err *why)
{
    if (channel->closing)
        return;
    channel->closing = true;
    channel->why = *why;
    uv_close((uv_handle_t *)&channel->poll, on_closed);
}

void channel_close(struct channel *channel)
{
    struct err why;
    (void)fail(&why, ERR_WIRE_CLOSED, role_name(channel->peer));
    close_because(channel, &why);
}

void channel_finish(struct channel *channel)
{
    channel->finishing = true;
    if (channel->out.length == channel->sent_bytes)
        channel_close(channel);
}

static void hand_out_fds(struct channel *channel, struct frame *frame)
{
    const size_t most = message_fds_most(frame->type);
    if (most == 0)
        return;
    frame->fd_count = channel->fd_count < most ? channel->fd_count : most;
    memcpy(frame->fds, channel->fds, frame->fd_count * sizeof(int));
    for (size_t i = frame->fd_count; i < channel->fd_count; i++)
        close(channel->fds[i]);
    channel->fd_count = 0;
}

// Hands out every whole frame; a paused channel keeps the rest for channel_resume.
static void dispatch(struct channel *channel)
{
    if (channel->dispatching) // resumed by the owner in the midst of a frame: the loop below goes on
        return;
    channel->dispatching = true;
    size_t used = 0;
    while (!channel->closing && !channel->paused) {
        struct frame frame;
        size_t size;
        struct err err;
        const struct text rest = text_of(channel->in.data + used, channel->in.length - used);
        if (!wire_find(&frame, &size, rest, channel->peer, channel->self, channel->phase, &err)) {
            log_info("wire.broken", "peer=%s error=%s", role_name(channel->peer), err_name(err.code));
            close_because(channel, &err);
            break;
        }
        if (frame.type == MESSAGE_NONE)
            break;
        hand_out_fds(channel, &frame);
        const bool good = channel->events->frame(channel->owner, channel, &frame, &err);
        frame_close_fds(&frame);
        used += size;
        if (!good)
            close_because(channel, &err);
    }
    buf_consume(&channel->in, used);
    channel->dispatching = false;
}

static void read_some(struct channel *channel)
{
    struct err err;
    const long got =
        wire_read(channel->fd, &channel->in, channel->take_fds ? channel->fds : NULL, &channel->fd_count);
    if (got > 0)
        dispatch(channel);
    else if (got == 0) {
        (void)fail(&err, ERR_WIRE_CLOSED, role_name(channel->peer));
        close_because(channel, &err);
    } else if (errno != EAGAIN) {
        (void)fail(&err, ERR_WIRE_CLOSED, role_name(channel->peer));
        close_because(channel, &err);
    }
}

// Writes up to the next byte that has descriptors with it, so that each set leaves with its own message.
static bool write_some(struct channel *channel)
{
    int fds[FRAME_FDS_MAX];
    size_t count = 0, end = channel->out.length;
    for (size_t i = 0; i < channel->pending_count; i++) {
        if (channel->pending[i].at_byte == channel->sent_bytes && count < FRAME_FDS_MAX)
            fds[count++] = channel->pending[i].fd;
        else if (channel->pending[i].at_byte < end)
            end = channel->pending[i].at_byte;
    }
    const struct text rest = text_of(channel->out.data + channel->sent_bytes, end - channel->sent_bytes);
    const long sent = wire_write(channel->fd, rest, fds, count);
    if (sent < 0)
        return errno == EAGAIN;
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
    channel->pending_count -= count;
    memmove(channel->pending, channel->pending + count, channel->pending_count * sizeof *channel->pending);
    channel->sent_bytes += (size_t)sent;
    return true;
}

// What has left is dropped when all has, or when it has become much.
static void drop_sent(struct channel *channel)
{
    if (channel->sent_bytes < channel->out.length && channel->sent_bytes < FRAME_MAX)
        return;
    buf_consume(&channel->out, channel->sent_bytes);
    for (size_t i = 0; i < channel->pending_count; i++)
        channel->pending[i].at_byte -= channel->sent_bytes;
    channel->sent_bytes = 0;
}

static void write_out(struct channel *channel)
{
    size_t before;
    do {
        before = channel->sent_bytes;
        if (!write_some(channel)) {
            // The peer is gone; what it said last is still to be read, and the end is seen there.
            buf_clear(&channel->out);
            channel->sent_bytes = 0;
            return;
        }
    } while (channel->sent_bytes > before && channel->sent_bytes < channel->out.length);
    drop_sent(channel);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct channel *channel = poll->data;
    if (status < 0)
        events = UV_READABLE; // recvmsg will tell
    if (events & UV_WRITABLE) {
        write_out(channel);
        if (channel->out.length == 0) {
            if (channel->finishing)
                channel_close(channel);
            else if (channel->events->drained)
                channel->events->drained(channel->owner, channel);
        }
    }
    if (!channel->closing && (events & UV_READABLE) && !channel->paused)
        read_some(channel);
    watch(channel);
}

struct channel *channel_new(uv_loop_t *loop, int fd, enum role self, enum role peer, bool take_descriptors,
                            const struct channel_events *events, void *owner)
{
    struct channel *channel = xcalloc(1, sizeof *channel);
    *channel = (struct channel){
        .fd = fd,
        .self = self,
        .peer = peer,
        .phase = PHASE_START | PHASE_RUN,
        .take_fds = take_descriptors,
        .events = events,
        .owner = owner,
        .in = buf_new(FRAME_HEADER_SIZE + 2 * FRAME_MAX),
        .out = buf_new(CHANNEL_QUEUE_MAX),
    };
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    require(uv_poll_init(loop, &channel->poll, fd) == 0);
    channel->poll.data = channel;
    watch(channel);
    return channel;
}

void channel_phase(struct channel *channel, unsigned phase)
{
    channel->phase = phase;
}

void channel_pause(struct channel *channel)
{
    channel->paused = true;
    watch(channel);
}

void channel_resume(struct channel *channel)
{
    if (!channel->paused)
        return;
    channel->paused = false;
    dispatch(channel);
    watch(channel);
}

bool channel_send_fds(struct channel *channel, enum message_type type, const void *message, const int *fds,
                      size_t fd_count)
{
    struct err err;
    if (channel->closing)
        return false;
    const size_t start = channel->out.length;
    const bool room = channel->pending_count + fd_count <= PENDING_FDS_MAX ||
                      fail(&err, ERR_FRAME_ENCODE, message_name(type), "descriptors");
    if (!room || !wire_encode(&channel->out, type, message, &err)) {
        log_error("wire.send", "peer=%s message=%s error=%s", role_name(channel->peer), message_name(type),
                  err_name(err.code));
        close_because(channel, &err);
        return false;
    }
    for (size_t i = 0; i < fd_count; i++)
        channel->pending[channel->pending_count++] =
            (struct pending_fd){start, fcntl(fds[i], F_DUPFD_CLOEXEC, 3)};
    if (channel->held)
        return true;
    if (start == channel->sent_bytes)
        write_out(channel);
    watch(channel);
    return true;
}

void channel_hold(struct channel *channel)
{
    channel->held = true;
}

void channel_release(struct channel *channel)
{
    channel->held = false;
    if (channel->closing || channel->out.length == channel->sent_bytes)
        return;
    write_out(channel);
    watch(channel);
}

size_t channel_queued(const struct channel *channel)
{
    return channel->out.length - channel->sent_bytes;
}
