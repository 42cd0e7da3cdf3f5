// See shared.h.
#include "host/shared.h"

#include "host/store/hosts.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INPUT_BYTES_MAX = 1 << 30, ROWS_MAX = 400000 };

// ---- the folder

static char *folder_of(const struct shared_files *files)
{
    return xasprintf("%s/inputs/%s", files->host->settings->artifacts, files->name);
}

static const char *base_of(const struct shared_file *file)
{
    const char *slash = strrchr(file->path, '/');
    return slash ? slash + 1 : file->path;
}

struct errand {
    shared_done done;
    void *owner;
    int64_t run;                  // that they are fetched for
    struct shared_file *expected; // of a fetch; NULL
    size_t count;
};

static bool is_as_expected(const struct errand *errand, const struct copied *copied)
{
    for (size_t i = 0; errand->expected && i < errand->count; i++) {
        const struct copied *given = &errand->expected[i].content;
        if (copied[i].size_bytes != given->size_bytes || strcmp(copied[i].sha256, given->sha256) != 0)
            return false;
    }
    return true;
}

static void on_copied(void *owner, const struct copied *copied, const struct err *failed)
{
    struct errand *errand = owner;
    struct err err;
    if (!failed && !is_as_expected(errand, copied)) {
        (void)fail(&err, ERR_RUN_FOLDER_GONE, N(errand->run));
        failed = &err;
    }
    errand->done(errand->owner, failed);
    xfree(errand->expected);
    xfree(errand);
}

static struct errand *errand_new(const struct shared_files *files, shared_done done, void *owner)
{
    struct errand *errand = xcalloc(1, sizeof *errand);
    *errand = (struct errand){.done = done, .owner = owner, .count = files->count};
    return errand;
}

static bool add_copies(struct copies *copies, const struct shared_files *files, bool keeping, struct err *err)
{
    SCOPED_TEXT char *folder = folder_of(files);
    bool good = true;
    for (size_t i = 0; good && i < files->count; i++) {
        const struct shared_file *file = &files->items[i];
        SCOPED_TEXT char *shared = xasprintf("%s/%s", folder, base_of(file));
        const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
        const int from = openat(files->fd, keeping ? file->path : shared, flags);
        if (from < 0)
            good = fail(err, ERR_FILE_UNREADABLE, keeping ? file->path : shared, strerror(errno));
        else if (keeping)
            copies_add(copies, from, AT_FDCWD, shared, INPUT_BYTES_MAX);
        else
            copies_add(copies, from, files->fd, file->path, INPUT_BYTES_MAX);
        if (from >= 0)
            close(from);
    }
    return good;
}

static void begin_or_fail(const struct shared_files *files, bool keeping, struct errand *errand)
{
    struct err err;
    struct copies *copies = copies_new(files->host, on_copied, errand);
    if (add_copies(copies, files, keeping, &err)) {
        copies_begin(copies);
        return;
    }
    copies_free(copies);
    if (!keeping) // whatever is wrong with it, it is not there
        (void)fail(&err, ERR_RUN_FOLDER_GONE, N(errand->run));
    on_copied(errand, NULL, &err);
}

static void keep(const struct shared_files *files, shared_done done, void *owner)
{
    struct err err;
    SCOPED_TEXT char *base = xasprintf("%s/inputs", files->host->settings->artifacts);
    SCOPED_TEXT char *folder = folder_of(files);
    if (!file_make_folder(base, &err) || !file_make_folder(folder, &err))
        done(owner, &err);
    else
        begin_or_fail(files, true, errand_new(files, done, owner));
}

static void fetch(const struct shared_files *files, shared_done done, void *owner)
{
    struct errand *errand = errand_new(files, done, owner);
    errand->expected = xreallocarray(NULL, files->count + 1, sizeof *errand->expected);
    memcpy(errand->expected, files->items, files->count * sizeof *errand->expected);
    errand->run = files->run;
    begin_or_fail(files, false, errand);
}

static void forget(const struct shared_files *files)
{
    SCOPED_TEXT char *folder = folder_of(files);
    for (size_t i = 0; i < files->count; i++) {
        SCOPED_TEXT char *shared = xasprintf("%s/%s", folder, base_of(&files->items[i]));
        if (unlink(shared) != 0 && errno != ENOENT)
            log_error("run.inputs", "file=\"%s\" reason=\"%s\"", shared, strerror(errno));
    }
    if (rmdir(folder) != 0 && errno != ENOENT)
        log_error("run.inputs", "folder=\"%s\" reason=\"%s\"", folder, strerror(errno));
}

