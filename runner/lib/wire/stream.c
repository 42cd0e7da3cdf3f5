// The blocking connection of wire.h, and the two system calls that both kinds of connection share.
#include "lib/base/clock.h"
#include "lib/wire/wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_CHUNK = 65536,
    OUT_KEPT = 65536
}; // OUT_KEPT: of the buffer for sending, from one message to the next

long wire_write(int fd, struct text bytes, const int *fds, size_t fd_count)
{
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(FRAME_FDS_MAX * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes.data, .iov_len = bytes.length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd_count) {
        require(fd_count <= FRAME_FDS_MAX);
        memset(&control, 0, sizeof control);
        message.msg_control = control.room;
        message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        memcpy(CMSG_DATA(header), fds, fd_count * sizeof(int));
    }
    long sent;
    do
        sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent;
}

static void take_fds(struct msghdr *message, int *fds, size_t *fd_count)
{
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
            if (*fd_count < FRAME_FDS_MAX)
                fds[(*fd_count)++] = fd;
            else
                close(fd);
        }
    }
}

long wire_read(int fd, struct buf *in, int *fds, size_t *fd_count)
{
    char *room = buf_reserve(in, READ_CHUNK);
    require(room);
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(FRAME_FDS_MAX * sizeof(int))];
    } control;
    struct iovec part = {.iov_base = room, .iov_len = READ_CHUNK};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (fds) {
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;
    }
    long got;
    do
        got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got > 0) {
        in->length += (size_t)got;
        if (fds)
            take_fds(&message, fds, fd_count);
    }
    return got;
}

struct wire wire_new(int fd, enum role self, enum role peer, bool take_descriptors)
{
    return (struct wire){.fd = fd,
                         .self = self,
                         .peer = peer,
                         .phase = PHASE_START | PHASE_RUN,
                         .take_fds = take_descriptors,
                         .in = buf_new(FRAME_HEADER_SIZE + FRAME_MAX + READ_CHUNK),
                         .out = buf_new(FRAME_HEADER_SIZE + FRAME_MAX)};
}

void wire_dispose(struct wire *wire)
{
    for (size_t i = 0; i < wire->fd_count; i++)
        close(wire->fds[i]);
    if (wire->fd >= 0)
        close(wire->fd);
    wire->fd = -1;
    wire->fd_count = 0;
    buf_dispose(&wire->in);
    buf_dispose(&wire->out);
}

// Each descriptor travels with the first byte of its message, so those that came belong to the next message that may
// carry any.
static void hand_out_fds(struct wire *wire, struct frame *frame)
{
    const size_t most = message_fds_most(frame->type);
    if (most == 0)
        return;
    frame->fd_count = wire->fd_count < most ? wire->fd_count : most;
    memcpy(frame->fds, wire->fds, frame->fd_count * sizeof(int));
    for (size_t i = frame->fd_count; i < wire->fd_count; i++)
        close(wire->fds[i]);
    wire->fd_count = 0;
}

static bool wait_for_input(int fd, int timeout_ms, struct err *err)
{
    if (timeout_ms < 0)
        return true; // recvmsg waits itself
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    int ready;
    do
        ready = poll(&poll_fd, 1, timeout_ms);
    while (ready < 0 && errno == EINTR);
    return ready > 0 ? true : fail(err, ERR_WIRE_TIMEOUT, N(timeout_ms));
}

bool wire_receive(struct wire *wire, struct frame *frame, int timeout_ms, struct err *err)
{
    buf_consume(&wire->in, wire->used_bytes);
    wire->used_bytes = 0;
    for (;;) {
        if (!wire_find(frame, &wire->used_bytes, buf_text(&wire->in), wire->peer, wire->self, wire->phase,
                       err))
            return false;
        if (frame->type != MESSAGE_NONE) {
            hand_out_fds(wire, frame);
            return true;
        }
        wire->waiting = true;
        const bool ready = wait_for_input(wire->fd, timeout_ms, err);
        const long got =
            ready ? wire_read(wire->fd, &wire->in, wire->take_fds ? wire->fds : NULL, &wire->fd_count) : 0;
        wire->waiting = false;
        if (!ready)
            return false;
        if (got == 0 || (got < 0 && errno == ECONNRESET)) // reset: it was killed before it read what we sent
            return fail(err, ERR_WIRE_CLOSED, role_name(wire->peer));
        if (got < 0)
            return fail(err, ERR_SYSTEM, "recvmsg", strerror(errno));
    }
}

bool wire_expect(struct wire *wire, enum message_type type, void *message, struct json_document **document,
                 struct frame *frame, int timeout_ms, struct err *err)
{
    if (!wire_receive(wire, frame, timeout_ms, err))
        return false;
    if (frame->type == type)
        return wire_decode(document, message, frame, err);
    frame_close_fds(frame);
    return fail(err, ERR_FRAME_OUT_OF_TURN, role_name(wire->peer), message_name(frame->type));
}

static bool send_all(struct wire *wire, struct text rest, const int *fds, size_t count, struct err *err)
{
    while (rest.length) {
        const long sent = wire_write(wire->fd, rest, fds, count);
        if (sent < 0 && errno == EAGAIN) {
            struct pollfd poll_fd = {.fd = wire->fd, .events = POLLOUT};
            (void)poll(&poll_fd, 1, -1);
            continue;
        }
        if (sent < 0)
            return errno == EPIPE || errno == ECONNRESET ? fail(err, ERR_WIRE_CLOSED, role_name(wire->peer))
                                                         : fail(err, ERR_SYSTEM, "sendmsg", strerror(errno));
        rest = text_of(rest.data + sent, rest.length - (size_t)sent);
        count = 0;
    }
    return true;
}

bool wire_send_fds(struct wire *wire, enum message_type type, const void *message, const int *fds,
                   size_t count, struct err *err)
{
    buf_clear(&wire->out);
    if (!wire_encode(&wire->out, type, message, err))
        return false;
    wire->sending = true;
    const bool done = send_all(wire, buf_text(&wire->out), fds, count, err);
    wire->sending = !done; // half a frame may be out: nothing may follow it
    if (wire->out.capacity > OUT_KEPT)
        buf_dispose(&wire->out);
    return done;
}

bool wire_send(struct wire *wire, enum message_type type, const void *message, struct err *err)
{
    return wire_send_fds(wire, type, message, NULL, 0, err);
}
