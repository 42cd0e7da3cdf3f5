// What a run was given, in the place that all hosts reach (the setting `artifacts`: a folder or a bucket). In the host.
//
// A run's input files are copied to inputs/FOLDER there before its row is there, FOLDER being the name of its own
// folder. A host that takes it over has no such folder, makes one and fetches them.
#ifndef RENKI_HOST_SHARED_H
#define RENKI_HOST_SHARED_H

#include "host/copies.h"
#include "host/session.h"

// One of the files, in the run's folder.
struct shared_file {
    char path[INPUT_PATH_MAX]; // "in/NAME.suffix"
    struct copied content;
};

// All of a run: `name` and `fd` are those of its folder.
struct shared_files {
    struct host *host;
    int64_t run; // 0: it has no row yet
    const char *name;
    int fd;
    const struct shared_file *items;
    size_t count;
};

// `failed` NULL: all is there. May come before the function that it was given to returns.
typedef void (*shared_done)(void *owner, const struct err *failed);

// How one kind of place does it. What it is given is borrowed.
struct shared_place {
    void (*keep)(const struct shared_files *files, shared_done done, void *owner);
    void (*fetch)(const struct shared_files *files, shared_done done, void *owner);
    void (*forget)(const struct shared_files *files);
};
extern const struct shared_place shared_bucket; // shared_bucket.c

// Nothing without that setting. What was copied of those that fail is removed.
void shared_keep(const struct shared_files *files, shared_done done, void *owner);
// Into the session's new folder; it stays until `done`. RUN_FOLDER_GONE when they are not there or not what the run was
// given; BUCKET_…
void shared_fetch(struct session *session, shared_done done, void *owner);
void shared_forget(const struct session *session);          // the run will never go on
void shared_forget_files(const struct shared_files *files); // the run never came to be

#endif
