// See keep.h.
#include "host/keep.h"

#include "host/roles.h"
#include "host/turn.h"
#include "lib/base/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { PAUSE_MS = 500 };
enum deed { DEED_PUT, DEED_GET, DEED_REMOVE };

struct keeping {
    struct keeping *next;
    struct host *host;
    enum deed deed;
    int64_t id, size_bytes;
    int64_t gateway; // which one has it (roles_run_opened); 0: none
    char *key;
    char sha256[SHA256_SIZE];
    int fd, tries;
    uv_timer_t timer; // until the next try
    keep_done done;
    void *owner;
};

char *keep_name(const char *name)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    char *out = xmalloc(3 * strlen(name) + 1), *end = out;
    for (const unsigned char *c = (const unsigned char *)name; *c; c++)
        if (strchr(plain, *c) && (*c != '.' || c != (const unsigned char *)name))
            *end++ = (char)*c;
        else
            end += snprintf(end, 4, "~%02X", *c);
    *end = '\0';
    return out;
}

static void on_closed(uv_handle_t *handle)
{
    struct keeping *keeping = handle->data;
    xfree(keeping->key);
    xfree(keeping);
}

static void finish(struct keeping *keeping, const struct err *failed)
{
    struct host *host = keeping->host;
    for (struct keeping **at = &host->keepings; *at; at = &(*at)->next)
        if (*at == keeping) {
            *at = keeping->next;
            break;
        }
    if (keeping->fd >= 0)
        close(keeping->fd);
    if (failed)
        log_error("bucket.failed", "key=%s error=%s", keeping->key, err_name(failed->code));
    keeping->done(keeping->owner, failed);
    uv_close((uv_handle_t *)&keeping->timer, on_closed);
    host_rest(host);
}

// ---- one try

static bool send_deed(const struct keeping *keeping, struct channel *gateway)
{
    const struct text key = text_from(keeping->key), sha256 = text_from(keeping->sha256);
    if (keeping->deed == DEED_PUT)
        return channel_send_fds(gateway,
                                MESSAGE_OF(KEEP_PUT, .id = keeping->id, .key = key,
                                           .size_bytes = keeping->size_bytes, .sha256 = sha256),
                                &keeping->fd, 1);
    if (keeping->deed == DEED_REMOVE)
        return channel_send(gateway, MESSAGE_OF(KEEP_REMOVE, .id = keeping->id, .key = key));
    return ftruncate(keeping->fd, 0) == 0 && lseek(keeping->fd, 0, SEEK_SET) == 0 &&
           channel_send_fds(gateway,
                            MESSAGE_OF(KEEP_GET, .id = keeping->id, .key = key,
                                       .size_bytes = keeping->size_bytes, .sha256 = sha256),
                            &keeping->fd, 1);
}

static bool send_with_box(void *owner, int64_t version, struct text box, struct err *err)
{
    struct keeping *keeping = owner;
    struct channel *gateway = roles_gateway(keeping->host);
    if (!gateway || !channel_send(gateway, MESSAGE_OF(KEEP_SECRET, .version = version, .box = box)) ||
        !send_deed(keeping, gateway))
        return fail(err, ERR_ROLE_DIED, "gateway");
    keeping->gateway = roles_run_opened(keeping->host);
    return true;
}

static void on_gateway(void *owner, const struct err *failed)
{
    struct keeping *keeping = owner;
    struct host *host = keeping->host;
    struct err err;
    const char *login = json_string_or(json_get(host->settings->bucket, "login"), "");
    if (failed) {
        err = *failed; // which may be gone when its owner hears of it
        finish(keeping, &err);
    } else if (!turn_begin(host, &err) ||
               !store_secret_use(host->store, login, send_with_box, keeping, &err)) {
        turn_spoil(host, &err);
        finish(keeping, &err);
    }
}

// A key is put anew only when what was begun with it before is over: a run may attach a file of one name twice.
static bool is_busy(const struct keeping *keeping)
{
    for (const struct keeping *other = keeping->host->keepings; other; other = other->next)
        if (other->id < keeping->id && strcmp(other->key, keeping->key) == 0)
            return true;
    return false;
}

