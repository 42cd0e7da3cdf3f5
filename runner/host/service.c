// See service.h. SERVING -> DRAINING -> GIVING_BACK -> over; each only forwards. It is over when no run is live.
#include "host/service.h"

#include "host/alerts.h"
#include "host/hosts.h"
#include "host/listen.h"
#include "host/queue.h"
#include "host/roles.h"
#include "host/schedules.h"
#include "host/session.h"
#include "host/sync.h"
#include "host/turn.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

enum { LOOK_MS = 50, STARTS_MAX = 5 };

enum service_stage { SERVICE_STARTING, SERVICE_SERVING, SERVICE_DRAINING, SERVICE_GIVING_BACK };

struct service {
    struct host *host;
    struct answer *answer;
    enum service_stage stage;
    uv_timer_t beat, look;
    int open_handles, starts;
    int64_t since_ms, beat_ms, until_ms, given_back, beaten_ms;
    char *last_beat;
};

static size_t live(const struct host *host)
{
    size_t count = 0;
    for (const struct session *session = host->sessions; session; session = session->next)
        count++;
    return count;
}

// ---- the beat

static void write_counts(struct json_writer *writer, const struct json *rows)
{
    static const struct {
        const char *state, *key;
    } states[] = {
        {"running", "running"}, {"queued", "queued"}, {"waiting", "waiting"}, {"in doubt", "doubt"}};
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        int64_t count = 0;
        for (const struct json *row = json_first(rows); row; row = json_next(row))
            if (strcmp(json_string_or(json_get(row, "state"), ""), states[i].state) == 0)
                count = json_int64_or(json_get(row, "count"), 0);
        json_write_key(writer, states[i].key);
        json_write_integer(writer, count);
    }
}

static void beat(struct service *service)
{
    service->beaten_ms = clock_monotonic_ms();
    if (service->answer)
        answer_event(service->answer, "beat", text_from(service->last_beat));
}

// A store that answers with an error is alive: starting anew would not mend a full disk. One that hangs keeps the loop,
// and so the beat stays away.
static void on_beat(uv_timer_t *timer)
{
    struct service *service = timer->data;
    SCOPED_BUF(rows, BODY_MAX);
    SCOPED_BUF(body, 1024);
    SCOPED(json_document)
    document = NULL;
    struct err err;
    struct json_writer reading = json_writer_new(&rows), writer = json_writer_new(&body);
    if (!store_view(service->host->store, &reading, STORE_STATES, 0, &err) || !json_writer_done(&reading) ||
        !json_parse(&document, buf_text(&rows), &err))
        log_error("service.beat", "error=%s", err_name(err.code));
    json_begin_object(&writer);
    write_counts(&writer, json_root(document));
    json_end_object(&writer);
    if (!json_writer_done(&writer))
        return;
    xfree(service->last_beat);
    service->last_beat = text_copy(buf_text(&body));
    beat(service);
}

// A database server that is away is waited for on the loop's thread, within the store's bound: that is no standstill.
static void on_away(void *owner)
{
    struct service *service = owner;
    if (service->last_beat && clock_monotonic_ms() - service->beaten_ms >= service->beat_ms)
        beat(service);
}

// ---- it begins

static void on_handle_closed(uv_handle_t *handle)
{
    struct service *service = handle->data;
    if (--service->open_handles > 0)
        return;
    xfree(service->last_beat);
    xfree(service);
}

void service_free(struct service *service)
{
    if (!service)
        return;
    store_while_away(service->host->store, NULL, NULL);
    uv_close((uv_handle_t *)&service->beat, on_handle_closed);
    uv_close((uv_handle_t *)&service->look, on_handle_closed);
}

static struct service *service_new(struct host *host, struct answer *answer, int64_t beat_ms)
{
    struct service *service = xcalloc(1, sizeof *service);
    *service = (struct service){.host = host, .answer = answer, .beat_ms = beat_ms, .open_handles = 2};
    require(uv_timer_init(host->loop, &service->beat) == 0 && uv_timer_init(host->loop, &service->look) == 0);
    service->beat.data = service->look.data = service;
    return service;
}

static void end(struct service *service)
{
    struct host *host = service->host;
    SCOPED_BUF(body, 64);
    turn_flush(host);
    log_info("service.over", "given_back=%lld", (long long)service->given_back);
    listen_end(host);
    if (buf_printf(&body, "{\"given_back\":%lld}", (long long)service->given_back))
        answer_done(STEAL(service->answer), buf_text(&body));
    uv_stop(host->loop);
}

