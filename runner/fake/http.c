// See fake.h. libmicrohttpd without a thread: its epoll descriptor is watched by our loop. A request is read whole,
// suspended while the worker thinks, and resumed with the answer.
#include "fake/fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

enum { SILENCE_MS = 660000 }; // longer than any call of a robot may last

struct exchange {
    struct exchange *next;
    struct http_listener *listener;
    struct MHD_Connection *connection;
    int64_t id;
    char *target; // as the client wrote it: path and query, not decoded
    struct buf body;
    bool head_seen, asked, too_large, answered;
    bool silent; // the connection ends without a word
    int status;
    struct MHD_Response *response;
    uv_timer_t timer;
    bool timer_used, over;
};

struct http_listener {
    const char *name;
    struct MHD_Daemon *daemon;
    uv_poll_t poll;
    uv_timer_t timeout;
    http_ask ask;
    void *owner;
    struct exchange *waiting;
    int64_t next_id;
};

static void run_soon(struct http_listener *listener);

static void on_timeout(uv_timer_t *timer)
{
    run_soon(timer->data);
}

// Lets the library work, then wakes it again when it asks for it.
static void run_soon(struct http_listener *listener)
{
    MHD_run(listener->daemon);
    MHD_UNSIGNED_LONG_LONG wait_ms;
    if (MHD_get_timeout(listener->daemon, &wait_ms) == MHD_YES)
        uv_timer_start(&listener->timeout, on_timeout, wait_ms, 0);
    else
        uv_timer_stop(&listener->timeout);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    run_soon(poll->data);
}

static void *on_uri(void *listener_, const char *uri, struct MHD_Connection *connection)
{
    struct http_listener *listener = listener_;
    struct exchange *exchange = xcalloc(1, sizeof *exchange);
    exchange->listener = listener;
    exchange->connection = connection;
    exchange->id = ++listener->next_id;
    exchange->target = xstrdup(uri);
    exchange->body = buf_new(FAKE_BODY_MAX);
    exchange->next = listener->waiting;
    listener->waiting = exchange;
    return exchange;
}

static void exchange_free(struct exchange *exchange)
{
    buf_dispose(&exchange->body);
    xfree(exchange->target);
    xfree(exchange);
}

static void on_timer_closed(uv_handle_t *handle)
{
    exchange_free(handle->data);
}

static void on_completed(void *unused, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    (void)unused;
    (void)connection;
    (void)code;
    struct exchange *exchange = *context;
    if (!exchange)
        return;
    *context = NULL;
    for (struct exchange **at = &exchange->listener->waiting; *at; at = &(*at)->next)
        if (*at == exchange) {
            *at = exchange->next;
            break;
        }
    if (exchange->response)
        MHD_destroy_response(exchange->response);
    exchange->response = NULL;
    exchange->over = true;
    if (exchange->timer_used)
        uv_close((uv_handle_t *)&exchange->timer, on_timer_closed);
    else
        exchange_free(exchange);
}

static enum MHD_Result add_header(void *writer_, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    struct json_writer *writer = writer_;
    json_begin_array(writer);
    json_write_lossy(writer, text_from(name));
    json_write_lossy(writer, text_from(value ? value : ""));
    json_end_array(writer);
    return MHD_YES;
}

static bool ask(struct exchange *exchange, const char *method)
{
    SCOPED_BUF(headers, 65536);
    struct json_writer writer = json_writer_new(&headers);
    json_begin_array(&writer);
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, add_header, &writer);
    json_end_array(&writer);
    struct text path = text_from(exchange->target), query = {NULL, 0};
    const ptrdiff_t mark = text_find(path, '?');
    if (mark >= 0) {
        query = text_of(path.data + mark + 1, path.length - (size_t)mark - 1);
        path.length = (size_t)mark;
    }
    const struct message_FAKE_REQUEST request = {
        .id = exchange->id,
        .system = text_from(exchange->listener->name),
        .method = text_from(method),
        .path = path,
        .query = query,
        .headers = buf_text(&headers),
        .body = buf_text(&exchange->body),
    };
    return json_writer_done(&writer) && exchange->listener->ask(exchange->listener->owner, &request);
}

static enum MHD_Result queue_plain(struct MHD_Connection *connection, unsigned status)
{
    struct MHD_Response *empty = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    const enum MHD_Result result = MHD_queue_response(connection, status, empty);
    MHD_destroy_response(empty);
    return result;
}

