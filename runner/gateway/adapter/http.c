// Calls by HTTP: permit, login, hops, and what comes back. In the gateway.
//
// Redirects are ours: each hop is judged anew (permit, method, login by origin), never from https to http.
#include "gateway/adapter/http.h"
#include "gateway/adapter/pool.h"
#include "gateway/freeze.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <stdio.h>

enum { ANSWER_HEAD_MAX = 400000 };

static const struct transfer_events events;

// ---- One hop

static bool uploads(const struct http *http)
{
    const char *method = http->call->method;
    return http->has_body || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
           strcmp(method, "PATCH") == 0;
}

static void set_method(CURL *easy, const struct http *http)
{
    if (uploads(http))
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    else if (strcmp(http->call->method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, http->call->method);
}

static void forget_answer(struct http *http)
{
    buf_clear(&http->head);
    buf_clear(&http->masking);
    http->head_lines = 0;
    http->status = 0;
    http->head_over = http->swallow = http->login_wanted = false;
}

static bool signs(const struct http *http)
{
    return http->login_applies && http->login->secret->kind == SECRET_SIGNATURE;
}

// All that exchanges of one making have in common.
static struct transfer *make_ready(struct http *http, struct pool *pool, const struct making *making,
                                   int64_t timeout_ms)
{
    const struct preset *preset = http->preset;
    const struct login *login = making->login;
    struct transfer *transfer =
        transfer_new(pool, making->route, url_parts(http->url)->host, timeout_ms, &events, http);
    CURL *easy = transfer_easy(transfer);
    struct curl_slist *headers = headers_list(http);
    if (login)
        login_apply(easy, login, &headers);
    if (signs(http))
        login_sign(http, &headers);
    transfer_headers(transfer, headers);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (preset->decode)
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    if (preset->connect_ms > 0)
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)preset->connect_ms);
    if (making->jar) {
        curl_easy_setopt(easy, CURLOPT_SHARE, making->jar);
        curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
    }
    set_method(easy, http);
    if (!call_reads(http->call))
        transfer_once(transfer);
    return transfer;
}

void http_hop(struct http *http)
{
    struct call *call = http->call;
    struct system *system = outside_system(call->run->gateway->outside, url_parts(http->url));
    struct making making = {.run = call->run->id,
                            .route = system ? &system->route : NULL,
                            .login = http->login_applies ? http->login : NULL,
                            .preset = http->preset->number,
                            .jar = jar_of(call->run, http->login, http->preset->jar),
                            .foreign = http->foreign,
                            .has_body = http->has_body};
    memcpy(making.method, call->method, sizeof making.method);
    const int64_t left_ms = http->deadline_ms - clock_monotonic_ms(), timeout_ms = left_ms > 1 ? left_ms : 1;
    struct pool *pool = pool_for(call->run, making.login);
    struct err err;
    forget_answer(http);
    transfer_free(STEAL(http->transfer));
    // A place that the settings do not name is told by host, a signature is of one body: such exchanges are not kept.
    const bool kept = system && !signs(http);
    if (kept)
        http->transfer = transfer_again(pool, &making, timeout_ms, &events, http);
    if (!http->transfer) {
        http->transfer = make_ready(http, pool, &making, timeout_ms);
        if (kept)
            transfer_keep(http->transfer, &making);
    }
    if (!transfer_to(http->transfer, http->url, &err)) {
        call_fail(call, &err);
        return;
    }
    // Of unknown length: -1, which sends chunks.
    if (uploads(http))
        curl_easy_setopt(transfer_easy(http->transfer), CURLOPT_INFILESIZE_LARGE,
                         (curl_off_t)(http->has_body ? call->upload_expected : 0));
    transfer_start(http->transfer);
}

static void with_login(struct call *call)
{
    struct http *http = call->adapted;
    if (http->login->secret->kind == SECRET_FORM)
        login_session_enter(http);
    else if (signs(http) && call->upload_open) {
        http->awaits_body = true; // goes on in more()
        call->upload_hungry = true;
    } else
        http_hop(http);
}

static void enter(struct http *http)
{
    if (http->login_applies)
        account_enter(http->login->account, http->call, with_login);
    else
        http_hop(http);
}

void http_login_refused(const struct http *http, int status)
{
    const struct system *system = http->call->system;
    account_refused(http->login->account, http->call->run, http->call->host, status,
                    system ? system->freeze_after : FREEZE_AFTER);
}

// Of a form login its form tells; a page that it may not see says nothing of the password.
static bool is_refusal(const struct http *http)
{
    return http->login_applies && http->login->secret->kind != SECRET_FORM &&
           (http->status == 401 || http->status == 403);
}

