// See triggers.h.
#include "host/triggers.h"

#include "host/alerts.h"
#include "host/items.h"
#include "host/schedules_own.h"
#include "host/turn.h"
#include "lib/base/log.h"

enum {
    NAMES_MAX = 100,      // schedules that one event starts
    AFTER_DEPTH_MAX = 20, // robots that start one another in a row
    FACTS_MAX = 1024,
    WORDS_MAX = 4096
};

struct names {
    char *items[NAMES_MAX];
    size_t count;
};

static bool collect(void *owner, const char *name, int64_t stamp, struct err *err)
{
    struct names *names = owner;
    (void)stamp, (void)err;
    if (names->count < NAMES_MAX)
        names->items[names->count++] = xstrdup(name);
    return true;
}

// For each schedule of a trigger that is not paused: what to do about it.
typedef bool (*trigger_act)(struct schedules *schedules, const struct schedule_row *row,
                            const struct schedule *schedule, const void *event, struct err *err);

static bool act_on(struct schedules *schedules, const char *name, trigger_act act, const void *event,
                   struct err *err)
{
    struct schedule_row row;
    SCOPED_SCHEDULE(opened);
    if (!store_schedule_load(schedules->host->store, &row, name, err))
        return false;
    const bool good = schedule_open_row(&opened, schedules, &row, err) &&
                      (!schedule_is_open(opened.schedule, schedules_now_ms(schedules->host)) ||
                       act(schedules, &row, opened.schedule, event, err));
    schedule_row_dispose(&row);
    return good;
}

static bool each_of(struct schedules *schedules, const char *trigger, trigger_act act, const void *event,
                    struct err *err)
{
    struct names names = {.count = 0};
    bool good = store_schedules_of_trigger(schedules->host->store, trigger, collect, &names, err);
    for (size_t i = 0; i < names.count; i++) {
        if (good && !act_on(schedules, names.items[i], act, event, err)) {
            // What is wrong with one schedule stops neither the others nor the run that is over.
            log_error("trigger.start", "schedule=%s error=%s", names.items[i], err_name(err->code));
            good = !turn_is_spoilt_by(err->code);
        }
        xfree(names.items[i]);
    }
    return good;
}

// ---- after another robot

struct ended {
    int64_t run, depth;
    unsigned how; // AFTER_…
};

static bool tell_loop(struct schedules *schedules, const char *name, struct err *err)
{
    struct err why;
    (void)fail(&why, ERR_SCHEDULE_LOOP, name, N(AFTER_DEPTH_MAX));
    return schedule_alert(schedules->host, ALERT_SCHEDULE, name, 0, &why, err);
}

static bool follow(struct schedules *schedules, const struct schedule_row *row,
                   const struct schedule *schedule, const void *event, struct err *err)
{
    const struct ended *ended = event;
    SCOPED_BUF(facts, FACTS_MAX);
    int64_t run;
    if (!(schedule_facts(schedule)->after.on & ended->how))
        return true;
    if (ended->depth >= AFTER_DEPTH_MAX)
        return tell_loop(schedules, row->name, err);
    if (!buf_printf(&facts, "\"earlier\":%lld,\"depth\":%lld", (long long)ended->run,
                    (long long)ended->depth + 1))
        return fail(err, ERR_LIMIT_PASSED, "cause", N(FACTS_MAX));
    const struct started started = {
        .by = "after", .actor = "renki", .facts = buf_text(&facts), .earlier = ended->run};
    return schedule_start(schedules, &run, row, schedule, &started, err);
}

static bool how_of(unsigned *how, struct host *host, const struct run_row *run, enum run_state state,
                   struct err *err)
{
    bool exceptions = false;
    *how = state == RUN_FAILED || state == RUN_REFUSED ? AFTER_FAILED : 0;
    if (state != RUN_DONE)
        return true;
    if ((run->recorded & (RECORDED_ENTRIES | RECORDED_EXCEPTIONS)) &&
        !store_run_has_exceptions(host->store, &exceptions, run->id, err))
        return false;
    *how = exceptions ? AFTER_EXCEPTIONS : AFTER_DONE;
    return true;
}

// ---- when items wait

// What waits, as the cause of the run that it starts keeps it.
struct found {
    int64_t waiting, newest;
};

// Whether the schedule's last run was started by the very same items: it left them where they were, and another would too.
static bool left_alone(bool *same, struct host *host, const char *schedule, const struct found *found,
                       struct err *err)
{
    SCOPED_TEXT char *cause = NULL;
    SCOPED(json_document)
    document = NULL;
    *same = false;
    if (!store_schedule_last_cause(host->store, &cause, schedule, err))
        return false;
    if (!cause)
        return true;
    if (!json_parse(&document, text_from(cause), err))
        return false;
    const struct json *root = json_root(document);
    *same = json_int64_or(json_get(root, "waiting"), 0) == found->waiting &&
            json_int64_or(json_get(root, "newest"), 0) == found->newest;
    return true;
}

