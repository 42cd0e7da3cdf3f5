// What a run attaches: taken out of its folder and kept. In the host.
#ifndef RENKI_HOST_ARTIFACT_H
#define RENKI_HOST_ARTIFACT_H

#include "host/session.h"

// Copies the file to .renki/artifacts/RUN/NAME, or to the folder that the setting `artifacts` names, and records it in the turn. ATTACH_REFUSED for all but a regular file
// with one name inside the run's folder; FILE_…
bool artifact_take(struct session *session, struct text path, struct text title, struct err *err) MUST_CHECK;

// Copies `from` to a new file at `path` below `folder`; sha256 in hex (65 bytes with NUL).
enum { SHA256_SIZE = 65 };
bool copy_file(int from, int folder, const char *path, int64_t most_bytes, int64_t *size_bytes,
               char sha256[SHA256_SIZE], struct err *err) MUST_CHECK;

#endif
