// An alarm on the real-time clock: what is due at an instant, however the machine slept or its clock was set meanwhile.
// In the host.
//
// A loop's own timers count the time that the machine was awake. This one is told of an instant (milliseconds since
// 1970, UTC): it rings when the clock has passed it, and at once when somebody set the clock, forth or back, or the
// machine wakes from sleep. So it may ring early: whoever hears it looks at the clock and sets it again.
#ifndef RENKI_LOOP_ALARM_H
#define RENKI_LOOP_ALARM_H

#include "lib/base/err.h"

#include <uv.h>

struct alarm;

typedef void (*alarm_rings)(void *owner);
// It hears of the clock being set from the first alarm_set on.
bool alarm_new(struct alarm **out, uv_loop_t *loop, alarm_rings rings, void *owner,
               struct err *err) MUST_CHECK;
// One instant at a time; INT64_MAX: none, but the clock being set is still heard.
void alarm_set(struct alarm *alarm, int64_t realtime_ms);
void alarm_free(struct alarm *alarm); // its memory goes in the loop; accepts NULL

#endif
