// Requests about the queue: what runs and waits, what ended badly and nobody has seen to, and moving runs by hand. In
// the host.
#include "host/queue.h"
#include "host/requests.h"
#include "host/session.h"
#include "host/turn.h"

enum { LIST_MAX = 1000, PRIORITY_MOST = 1000000, WHY_MAX = 2000 };

static size_t busy(const struct host *host)
{
    return host->places - session_free_places(host);
}

// One more than asked for is read, so that it is known whether there are more.
bool request_queue_list(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    SCOPED_BUF(out, BODY_MAX);
    struct json_writer writer = json_writer_new(&out);
    int64_t most = json_int64_or(json_get(body, "most"), 20);
    (void)frame;
    most = most < 1 ? 1 : most > LIST_MAX ? LIST_MAX : most;
    json_begin_object(&writer);
    json_write_key(&writer, "serving");
    json_write_boolean(&writer, host->serving);
    json_write_key(&writer, "draining");
    json_write_boolean(&writer, host->draining);
    json_write_key(&writer, "places");
    json_write_integer(&writer, (int64_t)host->places);
    json_write_key(&writer, "busy");
    json_write_integer(&writer, (int64_t)busy(host));
    json_write_key(&writer, "most");
    json_write_integer(&writer, most);
    json_write_key(&writer, "runs");
    if (!store_view(host->store, &writer, body_flag(body, "dead") ? STORE_DEAD : STORE_QUEUE, most + 1, err))
        return false;
    json_end_object(&writer);
    return answer_written(answer, &writer, "runs", err);
}

// ---- by hand: written with an audit row, answered when on disk

static bool audit_text(struct host *host, const struct json *body, const char *event, int64_t run,
                       const char *key, struct text value, struct err *err)
{
    SCOPED_BUF(content, WHY_MAX * 8);
    struct json_writer writer = json_writer_new(&content);
    json_begin_object(&writer);
    json_write_key(&writer, key);
    json_write_lossy(&writer, value);
    json_end_object(&writer);
    return json_writer_done(&writer)
               ? store_audit(host->store, body_actor(body), event, run, buf_text(&content), err)
               : fail(err, ERR_LIMIT_PASSED, key, N(WHY_MAX));
}

static bool set_priority(struct host *host, const struct json *body, int64_t run, int64_t priority,
                         struct err *err)
{
    struct run_row row;
    bool moved = false;
    if (!store_run_load(host->store, &row, run, err))
        return false;
    struct err over;
    (void)fail(&over, ERR_RUN_NO_TURN, N(run), row.state);
    run_row_dispose(&row);
    if (!store_run_set_priority(host->store, &moved, run, priority, err))
        return false;
    if (!moved) {
        *err = over;
        return false;
    }
    return audit_text(host, body, "run.priority", run, "priority", text_from(N(priority)), err);
}

bool request_queue_move(struct host *host, struct answer *answer, const struct json *body,
                        struct frame *frame, struct err *err)
{
    int64_t run, priority = json_int64_or(json_get(body, "priority"), 0);
    (void)frame;
    if (!body_integer(&run, body, "run", err))
        return false;
    if (priority < -PRIORITY_MOST || priority > PRIORITY_MOST)
        return fail(err, ERR_LIMIT_PASSED, "priority", N(PRIORITY_MOST));
    if (!turn_begin(host, err))
        return false;
    if ((body_flag(body, "first") && !store_queue_foremost(host->store, &priority, err)) ||
        !set_priority(host, body, run, priority, err)) {
        turn_spoil(host, err);
        return false;
    }
    turn_after(host, answer_stored, answer);
    return true;
}

static bool is_dead(struct host *host, int64_t run, struct err *err)
{
    struct run_row row;
    enum run_state state;
    if (!store_run_load(host->store, &row, run, err))
        return false;
    const bool dead = run_state_from_name(&state, row.state) &&
                      (state == RUN_FAILED || state == RUN_REFUSED || state == RUN_IN_DOUBT);
    const bool good = dead || fail(err, ERR_RUN_ENDED_WELL, N(run), row.state);
    run_row_dispose(&row);
    return good;
}

bool request_queue_close(struct host *host, struct answer *answer, const struct json *body,
                         struct frame *frame, struct err *err)
{
    int64_t run;
    const char *why;
    (void)frame;
    if (!body_integer(&run, body, "run", err) || !body_text(&why, body, "why", err) ||
        !is_dead(host, run, err))
        return false;
    if (strlen(why) > WHY_MAX)
        return fail(err, ERR_LIMIT_PASSED, "--why", N(WHY_MAX));
    if (!turn_begin(host, err))
        return false;
    if (!store_run_close(host->store, run, body_actor(body), why, err) ||
        !audit_text(host, body, "run.closed", run, "why", text_from(why), err)) {
        turn_spoil(host, err);
        return false;
    }
    turn_after(host, answer_stored, answer);
    return true;
}
