// A role started as a child: its process, its socket, its end. In the host.
#ifndef RENKI_HOST_CHILD_H
#define RENKI_HOST_CHILD_H

#include "host/host.h"

struct child;

struct child_events {
    bool (*frame)(void *owner, struct channel *channel, struct frame *frame, struct err *err);
    // The process has ended and the socket is closed; last call, after it the child is freed. `why` is what ended the
    // socket (WIRE_CLOSED when the child just went).
    void (*ended)(void *owner, const struct err *why);
};

// Starts `renki ROLE`.
bool child_start(struct child **out, struct host *host, enum role role, bool take_fds,
                 const struct child_events *events, void *owner, struct err *err) MUST_CHECK;
struct channel *child_channel(struct child *child); // NULL when closed
// Ends it now (SIGKILL); `ended` comes from the loop.
void child_stop(struct child *child);
// `ended` will not be called any more.
void child_disown(struct child *child);

#endif
