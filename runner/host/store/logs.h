// Logs of runs, where hosts share the store: lines on their way, in parts, and the files that they are kept in. In the host.
//
// A run's log is its files one after another, and behind them its parts. Parts are numbered from 1 and never again; a file
// holds all parts up to its `last`. So what was read of the parts is found again in the file that takes their place.
#ifndef RENKI_HOST_STORE_LOGS_H
#define RENKI_HOST_STORE_LOGS_H

#include "host/store/store.h"

enum { LOG_PART_MAX = 1 << 20 };

bool store_log_add(struct store *store, int64_t run, struct text lines, struct err *err) MUST_CHECK;
typedef bool (*store_log_visitor)(void *owner, int64_t part, struct text lines, struct err *err);
// Parts after that one, at most so many, in order.
bool store_log_parts(struct store *store, int64_t run, int64_t after, int64_t most, store_log_visitor visit,
                     void *owner, struct err *err) MUST_CHECK;

struct log_file {
    int64_t after, last; // it holds the parts after the one, up to the other; last 0: there is none
    int64_t size_bytes;
    char sha256[65];
    char *path; // the caller's
};
// The first file with parts after that one.
bool store_log_file(struct store *store, struct log_file *out, int64_t run, int64_t after,
                    struct err *err) MUST_CHECK;
// Whether the store knows of any line of it.
bool store_log_is_there(struct store *store, bool *there, int64_t run, struct err *err) MUST_CHECK;
// The file takes the place of its parts; nothing where another host was first.
bool store_log_keep(struct store *store, int64_t run, const struct log_file *file,
                    struct err *err) MUST_CHECK;
// A run that is over since then and still has parts; 0: none.
bool store_log_unkept(struct store *store, int64_t *run, int64_t ended_before_ms, struct err *err) MUST_CHECK;

#endif
