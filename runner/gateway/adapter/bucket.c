// See bucket.h. Keys are of the host's making, plain letters: nothing in an address needs to be encoded, so that what is
// signed is what is sent.
#include "gateway/adapter/bucket.h"

#include "gateway/adapter/pool.h"
#include "gateway/adapter/transfer.h"
#include "lib/base/log.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

enum { BUCKET_MS = 600000, HEX_SIZE = 65 };

// Of nothing: what a request without a body is signed with.
static const char empty_sha256[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

enum deed { DEED_PUT, DEED_GET, DEED_REMOVE };

struct keeping {
    struct gateway *gateway;
    enum deed deed;
    int64_t id, size_bytes, done_bytes;
    char *key;
    char sha256[HEX_SIZE];
    int fd; // -1: none
    int status;
    int unwritable; // errno of a write that failed; 0
    crypto_hash_sha256_state hash;
    struct url *url;
    struct transfer *transfer;
};

static void keeping_free(struct keeping *keeping)
{
    transfer_free(keeping->transfer);
    url_free(keeping->url);
    if (keeping->fd >= 0)
        close(keeping->fd);
    xfree(keeping->key);
    xfree(keeping);
}

static void tell(struct keeping *keeping, const struct err *problem)
{
    SCOPED_BUF(body, 16384);
    struct gateway *gateway = keeping->gateway;
    struct json_writer writer = json_writer_new(&body);
    if (problem)
        err_write(&writer, problem);
    else
        json_write_null(&writer);
    require(json_writer_done(&writer));
    if (gateway->host)
        channel_send(gateway->host, MESSAGE_OF(KEEP_DONE, .id = keeping->id, .problem = buf_text(&body)));
    keeping_free(keeping);
}

// ---- the exchange

static size_t on_read(void *owner, char *out, size_t most, enum flow *flow)
{
    struct keeping *keeping = owner;
    const ssize_t got = pread(keeping->fd, out, most, keeping->done_bytes);
    *flow = got < 0 ? FLOW_STOP : FLOW_ON;
    keeping->done_bytes += got > 0 ? got : 0;
    return got > 0 ? (size_t)got : 0;
}

static bool on_rewind(void *owner)
{
    ((struct keeping *)owner)->done_bytes = 0;
    return true;
}

static bool on_line(void *owner, struct text line)
{
    struct keeping *keeping = owner;
    if (text_starts(line, "HTTP/")) {
        const ptrdiff_t space = text_find(line, ' ');
        keeping->status = space > 0 ? (int)strtol(line.data + space, NULL, 10) : 0;
    }
    return true;
}

static bool write_all(int fd, struct text part)
{
    while (part.length) {
        const ssize_t written = write(fd, part.data, part.length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        part = text_of(part.data + written, part.length - (size_t)written);
    }
    return true;
}

// What a server says beside the file (an error in XML) is passed over.
static bool on_body(void *owner, struct text part, enum flow *flow)
{
    struct keeping *keeping = owner;
    *flow = FLOW_ON;
    if (keeping->deed != DEED_GET || keeping->status != 200)
        return true;
    keeping->done_bytes += (int64_t)part.length;
    if (keeping->done_bytes > keeping->size_bytes)
        return false;
    crypto_hash_sha256_update(&keeping->hash, (const unsigned char *)part.data, part.length);
    keeping->unwritable = write_all(keeping->fd, part) ? 0 : errno;
    return keeping->unwritable == 0;
}

static bool is_whole(struct keeping *keeping)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[HEX_SIZE];
    crypto_hash_sha256_final(&keeping->hash, digest);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    return keeping->done_bytes == keeping->size_bytes && strcmp(hex, keeping->sha256) == 0;
}

static bool unreached(const struct keeping *keeping, const struct err *why, struct err *err)
{
    const char *reason = why->count > 1 ? why->arguments[1] : err_name(why->code);
    return fail(err, ERR_BUCKET_UNREACHABLE, keeping->gateway->outside->bucket.origin.host, reason);
}

static bool judge(struct keeping *keeping, bool good, const struct err *why, struct err *err)
{
    const struct bucket_settings *bucket = &keeping->gateway->outside->bucket;
    if (keeping->unwritable)
        return fail(err, ERR_FILE_UNWRITABLE, keeping->key, strerror(keeping->unwritable));
    if (keeping->deed == DEED_GET && keeping->status == 200 && keeping->done_bytes > keeping->size_bytes)
        return fail(err, ERR_BUCKET_DAMAGED, keeping->key);
    if (!good)
        return unreached(keeping, why, err);
    if (keeping->status == 404 && keeping->deed == DEED_REMOVE)
        return true;
    if (keeping->status == 404)
        return fail(err, ERR_BUCKET_MISSING, keeping->key, bucket->place);
    if (keeping->status == 401 || keeping->status == 403)
        return fail(err, ERR_BUCKET_LOGIN, bucket->origin.host, bucket->login, N(keeping->status));
    if (keeping->status < 200 || keeping->status > 299)
        return fail(err, ERR_BUCKET_UNREACHABLE, bucket->origin.host, N(keeping->status));
    return keeping->deed != DEED_GET || is_whole(keeping) || fail(err, ERR_BUCKET_DAMAGED, keeping->key);
}

static void on_done(void *owner, bool good, const struct err *why)
{
    struct keeping *keeping = owner;
    struct err err;
    const bool fine = judge(keeping, good, why, &err);
    if (!fine)
        log_info("bucket.failed", "key=%s status=%d error=%s", keeping->key, keeping->status,
                 err_name(err.code));
    tell(keeping, fine ? NULL : &err);
}

static const struct transfer_events events = {on_read, on_rewind, on_line, on_body, on_done};

static bool check_login(const struct gateway *gateway, struct err *err)
{
    const struct bucket_settings *bucket = &gateway->outside->bucket;
    const struct secret *secret = gateway->bucket_secret;
    if (!bucket->set || !secret || secret->kind != SECRET_BASIC)
        return fail(err, ERR_LOGIN_MISSING, bucket->set ? bucket->login : "s3");
    const struct origin *own = &secret->origin, *its = &bucket->origin;
    const bool same = !secret->for_mail && strcmp(own->scheme, its->scheme) == 0 &&
                      strcmp(own->host, its->host) == 0 && own->port == its->port;
    return same || fail(err, ERR_LOGIN_ORIGIN, bucket->login, secret->origin_text, bucket->place);
}

static void set_request(struct keeping *keeping)
{
    const struct secret *secret = keeping->gateway->bucket_secret;
    CURL *easy = transfer_easy(keeping->transfer);
    SCOPED_TEXT char *signing = xasprintf("aws:amz:%s:s3", keeping->gateway->outside->bucket.region);
    SCOPED_TEXT char *digest =
        xasprintf("x-amz-content-sha256: %s", keeping->deed == DEED_PUT ? keeping->sha256 : empty_sha256);
    struct curl_slist *headers = curl_slist_append(curl_slist_append(NULL, digest), "Expect:");
    require(headers);
    transfer_headers(keeping->transfer, headers);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_AWS_SIGV4, signing);
    curl_easy_setopt(easy, CURLOPT_USERNAME, secret->username);
    curl_easy_setopt(easy, CURLOPT_PASSWORD, secret->value.data);
    if (keeping->deed == DEED_PUT) {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)keeping->size_bytes);
    } else if (keeping->deed == DEED_REMOVE)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "DELETE");
}

