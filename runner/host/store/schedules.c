// See schedules.h.
#include "host/store/schedules.h"

#include "host/store/store_own.h"
#include "lib/base/clock.h"

#include <stdio.h>

#define INTEGER(number) VALUE_OF_INTEGER(number)
#define TEXT(borrowed) VALUE_OF_TEXT(borrowed)
#define STRING(string) VALUE_OF_TEXT(text_from(string))
#define TIME_OR_NULL(ms) ((ms) ? VALUE_OF_INTEGER(ms) : (struct value){.kind = VALUE_NULL})

enum { NEAREST_MAX = 1000 };

void schedule_row_dispose(struct schedule_row *row)
{
    char *texts[] = {row->name, row->robot, row->definition, row->problem, row->paused_by, row->paused_why};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        xfree(texts[i]);
    *row = (struct schedule_row){0};
}

static bool take_schedule(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(struct schedule_row *)owner = (struct schedule_row){
        .name = text_copy(row->values[0].text),
        .robot = text_copy(row->values[1].text),
        .definition = text_copy(row->values[2].text),
        .problem = text_copy(row->values[3].text),
        .paused_by = text_copy(row->values[4].text),
        .paused_why = text_copy(row->values[5].text),
        .trigger = row->values[6].text.length > 0,
        .stamp = row->values[7].integer,
        .handled_ms = row->values[8].integer,
        .due_ms = row->values[9].integer,
        .paused_ms = row->values[10].integer,
        .planned_ms = row->values[11].integer,
    };
    return true;
}

bool store_schedule_find(struct store *store, bool *found, struct schedule_row *out, const char *name,
                         struct err *err)
{
    *out = (struct schedule_row){0};
    if (!RUN(store,
             "SELECT name, robot, definition, problem, paused_by, paused_why, trigger_on, stamp,"
             " handled_ms, coalesce(due_ms, 0), coalesce(paused_ms, 0), planned_ms FROM schedules WHERE name "
             "= ?1",
             take_schedule, out, STRING(name)))
        return false;
    *found = out->name != NULL;
    return true;
}

struct names {
    char *items[NEAREST_MAX];
    size_t count;
};

static bool collect_name(void *owner, const struct row *row, struct err *err)
{
    struct names *names = owner;
    (void)err;
    names->items[names->count++] = text_copy(row->values[0].text);
    return true;
}

static bool unknown(struct store *store, const char *name, struct err *err)
{
    struct names *names = xcalloc(1, sizeof *names);
    if (!RUN(store, "SELECT name FROM schedules WHERE stamp <> 0 ORDER BY name LIMIT ?1", collect_name, names,
             INTEGER(NEAREST_MAX))) {
        xfree(names);
        return false;
    }
    const char *nearest = text_nearest(name, (const char *const *)names->items, names->count);
    (void)fail(err, ERR_SCHEDULE_UNKNOWN, name, nearest ? nearest : "");
    for (size_t i = 0; i < names->count; i++)
        xfree(names->items[i]);
    xfree(names);
    return false;
}

bool store_schedule_load(struct store *store, struct schedule_row *out, const char *name, struct err *err)
{
    bool found;
    if (!store_schedule_find(store, &found, out, name, err))
        return false;
    if (found && out->stamp != 0)
        return true;
    schedule_row_dispose(out);
    return unknown(store, name, err);
}

struct visit_schedule {
    store_schedule_visitor visit;
    void *owner;
};

static bool hand_schedule(void *owner, const struct row *row, struct err *err)
{
    const struct visit_schedule *visitor = owner;
    SCOPED_TEXT char *name = text_copy(row->values[0].text);
    return visitor->visit(visitor->owner, name, row->values[1].integer, err);
}

bool store_schedules_each(struct store *store, store_schedule_visitor visit, void *owner, struct err *err)
{
    struct visit_schedule visitor = {visit, owner};
    // What was not in order is always read again: it may be renki that has learnt.
    return RUN(store,
               "SELECT name, CASE WHEN problem = '' THEN stamp ELSE 1 END FROM schedules WHERE stamp <> 0",
               hand_schedule, &visitor);
}

