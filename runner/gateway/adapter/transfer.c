// See transfer.h.
#include "gateway/adapter/transfer.h"

#include "gateway/adapter/pool.h"

#include <stdio.h>

enum {
    CONNECT_MS = 10000,
    TRANSFERS_KEPT = 64, // of a pool, for the next exchange of the same making
    LOW_SPEED_SECONDS = 60,
    RECEIVE_BUFFER = 16 << 10,
    CERTIFICATE_CACHE_SECONDS = 3600
};

// Of a place that the settings do not name.
static const struct route unnamed = {.tls = TLS_LEAST_1_2};

struct transfer {
    struct pool *pool;
    CURL *easy;
    const struct transfer_events *events;
    void *owner;
    char *host;
    int64_t timeout_ms;
    bool added;
    struct url *dialled; // where the route names another address; else NULL
    struct curl_slist *connect_to, *headers;
    struct making making;
    bool keep, ended_well;
    bool once;              // its request must not be sent a second time unless the first was answered
    bool unanswered, twice; // one was sent; another was about to be
    struct transfer *next;  // among the kept ones
    struct dial dial;
    struct certificate certificate;
    char words[CURL_ERROR_SIZE];
};

static size_t on_read(char *out, size_t size, size_t count, void *owner)
{
    struct transfer *transfer = owner;
    enum flow flow = FLOW_ON;
    const size_t got = transfer->events->read(transfer->owner, out, size * count, &flow);
    return flow == FLOW_PAUSE ? CURL_READFUNC_PAUSE : flow == FLOW_STOP ? CURL_READFUNC_ABORT : got;
}

static int on_seek(void *owner, curl_off_t offset, int origin)
{
    const struct transfer *transfer = owner;
    const bool start = offset == 0 && origin == SEEK_SET;
    return start && transfer->events->rewind && transfer->events->rewind(transfer->owner)
               ? CURL_SEEKFUNC_OK
               : CURL_SEEKFUNC_FAIL;
}

// libcurl sends a request again by itself when a connection that it used before breaks without an answer: for a payment
// that is one too many, as the first may have been heard.
static int on_request(void *owner, char *to_address, char *from_address, int to_port, int from_port)
{
    struct transfer *transfer = owner;
    (void)to_address, (void)from_address, (void)to_port, (void)from_port;
    transfer->twice = transfer->once && transfer->unanswered;
    transfer->unanswered = true;
    return transfer->twice ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static size_t on_line(char *data, size_t size, size_t count, void *owner)
{
    struct transfer *transfer = owner;
    transfer->unanswered = false;
    return transfer->events->line(transfer->owner, text_of(data, size * count)) ? size * count : 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *owner)
{
    const struct transfer *transfer = owner;
    enum flow flow = FLOW_ON;
    if (!transfer->events->body(transfer->owner, text_of(data, size * count), &flow))
        return size * count + 1; // breaks off, also when nothing was given
    return flow == FLOW_PAUSE ? CURL_WRITEFUNC_PAUSE : size * count;
}

static long tls_version(enum tls_least least)
{
    switch (least) {
    case TLS_LEAST_1_0:
        return CURL_SSLVERSION_TLSv1_0;
    case TLS_LEAST_1_1:
        return CURL_SSLVERSION_TLSv1_1;
    case TLS_LEAST_1_2:
        return CURL_SSLVERSION_TLSv1_2;
    case TLS_LEAST_1_3:
        return CURL_SSLVERSION_TLSv1_3;
    }
    return CURL_SSLVERSION_TLSv1_2;
}

static void set_tls(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    const struct route *route = transfer->dial.route;
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, tls_version(route->tls));
    // OpenSSL's own floor for old versions: only where the administrator allowed them.
    if (route->tls == TLS_LEAST_1_0 || route->tls == TLS_LEAST_1_1)
        curl_easy_setopt(easy, CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=0");
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, certificate_watch);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, &transfer->certificate);
    if (route->authority) {
        struct curl_blob blob = {route->authority, strlen(route->authority), CURL_BLOB_NOCOPY};
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    } else {
        const char *bundle = pool_gateway(transfer->pool)->bundle;
        if (bundle)
            curl_easy_setopt(easy, CURLOPT_CAINFO, bundle);
        curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, (long)CERTIFICATE_CACHE_SECONDS);
    }
}

