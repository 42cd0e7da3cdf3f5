// See http_server.h.
#include "support/http_server.h"

#include "lib/base/buf.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

enum { REQUEST_MAX = 64 << 20, CONNECTIONS_MAX = 512 };

struct http_server {
    int listener, port;
    pthread_t acceptor;
    SSL_CTX *tls;
    char *certificate;
    _Atomic int requests, refused_once, session, stopping, live;
};

struct connection {
    struct http_server *server;
    int fd;
    SSL *ssl;
    struct buf in;
};

struct request {
    char method[16], path[4096];
    struct text head, body;
};

// ---- Bytes

static bool put(struct connection *connection, const void *data, size_t length)
{
    const char *at = data;
    while (length) {
        const long sent = connection->ssl
                              ? SSL_write(connection->ssl, at, length > 1 << 20 ? 1 << 20 : (int)length)
                              : send(connection->fd, at, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        length -= (size_t)sent;
    }
    return true;
}

static bool get(struct connection *connection)
{
    char *room = buf_reserve(&connection->in, 65536);
    if (!room)
        return false;
    const long got =
        connection->ssl ? SSL_read(connection->ssl, room, 65536) : recv(connection->fd, room, 65536, 0);
    if (got <= 0)
        return false;
    connection->in.length += (size_t)got;
    connection->in.data[connection->in.length] = '\0';
    return true;
}

static bool header_of(struct text head, const char *name, struct text *value)
{
    struct text line;
    while (text_cut(&head, '\n', &line)) {
        const ptrdiff_t colon = text_find(line, ':');
        if (colon > 0 && text_equal_ascii_case(text_of(line.data, (size_t)colon), text_from(name))) {
            *value = text_trim(text_of(line.data + colon + 1, line.length - (size_t)colon - 1));
            return true;
        }
    }
    return false;
}

// Unpacks a chunked body in place, at `start` of the input; false: not whole yet. *used: bytes of input it took.
static bool unchunk(struct connection *connection, size_t start, struct buf *body, size_t *used)
{
    size_t at = start;
    buf_clear(body);
    for (;;) {
        const char *base = connection->in.data;
        const char *end = memmem(base + at, connection->in.length - at, "\r\n", 2);
        if (!end)
            return false;
        const size_t size = strtoul(base + at, NULL, 16);
        at = (size_t)(end - base) + 2;
        if (connection->in.length < at + size + 2)
            return false;
        if (!buf_append(body, base + at, size))
            return false;
        at += size + 2;
        if (size == 0) {
            *used = at;
            return true;
        }
    }
}

static bool receive(struct connection *connection, struct request *request, struct buf *body, size_t *used)
{
    char *end;
    while (!connection->in.data || !(end = memmem(connection->in.data, connection->in.length, "\r\n\r\n", 4)))
        if (!get(connection))
            return false;
    const size_t head = (size_t)(end - connection->in.data) + 4;
    struct text value;
    const struct text lines = text_of(connection->in.data, head);
    if (sscanf(connection->in.data, "%15s %4095s", request->method, request->path) != 2)
        return false;
    int64_t length = 0;
    buf_clear(body);
    if (header_of(lines, "transfer-encoding", &value)) {
        while (!unchunk(connection, head, body, used))
            if (!get(connection))
                return false;
    } else {
        if (header_of(lines, "content-length", &value) && (!text_to_int64(value, &length) || length < 0))
            return false;
        while (connection->in.length < head + (size_t)length)
            if (!get(connection))
                return false;
        if (!buf_append(body, connection->in.data + head, (size_t)length))
            return false;
        *used = head + (size_t)length;
    }
    request->head = text_of(connection->in.data, head);
    request->body = buf_text(body);
    return true;
}

// ---- Answers

static bool answer(struct connection *connection, int status, const char *headers, struct text body)
{
    char head[8192];
    const int length = snprintf(head, sizeof head, "HTTP/1.1 %d Words\r\n%sContent-Length: %zu\r\n\r\n",
                                status, headers, body.length);
    if (body.length > 4096)
        return put(connection, head, (size_t)length) && put(connection, body.data, body.length);
    char all[sizeof head + 4096];
    memcpy(all, head, (size_t)length);
    memcpy(all + length, body.data, body.length);
    return put(connection, all, (size_t)length + body.length);
}

static bool answer_ok(struct connection *connection, const char *body)
{
    return answer(connection, 200, "Content-Type: text/plain\r\n", text_from(body));
}

static void wait_ms(int ms)
{
    poll(NULL, 0, ms);
}

static bool on_status(struct connection *connection, const struct request *request)
{
    char *words = NULL;
    const long status = strtol(request->path + 8, &words, 10);
    const char *said = *words == '/' ? words + 1 : "said";
    return answer(connection, (int)status, "Content-Type: text/plain\r\n", text_of(said, strcspn(said, "?")));
}

static bool on_bytes(struct connection *connection, const struct request *request)
{
    const size_t size = strtoul(request->path + 7, NULL, 10);
    char *body = xmalloc(size + 1);
    memset(body, 'x', size);
    const bool good = answer(connection, 200, "", text_of(body, size));
    xfree(body);
    return good;
}

static bool on_echo(struct connection *connection, const struct request *request)
{
    SCOPED_BUF(all, REQUEST_MAX);
    return buf_append_text(&all, request->head) && buf_append_text(&all, request->body) &&
           answer(connection, 200, "Content-Type: text/plain\r\n", buf_text(&all));
}

static bool on_slow(struct connection *connection, const struct request *request)
{
    const int whole = (int)strtol(request->path + 6, NULL, 10);
    for (int waited = 0; waited < whole && !connection->server->stopping; waited += 10)
        wait_ms(10);
    return answer_ok(connection, "slow");
}

static bool on_cut(struct connection *connection, const struct request *request)
{
    (void)request;
    static const char part[] = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this";
    (void)put(connection, part, sizeof part - 1);
    return false;
}

static bool on_silent(struct connection *connection, const struct request *request)
{
    (void)connection;
    (void)request;
    return false;
}

static bool on_endless(struct connection *connection, const struct request *request)
{
    (void)request;
    static const char head[] = "HTTP/1.1 200 OK\r\n\r\n";
    static char block[65536];
    if (!put(connection, head, sizeof head - 1))
        return false;
    while (!connection->server->stopping && put(connection, block, sizeof block))
        ;
    return false;
}

static bool on_redirect(struct connection *connection, const struct request *request)
{
    char headers[200];
    const long left = strtol(request->path + 10, NULL, 10);
    if (left > 0)
        snprintf(headers, sizeof headers, "Location: /redirect/%ld\r\n", left - 1);
    else
        snprintf(headers, sizeof headers, "Location: /ok\r\n");
    return answer(connection, 302, headers, text_from("moved"));
}

static bool on_go(struct connection *connection, const struct request *request)
{
    char headers[4300];
    const char *where = strchr(request->path, '?');
    snprintf(headers, sizeof headers, "Location: %s\r\n", where ? where + 1 : "/ok");
    return answer(connection, (int)strtol(request->path + 4, NULL, 10), headers, text_from("go"));
}

static bool on_bomb(struct connection *connection, const struct request *request)
{
    (void)request;
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n";
    static unsigned char zeros[65536];
    unsigned char out[65536];
    z_stream stream = {0};
    bool good = deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK &&
                put(connection, head, sizeof head - 1);
    for (size_t i = 0; good && i < 16384; i++) {
        stream.next_in = zeros;
        stream.avail_in = sizeof zeros;
        do {
            stream.next_out = out;
            stream.avail_out = sizeof out;
            deflate(&stream, i == 16383 ? Z_FINISH : Z_NO_FLUSH);
            good = put(connection, out, sizeof out - stream.avail_out);
        } while (good && stream.avail_out == 0);
    }
    deflateEnd(&stream);
    return false;
}

static bool on_chunked(struct connection *connection, const struct request *request)
{
    (void)request;
    static const char all[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "4\r\none,\r\n4\r\ntwo,\r\n5\r\nthree\r\n0\r\n\r\n";
    return put(connection, all, sizeof all - 1);
}

static bool on_latin1(struct connection *connection, const struct request *request)
{
    (void)request;
    return answer(connection, 200, "Content-Type: text/plain; charset=ISO-8859-1\r\n",
                  text_from("p\xe4iv\xe4"));
}

static bool on_retry(struct connection *connection, const struct request *request)
{
    (void)request;
    if (connection->server->refused_once++ == 0)
        return answer(connection, 503, "Retry-After: 1\r\n", text_from("later"));
    return answer_ok(connection, "now");
}

static bool on_lines(struct connection *connection, const struct request *request)
{
    SCOPED_BUF(all, REQUEST_MAX);
    const long count = strtol(request->path + 7, NULL, 10);
    bool good = buf_append_string(&all, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
    for (long i = 0; i < count && good; i++)
        good = buf_printf(&all, "X-Line-%ld: %ld\r\n", i, i);
    return good && buf_append_string(&all, "\r\n") && put(connection, all.data, all.length);
}

static bool on_basic(struct connection *connection, const struct request *request)
{
    struct text value;
    // "robot:correct horse"
    if (header_of(request->head, "authorization", &value) &&
        text_is(value, "Basic cm9ib3Q6Y29ycmVjdCBob3JzZQ=="))
        return answer_ok(connection, "welcome");
    return answer(connection, 401, "WWW-Authenticate: Basic realm=\"test\"\r\n", text_from("who are you"));
}

static bool on_cookie_set(struct connection *connection, const struct request *request)
{
    (void)request;
    return answer(connection, 200, "Set-Cookie: taste=sweet; Path=/\r\n", text_from("set"));
}

static bool on_cookie_show(struct connection *connection, const struct request *request)
{
    struct text value = {"", 0};
    (void)header_of(request->head, "cookie", &value);
    return answer(connection, 200, "Content-Type: text/plain\r\n", value);
}

static bool on_login(struct connection *connection, const struct request *request)
{
    char headers[200];
    if (strcmp(request->method, "POST") != 0)
        return answer_ok(connection, "<form>");
    if (!memmem(request->body.data, request->body.length, "password=correct+horse", 22))
        return answer(connection, 403, "", text_from("wrong"));
    snprintf(headers, sizeof headers, "Set-Cookie: session=s%d; Path=/\r\nLocation: /private\r\n",
             ++connection->server->session);
    return answer(connection, 302, headers, text_from("in"));
}

static bool on_private(struct connection *connection, const struct request *request)
{
    struct text value = {"", 0};
    char wanted[40];
    snprintf(wanted, sizeof wanted, "session=s%d", connection->server->session);
    if (header_of(request->head, "cookie", &value) && text_is(value, wanted))
        return answer_ok(connection, "inside");
    return answer(connection, 302, "Location: /login\r\n", text_from("out"));
}

static bool on_logout(struct connection *connection, const struct request *request)
{
    (void)request;
    connection->server->session++;
    return answer_ok(connection, "bye");
}

static bool on_upload(struct connection *connection, const struct request *request)
{
    char size[32];
    snprintf(size, sizeof size, "%zu", request->body.length);
    return answer_ok(connection, size);
}

static bool on_count(struct connection *connection, const struct request *request)
{
    (void)request;
    char count[32];
    snprintf(count, sizeof count, "%d", connection->server->requests);
    return answer_ok(connection, count);
}

static bool on_page(struct connection *connection, const struct request *request)
{
    char body[300];
    const long page = strtol(request->path + 6, NULL, 10);
    if (page < 3)
        snprintf(body, sizeof body,
                 "{\"count\":6,\"next\":\"http://127.0.0.1:%d/page/"
                 "%ld\",\"previous\":null,\"results\":[{\"n\":%ld},{\"n\":%ld}]}",
                 connection->server->port, page + 1, 2 * page - 1, 2 * page);
    else
        snprintf(body, sizeof body,
                 "{\"count\":6,\"next\":null,\"previous\":null,\"results\":[{\"n\":5},{\"n\":6}]}");
    return answer(connection, 200, "Content-Type: application/json\r\n", text_from(body));
}

static bool on_ok(struct connection *connection, const struct request *request)
{
    (void)request;
    return answer_ok(connection, "ok");
}

static const struct {
    const char *path;
    bool (*answer)(struct connection *connection, const struct request *request);
} routes[] = {
    {"/ok", on_ok},
    {"/status/", on_status},
    {"/bytes/", on_bytes},
    {"/echo", on_echo},
    {"/slow/", on_slow},
    {"/cut", on_cut},
    {"/silent", on_silent},
    {"/endless", on_endless},
    {"/redirect/", on_redirect},
    {"/go/", on_go},
    {"/bomb", on_bomb},
    {"/chunked", on_chunked},
    {"/latin1", on_latin1},
    {"/retry", on_retry},
    {"/lines/", on_lines},
    {"/basic", on_basic},
    {"/cookie/set", on_cookie_set},
    {"/cookie/show", on_cookie_show},
    {"/login", on_login},
    {"/private", on_private},
    {"/logout", on_logout},
    {"/upload", on_upload},
    {"/count", on_count},
    {"/page/", on_page},
};

static bool serve_one(struct connection *connection, struct buf *body)
{
    struct request request = {0};
    size_t used = 0;
    if (!receive(connection, &request, body, &used))
        return false;
    connection->server->requests++;
    bool good = false, found = false;
    for (size_t i = 0; i < COUNT_OF(routes) && !found; i++)
        if (text_starts(text_from(request.path), routes[i].path)) {
            found = true;
            good = routes[i].answer(connection, &request);
        }
    if (!found)
        good = answer(connection, 404, "", text_from("nothing here"));
    buf_consume(&connection->in, used);
    return good;
}

// ---- Connections

static void *serve(void *argument)
{
    struct connection *connection = argument;
    struct http_server *server = connection->server;
    SCOPED_BUF(body, REQUEST_MAX);
    const int on = 1;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    bool good = true;
    if (server->tls) {
        connection->ssl = SSL_new(server->tls);
        SSL_set_fd(connection->ssl, connection->fd);
        good = SSL_accept(connection->ssl) == 1;
    }
    while (good && !server->stopping)
        good = serve_one(connection, &body);
    if (connection->ssl) {
        SSL_shutdown(connection->ssl);
        SSL_free(connection->ssl);
    }
    close(connection->fd);
    buf_dispose(&connection->in);
    xfree(connection);
    server->live--;
    return NULL;
}

static void *accept_all(void *argument)
{
    struct http_server *server = argument;
    for (;;) {
        const int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return NULL;
        // A thread that waits for ever would outlive the server.
        const struct timeval most = {.tv_sec = 30};
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
        struct connection *connection = xcalloc(1, sizeof *connection);
        *connection = (struct connection){.server = server, .fd = fd, .in = buf_new(REQUEST_MAX)};
        pthread_t thread;
        server->live++;
        require(pthread_create(&thread, NULL, serve, connection) == 0);
        pthread_detach(thread);
    }
}

static void make_certificate(struct http_server *server)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    require(key && x509);
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
    X509_set_pubkey(x509, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                               (const unsigned char *)"test.example", -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    X509_EXTENSION *authority = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
    X509_add_ext(x509, names, -1);
    X509_add_ext(x509, authority, -1);
    require(X509_sign(x509, key, EVP_sha256()));
    require(SSL_CTX_use_certificate(server->tls, x509) == 1 && SSL_CTX_use_PrivateKey(server->tls, key) == 1);
    BIO *memory = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(memory, x509);
    char *pem;
    const long length = BIO_get_mem_data(memory, &pem);
    server->certificate = xstrndup(pem, (size_t)length);
    BIO_free(memory);
    X509_EXTENSION_free(names);
    X509_EXTENSION_free(authority);
    X509_free(x509);
    EVP_PKEY_free(key);
}

struct http_server *http_server_start(bool tls)
{
    struct http_server *server = xcalloc(1, sizeof *server);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (tls) {
        server->tls = SSL_CTX_new(TLS_server_method());
        require(server->tls);
        make_certificate(server);
    }
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require(bind(server->listener, (struct sockaddr *)&address, sizeof address) == 0);
    require(listen(server->listener, CONNECTIONS_MAX) == 0);
    require(getsockname(server->listener, (struct sockaddr *)&address, &size) == 0);
    server->port = ntohs(address.sin_port);
    require(pthread_create(&server->acceptor, NULL, accept_all, server) == 0);
    return server;
}

void http_server_stop(struct http_server *server)
{
    server->stopping = 1;
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->acceptor, NULL);
    close(server->listener);
    // Its clients have gone before it; those that have not, end with the process.
    for (int i = 0; server->live > 0 && i < 200; i++)
        wait_ms(10);
    if (server->live > 0)
        return;
    SSL_CTX_free(server->tls);
    xfree(server->certificate);
    xfree(server);
}

int http_server_port(const struct http_server *server)
{
    return server->port;
}

const char *http_server_certificate(const struct http_server *server)
{
    return server->certificate;
}

int http_server_requests(const struct http_server *server)
{
    return server->requests;
}