// What says nothing of the login: refusals, which are judged at the end (NTLM and Negotiate begin with 401), and what a
// system in trouble answers.
static bool is_acceptance(const struct http *http)
{
    return http->login_applies && !http->login_wanted && http->status >= 200 && http->status < 500 &&
           http->status != 401 && http->status != 403 && http->status != 407 && http->status != 429;
}

static void start(struct call *call)
{
    struct http *http = call->adapted;
    if (call->run->dry_run && !call_reads(call)) {
        call_hold(call);
        return;
    }
    http->deadline_ms = clock_monotonic_ms() + http->preset->timeout_ms;
    enter(http);
}

// ---- Redirects

static bool is_redirect(const struct http *http)
{
    struct text location;
    const int status = http->status;
    return (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) &&
           http->preset->redirects > 0 && head_find(http, "location", &location);
}

static void change_method(struct http *http)
{
    struct call *call = http->call;
    const bool posts = strcmp(call->method, "POST") == 0;
    const bool to_get = (http->status == 303 && strcmp(call->method, "HEAD") != 0) ||
                        ((http->status == 301 || http->status == 302) && posts);
    if (!to_get)
        return;
    snprintf(call->method, sizeof call->method, "GET");
    http->has_body = false;
    call_drop_upload(call);
}

static bool judge(struct http *http, const struct url *url, struct err *err)
{
    struct call *call = http->call;
    http->login_applies = http->login && origin_covers(&http->login->secret->origin, url_parts(url));
    return permits_http(call->run->permits, text_from(call->method), url_parts(url),
                        http->login_applies ? text_from(http->login->name) : TEXT_OF(""), err);
}

static bool follow(struct http *http, struct err *err)
{
    struct text location = {"", 0};
    SCOPED(url)
    next = NULL;
    (void)head_find(http, "location", &location);
    if (++http->hops > http->preset->redirects)
        return fail(err, ERR_HTTP_REDIRECTS, http->call->host, N(http->preset->redirects));
    if (!url_follow(&next, http->url, location, err))
        return false;
    change_method(http);
    const bool downgrade =
        text_is(url_parts(http->url)->scheme, "https") && !text_is(url_parts(next)->scheme, "https");
    if (downgrade || (http->has_body && !call_rewind(http->call)))
        return fail(err, ERR_HTTP_REDIRECT, http->call->host, url_text(next));
    if (!judge(http, next, err))
        return false;
    http->foreign = http->foreign || !url_same_origin(http->url, next);
    transfer_free(STEAL(http->transfer)); // it borrows the address
    url_free(http->url);
    http->url = STEAL(next);
    return true;
}

// ---- What comes back

static void alert_echo(struct http *http)
{
    if (http->echoed)
        return;
    http->echoed = true;
    log_error("secret.echoed", "run=%lld login=%s host=%s", (long long)http->call->run->id, http->login->name,
              http->call->host);
}

static void remark_echo(struct call *call)
{
    struct err err;
    (void)fail(&err, ERR_SECRET_ECHOED, call->host);
    call_remark(call, &err);
}

// The session has run out when the system says so, or sends the caller to its login page.
static bool wants_login(const struct http *http)
{
    struct text location;
    struct err err;
    SCOPED(url)
    next = NULL;
    if (!http->login_applies || http->login->secret->kind != SECRET_FORM)
        return false;
    if (http->status == 401)
        return true;
    return http->status >= 300 && http->status < 400 && head_find(http, "location", &location) &&
           url_follow(&next, http->url, location, &err) && login_session_is_login_page(http, next);
}

static bool on_line(void *owner, struct text line)
{
    struct http *http = owner;
    struct err err;
    const int status = head_status(line);
    if (status) {
        forget_answer(http);
        http->status = status;
    }
    if (http->head_over) // trailers
        return true;
    if (!head_take(http, line, &err)) {
        call_fail(http->call, &err);
        return false;
    }
    if (text_trim(line).length == 0) {
        http->head_over = true;
        http->login_wanted = wants_login(http);
        http->swallow = http->login_wanted || is_redirect(http);
        if (is_acceptance(http))
            account_accepted(http->login->account, http->call->run);
    }
    return true;
}

static void give(struct http *http, struct text part, bool last)
{
    struct call *call = http->call;
    const struct mask *mask = http->login ? http->login->mask : NULL;
    if (!mask) {
        if (part.length)
            call_answer(call, part);
        return;
    }
    bool found = false;
    const size_t final = mask_stream(mask, &http->masking, part, last, &found);
    if (found)
        alert_echo(http);
    if (final) {
        call_answer(call, text_of(http->masking.data, final));
        buf_consume(&http->masking, final);
    }
}

