// A call by HTTP: its hops, its login, its head. For the files of this folder only.
#ifndef RENKI_GATEWAY_HTTP_H
#define RENKI_GATEWAY_HTTP_H

#include "gateway/adapter/transfer.h"
#include "gateway/adapter/url.h"
#include "gateway/mask.h"

enum { HEAD_BYTES_MAX = 256 << 10, HEAD_LINES_MAX = 500, REDIRECTS_MOST = 5, REDIRECTS_DEFAULT = 5 };

// The robot's headers and options. Most calls of a client have the same ones: they are read and checked once.
struct preset {
    int64_t number; // of the gateway's presets: an address may come again, a number never does
    int users;      // the run, for the last one, and calls
    char *headers_text, *options_text;
    struct json_document *headers; // [[name, value], …]
    int64_t timeout_ms, connect_ms, jar;
    int redirects;
    bool decode;
};

struct http {
    struct call *call;
    struct transfer *transfer; // NULL between hops
    struct url *url;
    struct preset *preset;
    struct login *login; // that the robot named; NULL: none
    bool login_applies;  // this hop is within the login's origin
    bool foreign;        // a redirect left the first origin: the robot's own headers stay behind
    bool has_body, logged_in_again;
    bool awaits_body; // that is to be signed
    int64_t deadline_ms;
    int hops;

    // The answer of this hop
    struct buf head; // its lines as they came
    size_t head_lines;
    int status;
    bool head_over, swallow, login_wanted, echoed;
    struct buf masking; // what may be the beginning of a secret

    struct http *next_waiting; // for the form login
};

// http.c: begins the exchange with http->url.
void http_hop(struct http *http);
// The system did not take its login.
void http_login_refused(const struct http *http, int status);

// ---- preset.c
// The run's last preset where the texts are the same, else a new one. Let go with preset_leave.
bool preset_take(struct preset **out, struct run *run, struct text headers, struct text options,
                 struct err *err) MUST_CHECK;
void preset_leave(struct preset *preset); // accepts NULL

// ---- http_head.c: lines
// The robot's headers may be sent; fails with HTTP_HEADER, HTTP_HEADER_FORM.
bool headers_check(const struct json *given, const struct login *login, struct err *err) MUST_CHECK;
// What is sent in this hop; the caller frees the list.
struct curl_slist *headers_list(const struct http *http);
// Keeps a line of the answer. False with err: too many, too long.
bool head_take(struct http *http, struct text line, struct err *err) MUST_CHECK;
// The value of a header, from the lines; false when there is none.
bool head_find(const struct http *http, const char *name, struct text *value);
// Appends the lines as "Name: value" and LF, in UTF-8, without what robots do not get. False: too much.
bool head_write(struct buf *out, const struct http *http) MUST_CHECK;
// The status line's number, or 0.
int head_status(struct text line);

// ---- http_login.c
// Sets what the login's kind needs on the easy handle; `headers` may grow.
void login_apply(CURL *easy, const struct login *login, struct curl_slist **headers);
// Adds a timestamp and the signature of both it and the body, which must be there as a whole.
void login_sign(const struct http *http, struct curl_slist **headers);
// Makes sure that the form login is done, then http_hop(http) or call_fail.
void login_session_enter(struct http *http);
// The session was not accepted (any more).
void login_session_expire(struct login *login);
bool login_session_is_login_page(const struct http *http, const struct url *url);
void login_session_leave(struct http *http); // waits no longer

#endif
