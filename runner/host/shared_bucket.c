// The bucket as the place of what runs are given; see shared.h. One file after another, so that a run takes one place
// at the gateway.
#include "host/keep.h"
#include "host/shared.h"
#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct errand {
    struct host *host;
    bool fetching;
    int folder_fd;
    char *folder;
    struct shared_file *files;
    size_t count, next;
    shared_done done;
    void *owner;
};

static char *key_of(const char *folder, const struct shared_file *file)
{
    const char *slash = strrchr(file->path, '/');
    SCOPED_TEXT char *name = keep_name(slash ? slash + 1 : file->path);
    return xasprintf("inputs/%s/%s", folder, name);
}

static void finish(struct errand *errand, const struct err *failed)
{
    const shared_done done = errand->done;
    void *owner = errand->owner;
    close(errand->folder_fd);
    xfree(errand->folder);
    xfree(errand->files);
    xfree(errand);
    done(owner, failed);
}

// ---- put and get

static void go_on(void *owner, const struct err *failed)
{
    struct errand *errand = owner;
    struct err err;
    if (failed || errand->next == errand->count) {
        finish(errand, failed);
        return;
    }
    const struct shared_file *file = &errand->files[errand->next++];
    const int flags = errand->fetching ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY;
    const int fd = openat(errand->folder_fd, file->path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        (void)fail(&err, ERR_FILE_UNREADABLE, file->path, strerror(errno));
        finish(errand, &err);
        return;
    }
    SCOPED_TEXT char *key = key_of(errand->folder, file);
    (errand->fetching ? keep_get : keep_put)(
        errand->host, &(struct kept_file){key, file->content.size_bytes, file->content.sha256}, fd, go_on,
        errand);
    close(fd);
}

static void begin(const struct shared_files *files, bool fetching, shared_done done, void *owner)
{
    struct errand *errand = xcalloc(1, sizeof *errand);
    *errand = (struct errand){.host = files->host,
                              .fetching = fetching,
                              .folder_fd = fcntl(files->fd, F_DUPFD_CLOEXEC, 0),
                              .folder = xstrdup(files->name),
                              .files = xreallocarray(NULL, files->count + 1, sizeof *errand->files),
                              .count = files->count,
                              .done = done,
                              .owner = owner};
    memcpy(errand->files, files->items, files->count * sizeof *errand->files);
    go_on(errand, NULL);
}

static void keep(const struct shared_files *files, shared_done done, void *owner)
{
    begin(files, false, done, owner);
}

static void fetch(const struct shared_files *files, shared_done done, void *owner)
{
    begin(files, true, done, owner);
}

// ---- removing

static void on_removed(void *owner, const struct err *failed)
{
    (void)owner;
    if (failed)
        log_error("run.inputs", "error=\"not removed\" reason=%s", err_name(failed->code));
}

static void forget(const struct shared_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        SCOPED_TEXT char *key = key_of(files->name, &files->items[i]);
        keep_remove(files->host, key, on_removed, NULL);
    }
}

const struct shared_place shared_bucket = {keep, fetch, forget};
