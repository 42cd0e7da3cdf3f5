// Requests that look at robots without running them for real: check and test. In the host.
//
// Each robot, or test file of its own, gets a worker of its own, one after the other: the working files as they are,
// in the same sandbox as a run. What is found comes as events "finding"; a worker's own end is in the reply.
#include "host/requests.h"
#include "host/session.h"

#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TARGETS_MAX = 200 };

struct target {
    char *name; // of a robot, or the path of a test file
    int fd;     // of the test file; -1: a robot
};

struct examining {
    struct host *host;
    struct answer *answer; // the person's
    enum session_kind kind;
    enum language language;
    struct target targets[TARGETS_MAX];
    size_t count, next;
    struct buf results; // JSON of those that are done, joined by commas
};

static void examine_next(struct examining *examining);

static void examining_free(struct examining *examining)
{
    for (size_t i = 0; i < examining->count; i++) {
        xfree(examining->targets[i].name);
        if (examining->targets[i].fd >= 0)
            close(examining->targets[i].fd);
    }
    buf_dispose(&examining->results);
    xfree(examining);
}

static const char *current(const struct examining *examining)
{
    return examining->targets[examining->next - 1].name;
}

static void add_result(struct examining *examining, struct text result)
{
    if ((examining->results.length && !buf_append_char(&examining->results, ',')) ||
        !buf_append_text(&examining->results, result))
        buf_clear(&examining->results);
    examine_next(examining);
}

// ---- what can't even be read: each problem is a finding, as if a worker had found it

static void write_finding(struct json_writer *writer, const struct examining *examining,
                          const struct err *problem)
{
    SCOPED_BUF(text, 8192);
    SCOPED_BUF(hint, 8192);
    require(err_message(&text, problem, examining->language) &&
            err_hint(&hint, problem, examining->language));
    if (hint.length && (!buf_append_string(&text, " ") || !buf_append_text(&text, buf_text(&hint))))
        buf_clear(&hint);
    json_begin_object(writer);
    if (examining->kind == SESSION_TEST) {
        json_write_key(writer, "kind");
        json_write_string(writer, "test");
        json_write_key(writer, "passed");
        json_write_boolean(writer, false);
        json_write_key(writer, "name");
        json_write_string(writer, "manifest.lua");
    } else {
        json_write_key(writer, "severity");
        json_write_string(writer, "error");
        json_write_key(writer, "file");
        json_write_string(writer, "manifest.lua");
        json_write_key(writer, "line");
        json_write_integer(writer, 0);
    }
    json_write_key(writer, "text");
    json_write_lossy(writer, buf_text(&text));
    json_end_object(writer);
}

static void tell_finding(const struct examining *examining, const struct err *problem)
{
    SCOPED_BUF(out, 65536);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_lossy(&writer, text_from(current(examining)));
    json_write_key(&writer, "finding");
    write_finding(&writer, examining, problem);
    json_end_object(&writer);
    if (json_writer_done(&writer))
        answer_event(examining->answer, "finding", buf_text(&out));
}

static void add_unreadable(struct examining *examining, const struct problems *problems)
{
    SCOPED_BUF(out, 4096);
    struct json_writer writer = json_writer_new(&out);
    for (size_t i = 0; i < problems->count; i++)
        tell_finding(examining, &problems->items[i]);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_lossy(&writer, text_from(current(examining)));
    json_write_key(&writer, "state");
    json_write_string(&writer, "failed");
    json_write_key(&writer, "fault");
    json_write_null(&writer);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    add_result(examining, buf_text(&out));
}

static void add_failed(struct examining *examining, const struct err *why)
{
    struct problems problems = {0};
    *problems_add(&problems) = *why;
    add_unreadable(examining, &problems);
    problems_dispose(&problems);
}

// ---- one after the other

static void finish(struct examining *examining)
{
    SCOPED_BUF(out, BODY_MAX);
    if (buf_append_string(&out, "{\"robots\":[") && buf_append_text(&out, buf_text(&examining->results)) &&
        buf_append_string(&out, "]}"))
        answer_done(examining->answer, buf_text(&out));
    else {
        struct err err;
        (void)fail(&err, ERR_LIMIT_PASSED, "robots", "900 KB");
        answer_fail(examining->answer, &err);
    }
    examining_free(examining);
}

static void on_session_event(void *owner, const char *name, struct text body)
{
    const struct examining *examining = owner;
    answer_event(examining->answer, name, body);
}

static void on_session_end(void *owner, struct text body, const struct err *failed)
{
    if (failed)
        add_failed(owner, failed);
    else
        add_result(owner, body);
}

static char *problems_json(const struct problems *problems)
{
    SCOPED_BUF(out, BODY_MAX / 4);
    struct json_writer writer = json_writer_new(&out);
    json_begin_array(&writer);
    for (size_t i = 0; i < problems->count; i++)
        err_write(&writer, &problems->items[i]);
    json_end_array(&writer);
    return json_writer_done(&writer) ? text_copy(buf_text(&out)) : NULL;
}

