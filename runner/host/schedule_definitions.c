// What a file says becomes a schedule's row, and what the former definition had planned is left behind. In the host; see
// schedules.h.
#include "host/fault.h"
#include "host/runs.h"
#include "host/schedules_own.h"
#include "host/store/troubles.h"
#include "host/triggers.h"
#include "host/turn.h"
#include "lib/base/log.h"

enum {
    PROBLEM_JSON_MAX = 65536, // what is wrong with a file
};

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

bool schedule_take_broken(struct schedules *schedules, const char *name, int64_t stamp,
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
            good = schedule_take_broken(schedules, name, stamp, &problems, err);
        }
    } else
        good = schedule_take_broken(schedules, name, stamp, &problems, err);
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
           schedule_audit(host, "renki", "schedule.removed", name, NULL, 0, err);
}
