// Systems' manners: how many calls at once, how fast, at which hours; across all robots. In the gateway.
//
// A call passes two queues: its run's (when the system does not say how many at once), then its system's. First come,
// first served; a queue moves on when a call leaves it, or when its next moment has come.
#include "gateway/call.h"
#include "lib/base/clock.h"

#include <time.h>

struct queue {
    struct call *first, **end;
    int64_t active;
    int64_t next_us; // no call begins before
    // When the last calls began, as many as the system's rate counts; the number n stands at n modulo that.
    int64_t *begun, begun_count;
};

struct queue *queues_new(const struct outside *outside)
{
    struct queue *queues = xcalloc(outside->system_count + 1, sizeof *queues);
    for (size_t i = 0; i <= outside->system_count; i++) {
        queues[i].end = &queues[i].first;
        if (i < outside->system_count && outside->systems[i].rate.calls)
            queues[i].begun = xcalloc((size_t)outside->systems[i].rate.calls, sizeof *queues[i].begun);
    }
    return queues;
}

static struct queue *queue_of(const struct call *call)
{
    const struct gateway *gateway = call->run->gateway;
    return call->system ? &gateway->queues[call->system - gateway->outside->systems] : NULL;
}

static void append(struct call ***end, struct call *call)
{
    call->next_waiting = NULL;
    **end = call;
    *end = &call->next_waiting;
}

static void unlink_from(struct call **first, struct call ***end, struct call *call)
{
    for (struct call **at = first; *at; at = &(*at)->next_waiting)
        if (*at == call) {
            *at = call->next_waiting;
            if (!call->next_waiting)
                *end = at;
            return;
        }
}

static void begin(struct call *call)
{
    call->queued = QUEUE_PASSED;
    if (call->state == CALL_OVER) // broken off while it waited
        return;
    call->state = CALL_RUNNING;
    call->started_at_ms = clock_monotonic_ms();
    call->adapter->start(call);
}

static void wake_at(struct gateway *gateway, int64_t wait_us);

// How long no call may begin: the least time between two, and the rate, both shared with the other hosts.
static int64_t pause_us(const struct queue *queue, const struct system *system, int64_t hosts, int64_t now)
{
    int64_t wait = system->interval_us ? queue->next_us - now : 0;
    if (system->rate.calls) {
        const struct rate share = rate_share(system->rate, hosts);
        const int64_t before = queue->begun_count - share.calls;
        if (before >= 0) {
            const int64_t until = queue->begun[before % system->rate.calls] + 1000 * share.span_ms;
            wait = until - now > wait ? until - now : wait;
        }
    }
    return wait > 0 ? wait : 0;
}

static void note_begun(struct queue *queue, const struct system *system, int64_t hosts, int64_t now)
{
    queue->active++;
    queue->next_us = (now > queue->next_us ? now : queue->next_us) + hosts * system->interval_us;
    if (system->rate.calls)
        queue->begun[queue->begun_count++ % system->rate.calls] = now;
}

static void move_system(struct gateway *gateway, struct queue *queue, const struct system *system)
{
    const int64_t now = clock_monotonic_us();
    while (queue->first && (system->calls_at_once == 0 || queue->active < system->calls_at_once)) {
        const int64_t wait_us = pause_us(queue, system, gateway->hosts, now);
        if (wait_us) {
            wake_at(gateway, wait_us);
            return;
        }
        struct call *call = queue->first;
        unlink_from(&queue->first, &queue->end, call);
        note_begun(queue, system, gateway->hosts, now);
        begin(call);
    }
}

static void on_paced(uv_timer_t *timer)
{
    queues_pace(timer->data);
}

static void wake_at(struct gateway *gateway, int64_t wait_us)
{
    const uint64_t wait_ms = (uint64_t)(wait_us + 999) / 1000;
    if (uv_is_active((uv_handle_t *)&gateway->paced) && uv_timer_get_due_in(&gateway->paced) <= wait_ms)
        return;
    uv_timer_start(&gateway->paced, on_paced, wait_ms, 0);
}

void queues_pace(struct gateway *gateway)
{
    for (size_t i = 0; i < gateway->outside->system_count; i++)
        move_system(gateway, &gateway->queues[i], &gateway->outside->systems[i]);
}

static void enter_system(struct call *call)
{
    struct queue *queue = queue_of(call);
    if (!queue) {
        begin(call);
        return;
    }
    call->queued = QUEUE_OF_SYSTEM;
    append(&queue->end, call);
    move_system(call->run->gateway, queue, call->system);
}

static void move_run(struct run *run)
{
    while (run->waiting && run->active < run->limits.calls_at_once) {
        struct call *call = run->waiting;
        unlink_from(&run->waiting, &run->waiting_end, call);
        run->active++;
        call->own_bound = true;
        enter_system(call);
    }
}

static bool is_open_now(const struct system *system)
{
    const time_t now = (time_t)(clock_realtime_ms() / 1000);
    struct tm local;
    return !system->has_hours ||
           (localtime_r(&now, &local) && hours_are_open(system->hours, 60 * local.tm_hour + local.tm_min));
}

void queue_admit(struct call *call)
{
    struct err err;
    if (call->system && !is_open_now(call->system)) {
        (void)fail(&err, ERR_SYSTEM_CLOSED, call->system->name, call->system->hours_text);
        call_fail(call, &err);
        return;
    }
    if (call->system && call->system->calls_at_once) {
        enter_system(call);
        return;
    }
    call->queued = QUEUE_OF_RUN;
    append(&call->run->waiting_end, call);
    move_run(call->run);
}

void queue_leave(struct call *call)
{
    struct run *run = call->run;
    struct queue *queue = queue_of(call);
    if (call->queued == QUEUE_OF_RUN)
        unlink_from(&run->waiting, &run->waiting_end, call);
    else if (call->queued == QUEUE_OF_SYSTEM && queue)
        unlink_from(&queue->first, &queue->end, call);
    else if (call->queued == QUEUE_PASSED && queue)
        queue->active--;
    call->queued = QUEUE_NONE;
    if (queue)
        move_system(run->gateway, queue, call->system);
    if (call->own_bound) {
        call->own_bound = false;
        run->active--;
        move_run(run);
    }
}
