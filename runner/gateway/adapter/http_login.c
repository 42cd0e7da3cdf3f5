// How each kind of secret goes out, and the form login that is done once a run. In the gateway.
//
// A session of a form login: OUT -> BUSY login_session_enter(), BUSY -> IN on_done(), IN -> OUT login_session_expire(). While it is
// BUSY calls wait. The secret is in memory of our own only while the form is sent.
#include "gateway/adapter/http.h"
#include "gateway/adapter/pool.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/seal/signature.h"

enum { FORM_MAX = 256 << 10, LOGIN_MS = 60000, LOGIN_ANSWER_MAX = 4 << 20 };

struct login_session {
    enum { SESSION_OUT, SESSION_BUSY, SESSION_IN } state;
    struct login *login;
    struct transfer *transfer;
    struct url *url;
    struct buf form;
    size_t taken, received;
    int status;
    struct http *waiting;
};

// ---- Each kind

static void apply_password(CURL *easy, const struct secret *secret, unsigned long how)
{
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, how);
    curl_easy_setopt(easy, CURLOPT_USERNAME, secret->username);
    curl_easy_setopt(easy, CURLOPT_PASSWORD, secret->value.data);
}

static void apply_header(struct curl_slist **headers, const char *name, const char *before, const char *value)
{
    char *line = xasprintf("%s: %s%s", name, before, value);
    struct curl_slist *longer = curl_slist_append(*headers, line);
    require(longer);
    *headers = longer;
    memory_wipe(line, strlen(line));
    xfree(line);
}

static void apply_certificate(CURL *easy, const struct secret *secret)
{
    struct curl_blob blob = {(void *)(uintptr_t)secret->value.data, secret->value.length, CURL_BLOB_COPY};
    curl_easy_setopt(easy, CURLOPT_SSLCERTTYPE, "PEM");
    curl_easy_setopt(easy, CURLOPT_SSLKEYTYPE, "PEM");
    curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &blob);
    curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &blob);
}

void login_apply(CURL *easy, const struct login *login, struct curl_slist **headers)
{
    const struct secret *secret = login->secret;
    switch (secret->kind) {
    case SECRET_BASIC:
        apply_password(easy, secret, CURLAUTH_BASIC);
        break;
    case SECRET_NTLM:
        apply_password(easy, secret, CURLAUTH_NTLM);
        break;
    case SECRET_NEGOTIATE:
        apply_password(easy, secret, CURLAUTH_NEGOTIATE);
        break;
    case SECRET_BEARER:
        apply_header(headers, "Authorization", "Bearer ", secret->value.data);
        break;
    case SECRET_HEADER:
        apply_header(headers, secret->header, "", secret->value.data);
        break;
    case SECRET_CLIENT_CERTIFICATE:
        apply_certificate(easy, secret);
        break;
    case SECRET_FORM:      // its cookie is in the jar
    case SECRET_SIGNATURE: // login_sign
    case SECRET_SSH_KEY:   // lent to the git remote
        break;
    }
}

void login_sign(const struct http *http, struct curl_slist **headers)
{
    char hex[SIGNATURE_SIZE];
    const struct call *call = http->call;
    const char *seconds = N(clock_realtime_ms() / 1000);
    signature_make(hex, http->login->secret->value, text_from(seconds), buf_text(&call->upload));
    apply_header(headers, "X-Renki-Timestamp", "", seconds);
    apply_header(headers, "X-Renki-Signature", "v1=", hex);
}

// ---- The form

static bool append_encoded(struct buf *out, struct text text)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._*";
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        const bool good = c == ' ' ? buf_append_char(out, '+')
                          : memchr(unreserved, c, sizeof unreserved - 1)
                              ? buf_append_char(out, c)
                              : buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
        if (!good)
            return false;
    }
    return true;
}

// {username} and {secret} are put in, all else stays.
static bool append_value(struct buf *out, const char *template, const struct secret *secret)
{
    while (*template) {
        if (strncmp(template, "{username}", 10) == 0) {
            if (!append_encoded(out, text_from(secret->username)))
                return false;
            template += 10;
        } else if (strncmp(template, "{secret}", 8) == 0) {
            if (!append_encoded(out, secret->value))
                return false;
            template += 8;
        } else if (!append_encoded(out, text_of(template ++, 1)))
            return false;
    }
    return true;
}

static bool fill_form(struct buf *out, const struct secret *secret)
{
    for (const struct json *field = json_first(secret->form_fields); field; field = json_next(field))
        if ((out->length && !buf_append_char(out, '&')) ||
            !append_encoded(out, text_from(json_string_or(json_at(field, 0), ""))) ||
            !buf_append_char(out, '=') || !append_value(out, json_string_or(json_at(field, 1), ""), secret))
            return false;
    return true;
}

