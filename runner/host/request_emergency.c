// Requests about emergency runs: those that there were, what a person is to sign, the second administrator's word. In the
// host.
#include "host/emergencies.h"
#include "host/pins.h"
#include "host/queue.h"
#include "host/requests.h"
#include "host/turn.h"

bool request_emergency_list(struct host *host, struct answer *answer, const struct json *body,
                            struct frame *frame, struct err *err)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    (void)frame;
    json_begin_object(&writer);
    if (!emergencies_write(&writer, host, json_string_or(json_get(body, "robot"), NULL), err))
        return false;
    json_end_object(&writer);
    return answer_written(answer, &writer, "emergencies", err);
}

static bool take_person(struct host *host, struct person *out, const struct json *body, struct err *err)
{
    const char *as = json_string_or(json_get(body, "as"), host->account);
    return person_find(out, host->settings, as) || fail(err, ERR_EMERGENCY_WHO, as, "-");
}

// Of a run that waits: its row says what is allowed.
static bool take_run(struct host *host, struct emergency_row *row, const struct json *body, struct err *err)
{
    bool found = false;
    const int64_t run = json_int64_or(json_get(body, "run"), 0);
    if (!store_emergency_load(host->store, row, &found, run, err))
        return false;
    return (found && !row->allowed.by[0]) || fail(err, ERR_EMERGENCY_NONE, N(run));
}

// Of a run that is asked for.
static bool take_robot(struct host *host, struct emergency_row *row, const struct json *body, struct err *err)
{
    const char *robot;
    char tree[REPO_ID_SIZE];
    struct repo *repo = host_repo(host, err);
    if (!repo || !body_text(&robot, body, "robot", err) ||
        !repo_pin(repo, tree, robot, pins_kind(host, false), err))
        return false;
    row->robot = xstrdup(robot);
    row->tree = xstrdup(tree);
    row->why = xstrdup(json_string_or(json_get(body, "why"), ""));
    return true;
}

bool request_emergency_words(struct host *host, struct answer *answer, const struct json *body,
                             struct frame *frame, struct err *err)
{
    struct emergency_row row = {0};
    struct person person;
    SCOPED_BUF(payload, EMERGENCY_SIGNED_MAX);
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    (void)frame;
    bool good = take_person(host, &person, body, err) &&
                (json_get(body, "run") ? take_run(host, &row, body, err) : take_robot(host, &row, body, err));
    if (good) {
        const struct emergency_said said = {row.run, row.robot, row.tree, row.why, &person, NULL};
        good = emergency_payload(&payload, &said) || fail(err, ERR_EMERGENCY_WHY);
        json_begin_object(&writer);
        json_write_key(&writer, "payload");
        json_write_lossy(&writer, buf_text(&payload));
        json_end_object(&writer);
    }
    emergency_row_dispose(&row);
    return good && answer_written(answer, &writer, "payload", err);
}

struct allowing {
    struct host *host;
    struct answer *answer;
    int64_t run;
    char *person;
};

static void on_stored(void *owner, const struct err *failed)
{
    struct allowing *allowing = owner;
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    json_begin_object(&writer);
    json_write_key(&writer, "run");
    json_write_integer(&writer, allowing->run);
    json_write_key(&writer, "person");
    json_write_string(&writer, allowing->person);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    if (failed)
        answer_fail(allowing->answer, failed);
    else {
        answer_done(allowing->answer, buf_text(&out));
        queue_look(allowing->host);
    }
    xfree(allowing->person);
    xfree(allowing);
}

bool request_emergency_allow(struct host *host, struct answer *answer, const struct json *body,
                             struct frame *frame, struct err *err)
{
    struct emergency_row row = {0};
    struct person person;
    (void)frame;
    bool good = take_person(host, &person, body, err) && take_run(host, &row, body, err);
    if (good) {
        const struct emergency_said said = {
            row.run, row.robot, row.tree, row.why, &person, json_string_or(json_get(body, "signed"), NULL)};
        good = emergency_may(host, &said, err) && turn_begin(host, err);
        if (good && !emergency_allow(host, &said, err)) {
            turn_spoil(host, err);
            good = false;
        }
    }
    if (good) {
        struct allowing *allowing = xcalloc(1, sizeof *allowing);
        *allowing = (struct allowing){host, answer, row.run, xstrdup(person.login)};
        turn_after(host, on_stored, allowing);
    }
    emergency_row_dispose(&row);
    return good;
}
