// See kept.h.
#include "host/kept.h"

#include "host/keep.h"
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char own_folder[] = ".renki/artifacts";

// The bucket's address with a slash behind it; NULL: there is none.
static char *bucket_place(const struct host *host)
{
    const char *s3 = json_string_or(json_get(host->settings->bucket, "s3"), "");
    const size_t length = strlen(s3);
    return host->settings->bucket ? xasprintf("%s%s", s3, length && s3[length - 1] == '/' ? "" : "/") : NULL;
}

// ---- putting

struct putting {
    struct host *host;
    char *place;
    char *key;  // of the bucket; NULL: none
    char *copy; // of this machine, for the bucket
    struct copied content;
    kept_done done;
    void *owner;
};

static void finish_put(void *owner, const struct err *failed)
{
    struct putting *putting = owner;
    if (putting->copy)
        unlink(putting->copy);
    putting->done(putting->owner, putting->place, &putting->content, failed);
    xfree(putting->place);
    xfree(putting->key);
    xfree(putting->copy);
    xfree(putting);
}

static void to_bucket(struct putting *putting)
{
    struct err err;
    const int fd = open(putting->copy, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        (void)fail(&err, ERR_FILE_UNREADABLE, putting->copy, strerror(errno));
        finish_put(putting, &err);
        return;
    }
    const struct kept_file file = {putting->key, putting->content.size_bytes, putting->content.sha256};
    keep_put(putting->host, &file, fd, finish_put, putting);
    close(fd);
}

static void on_copied(void *owner, const struct copied *copied, const struct err *failed)
{
    struct putting *putting = owner;
    if (!failed)
        putting->content = copied[0];
    if (failed || !putting->key)
        finish_put(putting, failed);
    else
        to_bucket(putting);
}

void kept_put(struct host *host, int from, const char *group, const char *name, int64_t most_bytes,
              kept_done done, void *owner)
{
    struct err err;
    SCOPED_TEXT char *bucket = bucket_place(host);
    const char *base = !bucket && host->settings->artifacts ? host->settings->artifacts : own_folder;
    SCOPED_TEXT char *folder = xasprintf("%s/%s", base, group);
    SCOPED_TEXT char *path = xasprintf("%s/%s", folder, name);
    struct putting *putting = xcalloc(1, sizeof *putting);
    *putting = (struct putting){.host = host, .done = done, .owner = owner};
    if (bucket) {
        SCOPED_TEXT char *plain = keep_name(name);
        putting->key = xasprintf("%s/%s", group, plain);
        putting->place = xasprintf("%s%s", bucket, putting->key);
        putting->copy = xstrdup(path);
    } else
        putting->place = xstrdup(path);
    if (!file_make_folder(folder, &err)) {
        finish_put(putting, &err);
        return;
    }
    struct copies *copies = copies_new(host, on_copied, putting);
    copies_add(copies, from, AT_FDCWD, path, most_bytes);
    copies_begin(copies);
}

// ---- opening

struct opening {
    int fd;
    kept_opened done;
    void *owner;
};

static void finish_open(void *owner, const struct err *failed)
{
    struct opening *opening = owner;
    struct err err;
    if (!failed && lseek(opening->fd, 0, SEEK_SET) != 0) {
        (void)fail(&err, ERR_FILE_UNREADABLE, own_folder, strerror(errno));
        failed = &err;
    }
    opening->done(opening->owner, failed ? -1 : opening->fd, failed);
    if (opening->fd >= 0)
        close(opening->fd);
    xfree(opening);
}

void kept_open(struct host *host, const char *place, const struct copied *content, kept_opened done,
               void *owner)
{
    struct err err;
    SCOPED_TEXT char *bucket = bucket_place(host);
    const bool far = bucket && text_starts(text_from(place), bucket);
    struct opening *opening = xcalloc(1, sizeof *opening);
    *opening = (struct opening){.fd = far ? open(own_folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600)
                                          : open(place, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK),
                                .done = done,
                                .owner = owner};
    if (opening->fd < 0) {
        (void)fail(&err, ERR_FILE_UNREADABLE, far ? own_folder : place, strerror(errno));
        finish_open(opening, &err);
    } else if (far)
        keep_get(host, &(struct kept_file){place + strlen(bucket), content->size_bytes, content->sha256},
                 opening->fd, finish_open, opening);
    else
        finish_open(opening, NULL);
}
