// Queues of work items, as runs use them: what their workers ask and are told. In the host.
//
// 1. An item is on disk before its robot hears that it was added, leased before the robot sees it, and ended, with the
//    entry in the run's journal, before the next one.
// 2. A rehearsal adds nothing and takes nothing: it goes through what is new.
// 3. What a run has when it is over goes back (items_over).
#ifndef RENKI_HOST_ITEMS_H
#define RENKI_HOST_ITEMS_H

#include "host/session.h"
#include "host/store/items.h"

// Handlers of a worker's messages, for the table of worker.c.
bool items_on_add(struct session *session, struct frame *frame, struct err *err);
bool items_on_take(struct session *session, struct frame *frame, struct err *err);
bool items_on_find(struct session *session, struct frame *frame, struct err *err);
bool items_on_past(struct session *session, struct frame *frame, struct err *err);
bool items_on_done(struct session *session, struct frame *frame, struct err *err);
bool items_on_count(struct session *session, struct frame *frame, struct err *err);
bool items_on_expect(struct session *session, struct frame *frame, struct err *err);

// For over.c.
bool items_over(struct host *host, const struct run_row *run, enum run_state state,
                struct err *err) MUST_CHECK;

// ---- for schedules that start a robot when items wait
// How many of the queue are new, and the number of the newest of them.
bool items_waiting(struct host *host, int64_t *count, int64_t *newest, const char *queue,
                   struct err *err) MUST_CHECK;
// Called after items were added to a queue and are on disk, or came back to it; one listener a host.
typedef void (*items_listener)(struct host *host, const char *queue);
void items_listen(struct host *host, items_listener listener);
// Tells the listener once this turn is committed.
void items_tell_added(struct host *host, struct text queue);

#endif
