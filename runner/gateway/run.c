// One run: its socket, its permits, its logins, its calls. In the gateway.
//
// A frame that does not fit (a number that skips, a body nobody announced) ends this run, never the gateway.
#include "gateway/freeze.h"
#include "gateway/mask.h"
#include "lib/base/log.h"

#include "gateway/adapter/pool.h"

struct login *run_login(struct run *run, struct text name)
{
    for (size_t i = 0; i < run->login_count; i++)
        if (text_is(name, run->logins[i].name))
            return &run->logins[i];
    return NULL;
}

static struct call *find(const struct run *run, int64_t number)
{
    for (struct call *call = run->calls; call; call = call->next)
        if (call->number == number)
            return call;
    return NULL;
}

static bool broken(struct err *err, const char *message, const char *field)
{
    return fail(err, ERR_FRAME_MALFORMED, message, field);
}

// ---- What the worker says

typedef bool make_call(struct call **out, struct run *run, struct frame *frame, struct err *err);

// Numbers count up by one. A call that is refused is a call all the same: it is recorded and answered.
static bool begin_call(struct run *run, struct frame *frame, make_call *make, struct err *err)
{
    struct call *call = NULL;
    if (run->live_count >= CALLS_OUTSTANDING_MAX)
        return broken(err, message_name(frame->type), "calls");
    if (!make(&call, run, frame, err))
        return false;
    if (call->number != run->last_number + 1) {
        call_cancel(call);
        return broken(err, message_name(frame->type), "call");
    }
    run->last_number = call->number;
    if (++run->call_count > run->limits.calls) {
        struct err limit;
        (void)fail(&limit, ERR_CALLS_LIMIT, N(run->limits.calls));
        call_fail(call, &limit);
    }
    if (call->state == CALL_NEW)
        call_admit(call);
    return true;
}

static bool on_http_call(struct run *run, struct frame *frame, struct err *err)
{
    return begin_call(run, frame, http_call, err);
}

static bool on_mail_call(struct run *run, struct frame *frame, struct err *err)
{
    return begin_call(run, frame, mail_call, err);
}

static bool on_call_body(struct run *run, struct frame *frame, struct err *err)
{
    struct message_CALL_BODY body;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &body, frame, err))
        return false;
    struct call *call = find(run, body.call);
    if (!call) // over meanwhile; or never there
        return body.call > 0 && body.call <= run->last_number ? true : broken(err, "CALL_BODY", "call");
    const int64_t total = call->upload_total + (int64_t)body.part.length;
    if (!call->upload_open)
        return broken(err, "CALL_BODY", "last");
    if (call->upload_expected >= 0 &&
        (total > call->upload_expected || (body.last && total != call->upload_expected)))
        return broken(err, "CALL_BODY", "part");
    call_upload(call, body.part, body.last);
    return true;
}

static bool on_call_cancel(struct run *run, struct frame *frame, struct err *err)
{
    struct message_CALL_CANCEL cancel;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &cancel, frame, err))
        return false;
    struct call *call = find(run, cancel.call);
    if (call)
        call_cancel(call);
    return call || (cancel.call > 0 && cancel.call <= run->last_number) || broken(err, "CALL_CANCEL", "call");
}

static bool on_call_more(struct run *run, struct frame *frame, struct err *err)
{
    struct message_CALL_MORE more;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &more, frame, err))
        return false;
    if (more.bytes < 0 || more.call < 1 || more.call > run->last_number)
        return broken(err, "CALL_MORE", "bytes");
    struct call *call = find(run, more.call);
    if (call)
        call_more(call, more.bytes);
    return true;
}

static bool (*const handlers[MESSAGE_COUNT])(struct run *run, struct frame *frame, struct err *err) = {
    [MESSAGE_HTTP_CALL] = on_http_call, [MESSAGE_MAIL_CALL] = on_mail_call,
    [MESSAGE_CALL_BODY] = on_call_body, [MESSAGE_CALL_CANCEL] = on_call_cancel,
    [MESSAGE_CALL_MORE] = on_call_more,
};

static bool on_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    (void)channel;
    struct run *run = owner;
    if (run->closing || !handlers[frame->type])
        return run->closing || fail(err, ERR_FRAME_OUT_OF_TURN, "worker", message_name(frame->type));
    return handlers[frame->type](run, frame, err);
}

static void cancel_all(struct run *run)
{
    for (struct call *call = run->calls; call; call = call->next)
        call_cancel(call);
}

