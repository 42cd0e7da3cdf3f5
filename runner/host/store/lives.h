// What people decided of robots: kept on beyond their review date, retired. In the host.
#ifndef RENKI_HOST_STORE_LIVES_H
#define RENKI_HOST_STORE_LIVES_H

#include "host/store/store.h"

struct life_row { // texts "" and times 0 for none
    char *retired_by, *retired_why;
    int64_t retired_ms;
    char *kept_until, *kept_by, *kept_why; // "2027-10-01"
    int64_t stage, told_ms;                // what people were told last, and when
};
void life_row_dispose(struct life_row *row);
// All empty where nothing was decided.
bool store_life_load(struct store *store, struct life_row *out, const char *robot,
                     struct err *err) MUST_CHECK;
// *retired_ms 0: it is not.
bool store_life_retired(struct store *store, int64_t *retired_ms, const char *robot,
                        struct err *err) MUST_CHECK;
bool store_life_retire(struct store *store, const char *robot, const char *by, const char *why,
                       struct err *err) MUST_CHECK;
bool store_life_revive(struct store *store, const char *robot, struct err *err) MUST_CHECK;
bool store_life_keep(struct store *store, const char *robot, const char *until, const char *by,
                     const char *why, struct err *err) MUST_CHECK;
bool store_life_told(struct store *store, const char *robot, int64_t stage, struct err *err) MUST_CHECK;
// A run of the robot that is not over, planned ones aside; 0: none.
bool store_life_unfinished(struct store *store, int64_t *run, const char *robot, struct err *err) MUST_CHECK;
// Names of the robot's schedules that are not paused.
typedef bool (*store_life_visitor)(void *owner, const char *schedule, struct err *err);
bool store_life_schedules(struct store *store, const char *robot, store_life_visitor visit, void *owner,
                          struct err *err) MUST_CHECK;
// How many secrets there are of this name: 0 or 1.
bool store_life_has_secret(struct store *store, int64_t *count, const char *name, struct err *err) MUST_CHECK;

#endif
