// A machine whose clock is not right: linked into a second renki, for the tests of clocks that differ or are set.
//
// As it is, renki_ahead is an hour ahead. A copy of it under another name is ahead by as many seconds as the file
// NAME.clock beside it says, each time that somebody asks: a test that writes another number there (as long as the former
// one, in place) sets the clock of all its processes, which hear of it as the kernel would tell them, by an alarm that
// fails with ECANCELED. The file is mapped before main, for later the sandbox is shut.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { AN_HOUR = 3600, NUMBER_SIZE = 16, LOOK_NANOSECONDS = 100000000 };

static const char *written; // the mapped number, or NULL
static int alarm_fd = -1;   // a process has one alarm, of the host's queue
static struct itimerspec alarm_at;
static long heard;

int __real_clock_gettime(clockid_t clock, struct timespec *now); // NOLINT: the linker's names
int __wrap_clock_gettime(clockid_t clock, struct timespec *now); // NOLINT
int __real_timerfd_settime(int fd, int flags, const struct itimerspec *at, struct itimerspec *old); // NOLINT
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *at, struct itimerspec *old); // NOLINT
ssize_t __real_read(int fd, void *out, size_t size);                                                // NOLINT
ssize_t __wrap_read(int fd, void *out, size_t size);                                                // NOLINT

__attribute__((constructor)) static void map_number(void)
{
    char path[PATH_MAX + sizeof ".clock"] = "";
    const ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
    if (length <= 0)
        return;
    strcpy(path + length, ".clock"); // NOLINT: there is room
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *const mapped = fd < 0 ? MAP_FAILED : mmap(NULL, NUMBER_SIZE, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED)
        written = mapped;
    if (fd >= 0)
        close(fd);
}

static long seconds_ahead(void)
{
    return written ? strtol(written, NULL, 10) : AN_HOUR;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now) // NOLINT
{
    const int result = __real_clock_gettime(clock, now);
    if (result == 0 && clock == CLOCK_REALTIME)
        now->tv_sec += seconds_ahead();
    return result;
}

// It looks at the number ten times a second, as the kernel would not need to.
static int look_soon(int fd)
{
    const struct itimerspec soon = {.it_value.tv_nsec = LOOK_NANOSECONDS};
    return __real_timerfd_settime(fd, 0, &soon, NULL);
}

int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *at, struct itimerspec *old) // NOLINT
{
    if (!written || !(flags & TFD_TIMER_ABSTIME))
        return __real_timerfd_settime(fd, flags, at, old);
    if (fd != alarm_fd)
        heard = seconds_ahead();
    alarm_fd = fd;
    alarm_at = *at;
    return look_soon(fd);
}

static int is_past(const struct itimerspec *at)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec > at->it_value.tv_sec ||
           (now.tv_sec == at->it_value.tv_sec && now.tv_nsec >= at->it_value.tv_nsec);
}

ssize_t __wrap_read(int fd, void *out, size_t size) // NOLINT
{
    const ssize_t length = __real_read(fd, out, size);
    if (length <= 0 || !written || fd != alarm_fd)
        return length;
    const long ahead = seconds_ahead();
    const int set = ahead != heard;
    heard = ahead;
    if (!set && is_past(&alarm_at))
        return length;
    look_soon(fd);
    errno = set ? ECANCELED : EAGAIN;
    return -1;
}
