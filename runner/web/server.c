// See web.h. libmicrohttpd without a thread: its epoll descriptor is watched by our loop. A request is read whole, its
// connection suspended while the host thinks, and resumed with the answer.
//
// The library's own time limit is of silence; who sends a byte now and then is never silent. So each connection has one
// deadline for all of its exchange, and there is one exchange a connection.
#include "web/web.h"

#include "lib/base/clock.h"
#include "lib/base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { SWEEP_MS = 500, SILENCE_SECONDS = 10, BACKLOG = 64 };

struct exchange {
    struct exchange *next;
    struct server *server;
    struct MHD_Connection *connection;
    int64_t id, deadline_ms;
    char *target;              // as it came: not decoded; NULL: not there yet
    const struct route *route; // NULL: it is answered at once
    struct text name;          // in `target`
    struct buf body;
    bool suspended, over, cut;
    int status; // of the answer; 0: none yet
    char *answer;
};

struct server {
    struct web *web;
    struct MHD_Daemon *daemon;
    uv_poll_t poll;
    uv_timer_t timeout, sweep;
    struct exchange *exchanges;
};

// ---- the library on our loop

static void run_soon(struct server *server);

static void on_timeout(uv_timer_t *timer)
{
    run_soon(timer->data);
}

static void run_soon(struct server *server)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    MHD_run(server->daemon);
    if (MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES)
        uv_timer_start(&server->timeout, on_timeout, wait_ms, 0);
    else
        uv_timer_stop(&server->timeout);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    run_soon(poll->data);
}

// ---- an exchange is as long as its connection

static void on_connection(void *server_, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct server *server = server_;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        struct exchange *exchange = xcalloc(1, sizeof *exchange);
        *exchange = (struct exchange){.next = server->exchanges,
                                      .server = server,
                                      .connection = connection,
                                      .id = ++server->web->exchanges,
                                      .deadline_ms = clock_monotonic_ms() + WEB_EXCHANGE_MS,
                                      .body = buf_new(WEB_BODY_MAX)};
        server->exchanges = exchange;
        *context = exchange;
        return;
    }
    struct exchange *exchange = *context;
    for (struct exchange **at = &server->exchanges; *at; at = &(*at)->next)
        if (*at == exchange) {
            *at = exchange->next;
            break;
        }
    buf_dispose(&exchange->body);
    xfree(exchange->target);
    xfree(exchange->answer);
    xfree(exchange);
}

static struct exchange *exchange_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void *on_target(void *server, const char *target, struct MHD_Connection *connection)
{
    (void)server;
    struct exchange *exchange = exchange_of(connection);
    if (!exchange->target)
        exchange->target = xstrdup(strlen(target) <= WEB_TARGET_MAX ? target : "");
    return NULL;
}

int64_t exchange_id(const struct exchange *exchange)
{
    return exchange->id;
}

struct text exchange_body(const struct exchange *exchange)
{
    return buf_text(&exchange->body);
}

struct wanted {
    const char *name;
    struct text value;
    int count;
};

static enum MHD_Result take_header(void *owner, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct wanted *wanted = owner;
    (void)kind;
    if (text_equal_ascii_case(text_from(name), text_from(wanted->name))) {
        wanted->value = text_from(value ? value : "");
        wanted->count++;
    }
    return MHD_YES;
}

bool exchange_header(const struct exchange *exchange, const char *name, struct text *value)
{
    struct wanted wanted = {.name = name, .value = TEXT_OF("")};
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, take_header, &wanted);
    *value = wanted.value;
    return wanted.count <= 1 && value->length <= WEB_HEADER_MAX && text_is_utf8(*value);
}

// ---- answering

static enum MHD_Result reply(struct exchange *exchange)
{
    const char *body = exchange->answer ? exchange->answer : "{}\n";
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", "application/json");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Connection", "close");
    const enum MHD_Result result =
        MHD_queue_response(exchange->connection, (unsigned)exchange->status, response);
    MHD_destroy_response(response);
    exchange->over = true;
    return result;
}

static enum MHD_Result refuse(struct exchange *exchange, int status)
{
    exchange->status = status;
    log_debug("web.refused", "status=%d", status);
    return reply(exchange);
}

// The head is there, no byte of the body: what can be refused now costs nothing more.
static enum MHD_Result on_head(struct exchange *exchange, const char *method)
{
    int status;
    struct text length;
    int64_t bytes;
    exchange->route =
        route_find(method, text_from(exchange->target ? exchange->target : ""), &exchange->name, &status);
    if (!exchange->route)
        return refuse(exchange, status);
    if (!exchange_header(exchange, "Content-Length", &length) ||
        (length.length && (!text_to_int64(length, &bytes) || bytes < 0)))
        return refuse(exchange, 400);
    return length.length && bytes > WEB_BODY_MAX ? refuse(exchange, 413) : MHD_YES;
}