static void set_common(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    const struct route *route = transfer->dial.route;
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->words);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_PROXY, route->proxy ? route->proxy : "");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)LOW_SPEED_SECONDS);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, dial_open);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer->dial);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, pool_close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, transfer->pool);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_line);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
}

static void begin(struct transfer *transfer, int64_t timeout_ms, const struct transfer_events *events,
                  void *owner)
{
    transfer->events = events;
    transfer->owner = owner;
    transfer->timeout_ms = timeout_ms;
    transfer->unanswered = transfer->twice = false;
    curl_easy_setopt(transfer->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    pool_enter(transfer->pool);
}

struct transfer *transfer_new(struct pool *pool, const struct route *route, struct text host,
                              int64_t timeout_ms, const struct transfer_events *events, void *owner)
{
    struct transfer *transfer = xcalloc(1, sizeof *transfer);
    transfer->pool = pool;
    transfer->host = text_copy(host);
    transfer->dial.route = route ? route : &unnamed;
    transfer->easy = curl_easy_init();
    require(transfer->easy);
    set_common(transfer);
    set_tls(transfer);
    begin(transfer, timeout_ms, events, owner);
    return transfer;
}

static bool is_same(const struct making *a, const struct making *b)
{
    return a->run == b->run && a->route == b->route && a->login == b->login && a->preset == b->preset &&
           a->jar == b->jar && a->foreign == b->foreign && a->has_body == b->has_body &&
           strcmp(a->method, b->method) == 0;
}

struct transfer *transfer_again(struct pool *pool, const struct making *making, int64_t timeout_ms,
                                const struct transfer_events *events, void *owner)
{
    for (struct transfer **at = pool_kept(pool); *at; at = &(*at)->next) {
        struct transfer *transfer = *at;
        if (!is_same(&transfer->making, making))
            continue;
        *at = transfer->next;
        transfer->ended_well = false;
        transfer->words[0] = transfer->dial.refused[0] = '\0';
        transfer->certificate = (struct certificate){0};
        begin(transfer, timeout_ms, events, owner);
        return transfer;
    }
    return NULL;
}

void transfer_keep(struct transfer *transfer, const struct making *making)
{
    transfer->making = *making;
    transfer->keep = true;
}

void transfer_once(struct transfer *transfer)
{
    transfer->once = true;
}

void transfer_headers(struct transfer *transfer, struct curl_slist *headers)
{
    transfer->headers = headers;
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, headers);
}

bool transfer_to(struct transfer *transfer, const struct url *url, struct err *err)
{
    const struct origin *address = &transfer->dial.route->address;
    if (!address->scheme) {
        curl_easy_setopt(transfer->easy, CURLOPT_CURLU, url_handle(url));
        return true;
    }
    url_free(STEAL(transfer->dialled));
    if (!url_by_scheme(&transfer->dialled, url, address->scheme, err))
        return false;
    const struct url_parts *parts = url_parts(transfer->dialled);
    SCOPED_TEXT char *rule = xasprintf("%.*s:%d:%s:%d", (int)parts->host.length, parts->host.data,
                                       parts->port, address->host, address->port);
    struct curl_slist *before = transfer->connect_to;
    transfer->connect_to = curl_slist_append(NULL, rule);
    curl_easy_setopt(transfer->easy, CURLOPT_CONNECT_TO, transfer->connect_to);
    curl_slist_free_all(before);
    curl_easy_setopt(transfer->easy, CURLOPT_CURLU, url_handle(transfer->dialled));
    return true;
}

CURL *transfer_easy(const struct transfer *transfer)
{
    return transfer->easy;
}

void transfer_start(struct transfer *transfer)
{
    transfer->added = pool_add(transfer->pool, transfer->easy);
    if (!transfer->added)
        transfer_done(transfer, CURLE_FAILED_INIT);
}

