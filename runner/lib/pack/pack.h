// A git pack judged before it is unpacked: the sizes it claims, and that it keeps to them. In the sync process.
//
// 1. Nothing is kept of what is unpacked; memory is 16 bytes an object.
// 2. Each object's stream must be exactly as long as its head says: whoever reads it afterwards allocates what was
//    counted here.
// 3. The depth is that of deltas by offset. A delta by name counts as the first of its chain: where it stands is known
//    only by unpacking; the time that such chains take is bounded by the process.
#ifndef RENKI_PACK_H
#define RENKI_PACK_H

#include "lib/base/text.h"

struct pack_limits {
    size_t objects, object_bytes, unpacked_bytes, delta_depth;
};

// NULL: it is within the limits. Else why not, in words of reasons.def.
const char *pack_check(struct text pack, const struct pack_limits *limits);

#endif
