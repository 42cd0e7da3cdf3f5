// Files copied beside the loop, on libuv's threads: a folder that is slow keeps nobody waiting but those who asked, and the
// host goes on telling that it lives. In the host.
//
// 1. `done` comes once, from the loop, never before copies_begin returns. Whoever is told must still be there.
// 2. One file after another; the first that fails ends it. What was copied until then stays.
// 3. A thread knows its descriptors and names and nothing else of the host.
#ifndef RENKI_HOST_COPIES_H
#define RENKI_HOST_COPIES_H

#include "host/host.h"

enum { SHA256_SIZE = 65, COPIES_MAX = 1000 };

struct copied {
    int64_t size_bytes;
    char sha256[SHA256_SIZE]; // in hex
};

struct copies;
// `failed` NULL: all are copied, `copied` tells of each, in the order of copies_add (borrowed).
typedef void (*copies_done)(void *owner, const struct copied *copied, const struct err *failed);
struct copies *copies_new(struct host *host, copies_done done, void *owner);
// From an open file to a new one at `path` below the folder (AT_FDCWD: the workspace). Descriptors are duplicated.
// COPIES_MAX at most.
void copies_add(struct copies *copies, int from, int folder, const char *path, int64_t most_bytes);
void copies_begin(struct copies *copies); // takes it
void copies_free(struct copies *copies);  // one that was not begun

// One file, at once, for who keeps no fleet waiting. FILE_UNREADABLE, FILE_UNWRITABLE, FILE_TOO_LARGE
bool copy_file(struct copied *out, int from, int folder, const char *path, int64_t most_bytes,
               struct err *err) MUST_CHECK;

#endif