static enum MHD_Result on_whole(struct exchange *exchange)
{
    int status = 503;
    if (exchange->cut)
        return refuse(exchange, 413);
    if (!exchange->route->ask(exchange->server->web, exchange, exchange->name, &status))
        return refuse(exchange, status);
    exchange->suspended = true;
    MHD_suspend_connection(exchange->connection);
    return MHD_YES;
}

// Called at the head, for each part of the body, at its end, and again when the answer has come.
static enum MHD_Result on_request(void *server, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
    (void)server, (void)url, (void)version;
    struct exchange *exchange = exchange_of(connection);
    if (exchange->over) // a second request on the connection
        return MHD_NO;
    if (!*context) {
        *context = exchange;
        return on_head(exchange, method);
    }
    if (*upload_size) {
        exchange->cut = exchange->cut || !buf_append(&exchange->body, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    if (exchange->status)
        return reply(exchange);
    return exchange->suspended ? MHD_YES : on_whole(exchange);
}

// The library goes on with it when it runs next.
static void resume(struct exchange *exchange, int status)
{
    exchange->status = status;
    exchange->suspended = false;
    MHD_resume_connection(exchange->connection);
}

void server_answer(struct server *server, int64_t id, int status, struct text body)
{
    for (struct exchange *exchange = server->exchanges; exchange; exchange = exchange->next)
        if (exchange->id == id && exchange->suspended) {
            exchange->answer = xasprintf("%.*s\n", (int)body.length, body.data);
            resume(exchange, status);
            run_soon(server); // exchanges may be gone afterwards
            return;
        }
}

// ---- time

static void end_connection(const struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    log_info("web.slow", "exchange=%lld", (long long)exchange->id);
    if (info)
        (void)shutdown(info->connect_fd, SHUT_RDWR);
}

static void on_sweep(uv_timer_t *timer)
{
    struct server *server = timer->data;
    const int64_t now_ms = clock_monotonic_ms();
    for (struct exchange *exchange = server->exchanges; exchange; exchange = exchange->next) {
        if (now_ms < exchange->deadline_ms)
            continue;
        exchange->deadline_ms = now_ms + WEB_EXCHANGE_MS;
        if (exchange->suspended) // the host is late
            resume(exchange, 503);
        else
            end_connection(exchange);
    }
    run_soon(server);
}

// ---- listening

struct address {
    struct sockaddr_storage socket;
    bool is_v6;
};

// "127.0.0.1:8480", "[::1]:8480".
static bool address_read(struct address *out, const char *written)
{
    char host[INET6_ADDRSTRLEN + 1];
    const char *colon = strrchr(written, ':'), *start = written, *end = colon;
    int64_t port;
    *out = (struct address){0};
    if (!colon || !text_to_int64(text_from(colon + 1), &port) || port < 0 || port > 65535)
        return false;
    out->is_v6 = written[0] == '[';
    if (out->is_v6 && (colon == written || *--end != ']'))
        return false;
    start += out->is_v6;
    if ((size_t)(end - start) >= sizeof host)
        return false;
    memcpy(host, start, (size_t)(end - start));
    host[end - start] = '\0';
    if (out->is_v6) {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)&out->socket;
        *six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
        return inet_pton(AF_INET6, host, &six->sin6_addr) == 1;
    }
    struct sockaddr_in *four = (struct sockaddr_in *)&out->socket;
    *four = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    return inet_pton(AF_INET, host, &four->sin_addr) == 1;
}

static struct MHD_Daemon *daemon_start(struct server *server, struct address *address)
{
    const unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK |
                           (address->is_v6 ? MHD_USE_IPv6 : 0U);
    return MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address->socket,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)WEB_CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        (unsigned)WEB_CONNECTIONS_OF_ONE, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)2 * WEB_HEAD_MAX, MHD_OPTION_LISTEN_BACKLOG_SIZE,
        (unsigned)BACKLOG, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U,
        MHD_OPTION_END);
}

int server_port(const struct server *server)
{
    return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

bool server_listen(struct web *web, const char *written, struct err *err)
{
    struct address address;
    if (!address_read(&address, written))
        return fail(err, ERR_WEB_LISTEN, written, "127.0.0.1:8480, [::1]:8480");
    struct server *server = xcalloc(1, sizeof *server);
    server->web = web;
    server->daemon = daemon_start(server, &address);
    if (!server->daemon) {
        const int reason = errno;
        xfree(server);
        return fail(err, ERR_WEB_LISTEN, written, strerror(reason));
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    require(info && uv_poll_init(&web->loop, &server->poll, info->epoll_fd) == 0);
    uv_timer_init(&web->loop, &server->timeout);
    uv_timer_init(&web->loop, &server->sweep);
    server->poll.data = server->timeout.data = server->sweep.data = server;
    uv_poll_start(&server->poll, UV_READABLE, on_readable);
    uv_timer_start(&server->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    web->server = server;
    run_soon(server);
    return true;
}
