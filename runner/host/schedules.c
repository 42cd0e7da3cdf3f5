// See schedules.h.
#include "host/fault.h"
#include "host/queue.h"
#include "host/runs.h"
#include "host/schedules_own.h"
#include "host/triggers.h"
#include "host/turn.h"
#include "host/web.h"
#include "lib/base/log.h"

enum {
    SETTLED_A_TURN = 50, // schedules planned on in one turn: some milliseconds, then the queue has its turn
    CONTENT_MAX = 8192
};

int64_t schedules_grace_ms(const struct host *host)
{
    return host->settings->missed_after_ms;
}

int64_t schedules_now_ms(const struct host *host)
{
    return store_now_ms(host->store);
}

// ---- definitions

void opened_schedule_dispose(struct opened_schedule *opened)
{
    schedule_free(opened->schedule);
    json_document_free(opened->document);
}

bool schedule_open(struct opened_schedule *out, const struct schedules *schedules, struct text definition,
                   struct problems *problems)
{
    struct err err;
    if (!json_parse(&out->document, definition, &err)) {
        *problems_add(problems) = err;
        return false;
    }
    return schedule_read(&out->schedule, json_root(out->document), schedules->zones,
                         schedules->host->settings->timezone, problems);
}

bool schedule_open_row(struct opened_schedule *out, const struct schedules *schedules,
                       const struct schedule_row *row, struct err *err)
{
    struct problems problems = {0};
    if (!row->definition[0])
        return fail(err, ERR_SCHEDULE_BROKEN, row->name);
    const bool good = schedule_open(out, schedules, text_from(row->definition), &problems);
    if (!good)
        *err = problems.items[0];
    problems_dispose(&problems);
    return good;
}

bool schedule_goes_by_time(const struct schedule *schedule)
{
    return schedule_facts(schedule)->kind <= SCHEDULE_BUSINESS_DAY;
}

void named_schedule_dispose(struct named_schedule *named)
{
    opened_schedule_dispose(&named->opened);
    schedule_row_dispose(&named->row);
}

bool schedule_named(struct named_schedule *out, struct host *host, const char *name, struct err *err)
{
    return store_schedule_load(host->store, &out->row, name, err) &&
           schedule_open_row(&out->opened, host->schedules, &out->row, err);
}

// ---- what people are told

// "It did not run" is an event: it is told by the host, never by what did not run.
bool schedule_alert(struct host *host, enum alert_kind kind, const char *schedule, int64_t run,
                    const struct err *why, struct err *err)
{
    SCOPED_BUF(words, CONTENT_MAX);
    log_error("schedule.alert", "kind=\"%s\" name=%s run=%lld error=%s", alert_kind_name(kind), schedule,
              (long long)run, err_name(why->code));
    if (!err_message(&words, why, host->settings->language))
        return fail(err, ERR_LIMIT_PASSED, "alert", N(CONTENT_MAX));
    const struct alert alert = {.kind = kind, .run = run, .subject = schedule, .detail = buf_string(&words)};
    return alert_raise(host, &alert, err);
}

bool schedule_tell_missed(struct schedules *schedules, const struct schedule_row *row, int64_t count,
                          struct err *err)
{
    struct err why;
    (void)fail(&why, ERR_SCHEDULE_DID_NOT_RUN, row->name, N(count));
    return schedule_alert(schedules->host, ALERT_MISSED, row->name, 0, &why, err);
}

bool schedule_audit(struct host *host, const char *actor, const char *event, const char *schedule,
                    const char *why, int64_t due_ms, struct err *err)
{
    SCOPED_BUF(content, CONTENT_MAX);
    struct json_writer writer = json_writer_new(&content);
    json_begin_object(&writer);
    json_write_key(&writer, "schedule");
    json_write_string(&writer, schedule);
    if (why) {
        json_write_key(&writer, "why");
        json_write_lossy(&writer, text_from(why));
    }
    if (due_ms) {
        json_write_key(&writer, "due_ms");
        json_write_integer(&writer, due_ms);
    }
    json_end_object(&writer);
    if (!json_writer_done(&writer))
        return fail(err, ERR_LIMIT_PASSED, "why", N(CONTENT_MAX));
    return store_audit(host->store, actor, event, 0, buf_text(&content), err);
}

// ---- planning on, a few in each turn

struct batch {
    char *names[SETTLED_A_TURN];
    size_t count;
};

static bool collect(void *owner, const char *name, int64_t stamp, struct err *err)
{
    struct batch *batch = owner;
    (void)stamp, (void)err;
    batch->names[batch->count++] = xstrdup(name);
    return true;
}

