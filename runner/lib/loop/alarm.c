// See alarm.h. timerfd_create(2): TFD_TIMER_CANCEL_ON_SET makes reading fail with ECANCELED after a jump of the clock.
#include "lib/loop/alarm.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { MS = 1000, NANOSECONDS_OF_MS = 1000000 };
#define FAR_SECONDS (INT32_MAX * 2LL) // the year 2106

struct alarm {
    uv_poll_t poll;
    int fd;
    alarm_rings rings;
    void *owner;
};

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct alarm *alarm = poll->data;
    uint64_t times;
    (void)status, (void)events;
    if (read(alarm->fd, &times, sizeof times) < 0 && errno == EAGAIN)
        return;
    alarm->rings(alarm->owner);
}

bool alarm_new(struct alarm **out, uv_loop_t *loop, alarm_rings rings, void *owner, struct err *err)
{
    const int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0)
        return fail(err, ERR_SYSTEM, "timerfd_create", strerror(errno));
    struct alarm *alarm = xcalloc(1, sizeof *alarm);
    *alarm = (struct alarm){.fd = fd, .rings = rings, .owner = owner};
    require(uv_poll_init(loop, &alarm->poll, fd) == 0);
    alarm->poll.data = alarm;
    uv_poll_start(&alarm->poll, UV_READABLE, on_ready);
    *out = alarm;
    return true;
}

void alarm_set(struct alarm *alarm, int64_t realtime_ms)
{
    // 0 would disarm it, and what lies too far for the kernel is never.
    const int64_t ms = realtime_ms < 1 ? 1 : realtime_ms;
    struct itimerspec when = {.it_value = {.tv_sec = ms / MS, .tv_nsec = ms % MS * NANOSECONDS_OF_MS}};
    if (when.it_value.tv_sec > FAR_SECONDS)
        when.it_value.tv_sec = FAR_SECONDS;
    // ECANCELED: the clock was set since the last time, which this call has not heard; it is armed all the same.
    if (timerfd_settime(alarm->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL) != 0)
        require(errno == ECANCELED);
}

static void on_closed(uv_handle_t *handle)
{
    struct alarm *alarm = handle->data;
    close(alarm->fd);
    xfree(alarm);
}

void alarm_free(struct alarm *alarm)
{
    if (alarm)
        uv_close((uv_handle_t *)&alarm->poll, on_closed);
}
