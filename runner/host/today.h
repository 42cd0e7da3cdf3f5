// What day it is where the workspace is. In the host.
#ifndef RENKI_HOST_TODAY_H
#define RENKI_HOST_TODAY_H

#include "host/host.h"

// In the settings' time zone; UTC when the machine does not know the zone.
struct date today(struct host *host);
// The day at that time (ms since 1970); 0: today.
struct date day_of(struct host *host, int64_t time_ms);
// What its wall clock shows now, in seconds, as if it showed UTC.
int64_t local_seconds(struct host *host, int64_t now_ms);
// When that day is over there (ms since 1970).
int64_t day_end_ms(struct host *host, struct date day);

#endif