static const struct shared_place shared_folder = {keep, fetch, forget};

// ---- what the store says that a run was given

static bool take_row(struct shared_file *file, const struct session *session, const struct json *row)
{
    struct text given = {"", 0};
    const char *sha256 = json_string_or(json_get(row, "sha256"), "");
    const struct input *input =
        manifest_input(session->pin->manifest, json_string_or(json_get(row, "name"), ""));
    if (!input || !json_text(json_get(row, "file"), &given) || strlen(sha256) != SHA256_SIZE - 1)
        return false;
    input_file_path(file->path, input, given);
    memcpy(file->content.sha256, sha256, SHA256_SIZE);
    file->content.size_bytes = json_int64_or(json_get(row, "size_bytes"), -1);
    return true;
}

// The caller frees *out.
static bool read_files(struct shared_file **out, size_t *count, const struct session *session,
                       struct err *err)
{
    SCOPED_BUF(rows, ROWS_MAX);
    SCOPED(json_document)
    document = NULL;
    struct json_writer writer = json_writer_new(&rows);
    if (!store_view(session->host->store, &writer, STORE_INPUTS, session->id, err) ||
        !json_writer_done(&writer) || !json_parse(&document, buf_text(&rows), err))
        return false;
    const struct json *root = json_root(document);
    *out = xreallocarray(NULL, json_count(root) + 1, sizeof **out);
    *count = 0;
    for (const struct json *row = json_first(root); row && *count < COPIES_MAX; row = json_next(row))
        *count += take_row(&(*out)[*count], session, row);
    return true;
}

static struct shared_files files_of(const struct session *session, const struct shared_file *items,
                                    size_t count)
{
    return (struct shared_files){.host = session->host,
                                 .run = session->id,
                                 .name = session->folder,
                                 .fd = session->folder_fd,
                                 .items = items,
                                 .count = count};
}

// ---- the place that the settings name

static const struct shared_place *place_of(const struct host *host)
{
    return host->settings->bucket ? &shared_bucket : &shared_folder;
}

struct keeping {
    struct shared_files files; // owns its texts
    shared_done done;
    void *owner;
};

static void on_kept(void *owner, const struct err *failed)
{
    struct keeping *keeping = owner;
    struct err err;
    if (failed) {
        err = *failed;
        place_of(keeping->files.host)->forget(&keeping->files);
    }
    keeping->done(keeping->owner, failed ? &err : NULL);
    xfree((void *)(uintptr_t)keeping->files.items);
    xfree((void *)(uintptr_t)keeping->files.name);
    xfree(keeping);
}

void shared_keep(const struct shared_files *files, shared_done done, void *owner)
{
    if (!settings_share_files(files->host->settings) || files->count == 0) {
        done(owner, NULL);
        return;
    }
    struct keeping *keeping = xcalloc(1, sizeof *keeping);
    struct shared_file *items = xreallocarray(NULL, files->count, sizeof *items);
    memcpy(items, files->items, files->count * sizeof *items);
    *keeping = (struct keeping){.files = *files, .done = done, .owner = owner};
    keeping->files.items = items;
    keeping->files.name = xstrdup(files->name);
    place_of(files->host)->keep(files, on_kept, keeping);
}

void shared_fetch(struct session *session, shared_done done, void *owner)
{
    struct err err;
    struct shared_file *items = NULL;
    size_t count = 0;
    if (mkdirat(session->folder_fd, "in", 0700) != 0 && errno != EEXIST)
        (void)fail(&err, ERR_FILE_UNWRITABLE, "in", strerror(errno));
    else if (read_files(&items, &count, session, &err)) {
        const struct shared_files files = files_of(session, items, count);
        place_of(session->host)->fetch(&files, done, owner);
        xfree(items);
        return;
    }
    done(owner, &err);
}

void shared_forget_files(const struct shared_files *files)
{
    if (settings_share_files(files->host->settings) && files->count > 0)
        place_of(files->host)->forget(files);
}

void shared_forget(const struct session *session)
{
    struct err err;
    struct shared_file *items;
    size_t count;
    if (!settings_share_files(session->host->settings) || !session->pin)
        return;
    if (!read_files(&items, &count, session, &err)) {
        log_error("run.inputs", "run=%lld error=%s", (long long)session->id, err_name(err.code));
        return;
    }
    const struct shared_files files = files_of(session, items, count);
    shared_forget_files(&files);
    xfree(items);
}
