// See hosts.h.
#include "host/hosts.h"

#include "host/freezes.h"
#include "host/identity.h"
#include "host/logs.h"
#include "host/lost.h"
#include "host/manners.h"
#include "host/queue.h"
#include "host/session.h"
#include "host/store/hosts.h"
#include "host/turn.h"
#include "host/watches.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <unistd.h>

enum {
    POLL_MS = 250,
    BEAT_MS = 2000,
    LEASE_MS = 8000,
    JUDGE_MS = 1000,
    LATE_MS = 2 * BEAT_MS, // since its last beat: it may have been cut off or asleep itself
    NAME_MAX_BYTES = 256,
    OTHERS_MAX = 1000
};

struct hosts {
    struct host *host;
    uv_timer_t timer;
    char name[NAME_MAX_BYTES];
    int64_t number; // 0: no row
    bool shared, fenced, drained;
    int64_t beaten_ms, steady_ms, asked_ms, judged_ms; // monotonic
};

// ---- judging

struct suspects {
    const struct hosts *hosts;
    int64_t now_ms; // by the store's clock
    int64_t numbers[OTHERS_MAX], before_ms[OTHERS_MAX];
    size_t count;
};

static bool is_steady(const struct hosts *hosts, int64_t now)
{
    return now - hosts->beaten_ms < LATE_MS && hosts->beaten_ms - hosts->steady_ms >= LEASE_MS;
}

// A process of this machine that is gone is known to be; of all others only their beat tells.
static bool suspect(void *owner, int64_t number, const char *identity, int64_t beat_ms, bool serving,
                    struct err *err)
{
    struct suspects *suspects = owner;
    (void)serving, (void)err;
    const enum life life = identity_life(identity);
    const bool gone = life == LIFE_GONE || (life == LIFE_ELSEWHERE && !suspects->hosts->shared);
    const bool late = suspects->hosts->shared && beat_ms < suspects->now_ms - LEASE_MS &&
                      is_steady(suspects->hosts, clock_monotonic_ms());
    if ((!gone && !late) || suspects->count == OTHERS_MAX)
        return true;
    suspects->numbers[suspects->count] = number;
    suspects->before_ms[suspects->count++] = gone ? INT64_MAX : suspects->now_ms - LEASE_MS;
    return true;
}

static bool end_one(struct hosts *hosts, int64_t number, int64_t before_ms, struct err *err)
{
    bool ended = false;
    if (!store_host_end(hosts->host->store, &ended, number, before_ms, err))
        return false;
    if (ended)
        log_error("host.gone", "number=%lld by=%lld", (long long)number, (long long)hosts->number);
    return true;
}

static bool judge(struct hosts *hosts, struct err *err)
{
    struct host *host = hosts->host;
    struct suspects *suspects = xcalloc(1, sizeof *suspects);
    suspects->hosts = hosts;
    suspects->now_ms = store_now_ms(host->store);
    bool good = store_hosts_others(host->store, hosts->number, suspect, suspects, err);
    if (good && suspects->count) {
        good = turn_begin(host, err);
        for (size_t i = 0; good && i < suspects->count; i++)
            good = end_one(hosts, suspects->numbers[i], suspects->before_ms[i], err);
        if (!good)
            turn_spoil(host, err);
    }
    xfree(suspects);
    return good && (!hosts->shared || lost_give_back(host, err));
}

// ---- beating and asking

static void on_beaten(void *owner, const struct err *failed)
{
    struct hosts *hosts = owner;
    const int64_t now = clock_monotonic_ms();
    if (failed)
        return;
    if (now - hosts->beaten_ms > LATE_MS)
        hosts->steady_ms = now;
    hosts->beaten_ms = now;
}

static bool beat(struct hosts *hosts, struct err *err)
{
    struct host *host = hosts->host;
    const bool before = hosts->drained;
    if (!turn_begin(host, err))
        return false;
    if (!store_host_beat(host->store, &hosts->drained, hosts->number, err)) {
        turn_spoil(host, err);
        return false;
    }
    if (hosts->drained != before)
        log_info("host.drain", "number=%lld drained=%d", (long long)hosts->number, hosts->drained);
    turn_after(host, on_beaten, hosts);
    return true;
}

static bool has_lost_sessions(const struct host *host)
{
    for (const struct session *session = host->sessions; session; session = session->next)
        if (session->lost)
            return true;
    return false;
}

static bool add(struct hosts *hosts, struct err *err)
{
    struct host *host = hosts->host;
    const struct host_row row = {.name = hosts->name,
                                 .identity = host->identity,
                                 .version = RENKI_VERSION,
                                 .serving = host->serving,
                                 .places = (int64_t)host->places};
    return turn_begin(host, err) && store_host_add(host->store, &hosts->number, &row, err);
}

// Once nothing is left of what it had in hand.
static void join_again(struct hosts *hosts)
{
    struct err err;
    if (has_lost_sessions(hosts->host))
        return;
    store_renew(hosts->host->store);
    if (!add(hosts, &err)) {
        turn_spoil(hosts->host, &err);
        return;
    }
    hosts->fenced = hosts->drained = false;
    hosts->steady_ms = hosts->beaten_ms = clock_monotonic_ms();
    log_info("host.joined", "number=%lld", (long long)hosts->number);
}

