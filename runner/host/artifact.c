// See artifact.h. The folder belongs to a robot that may be hostile: the file is opened beneath it, no link is followed,
// and only what was opened is copied.
#include "host/artifact.h"

#include "host/kept.h"
#include "host/turn.h"

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

static void on_kept(void *owner, const char *place, const struct copied *content, const struct err *failed)
{
    struct ahead *ahead = owner;
    struct sent *sent = &ahead->items[ahead->next - 1];
    if (failed)
        note_problem(sent, failed);
    sent->place = xstrdup(place);
    sent->copied = *content;
    send_next(ahead);
}

static bool keep(struct ahead *ahead, const struct sent *sent, struct err *err)
{
    const struct session *session = ahead->message.session;
    int from;
    if (!open_artifact(&from, session->folder_fd, sent->name, err))
        return false;
    kept_put(session->host, from, N(session->id), base_of(sent->name),
             session->pin->manifest->limits.output_bytes, on_kept, ahead);
    close(from);
    return true;
}

// The robot may go on writing to its file: what is hashed is the copy.
static void send_next(struct ahead *ahead)
{
    struct err err;
    while (ahead->next < ahead->count) {
        struct sent *sent = &ahead->items[ahead->next++];
        if (keep(ahead, sent, &err))
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
