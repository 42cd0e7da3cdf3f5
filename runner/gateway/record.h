// Exchanges for `--record`: what went out and what came back, credentials and cookies cut out. In the gateway.
//
// An exchange is one JSON object:
//   { "call", "kind": "http", "method", "url", "login", "request": { "headers": [[name, value], …], "body" },
//     "status", "headers": [[name, value], …], "body", "base64": true where the body is no UTF-8, "cut": true where a
//     body was longer than 2 MB }
// Headers that may carry credentials are left out: Authorization, Cookie, Set-Cookie, Proxy-…, and the login's own.
#ifndef RENKI_GATEWAY_RECORD_H
#define RENKI_GATEWAY_RECORD_H

#include "lib/json/json.h"
#include "lib/loop/channel.h"

enum { EXCHANGE_BODY_MAX = 2 << 20, EXCHANGE_HEADERS_MAX = 300 << 10 };

struct exchange {
    struct buf sent, received;
    bool cut;
    struct buf sent_headers, received_headers; // JSON arrays
    char *url;
};

struct exchange *exchange_new(void);
void exchange_free(struct exchange *exchange);
// Keeps as much as fits.
void exchange_sent(struct exchange *exchange, struct text part);
void exchange_received(struct exchange *exchange, struct text part);
// Whether a header may stand in a recording. `own`: the login's header, or NULL.
bool record_may_show(struct text header, const char *own);

struct call;
// Sends it to the host, in parts.
void record_send(struct call *call);

#endif
