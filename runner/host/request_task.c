// Requests about questions to people: list, show, answer. In the host.
#include "host/questions.h"
#include "host/requests.h"
#include "host/turn.h"

enum { GIVEN_MAX = 200 };

static bool reply(struct host *host, struct answer *answer, const char *key, enum store_view view, int64_t of,
                  struct err *err)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "folder");
    json_write_string(&writer, host->folder);
    json_write_key(&writer, key);
    if (!store_view(host->store, &writer, view, of, err))
        return false;
    json_end_object(&writer);
    return answer_written(answer, &writer, key, err);
}

bool request_task_list(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,
                       struct err *err)
{
    (void)frame;
    return reply(host, answer, "tasks", STORE_TASKS, body_flag(body, "all"), err);
}

bool request_task_show(struct host *host, struct answer *answer, const struct json *body, struct frame *frame,
                       struct err *err)
{
    struct question question;
    int64_t task;
    (void)frame;
    if (!body_integer(&task, body, "task", err) || !store_question_load(host->store, &question, task, err))
        return false;
    question_dispose(&question);
    return reply(host, answer, "task", STORE_TASK, task, err);
}

bool request_task_answer(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    struct given given[GIVEN_MAX];
    struct problems problems = {0};
    int64_t task;
    (void)frame;
    if (!body_integer(&task, body, "task", err))
        return false;
    struct saying saying = {.actor = body_actor(body),
                            .verdict = json_string_or(json_get(body, "verdict"), ""),
                            .result = json_string_or(json_get(body, "result"), NULL),
                            .given = given};
    for (const struct json *pair = json_first(json_get(body, "given")); pair; pair = json_next(pair)) {
        struct given *one = &given[saying.given_count];
        if (saying.given_count == GIVEN_MAX)
            return fail(err, ERR_LIMIT_PASSED, "fields", N(GIVEN_MAX));
        one->name = json_string_or(json_at(pair, 0), NULL);
        if (!one->name || !json_text(json_at(pair, 1), &one->value))
            return fail(err, ERR_REQUEST_MALFORMED, "given");
        saying.given_count++;
    }
    if (questions_answer(host, task, &saying, &problems))
        turn_after(host, answer_stored, answer);
    else
        answer_problems(answer, &problems);
    problems_dispose(&problems);
    return true;
}