static void forget_form(struct login_session *session)
{
    if (session->form.data)
        memory_wipe(session->form.data, session->form.length);
    buf_dispose(&session->form);
}

// ---- The exchange

static void go_on(struct login_session *session, bool good, const struct err *err)
{
    struct http *waiting = STEAL(session->waiting);
    while (waiting) {
        struct http *http = waiting;
        waiting = http->next_waiting;
        http->next_waiting = NULL;
        if (good)
            http_hop(http);
        else
            call_fail(http->call, err);
    }
}

static size_t on_read(void *owner, char *out, size_t most, enum flow *flow)
{
    struct login_session *session = owner;
    const size_t there = session->form.length - session->taken;
    const size_t taken = there < most ? there : most;
    *flow = FLOW_ON;
    if (taken)
        memcpy(out, session->form.data + session->taken, taken);
    session->taken += taken;
    return taken;
}

static bool on_rewind(void *owner)
{
    ((struct login_session *)owner)->taken = 0;
    return true;
}

static bool on_line(void *owner, struct text line)
{
    struct login_session *session = owner;
    const int status = head_status(line);
    if (status)
        session->status = status;
    session->received += line.length;
    return session->received < LOGIN_ANSWER_MAX;
}

static bool on_body(void *owner, struct text part, enum flow *flow)
{
    struct login_session *session = owner;
    *flow = FLOW_ON;
    session->received += part.length;
    return session->received < LOGIN_ANSWER_MAX;
}

static void on_done(void *owner, bool good, const struct err *why)
{
    struct login_session *session = owner;
    struct err err = *why;
    transfer_free(STEAL(session->transfer));
    forget_form(session);
    if (good && session->status >= 400) {
        if (session->status < 500 && session->waiting)
            http_login_refused(session->waiting, session->status);
        good = fail(&err, ERR_LOGIN_FAILED, session->login->name, N(session->status));
    }
    session->state = good ? SESSION_IN : SESSION_OUT;
    log_info("login.form", "login=%s status=%d", session->login->name, session->status);
    go_on(session, good, &err);
}

static const struct transfer_events events = {on_read, on_rewind, on_line, on_body, on_done};

static bool begin(struct login_session *session, struct run *run, struct err *err)
{
    const struct secret *secret = session->login->secret;
    url_free(STEAL(session->url));
    session->form = buf_new(FORM_MAX);
    session->taken = session->received = 0;
    session->status = 0;
    if (!url_read(&session->url, NULL, text_from(secret->form_url), err))
        return false;
    if (!fill_form(&session->form, secret))
        return fail(err, ERR_LIMIT_PASSED, "form", N(FORM_MAX));
    struct system *system = outside_system(run->gateway->outside, url_parts(session->url));
    session->transfer = transfer_new(pool_for(run, session->login), system ? &system->route : NULL,
                                     url_parts(session->url)->host, LOGIN_MS, &events, session);
    if (!transfer_to(session->transfer, session->url, err)) {
        transfer_free(STEAL(session->transfer));
        return false;
    }
    CURL *easy = transfer_easy(session->transfer);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_SHARE, jar_of(run, session->login, 0));
    curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
    // As POST with our reader: "application/x-www-form-urlencoded" is then libcurl's own default.
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)session->form.length);
    transfer_start(session->transfer);
    return true;
}

void login_session_enter(struct http *http)
{
    struct login *login = http->login;
    struct err err;
    if (!login->session) {
        login->session = xcalloc(1, sizeof *login->session);
        login->session->login = login;
    }
    struct login_session *session = login->session;
    if (session->state == SESSION_IN) {
        http_hop(http);
        return;
    }
    http->next_waiting = session->waiting;
    session->waiting = http;
    if (session->state == SESSION_BUSY)
        return;
    session->state = SESSION_BUSY;
    if (!begin(session, http->call->run, &err)) {
        session->state = SESSION_OUT;
        go_on(session, false, &err);
    }
}

void login_session_expire(struct login *login)
{
    if (login->session && login->session->state == SESSION_IN)
        login->session->state = SESSION_OUT;
}

bool login_session_is_login_page(const struct http *http, const struct url *url)
{
    const struct login_session *session = http->login ? http->login->session : NULL;
    return session && session->url && url_same_origin(session->url, url) &&
           text_equal(url_parts(session->url)->path, url_parts(url)->path);
}

void login_session_leave(struct http *http)
{
    struct login_session *session = http->login ? http->login->session : NULL;
    for (struct http **at = session ? &session->waiting : NULL; at && *at; at = &(*at)->next_waiting)
        if (*at == http) {
            *at = http->next_waiting;
            return;
        }
}

void login_session_free(struct login_session *session)
{
    if (!session)
        return;
    transfer_free(session->transfer);
    forget_form(session);
    url_free(session->url);
    xfree(session);
}