bool store_schedules_due(struct store *store, int64_t now_ms, int64_t most, store_schedule_visitor visit,
                         void *owner, struct err *err)
{
    struct visit_schedule visitor = {visit, owner};
    return RUN(store, "SELECT name, 0 FROM schedules WHERE due_ms <= ?1 ORDER BY due_ms LIMIT ?2",
               hand_schedule, &visitor, INTEGER(now_ms), INTEGER(most));
}

bool store_schedules_of_calendars(struct store *store, store_schedule_visitor visit, void *owner,
                                  struct err *err)
{
    struct visit_schedule visitor = {visit, owner};
    return RUN(store, "SELECT name, 0 FROM schedules WHERE calendar = 1 AND stamp <> 0 AND trigger_on = ''",
               hand_schedule, &visitor);
}

bool store_schedules_of_trigger(struct store *store, const char *trigger, store_schedule_visitor visit,
                                void *owner, struct err *err)
{
    struct visit_schedule visitor = {visit, owner};
    return RUN(store,
               "SELECT name, 0 FROM schedules WHERE trigger_on = ?1 AND trigger_on <> '' AND stamp <> 0"
               " AND paused_ms IS NULL ORDER BY name",
               hand_schedule, &visitor, STRING(trigger));
}

bool store_schedules_next(struct store *store, int64_t *due_ms, struct err *err)
{
    *due_ms = 0;
    return RUN(store, "SELECT coalesce(min(due_ms), 0) FROM schedules", store_take_integer, due_ms);
}

bool store_schedule_put(struct store *store, const struct schedule_file *file, struct err *err)
{
    return RUN(store,
               "INSERT INTO schedules (name, robot, trigger_on, stamp, definition, calendar, problem,"
               " paused_by, paused_why, handled_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, '', '', '', 0)"
               " ON CONFLICT (name) DO UPDATE SET robot = ?2, trigger_on = ?3, stamp = ?4, definition = ?5,"
               " calendar = ?6, problem = ''",
               NULL, NULL, STRING(file->name), STRING(file->robot), STRING(file->trigger),
               INTEGER(file->stamp), TEXT(file->definition), INTEGER(file->calendar));
}

static bool take_flag(void *owner, const struct row *row, struct err *err)
{
    (void)row, (void)err;
    *(bool *)owner = true;
    return true;
}

bool store_schedule_wrong(struct store *store, bool *is_new, const char *name, int64_t stamp,
                          struct text problem, struct err *err)
{
    bool known = false;
    if (!RUN(store, "SELECT 1 FROM schedules WHERE name = ?1 AND problem <> '' AND stamp <> 0", take_flag,
             &known, STRING(name)) ||
        !RUN(store,
             "INSERT INTO schedules (name, robot, trigger_on, stamp, definition, calendar, problem,"
             " paused_by, paused_why, handled_ms) VALUES (?1, '', '', ?2, '', 0, ?3, '', '', 0)"
             " ON CONFLICT (name) DO UPDATE SET stamp = ?2, problem = ?3",
             NULL, NULL, STRING(name), INTEGER(stamp), TEXT(problem)))
        return false;
    *is_new = !known;
    return true;
}

bool store_schedule_stamp(struct store *store, const char *name, int64_t stamp, struct err *err)
{
    return RUN(store, "UPDATE schedules SET stamp = ?2 WHERE name = ?1", NULL, NULL, STRING(name),
               INTEGER(stamp));
}

bool store_schedule_moved(struct store *store, const char *name, int64_t handled_ms, int64_t planned_ms,
                          int64_t due_ms, struct err *err)
{
    return RUN(store, "UPDATE schedules SET handled_ms = ?2, planned_ms = ?3, due_ms = ?4 WHERE name = ?1",
               NULL, NULL, STRING(name), INTEGER(handled_ms), INTEGER(planned_ms), TIME_OR_NULL(due_ms));
}

