// The request run.log: what a run wrote, and, when asked, what it goes on writing. In the host.
//
// What is written is read, not the run: so it does not matter which host has the run.
#include "host/logs.h"
#include "host/requests.h"
#include "host/run_log.h"

enum { CHUNK = 1 << 18, LINE_MAX_BYTES = 1 << 17, FOLLOW_MS = 200, QUEUE_LEAVE = CHANNEL_QUEUE_MAX / 2 };

struct following {
    uv_timer_t timer;
    struct host *host;
    struct answer *answer;
    struct log_reader *reader;
    int64_t run;
    bool follow;
    struct buf rest; // a line that is not whole yet
};

static void on_timer_closed(uv_handle_t *handle)
{
    struct following *following = handle->data;
    log_reader_free(following->reader);
    buf_dispose(&following->rest);
    xfree(following);
}

// One chunk a tick comes here, so that a long log neither blocks the loop nor passes the client's queue.
static void send_lines(void *owner, struct text lines)
{
    struct following *following = owner;
    struct buf *rest = &following->rest;
    size_t used = 0;
    if (!buf_append_text(rest, lines)) // no line is that long
        buf_clear(rest);
    for (;;) {
        const struct text left = text_of(rest->data + used, rest->length - used);
        const ptrdiff_t end = left.length ? text_find(left, '\n') : -1;
        if (end < 0)
            break;
        answer_event(following->answer, "log", text_of(left.data, (size_t)end));
        used += (size_t)end + 1;
    }
    buf_consume(rest, used);
}

static bool is_over(struct following *following)
{
    struct run_row row;
    struct err ignored;
    if (!store_run_load(following->host->store, &row, following->run, &ignored))
        return true;
    const bool live = strcmp(row.state, "queued") == 0 || strcmp(row.state, "running") == 0 ||
                      strcmp(row.state, "waiting") == 0;
    run_row_dispose(&row);
    return !live;
}

static void on_tick(uv_timer_t *timer)
{
    struct following *following = timer->data;
    const bool heard = answer_is_heard(following->answer);
    const bool over =
        heard && (!following->follow || is_over(following)); // before reading: its last lines count
    if (heard && answer_queued(following->answer) > QUEUE_LEAVE)
        return;
    struct err err;
    const enum log_found found = heard ? log_read(following->reader, &err) : LOG_END;
    if (found == LOG_MORE || found == LOG_WAIT || (found == LOG_END && !over))
        return;
    if (found == LOG_FAILED)
        answer_fail(following->answer, &err);
    else
        answer_done(following->answer, TEXT_OF("{}"));
    uv_close((uv_handle_t *)timer, on_timer_closed);
}

static void on_ready(void *owner)
{
    (void)owner; // the next tick finds it
}

bool request_run_log(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,
                     struct err *err)
{
    struct run_row row;
    int64_t run;
    (void)frame;
    if (!body_integer(&run, body, "run", err) || !store_run_load(host->store, &row, run, err))
        return false;
    run_row_dispose(&row);
    struct following *following = xcalloc(1, sizeof *following);
    *following = (struct following){.host = host,
                                    .answer = answer,
                                    .run = run,
                                    .follow = body_flag(body, "follow"),
                                    .rest = buf_new(CHUNK + LINE_MAX_BYTES)};
    following->reader = log_reader_new(host, run, send_lines, on_ready, following);
    require(uv_timer_init(host->loop, &following->timer) == 0);
    following->timer.data = following;
    uv_timer_start(&following->timer, on_tick, 0, body_flag(body, "follow") ? FOLLOW_MS : 1);
    return true;
}
