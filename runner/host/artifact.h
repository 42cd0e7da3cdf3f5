// What a run attaches: taken out of its folder and kept. In the host.
#ifndef RENKI_HOST_ARTIFACT_H
#define RENKI_HOST_ARTIFACT_H

#include "host/session.h"

// Copies the file to .renki/artifacts/RUN/NAME, or to the place that the setting `artifacts` names, and records it in the
// turn. ATTACH_REFUSED for all but a regular file with one name inside the run's folder; FILE_…, BUCKET_…
bool artifact_take(struct session *session, struct text path, struct text title, struct err *err) MUST_CHECK;

// Files go to a bucket before the message that names them is handled: true when they are on their way, and `handle` gets
// a copy of the frame later, with artifact_take for just these. False: nothing is to wait for. One at a time.
enum { ARTIFACTS_AHEAD_MAX = 20 };
typedef bool (*artifact_handler)(struct session *session, struct frame *frame, struct err *err);
bool artifact_ahead(struct session *session, const struct frame *frame, const struct text *paths,
                    size_t count, artifact_handler handle);

// Copies `from` to a new file at `path` below `folder`; sha256 in hex (65 bytes with NUL).
enum { SHA256_SIZE = 65 };
bool copy_file(int from, int folder, const char *path, int64_t most_bytes, int64_t *size_bytes,
               char sha256[SHA256_SIZE], struct err *err) MUST_CHECK;

#endif
