// The whole store from one place to another: `renki store copy`. In the host.
#ifndef RENKI_HOST_STORE_COPY_H
#define RENKI_HOST_STORE_COPY_H

#include "host/store/store.h"

struct store_copy {
    const char *from, *to; // as for store_open
    // Both are open and nothing is written yet: the time to confine oneself.
    bool (*opened)(void *owner, const struct store *from, const struct store *to, struct err *err);
    void (*table)(void *owner, const char *table, int64_t rows); // is copied and counted
    void *owner;
    int64_t tables, rows, audit_rows; // what was copied
};

// STORE_LOCKED while a host has either open; STORE_NOT_EMPTY, STORE_NOTHING. After a failure nothing was copied.
bool store_copy(struct store_copy *copy, struct err *err) MUST_CHECK;

#endif