// Called at the head, for each part of the body, at its end, and again when the answer has come.
static enum MHD_Result on_request(void *listener, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
    (void)listener;
    (void)url;
    (void)version;
    struct exchange *exchange = *context;
    if (*upload_size) {
        if (!buf_append(&exchange->body, upload, *upload_size))
            exchange->too_large = true;
        *upload_size = 0;
        return MHD_YES;
    }
    if (exchange->answered && exchange->silent)
        return MHD_NO;
    if (exchange->answered)
        return MHD_queue_response(connection, (unsigned)exchange->status, exchange->response);
    if (exchange->asked)
        return MHD_YES;
    if (!exchange->head_seen) { // the first call is only the head; the body, if there is one, follows
        exchange->head_seen = true;
        return MHD_YES;
    }
    if (exchange->too_large)
        return queue_plain(connection, 413);
    exchange->asked = true;
    if (!ask(exchange, method))
        return queue_plain(connection, 503);
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static void resume(struct exchange *exchange)
{
    if (exchange->over)
        return;
    exchange->answered = true;
    MHD_resume_connection(exchange->connection);
    run_soon(exchange->listener);
}

static void on_delay_over(uv_timer_t *timer)
{
    resume(timer->data);
}

struct cut_body {
    size_t length, sent;
    char data[];
};

// Half of the body, then the connection ends: a server that dies in the midst of its answer.
static ssize_t read_cut(void *context, uint64_t position, char *out, size_t most)
{
    (void)position;
    struct cut_body *body = context;
    const size_t half = body->length / 2;
    if (body->sent >= half)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    const size_t part = half - body->sent < most ? half - body->sent : most;
    memcpy(out, body->data + body->sent, part);
    body->sent += part;
    return (ssize_t)part;
}

static void free_cut(void *context)
{
    xfree(context);
}

static struct MHD_Response *response_of(const struct message_FAKE_ANSWER *answer)
{
    struct MHD_Response *response;
    if (text_is(answer->fault, "cut")) {
        struct cut_body *body = xmalloc(sizeof *body + answer->body.length);
        *body = (struct cut_body){.length = answer->body.length};
        memcpy(body->data, answer->body.data, answer->body.length);
        response = MHD_create_response_from_callback(answer->body.length, 16384, read_cut, body, free_cut);
    } else {
        response = MHD_create_response_from_buffer(answer->body.length, (void *)(uintptr_t)answer->body.data,
                                                   MHD_RESPMEM_MUST_COPY);
    }
    SCOPED(json_document)
    document = NULL;
    struct err err;
    if (json_parse(&document, answer->headers, &err))
        for (const struct json *pair = json_first(json_root(document)); pair; pair = json_next(pair))
            MHD_add_response_header(response, json_string_or(json_at(pair, 0), ""),
                                    json_string_or(json_at(pair, 1), ""));
    return response;
}

bool http_answer(struct http_listener *listener, const struct message_FAKE_ANSWER *answer)
{
    for (struct exchange *exchange = listener->waiting; exchange; exchange = exchange->next) {
        if (exchange->id != answer->id || !exchange->asked || exchange->answered || exchange->response)
            continue;
        exchange->status = (int)answer->status;
        exchange->response = response_of(answer);
        exchange->silent = text_is(answer->fault, "refused") || text_is(answer->fault, "timeout");
        const int64_t delay_ms = text_is(answer->fault, "timeout") ? SILENCE_MS : answer->delay_ms;
        if (delay_ms > 0) {
            uv_timer_init(listener->timeout.loop, &exchange->timer);
            exchange->timer.data = exchange;
            exchange->timer_used = true;
            uv_timer_start(&exchange->timer, on_delay_over, (uint64_t)delay_ms, 0);
        } else {
            resume(exchange);
        }
        return true;
    }
    return false;
}

int http_port(const struct http_listener *listener)
{
    return MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

bool http_listen(struct http_listener **out, uv_loop_t *loop, const char *name, int port, http_ask ask_worker,
                 void *owner, struct err *err)
{
    struct http_listener *listener = xcalloc(1, sizeof *listener);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener->name = name;
    listener->ask = ask_worker;
    listener->owner = owner;

    listener->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, (uint16_t)port, NULL, NULL, on_request, listener,
        MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_URI_LOG_CALLBACK, on_uri, listener,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)FAKE_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, 60U, MHD_OPTION_END);
    if (!listener->daemon) {
        xfree(listener);
        return fail(err, ERR_FAKE_LISTEN, name, N(port), strerror(errno));
    }
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    require(info && uv_poll_init(loop, &listener->poll, info->epoll_fd) == 0);
    uv_timer_init(loop, &listener->timeout);
    listener->poll.data = listener->timeout.data = listener;
    uv_poll_start(&listener->poll, UV_READABLE, on_readable);
    listener->next_id = (int64_t)http_port(listener) << 40; // so that an id says whose it is
    run_soon(listener);
    *out = listener;
    return true;
}