// It can't be planned on: a calendar is gone, a rule leads nowhere. It stands still, and says so.
static bool stand_still(struct schedules *schedules, const char *name, const struct err *why, struct err *err)
{
    struct host *host = schedules->host;
    struct schedule_row row;
    struct problems problems = {0};
    if (!store_schedule_load(host->store, &row, name, err))
        return false;
    *problems_add(&problems) = *why;
    const bool good = schedule_take_broken(schedules, name, row.stamp, &problems, err) &&
                      store_planned_drop(host->store, name, schedules_now_ms(host), err) &&
                      store_schedule_moved(host->store, name, row.handled_ms, 0, 0, err);
    problems_dispose(&problems);
    schedule_row_dispose(&row);
    return good;
}

static bool settle_named(struct schedules *schedules, const char *name, bool anew, struct err *err)
{
    SCOPED_NAMED_SCHEDULE(named);
    struct host *host = schedules->host;
    if (!schedule_named(&named, host, name, err))
        return false;
    if (named.row.paused_ms || !schedule_goes_by_time(named.opened.schedule))
        return true;
    if (anew && !store_planned_drop(host->store, name, schedules_now_ms(host), err))
        return false;
    if (anew)
        named.row.planned_ms = 0;
    return schedule_settle(schedules, &named.row, named.opened.schedule, err);
}

static bool settle_or_stand(struct schedules *schedules, const char *name, bool anew, struct err *err)
{
    struct err why;
    if (settle_named(schedules, name, anew, &why))
        return true;
    if (!turn_is_spoilt_by(why.code))
        return stand_still(schedules, name, &why, err);
    *err = why;
    return false;
}

static bool settle_due(struct schedules *schedules, bool *more, struct err *err)
{
    struct host *host = schedules->host;
    struct batch batch = {.count = 0};
    bool good =
        store_schedules_due(host->store, schedules_now_ms(host), SETTLED_A_TURN, collect, &batch, err);
    for (size_t i = 0; i < batch.count; i++) {
        good = good && settle_or_stand(schedules, batch.names[i], false, err);
        xfree(batch.names[i]);
    }
    *more = batch.count == SETTLED_A_TURN;
    return good;
}

static bool settle_replans(struct schedules *schedules, struct err *err)
{
    for (int i = 0; i < SETTLED_A_TURN && schedules->replan_next < schedules->replan_count; i++)
        if (!settle_or_stand(schedules, schedules->replan[schedules->replan_next++], true, err))
            return false;
    return true;
}

static bool has_due(struct schedules *schedules)
{
    int64_t due_ms;
    struct err err;
    return store_schedules_next(schedules->host->store, &due_ms, &err) && due_ms &&
           due_ms <= schedules_now_ms(schedules->host);
}

static void rest(struct schedules *schedules)
{
    schedules->working = false;
    uv_idle_stop(&schedules->work);
    for (size_t i = 0; i < schedules->replan_count; i++)
        xfree(schedules->replan[i]);
    xfree(schedules->replan);
    schedules->replan = NULL;
    schedules->replan_count = schedules->replan_next = 0;
    store_rest(schedules->host->store);
}

static void on_work(uv_idle_t *work)
{
    struct schedules *schedules = work->data;
    struct host *host = schedules->host;
    struct err err;
    bool more = false;
    if (host->draining || !turn_begin(host, &err)) {
        rest(schedules);
        return;
    }
    const bool good =
        (!host->serving || settle_due(schedules, &more, &err)) && settle_replans(schedules, &err);
    if (!good) {
        log_error("schedule.plan", "error=%s", err_name(err.code));
        turn_spoil(host, &err);
    }
    if (!good || (!more && schedules->replan_next == schedules->replan_count))
        rest(schedules);
}

static void work(struct schedules *schedules)
{
    if (schedules->working)
        return;
    schedules->working = true;
    uv_idle_start(&schedules->work, on_work);
}

// ---- watched runs

static bool tell_watched(void *owner, const struct watched *watched, struct err *err)
{
    struct host *host = owner;
    struct err why;
    SCOPED_TEXT char *schedule = text_copy(watched->schedule);
    if (text_is(watched->what, "late")) {
        if (!text_is(watched->state, "planned") && !text_is(watched->state, "queued"))
            return true;
        (void)fail(&why, ERR_SCHEDULE_LATE, schedule, N(watched->run));
        return schedule_alert(host, ALERT_LATE, schedule, watched->run, &why, err);
    }
    if (!text_is(watched->state, "planned") || !text_is(watched->approval, "needed"))
        return true;
    (void)fail(&why, ERR_SCHEDULE_UNAPPROVED, schedule);
    SCOPED_TEXT char *fault = fault_of(&why, host->settings->language);
    return run_miss(host->store, watched->run, text_from(fault), "renki", err) &&
           schedule_alert(host, ALERT_MISSED, schedule, watched->run, &why, err);
}

