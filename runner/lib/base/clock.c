// See clock.h.
#include "lib/base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_ms(void)
{
    return clock_monotonic_us() / 1000;
}

int64_t clock_realtime_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000;
}

const char *clock_text(char out[CLOCK_TEXT_SIZE], int64_t realtime_ms)
{
    const time_t seconds = (time_t)(realtime_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char whole[24];
    strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out, CLOCK_TEXT_SIZE, "%s.%03dZ", whole, (int)(realtime_ms % 1000));
    return out;
}
