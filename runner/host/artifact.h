// What a run attaches: taken out of its folder and kept. In the host.
#ifndef RENKI_HOST_ARTIFACT_H
#define RENKI_HOST_ARTIFACT_H

#include "host/copies.h"
#include "host/handlers.h"

// Records in the turn what artifact_ahead has copied to .renki/artifacts/RUN/NAME, or to the place that the setting
// `artifacts` names. ATTACH_REFUSED for all but a regular file with one name inside the run's folder; FILE_…, BUCKET_…
bool artifact_take(struct session *session, struct text path, struct text title, struct err *err) MUST_CHECK;

// Files are copied, and go to a bucket, before the message that names them is handled: true when they are on their way,
// and `handle` gets a copy of the frame later, with artifact_take for just these. False: nothing is to wait for (a test).
// One at a time.
enum { ARTIFACTS_AHEAD_MAX = 20 };
bool artifact_ahead(struct session *session, const struct frame *frame, const struct text *paths,
                    size_t count, message_handler handle);

#endif
