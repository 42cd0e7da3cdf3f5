// Who watches a run that has no session: it waits for its turn, for its next attempt or for a person. In the host.
//
// A session has its own watchers while it lives; between two sessions of a run they are kept here, by its number.
#ifndef RENKI_HOST_WATCHES_H
#define RENKI_HOST_WATCHES_H

#include "host/client.h"

struct watch;

// Takes the answer; it hears of the run until its end.
void watches_add(struct host *host, int64_t run, struct answer *answer);
// Keeps a session's watchers; `list` is empty afterwards.
void watches_keep(struct host *host, int64_t run, struct answer_list *list);
// Hands them to the run's next session.
struct answer_list watches_take(struct host *host, int64_t run);
void watches_event(const struct host *host, int64_t run, const char *name, struct text body);
// Tells them how the run ended (the host's report) and lets go of them; after the commit.
void watches_end(struct host *host, int64_t run);
// Tells those whose run another host has ended.
void watches_ask(struct host *host);
void watches_free(struct host *host);

#endif
