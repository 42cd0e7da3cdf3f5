// See schedules.h.
#include "host/fault.h"
#include "host/queue.h"
#include "host/runs.h"
#include "host/schedules_own.h"
#include "host/store/troubles.h"
#include "host/triggers.h"
#include "host/turn.h"
#include "lib/base/log.h"
#include "lib/calendar/instant.h"
#include "lib/calendar/parse.h"

enum {
    SETTLED_A_TURN = 50, // schedules planned on in one turn: some milliseconds, then the queue has its turn
    PROBLEM_JSON_MAX = 65536, // what is wrong with a file
    CONTENT_MAX = 8192,
    NEXT_MAX = 1000,         // times told at once
    BACKFILL_RUNS_MAX = 1000 // of one command
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

// The row and what it says, for requests.
struct named {
    struct schedule_row row;
    struct opened_schedule opened;
};

static void named_dispose(struct named *named)
{
    opened_schedule_dispose(&named->opened);
    schedule_row_dispose(&named->row);
}
#define SCOPED_NAMED(name) __attribute__((cleanup(named_dispose))) struct named name = {0}

static bool find_named(struct named *out, struct host *host, const char *name, struct err *err)
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

static bool audit(struct host *host, const char *actor, const char *event, const char *schedule,
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

// ---- files

static char *problems_json(const struct problems *problems)
{
    SCOPED_BUF(json, PROBLEM_JSON_MAX);
    struct json_writer writer = json_writer_new(&json);
    json_begin_array(&writer);
    for (size_t i = 0; i < problems->count; i++)
        err_write(&writer, &problems->items[i]);
    json_end_array(&writer);
    return json_writer_done(&writer) ? buf_steal(&json) : xstrdup("[]");
}

static bool take_broken(struct schedules *schedules, const char *name, int64_t stamp,
                        const struct problems *problems, struct err *err)
{
    struct host *host = schedules->host;
    SCOPED_TEXT char *json = problems_json(problems);
    bool is_new;
    if (!store_schedule_wrong(host->store, &is_new, name, stamp, text_from(json), err))
        return false;
    log_info("schedule.broken", "name=%s error=%s", name, err_name(problems->items[0].code));
    return !is_new || schedule_alert(host, ALERT_SCHEDULE, name, 0, &problems->items[0], err);
}

// Whether two definitions mean the same times: then what was due meanwhile is still due.
static bool same_times(const struct json *a, const struct json *b)
{
    static const char *const keys[] = {"cron",     "rrule",    "dtstart", "business_day", "at",    "months",
                                       "timezone", "calendar", "from",    "until",        "jitter"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        SCOPED_BUF(one, PROBLEM_JSON_MAX);
        SCOPED_BUF(other, PROBLEM_JSON_MAX);
        struct json_writer to_one = json_writer_new(&one), to_other = json_writer_new(&other);
        if (!json_get(a, keys[i]) != !json_get(b, keys[i]))
            return false;
        if (!json_get(a, keys[i]))
            continue;
        json_write_value(&to_one, json_get(a, keys[i]));
        json_write_value(&to_other, json_get(b, keys[i]));
        if (!text_equal(buf_text(&one), buf_text(&other)))
            return false;
    }
    return true;
}

// What the former definition had planned and is past is settled by it; what is ahead of us is planned anew. Where the
// times are other ones, they count from now on.
static bool leave_former(struct schedules *schedules, struct schedule_row *row, const struct json *definition,
                         struct err *err)
{
    const int64_t now_ms = schedules_now_ms(schedules->host);
    SCOPED_SCHEDULE(former);
    struct problems problems = {0};
    const bool known = row->definition && row->definition[0] && row->stamp != 0 && row->handled_ms != 0 &&
                       schedule_open(&former, schedules, text_from(row->definition), &problems);
    problems_dispose(&problems);
    const bool same = known && same_times(json_root(former.document), definition);
    if (known && !same && row->due_ms && row->due_ms <= now_ms &&
        !schedule_settle(schedules, row, former.schedule, err))
        return false;
    if (!same)
        row->handled_ms = now_ms;
    row->planned_ms = 0;
    return store_troubles_forget(schedules->host->store, row->name, err) &&
           store_planned_drop(schedules->host->store, row->name, now_ms, err);
}

// "file", "queue", "webhook", "after ROBOT"; "" for a rule of time.
static char *trigger_of(const struct schedule *schedule)
{
    const struct schedule_facts *facts = schedule_facts(schedule);
    if (schedule_goes_by_time(schedule))
        return xstrdup("");
    return facts->kind == SCHEDULE_AFTER   ? xasprintf("after %s", facts->after.robot)
           : facts->kind == SCHEDULE_QUEUE ? xasprintf("queue %s", facts->queue.name)
                                           : xstrdup(schedule_kind_name(facts->kind));
}

static bool put(struct schedules *schedules, const char *name, int64_t stamp, struct text json,
                const struct opened_schedule *opened, struct err *err)
{
    SCOPED_TEXT char *trigger = trigger_of(opened->schedule);
    const struct schedule_file file = {.name = name,
                                       .robot = schedule_facts(opened->schedule)->robot,
                                       .trigger = trigger,
                                       .stamp = stamp,
                                       .calendar = json_get(json_root(opened->document), "calendar") != NULL,
                                       .definition = json};
    return store_schedule_put(schedules->host->store, &file, err);
}

static bool is_unchanged(const struct schedule_row *row, struct text json)
{
    return row->stamp != 0 && !row->problem[0] && text_equal(text_from(row->definition), json);
}

static bool plan_anew(struct schedules *schedules, struct schedule_row *row, const struct schedule *schedule,
                      struct err *err)
{
    if (!schedule_goes_by_time(schedule) || row->paused_ms)
        return store_schedule_moved(schedules->host->store, row->name, row->handled_ms, 0, 0, err);
    return schedule_settle(schedules, row, schedule, err);
}

static bool take_good(struct schedules *schedules, const char *name, int64_t stamp, struct text json,
                      const struct opened_schedule *opened, struct err *err)
{
    struct schedule_row row;
    struct store *store = schedules->host->store;
    bool found;
    if (!store_schedule_find(store, &found, &row, name, err))
        return false;
    if (found && is_unchanged(&row, json)) {
        schedule_row_dispose(&row);
        return store_schedule_stamp(store, name, stamp, err);
    }
    if (!found)
        row = (struct schedule_row){.name = xstrdup(name), .handled_ms = schedules_now_ms(schedules->host)};
    const bool good = (!found || leave_former(schedules, &row, json_root(opened->document), err)) &&
                      put(schedules, name, stamp, json, opened, err) &&
                      plan_anew(schedules, &row, opened->schedule, err);
    schedule_row_dispose(&row);
    triggers_changed(schedules);
    return good;
}

bool schedules_take_file(struct schedules *schedules, const char *name, int64_t stamp, struct text json,
                         const struct err *failed, struct err *err)
{
    SCOPED_SCHEDULE(opened);
    struct problems problems = {0};
    bool good;
    if (failed)
        *problems_add(&problems) = *failed;
    if (!failed && schedule_open(&opened, schedules, json, &problems)) {
        good = take_good(schedules, name, stamp, json, &opened, err);
        // A calendar that is not there is the file's problem, not the database's.
        if (!good && !turn_is_spoilt_by(err->code)) {
            *problems_add(&problems) = *err;
            good = take_broken(schedules, name, stamp, &problems, err);
        }
    } else
        good = take_broken(schedules, name, stamp, &problems, err);
    problems_dispose(&problems);
    return good;
}

static bool cancel_removed(void *owner, int64_t run, struct err *err)
{
    struct host *host = owner;
    struct err why;
    (void)fail(&why, ERR_SCHEDULE_REMOVED);
    SCOPED_TEXT char *fault = fault_of(&why, host->settings->language);
    const struct run_end end = {.fault = text_from(fault)};
    return run_cancel(host->store, run, RUN_PLANNED, &end, "renki", err);
}

bool schedules_take_gone(struct schedules *schedules, const char *name, struct err *err)
{
    struct host *host = schedules->host;
    log_info("schedule.gone", "name=%s", name);
    return store_planned_release(host->store, name, cancel_removed, host, err) &&
           store_schedule_moved(host->store, name, schedules_now_ms(host), 0, 0, err) &&
           store_schedule_stamp(host->store, name, 0, err) && store_troubles_forget(host->store, name, err) &&
           audit(host, "renki", "schedule.removed", name, NULL, 0, err);
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
    const bool good = take_broken(schedules, name, row.stamp, &problems, err) &&
                      store_planned_drop(host->store, name, schedules_now_ms(host), err) &&
                      store_schedule_moved(host->store, name, row.handled_ms, 0, 0, err);
    problems_dispose(&problems);
    schedule_row_dispose(&row);
    return good;
}

static bool settle_named(struct schedules *schedules, const char *name, bool anew, struct err *err)
{
    SCOPED_NAMED(named);
    struct host *host = schedules->host;
    if (!find_named(&named, host, name, err))
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

// ---- what people ask

bool schedules_pause(struct host *host, const char *name, const char *actor, const char *why, struct err *err)
{
    SCOPED_NAMED(named);
    const int64_t now_ms = schedules_now_ms(host);
    if (!store_schedule_load(host->store, &named.row, name, err))
        return false;
    if (named.row.paused_ms)
        return fail(err, ERR_SCHEDULE_PAUSED, name, named.row.paused_by, named.row.paused_why);
    return store_planned_drop(host->store, name, now_ms, err) &&
           store_schedule_pause(host->store, name, actor, why, now_ms, err) &&
           audit(host, actor, "schedule.paused", name, why, 0, err);
}

bool schedules_resume(struct host *host, const char *name, const char *actor, struct err *err)
{
    SCOPED_NAMED(named);
    if (!find_named(&named, host, name, err))
        return false;
    if (!named.row.paused_ms)
        return fail(err, ERR_SCHEDULE_NOT_PAUSED, name);
    named.row.planned_ms = 0;
    return store_schedule_resume(host->store, name, err) &&
           audit(host, actor, "schedule.resumed", name, NULL, 0, err) &&
           (!schedule_goes_by_time(named.opened.schedule) ||
            schedule_settle(host->schedules, &named.row, named.opened.schedule, err));
}

bool schedules_run_now(struct host *host, int64_t *run, const char *name, const char *actor, struct err *err)
{
    SCOPED_NAMED(named);
    const struct started by_hand = {.by = "hand", .actor = actor};
    return find_named(&named, host, name, err) &&
           schedule_start(host->schedules, run, &named.row, named.opened.schedule, &by_hand, err);
}

// ---- times as people write them

// A day, or an instant, where the schedule is; *is_day tells which.
static bool read_time(int64_t *ms, bool *is_day, const struct zone *zone, const char *written, bool day_ends,
                      struct err *err)
{
    struct date date;
    struct instant instant;
    int64_t seconds;
    *is_day = date_parse(&date, text_from(written), err);
    if (*is_day) {
        (void)zone_wall(&seconds, zone, ((int64_t)date_to_days(date) + day_ends) * SECONDS_OF_DAY);
        *ms = seconds * 1000;
        return true;
    }
    if (!instant_parse(&instant, text_from(written), zone, err))
        return false;
    *ms = instant.microseconds / 1000;
    return true;
}

// ---- making up for what is past

// A due time within the same second has its row already when it ran, runs or will.
static bool made_up(bool *out, struct host *host, const char *name, int64_t due_ms, struct err *err)
{
    int64_t count;
    if (!store_planned_count(host->store, &count, name, due_ms, due_ms + 1000, err))
        return false;
    *out = count > 0;
    return true;
}

static bool make_up_all(int64_t *count, struct host *host, const struct named *named, int64_t from_ms,
                        int64_t end_ms, const char *actor, bool count_only, struct err *err)
{
    struct occurrence at = {.due_ms = from_ms - 1};
    const struct schedule *schedule = named->opened.schedule;
    for (*count = 0;;) {
        bool found, there;
        int64_t run;
        if (!schedule_next(&at, &found, schedule, host->schedules->calendars, at.due_ms, err))
            return false;
        if (!found || at.due_ms >= end_ms)
            return true;
        if (!made_up(&there, host, named->row.name, at.due_ms, err))
            return false;
        if (!there && ++*count > BACKFILL_RUNS_MAX)
            return fail(err, ERR_SCHEDULE_BACKFILL, N(BACKFILL_RUNS_MAX));
        if (!there && !count_only &&
            !schedule_make_up(host->schedules, &run, &named->row, schedule, &at, actor, err))
            return false;
    }
}

bool schedules_backfill(struct host *host, int64_t *count, const char *name, const struct schedule_span *span,
                        const char *actor, struct err *err)
{
    SCOPED_NAMED(named);
    int64_t from_ms, to_ms;
    bool is_day;
    const int64_t now_ms = schedules_now_ms(host);
    if (!find_named(&named, host, name, err))
        return false;
    const struct zone *zone = schedule_facts(named.opened.schedule)->zone;
    if (!schedule_goes_by_time(named.opened.schedule))
        return fail(err, ERR_SCHEDULE_NO_TIMES, name);
    return read_time(&from_ms, &is_day, zone, span->from, false, err) &&
           read_time(&to_ms, &is_day, zone, span->to, true, err) &&
           make_up_all(count, host, &named, from_ms, to_ms < now_ms ? to_ms : now_ms, actor, span->count_only,
                       err);
}

// ---- deciding of a due time before it comes

// The one that is planned, or the first of the day, or the one at this instant.
static bool find_due(struct occurrence *out, const struct named *named, struct host *host, const char *time,
                     struct err *err)
{
    const struct schedule *schedule = named->opened.schedule;
    const int64_t now_ms = schedules_now_ms(host);
    int64_t at_ms = named->row.due_ms ? named->row.planned_ms : now_ms + 1, end_ms = INT64_MAX;
    bool found, is_day;
    if (!schedule_goes_by_time(schedule))
        return fail(err, ERR_SCHEDULE_NO_TIMES, named->row.name);
    if (time[0]) {
        const struct zone *zone = schedule_facts(schedule)->zone;
        if (!read_time(&at_ms, &is_day, zone, time, false, err) ||
            !read_time(&end_ms, &is_day, zone, time, true, err))
            return false;
        if (!is_day)
            end_ms = at_ms + 1000;
    }
    if (!schedule_next(out, &found, schedule, host->schedules->calendars, at_ms - 1, err))
        return false;
    if (!found || out->due_ms >= end_ms)
        return fail(err, ERR_SCHEDULE_NOT_DUE_THEN, named->row.name);
    // Its row may still wait for the approval that comes now.
    return out->due_ms > now_ms - schedules_grace_ms(host) ? true
                                                           : fail(err, ERR_SCHEDULE_PAST, named->row.name);
}

static bool approve(struct host *host, const struct named *named, const struct occurrence *due,
                    const char *actor, struct err *err)
{
    const char *name = named->row.name;
    struct planned_row row;
    if (!schedule_facts(named->opened.schedule)->approve)
        return fail(err, ERR_SCHEDULE_NEEDS_NO_APPROVAL, name);
    queue_at(host, 1);
    return store_decision_put(host->store, name, due->due_ms, "approve", actor, "", schedules_now_ms(host),
                              err) &&
           store_planned_find(host->store, &row, name, due->due_ms, err) &&
           (!row.planned || store_planned_approve(host->store, row.id, err)) &&
           audit(host, actor, "schedule.approved", name, NULL, due->due_ms, err);
}

static bool call_off(struct host *host, struct named *named, const struct occurrence *due, const char *actor,
                     const char *why, struct err *err)
{
    const char *name = named->row.name;
    const int64_t now_ms = schedules_now_ms(host);
    if (due->due_ms <= now_ms)
        return fail(err, ERR_SCHEDULE_PAST, name);
    if (!store_decision_put(host->store, name, due->due_ms, "call-off", actor, why, now_ms, err) ||
        !audit(host, actor, "schedule.called_off", name, why, due->due_ms, err))
        return false;
    if (due->due_ms != named->row.planned_ms || !named->row.due_ms)
        return true; // it is called off when it is planned
    named->row.planned_ms = 0;
    return store_planned_drop(host->store, name, now_ms, err) &&
           schedule_settle(host->schedules, &named->row, named->opened.schedule, err);
}

bool schedules_decide(struct host *host, struct json_writer *out, const char *name, const char *time,
                      const char *actor, const char *called_off_why, struct err *err)
{
    SCOPED_NAMED(named);
    struct occurrence due;
    if (!find_named(&named, host, name, err) || !find_due(&due, &named, host, time, err))
        return false;
    occurrence_write(out, &due, due.due_ms);
    return called_off_why ? call_off(host, &named, &due, actor, called_off_why, err)
                          : approve(host, &named, &due, actor, err);
}

// ---- the next times

static bool write_next(struct json_writer *out, struct host *host, const struct schedule_row *row,
                       const struct plan_step *step, struct err *err)
{
    struct decision decision;
    if (!store_decision_find(host->store, &decision, row->name, step->occurrence.due_ms, err))
        return false;
    json_begin_object(out);
    occurrence_write(out, &step->occurrence, step->due_ms);
    json_write_key(out, "decision");
    json_write_string(out, decision.kind[0] ? decision.kind : NULL);
    json_write_key(out, "decided_by");
    json_write_string(out, decision.kind[0] ? decision.actor : NULL);
    json_write_key(out, "decided_why");
    json_write_lossy(out, text_from(decision.why));
    json_end_object(out);
    return true;
}

static bool write_times(struct json_writer *out, struct host *host, const struct named *named, int64_t count,
                        struct err *err)
{
    struct plan plan;
    const int64_t now_ms = schedules_now_ms(host);
    plan_begin(&plan, named->row.name, named->opened.schedule, host->schedules->calendars, now_ms, now_ms,
               schedules_grace_ms(host));
    for (int64_t i = 0; i < count && i < NEXT_MAX;) {
        struct plan_step step;
        if (!plan_next(&step, &plan, err))
            return false;
        if (step.kind == PLAN_END)
            return true;
        if (step.kind == PLAN_SKIP)
            continue;
        if (!write_next(out, host, &named->row, &step, err))
            return false;
        i++;
    }
    return true;
}

bool schedules_next(struct host *host, struct json_writer *out, const char *name, int64_t count,
                    struct err *err)
{
    SCOPED_NAMED(named);
    if (!find_named(&named, host, name, err))
        return false;
    json_begin_array(out);
    if (schedule_goes_by_time(named.opened.schedule) && !write_times(out, host, &named, count, err))
        return false;
    json_end_array(out);
    return true;
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
