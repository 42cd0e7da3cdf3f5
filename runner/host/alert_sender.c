// See alerts.h. The gateway does the sending, as for any run: the host opens a run of its own there, which may mail to the
// settings' recipients and post to their address, and speaks to it as a worker would.
#include "host/alert_message.h"
#include "host/alerts.h"

#include "host/roles.h"
#include "host/turn.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    DIGEST_FROM = 6,   // so many waiting ones go out as one message
    DIGEST_MOST = 200, // more follow in the next
    HOUR_MS = 3600 * 1000,
    HOUR_MOST = 20, // messages, where the settings do not say
    LEASE_MS = 5 * 60 * 1000,
    FIRST_AGAIN_MS = 5000,
    LOOK_MS = 30000, // other hosts' alerts, whose host does not serve
    PERMITS_MAX_BYTES = 65536
};
// No run has this number; sessions without a row count down from -1.
static const int64_t own_run = -(1LL << 40);

enum { CALL_MAIL = 1, CALL_WEBHOOK = 2, CALLS_END = 3 };

struct alerts {
    struct host *host;
    uv_timer_t timer;
    bool sending;
    struct alert_batch batch;
    struct alert_message message;
    struct channel *channel; // to the gateway; NULL: not open
    int64_t gateway;         // at which one a run is open for it (roles_run_opened); 0: at none
    int calls[CALLS_END];    // CALL_MAIL or CALL_WEBHOOK by the call's number
    int64_t begun, over;     // calls
    bool mailed, posted;     // went out
    char problem[ERR_ARGUMENT_MAX];
};

static void look_in(struct alerts *alerts, int64_t wait_ms);

// ---- the end of a message

static int64_t again_ms(int64_t attempts)
{
    const int64_t wait_ms = FIRST_AGAIN_MS << (attempts < 12 ? attempts - 1 : 11);
    return wait_ms < HOUR_MS ? wait_ms : HOUR_MS;
}

static bool record(struct alerts *alerts, struct err *err)
{
    struct store *store = alerts->host->store;
    const struct alert_batch *batch = &alerts->batch;
    const bool all = (!batch->mail || alerts->mailed) && (!batch->webhook || alerts->posted);
    return turn_begin(alerts->host, err) &&
           store_alerts_sent(store, batch->message, alerts->mailed, alerts->posted, err) &&
           (all ||
            store_alerts_failed(store, batch->message, again_ms(batch->attempts), alerts->problem, err));
}

static void finish(struct alerts *alerts)
{
    struct host *host = alerts->host;
    struct channel *gateway = roles_gateway_of(host, alerts->gateway);
    struct err err;
    if (!alerts->sending)
        return;
    log_info("alert.message", "message=%lld alerts=%lld mailed=%d posted=%d problem=\"%s\"",
             (long long)alerts->batch.message, (long long)alerts->batch.count, alerts->mailed, alerts->posted,
             alerts->problem);
    if (!record(alerts, &err))
        turn_spoil(host, &err); // the claim runs out, and they go out again
    if (alerts->channel)
        channel_close(alerts->channel);
    alerts->channel = NULL;
    if (gateway)
        channel_send(gateway, MESSAGE_OF(RUN_CLOSE, .run = own_run));
    if (alerts->gateway)
        roles_run_closed(host, alerts->gateway);
    alerts->gateway = 0;
    alert_message_dispose(&alerts->message);
    alerts->sending = false;
    look_in(alerts, 1);
}

static void note_problem(struct alerts *alerts, const struct err *why)
{
    SCOPED_BUF(words, ERR_ARGUMENT_MAX - 1);
    if (!err_message(&words, why, alerts->host->settings->language)) // too long: its name says it, too
        buf_clear(&words);
    snprintf(alerts->problem, sizeof alerts->problem, "%s", words.length ? words.data : err_name(why->code));
}

static void give_up(struct alerts *alerts, const struct err *why)
{
    note_problem(alerts, why);
    finish(alerts);
}

// ---- what the gateway answers

static void one_is_over(struct alerts *alerts, int64_t call, bool good)
{
    if (call < 1 || call >= CALLS_END || !alerts->calls[call])
        return;
    if (alerts->calls[call] == CALL_MAIL)
        alerts->mailed = good;
    else
        alerts->posted = good;
    alerts->calls[call] = 0;
    if (++alerts->over == alerts->begun)
        finish(alerts);
}

static bool on_failed(struct alerts *alerts, struct frame *frame, struct err *err)
{
    struct message_CALL_FAILED failed;
    struct err why;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &failed, frame, err) || !err_from_record(&why, failed.code, failed.arguments))
        return false;
    note_problem(alerts, &why);
    one_is_over(alerts, failed.call, false);
    return true;
}

