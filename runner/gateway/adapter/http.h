// A call by HTTP: its hops, its login, its head. For the files of this folder only.
#ifndef RENKI_GATEWAY_HTTP_H
#define RENKI_GATEWAY_HTTP_H

#include "gateway/adapter/transfer.h"
#include "gateway/adapter/url.h"
#include "gateway/mask.h"

enum { HEAD_BYTES_MAX = 256 << 10, HEAD_LINES_MAX = 500, REDIRECTS_MOST = 5, REDIRECTS_DEFAULT = 5 };

struct http {
    struct call *call;
    struct transfer *transfer; // NULL between hops
    struct url *url;
    struct json_document *given; // the robot's headers
    struct curl_slist *headers;  // of this hop
    struct login *login;         // that the robot named; NULL: none
    bool login_applies;          // this hop is within the login's origin
    bool foreign;                // a redirect left the first origin: the robot's own headers stay behind
    bool has_body, decode, logged_in_again;
    int64_t deadline_ms, timeout_ms, connect_ms, jar;
    int redirects, hops;

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

// ---- http_head.c: lines
// The robot's headers may be sent; fails with HTTP_HEADER, HTTP_HEADER_FORM.
bool headers_check(const struct json *given, const struct login *login, struct err *err) MUST_CHECK;
// What is sent in this hop; the caller frees the list.
struct curl_slist *headers_list(const struct http *http);
// Keeps a line of the answer. False with err: too many, too long.
bool head_take(struct http *http, struct text line, struct err *err) MUST_CHECK;
// The value of a header, from the lines; false when there is none.
bool head_find(const struct http *http, const char *name, struct text *value);
// The lines as [[name, value], …], without what robots do not get.
bool head_write(struct json_writer *writer, const struct http *http);
// The status line's number, or 0.
int head_status(struct text line);

// ---- http_login.c
// Sets what the login's kind needs on the easy handle; `headers` may grow.
void login_apply(CURL *easy, const struct login *login, struct curl_slist **headers);
// Makes sure that the form login is done, then http_hop(http) or call_fail.
void login_session_enter(struct http *http);
// The session was not accepted (any more).
void login_session_expire(struct login *login);
bool login_session_is_login_page(const struct http *http, const struct url *url);
void login_session_leave(struct http *http); // waits no longer

#endif
