// See artifact.h. The folder belongs to a robot that may be hostile: the file is opened beneath it, no link is followed,
// and only what was opened is copied.
#include "host/artifact.h"

#include "host/keep.h"
#include "host/turn.h"
#include "lib/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_beneath(int folder, const char *path)
{
    const struct open_how how = {
        .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV,
    };
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
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

static const char *base_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static bool record(struct session *session, const struct artifact *artifact, struct err *err)
{
    return turn_begin(session->host, err) && store_artifact_put(session->host->store, artifact, err);
}

// ---- ahead of the message

struct sent {
    char *name;  // as the robot wrote it
    char *place; // where it is kept
    struct copied copied;
    struct err *problem; // NULL: none
};

struct ahead {
    struct later message;
    struct sent items[ARTIFACTS_AHEAD_MAX];
    size_t count, next;
    char *copy;  // of the file that is on its way to a bucket
    bool at_end; // all have been sent, or have a problem
};

static void ahead_free(struct ahead *ahead)
{
    for (size_t i = 0; i < ahead->count; i++) {
        xfree(ahead->items[i].name);
        xfree(ahead->items[i].place);
        xfree(ahead->items[i].problem);
    }
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
    struct later message = ahead->message;
    ahead->at_end = true;
    later_handle(&message);
    message.session->ahead = NULL;
    ahead_free(ahead);
    later_end(&message);
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

static void to_bucket(struct ahead *ahead, struct sent *sent)
{
    const struct session *session = ahead->message.session;
    struct err err;
    SCOPED_TEXT char *name = keep_name(base_of(sent->name));
    SCOPED_TEXT char *key = xasprintf("%lld/%s", (long long)session->id, name);
    const char *s3 = json_string_or(json_get(session->host->settings->bucket, "s3"), "");
    const size_t length = strlen(s3);
    ahead->copy = sent->place;
    sent->place = xasprintf("%s%s%s", s3, length && s3[length - 1] == '/' ? "" : "/", key);
    const int fd = open(ahead->copy, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0) {
        keep_put(session->host, &(struct kept_file){key, sent->copied.size_bytes, sent->copied.sha256}, fd,
                 on_sent, ahead);
        close(fd);
        return;
    }
    (void)fail(&err, ERR_FILE_UNREADABLE, sent->name, strerror(errno));
    on_sent(ahead, &err);
}

static void on_copied(void *owner, const struct copied *copied, const struct err *failed)
{
    struct ahead *ahead = owner;
    struct sent *sent = &ahead->items[ahead->next - 1];
    if (failed)
        note_problem(sent, failed);
    else
        sent->copied = copied[0];
    if (!failed && ahead->message.session->host->settings->bucket)
        to_bucket(ahead, sent);
    else
        send_next(ahead);
}

static bool copy_one(struct ahead *ahead, struct sent *sent, struct err *err)
{
    struct session *session = ahead->message.session;
    const char *shared = session->host->settings->bucket ? NULL : session->host->settings->artifacts;
    SCOPED_TEXT char *own =
        xasprintf("%s/%lld", shared ? shared : ".renki/artifacts", (long long)session->id);
    int from;
    if (!open_artifact(&from, session->folder_fd, sent->name, err))
        return false;
    const bool good = file_make_folder(own, err);
    if (good) {
        struct copies *copies = copies_new(session->host, on_copied, ahead);
        sent->place = xasprintf("%s/%s", own, base_of(sent->name));
        copies_add(copies, from, AT_FDCWD, sent->place, session->pin->manifest->limits.output_bytes);
        copies_begin(copies);
    }
    close(from);
    return good;
}

// The robot may go on writing to its file: what is hashed is the copy.
static void send_next(struct ahead *ahead)
{
    struct err err;
    while (ahead->next < ahead->count) {
        struct sent *sent = &ahead->items[ahead->next++];
        if (copy_one(ahead, sent, &err))
            return;
        note_problem(sent, &err);
    }
    hand_over(ahead);
}

bool artifact_ahead(struct session *session, const struct frame *frame, const struct text *paths,
                    size_t count, message_handler handle)
{
    if (session->kind != SESSION_RUN || session->ahead || count == 0 || count > ARTIFACTS_AHEAD_MAX)
        return false;
    struct ahead *ahead = session->ahead = xcalloc(1, sizeof *ahead);
    ahead->count = count;
    later_begin(&ahead->message, session, frame, handle);
    for (size_t i = 0; i < count; i++)
        ahead->items[i].name = text_copy(paths[i]);
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
                                         .size_bytes = sent->copied.size_bytes,
                                         .name = base_of(name),
                                         .path = sent->place,
                                         .sha256 = sent->copied.sha256,
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
    if (strlen(name) != path.length)
        return refused(err, name, "name");
    if (session->kind == SESSION_RUN)
        return take_sent(session, name, title, err);
    if (!open_artifact(&from, session->folder_fd, name, err))
        return false;
    close(from); // a test keeps nothing
    return true;
}