static bool on_head(struct alerts *alerts, struct frame *frame, struct err *err)
{
    struct message_HTTP_HEAD head;
    struct err why;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &head, frame, err))
        return false;
    const bool good = head.status >= 200 && head.status < 300;
    if (!good) {
        (void)fail(&why, ERR_ALERT_STATUS, alerts->message.url, N(head.status));
        note_problem(alerts, &why);
    }
    one_is_over(alerts, head.call, good);
    return true;
}

static bool on_mailed(struct alerts *alerts, struct frame *frame, struct err *err)
{
    struct message_MAIL_DONE done;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &done, frame, err))
        return false;
    one_is_over(alerts, done.call, true);
    return true;
}

static bool on_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    struct alerts *alerts = owner;
    if (channel != alerts->channel)
        return true; // of a message that is over
    if (frame->type == MESSAGE_CALL_FAILED)
        return on_failed(alerts, frame, err);
    if (frame->type == MESSAGE_HTTP_HEAD)
        return on_head(alerts, frame, err);
    return frame->type != MESSAGE_MAIL_DONE ||
           on_mailed(alerts, frame, err); // else a part of an answer's body
}

static void on_closed(void *owner, struct channel *channel, const struct err *why)
{
    struct alerts *alerts = owner;
    if (channel != alerts->channel)
        return;
    alerts->channel = NULL;
    give_up(alerts, why);
}

static const struct channel_events channel_events = {.frame = on_frame, .closed = on_closed};

// ---- going out

struct sending {
    struct alerts *alerts;
    const char *name;
};

static bool send_box(void *owner, int64_t version, struct text box, struct err *err)
{
    const struct sending *sending = owner;
    struct channel *gateway = roles_gateway(sending->alerts->host);
    return gateway && channel_send(gateway, MESSAGE_OF(CREDENTIAL, .run = own_run, .version = version,
                                                       .name = text_from(sending->name), .box = box))
               ? true
               : fail(err, ERR_ROLE_DIED, "gateway");
}

static bool send_login(struct alerts *alerts, const char *name, struct err *err)
{
    struct sending sending = {alerts, name};
    return !name || (turn_begin(alerts->host, err) &&
                     store_secret_use(alerts->host->store, name, send_box, &sending, err));
}

static bool open_run(struct alerts *alerts, struct err *err)
{
    struct host *host = alerts->host;
    struct channel *gateway = roles_gateway(host);
    int ends[2];
    SCOPED_BUF(permits, PERMITS_MAX_BYTES);
    if (!alert_message_permits(&permits, host->settings->alerts))
        return fail(err, ERR_LIMIT_PASSED, "alerts", N(PERMITS_MAX_BYTES));
    if (!gateway)
        return fail(err, ERR_ROLE_DIED, "gateway");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return fail(err, ERR_SYSTEM, "socketpair", strerror(errno));
    const bool opened =
        channel_send_fds(gateway,
                         MESSAGE_OF(RUN_OPEN, .run = own_run, .robot = TEXT_OF("renki alerts"),
                                    .permits = buf_text(&permits), .limits = TEXT_OF("{}")),
                         &ends[1], 1);
    close(ends[1]);
    alerts->channel =
        channel_new(host->loop, ends[0], ROLE_WORKER, ROLE_GATEWAY, false, &channel_events, alerts);
    channel_phase(alerts->channel, PHASE_RUN);
    alerts->gateway = roles_run_opened(host);
    return opened ? true : fail(err, ERR_ROLE_DIED, "gateway");
}

static bool send_body(struct alerts *alerts, struct text body)
{
    return channel_send(alerts->channel,
                        MESSAGE_OF(CALL_BODY, .call = alerts->begun, .last = true, .part = body));
}

static bool send_mail(struct alerts *alerts)
{
    const struct alert_message *message = &alerts->message;
    alerts->calls[++alerts->begun] = CALL_MAIL;
    return channel_send(alerts->channel,
                        MESSAGE_OF(MAIL_CALL, .call = alerts->begun, .to = text_from(message->recipients),
                                   .cc = TEXT_OF("[]"), .bcc = TEXT_OF("[]"), .reply_to = TEXT_OF(""),
                                   .subject = text_from(message->subject),
                                   .content_type = text_from(alert_mail_type),
                                   .body_bytes = (int64_t)message->mail.length)) &&
           send_body(alerts, buf_text(&message->mail));
}

static bool post(struct alerts *alerts)
{
    const struct alert_message *message = &alerts->message;
    alerts->calls[++alerts->begun] = CALL_WEBHOOK;
    return channel_send(alerts->channel,
                        MESSAGE_OF(HTTP_CALL, .call = alerts->begun, .method = TEXT_OF("POST"),
                                   .url = text_from(message->url),
                                   .headers = TEXT_OF("[[\"Content-Type\",\"application/json\"]]"),
                                   .login = text_from(message->secret ? message->secret : ""),
                                   .options = TEXT_OF("{\"timeout_ms\":30000,\"redirects\":0}"),
                                   .has_body = true, .body_bytes = (int64_t)message->json.length)) &&
           send_body(alerts, buf_text(&message->json));
}

