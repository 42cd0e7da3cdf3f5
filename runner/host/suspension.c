// See suspension.h.
#include "host/suspension.h"

#include "host/alerts.h"
#include "host/life.h"
#include "host/session.h"
#include "host/turn.h"
#include "lib/base/log.h"

enum { CONTENT_MAX = 4096 };

static bool audit(struct host *host, const char *event, const char *actor, int64_t run, const char *robot,
                  const char *tree, struct err *err)
{
    SCOPED_BUF(content, CONTENT_MAX);
    struct json_writer writer = json_writer_new(&content);
    json_begin_object(&writer);
    json_write_key(&writer, "robot");
    json_write_string(&writer, robot);
    json_write_key(&writer, "tree");
    json_write_string(&writer, tree);
    json_write_key(&writer, "crashes");
    json_write_integer(&writer, CRASHES_RUNNING_MAX);
    json_end_object(&writer);
    require(json_writer_done(&writer));
    return turn_begin(host, err) && store_audit(host->store, actor, event, run, buf_text(&content), err);
}

bool may_start(struct host *host, const char *robot, const char *tree, struct err *err)
{
    struct hindrances hindrances;
    if (!store_hindrances(host->store, &hindrances, robot, tree, err))
        return false;
    if (hindrances.crashes >= CRASHES_RUNNING_MAX)
        return fail(err, ERR_ROBOT_SUSPENDED, robot, N(CRASHES_RUNNING_MAX));
    return !hindrances.retired_ms || life_check(host, robot, err);
}

bool may_start_for(struct host *host, const char *robot, const char *tree, const char *actor, struct err *err)
{
    struct err other;
    if (may_start(host, robot, tree, err))
        return true;
    if (err->code == ERR_ROBOT_SUSPENDED && !audit(host, "run.refused", actor, 0, robot, tree, &other)) {
        turn_spoil(host, &other);
        *err = other;
    }
    return false;
}

bool suspension_count(const struct session *session, bool *suspended, struct err *err)
{
    struct host *host = session->host;
    int64_t crashes;
    if (!session->crashed && !session->ended)
        return true;
    if (!turn_begin(host, err))
        return false;
    if (!session->crashed)
        return store_crashes_clear(host->store, session->robot, session->tree, err);
    if (!store_crash_add(host->store, &crashes, session->robot, session->tree, err))
        return false;
    *suspended = crashes >= CRASHES_RUNNING_MAX;
    if (crashes != CRASHES_RUNNING_MAX)
        return true;
    log_error("robot.suspended", "run=%lld robot=%s", (long long)session->id, session->robot);
    const struct alert alert = {.kind = ALERT_SUSPENDED, .run = session->id, .subject = session->robot};
    return audit(host, "robot.suspended", "renki", session->id, session->robot, session->tree, err) &&
           alert_raise(host, &alert, err);
}
