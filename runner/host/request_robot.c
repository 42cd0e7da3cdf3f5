// Requests about robots: new, list, inputs. In the host.
#include "host/pins.h"
#include "host/requests.h"
#include "host/scaffold.h"

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
    return answer_written(answer, &writer, "robots", err);
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
        !repo_pin(repo, tree, robot, pins_kind(host, body_flag(body, "draft")), err))
        return false;
    pins_load(host, tree, on_inputs_pin, answer);
    return true;
}
