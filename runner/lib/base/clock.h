// The two clocks. In every process.
#ifndef RENKI_BASE_CLOCK_H
#define RENKI_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_monotonic_ms(void); // for durations
int64_t clock_monotonic_us(void);
int64_t clock_realtime_ms(void); // since 1970-01-01T00:00:00Z, for records

// "2026-11-22T07:50:03.123Z" (UTC) into out, 25 bytes with NUL.
enum { CLOCK_TEXT_SIZE = 32 };
const char *clock_text(char out[CLOCK_TEXT_SIZE], int64_t realtime_ms);

#endif
