// What becomes of a due run whose schedule has an earlier one that is not over: overlap = "skip" leaves it out, "replace"
// cancels the earlier one, "wait" lets it wait its turn (the queue's lanes do that). In the host.
//
// run_due hands its rows to overlaps_note while its statement goes on; overlaps_settle decides afterwards, in the same
// transaction.
#ifndef RENKI_HOST_OVERLAPS_H
#define RENKI_HOST_OVERLAPS_H

#include "host/host.h"

struct overlapping;
struct overlaps {
    struct overlapping *items;
    size_t count;
};
bool overlaps_note(void *overlaps, const struct run_due *due, struct err *err);
// Empties the list.
bool overlaps_settle(struct host *host, struct overlaps *overlaps, struct err *err) MUST_CHECK;

#endif
