// Schedules whose share a host can't look into: since when, and whether people were told. In the host.
#ifndef RENKI_HOST_STORE_TROUBLES_H
#define RENKI_HOST_STORE_TROUBLES_H

#include "host/store/store.h"

struct trouble {
    bool found, told;
    int64_t since_ms;
    char *problem; // JSON, a list of one; NULL when there is none
};
void trouble_dispose(struct trouble *trouble);
bool store_trouble_find(struct store *store, struct trouble *out, const char *schedule, const char *host,
                        struct err *err) MUST_CHECK;
// Keeps the `since_ms` of one that is there.
bool store_trouble_put(struct store *store, const char *schedule, const char *host,
                       const struct trouble *trouble, struct err *err) MUST_CHECK;
bool store_trouble_drop(struct store *store, const char *schedule, const char *host,
                        struct err *err) MUST_CHECK;
// An array of { problem, since_ms, told }, the eldest first.
bool store_troubles_write(struct store *store, struct json_writer *out, const char *schedule,
                          struct err *err) MUST_CHECK;
// On all hosts: its file says something else now, or is gone.
bool store_troubles_forget(struct store *store, const char *schedule, struct err *err) MUST_CHECK;

#endif
