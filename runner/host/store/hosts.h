// The hosts that share a store, and the robots' trees that they lend each other. In the host.
//
// 1. A host's number is its fencing number: drawn once, never given again. It stands for the store's own transactions:
//    when another host declares it gone, none of them can commit any more (HOST_FENCED), whatever it had in hand.
// 2. In SQLite there is one machine, and the system knows which process lives; nobody is fenced there.
#ifndef RENKI_HOST_STORE_HOSTS_H
#define RENKI_HOST_STORE_HOSTS_H

#include "host/store/store.h"

struct host_row {
    const char *name, *identity, *version;
    bool serving;
    int64_t places;
};
// Whether several hosts may share this store.
bool store_is_shared(const struct store *store);
bool store_host_add(struct store *store, int64_t *number, const struct host_row *row,
                    struct err *err) MUST_CHECK;
// It lives; *drained: an administrator lets it start nothing.
bool store_host_beat(struct store *store, bool *drained, int64_t number, struct err *err) MUST_CHECK;
bool store_host_serves(struct store *store, int64_t number, struct err *err) MUST_CHECK;
// It ends by itself. One that only served a command line leaves no row behind.
bool store_host_leave(struct store *store, int64_t number, struct err *err) MUST_CHECK;
typedef bool (*store_host_visitor)(void *owner, int64_t number, const char *identity, int64_t beat_ms,
                                   bool serving, struct err *err);
// Those that are not gone, but for this one.
bool store_hosts_others(struct store *store, int64_t number, store_host_visitor visit, void *owner,
                        struct err *err) MUST_CHECK;
// Declares it gone and fences it, unless its beat is `before_ms` or later by now, or another host is about to do it.
bool store_host_end(struct store *store, bool *ended, int64_t number, int64_t before_ms,
                    struct err *err) MUST_CHECK;
// `which`: its number or its name, of those that serve. *number is 0 when there is none.
bool store_host_drain(struct store *store, int64_t *number, const char *which, bool drained,
                      const char *actor, struct err *err) MUST_CHECK;
// As STORE_… of store_view: hosts that serve or have a run, and those that went within a day.
bool store_hosts_view(struct store *store, struct json_writer *out, struct err *err) MUST_CHECK;
// Runs whose host is not there any more.
bool store_runs_orphaned(struct store *store, store_run_visitor visit, void *owner,
                         struct err *err) MUST_CHECK;
// Fenced: a new beginning, as nobody yet. Nothing may be begun.
void store_renew(struct store *store);

// How many of the run's input files have this content.
bool store_input_count_of(struct store *store, int64_t *count, int64_t run, const char *sha256,
                          struct err *err) MUST_CHECK;

// ---- trees: what runs are pinned to, so that any host can go on with them
bool store_tree_put(struct store *store, const char *tree, struct text content, struct err *err) MUST_CHECK;
bool store_tree_is_kept(struct store *store, bool *kept, const char *tree, struct err *err) MUST_CHECK;
typedef bool (*store_tree_visitor)(void *owner, struct text content, struct err *err);
// Hands the content to `visit` (borrowed) if it is there.
bool store_tree_find(struct store *store, const char *tree, store_tree_visitor visit, void *owner,
                     struct err *err) MUST_CHECK;

#endif
