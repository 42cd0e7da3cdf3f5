// See call_files.h. The folder belongs to a robot that may be hostile: files are opened beneath it, no link is followed.
#include "host/call_files.h"

#include "host/shared.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FILES_MAX = 32, FILE_BYTES_MAX = 1 << 30 };

// The folder is that of a run without a row; `folder` is a session for it alone.
struct call_files {
    struct later message;
    struct session folder;
    char *names[FILES_MAX], *paths[FILES_MAX]; // of inputs, and as the robot wrote them
    struct shared_file kept[FILES_MAX];
    size_t count;
    bool at_end, taken;
    struct err *problem; // NULL: none
};

static struct shared_files kept_files(const struct call_files *files)
{
    return (struct shared_files){.host = files->folder.host,
                                 .name = files->folder.folder,
                                 .fd = files->folder.folder_fd,
                                 .items = files->kept,
                                 .count = files->count};
}

static void leave(struct call_files *files)
{
    const struct shared_files kept = kept_files(files);
    if (files->folder.folder_fd < 0)
        return;
    if (!files->taken) {
        session_remove_folder(&files->folder);
        shared_forget_files(&kept);
    }
    close(files->folder.folder_fd);
}

static void hand_over(void *owner, const struct err *failed)
{
    struct call_files *files = owner;
    struct later message = files->message;
    files->at_end = true;
    if (failed) {
        files->problem = xmalloc(sizeof *failed);
        *files->problem = *failed;
    }
    later_handle(&message);
    message.session->handing = NULL;
    leave(files);
    for (size_t i = 0; i < files->count; i++) {
        xfree(files->names[i]);
        xfree(files->paths[i]);
    }
    xfree(files->problem);
    xfree(files);
    later_end(&message);
}

// ---- copying

static bool name_ok(struct text name)
{
    for (size_t i = 0; i < name.length; i++)
        if (!((name.data[i] >= 'a' && name.data[i] <= 'z') || (name.data[i] >= '0' && name.data[i] <= '9') ||
              name.data[i] == '_'))
            return false;
    return name.length > 0 && name.length <= 64;
}

static bool open_beneath(int *out, int folder, const char *path, struct err *err)
{
    struct stat status;
    const struct open_how how = {
        .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
    };
    *out = (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
    if (*out < 0)
        return fail(err, ERR_FILE_UNREADABLE, path, strerror(errno));
    if (fstat(*out, &status) == 0 && S_ISREG(status.st_mode))
        return true;
    close(*out);
    return fail(err, ERR_FILE_NOT_PLAIN, path);
}

static void on_copied(void *owner, const struct copied *copied, const struct err *failed)
{
    struct call_files *files = owner;
    if (failed) {
        hand_over(files, failed);
        return;
    }
    for (size_t i = 0; i < files->count; i++)
        files->kept[i].content = copied[i];
    const struct shared_files kept = kept_files(files);
    shared_keep(&kept, hand_over, files);
}

static bool add_file(struct copies *copies, struct call_files *files, const struct json *pair,
                     struct err *err)
{
    struct text name, path;
    int from;
    if (!json_text(json_at(pair, 0), &name) || !json_text(json_at(pair, 1), &path) || !name_ok(name))
        return fail(err, ERR_FRAME_MALFORMED, "ROBOT_CALL", "files");
    const size_t at = files->count++;
    files->names[at] = text_copy(name);
    files->paths[at] = text_copy(path);
    const struct input input = {.name = files->names[at]};
    input_file_path(files->kept[at].path, &input, path);
    if (!open_beneath(&from, files->message.session->folder_fd, files->paths[at], err))
        return false;
    copies_add(copies, from, files->folder.folder_fd, files->kept[at].path, FILE_BYTES_MAX);
    close(from);
    return true;
}

static bool add_files(struct copies *copies, struct call_files *files, const struct json *pairs,
                      struct err *err)
{
    if (json_count(pairs) > FILES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "files", N(FILES_MAX));
    if (!session_make_folder(&files->folder, err))
        return false;
    if (mkdirat(files->folder.folder_fd, "in", 0700) != 0)
        return fail(err, ERR_FILE_UNWRITABLE, "in", strerror(errno));
    for (const struct json *pair = json_first(pairs); pair; pair = json_next(pair))
        if (!add_file(copies, files, pair, err))
            return false;
    return true;
}

bool call_files_hand(struct session *caller, const struct frame *frame, const struct json *pairs,
                     message_handler handle)
{
    struct err err;
    struct call_files *files = caller->handing = xcalloc(1, sizeof *files);
    files->folder.host = caller->host;
    files->folder.folder_fd = -1;
    later_begin(&files->message, caller, frame, handle);
    struct copies *copies = copies_new(caller->host, on_copied, files);
    if (add_files(copies, files, pairs, &err)) {
        copies_begin(copies);
        return true;
    }
    copies_free(copies);
    hand_over(files, &err);
    return true;
}

// ---- handed

bool call_files_handed(const struct call_files *files, struct err *err)
{
    if (!files->at_end)
        return fail(err, ERR_FRAME_MALFORMED, "ROBOT_CALL", "files");
    if (files->problem)
        *err = *files->problem;
    return !files->problem;
}

const char *call_files_folder(const struct call_files *files)
{
    return files->folder.folder;
}

bool call_files_record(struct call_files *files, int64_t run, struct err *err)
{
    struct store *store = files->folder.host->store;
    files->taken = true;
    for (size_t i = 0; i < files->count; i++) {
        const struct copied *content = &files->kept[i].content;
        if (!store_input_add(store, run, files->names[i], files->paths[i], content->size_bytes,
                             content->sha256, err))
            return false;
    }
    return true;
}
