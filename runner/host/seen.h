// Which keys a run has named, and at which position: finds a key that comes twice. In the host.
//
// Keeps 16 bytes of a keyed hash instead of the key: a million items take 50 MB at most, and two keys that differ are
// never taken for one (2^-88 for a million).
#ifndef RENKI_HOST_SEEN_H
#define RENKI_HOST_SEEN_H

#include "lib/base/text.h"

struct seen;
struct seen *seen_new(void);
void seen_free(struct seen *seen);
// True when the pair is new, or was seen at this very position. Else *first is where.
bool seen_add(struct seen *seen, struct text scope, struct text key, int64_t position, int64_t *first);

#endif
