// Files that outlive the run they come from (what it attached, what it logged), in the place that the settings name: this
// workspace, a folder or a bucket that all hosts reach. In the host.
//
// A kept file is known by its place, as people are shown it (".renki/artifacts/7/x.csv", "/mnt/renki/7/x.csv",
// "https://s3.example/bucket/7/x.csv"), its size and its SHA-256, which the store remembers.
#ifndef RENKI_HOST_KEPT_H
#define RENKI_HOST_KEPT_H

#include "host/copies.h"

// `failed` NULL: it is kept at `place` (borrowed).
typedef void (*kept_done)(void *owner, const char *place, const struct copied *content,
                          const struct err *failed);
// Copies an open file to GROUP/NAME; the descriptor is duplicated. `done` comes once, later or before this returns.
// FILE_…, BUCKET_…
void kept_put(struct host *host, int from, const char *group, const char *name, int64_t most_bytes,
              kept_done done, void *owner);

// `fd`: open for reading, at its beginning, closed after the call.
typedef void (*kept_opened)(void *owner, int fd, const struct err *failed);
// `content`: what it must be, checked where it comes from a bucket. `done` comes once, later or before this returns.
// FILE_UNREADABLE, BUCKET_…
void kept_open(struct host *host, const char *place, const struct copied *content, kept_opened done,
               void *owner);

#endif