bool store_schedule_pause(struct store *store, const char *name, const char *by, const char *why,
                          int64_t now_ms, struct err *err)
{
    return RUN(store,
               "UPDATE schedules SET paused_by = ?2, paused_why = ?3, paused_ms = ?4, due_ms = NULL"
               " WHERE name = ?1",
               NULL, NULL, STRING(name), STRING(by), STRING(why), INTEGER(now_ms));
}

bool store_schedule_resume(struct store *store, const char *name, struct err *err)
{
    return RUN(store,
               "UPDATE schedules SET paused_by = '', paused_why = '', paused_ms = NULL WHERE name = ?1", NULL,
               NULL, STRING(name));
}

// ---- its runs

static bool take_planned(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(struct planned_row *)owner = (struct planned_row){.id = row->values[0].integer,
                                                        .planned = text_is(row->values[1].text, "planned"),
                                                        .approved = !text_is(row->values[2].text, "needed")};
    return true;
}

bool store_planned_find(struct store *store, struct planned_row *out, const char *schedule,
                        int64_t planned_ms, struct err *err)
{
    *out = (struct planned_row){0};
    return RUN(store, "SELECT id, state, approval FROM runs WHERE schedule = ?1 AND planned_ms = ?2",
               take_planned, out, STRING(schedule), INTEGER(planned_ms));
}

bool store_planned_count(struct store *store, int64_t *count, const char *schedule, int64_t from_ms,
                         int64_t to_ms, struct err *err)
{
    return RUN(store,
               "SELECT count(*) FROM runs WHERE schedule = ?1 AND planned_ms >= ?2 AND planned_ms < ?3"
               " AND state NOT IN ('missed', 'skipped', 'cancelled')",
               store_take_integer, count, STRING(schedule), INTEGER(from_ms), INTEGER(to_ms));
}

bool store_planned_now(struct store *store, int64_t run, int64_t now_ms, struct text cause, struct err *err)
{
    return RUN(store, "UPDATE runs SET due_ms = ?2, cause = ?3 WHERE id = ?1 AND state = 'planned'", NULL,
               NULL, INTEGER(run), INTEGER(now_ms), TEXT(cause));
}

bool store_planned_approve(struct store *store, int64_t run, struct err *err)
{
    return RUN(store, "UPDATE runs SET approval = 'given' WHERE id = ?1 AND approval = 'needed'", NULL, NULL,
               INTEGER(run));
}

bool store_planned_drop(struct store *store, const char *schedule, int64_t after_ms, struct err *err)
{
    return RUN(store,
               "DELETE FROM runs WHERE schedule = ?1 AND planned_ms > ?2 AND state IN ('planned', 'skipped')",
               NULL, NULL, STRING(schedule), INTEGER(after_ms));
}

struct visit_planned {
    store_planned_visitor visit;
    void *owner;
};

static bool hand_planned(void *owner, const struct row *row, struct err *err)
{
    const struct visit_planned *visitor = owner;
    return visitor->visit(visitor->owner, row->values[0].integer, err);
}

bool store_planned_release(struct store *store, const char *schedule, store_planned_visitor visit,
                           void *owner, struct err *err)
{
    struct visit_planned visitor = {visit, owner};
    return RUN(store,
               "UPDATE runs SET planned_ms = NULL WHERE schedule = ?1 AND state = 'planned' RETURNING id",
               hand_planned, &visitor, STRING(schedule));
}

bool store_planned_delete(struct store *store, int64_t run, struct err *err)
{
    return RUN(store, "DELETE FROM runs WHERE id = ?1 AND state = 'planned'", NULL, NULL, INTEGER(run));
}

bool store_run_folder(struct store *store, int64_t run, const char *folder, struct err *err)
{
    return RUN(store, "UPDATE runs SET folder = ?2 WHERE id = ?1", NULL, NULL, INTEGER(run), STRING(folder));
}

