// Runs that were called by another run, and what they give to it. In the host.
#ifndef RENKI_HOST_STORE_CALLS_H
#define RENKI_HOST_STORE_CALLS_H

#include "host/store/store.h"

// The last one counts.
bool store_result_put(struct store *store, int64_t run, struct text result, struct err *err) MUST_CHECK;
typedef bool (*store_called_visitor)(void *owner, struct text state, struct text fault, struct text result);
// How a called run stands: its state, its fault (JSON, may be empty) and its result (may be empty); borrowed.
bool store_called(struct store *store, int64_t run, store_called_visitor visit, void *owner,
                  struct err *err) MUST_CHECK;
// Whether a run that this one waits for is over.
bool store_call_answered(struct store *store, bool *answered, int64_t run, struct err *err) MUST_CHECK;
// Those that it called and that are not over, at most `most` of them.
bool store_children_live(struct store *store, int64_t *children, size_t *count, size_t most, int64_t run,
                         struct err *err) MUST_CHECK;
bool store_run_parent(struct store *store, int64_t *parent, int64_t run,
                      struct err *err) MUST_CHECK; // 0: none
// Until the end of the transaction nobody else changes this run: what is read of it next is as it is.
bool store_run_hold(struct store *store, int64_t run, struct err *err) MUST_CHECK;

#endif
