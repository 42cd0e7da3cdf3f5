// Runs of what nobody approved, which two administrators wanted: who asked, who allowed, why. Rows stay for ever. In the
// host.
#ifndef RENKI_HOST_STORE_EMERGENCIES_H
#define RENKI_HOST_STORE_EMERGENCIES_H

#include "host/store/store.h"

// Texts are never NULL; `account` is who told the host ("": signed by the person), `signed_` what the person signed.
struct emergency_word {
    char *by, *account, *signed_;
    int64_t time_ms;
};
struct emergency_row {
    int64_t run;
    char *robot, *tree, *why;
    struct emergency_word asked, allowed; // allowed.by "": by nobody yet
};
void emergency_row_dispose(struct emergency_row *row);

// times are the store's own.
bool store_emergency_add(struct store *store, const struct emergency_row *row, struct err *err) MUST_CHECK;
// *changed false: there is none, or somebody has allowed it.
bool store_emergency_allow(struct store *store, bool *changed, int64_t run, const struct emergency_word *word,
                           struct err *err) MUST_CHECK;
// *found false: the run is none; *out is empty then.
bool store_emergency_load(struct store *store, struct emergency_row *out, bool *found, int64_t run,
                          struct err *err) MUST_CHECK;
// The newest first, of one robot (NULL: of all); the row is lent.
typedef bool (*store_emergency_visitor)(void *owner, const struct emergency_row *row, struct err *err);
bool store_emergencies(struct store *store, const char *robot, int64_t most, store_emergency_visitor visit,
                       void *owner, struct err *err) MUST_CHECK;

#endif
