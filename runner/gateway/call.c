// See call.h.
#include "gateway/call.h"

#include "gateway/freeze.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

struct call *call_new(struct run *run, int64_t number, const struct adapter *adapter)
{
    struct call *call = xcalloc(1, sizeof *call);
    call->run = run;
    call->number = number;
    call->adapter = adapter;
    call->upload = buf_new(UPLOAD_KEEP + UPLOAD_HIGH + (size_t)FRAME_MAX);
    call->answer = buf_new((size_t)CALL_WINDOW + (size_t)FRAME_MAX);
    call->credit = CALL_WINDOW;
    call->started_ms = clock_realtime_ms();
    call->started_at_ms = clock_monotonic_ms();
    call->next = run->calls;
    run->calls = call;
    run->live_count++;
    if (run->record)
        call->exchange = exchange_new();
    return call;
}

static void call_free(struct call *call)
{
    struct run *run = call->run;
    for (struct call **at = &run->calls; *at; at = &(*at)->next)
        if (*at == call) {
            *at = call->next;
            break;
        }
    run->live_count--;
    exchange_free(call->exchange);
    buf_dispose(&call->upload);
    buf_dispose(&call->answer);
    xfree(call->problem);
    xfree(call->host);
    xfree(call->path);
    xfree(call);
}

void call_admit(struct call *call)
{
    call->state = CALL_WAITING;
    queue_admit(call);
}

void call_mark(struct call *call)
{
    if (call->dirty)
        return;
    call->dirty = true;
    call->next_dirty = call->run->gateway->dirty;
    call->run->gateway->dirty = call;
}

// ---- The robot's body

// The worker's socket rests while one of its calls has much waiting.
static void slow_down(struct run *run)
{
    bool much = false;
    for (const struct call *call = run->calls; call; call = call->next)
        much = much || (call->state != CALL_OVER && call->upload_total > UPLOAD_KEEP &&
                        call->upload.length > (run->paused ? UPLOAD_LOW : UPLOAD_HIGH));
    if (much == run->paused || !run->channel)
        return;
    run->paused = much;
    if (much)
        channel_pause(run->channel);
    else
        channel_resume(run->channel);
}

void call_upload(struct call *call, struct text part, bool last)
{
    call->upload_open = !last;
    call->upload_total += (int64_t)part.length;
    if (call->state == CALL_OVER || call->upload_dropped)
        return;
    if (call->exchange)
        exchange_sent(call->exchange, part);
    // Beyond what is kept, what was taken goes.
    if (call->upload_total > UPLOAD_KEEP && call->upload_taken) {
        buf_consume(&call->upload, call->upload_taken);
        call->upload_taken = 0;
    }
    require(buf_append_text(&call->upload, part));
    if (call->upload_hungry) {
        call->upload_hungry = false;
        call->adapter->more(call);
    }
    slow_down(call->run);
}

size_t call_read(struct call *call, char *out, size_t most, enum flow *flow)
{
    const size_t there = call->upload.length - call->upload_taken;
    const size_t taken = there < most ? there : most;
    *flow = FLOW_ON;
    if (taken == 0) {
        if (call->upload_open) {
            *flow = FLOW_PAUSE;
            call->upload_hungry = true;
        }
        return 0;
    }
    memcpy(out, call->upload.data + call->upload_taken, taken);
    call->upload_taken += taken;
    call->sent_bytes += (int64_t)taken;
    if (call->upload_total > UPLOAD_KEEP && call->upload_taken == call->upload.length) {
        buf_clear(&call->upload);
        call->upload_taken = 0;
        call_mark(call); // the worker's socket may go on: not from inside curl
    }
    return taken;
}

bool call_rewind(struct call *call)
{
    if (call->upload_total > UPLOAD_KEEP)
        return false;
    call->upload_taken = 0;
    return true;
}

void call_drop_upload(struct call *call)
{
    call->upload_dropped = true;
    buf_dispose(&call->upload);
    call->upload_taken = 0;
}

// ---- The answer

enum flow call_may_answer(struct call *call)
{
    if (call->credit > (int64_t)call->answer.length &&
        (!call->run->channel || channel_queued(call->run->channel) < QUEUE_HIGH))
        return FLOW_ON;
    call->answer_paused = true;
    return FLOW_PAUSE;
}

void call_answer(struct call *call, struct text part)
{
    if (call->state == CALL_OVER)
        return;
    require(buf_append_text(&call->answer, part));
    if (call->exchange)
        exchange_received(call->exchange, part);
    call_mark(call);
}

static void over(struct call *call, enum call_outcome outcome)
{
    if (call->state == CALL_OVER)
        return;
    call->state = CALL_OVER;
    call->outcome = outcome;
    call_mark(call);
}

void call_finish(struct call *call)
{
    over(call, OUTCOME_DONE);
}

void call_hold(struct call *call)
{
    call->status = 200;
    over(call, OUTCOME_HELD);
}

void call_remark(struct call *call, const struct err *err)
{
    if (!call->problem)
        call->problem = xmalloc(sizeof *call->problem);
    *call->problem = *err;
}

void call_fail(struct call *call, const struct err *err)
{
    if (call->state == CALL_OVER)
        return;
    call_remark(call, err);
    const enum err_class class = err_class(err->code);
    over(call, class == CLASS_REFUSED || class == CLASS_BUG ? OUTCOME_REFUSED : OUTCOME_FAILED);
}

void call_cancel(struct call *call)
{
    struct err err;
    (void)fail(&err, ERR_CALL_CANCELLED, NULL);
    call_fail(call, &err);
}

