// See file.h.
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void scoped_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define SCOPED_FD __attribute__((cleanup(scoped_close))) const int

bool file_unreadable(struct err *err, const char *path, int reason)
{
    if (reason == ENOENT)
        return fail(err, ERR_FILE_MISSING, path);
    return reason == EMFILE ? fail(err, ERR_FILES_OPEN, path)
                            : fail(err, ERR_FILE_UNREADABLE, path, strerror(reason));
}

bool file_read(struct buf *out, int directory, const char *path, struct err *err)
{
    SCOPED_FD fd = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0)
        return file_unreadable(err, path, errno);
    if (!S_ISREG(status.st_mode))
        return file_unreadable(err, path, S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
    for (;;) {
        const size_t room = out->maximum - out->length;
        if (room == 0) {
            char more;
            if (read(fd, &more, 1) == 0)
                return true;
            return fail(err, ERR_FILE_TOO_LARGE, path, N(out->maximum >> 20));
        }
        const size_t chunk = room < 65536 ? room : 65536;
        char *space = buf_reserve(out, chunk);
        require(space);
        const ssize_t got = read(fd, space, chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return file_unreadable(err, path, errno);
        out->length += (size_t)got;
        out->data[out->length] = '\0';
        if (got == 0)
            return true;
    }
}

static bool write_all(int fd, struct text content)
{
    while (content.length) {
        const ssize_t written = write(fd, content.data, content.length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        content = text_of(content.data + written, content.length - (size_t)written);
    }
    return true;
}

static bool sync_folder_of(int directory, const char *path)
{
    SCOPED_TEXT char *copy = xstrdup(path);
    SCOPED_FD fd = openat(directory, dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

static bool drop(int directory, const char *temporary, const char *path, struct err *err)
{
    const int reason = errno;
    unlinkat(directory, temporary, 0);
    return fail(err, ERR_FILE_UNWRITABLE, path, strerror(reason));
}

bool file_publish(int directory, const char *temporary, const char *path, struct err *err)
{
    SCOPED_FD fd = openat(directory, temporary, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const bool published = fd >= 0 && fsync(fd) == 0 &&
                           renameat(directory, temporary, directory, path) == 0 &&
                           sync_folder_of(directory, path);
    return published || drop(directory, temporary, path, err);
}

static void close_draft(struct file_draft *draft)
{
    if (draft->fd >= 0)
        close(draft->fd);
    xfree(draft->temporary);
    xfree(draft->path);
    *draft = file_draft_none();
}

void file_drop(struct file_draft *draft)
{
    if (draft->fd >= 0)
        unlinkat(draft->directory, draft->temporary, 0);
    close_draft(draft);
}

static bool fail_draft(struct file_draft *draft, int reason, struct err *err)
{
    fail(err, ERR_FILE_UNWRITABLE, draft->path, strerror(reason));
    file_drop(draft);
    return false;
}

bool file_begin(struct file_draft *out, int directory, const char *path, unsigned mode, struct err *err)
{
    *out = (struct file_draft){
        .directory = directory,
        .path = xstrdup(path),
        .temporary = xasprintf("%s.%d.new", path, (int)getpid()),
    };
    out->fd = openat(directory, out->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    return out->fd >= 0 || fail_draft(out, errno, err);
}

bool file_add(struct file_draft *draft, struct text content, struct err *err)
{
    return write_all(draft->fd, content) || fail_draft(draft, errno, err);
}

bool file_finish(struct file_draft *draft, struct err *err)
{
    const bool done = file_publish(draft->directory, draft->temporary, draft->path, err);
    close_draft(draft);
    return done;
}

bool file_write(int directory, const char *path, struct text content, unsigned mode, struct err *err)
{
    struct file_draft draft;
    return file_begin(&draft, directory, path, mode, err) && file_add(&draft, content, err) &&
           file_finish(&draft, err);
}

static bool make_one(const char *path)
{
    struct stat status;
    if (mkdir(path, 0700) == 0)
        return true;
    const int reason = errno;
    if (reason == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return true;
    return errno = reason, false;
}

bool file_make_folder(const char *path, struct err *err)
{
    SCOPED_TEXT char *copy = xstrdup(path);
    for (char *slash = strchr(copy + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = '\0';
        if (!make_one(copy))
            return fail(err, ERR_FILE_UNWRITABLE, copy, strerror(errno));
        if (!slash)
            return true;
        *slash = '/';
    }
}