static bool take_cause(void *owner, const struct row *row, struct err *err)
{
    (void)err;
    *(char **)owner = text_copy(row->values[0].text);
    return true;
}

bool store_run_cause(struct store *store, char **cause, int64_t run, struct err *err)
{
    *cause = NULL;
    return RUN(store, "SELECT cause FROM runs WHERE id = ?1", take_cause, cause, INTEGER(run));
}

bool store_run_has_exceptions(struct store *store, bool *has, int64_t run, struct err *err)
{
    *has = false;
    return RUN(store,
               "SELECT 1 FROM entries WHERE run = ?1 AND state = 'exception'"
               " UNION ALL SELECT 1 FROM exceptions WHERE run = ?1 LIMIT 1",
               take_flag, has, INTEGER(run));
}

bool store_schedule_unfinished(struct store *store, int64_t *count, const char *schedule, struct err *err)
{
    return RUN(store,
               "SELECT count(*) FROM runs WHERE schedule = ?1"
               " AND state IN ('planned', 'queued', 'running', 'waiting', 'in doubt')",
               store_take_integer, count, STRING(schedule));
}

bool store_schedule_last_cause(struct store *store, char **cause, const char *schedule, struct err *err)
{
    *cause = NULL;
    return RUN(store,
               "SELECT cause FROM runs WHERE schedule = ?1 AND planned_ms IS NOT NULL"
               " ORDER BY planned_ms DESC LIMIT 1",
               take_cause, cause, STRING(schedule));
}

bool store_schedule_queues(struct store *store, store_schedule_visitor visit, void *owner, struct err *err)
{
    struct visit_schedule visitor = {visit, owner};
    return RUN(store,
               "SELECT DISTINCT trigger_on, 0 FROM schedules WHERE trigger_on LIKE 'queue %' AND stamp <> 0",
               hand_schedule, &visitor);
}

bool store_lane_holders(struct store *store, int64_t run, struct text lane, store_planned_visitor visit,
                        void *owner, struct err *err)
{
    struct visit_planned visitor = {visit, owner};
    return RUN(store,
               "SELECT id FROM runs WHERE lane = ?2 AND lane <> '' AND id <> ?1"
               " AND (state IN ('running', 'waiting', 'in doubt') OR (state = 'queued' AND id < ?1))"
               " ORDER BY id LIMIT ?3",
               hand_planned, &visitor, INTEGER(run), TEXT(lane), INTEGER(HOLDERS_MAX));
}

// ---- watches

bool store_watch_add(struct store *store, int64_t run, const char *what, int64_t at_ms, struct err *err)
{
    return RUN(store,
               "INSERT INTO run_watches (run, what, at_ms) VALUES (?1, ?2, ?3) ON CONFLICT (run, what)"
               " DO UPDATE SET at_ms = ?3",
               NULL, NULL, INTEGER(run), STRING(what), INTEGER(at_ms));
}

struct visit_watch {
    store_watch_visitor visit;
    void *owner;
};

static bool hand_watch(void *owner, const struct row *row, struct err *err)
{
    const struct visit_watch *visitor = owner;
    const struct watched watched = {.run = row->values[0].integer,
                                    .due_ms = row->values[1].integer,
                                    .what = row->values[2].text,
                                    .state = row->values[3].text,
                                    .schedule = row->values[4].text,
                                    .approval = row->values[5].text};
    return visitor->visit(visitor->owner, &watched, err);
}

bool store_watches_due(struct store *store, int64_t now_ms, store_watch_visitor visit, void *owner,
                       struct err *err)
{
    struct visit_watch visitor = {visit, owner};
    return RUN(store,
               "SELECT w.run, coalesce(r.planned_ms, r.created_ms), w.what, r.state, r.schedule, r.approval"
               " FROM run_watches w JOIN runs r ON r.id = w.run WHERE w.at_ms <= ?1",
               hand_watch, &visitor, INTEGER(now_ms)) &&
           RUN(store, "DELETE FROM run_watches WHERE at_ms <= ?1", NULL, NULL, INTEGER(now_ms));
}

