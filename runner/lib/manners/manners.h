// Opening hours and rates as the settings write them. In the host and in the gateway.
//
// Glossary: *hours* are minutes of a day of the wall clock, from the first to before the last, maybe over midnight; a
// *rate* is at most so many calls within any span of so many milliseconds.
#ifndef RENKI_MANNERS_H
#define RENKI_MANNERS_H

#include "lib/base/text.h"

enum { MINUTES_A_DAY = 1440, RATE_CALLS_MOST = 10000, RATE_SPAN_MS_MOST = 24 * 3600 * 1000 };

struct hours {
    int from_minute, to_minute;
};
// "06:00-20:00", "22:00-06:00", "08:00-24:00".
bool hours_read(struct hours *out, struct text text) MUST_CHECK;
bool hours_are_open(struct hours hours, int minute);
// Minutes from `minute` until it opens; 0: it is open.
int hours_until_open(struct hours hours, int minute);

struct rate {
    int64_t calls, span_ms;
};
// "100 per 60 s"; units s, min, h.
bool rate_read(struct rate *out, struct text text) MUST_CHECK;
// The share of one of `hosts` that keep the rate together: fewer calls, or one in a longer span.
struct rate rate_share(struct rate rate, int64_t hosts);

#endif
