// Requests over HTTP: taken, judged by their form, handed to the host. In the web process.
//
// Glossary: an *exchange* is one request and its answer; it has a connection of its own, which ends with it.
#ifndef RENKI_WEB_H
#define RENKI_WEB_H

#include "lib/loop/channel.h"

enum {
    WEB_BODY_MAX = 1000000, // bytes; what one frame to the host holds
    WEB_HEAD_MAX = 16384,
    WEB_TARGET_MAX = 2048,
    WEB_CONNECTIONS_MAX = 128,
    WEB_CONNECTIONS_OF_ONE = 64, // address; a reverse proxy is one
    WEB_EXCHANGE_MS = 20000,     // from the first byte to the last of the answer
    WEB_HEADER_MAX = 200         // bytes of a header that is handed on
};

int web_main(void);

struct exchange;

struct web {
    uv_loop_t loop;
    struct channel *host; // NULL: gone
    struct server *server;
    int64_t exchanges; // so many there were
};

// ---- server.c
// Listens on "127.0.0.1:8480" or "[::1]:8480"; port 0 takes a free one. Fails with WEB_LISTEN.
bool server_listen(struct web *web, const char *address, struct err *err) MUST_CHECK;
int server_port(const struct server *server);
// The host's answer; passed over when nobody waits for it any more.
void server_answer(struct server *server, int64_t id, int status, struct text body);
// Of an exchange, for routes.c; borrowed.
int64_t exchange_id(const struct exchange *exchange);
struct text exchange_body(const struct exchange *exchange);
// Empty when it is not there; false: there is too much of it, or it comes twice.
bool exchange_header(const struct exchange *exchange, const char *name, struct text *value);

// ---- routes.c
struct route {
    const char *method, *path; // a path that ends with "/" is followed by a name
    // Asks the host; false: it could not be asked, or the request has not the form: *status says which.
    bool (*ask)(struct web *web, struct exchange *exchange, struct text name, int *status);
};
// The route of a request as it came, and the name in it; NULL with *status 404 or 405.
const struct route *route_find(const char *method, struct text target, struct text *name, int *status);

#endif