static void on_roles(void *owner, const struct err *failed)
{
    struct service *service = owner;
    struct host *host = service->host;
    if (service->stage != SERVICE_STARTING)
        return; // it was told to end meanwhile
    if (failed && failed->code == ERR_ROLE_DIED && ++service->starts < STARTS_MAX) {
        roles_need(host, ROLES_ZYGOTE | ROLES_GATEWAY, on_roles, service);
        return;
    }
    if (failed) {
        listen_end(host);
        answer_fail(STEAL(service->answer), failed);
        service_free(STEAL(host->service));
        host_rest(host);
        return;
    }
    service->stage = SERVICE_SERVING;
    service->since_ms = clock_realtime_ms();
    log_info("service.ready", "folder=\"%s\"", host->folder);
    answer_event(service->answer, "ready", TEXT_OF("{}"));
    schedules_begin(host);
    queue_at(host, 1); // what is due, and what waited for a daemon
    alerts_look(host);
    store_while_away(host->store, on_away, service);
    if (service->beat_ms > 0)
        uv_timer_start(&service->beat, on_beat, 0, (uint64_t)service->beat_ms);
}

bool service_begin(struct host *host, struct answer *answer, int64_t beat_ms, struct err *err)
{
    if (!listen_begin(host, err))
        return false;
    if (!hosts_serve(host, err)) {
        listen_end(host);
        return false;
    }
    host->service = service_new(host, answer, beat_ms);
    answer_begins_serving(answer);
    sync_begin(host);
    roles_need(host, ROLES_ZYGOTE | ROLES_GATEWAY, on_roles, host->service);
    return true;
}

// ---- settings

void service_tell_reloading(const struct host *host)
{
    if (host->service && host->service->answer)
        answer_event(host->service->answer, "reloading", TEXT_OF("{}"));
}

void service_tell_reloaded(const struct host *host, const struct problems *problems)
{
    SCOPED_BUF(body, BODY_MAX);
    struct json_writer writer = json_writer_new(&body);
    if (!host->service || !host->service->answer)
        return;
    json_begin_object(&writer);
    json_write_key(&writer, "problems");
    json_begin_array(&writer);
    for (size_t i = 0; problems && i < problems->count; i++)
        err_write(&writer, &problems->items[i]);
    json_end_array(&writer);
    json_end_object(&writer);
    if (json_writer_done(&writer))
        answer_event(host->service->answer, "reloaded", buf_text(&body));
}

int64_t service_since_ms(const struct host *host)
{
    return host->service ? host->service->since_ms : 0;
}

// ---- it ends

bool service_drains(const struct host *host)
{
    return host->service && host->service->stage >= SERVICE_DRAINING;
}

void service_rest(struct host *host)
{
    if (service_drains(host) && host->service->answer && !host->sessions)
        end(host->service);
}

// Runs end in many ways; that none is left is seen here, soon enough.
static void on_look(uv_timer_t *timer)
{
    const struct service *service = timer->data;
    if (clock_monotonic_ms() >= service->until_ms)
        service_give_back(service->host);
    else
        service_rest(service->host);
}

void service_give_back(struct host *host)
{
    struct service *service = host->service;
    if (!service || service->stage == SERVICE_GIVING_BACK)
        return;
    if (service->stage < SERVICE_DRAINING)
        uv_timer_start(&service->look, on_look, LOOK_MS, LOOK_MS);
    service->stage = SERVICE_GIVING_BACK;
    service->until_ms = INT64_MAX;
    host->draining = true;
    service->given_back = (int64_t)live(host);
    log_info("service.give_back", "runs=%lld", (long long)service->given_back);
    for (struct session *session = host->sessions, *next; session; session = next) {
        next = session->next;
        if (session->kind != SESSION_RUN) // a test or check has no journal to go on from
            session_cancel(session, "renki");
        else if (!session->yielding && session->stage != SESSION_ENDING)
            session_yield(session);
    }
}

static void tell_draining(const struct service *service, int64_t most_ms)
{
    SCOPED_BUF(body, 128);
    const long long running = (long long)live(service->host);
    log_info("service.drain", "runs=%lld most_ms=%lld", running, (long long)most_ms);
    if (buf_printf(&body, "{\"running\":%lld,\"most_ms\":%lld}", running, (long long)most_ms))
        answer_event(service->answer, "drain", buf_text(&body));
}

void service_drain(struct host *host)
{
    struct service *service = host->service;
    if (!service)
        return;
    if (service->stage >= SERVICE_DRAINING) {
        service_give_back(host);
        return;
    }
    const int64_t most_ms = host->settings->drain_ms;
    service->stage = SERVICE_DRAINING;
    host->draining = true; // the queue takes no more
    tell_draining(service, most_ms);
    service->until_ms = clock_monotonic_ms() + most_ms;
    uv_timer_start(&service->look, on_look, 0, LOOK_MS);
}
