// Files that hosts share through a bucket: the gateway holds its login and does the calls, the host hands over files. In
// the host.
//
// 1. `done` may come before the function returns. It comes once, whatever happens to the gateway.
// 2. Where the bucket can't be reached, a file is tried KEEP_TRIES times in all, with growing pauses; the loop never waits.
// 3. The descriptor is duplicated; a file that is fetched is written from its beginning.
#ifndef RENKI_HOST_KEEP_H
#define RENKI_HOST_KEEP_H

#include "host/artifact.h"

enum { KEEP_TRIES = 4, KEEP_KEY_MAX = 1024 };

struct kept_file {
    const char *key; // without the prefix
    int64_t size_bytes;
    const char *sha256;
};

// `failed` NULL: done. BUCKET_…, LOGIN_…, SECRET_UNKNOWN
typedef void (*keep_done)(void *owner, const struct err *failed);
void keep_put(struct host *host, const struct kept_file *file, int fd, keep_done done, void *owner);
void keep_get(struct host *host, const struct kept_file *file, int fd, keep_done done, void *owner);
// What is not there is removed, too.
void keep_remove(struct host *host, const char *key, keep_done done, void *owner);

// `name` with all bytes but letters, digits, '.', '-' and '_' written as ~XX, which every bucket takes as it is.
char *keep_name(const char *name);

// KEEP_DONE of the gateway; a gateway that is gone.
bool keep_on_done(struct host *host, struct frame *frame, struct err *err) MUST_CHECK;
void keep_on_lost(struct host *host, int64_t generation);

#endif
