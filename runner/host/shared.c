// See shared.h.
#include "host/shared.h"

#include "host/store/hosts.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INPUT_BYTES_MAX = 1 << 30, INPUTS_MAX = 1000 };

static char *folder_of(const struct session *session)
{
    return xasprintf("%s/inputs/%s", session->host->settings->artifacts, session->folder);
}

static int open_folder(int beneath, const char *path)
{
    return openat(beneath, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

// ---- each file of a folder

struct files {
    int from, to;
    const struct session *session;
};
typedef bool (*file_visitor)(const struct files *files, const char *name, struct err *err);

static bool each_file(const struct files *files, file_visitor visit, struct err *err)
{
    const int again = openat(files->from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = again >= 0 ? fdopendir(again) : NULL;
    if (!folder)
        return fail(err, ERR_FILE_UNREADABLE, "in", strerror(errno));
    bool good = true;
    size_t count = 0;
    for (const struct dirent *entry; good && (entry = readdir(folder));)
        if (entry->d_name[0] != '.')
            good = ++count <= INPUTS_MAX ? visit(files, entry->d_name, err)
                                         : fail(err, ERR_LIMIT_PASSED, "files", N(INPUTS_MAX));
    closedir(folder);
    return good;
}

static bool copy_one(const struct files *files, char sha256[SHA256_SIZE], const char *name, struct err *err)
{
    int64_t size_bytes;
    const int from = openat(files->from, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (from < 0)
        return fail(err, ERR_FILE_UNREADABLE, name, strerror(errno));
    const bool good = copy_file(from, files->to, name, INPUT_BYTES_MAX, &size_bytes, sha256, err);
    close(from);
    return good;
}

static bool keep_one(const struct files *files, const char *name, struct err *err)
{
    char sha256[SHA256_SIZE];
    return copy_one(files, sha256, name, err);
}

static bool fetch_one(const struct files *files, const char *name, struct err *err)
{
    char sha256[SHA256_SIZE];
    int64_t count = 0;
    const struct session *session = files->session;
    return copy_one(files, sha256, name, err) &&
           store_input_count_of(session->host->store, &count, session->id, sha256, err) &&
           (count > 0 || fail(err, ERR_RUN_FOLDER_GONE, N(session->id)));
}

static bool with_both(const struct session *session, int from, int to, file_visitor visit, struct err *err)
{
    const bool good = from >= 0 && to >= 0 ? each_file(&(struct files){from, to, session}, visit, err)
                                           : fail(err, ERR_RUN_FOLDER_GONE, N(session->id));
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return good;
}

// ---- the folder

static bool keep_all(const struct session *session, struct err *err)
{
    SCOPED_TEXT char *base = xasprintf("%s/inputs", session->host->settings->artifacts);
    SCOPED_TEXT char *folder = folder_of(session);
    if (!file_make_folder(base, err) || !file_make_folder(folder, err))
        return false;
    return with_both(session, open_folder(session->folder_fd, "in"), open_folder(AT_FDCWD, folder), keep_one,
                     err);
}

static void keep(struct session *session, const struct shared_file *given, size_t count, shared_done done,
                 void *owner)
{
    struct err err;
    (void)given, (void)count; // they are all that is in the folder
    done(owner, keep_all(session, &err) ? NULL : &err);
}

static void fetch(struct session *session, shared_done done, void *owner)
{
    struct err err;
    SCOPED_TEXT char *folder = folder_of(session);
    done(owner, with_both(session, open_folder(AT_FDCWD, folder), open_folder(session->folder_fd, "in"),
                          fetch_one, &err)
                    ? NULL
                    : &err);
}

static bool remove_one(const struct files *files, const char *name, struct err *err)
{
    return unlinkat(files->from, name, 0) == 0 ? true : fail(err, ERR_FILE_UNWRITABLE, name, strerror(errno));
}

static void forget(const struct session *session)
{
    struct err err;
    SCOPED_TEXT char *folder = folder_of(session);
    const int from = open_folder(AT_FDCWD, folder);
    if (from < 0)
        return; // it was given no file
    const bool good = each_file(&(struct files){.from = from, .session = session}, remove_one, &err);
    close(from);
    if (!good || rmdir(folder) != 0)
        log_error("run.inputs", "run=%lld error=\"not removed\"", (long long)session->id);
}

static const struct shared_place shared_folder = {keep, fetch, forget};

// ---- the place that the settings name

static const struct shared_place *place_of(const struct session *session)
{
    return session->host->settings->bucket ? &shared_bucket : &shared_folder;
}

void shared_keep(struct session *session, const struct shared_file *files, size_t count, shared_done done,
                 void *owner)
{
    if (settings_share_files(session->host->settings) && count > 0)
        place_of(session)->keep(session, files, count, done, owner);
    else
        done(owner, NULL);
}

void shared_fetch(struct session *session, shared_done done, void *owner)
{
    struct err err;
    if (mkdirat(session->folder_fd, "in", 0700) == 0 || errno == EEXIST) {
        place_of(session)->fetch(session, done, owner);
        return;
    }
    (void)fail(&err, ERR_FILE_UNWRITABLE, "in", strerror(errno));
    done(owner, &err);
}

void shared_forget(const struct session *session)
{
    if (settings_share_files(session->host->settings))
        place_of(session)->forget(session);
}
