// The bucket as the place of what runs are given; see shared.h. One file after another, so that a run takes one place
// at the gateway.
#include "host/keep.h"
#include "host/shared.h"
#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { ROWS_MAX = 400000 };

struct errand {
    struct host *host;
    struct session *session; // of put and get
    bool fetching;
    char folder[33];
    struct shared_file *files;
    size_t count, next;
    shared_done done;
    void *owner;
};

static char *key_of(const struct errand *errand, const struct shared_file *file)
{
    const char *slash = strrchr(file->path, '/');
    SCOPED_TEXT char *name = keep_name(slash ? slash + 1 : file->path);
    return xasprintf("inputs/%s/%s", errand->folder, name);
}

static struct errand *errand_new(const struct session *session, const struct shared_file *files, size_t count)
{
    struct errand *errand = xcalloc(1, sizeof *errand);
    errand->host = session->host;
    errand->count = count;
    errand->files = xreallocarray(NULL, count + 1, sizeof *files);
    memcpy(errand->folder, session->folder, sizeof errand->folder);
    if (count)
        memcpy(errand->files, files, count * sizeof *files);
    return errand;
}

static void finish(struct errand *errand, const struct err *failed)
{
    const shared_done done = errand->done;
    void *owner = errand->owner;
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
    const int fd = openat(errand->session->folder_fd, file->path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        (void)fail(&err, ERR_FILE_UNREADABLE, file->path, strerror(errno));
        finish(errand, &err);
        return;
    }
    SCOPED_TEXT char *key = key_of(errand, file);
    (errand->fetching ? keep_get : keep_put)(
        errand->host, &(struct kept_file){key, file->size_bytes, file->sha256}, fd, go_on, errand);
    close(fd);
}

static void keep(struct session *session, const struct shared_file *files, size_t count, shared_done done,
                 void *owner)
{
    struct errand *errand = errand_new(session, files, count);
    errand->session = session;
    errand->done = done;
    errand->owner = owner;
    go_on(errand, NULL);
}

// ---- what the store says that the run was given

static bool take_row(struct shared_file *file, const struct session *session, const struct json *row)
{
    struct text given = {"", 0};
    const char *sha256 = json_string_or(json_get(row, "sha256"), "");
    const struct input *input =
        manifest_input(session->pin->manifest, json_string_or(json_get(row, "name"), ""));
    if (!input || !json_text(json_get(row, "file"), &given) || strlen(sha256) != SHA256_SIZE - 1)
        return false;
    input_file_path(file->path, input, given);
    memcpy(file->sha256, sha256, SHA256_SIZE);
    file->size_bytes = json_int64_or(json_get(row, "size_bytes"), -1);
    return true;
}

static bool read_files(struct errand **out, const struct session *session, struct err *err)
{
    SCOPED_BUF(rows, ROWS_MAX);
    SCOPED(json_document)
    document = NULL;
    struct json_writer writer = json_writer_new(&rows);
    if (!store_view(session->host->store, &writer, STORE_INPUTS, session->id, err) ||
        !json_writer_done(&writer) || !json_parse(&document, buf_text(&rows), err))
        return false;
    struct errand *errand = errand_new(session, NULL, 0);
    const struct json *root = json_root(document);
    errand->files = xreallocarray(errand->files, json_count(root) + 1, sizeof *errand->files);
    for (const struct json *row = json_first(root); row; row = json_next(row))
        if (take_row(&errand->files[errand->count], session, row))
            errand->count++;
    *out = errand;
    return true;
}

static void fetch(struct session *session, shared_done done, void *owner)
{
    struct errand *errand;
    struct err err;
    if (!read_files(&errand, session, &err)) {
        done(owner, &err);
        return;
    }
    errand->session = session;
    errand->fetching = true;
    errand->done = done;
    errand->owner = owner;
    go_on(errand, NULL);
}

// ---- removing

static void on_removed(void *owner, const struct err *failed)
{
    (void)owner;
    if (failed)
        log_error("run.inputs", "error=\"not removed\" reason=%s", err_name(failed->code));
}

static void forget(const struct session *session)
{
    struct errand *errand;
    struct err err;
    if (!session->pin || !read_files(&errand, session, &err))
        return;
    for (size_t i = 0; i < errand->count; i++) {
        SCOPED_TEXT char *key = key_of(errand, &errand->files[i]);
        keep_remove(session->host, key, on_removed, NULL);
    }
    xfree(errand->files);
    xfree(errand);
}

const struct shared_place shared_bucket = {keep, fetch, forget};
