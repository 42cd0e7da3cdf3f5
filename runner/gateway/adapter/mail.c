// Mail by SMTP: every recipient is checked, the head is written here, the body comes from the worker. In the gateway.
//
// The sender is the administrator's. The body is refused where a line end is not CR LF: other servers on the way may
// read a lone one as the end of the mail, and what follows as commands.
#include "gateway/adapter/mail.h"
#include "gateway/adapter/pool.h"
#include "gateway/adapter/transfer.h"
#include "gateway/freeze.h"
#include "lib/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { MAIL_BYTES_MAX = 25 << 20, REPLY_MAX = 300, MAIL_MS = 300000 };

struct mail {
    struct call *call;
    struct transfer *transfer;
    struct curl_slist *recipients;
    struct buf head;
    size_t head_taken;
    char before; // the body's byte before
    char reply[REPLY_MAX];
    char message_id[200];
};

// ---- The message

static bool unfit(struct err *err, const char *field)
{
    return fail(err, ERR_MAIL_FIELD, field);
}

static bool append_recipient(struct mail *mail, struct text address)
{
    SCOPED_TEXT char *written = xasprintf("<%.*s>", (int)address.length, address.data);
    struct curl_slist *longer = curl_slist_append(mail->recipients, written);
    require(longer);
    mail->recipients = longer;
    // For the record: to whom.
    char *path = xasprintf("%s%s%.*s", mail->call->path ? mail->call->path : "", mail->call->path ? ", " : "",
                           (int)address.length, address.data);
    xfree(mail->call->path);
    mail->call->path = path;
    return true;
}

// Checks each of a list; `field` NULL: it stands in no field (bcc).
static bool take_recipients(struct mail *mail, const char *field, struct text list, size_t *total,
                            struct err *err)
{
    struct mail_address addresses[MAIL_RECIPIENTS_MAX];
    SCOPED(json_document)
    document = NULL;
    size_t count = 0;
    if (!json_parse(&document, list, err))
        return false;
    for (const struct json *one = json_first(json_root(document)); one; one = json_next(one)) {
        struct text text = {"", 0};
        (void)json_text(one, &text);
        if (++*total > MAIL_RECIPIENTS_MAX)
            return fail(err, ERR_LIMIT_PASSED, "recipients", N(MAIL_RECIPIENTS_MAX));
        if (!mail_address_read(&addresses[count], text, err) ||
            !permits_mail(mail->call->run->permits, addresses[count].address, err) ||
            !append_recipient(mail, addresses[count].address))
            return false;
        count++;
    }
    return !field || count == 0 || mail_head_addresses(&mail->head, field, addresses, count) ||
           unfit(err, field);
}

static bool write_from(struct mail *mail, const struct mail_settings *settings)
{
    const struct mail_address from = {text_from(settings->from_name ? settings->from_name : ""),
                                      text_from(settings->from_address)};
    unsigned char random[16];
    require(getrandom(random, sizeof random, 0) == sizeof random);
    size_t length = 0;
    for (size_t i = 0; i < sizeof random; i++)
        length += (size_t)snprintf(mail->message_id + length, sizeof mail->message_id - length,
                                   i ? "%02x" : "<%02x", random[i]);
    snprintf(mail->message_id + length, sizeof mail->message_id - length, "%s>",
             strrchr(settings->from_address, '@'));
    return mail_head_addresses(&mail->head, "From", &from, 1);
}

static bool write_rest(struct mail *mail, const struct message_MAIL_CALL *message, struct err *err)
{
    struct mail_address reply;
    if (message->reply_to.length && (!mail_address_read(&reply, message->reply_to, err) ||
                                     !mail_head_addresses(&mail->head, "Reply-To", &reply, 1)))
        return err->code == ERR_MAIL_ADDRESS ? false : unfit(err, "reply_to");
    if (!mail_is_line(message->subject) || !mail_head_text(&mail->head, "Subject", message->subject))
        return unfit(err, "subject");
    // Parts carry their own encoding; anything else would need a field that the worker can't give.
    if (!mail_is_line(message->content_type) || !text_starts(message->content_type, "multipart/"))
        return unfit(err, "content_type");
    return (mail_head_date(&mail->head, clock_realtime_ms()) &&
            buf_printf(&mail->head,
                       "Message-ID: %s\r\nMIME-Version: 1.0\r\nContent-Type: ", mail->message_id) &&
            buf_append_text(&mail->head, message->content_type) &&
            buf_append_string(&mail->head, "\r\n\r\n")) ||
           unfit(err, "head");
}