static bool on_body(void *owner, struct text part, enum flow *flow)
{
    struct http *http = owner;
    struct call *call = http->call;
    struct err err;
    *flow = FLOW_ON;
    if (call->state == CALL_OVER)
        return false;
    if (!http->swallow) {
        *flow = call_may_answer(call);
        if (*flow == FLOW_PAUSE)
            return true;
    }
    call->received_bytes += (int64_t)part.length;
    if (call->received_bytes > call->run->limits.answer_bytes) {
        (void)fail(&err, ERR_HTTP_TOO_LARGE, call->host, N(call->run->limits.answer_bytes >> 20));
        call_fail(call, &err);
        return false;
    }
    if (!http->swallow)
        give(http, part, false);
    return true;
}

static bool log_in_again(struct http *http, struct err *err)
{
    if (http->logged_in_again)
        http_login_refused(http, http->status);
    if (http->logged_in_again || (http->has_body && !call_rewind(http->call)))
        return fail(err, ERR_LOGIN_FAILED, http->login->name, N(http->status));
    http->logged_in_again = true;
    login_session_expire(http->login);
    return true;
}

static void on_done(void *owner, bool good, const struct err *why)
{
    struct http *http = owner;
    struct call *call = http->call;
    struct err err = *why;
    if (call->state == CALL_OVER)
        return;
    call->status = http->status;
    if (good && is_refusal(http))
        http_login_refused(http, http->status);
    if (good && http->login_wanted)
        good = log_in_again(http, &err);
    else if (good && is_redirect(http))
        good = follow(http, &err);
    else if (good) {
        give(http, text_of("", 0), true);
        if (http->echoed)
            remark_echo(call);
        call_finish(call);
        return;
    }
    if (!good) {
        call_fail(call, &err);
        return;
    }
    enter(http);
}

static size_t on_read(void *owner, char *out, size_t most, enum flow *flow)
{
    return call_read(((struct http *)owner)->call, out, most, flow);
}

static bool on_rewind(void *owner)
{
    return call_rewind(((struct http *)owner)->call);
}

static const struct transfer_events events = {on_read, on_rewind, on_line, on_body, on_done};

static void more(struct call *call)
{
    struct http *http = call->adapted;
    if (http->awaits_body) {
        http->awaits_body = false;
        with_login(call);
    } else if (http->transfer)
        transfer_resume(http->transfer);
}

static void record_heads(struct call *call, const struct http *http)
{
    struct json_writer writer = json_writer_new(&call->exchange->received_headers);
    struct text rest = buf_text(&http->head), line;
    json_begin_array(&writer);
    while (text_cut(&rest, '\n', &line)) {
        const ptrdiff_t colon = text_find(line, ':');
        const struct text name = text_of(line.data, colon > 0 ? (size_t)colon : 0);
        if (colon <= 0 || !record_may_show(name, NULL))
            continue;
        json_begin_array(&writer);
        json_write_lossy(&writer, name);
        json_write_lossy(&writer, text_trim(text_of(line.data + colon + 1, line.length - (size_t)colon - 1)));
        json_end_array(&writer);
    }
    json_end_array(&writer);
}

void http_end_run(struct run *run)
{
    url_free(run->known);
    preset_leave(run->preset);
}

static bool head(struct call *call, struct text part, bool last)
{
    struct http *http = call->adapted;
    struct err err;
    SCOPED_BUF(written, ANSWER_HEAD_MAX + (size_t)CALL_BODY_MAX);
    if (http->login && http->login->mask && http->head.length &&
        mask_text(http->login->mask, http->head.data, http->head.length))
        alert_echo(http);
    if (!head_write(&written, http) || written.length > ANSWER_HEAD_MAX) {
        (void)fail(&err, ERR_HTTP_HEADERS_TOO_LARGE, call->host, N(HEAD_BYTES_MAX >> 10));
        call->state = CALL_RUNNING; // in case it was over and good
        call_fail(call, &err);
        return false;
    }
    const size_t head_bytes = written.length;
    require(buf_append_text(&written, part));
    if (call->exchange)
        record_heads(call, http);
    const bool held = call->outcome == OUTCOME_HELD;
    return channel_send(call->run->channel,
                        MESSAGE_OF(HTTP_HEAD, .call = call->number, .status = held ? 200 : http->status,
                                   .url = text_from(url_text(http->url)), .held = held, .last = last,
                                   .head_bytes = (int64_t)head_bytes, .part = buf_text(&written)));
}