static void on_timer(uv_timer_t *timer);

static void try_once(struct keeping *keeping)
{
    if (is_busy(keeping)) {
        uv_timer_start(&keeping->timer, on_timer, PAUSE_MS, 0);
        return;
    }
    keeping->tries++;
    roles_need(keeping->host, ROLES_GATEWAY, on_gateway, keeping);
}

static void on_timer(uv_timer_t *timer)
{
    try_once(timer->data);
}

static void finish_or_try_again(struct keeping *keeping, const struct err *failed)
{
    const bool may_pass = failed && (failed->code == ERR_BUCKET_UNREACHABLE || failed->code == ERR_ROLE_DIED);
    if (may_pass && keeping->tries < KEEP_TRIES)
        uv_timer_start(&keeping->timer, on_timer, (uint64_t)PAUSE_MS << keeping->tries, 0);
    else
        finish(keeping, failed);
}

// ---- what is asked for

static void begin(struct host *host, enum deed deed, const struct kept_file *file, int fd, keep_done done,
                  void *owner)
{
    struct keeping *keeping = xcalloc(1, sizeof *keeping);
    *keeping = (struct keeping){
        .next = host->keepings,
        .host = host,
        .deed = deed,
        .id = ++host->keeping_count,
        .size_bytes = file->size_bytes,
        .key = xstrdup(file->key),
        .fd = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1,
        .done = done,
        .owner = owner,
    };
    snprintf(keeping->sha256, sizeof keeping->sha256, "%s", file->sha256);
    require(uv_timer_init(host->loop, &keeping->timer) == 0);
    keeping->timer.data = keeping;
    host->keepings = keeping;
    try_once(keeping);
}

void keep_put(struct host *host, const struct kept_file *file, int fd, keep_done done, void *owner)
{
    begin(host, DEED_PUT, file, fd, done, owner);
}

void keep_get(struct host *host, const struct kept_file *file, int fd, keep_done done, void *owner)
{
    begin(host, DEED_GET, file, fd, done, owner);
}

void keep_remove(struct host *host, const char *key, keep_done done, void *owner)
{
    begin(host, DEED_REMOVE, &(struct kept_file){key, 0, ""}, -1, done, owner);
}

// ---- what the gateway says

static struct keeping *find(struct host *host, int64_t id)
{
    for (struct keeping *keeping = host->keepings; keeping; keeping = keeping->next)
        if (keeping->id == id && keeping->gateway)
            return keeping;
    return NULL;
}

static bool read_problem(struct err *problem, struct text written, bool *failed, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct text code = {"", 0};
    SCOPED_BUF(arguments, 16384);
    if (!json_parse(&document, written, err))
        return false;
    const struct json *root = json_root(document);
    *failed = json_text(json_get(root, "code"), &code);
    struct json_writer writer = json_writer_new(&arguments);
    json_write_value(&writer, json_get(root, "arguments"));
    return !*failed || (json_writer_done(&writer) && err_from_record(problem, code, buf_text(&arguments))) ||
           fail(err, ERR_FRAME_MALFORMED, "KEEP_DONE", "problem");
}

bool keep_on_done(struct host *host, struct frame *frame, struct err *err)
{
    struct message_KEEP_DONE message;
    struct err problem;
    bool failed;
    SCOPED(json_document)
    document = NULL;
    if (!wire_decode(&document, &message, frame, err) ||
        !read_problem(&problem, message.problem, &failed, err))
        return false;
    struct keeping *keeping = find(host, message.id);
    if (!keeping)
        return true;
    const int64_t gateway = keeping->gateway;
    keeping->gateway = 0;
    finish_or_try_again(keeping, failed ? &problem : NULL);
    roles_run_closed(host, gateway);
    return true;
}

void keep_on_lost(struct host *host, int64_t generation)
{
    struct err err;
    (void)fail(&err, ERR_ROLE_DIED, "gateway");
    for (struct keeping *keeping = host->keepings; keeping;) {
        if (keeping->gateway == generation) {
            keeping->gateway = 0;
            finish_or_try_again(keeping, &err);
            keeping = host->keepings; // `done` may have begun and ended others
        } else
            keeping = keeping->next;
    }
}