static void look_at_watched(struct schedules *schedules)
{
    struct host *host = schedules->host;
    const int64_t now_ms = schedules_now_ms(host);
    int64_t next_ms;
    struct err err;
    bool good = store_watches_next(host->store, &next_ms, &err);
    if (good && next_ms && next_ms <= now_ms) {
        good = turn_begin(host, &err) && store_watches_due(host->store, now_ms, tell_watched, host, &err) &&
               store_watches_next(host->store, &next_ms, &err);
        if (!good)
            turn_spoil(host, &err);
    }
    if (!good)
        log_error("schedule.watch", "error=%s", err_name(err.code));
    else if (next_ms)
        queue_at(host, next_ms);
}

void schedules_look(struct host *host)
{
    struct schedules *schedules = host->schedules;
    if (!schedules || !host->serving || host->draining)
        return;
    look_at_watched(schedules);
    if (has_due(schedules))
        work(schedules);
}

// ---- calendars

static bool collect_replan(void *owner, const char *name, int64_t stamp, struct err *err)
{
    struct schedules *schedules = owner;
    (void)stamp, (void)err;
    schedules->replan =
        xreallocarray(schedules->replan, schedules->replan_count + 1, sizeof *schedules->replan);
    schedules->replan[schedules->replan_count++] = xstrdup(name);
    return true;
}

void schedules_calendars_changed(struct schedules *schedules)
{
    struct err err;
    if (!store_schedules_of_calendars(schedules->host->store, collect_replan, schedules, &err))
        log_error("schedule.calendars", "error=%s", err_name(err.code));
    if (schedules->replan_count)
        work(schedules);
}

// ---- their life

static struct schedules *open_schedules(struct host *host, struct err *err)
{
    if (host->schedules)
        return host->schedules;
    struct schedules *schedules = xcalloc(1, sizeof *schedules);
    schedules->host = host;
    schedules->calendars = calendars_new();
    if (!zones_open(&schedules->zones, ZONES_FOLDER, err)) {
        calendars_free(schedules->calendars);
        xfree(schedules);
        return NULL;
    }
    require(uv_idle_init(host->loop, &schedules->work) == 0);
    schedules->work.data = schedules;
    schedules->files = schedule_files_new(schedules);
    schedules->own_calendars = schedule_calendars_new(schedules);
    return host->schedules = schedules;
}

struct syncing {
    struct schedules *schedules;
    schedules_done done;
    void *owner;
};

static void on_calendars(void *owner)
{
    struct syncing *syncing = owner;
    schedule_files_sync(syncing->schedules->files, syncing->done, syncing->owner);
    xfree(syncing);
}

void schedules_sync(struct host *host, schedules_done done, void *owner)
{
    struct err err;
    struct schedules *schedules = open_schedules(host, &err);
    if (!schedules) {
        done(owner, &err);
        return;
    }
    struct syncing *syncing = xcalloc(1, sizeof *syncing);
    *syncing = (struct syncing){schedules, done, owner};
    schedule_calendars_sync(schedules->own_calendars, on_calendars, syncing);
}

static void on_begun(void *owner, const struct err *failed)
{
    struct host *host = owner;
    if (failed)
        log_error("schedule.sync", "error=%s", err_name(failed->code));
    if (host->schedules && host->serving)
        triggers_begin(host->schedules);
    web_begin(host); // not earlier: a webhook that is not read yet is not known
    schedules_look(host);
}

void schedules_begin(struct host *host)
{
    schedules_sync(host, on_begun, host);
}

static void on_closed(uv_handle_t *handle)
{
    xfree(handle->data);
}

void schedules_free(struct host *host)
{
    struct schedules *schedules = host->schedules;
    if (!schedules)
        return;
    host->schedules = NULL;
    rest(schedules);
    trigger_files_free(schedules->arrivals);
    schedule_files_free(schedules->files);
    schedule_calendars_free(schedules->own_calendars);
    calendars_free(schedules->calendars);
    zones_free(schedules->zones);
    uv_close((uv_handle_t *)&schedules->work, on_closed);
}