static bool check_login(const struct call *call, const struct mail_settings *settings, struct err *err)
{
    if (!settings->login)
        return true;
    const struct login *login = run_login(call->run, text_from(settings->login));
    if (!login)
        return fail(err, ERR_LOGIN_MISSING, settings->login);
    if (!login->secret) {
        *err = login->problem;
        return false;
    }
    const bool same = login->secret->for_mail && strcmp(login->secret->origin.host, settings->host) == 0;
    if (!same)
        return fail(err, ERR_LOGIN_ORIGIN, settings->login, login->secret->origin_text, settings->server);
    return account_check(login->account, err);
}

static bool prepare(struct mail *mail, const struct message_MAIL_CALL *message, struct err *err)
{
    struct call *call = mail->call;
    const struct mail_settings *settings = &call->run->gateway->outside->mail;
    size_t total = 0;
    err_clear(err);
    if (!settings->set)
        return fail(err, ERR_MAIL_UNSET, NULL);
    call->host = xstrdup(settings->host);
    call->port = settings->route.port;
    if (message->body_bytes > MAIL_BYTES_MAX)
        return fail(err, ERR_MAIL_TOO_LARGE, N(MAIL_BYTES_MAX >> 20));
    if (!write_from(mail, settings))
        return unfit(err, "from");
    if (!take_recipients(mail, "To", message->to, &total, err) ||
        !take_recipients(mail, "Cc", message->cc, &total, err) ||
        !take_recipients(mail, NULL, message->bcc, &total, err) || !write_rest(mail, message, err))
        return false;
    if (total == 0)
        return fail(err, ERR_MAIL_NOBODY, NULL);
    if (call->run->mail_count >= call->run->limits.mails)
        return fail(err, ERR_MAIL_LIMIT, N(call->run->limits.mails));
    if (call->run->mail_count >= call->run->limits.mails_left_today)
        return fail(err, ERR_MAIL_LIMIT_DAY, N(MAILS_A_DAY));
    call->run->mail_count++;
    return check_login(call, settings, err);
}

// ---- The exchange

static bool lines_are_whole(struct mail *mail, struct text part)
{
    for (size_t i = 0; i < part.length; i++) {
        const char c = part.data[i];
        if ((c == '\n') != (mail->before == '\r') || c == '\0')
            return false;
        mail->before = c;
    }
    return true;
}

static size_t on_read(void *owner, char *out, size_t most, enum flow *flow)
{
    struct mail *mail = owner;
    struct err err;
    const size_t left = mail->head.length - mail->head_taken;
    *flow = FLOW_ON;
    if (left) {
        const size_t taken = left < most ? left : most;
        memcpy(out, mail->head.data + mail->head_taken, taken);
        mail->head_taken += taken;
        return taken;
    }
    struct call *call = mail->call;
    const size_t got = call_read(call, out, most, flow);
    const bool good = lines_are_whole(mail, text_of(out, got));
    const bool over = !call->upload_open && call->upload_taken == call->upload.length;
    if (good && !(over && mail->before == '\r'))
        return got;
    (void)unfit(&err, "body");
    call_fail(call, &err);
    *flow = FLOW_STOP;
    return 0;
}

static long reply_status(const struct mail *mail)
{
    return strtol(mail->reply, NULL, 10);
}

// The server's answers. The refusal counts, not what it says to the good-bye after it.
static bool on_line(void *owner, struct text line)
{
    struct mail *mail = owner;
    const struct text reply = text_trim(line);
    if (reply_status(mail) < 400)
        snprintf(mail->reply, sizeof mail->reply, "%.*s",
                 (int)(reply.length < REPLY_MAX ? reply.length : REPLY_MAX), reply.data);
    return true;
}

static bool on_body(void *owner, struct text part, enum flow *flow)
{
    (void)part;
    *flow = FLOW_ON;
    return ((struct mail *)owner)->call->state != CALL_OVER;
}