static void dispose(struct call *call)
{
    struct http *http = call->adapted;
    if (!http)
        return;
    login_session_leave(http);
    transfer_free(http->transfer);
    url_free(http->url);
    preset_leave(http->preset);
    buf_dispose(&http->head);
    buf_dispose(&http->masking);
    xfree(http);
    call->adapted = NULL;
}

static const struct adapter adapter = {
    .kind = "http", .start = start, .more = more, .head = head, .dispose = dispose, .has_body = true};

// ---- The robot's call

static bool is_method(const char *method)
{
    for (size_t i = 0; permit_methods[i]; i++)
        if (strcmp(method, permit_methods[i]) == 0)
            return true;
    return false;
}

static bool take_login(struct http *http, struct text name, struct err *err)
{
    struct call *call = http->call;
    if (name.length == 0)
        return true;
    http->login = run_login(call->run, name);
    if (!http->login)
        return fail(err, ERR_LOGIN_MISSING, call->login);
    if (!http->login->secret) {
        *err = http->login->problem;
        return false;
    }
    const struct secret *secret = http->login->secret;
    if (secret->for_mail || !origin_covers(&secret->origin, url_parts(http->url)))
        return fail(err, ERR_LOGIN_ORIGIN, call->login, secret->origin_text, url_text(http->url));
    if (secret->kind == SECRET_SIGNATURE &&
        (call->upload_expected < 0 || call->upload_expected > UPLOAD_KEEP))
        return fail(err, ERR_LIMIT_PASSED, "a body that is signed", N(UPLOAD_KEEP));
    return account_check(http->login->account, err);
}

static void take_address(struct call *call, const struct url_parts *parts)
{
    call->host = text_copy(parts->host);
    call->path = text_copy(parts->path);
    call->port = parts->port;
}

static void record_given(struct exchange *exchange, const struct json *given)
{
    struct json_writer writer = json_writer_new(&exchange->sent_headers);
    json_begin_array(&writer);
    for (const struct json *header = json_first(given); header; header = json_next(header)) {
        struct text name = {"", 0};
        (void)json_text(json_at(header, 0), &name);
        if (record_may_show(name, NULL))
            json_write_value(&writer, header);
    }
    json_end_array(&writer);
}

static bool prepare(struct http *http, const struct message_HTTP_CALL *message, struct err *err)
{
    struct call *call = http->call;
    if (!url_read(&http->url, call->run->known, message->url, err))
        return false;
    if (!call->run->known || !url_same_origin(call->run->known, http->url)) {
        url_free(call->run->known);
        call->run->known = url_copy(http->url);
    }
    take_address(call, url_parts(http->url));
    if (call->exchange) {
        call->exchange->url = xstrdup(url_text(http->url));
        record_given(call->exchange, json_root(http->preset->headers));
    }
    if (!is_method(call->method))
        return fail(err, ERR_HTTP_METHOD, call->method);
    // Permits first: what is not permitted learns nothing about logins.
    if (!permits_http(call->run->permits, message->method, url_parts(http->url), message->login, err) ||
        !take_login(http, message->login, err) ||
        !headers_check(json_root(http->preset->headers), http->login, err))
        return false;
    http->login_applies = http->login != NULL;
    call->system = outside_system(call->run->gateway->outside, url_parts(http->url));
    return true;
}

static struct http *http_new(struct call *call, const struct message_HTTP_CALL *message)
{
    struct http *http = xcalloc(1, sizeof *http);
    http->call = call;
    http->head = buf_new(HEAD_BYTES_MAX);
    http->masking = buf_new((size_t)FRAME_MAX);
    http->has_body = message->has_body;
    call->adapted = http;
    call->upload_open = message->has_body;
    call->upload_expected = message->body_bytes;
    snprintf(call->method, sizeof call->method, "%.*s", (int)message->method.length, message->method.data);
    snprintf(call->login, sizeof call->login, "%.*s", (int)message->login.length, message->login.data);
    return http;
}

bool http_call(struct call **out, struct run *run, struct frame *frame, struct err *err)
{
    struct message_HTTP_CALL message;
    struct err refusal;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    if (message.body_bytes < -1 || (message.has_body ? false : message.body_bytes != 0))
        return fail(err, ERR_FRAME_MALFORMED, "HTTP_CALL", "body_bytes");
    struct preset *preset = NULL;
    if (!preset_take(&preset, run, message.headers, message.options, err))
        return false;
    struct call *call = call_new(run, message.call, &adapter);
    struct http *http = http_new(call, &message);
    http->preset = preset;
    if (!prepare(http, &message, &refusal))
        call_fail(call, &refusal);
    *out = call;
    return true;
}