void call_more(struct call *call, int64_t bytes)
{
    const int64_t most = CALL_WINDOW - call->credit;
    call->credit += bytes < most ? bytes : most;
    if (call->answer_paused && call->state == CALL_RUNNING && call_may_answer(call) == FLOW_ON) {
        call->answer_paused = false;
        call->adapter->more(call);
    }
}

void calls_resume(struct run *run)
{
    for (struct call *call = run->calls; call; call = call->next)
        call_more(call, 0);
}

// ---- What goes out before the loop waits

static bool is_good(const struct call *call)
{
    return call->outcome == OUTCOME_DONE || call->outcome == OUTCOME_HELD;
}

static void send_failure(struct call *call)
{
    SCOPED_BUF(arguments, 16384);
    require(err_to_record(&arguments, call->problem));
    (void)channel_send(call->run->channel, MESSAGE_OF(CALL_FAILED, .call = call->number,
                                                      .code = text_from(err_name(call->problem->code)),
                                                      .arguments = buf_text(&arguments),
                                                      .where = text_from(call->problem->where)));
}

// The head goes out with how the body begins, so that a small answer is one frame.
static bool send_part(struct call *call, struct text part, bool last)
{
    if (call->head_sent)
        return channel_send(call->run->channel,
                            MESSAGE_OF(CALL_BODY, .call = call->number, .last = last, .part = part));
    call->head_sent = call->adapter->head(call, part, last);
    return call->head_sent;
}

static void send_answer(struct call *call)
{
    const bool ends = call->state == CALL_OVER;
    if (ends && !is_good(call)) {
        send_failure(call);
        return;
    }
    struct text rest = buf_text(&call->answer);
    bool last = false;
    while (!last && (rest.length || ends)) {
        const size_t most = rest.length < CALL_BODY_MAX ? rest.length : CALL_BODY_MAX;
        last = !call->adapter->has_body || (ends && most == rest.length);
        if (!send_part(call, text_of(rest.data, most), last))
            return;
        rest = text_of(rest.data + most, rest.length - most);
    }
    call->credit -= (int64_t)call->answer.length;
    buf_clear(&call->answer);
}

static struct text cut(const char *s, size_t most)
{
    const struct text text = text_from(s ? s : "");
    return text.length <= most ? text : text_of(text.data, text_utf8_floor(text, most));
}

static void tell_host(struct call *call)
{
    static const char *const outcomes[] = {"done", "held", "refused", "failed"};
    const char *problem = call->problem ? err_name(call->problem->code) : "";
    struct gateway *gateway = call->run->gateway;
    if (!gateway->host)
        return;
    (void)channel_send(
        gateway->host,
        MESSAGE_OF(CALL_DONE, .run = call->run->id, .call = call->number,
                   .kind = text_from(call->adapter->kind), .method = text_from(call->method),
                   .host = cut(call->host, 300), .port = call->port, .path = cut(call->path, 4096),
                   .outcome = text_from(outcomes[call->outcome]), .status = call->status,
                   .sent_bytes = call->sent_bytes, .received_bytes = call->received_bytes,
                   .started_ms = call->started_ms, .duration_ms = clock_monotonic_ms() - call->started_at_ms,
                   .login = text_from(call->login), .problem = text_from(problem)));
    if (call->exchange && is_good(call))
        record_send(call);
}

bool call_reads(const struct call *call)
{
    return strcmp(call->method, "GET") == 0 || strcmp(call->method, "HEAD") == 0;
}

static void finish(struct call *call)
{
    struct run *run = call->run;
    if (call->state != CALL_OVER) {
        slow_down(run);
        return;
    }
    tell_host(call);
    if (!call_reads(call))
        run->gateway->records = RECORDS_URGENT;
    else if (run->gateway->records == RECORDS_NONE)
        run->gateway->records = RECORDS_WAIT;
    call->adapter->dispose(call);
    account_leave(call);
    queue_leave(call);
    call_free(call);
    slow_down(run);
}

void calls_tell(struct gateway *gateway)
{
    gateway->records = RECORDS_NONE;
    if (gateway->host)
        channel_release(gateway->host);
}

static void release_runs(struct gateway *gateway)
{
    for (struct run *run = gateway->runs; run; run = run->next)
        if (run->channel)
            channel_release(run->channel);
}

// Gives what the calls gathered to their workers; the calls that have nothing more to send, as a list.
static struct call *answer_all(struct gateway *gateway)
{
    struct call *answered = NULL;
    bool only_reads = true;
    while (gateway->dirty) {
        struct call *call = gateway->dirty;
        gateway->dirty = call->next_dirty;
        call->dirty = false;
        if (call->run->channel) {
            channel_hold(call->run->channel);
            send_answer(call);
        }
        if (call->dirty) // failed while it was sent: that is told next
            continue;
        only_reads = only_reads && (call->state != CALL_OVER || call_reads(call));
        call->next_dirty = answered;
        answered = call;
    }
    // Of what changed something the host knows before the robot does; after a read the robot goes on at once.
    if (only_reads)
        release_runs(gateway);
    return answered;
}

// A call that leaves may let another begin, which may be over at once: hence until nothing is left.
void calls_flush(struct gateway *gateway)
{
    if (!gateway->dirty)
        return;
    if (gateway->host)
        channel_hold(gateway->host);
    while (gateway->dirty)
        for (struct call *call = answer_all(gateway), *next; call; call = next) {
            next = call->next_dirty;
            finish(call);
        }
    if (gateway->records == RECORDS_URGENT)
        calls_tell(gateway);
    release_runs(gateway);
}