static bool go_out(struct alerts *alerts, struct err *err)
{
    const struct settings *settings = alerts->host->settings;
    const char *mail_login = json_string_or(json_get(settings->mail, "login"), NULL);
    if ((alerts->batch.mail && !send_login(alerts, mail_login, err)) ||
        (alerts->batch.webhook && !send_login(alerts, alerts->message.secret, err)) || !open_run(alerts, err))
        return false;
    const bool good = (!alerts->batch.mail || send_mail(alerts)) && (!alerts->batch.webhook || post(alerts));
    return good ? true : fail(err, ERR_ROLE_DIED, "gateway");
}

static void on_gateway(void *owner, const struct err *failed)
{
    struct alerts *alerts = owner;
    struct err err;
    if (failed)
        give_up(alerts, failed);
    else if (!go_out(alerts, &err)) {
        turn_spoil(alerts->host, &err);
        give_up(alerts, &err);
    }
}

// Nothing goes out before its claim is on disk, or two hosts would send it.
static void on_claimed(void *owner, const struct err *failed)
{
    struct alerts *alerts = owner;
    if (!failed) {
        roles_need(alerts->host, ROLES_GATEWAY, on_gateway, alerts);
        return;
    }
    alert_message_dispose(&alerts->message);
    alerts->sending = false;
    look_in(alerts, LOOK_MS);
}

// ---- which, and when

static bool take(void *owner, const struct alert_row *alert, struct err *err)
{
    struct alerts *alerts = owner;
    (void)err;
    alert_message_add(&alerts->message, alert);
    return true;
}

static bool claim(struct alerts *alerts, int64_t waiting, struct err *err)
{
    const int64_t most = waiting >= DIGEST_FROM ? DIGEST_MOST : 1;
    alert_message_begin(&alerts->message, alerts->host);
    if (!turn_begin(alerts->host, err) ||
        !store_alerts_claim(alerts->host->store, &alerts->batch, most, LEASE_MS, take, alerts, err)) {
        alert_message_dispose(&alerts->message);
        return false;
    }
    if (alerts->batch.count == 0) { // another host was quicker
        alert_message_dispose(&alerts->message);
        look_in(alerts, LOOK_MS);
        return true;
    }
    alert_message_end(&alerts->message);
    alerts->sending = true;
    alerts->begun = alerts->over = 0;
    alerts->mailed = alerts->posted = false;
    alerts->problem[0] = '\0';
    turn_after(alerts->host, on_claimed, alerts);
    return true;
}

static bool look(struct alerts *alerts, struct err *err)
{
    struct host *host = alerts->host;
    const int64_t now_ms = store_now_ms(host->store),
                  most = json_int64_or(json_get(host->settings->alerts, "most_per_hour"), HOUR_MOST);
    int64_t waiting, next_ms, messages, first_ms;
    if (!store_alerts_waiting(host->store, &waiting, &next_ms, err) ||
        !store_alerts_since(host->store, &messages, &first_ms, now_ms - HOUR_MS, err))
        return false;
    const int64_t due_ms = messages >= most ? first_ms + HOUR_MS + 1 : next_ms;
    if (waiting && due_ms <= now_ms)
        return claim(alerts, waiting, err);
    if (waiting && messages >= most)
        log_info("alert.bound", "waiting=%lld most_per_hour=%lld", (long long)waiting, (long long)most);
    look_in(alerts, waiting && due_ms - now_ms < LOOK_MS ? due_ms - now_ms : LOOK_MS);
    return true;
}

void alerts_look(struct host *host)
{
    struct alerts *alerts = host->alerts;
    struct err err;
    if (!alerts || !host->open || !host->serving || alerts->sending || !host->settings->alerts)
        return;
    if (look(alerts, &err))
        return;
    turn_spoil(host, &err);
    log_error("alert.look", "error=%s", err_name(err.code));
    look_in(alerts, LOOK_MS);
}

static void on_time(uv_timer_t *timer)
{
    alerts_look(((struct alerts *)timer->data)->host);
}

static void look_in(struct alerts *alerts, int64_t wait_ms)
{
    uv_timer_start(&alerts->timer, on_time, (uint64_t)wait_ms, 0);
}

// ---- its life

struct alerts *alerts_new(struct host *host)
{
    struct alerts *alerts = xcalloc(1, sizeof *alerts);
    alerts->host = host;
    require(uv_timer_init(host->loop, &alerts->timer) == 0);
    uv_unref((uv_handle_t *)&alerts->timer);
    alerts->timer.data = alerts;
    return alerts;
}

static void on_timer_closed(uv_handle_t *handle)
{
    xfree(handle->data);
}

void alerts_close(struct host *host)
{
    struct alerts *alerts = STEAL(host->alerts);
    uv_close((uv_handle_t *)&alerts->timer, on_timer_closed);
}
