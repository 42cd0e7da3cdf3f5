// See sync_step.h.
#include "host/sync_step.h"

#include "host/child.h"
#include "host/roles.h"
#include "host/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { STEP_MS = 5 * 60 * 1000, HOST_KEYS_MAX = 65536 };

struct sync_step {
    struct host *host;
    char *step, *branch, *refused, *pushes;
    const struct sync_step_events *events;
    void *owner;
    struct child *child;
    uv_timer_t bound; // ends a process that does not
    int login_fd;     // the process's end of the pipe; -1: none
    bool answered, fresh;
    struct err failed;
};

static void on_closed(uv_handle_t *handle)
{
    struct sync_step *step = handle->data;
    step->events->done(step->owner, step->fresh, step->failed.code == ERR_NONE ? NULL : &step->failed);
    if (step->login_fd >= 0)
        close(step->login_fd);
    xfree(step->step);
    xfree(step->branch);
    xfree(step->refused);
    xfree(step->pushes);
    xfree(step);
}

static void finish(struct sync_step *step, const struct err *failed)
{
    if (failed)
        step->failed = *failed;
    uv_close((uv_handle_t *)&step->bound, on_closed);
}

// ---- what it says

static bool on_references(struct sync_step *step, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    SCOPED(json_document)
    list = NULL;
    struct message_SYNC_REFERENCES message;
    if (!wire_decode(&document, &message, frame, err) || !json_parse(&list, message.references, err))
        return false;
    for (const struct json *each = json_first(json_root(list)); each; each = json_next(each))
        step->events->reference(step->owner, json_string_or(json_at(each, 0), ""),
                                json_string_or(json_at(each, 1), ""));
    return true;
}

static bool on_pushed(struct sync_step *step, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    SCOPED(json_document)
    list = NULL;
    struct message_SYNC_PUSHED message;
    if (!wire_decode(&document, &message, frame, err) || !json_parse(&list, message.results, err))
        return false;
    for (const struct json *each = json_first(json_root(list)); each; each = json_next(each))
        step->events->pushed(step->owner, json_string_or(json_at(each, 0), ""),
                             json_string_or(json_at(each, 1), ""));
    step->answered = true;
    return true;
}

static bool on_done(struct sync_step *step, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_SYNC_DONE message;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    step->answered = true;
    step->fresh = message.fresh;
    return true;
}

static bool on_failed(struct sync_step *step, struct frame *frame, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    struct message_SYNC_FAILED message;
    if (!wire_decode(&document, &message, frame, err))
        return false;
    step->answered = true;
    return err_from_record(&step->failed, message.code, message.arguments)
               ? true
               : fail(err, ERR_FRAME_MALFORMED, "SYNC_FAILED", "code");
}

static bool on_frame(void *owner, struct channel *channel, struct frame *frame, struct err *err)
{
    struct sync_step *step = owner;
    if (frame->type == MESSAGE_SYNC_REFERENCES)
        return on_references(step, frame, err);
    const bool good = frame->type == MESSAGE_SYNC_DONE     ? on_done(step, frame, err)
                      : frame->type == MESSAGE_SYNC_PUSHED ? on_pushed(step, frame, err)
                                                           : on_failed(step, frame, err);
    channel_close(channel);
    return good;
}

static void on_ended(void *owner, const struct err *why)
{
    struct sync_step *step = owner;
    (void)why;
    step->child = NULL;
    if (!step->answered)
        (void)fail(&step->failed, ERR_ROLE_DIED, "remote");
    finish(step, NULL);
}

static const struct child_events child_events = {.frame = on_frame, .ended = on_ended};

static void on_bound(uv_timer_t *timer)
{
    const struct sync_step *step = timer->data;
    if (step->child)
        child_stop(step->child);
}

// ---- starting it

static void write_host_keys(struct buf *out, const struct json *keys)
{
    struct json_writer writer = json_writer_new(out);
    if (keys)
        json_write_value(&writer, keys);
    else
        json_write_null(&writer);
    require(json_writer_done(&writer)); // settings are smaller than this
}

static void start(struct sync_step *step)
{
    const struct settings *settings = step->host->settings;
    const struct repo *repo = step->host->repo;
    struct err err;
    SCOPED_BUF(keys, HOST_KEYS_MAX);
    SCOPED_TEXT char *objects = xasprintf("%s/objects", repo ? repo_folder(repo) : ".git");
    const size_t fds = step->login_fd >= 0 ? 1 : 0;
    write_host_keys(&keys, settings->remote_host_keys);
    if (!child_start(&step->child, step->host, ROLE_SYNC, false, &child_events, step, &err)) {
        finish(step, &err);
        return;
    }
    uv_timer_start(&step->bound, on_bound, STEP_MS, 0);
    channel_send_fds(child_channel(step->child),
                     MESSAGE_OF(SYNC, .step = text_from(step->step), .url = text_from(settings->remote),
                                .branch = text_from(step->branch), .quarantine = TEXT_OF(SYNC_QUARANTINE),
                                .objects = text_from(objects),
                                .ca = text_from(settings->remote_ca ? settings->remote_ca : ""),
                                .host_keys = buf_text(&keys),
                                .login = text_from(settings->remote_login ? settings->remote_login : ""),
                                .refused = text_from(step->refused), .pushes = text_from(step->pushes),
                                .reduced = settings->reduced),
                     &step->login_fd, fds);
}

// ---- its login

struct lending {
    struct sync_step *step;
    int fd; // the gateway's end
};

static bool send_box(void *owner, int64_t version, struct text box, struct err *err)
{
    const struct lending *lending = owner;
    const struct settings *settings = lending->step->host->settings;
    struct channel *gateway = roles_gateway(lending->step->host);
    return gateway && channel_send_fds(gateway,
                                       MESSAGE_OF(LEND, .name = text_from(settings->remote_login),
                                                  .version = version, .url = text_from(settings->remote),
                                                  .box = box),
                                       &lending->fd, 1)
               ? true
               : fail(err, ERR_ROLE_DIED, "gateway");
}

static bool lend(struct sync_step *step, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail(err, ERR_FILE_UNREADABLE, "pipe", strerror(errno));
    struct lending lending = {step, ends[1]};
    step->login_fd = ends[0];
    const bool good =
        turn_begin(step->host, err) &&
        store_secret_use(step->host->store, step->host->settings->remote_login, send_box, &lending, err);
    close(ends[1]);
    if (!good)
        turn_spoil(step->host, err);
    return good;
}

static void on_gateway(void *owner, const struct err *failed)
{
    struct sync_step *step = owner;
    struct err err;
    if (failed)
        finish(step, failed);
    else if (!lend(step, &err))
        finish(step, &err);
    else
        start(step);
}

void sync_step_start(struct host *host, const struct sync_job *job, const struct sync_step_events *events,
                     void *owner)
{
    struct sync_step *step = xcalloc(1, sizeof *step);
    const bool network = strcmp(job->step, "index") != 0;
    *step = (struct sync_step){.host = host,
                               .step = xstrdup(job->step),
                               .branch = xstrdup(job->branch ? job->branch : host->settings->remote_branch),
                               .refused = xstrdup(job->refused),
                               .pushes = job->pushes.length ? text_copy(job->pushes) : xstrdup("[]"),
                               .events = events,
                               .owner = owner,
                               .login_fd = -1};
    require(uv_timer_init(host->loop, &step->bound) == 0);
    step->bound.data = step;
    if (network && host->settings->remote_login)
        roles_need(host, ROLES_GATEWAY, on_gateway, step);
    else
        start(step);
}