static void begin_session(struct examining *examining, struct pin *pin, char *problems)
{
    struct session *session = session_new(examining->host);
    session->stage = SESSION_PREPARING;
    session->id = -(int64_t)randombytes_uniform(1U << 30) - 1;
    session->kind = examining->kind;
    session->language = examining->language;
    session->robot = xstrdup(current(examining));
    session->tree = xstrdup(pin->tree);
    session->inputs = xstrdup("{}");
    session->actor = xstrdup("renki");
    session->pin = pin_keep(pin);
    session->problems = problems;
    answer_list_add(&session->watchers, answer_for(on_session_event, on_session_end, examining));
    session_queue(examining->host, session);
}

// A check looks at the rest of a robot all the same, and at the lines of the manifest that are wrong.
static bool begin_anyway(struct examining *examining, struct pin *pin, const struct problems *problems)
{
    struct err err;
    if (examining->kind != SESSION_CHECK || !pin || !pin_file(pin, "robot.lua") ||
        !pin_file(pin, "manifest.lua") ||
        !pin_without_manifest(pin, &examining->host->settings->limits, &err))
        return false;
    char *told = problems_json(problems);
    if (told)
        begin_session(examining, pin, told);
    return told != NULL;
}

static void on_pin(void *owner, struct pin *pin, const struct problems *problems)
{
    if (!problems)
        begin_session(owner, pin, NULL);
    else if (!begin_anyway(owner, pin, problems))
        add_unreadable(owner, problems);
}

static bool read_source(struct buf *out, const struct target *target, struct err *err)
{
    struct stat status;
    if (fstat(target->fd, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(err, ERR_FILE_UNREADABLE, target->name, "not a file");
    if (status.st_size > REPO_FILE_BYTES_MAX)
        return fail(err, ERR_FILE_TOO_LARGE, target->name, N(REPO_FILE_BYTES_MAX >> 20));
    char *room = buf_reserve(out, (size_t)status.st_size + 1);
    const ssize_t got = room ? pread(target->fd, room, (size_t)status.st_size, 0) : -1;
    if (got < 0)
        return fail(err, ERR_FILE_UNREADABLE, target->name, "read");
    out->length += (size_t)got;
    return true;
}

static void examine_file(struct examining *examining, const struct target *target)
{
    SCOPED_BUF(source, REPO_FILE_BYTES_MAX + 1);
    struct pin *pin = NULL;
    struct err err;
    const char *slash = strrchr(target->name, '/');
    if (!read_source(&source, target, &err) ||
        !pin_of_test(&pin, slash ? slash + 1 : target->name, buf_text(&source),
                     &examining->host->settings->limits, &err)) {
        add_failed(examining, &err);
        return;
    }
    begin_session(examining, pin, NULL);
    pin_release(pin);
}

static void examine_robot(struct examining *examining, const char *robot)
{
    struct err err;
    char tree[REPO_ID_SIZE];
    struct repo *repo = host_repo(examining->host, &err);
    if (!repo || !repo_pin(repo, tree, robot, REPO_LOOSE, &err))
        add_failed(examining, &err);
    else
        pins_load(examining->host, tree, on_pin, examining);
}

static void examine_next(struct examining *examining)
{
    if (examining->next == examining->count) {
        finish(examining);
        return;
    }
    const struct target *target = &examining->targets[examining->next++];
    if (target->fd >= 0)
        examine_file(examining, target);
    else
        examine_robot(examining, target->name);
}

// ---- what is asked for

static bool add_target(struct examining *examining, const char *name, int fd, struct err *err)
{
    if (examining->count == TARGETS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "robots", N(TARGETS_MAX));
    examining->targets[examining->count++] = (struct target){xstrdup(name), fd};
    return true;
}

static bool take_robot(void *owner, const char *name, struct err *err)
{
    return add_target(owner, name, -1, err);
}

// files: [path, …] in the order of the descriptors.
static bool take_files(struct examining *examining, const struct json *files, struct frame *frame,
                       struct err *err)
{
    if (json_count(files) != frame->fd_count)
        return fail(err, ERR_REQUEST_MALFORMED, "files");
    for (size_t i = 0; i < frame->fd_count; i++) {
        if (!add_target(examining, json_string_or(json_at(files, i), "test.lua"), frame->fds[i], err))
            return false;
        frame->fds[i] = -1;
    }
    return true;
}

// Nothing named means every robot of the workspace.
static bool take_targets(struct examining *examining, const struct json *body, struct frame *frame,
                         struct err *err)
{
    const struct json *robots = json_get(body, "robots");
    if (!take_files(examining, json_get(body, "files"), frame, err))
        return false;
    for (const struct json *name = json_first(robots); name; name = json_next(name))
        if (!add_target(examining, json_string_or(name, ""), -1, err))
            return false;
    if (examining->count)
        return true;
    struct repo *repo = host_repo(examining->host, err);
    return repo && repo_robots(repo, take_robot, examining, err);
}

static bool examine(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,
                    enum session_kind kind, struct err *err)
{
    struct examining *examining = xcalloc(1, sizeof *examining);
    *examining = (struct examining){.host = host,
                                    .answer = answer,
                                    .kind = kind,
                                    .language = body_language(body),
                                    .results = buf_new(BODY_MAX - 100)};
    if (!take_targets(examining, body, frame, err)) {
        examining_free(examining);
        return false;
    }
    examine_next(examining);
    return true;
}

bool request_robot_check(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    return examine(host, answer, body, frame, SESSION_CHECK, err);
}

bool request_robot_test(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    return examine(host, answer, body, frame, SESSION_TEST, err);
}
