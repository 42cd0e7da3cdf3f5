// One zone file (RFC 8536), read into the changes of its offset. Only zone.c needs it.
#ifndef RENKI_CALENDAR_TZIF_H
#define RENKI_CALENDAR_TZIF_H

#include "lib/calendar/rule.h"

enum { TZIF_BYTES_MAX = 64 << 10, TZIF_CHANGES_MAX = 4000 };

struct tzif {
    size_t count;
    int64_t *times;       // ascending, seconds since 1970-01-01T00:00Z
    int32_t *offsets;     // from times[i] on, seconds east of UTC
    int32_t first_offset; // before times[0]
    bool has_rule;        // after the last time
    struct rule rule;
};

// False when the bytes are no zone file of version 2 or later, or are damaged.
bool tzif_parse(struct tzif *out, struct text bytes) MUST_CHECK;
void tzif_dispose(struct tzif *tzif);
bool tzif_equal(const struct tzif *a, const struct tzif *b);

#endif
