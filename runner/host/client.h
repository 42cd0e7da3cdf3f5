// Connections of command lines: requests in, answers out. In the host.
//
// A request is answered exactly once, by answer_done or answer_fail; events may come before. An answer outlives its
// client: what is said to nobody is dropped. Bodies are JSON.
#ifndef RENKI_HOST_CLIENT_H
#define RENKI_HOST_CLIENT_H

#include "host/host.h"

enum { BODY_MAX = 900000 };

struct answer;
struct answer_list { // answers that hear of the same thing
    struct answer **items;
    size_t count;
};

struct client *client_new(struct host *host, int fd);
void client_close_all(struct host *host);

// An answer that the host itself waits for: events and the one end are handed to these functions.
typedef void (*answer_on_event)(void *owner, const char *name, struct text body);
typedef void (*answer_on_end)(void *owner, struct text body, const struct err *failed);
struct answer *answer_for(answer_on_event on_event, answer_on_end on_end, void *owner);

// Take the answer: it is gone afterwards.
void answer_done(struct answer *answer, struct text body);
void answer_fail(struct answer *answer, const struct err *err);
// Nothing more than that it is on disk: for turn_after, whose owner is the answer.
void answer_stored(void *answer, const struct err *failed);
// What a writer over a buffer of BODY_MAX wrote; false when it did not fit: `what` is too much, the answer is not taken.
bool answer_written(struct answer *answer, const struct json_writer *writer, const char *what,
                    struct err *err) MUST_CHECK;
void answer_problems(struct answer *answer, const struct problems *problems);
void answer_event(const struct answer *answer, const char *name, struct text body);
size_t answer_queued(const struct answer *answer); // bytes that its client has not taken yet
bool answer_is_heard(const struct answer *answer); // whether its client is still there

// The host serves its workspace (listen.h) until the client of this answer goes.
void answer_begins_serving(struct answer *answer);

void answer_list_add(struct answer_list *list, struct answer *answer); // takes
void answer_list_dispose(struct answer_list *list);                    // must be empty

// A handler answers now or later; false means that it did not take the answer, and `err` is the reply.
typedef bool (*request_handler)(struct host *host, struct answer *answer, const struct json *body,
                                struct frame *frame, struct err *err);
// NULL when nothing is answered under this name.
request_handler request_find(struct text name, bool *needs_workspace);

#endif
