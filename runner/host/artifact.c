// See artifact.h. The folder belongs to a robot that may be hostile: the file is opened beneath it, no link is followed,
// and only what was opened is copied.
#include "host/artifact.h"

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

static bool keep(struct session *session, int from, const char *name, struct text title, struct err *err)
{
    char sha256[SHA256_SIZE];
    int64_t size_bytes;
    const char *shared = session->host->settings->artifacts;
    SCOPED_TEXT char *folder =
        xasprintf("%s/%lld", shared ? shared : ".renki/artifacts", (long long)session->id);
    SCOPED_TEXT char *place = xasprintf("%s/%s", folder, name);
    const int64_t most = session->pin->manifest->limits.output_bytes;
    if (!file_make_folder(folder, err) || !copy_file(from, AT_FDCWD, place, most, &size_bytes, sha256, err))
        return false;
    return turn_begin(session->host, err) &&
           store_artifact_put(session->host->store,
                              &(struct artifact){.run = session->id,
                                                 .attempt = session->attempt,
                                                 .size_bytes = size_bytes,
                                                 .name = name,
                                                 .path = place,
                                                 .sha256 = sha256,
                                                 .title = title},
                              err);
}

bool artifact_take(struct session *session, struct text path, struct text title, struct err *err)
{
    SCOPED_TEXT char *name = text_copy(path);
    int from;
    if (strlen(name) != path.length)
        return refused(err, name, "name");
    if (!open_artifact(&from, session->folder_fd, name, err))
        return false;
    const char *slash = strrchr(name, '/');
    const bool good =
        session->kind != SESSION_RUN || keep(session, from, slash ? slash + 1 : name, title, err);
    close(from);
    return good;
}
