// See web.h.
#include "host/web.h"

#include "host/child.h"
#include "host/hooks.h"
#include "lib/base/log.h"

enum { FIRST_AGAIN_MS = 1000, AGAIN_MS_MOST = 60000 };

struct web_child {
    struct host *host;
    struct child *child;
    uv_timer_t timer;
    int64_t again_ms;
    char *listen; // where the process listens; NULL: there is none
    bool ready, stopping;
};

static void start_again(struct web_child *web);

static bool on_failed(struct frame *frame, struct err *err)
{
    struct message_WEB_FAILED failed;
    struct err why;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &failed, frame, err) || !err_from_record(&why, failed.code, failed.arguments))
        return false;
    log_error("web.failed", "error=%s address=\"%s\" reason=\"%s\"", err_name(why.code), why.arguments[0],
              why.arguments[1]);
    return true;
}

static bool on_ready(struct web_child *web, struct channel *channel, struct frame *frame, struct err *err)
{
    struct message_WEB_READY ready;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &ready, frame, err))
        return false;
    log_info("web.ready", "port=%lld", (long long)ready.port);
    web->ready = true;
    web->again_ms = FIRST_AGAIN_MS;
    channel_phase(channel, PHASE_RUN);
    return true;
}

static bool on_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    struct web_child *web = owner;
    if (frame->type == MESSAGE_HOOK && web->ready)
        return hooks_on_request(web->host, frame, err);
    if (frame->type == MESSAGE_WEB_READY && !web->ready)
        return on_ready(web, channel, frame, err);
    if (frame->type == MESSAGE_WEB_FAILED && !web->ready)
        return on_failed(frame, err);
    return fail(err, ERR_FRAME_OUT_OF_TURN, "web", message_name(frame->type));
}

static void on_ended(void *owner, const struct err *why)
{
    struct web_child *web = owner;
    web->child = NULL;
    web->ready = false;
    xfree(STEAL(web->listen));
    if (web->stopping)
        return;
    log_error("web.ended", "error=%s again_ms=%lld", err_name(why->code), (long long)web->again_ms);
    hooks_forget(web->host);
    start_again(web);
}

static const struct child_events events = {.frame = on_frame, .ended = on_ended};

static void start(struct web_child *web)
{
    const struct settings *settings = web->host->settings;
    struct err err;
    if (web->child || web->stopping || !web->host->serving || !settings->web_listen)
        return;
    if (!child_start(&web->child, web->host, ROLE_WEB, false, &events, web, &err)) {
        log_error("web.start", "error=%s", err_name(err.code));
        start_again(web);
        return;
    }
    web->listen = xstrdup(settings->web_listen);
    if (!channel_send(child_channel(web->child),
                      MESSAGE_OF(WEB_SETUP, .listen = text_from(web->listen), .reduced = settings->reduced,
                                 .log_level = log_level())))
        child_stop(web->child);
}

static void on_time(uv_timer_t *timer)
{
    start(timer->data);
}

static void start_again(struct web_child *web)
{
    uv_timer_start(&web->timer, on_time, (uint64_t)web->again_ms, 0);
    web->again_ms = 2 * web->again_ms < AGAIN_MS_MOST ? 2 * web->again_ms : AGAIN_MS_MOST;
}

struct web_child *web_new(struct host *host)
{
    struct web_child *web = xcalloc(1, sizeof *web);
    web->host = host;
    web->again_ms = FIRST_AGAIN_MS;
    require(uv_timer_init(host->loop, &web->timer) == 0);
    uv_unref((uv_handle_t *)&web->timer);
    web->timer.data = web;
    return web;
}

void web_begin(struct host *host)
{
    struct web_child *web = host->web;
    const char *wanted = host->settings->web_listen;
    if (web->child && !(wanted && web->listen && strcmp(web->listen, wanted) == 0))
        child_stop(web->child); // another is started when it has gone
    else
        start(web);
}

void web_stop(struct host *host)
{
    struct web_child *web = host->web;
    web->stopping = true;
    uv_timer_stop(&web->timer);
    if (web->child)
        child_stop(web->child);
}

struct channel *web_channel(struct host *host)
{
    return host->web->child && host->web->ready ? child_channel(host->web->child) : NULL;
}