static bool start(struct keeping *keeping, struct err *err)
{
    struct gateway *gateway = keeping->gateway;
    if (keeping->size_bytes < 0 || keeping->size_bytes > BUCKET_BYTES_MAX)
        return fail(err, ERR_FILE_TOO_LARGE, keeping->key, N(BUCKET_BYTES_MAX >> 20));
    SCOPED_TEXT char *place =
        xasprintf("%s/%s", gateway->outside->bucket.set ? gateway->outside->bucket.place : "", keeping->key);
    if (!check_login(gateway, err) || !url_read(&keeping->url, NULL, text_from(place), err))
        return false;
    const struct url_parts *parts = url_parts(keeping->url);
    const struct system *system = outside_system(gateway->outside, parts);
    keeping->transfer =
        transfer_new(pool_for_bucket(gateway, gateway->bucket_secret), system ? &system->route : NULL,
                     parts->host, BUCKET_MS, &events, keeping);
    if (!transfer_to(keeping->transfer, keeping->url, err))
        return false;
    set_request(keeping);
    transfer_start(keeping->transfer);
    return true;
}

// ---- what the host says

static void begin(struct gateway *gateway, enum deed deed, const struct message_KEEP_PUT *message, int fd)
{
    struct keeping *keeping = xcalloc(1, sizeof *keeping);
    struct err err;
    *keeping = (struct keeping){.gateway = gateway,
                                .deed = deed,
                                .id = message->id,
                                .size_bytes = message->size_bytes,
                                .key = text_copy(message->key),
                                .fd = fd};
    if (message->sha256.length < HEX_SIZE)
        memcpy(keeping->sha256, message->sha256.data, message->sha256.length);
    crypto_hash_sha256_init(&keeping->hash);
    if (!start(keeping, &err))
        tell(keeping, &err);
}

static bool take_fd(struct frame *frame, int *fd, struct err *err)
{
    if (frame->fd_count != 1)
        return fail(err, ERR_FRAME_MALFORMED, message_name(frame->type), "descriptors");
    *fd = frame->fds[0];
    frame->fds[0] = -1;
    return true;
}

bool bucket_take_secret(struct gateway *gateway, struct frame *frame, struct err *err)
{
    struct message_KEEP_SECRET message;
    struct err why;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    const struct bucket_settings *bucket = &gateway->outside->bucket;
    secret_free(STEAL(gateway->bucket_secret));
    if (bucket->set && !secret_open(&gateway->bucket_secret, gateway->key, message.box, bucket->login,
                                    message.version, &why))
        log_error("bucket.secret", "secret=%s error=%s", bucket->login, err_name(why.code));
    return true;
}

bool bucket_put(struct gateway *gateway, struct frame *frame, struct err *err)
{
    struct message_KEEP_PUT message;
    int fd;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &message, frame, err) || !take_fd(frame, &fd, err))
        return false;
    begin(gateway, DEED_PUT, &message, fd);
    return true;
}

bool bucket_get(struct gateway *gateway, struct frame *frame, struct err *err)
{
    struct message_KEEP_GET message;
    int fd;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &message, frame, err) || !take_fd(frame, &fd, err))
        return false;
    begin(
        gateway, DEED_GET,
        &(struct message_KEEP_PUT){
            .id = message.id, .key = message.key, .size_bytes = message.size_bytes, .sha256 = message.sha256},
        fd);
    return true;
}

bool bucket_remove(struct gateway *gateway, struct frame *frame, struct err *err)
{
    struct message_KEEP_REMOVE message;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    begin(gateway, DEED_REMOVE,
          &(struct message_KEEP_PUT){.id = message.id, .key = message.key, .sha256 = TEXT_OF("")}, -1);
    return true;
}
