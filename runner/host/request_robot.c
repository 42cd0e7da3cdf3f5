// Requests about robots: new, list, inputs, check, test. In the host.
#include "host/requests.h"
#include "host/scaffold.h"
#include "host/session.h"

#include <sodium.h>

enum { ROBOTS_MAX = 200 };

bool request_robot_new(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,
                       struct err *err)
{
    const char *robot;
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    (void)frame;
    json_begin_object(&writer);
    json_write_key(&writer, "folder");
    json_write_string(&writer, host->folder);
    json_write_key(&writer, "files");
    if (!body_text(&robot, body, "robot", err) || !scaffold_robot(&writer, robot, err))
        return false;
    json_end_object(&writer);
    require(json_writer_done(&writer));
    answer_done(answer, buf_text(&out));
    return true;
}

static bool write_name(void *owner, const char *name, struct err *err)
{
    (void)err;
    json_write_string(owner, name);
    return true;
}

bool request_robot_list(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    struct repo *repo = host_repo(host, err);
    (void)body, (void)frame;
    json_begin_object(&writer);
    json_write_key(&writer, "robots");
    json_begin_array(&writer);
    if (!repo || !repo_robots(repo, write_name, &writer, err))
        return false;
    json_end_array(&writer);
    json_end_object(&writer);
    if (!json_writer_done(&writer))
        return fail(err, ERR_LIMIT_PASSED, "robots", "900 KB");
    answer_done(answer, buf_text(&out));
    return true;
}

// ---- inputs: what the command line must know to open files

static void on_inputs_pin(void *owner, struct pin *pin, const struct problems *problems)
{
    struct answer *answer = owner;
    if (problems) {
        answer_problems(answer, problems);
        return;
    }
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "inputs");
    json_begin_array(&writer);
    for (size_t i = 0; i < pin->manifest->input_count; i++) {
        const struct input *input = &pin->manifest->inputs[i];
        json_begin_object(&writer);
        json_write_key(&writer, "name");
        json_write_string(&writer, input->name);
        json_write_key(&writer, "type");
        json_write_string(&writer, input_type_name(input->type));
        json_write_key(&writer, "required");
        json_write_boolean(&writer, input->required);
        json_end_object(&writer);
    }
    json_end_array(&writer);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    answer_done(answer, buf_text(&out));
}

bool request_robot_inputs(struct host *host, struct answer *answer, const struct json *body,
                          struct frame *frame, struct err *err)
{
    const char *robot;
    char tree[REPO_ID_SIZE];
    struct repo *repo = host_repo(host, err);
    (void)frame;
    if (!repo || !body_text(&robot, body, "robot", err) ||
        !repo_pin(repo, tree, robot, body_flag(body, "draft") ? REPO_DRAFT : REPO_COMMITTED, err))
        return false;
    pins_load(host, tree, on_inputs_pin, answer);
    return true;
}

// ---- check and test: the working files, in a worker, one robot after the other

struct examining {
    struct host *host;
    struct answer *answer; // the person's
    enum session_kind kind;
    enum language language;
    char *robots[ROBOTS_MAX];
    size_t count, next;
    struct buf results; // JSON of those that are done, joined by commas
};

static void examine_next(struct examining *examining);

static void examining_free(struct examining *examining)
{
    for (size_t i = 0; i < examining->count; i++)
        xfree(examining->robots[i]);
    buf_dispose(&examining->results);
    xfree(examining);
}

static void add_result(struct examining *examining, struct text result)
{
    if ((examining->results.length && !buf_append_char(&examining->results, ',')) ||
        !buf_append_text(&examining->results, result))
        buf_clear(&examining->results);
    examine_next(examining);
}

// A robot that could not even be read: its problems are its result.
static void add_problems(struct examining *examining, const char *robot, const struct err *items,
                         size_t count)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_string(&writer, robot);
    json_write_key(&writer, "state");
    json_write_string(&writer, "failed");
    json_write_key(&writer, "problems");
    json_begin_array(&writer);
    for (size_t i = 0; i < count; i++)
        write_problem(&writer, &items[i]);
    json_end_array(&writer);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    add_result(examining, buf_text(&out));
}

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
    struct examining *examining = owner;
    const char *robot = examining->robots[examining->next - 1];
    if (failed)
        add_problems(examining, robot, failed, 1);
    else
        add_result(examining, body);
}

static void on_pin(void *owner, struct pin *pin, const struct problems *problems)
{
    struct examining *examining = owner;
    const char *robot = examining->robots[examining->next - 1];
    if (problems) {
        add_problems(examining, robot, problems->items, problems->count);
        return;
    }
    struct session *session = session_new(examining->host);
    session->stage = SESSION_PREPARING;
    session->id = -(int64_t)randombytes_uniform(1U << 30) - 1;
    session->kind = examining->kind;
    session->language = examining->language;
    session->robot = xstrdup(robot);
    session->tree = xstrdup(pin->tree);
    session->inputs = xstrdup("{}");
    session->actor = xstrdup("renki");
    session->pin = pin_keep(pin);
    answer_list_add(&session->watchers, answer_for(on_session_event, on_session_end, examining));
    session_queue(examining->host, session);
}

static void examine_next(struct examining *examining)
{
    struct err err;
    char tree[REPO_ID_SIZE];
    if (examining->next == examining->count) {
        finish(examining);
        return;
    }
    const char *robot = examining->robots[examining->next++];
    struct repo *repo = host_repo(examining->host, &err);
    if (!repo || !repo_pin(repo, tree, robot, REPO_LOOSE, &err))
        add_problems(examining, robot, &err, 1);
    else
        pins_load(examining->host, tree, on_pin, examining);
}

static bool take_robot(void *owner, const char *name, struct err *err)
{
    struct examining *examining = owner;
    if (examining->count == ROBOTS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "robots", N(ROBOTS_MAX));
    examining->robots[examining->count++] = xstrdup(name);
    return true;
}

static bool take_robots(struct examining *examining, const struct json *body, struct err *err)
{
    const struct json *robots = json_get(body, "robots");
    struct repo *repo = host_repo(examining->host, err);
    if (!repo)
        return false;
    if (json_count(robots) == 0)
        return repo_robots(repo, take_robot, examining, err);
    for (const struct json *name = json_first(robots); name; name = json_next(name))
        if (!take_robot(examining, json_string_or(name, ""), err))
            return false;
    return true;
}

static bool examine(struct host *host, struct answer *answer, const struct json *body, enum session_kind kind,
                    struct err *err)
{
    struct examining *examining = xcalloc(1, sizeof *examining);
    *examining = (struct examining){.host = host,
                                    .answer = answer,
                                    .kind = kind,
                                    .language = body_language(body),
                                    .results = buf_new(BODY_MAX - 100)};
    if (!take_robots(examining, body, err)) {
        examining_free(examining);
        return false;
    }
    examine_next(examining);
    return true;
}

bool request_robot_check(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    (void)frame;
    return examine(host, answer, body, SESSION_CHECK, err);
}

bool request_robot_test(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    (void)frame;
    return examine(host, answer, body, SESSION_TEST, err);
}
