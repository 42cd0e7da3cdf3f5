// A connection on the event loop: frames in, frames out, with back pressure. In host, gateway and fake.
//
// 1. The owner is told of each whole frame; a frame that is malformed, too large or out of turn closes the channel.
// 2. Nothing is sent from inside channel_send: what does not go out at once is queued and written when the socket is
//    ready. The queue has a maximum; a peer that does not read is dropped when it is passed.
// 3. `closed` is called once, from the loop, never from inside a channel_ function; then the memory goes.
#ifndef RENKI_LOOP_CHANNEL_H
#define RENKI_LOOP_CHANNEL_H

#include "lib/wire/wire.h"

#include <uv.h>

struct channel;

struct channel_events {
    // `frame` is borrowed; descriptors the owner keeps it sets to -1 in frame->fds, the rest is closed afterwards.
    // False ends the connection: `err` says why and reaches `closed`.
    bool (*frame)(void *owner, struct channel *channel, struct frame *frame, struct err *err);
    // The connection is over: why->code is ERR_WIRE_CLOSED when the peer went away. Last call to the owner.
    void (*closed)(void *owner, struct channel *channel, const struct err *why);
    // The queue has become empty; may be NULL.
    void (*drained)(void *owner, struct channel *channel);
};

enum { CHANNEL_QUEUE_MAX = 8 << 20 };

// Takes the descriptor and makes it non-blocking. `take_fds`: whether passed descriptors are received; never from robots.
struct channel *channel_new(uv_loop_t *loop, int fd, enum role self, enum role peer, bool take_fds,
                            const struct channel_events *events, void *owner);
// Closes soon (see 3). What is queued is lost; use channel_finish to send it first.
void channel_close(struct channel *channel);
void channel_finish(struct channel *channel);

// Which messages may come now; starts as PHASE_START | PHASE_RUN.
void channel_phase(struct channel *channel, unsigned phase);
// Stops and resumes reading: how a slow reader slows its peer.
void channel_pause(struct channel *channel);
void channel_resume(struct channel *channel);

// Between these two what is sent is only gathered, and leaves with one system call.
void channel_hold(struct channel *channel);
void channel_release(struct channel *channel);

// channel_send(channel, MESSAGE_OF(STORED, .problem = TEXT_OF("null"))). Descriptors are duplicated, so they stay the
// caller's. False when the message can't be encoded (our bug) or the queue is over its maximum: the channel closes.
#define channel_send(channel, ...) channel_send_fds(channel, __VA_ARGS__, NULL, 0)
bool channel_send_fds(struct channel *channel, enum message_type type, const void *message, const int *fds,
                      size_t fd_count);
size_t channel_queued(const struct channel *channel); // bytes not yet taken by the kernel

#endif