// 534, 535 (RFC 4954, 6): the server does not take the login.
static void judge_login(const struct call *call, bool good)
{
    const struct mail_settings *settings = &call->run->gateway->outside->mail;
    const struct login *login = settings->login ? run_login(call->run, text_from(settings->login)) : NULL;
    if (login && good)
        account_accepted(login->account, call->run);
    else if (login && (call->status == 534 || call->status == 535))
        account_refused(login->account, call->run, call->host, call->status, settings->freeze_after);
}

static void on_done(void *owner, bool good, const struct err *why)
{
    struct mail *mail = owner;
    struct call *call = mail->call;
    struct err err = *why;
    if (call->state == CALL_OVER)
        return;
    call->status = reply_status(mail);
    judge_login(call, good);
    if (good) {
        call_finish(call);
        return;
    }
    if (call->status >= 400 && call->status < 600)
        (void)fail(&err, ERR_MAIL_REFUSED, call->host, mail->reply);
    call_fail(call, &err);
}

static const struct transfer_events events = {on_read, NULL, on_line, on_body, on_done};

static void begin(struct call *call)
{
    struct mail *mail = call->adapted;
    const struct mail_settings *settings = &call->run->gateway->outside->mail;
    const struct login *login = settings->login ? run_login(call->run, text_from(settings->login)) : NULL;
    SCOPED_TEXT char *url = xasprintf("%s/%s", settings->server, strrchr(settings->from_address, '@') + 1);
    mail->transfer = transfer_new(pool_for(call->run, login), &settings->route, text_from(settings->host),
                                  MAIL_MS, &events, mail);
    CURL *easy = transfer_easy(mail->transfer);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, settings->from_address);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, mail->recipients);
    curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)(settings->starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
                     (curl_off_t)((int64_t)mail->head.length + call->upload_expected));
    if (login) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, login->secret->username);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, login->secret->value.data);
    }
    transfer_start(mail->transfer);
}

static void start(struct call *call)
{
    struct mail *mail = call->adapted;
    const char *name = call->run->gateway->outside->mail.login;
    const struct login *login = name ? run_login(call->run, text_from(name)) : NULL;
    if (call->run->dry_run) {
        mail->message_id[0] = '\0';
        call_hold(call);
    } else if (login)
        account_enter(login->account, call, begin);
    else
        begin(call);
}

static void more(struct call *call)
{
    struct mail *mail = call->adapted;
    if (mail->transfer)
        transfer_resume(mail->transfer);
}

static bool head(struct call *call, struct text part, bool last)
{
    (void)part;
    (void)last;
    const struct mail *mail = call->adapted;
    return channel_send(call->run->channel,
                        MESSAGE_OF(MAIL_DONE, .call = call->number, .held = call->outcome == OUTCOME_HELD,
                                   .message_id = text_from(mail->message_id)));
}

static void dispose(struct call *call)
{
    struct mail *mail = call->adapted;
    if (!mail)
        return;
    transfer_free(mail->transfer);
    curl_slist_free_all(mail->recipients);
    buf_dispose(&mail->head);
    xfree(mail);
    call->adapted = NULL;
}

static const struct adapter adapter = {
    .kind = "mail", .start = start, .more = more, .head = head, .dispose = dispose, .has_body = false};

bool mail_call(struct call **out, struct run *run, struct frame *frame, struct err *err)
{
    struct message_MAIL_CALL message;
    struct err refusal;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (message.body_bytes < 0)
        return fail(err, ERR_FRAME_MALFORMED, "MAIL_CALL", "body_bytes");
    struct call *call = call_new(run, message.call, &adapter);
    struct mail *mail = xcalloc(1, sizeof *mail);
    mail->call = call;
    mail->head = buf_new(MAIL_HEAD_MAX);
    call->adapted = mail;
    call->upload_open = true;
    call->upload_expected = message.body_bytes;
    snprintf(call->method, sizeof call->method, "SEND");
    snprintf(call->login, sizeof call->login, "%s",
             run->gateway->outside->mail.login ? run->gateway->outside->mail.login : "");
    if (!prepare(mail, &message, &refusal))
        call_fail(call, &refusal);
    else if (call->exchange)
        call->exchange->url = xstrdup(run->gateway->outside->mail.server);
    *out = call;
    return true;
}