static bool start_for(struct schedules *schedules, const struct schedule_row *row,
                      const struct schedule *schedule, const struct found *found, struct err *err)
{
    SCOPED_BUF(facts, FACTS_MAX);
    int64_t run;
    if (!buf_printf(&facts, "\"waiting\":%lld,\"newest\":%lld", (long long)found->waiting,
                    (long long)found->newest))
        return fail(err, ERR_LIMIT_PASSED, "cause", N(FACTS_MAX));
    const struct started started = {.by = "queue", .actor = "renki", .facts = buf_text(&facts)};
    return schedule_start(schedules, &run, row, schedule, &started, err);
}

// One run at a time: while it waits for its turn, or works the queue off, no other is started.
static bool start_for_items(struct schedules *schedules, const struct schedule_row *row,
                            const struct schedule *schedule, const void *event, struct err *err)
{
    struct host *host = schedules->host;
    const bool *anew = event;
    struct found found;
    int64_t unfinished = 0;
    bool same = false;
    if (!items_waiting(host, &found.waiting, &found.newest, schedule_facts(schedule)->queue.name, err) ||
        !store_schedule_unfinished(host->store, &unfinished, row->name, err))
        return false;
    if (found.waiting < schedule_facts(schedule)->queue.at_least || unfinished)
        return true;
    if (!*anew && !left_alone(&same, host, row->name, &found, err))
        return false;
    return same || start_for(schedules, row, schedule, &found, err);
}

static bool look_at_queue(struct host *host, const char *queue, bool anew, struct err *err)
{
    SCOPED_TEXT char *trigger = xasprintf("queue %s", queue);
    return each_of(host->schedules, trigger, start_for_items, &anew, err);
}

static void look_and_log(struct host *host, const char *queue, bool anew)
{
    struct err err;
    if (!host->schedules || !host->serving || host->draining)
        return;
    if (turn_begin(host, &err) && look_at_queue(host, queue, anew, &err))
        return;
    log_error("trigger.queue", "queue=\"%s\" error=%s", queue, err_name(err.code));
    turn_spoil(host, &err);
}

static void on_items(struct host *host, const char *queue)
{
    look_and_log(host, queue, false);
}

static bool take_queue(void *owner, const char *name, int64_t stamp, struct err *err)
{
    return collect(owner, name + strlen("queue "), stamp, err);
}

// What was added while no host served.
static void look_at_queues(struct schedules *schedules)
{
    struct names queues = {.count = 0};
    struct err err;
    if (!store_schedule_queues(schedules->host->store, take_queue, &queues, &err))
        log_error("trigger.queue", "error=%s", err_name(err.code));
    for (size_t i = 0; i < queues.count; i++) {
        look_and_log(schedules->host, queues.items[i], true);
        xfree(queues.items[i]);
    }
}

// ---- a run is over

static bool look_again(struct host *host, const struct schedule_row *row, struct err *err)
{
    SCOPED_SCHEDULE(opened);
    struct err why;
    if (!row->trigger || row->paused_ms || !schedule_open_row(&opened, host->schedules, row, &why) ||
        schedule_facts(opened.schedule)->kind != SCHEDULE_QUEUE)
        return true;
    return look_at_queue(host, schedule_facts(opened.schedule)->queue.name, false, err);
}

static bool over_of_schedule(struct host *host, const char *name, struct err *err)
{
    struct schedule_row row;
    bool found;
    if (!store_schedule_find(host->store, &found, &row, name, err) || !found)
        return !found;
    const bool good = row.stamp == 0 || look_again(host, &row, err);
    schedule_row_dispose(&row);
    return good;
}

bool triggers_over(struct host *host, const struct run_row *run, enum run_state state, struct err *err)
{
    struct ended ended = {.run = run->id};
    if (!host->schedules || !host->serving)
        return true;
    SCOPED(json_document)
    document = NULL;
    SCOPED_TEXT char *trigger = xasprintf("after %s", run->robot);
    if (json_parse(&document, text_from(run->cause), err)) {
        ended.depth = json_int64_or(json_get(json_root(document), "depth"), 0);
        trigger_files_put_away(host, run->id, json_root(document), state == RUN_DONE);
    }
    return (run->draft || run->dry_run ||
            (how_of(&ended.how, host, run, state, err) &&
             each_of(host->schedules, trigger, follow, &ended, err))) &&
           (!run->schedule[0] || over_of_schedule(host, run->schedule, err));
}

// ---- their life

void triggers_begin(struct schedules *schedules)
{
    schedules->arrivals = trigger_files_new(schedules);
    trigger_files_look(schedules->arrivals);
    items_listen(schedules->host, on_items);
    look_at_queues(schedules);
}

void triggers_changed(struct schedules *schedules)
{
    if (schedules->arrivals)
        trigger_files_look(schedules->arrivals);
}
