// A share that can't be looked into: nothing would start, and nobody would know. See triggers.h. In the host.
//
// 1. It shows as a warning beside its schedules as soon as it is seen, and is gone when the share is there again.
// 2. Network shares come and go: people are told by an alert when it has stayed so as long as a due time may pass before
//    it is missed, and once.
// 3. Each host speaks for itself: one may see a share that another does not.
#include "host/schedules_own.h"
#include "host/store/troubles.h"
#include "host/triggers.h"
#include "host/turn.h"
#include "lib/base/log.h"

enum { PROBLEM_MAX = 16384, AGAIN_MS = 3000 }; // sooner than a share that is well: somebody mends it

static char *problem_of(const struct err *why)
{
    SCOPED_BUF(problem, PROBLEM_MAX);
    struct json_writer writer = json_writer_new(&problem);
    json_begin_array(&writer);
    err_write(&writer, why);
    json_end_array(&writer);
    return json_writer_done(&writer) ? buf_steal(&problem) : xstrdup("[]");
}

static bool put(struct schedules *schedules, const char *schedule, const char *place, const struct err *why,
                const struct trouble *trouble, bool tell, struct err *err)
{
    struct host *host = schedules->host;
    log_error("trigger.share", "schedule=%s error=%s told=%d", schedule, err_name(why->code), trouble->told);
    return turn_begin(host, err) && store_trouble_put(host->store, schedule, place, trouble, err) &&
           (!tell || schedule_alert(host, ALERT_SCHEDULE, schedule, 0, why, err));
}

static bool note_trouble(struct schedules *schedules, const char *schedule, const char *place,
                         const struct err *why, const struct trouble *known, int64_t *wait_ms,
                         struct err *err)
{
    const int64_t now_ms = schedules_now_ms(schedules->host);
    const int64_t since_ms = known->found ? known->since_ms : now_ms;
    const int64_t left_ms = since_ms + schedules_grace_ms(schedules->host) - now_ms;
    const bool tell = !known->told && left_ms <= 0;
    SCOPED_TEXT char *problem = problem_of(why);
    const struct trouble trouble = {.since_ms = since_ms, .told = known->told || tell, .problem = problem};
    const int64_t again_ms = left_ms > 0 && left_ms < AGAIN_MS ? left_ms : AGAIN_MS;
    *wait_ms = again_ms < *wait_ms ? again_ms : *wait_ms;
    const bool same = known->found && strcmp(known->problem, problem) == 0;
    return (same && !tell) || put(schedules, schedule, place, why, &trouble, tell, err);
}

void trigger_share_note(struct schedules *schedules, const char *schedule, const char *place,
                        const struct err *why, int64_t *wait_ms)
{
    struct host *host = schedules->host;
    struct trouble known;
    struct err err;
    bool good = store_trouble_find(host->store, &known, schedule, place, &err);
    if (good && why)
        good = note_trouble(schedules, schedule, place, why, &known, wait_ms, &err);
    else if (good && known.found)
        good = turn_begin(host, &err) && store_trouble_drop(host->store, schedule, place, &err);
    trouble_dispose(&known);
    if (good)
        return;
    log_error("trigger.share", "schedule=%s error=%s", schedule, err_name(err.code));
    turn_spoil(host, &err);
}