// What other hosts did that concerns this one: queued, planned, ended.
static void ask(struct hosts *hosts)
{
    if (hosts->host->serving)
        queue_ask(hosts->host);
    watches_ask(hosts->host);
}

static bool go_on(struct hosts *hosts, struct err *err)
{
    const int64_t now = clock_monotonic_ms();
    const bool beats = now - hosts->asked_ms >= BEAT_MS;
    if (beats) {
        hosts->asked_ms = now;
        if (!beat(hosts, err))
            return false;
    }
    if (!beats && now - hosts->judged_ms >= JUDGE_MS) {
        hosts->judged_ms = now;
        if (!judge(hosts, err))
            return false;
        manners_share_rates(hosts->host); // of outside systems, among the gateways of the fleet
        freezes_share(hosts->host);
        logs_sweep(hosts->host);
    }
    if (now - hosts->beaten_ms < LATE_MS)
        ask(hosts);
    return true;
}

static void on_time(uv_timer_t *timer)
{
    struct hosts *hosts = timer->data;
    struct err err;
    if (hosts->fenced)
        join_again(hosts);
    else if (!go_on(hosts, &err))
        log_error("hosts.poll", "error=%s", err_name(err.code));
}

// ---- joining and leaving

bool hosts_join(struct host *host, struct err *err)
{
    struct hosts *hosts = host->hosts;
    hosts->shared = store_is_shared(host->store);
    if (gethostname(hosts->name, sizeof hosts->name - 1) != 0 || !hosts->name[0])
        memcpy(hosts->name, "host", sizeof "host");
    if (!hosts->shared)
        return lost_give_back(host, err);
    if (!add(hosts, err) || !judge(hosts, err)) {
        turn_spoil(host, err);
        return false;
    }
    hosts->steady_ms = hosts->beaten_ms = clock_monotonic_ms();
    uv_timer_start(&hosts->timer, on_time, POLL_MS, POLL_MS);
    return true;
}

static bool count_one(void *owner, int64_t number, const char *identity, int64_t beat_ms, bool serving,
                      struct err *err)
{
    size_t *count = owner;
    (void)number, (void)beat_ms, (void)err;
    *count += serving && identity_life(identity) != LIFE_GONE;
    return true;
}

bool hosts_count_others(struct host *host, size_t *count, struct err *err)
{
    *count = 0;
    return store_hosts_others(host->store, host->hosts->number, count_one, count, err);
}

static bool can_share_files(struct host *host, struct err *err)
{
    size_t others = 0;
    if (!hosts_count_others(host, &others, err))
        return false;
    return others == 0 || settings_share_files(host->settings)
               ? true
               : fail(err, ERR_HOSTS_WITHOUT_ARTIFACTS, "artifacts", N(others));
}

bool hosts_serve(struct host *host, struct err *err)
{
    struct hosts *hosts = host->hosts;
    if (hosts->shared && !can_share_files(host, err))
        return false;
    const bool good = hosts->number
                          ? turn_begin(host, err) && store_host_serves(host->store, hosts->number, err)
                          : judge(hosts, err) && add(hosts, err);
    if (!good)
        turn_spoil(host, err);
    return good;
}

void hosts_leave(struct host *host)
{
    struct hosts *hosts = host->hosts;
    struct err err;
    if (!host->store || !hosts->number || hosts->fenced)
        return;
    if (!turn_begin(host, &err) || !store_host_leave(host->store, hosts->number, &err))
        turn_spoil(host, &err);
    turn_flush(host);
}

// ---- fenced and drained

bool hosts_may_start(const struct host *host)
{
    return !host->hosts->fenced && !host->hosts->drained;
}

void hosts_fenced(struct host *host)
{
    struct hosts *hosts = host->hosts;
    if (hosts->fenced)
        return;
    hosts->fenced = true;
    log_error("host.fenced", "number=%lld", (long long)hosts->number);
    for (struct session *session = host->sessions, *next; session; session = next) {
        next = session->next;
        if (session->kind == SESSION_RUN && session->id > 0)
            session_lose(session);
    }
}

bool hosts_drain(struct host *host, const char *which, bool drained, const char *actor, struct err *err)
{
    int64_t number = 0;
    if (!turn_begin(host, err))
        return false;
    if (!store_host_drain(host->store, &number, which, drained, actor, err)) {
        turn_spoil(host, err);
        return false;
    }
    if (number == 0)
        return fail(err, ERR_HOST_UNKNOWN, which);
    if (number == host->hosts->number) {
        host->hosts->drained = drained;
        queue_at(host, 1);
    }
    return true;
}

bool hosts_write(struct host *host, struct json_writer *out, struct err *err)
{
    if (!host->hosts->shared && !judge(host->hosts, err)) // nobody else looks there
        return false;
    json_write_key(out, "this");
    json_write_integer(out, host->hosts->number);
    json_write_key(out, "now_ms");
    json_write_integer(out, store_now_ms(host->store));
    json_write_key(out, "hosts");
    return store_hosts_view(host->store, out, err);
}

bool hosts_are_shared(const struct host *host)
{
    return host->hosts->shared;
}

// ---- its life

struct hosts *hosts_new(struct host *host)
{
    struct hosts *hosts = xcalloc(1, sizeof *hosts);
    hosts->host = host;
    require(uv_timer_init(host->loop, &hosts->timer) == 0);
    hosts->timer.data = hosts;
    return hosts;
}
