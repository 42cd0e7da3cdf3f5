// See copies.h.
#include "host/copies.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

enum { CHUNK = 1 << 18 };

struct copy {
    int from, folder;
    char *path;
    int64_t most_bytes;
};

struct copies {
    uv_work_t work;
    struct host *host;
    copies_done done;
    void *owner;
    struct copy *items;
    struct copied *copied;
    size_t count;
    bool failed;
    struct err why;
};

struct copies *copies_new(struct host *host, copies_done done, void *owner)
{
    struct copies *copies = xcalloc(1, sizeof *copies);
    copies->work.data = copies;
    copies->host = host;
    copies->done = done;
    copies->owner = owner;
    return copies;
}

void copies_free(struct copies *copies)
{
    for (size_t i = 0; i < copies->count; i++) {
        const struct copy *item = &copies->items[i];
        close(item->from);
        if (item->folder != AT_FDCWD)
            close(item->folder);
        xfree(item->path);
    }
    xfree(copies->items);
    xfree(copies->copied);
    xfree(copies);
}

void copies_add(struct copies *copies, int from, int folder, const char *path, int64_t most_bytes)
{
    require(copies->count < COPIES_MAX);
    copies->items = xreallocarray(copies->items, copies->count + 1, sizeof *copies->items);
    copies->items[copies->count++] = (struct copy){
        .from = fcntl(from, F_DUPFD_CLOEXEC, 0),
        .folder = folder == AT_FDCWD ? AT_FDCWD : fcntl(folder, F_DUPFD_CLOEXEC, 0),
        .path = xstrdup(path),
        .most_bytes = most_bytes,
    };
}

// ---- one file

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

bool copy_file(struct copied *out, int from, int folder, const char *path, int64_t most_bytes,
               struct err *err)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state hash;
    const int to = openat(folder, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (to < 0)
        return fail(err, ERR_FILE_UNWRITABLE, path, strerror(errno));
    crypto_hash_sha256_init(&hash);
    bool good = copy_bytes(from, to, most_bytes, &out->size_bytes, &hash, path, err);
    if (good && fsync(to) != 0)
        good = fail(err, ERR_FILE_UNWRITABLE, path, strerror(errno));
    if (close(to) != 0 && good)
        good = fail(err, ERR_FILE_UNWRITABLE, path, strerror(errno));
    crypto_hash_sha256_final(&hash, digest);
    sodium_bin2hex(out->sha256, SHA256_SIZE, digest, sizeof digest);
    return good;
}

// ---- all of them

static void on_thread(uv_work_t *work)
{
    struct copies *copies = work->data;
    for (size_t i = 0; !copies->failed && i < copies->count; i++) {
        const struct copy *item = &copies->items[i];
        copies->failed = !copy_file(&copies->copied[i], item->from, item->folder, item->path,
                                    item->most_bytes, &copies->why);
    }
}

static void on_done(uv_work_t *work, int status)
{
    struct copies *copies = work->data;
    struct host *host = copies->host;
    (void)status; // nobody cancels it
    host->copying--;
    copies->done(copies->owner, copies->copied, copies->failed ? &copies->why : NULL);
    copies_free(copies);
    host_rest(host);
}

void copies_begin(struct copies *copies)
{
    copies->copied = xcalloc(copies->count + 1, sizeof *copies->copied);
    copies->host->copying++;
    require(uv_queue_work(copies->host->loop, &copies->work, on_thread, on_done) == 0);
}
