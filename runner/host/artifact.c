// See artifact.h. The folder belongs to a robot that may be hostile: the file is opened beneath it, no link is followed,
// and only what was opened is copied.
#include "host/artifact.h"

#include "host/keep.h"
#include "host/turn.h"
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sodium.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CHUNK = 1 << 18 };

static int open_beneath(int folder, const char *path)
{
    const struct open_how how = {
        .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
    };
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

static bool write_all(int fd, const char *data, size_t length)
{
    while (length) {
        const ssize_t written = write(fd, data, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        length -= (size_t)written;
    }
    return true;
}

static bool copy_bytes(int from, int to, int64_t most_bytes, int64_t *size_bytes,
                       crypto_hash_sha256_state *hash, const char *path, struct err *err)
{
    SCOPED_TEXT char *chunk = xmalloc(CHUNK);
    for (*size_bytes = 0;;) {
        const ssize_t got = read(from, chunk, CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(err, ERR_FILE_UNREADABLE, path, strerror(errno));
        if (got == 0)
            return true;
        *size_bytes += got;
        if (*size_bytes > most_bytes)
            return fail(err, ERR_FILE_TOO_LARGE, path, N(most_bytes >> 20));
        crypto_hash_sha256_update(hash, (const unsigned char *)chunk, (unsigned long long)got);
        if (!write_all(to, chunk, (size_t)got))
            return fail(err, ERR_FILE_UNWRITABLE, path, strerror(errno));
    }
}

bool copy_file(int from, int folder, const char *path, int64_t most_bytes, int64_t *size_bytes,
               char sha256[SHA256_SIZE], struct err *err)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state hash;
    const int to = openat(folder, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (to < 0)
        return fail(err, ERR_FILE_UNWRITABLE, path, strerror(errno));
    crypto_hash_sha256_init(&hash);
    bool good = copy_bytes(from, to, most_bytes, size_bytes, &hash, path, err);
    if (good && fsync(to) != 0)
        good = fail(err, ERR_FILE_UNWRITABLE, path, strerror(errno));
    close(to);
    crypto_hash_sha256_final(&hash, digest);
    sodium_bin2hex(sha256, SHA256_SIZE, digest, sizeof digest);
    return good;
}

static bool refused(struct err *err, const char *path, const char *reason)
{
    return fail(err, ERR_ATTACH_REFUSED, path, reason);
}

static bool open_artifact(int *out, int folder, const char *path, struct err *err)
{
    struct stat status;
    *out = open_beneath(folder, path);
    if (*out < 0)
        return errno == ENOENT ? fail(err, ERR_FILE_MISSING, path) : refused(err, path, strerror(errno));
    if (fstat(*out, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1)
        return true;
    close(*out);
    return refused(err, path, S_ISREG(status.st_mode) ? "link" : "not a file");
}

static bool open_named(int *out, struct session *session, const char *name, struct text path, struct err *err)
{
    return strlen(name) == path.length ? open_artifact(out, session->folder_fd, name, err)
                                       : refused(err, name, "name");
}

static const char *base_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static bool record(struct session *session, const struct artifact *artifact, struct err *err)
{
    return turn_begin(session->host, err) && store_artifact_put(session->host->store, artifact, err);
}

// Into a folder of this machine; *place is the caller's.
static bool copy_to(const char *folder, struct session *session, int from, const char *name, char **place,
                    int64_t *size_bytes, char sha256[SHA256_SIZE], struct err *err)
{
    SCOPED_TEXT char *own = xasprintf("%s/%lld", folder, (long long)session->id);
    *place = xasprintf("%s/%s", own, name);
    return file_make_folder(own, err) &&
           copy_file(from, AT_FDCWD, *place, session->pin->manifest->limits.output_bytes, size_bytes, sha256,
                     err);
}

static bool keep(struct session *session, int from, const char *name, struct text title, struct err *err)
{
    char sha256[SHA256_SIZE];
    int64_t size_bytes;
    const char *shared = session->host->settings->artifacts;
    SCOPED_TEXT char *place = NULL;
    return copy_to(shared ? shared : ".renki/artifacts", session, from, name, &place, &size_bytes, sha256,
                   err) &&
           record(session,
                  &(struct artifact){.run = session->id,
                                     .attempt = session->attempt,
                                     .size_bytes = size_bytes,
                                     .name = name,
                                     .path = place,
                                     .sha256 = sha256,
                                     .title = title},
                  err);
}

// ---- ahead of the message, to a bucket

struct sent {
    char *name;  // as the robot wrote it
    char *place; // in the bucket
    int64_t size_bytes;
    char sha256[SHA256_SIZE];
    struct err *problem; // NULL: none
};

struct ahead {
    struct session *session;
    artifact_handler handle;
    enum message_type type;
    char *head, *bytes;
    size_t head_length, bytes_length;
    struct sent items[ARTIFACTS_AHEAD_MAX];
    size_t count, next;
    char *copy;  // of the file that is on its way
    bool at_end; // all have been sent, or have a problem
};

static void ahead_free(struct ahead *ahead)
{
    for (size_t i = 0; i < ahead->count; i++) {
        xfree(ahead->items[i].name);
        xfree(ahead->items[i].place);
        xfree(ahead->items[i].problem);
    }
    xfree(ahead->head);
    xfree(ahead->bytes);
    xfree(ahead);
}

static void note_problem(struct sent *sent, const struct err *err)
{
    sent->problem = xmalloc(sizeof *err);
    *sent->problem = *err;
}

// What the worker asked for is handled now; it waits for the answer.
static void hand_over(struct ahead *ahead)
{
    struct session *session = ahead->session;
    struct err err;
    ahead->at_end = true;
    struct frame frame = {.type = ahead->type,
                          .head = text_of(ahead->head, ahead->head_length),
                          .bytes = text_of(ahead->bytes, ahead->bytes_length)};
    if (session->channel && !session->lost && !ahead->handle(session, &frame, &err))
        session_kill(session, &err);
    session->ahead = NULL;
    ahead_free(ahead);
    session->unanswered--;
    session_settle(session);
}

static void send_next(struct ahead *ahead);

static void on_sent(void *owner, const struct err *failed)
{
    struct ahead *ahead = owner;
    if (failed)
        note_problem(&ahead->items[ahead->next - 1], failed);
    unlink(ahead->copy);
    xfree(STEAL(ahead->copy));
    send_next(ahead);
}

static void send_copy(struct ahead *ahead, struct sent *sent)
{
    const struct session *session = ahead->session;
    struct err err;
    SCOPED_TEXT char *name = keep_name(base_of(sent->name));
    SCOPED_TEXT char *key = xasprintf("%lld/%s", (long long)session->id, name);
    const char *s3 = json_string_or(json_get(session->host->settings->bucket, "s3"), "");
    const size_t length = strlen(s3);
    sent->place = xasprintf("%s%s%s", s3, length && s3[length - 1] == '/' ? "" : "/", key);
    const int fd = open(ahead->copy, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) {
        keep_put(session->host, &(struct kept_file){key, sent->size_bytes, sent->sha256}, fd, on_sent, ahead);
        close(fd);
        return;
    }
    (void)fail(&err, ERR_FILE_UNREADABLE, sent->name, strerror(errno));
    on_sent(ahead, &err);
}

static bool copy_one(struct ahead *ahead, struct sent *sent, struct err *err)
{
    int from;
    if (!open_named(&from, ahead->session, sent->name, text_from(sent->name), err))
        return false;
    const bool good = copy_to(".renki/artifacts", ahead->session, from, base_of(sent->name), &ahead->copy,
                              &sent->size_bytes, sent->sha256, err);
    close(from);
    if (!good)
        xfree(STEAL(ahead->copy));
    return good;
}

// The robot may go on writing to its file: a copy is hashed and sent.
static void send_next(struct ahead *ahead)
{
    struct err err;
    while (ahead->next < ahead->count) {
        struct sent *sent = &ahead->items[ahead->next++];
        if (copy_one(ahead, sent, &err)) {
            send_copy(ahead, sent);
            return;
        }
        note_problem(sent, &err);
    }
    hand_over(ahead);
}

bool artifact_ahead(struct session *session, const struct frame *frame, const struct text *paths,
                    size_t count, artifact_handler handle)
{
    if (!session->host->settings->bucket || session->kind != SESSION_RUN || session->ahead || count == 0 ||
        count > ARTIFACTS_AHEAD_MAX)
        return false;
    struct ahead *ahead = session->ahead = xcalloc(1, sizeof *ahead);
    *ahead = (struct ahead){.session = session,
                            .handle = handle,
                            .type = frame->type,
                            .head = text_copy(frame->head),
                            .bytes = xstrndup(frame->bytes.data, frame->bytes.length),
                            .head_length = frame->head.length,
                            .bytes_length = frame->bytes.length,
                            .count = count};
    for (size_t i = 0; i < count; i++)
        ahead->items[i].name = text_copy(paths[i]);
    session->unanswered++;
    send_next(ahead);
    return true;
}

static bool take_sent(struct session *session, const char *name, struct text title, struct err *err)
{
    for (size_t i = 0; session->ahead && session->ahead->at_end && i < session->ahead->count; i++) {
        const struct sent *sent = &session->ahead->items[i];
        if (strcmp(sent->name, name) != 0)
            continue;
        if (sent->problem) {
            *err = *sent->problem;
            return false;
        }
        return record(session,
                      &(struct artifact){.run = session->id,
                                         .attempt = session->attempt,
                                         .size_bytes = sent->size_bytes,
                                         .name = base_of(name),
                                         .path = sent->place,
                                         .sha256 = sent->sha256,
                                         .title = title},
                      err);
    }
    return refused(err, name, "name");
}

// ----

bool artifact_take(struct session *session, struct text path, struct text title, struct err *err)
{
    SCOPED_TEXT char *name = text_copy(path);
    int from;
    if (session->host->settings->bucket && session->kind == SESSION_RUN)
        return take_sent(session, name, title, err);
    if (!open_named(&from, session, name, path, err))
        return false;
    const bool good = session->kind != SESSION_RUN || keep(session, from, base_of(name), title, err);
    close(from);
    return good;
}
