// What people ask of a schedule: pausing it, a run now, making up for what is past, deciding of a due time before it
// comes, its next times. In the host; see schedules.h.
#include "host/queue.h"
#include "host/schedules_own.h"
#include "lib/calendar/instant.h"
#include "lib/calendar/parse.h"

enum {
    NEXT_MAX = 1000,         // times told at once
    BACKFILL_RUNS_MAX = 1000 // of one command
};

// ---- pausing, a run now

bool schedules_pause(struct host *host, const char *name, const char *actor, const char *why, struct err *err)
{
    SCOPED_NAMED_SCHEDULE(named);
    const int64_t now_ms = schedules_now_ms(host);
    if (!store_schedule_load(host->store, &named.row, name, err))
        return false;
    if (named.row.paused_ms)
        return fail(err, ERR_SCHEDULE_PAUSED, name, named.row.paused_by, named.row.paused_why);
    return store_planned_drop(host->store, name, now_ms, err) &&
           store_schedule_pause(host->store, name, actor, why, now_ms, err) &&
           schedule_audit(host, actor, "schedule.paused", name, why, 0, err);
}

bool schedules_resume(struct host *host, const char *name, const char *actor, struct err *err)
{
    SCOPED_NAMED_SCHEDULE(named);
    if (!schedule_named(&named, host, name, err))
        return false;
    if (!named.row.paused_ms)
        return fail(err, ERR_SCHEDULE_NOT_PAUSED, name);
    named.row.planned_ms = 0;
    return store_schedule_resume(host->store, name, err) &&
           schedule_audit(host, actor, "schedule.resumed", name, NULL, 0, err) &&
           (!schedule_goes_by_time(named.opened.schedule) ||
            schedule_settle(host->schedules, &named.row, named.opened.schedule, err));
}

bool schedules_run_now(struct host *host, int64_t *run, const char *name, const char *actor, struct err *err)
{
    SCOPED_NAMED_SCHEDULE(named);
    const struct started by_hand = {.by = "hand", .actor = actor};
    return schedule_named(&named, host, name, err) &&
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

static bool make_up_all(int64_t *count, struct host *host, const struct named_schedule *named,
                        int64_t from_ms, int64_t end_ms, const char *actor, bool count_only, struct err *err)
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
    SCOPED_NAMED_SCHEDULE(named);
    int64_t from_ms, to_ms;
    bool is_day;
    const int64_t now_ms = schedules_now_ms(host);
    if (!schedule_named(&named, host, name, err))
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
static bool find_due(struct occurrence *out, const struct named_schedule *named, struct host *host,
                     const char *time, struct err *err)
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

static bool approve(struct host *host, const struct named_schedule *named, const struct occurrence *due,
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
           schedule_audit(host, actor, "schedule.approved", name, NULL, due->due_ms, err);
}

static bool call_off(struct host *host, struct named_schedule *named, const struct occurrence *due,
                     const char *actor, const char *why, struct err *err)
{
    const char *name = named->row.name;
    const int64_t now_ms = schedules_now_ms(host);
    if (due->due_ms <= now_ms)
        return fail(err, ERR_SCHEDULE_PAST, name);
    if (!store_decision_put(host->store, name, due->due_ms, "call-off", actor, why, now_ms, err) ||
        !schedule_audit(host, actor, "schedule.called_off", name, why, due->due_ms, err))
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
    SCOPED_NAMED_SCHEDULE(named);
    struct occurrence due;
    if (!schedule_named(&named, host, name, err) || !find_due(&due, &named, host, time, err))
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

static bool write_times(struct json_writer *out, struct host *host, const struct named_schedule *named,
                        int64_t count, struct err *err)
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
    SCOPED_NAMED_SCHEDULE(named);
    if (!schedule_named(&named, host, name, err))
        return false;
    json_begin_array(out);
    if (schedule_goes_by_time(named.opened.schedule) && !write_times(out, host, &named, count, err))
        return false;
    json_end_array(out);
    return true;
}
