// A machine whose clock is an hour ahead: linked into a second renki, for the tests of fleets whose clocks differ.
#include <time.h>

int __real_clock_gettime(clockid_t clock, struct timespec *now); // NOLINT: the linker's name
int __wrap_clock_gettime(clockid_t clock, struct timespec *now); // NOLINT

int __wrap_clock_gettime(clockid_t clock, struct timespec *now) // NOLINT
{
    const int result = __real_clock_gettime(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME)
        now->tv_sec += 3600;
    return result;
}