bool store_watches_next(struct store *store, int64_t *at_ms, struct err *err)
{
    *at_ms = 0;
    return RUN(store, "SELECT coalesce(min(at_ms), 0) FROM run_watches", store_take_integer, at_ms);
}

// ---- decisions

bool store_decision_put(struct store *store, const char *schedule, int64_t due_ms, const char *kind,
                        const char *actor, const char *why, int64_t now_ms, struct err *err)
{
    return RUN(store,
               "INSERT INTO schedule_decisions (schedule, due_ms, kind, actor, why, time_ms)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (schedule, due_ms)"
               " DO UPDATE SET kind = ?3, actor = ?4, why = ?5, time_ms = ?6",
               NULL, NULL, STRING(schedule), INTEGER(due_ms), STRING(kind), STRING(actor), STRING(why),
               INTEGER(now_ms));
}

static bool take_decision(void *owner, const struct row *row, struct err *err)
{
    struct decision *out = owner;
    (void)err;
    snprintf(out->kind, sizeof out->kind, "%.*s", (int)row->values[0].text.length, row->values[0].text.data);
    snprintf(out->actor, sizeof out->actor, "%.*s", (int)row->values[1].text.length,
             row->values[1].text.data);
    snprintf(out->why, sizeof out->why, "%.*s", (int)row->values[2].text.length, row->values[2].text.data);
    return true;
}

bool store_decision_find(struct store *store, struct decision *out, const char *schedule, int64_t due_ms,
                         struct err *err)
{
    *out = (struct decision){0};
    return RUN(store, "SELECT kind, actor, why FROM schedule_decisions WHERE schedule = ?1 AND due_ms = ?2",
               take_decision, out, STRING(schedule), INTEGER(due_ms));
}

// ---- for people and programs

bool store_schedules_page(struct store *store, struct json_writer *out, const char *after, int64_t most,
                          struct err *err)
{
    json_begin_array(out);
    const bool good = RUN(
        store,
        "SELECT s.name, s.robot, s.trigger_on AS \"trigger\", s.due_ms, r.id AS run, r.approval,"
        " r.cause AS \"cause!\", s.problem AS \"problem!\","
        " (SELECT t.problem FROM schedule_troubles t WHERE t.schedule = s.name ORDER BY t.since_ms LIMIT 1)"
        " AS \"trouble!\", s.paused_by, s.paused_why,"
        " s.paused_ms FROM schedules s LEFT JOIN runs r ON r.schedule = s.name AND r.planned_ms = "
        "s.planned_ms"
        " AND s.due_ms IS NOT NULL"
        " WHERE s.stamp <> 0 AND s.name > ?1 ORDER BY s.name LIMIT ?2",
        store_write_row, out, STRING(after), INTEGER(most));
    json_end_array(out);
    return good;
}

bool store_schedules_planned(struct store *store, struct json_writer *out, int64_t most, struct err *err)
{
    json_begin_array(out);
    const bool good = RUN(store,
                          "SELECT id AS run, schedule, robot, due_ms, approval, cause AS \"cause!\" FROM runs"
                          " WHERE state = 'planned' ORDER BY due_ms, id LIMIT ?1",
                          store_write_row, out, INTEGER(most));
    json_end_array(out);
    return good;
}

bool store_schedule_runs(struct store *store, struct json_writer *out, const char *name, int64_t most,
                         struct err *err)
{
    json_begin_array(out);
    const bool good =
        RUN(store,
            "SELECT id, state, planned_ms, created_ms, started_ms, ended_ms, actor, cause AS \"cause!\""
            " FROM runs WHERE schedule = ?1 ORDER BY id DESC LIMIT ?2",
            store_write_row, out, STRING(name), INTEGER(most));
    json_end_array(out);
    return good;
}