static void run_free(struct run *run)
{
    for (struct run **at = &run->gateway->runs; *at; at = &(*at)->next)
        if (*at == run) {
            *at = run->next;
            break;
        }
    for (size_t i = 0; i < run->login_count; i++)
        login_session_free(run->logins[i].session);
    pool_end_run(run);
    http_end_run(run);
    for (size_t i = 0; i < run->login_count; i++) {
        secret_free(run->logins[i].secret);
        mask_free(run->logins[i].mask);
    }
    permits_free(run->permits);
    xfree(run->robot);
    xfree(run);
}

static void on_closed(void *owner, struct channel *channel, const struct err *why)
{
    (void)channel;
    struct run *run = owner;
    run->channel = NULL;
    if (run->closing) {
        run_free(run);
        return;
    }
    if (why->code != ERR_WIRE_CLOSED)
        run_break(run, err_name(why->code));
    cancel_all(run);
    calls_flush(run->gateway);
}

static void on_drained(void *owner, struct channel *channel)
{
    (void)channel;
    calls_resume(owner);
}

static const struct channel_events events = {on_frame, on_closed, on_drained};

void run_break(struct run *run, const char *reason)
{
    log_info("run.broken", "run=%lld reason=%s", (long long)run->id, reason);
    if (run->gateway->host)
        (void)channel_send(run->gateway->host,
                           MESSAGE_OF(RUN_BROKEN, .run = run->id, .reason = text_from(reason)));
    calls_tell(run->gateway);
}

// ---- What the host says

static int64_t limit_of(const struct json *limits, const char *name, int64_t otherwise)
{
    const int64_t value = json_int64_or(json_get(limits, name), otherwise);
    return value >= 0 ? value : otherwise;
}

static void open_logins(struct run *run)
{
    struct gateway *gateway = run->gateway;
    for (struct credential **at = &gateway->credentials; *at;) {
        struct credential *credential = *at;
        if (credential->run != run->id) {
            at = &credential->next;
            continue;
        }
        if (run->login_count < LOGINS_MAX) {
            struct login *login = &run->logins[run->login_count++];
            memcpy(login->name, credential->name, sizeof login->name);
            login->account = account_of(gateway, login->name);
            if (secret_open(&login->secret, gateway->key, text_of(credential->box, credential->box_length),
                            credential->name, credential->version, &login->problem))
                login->mask = mask_new(login->secret);
        }
        *at = credential->next;
        xfree(credential->box);
        xfree(credential);
    }
}

bool run_open(struct gateway *gateway, struct frame *frame, struct err *err)
{
    struct message_RUN_OPEN open;
    SCOPED(json_document)
    document = NULL;
    SCOPED(json_document)
    permits = NULL;
    SCOPED(json_document)
    limits = NULL;
    if (!wire_decode(&document, &open, frame, err) || !json_parse(&permits, open.permits, err) ||
        !json_parse(&limits, open.limits, err))
        return false;
    if (frame->fd_count != 1)
        return broken(err, "RUN_OPEN", "descriptors");
    struct run *run = xcalloc(1, sizeof *run);
    *run = (struct run){.gateway = gateway,
                        .id = open.run,
                        .robot = text_copy(open.robot),
                        .dry_run = open.dry_run,
                        .record = open.record,
                        .next = gateway->runs};
    run->waiting_end = &run->waiting;
    const struct json *given = json_root(limits);
    run->limits = (struct run_limits_of_calls){
        .calls = limit_of(given, "calls", 100000),
        .mails = limit_of(given, "mails", 200),
        .mails_left_today = limit_of(given, "mails_left_today", MAILS_A_DAY),
        .answer_bytes = limit_of(given, "answer_bytes", 100 << 20),
        .calls_at_once = limit_of(given, "calls_at_once", CALLS_AT_ONCE),
        .call_ms = limit_of(given, "call_ms", 120000),
    };
    gateway->runs = run;
    // A broken permit permits nothing; the host has refused such a robot before.
    if (!permits_read(&run->permits, json_root(permits), err) && !permits_read(&run->permits, NULL, err))
        return false;
    open_logins(run);
    run->channel = channel_new(&gateway->loop, frame->fds[0], ROLE_GATEWAY, ROLE_WORKER, false, &events, run);
    frame->fds[0] = -1;
    channel_phase(run->channel, PHASE_RUN);
    return true;
}

void run_close(struct gateway *gateway, int64_t id)
{
    struct run *run = gateway->runs;
    while (run && run->id != id)
        run = run->next;
    if (run && !run->closing) {
        run->closing = true;
        cancel_all(run);
        calls_flush(gateway);
    }
    (void)channel_send(gateway->host, MESSAGE_OF(RUN_CLOSED, .run = id));
    calls_tell(gateway);
    if (run && run->channel)
        channel_close(run->channel);
    else if (run)
        run_free(run);
}