void transfer_resume(struct transfer *transfer)
{
    if (transfer->added)
        curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
}

static void destroy(struct transfer *transfer)
{
    curl_easy_setopt(transfer->easy, CURLOPT_SHARE, NULL); // cookies go with the run, not with the handle
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->connect_to);
    curl_slist_free_all(transfer->headers);
    url_free(transfer->dialled);
    xfree(transfer->host);
    xfree(transfer);
}

// The last one used is the first one found; beyond TRANSFERS_KEPT the oldest goes.
static void keep(struct transfer *transfer)
{
    struct transfer **at = pool_kept(transfer->pool);
    transfer->next = *at;
    *at = transfer;
    for (size_t count = 0; *at; at = &(*at)->next)
        if (++count > TRANSFERS_KEPT) {
            destroy(*at);
            *at = NULL;
            return;
        }
}

void transfer_free(struct transfer *transfer)
{
    if (!transfer)
        return;
    if (transfer->added)
        pool_remove(transfer->pool, transfer->easy);
    transfer->added = false;
    pool_leave(transfer->pool);
    if (transfer->keep && transfer->ended_well)
        keep(transfer);
    else
        destroy(transfer);
}

void transfers_forget(struct transfer **kept, int64_t run)
{
    while (*kept) {
        struct transfer *transfer = *kept;
        if (run && transfer->making.run != run) {
            kept = &transfer->next;
            continue;
        }
        *kept = transfer->next;
        destroy(transfer);
    }
}

// ---- What went wrong, in our words

static bool no_connection(const struct transfer *transfer, struct err *err)
{
    long number = 0;
    if (transfer->dial.refused[0])
        return fail(err, ERR_HTTP_ADDRESS, transfer->host, transfer->dial.refused);
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
    return fail(err, ERR_HTTP_CONNECT, transfer->host, number ? strerror((int)number) : transfer->words);
}

static bool not_trusted(const struct transfer *transfer, struct err *err)
{
    const struct certificate *certificate = &transfer->certificate;
    return fail(err, ERR_HTTP_CERTIFICATE, transfer->host,
                certificate->subject[0] ? certificate->subject : transfer->host,
                certificate->reason[0] ? certificate->reason : transfer->words);
}

static bool too_slow(const struct transfer *transfer, struct err *err)
{
    double connected = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME, &connected);
    if (connected == 0 && transfer->timeout_ms > CONNECT_MS)
        return fail(err, ERR_HTTP_TIMEOUT, transfer->host, N(CONNECT_MS / 1000));
    return fail(err, ERR_HTTP_TIMEOUT, transfer->host, N((transfer->timeout_ms + 999) / 1000));
}

static bool say(const struct transfer *transfer, CURLcode result, struct err *err)
{
    const char *words = transfer->words[0] ? transfer->words : curl_easy_strerror(result);
    if (transfer->twice)
        return fail(err, ERR_HTTP_CUT, transfer->host);
    switch ((int)result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return fail(err, ERR_HTTP_HOST, transfer->host);
    case CURLE_COULDNT_CONNECT:
        return no_connection(transfer, err);
    case CURLE_OPERATION_TIMEDOUT:
        return too_slow(transfer, err);
    case CURLE_PEER_FAILED_VERIFICATION:
        return not_trusted(transfer, err);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_USE_SSL_FAILED:
        return fail(err, ERR_HTTP_TLS, transfer->host, words);
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
        return fail(err, ERR_HTTP_CUT, transfer->host);
    case CURLE_BAD_CONTENT_ENCODING:
        return fail(err, ERR_HTTP_ENCODING, transfer->host, words);
    default:
        return fail(err, ERR_HTTP_FAILED, transfer->host, words);
    }
}

void transfer_done(struct transfer *transfer, CURLcode result)
{
    struct err err = {0};
    const bool good = result == CURLE_OK || say(transfer, result, &err);
    if (transfer->added)
        pool_remove(transfer->pool, transfer->easy);
    transfer->added = false;
    transfer->ended_well = good;
    transfer->events->done(transfer->owner, good, &err); // may free the transfer
}
