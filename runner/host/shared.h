// What a run was given, in the place that all hosts reach (the setting `artifacts`: a folder or a bucket). In the host.
//
// A run's input files are copied to inputs/FOLDER there before its row is there, FOLDER being the name of its own
// folder. A host that takes it over has no such folder, makes one and fetches them.
#ifndef RENKI_HOST_SHARED_H
#define RENKI_HOST_SHARED_H

#include "host/artifact.h"

// One of the files, in the run's folder.
struct shared_file {
    char path[INPUT_PATH_MAX]; // "in/NAME.suffix"
    int64_t size_bytes;
    char sha256[SHA256_SIZE];
};

// `failed` NULL: all is there. May come before the function that it was given to returns.
typedef void (*shared_done)(void *owner, const struct err *failed);

// How one kind of place does it.
struct shared_place {
    void (*keep)(struct session *session, const struct shared_file *files, size_t count, shared_done done,
                 void *owner);
    void (*fetch)(struct session *session, shared_done done, void *owner);
    void (*forget)(const struct session *session);
};
extern const struct shared_place shared_bucket; // shared_bucket.c

// Nothing without that setting. The session stays until `done`.
void shared_keep(struct session *session, const struct shared_file *files, size_t count, shared_done done,
                 void *owner);
// Into the session's new folder, which goes when it fails. RUN_FOLDER_GONE when they are not there or not what the run
// was given; BUCKET_…
void shared_fetch(struct session *session, shared_done done, void *owner);
void shared_forget(const struct session *session); // the run will never go on

#endif
