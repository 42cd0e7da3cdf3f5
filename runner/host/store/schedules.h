// Schedules in the store: what their files said when they were last read, how far each has come, who paused it. In the
// host. Times are milliseconds since 1970 (UTC).
//
// Glossary: the *stamp* tells one state of a file from another; the *definition* is the last one that was well, as
// JSON; *handled_ms* is the due time (before jitter) that was handled last, in whatever way (queued, missed, skipped): the
// next one is computed from it, never from the clock; *planned_ms* is the key of the run that is planned ahead, *due_ms*
// when it is due (with jitter), NULL (0 here) when there is none.
#ifndef RENKI_HOST_STORE_SCHEDULES_H
#define RENKI_HOST_STORE_SCHEDULES_H

#include "host/store/store.h"

struct schedule_row {
    char *name, *robot, *definition, *problem, *paused_by, *paused_why; // texts "" for none
    bool trigger;
    int64_t stamp, handled_ms, planned_ms, due_ms, paused_ms;
};
void schedule_row_dispose(struct schedule_row *row);

// SCHEDULE_UNKNOWN (names the nearest) when there is none of this name, or its file is gone.
bool store_schedule_load(struct store *store, struct schedule_row *out, const char *name,
                         struct err *err) MUST_CHECK;
// Found or not; also one whose file is gone.
bool store_schedule_find(struct store *store, bool *found, struct schedule_row *out, const char *name,
                         struct err *err) MUST_CHECK;

typedef bool (*store_schedule_visitor)(void *owner, const char *name, int64_t stamp, struct err *err);
// Those whose file was there when it was last looked for.
bool store_schedules_each(struct store *store, store_schedule_visitor visit, void *owner,
                          struct err *err) MUST_CHECK;
// Those whose due time is not after `now_ms`, the earliest first; stamp is 0.
bool store_schedules_due(struct store *store, int64_t now_ms, int64_t most, store_schedule_visitor visit,
                         void *owner, struct err *err) MUST_CHECK;
// Those that look at a calendar and go by time; stamp is 0.
bool store_schedules_of_calendars(struct store *store, store_schedule_visitor visit, void *owner,
                                  struct err *err) MUST_CHECK;
// Those whose trigger is this ("file", or "after ROBOT") and that are not paused; stamp is 0.
bool store_schedules_of_trigger(struct store *store, const char *trigger, store_schedule_visitor visit,
                                void *owner, struct err *err) MUST_CHECK;
// When the next one is due, of all; 0: never.
bool store_schedules_next(struct store *store, int64_t *due_ms, struct err *err) MUST_CHECK;

struct schedule_file {
    const char *name, *robot, *trigger; // trigger: "" for one that goes by time, or what it waits for
    int64_t stamp;
    bool calendar; // it looks at one
    struct text definition;
};
// What the file says, without a problem; the schedule goes on from where it was.
bool store_schedule_put(struct store *store, const struct schedule_file *file, struct err *err) MUST_CHECK;
// What is wrong with the file, JSON; the definition stays. *is_new: nothing wrong was known of it before.
bool store_schedule_wrong(struct store *store, bool *is_new, const char *name, int64_t stamp,
                          struct text problem, struct err *err) MUST_CHECK;
// The file was written anew with nothing changed, or is gone (stamp 0).
bool store_schedule_stamp(struct store *store, const char *name, int64_t stamp, struct err *err) MUST_CHECK;
bool store_schedule_moved(struct store *store, const char *name, int64_t handled_ms, int64_t planned_ms,
                          int64_t due_ms, struct err *err) MUST_CHECK;
bool store_schedule_pause(struct store *store, const char *name, const char *by, const char *why,
                          int64_t now_ms, struct err *err) MUST_CHECK;
bool store_schedule_resume(struct store *store, const char *name, struct err *err) MUST_CHECK;

// ---- its runs
struct planned_row {
    int64_t id; // 0: there is none
    bool planned, approved;
};
bool store_planned_find(struct store *store, struct planned_row *out, const char *schedule,
                        int64_t planned_ms, struct err *err) MUST_CHECK;
// How many runs there are, with keys from there on up to, not with, the other, that did or will run.
bool store_planned_count(struct store *store, int64_t *count, const char *schedule, int64_t from_ms,
                         int64_t to_ms, struct err *err) MUST_CHECK;
// It was missed and is due now after all.
bool store_planned_now(struct store *store, int64_t run, int64_t now_ms, struct text cause,
                       struct err *err) MUST_CHECK;
bool store_planned_approve(struct store *store, int64_t run, struct err *err) MUST_CHECK;
// What is planned after `after_ms`, or skipped by a calendar then, is planned anew: nothing of it is kept.
bool store_planned_drop(struct store *store, const char *schedule, int64_t after_ms,
                        struct err *err) MUST_CHECK;
typedef bool (*store_planned_visitor)(void *owner, int64_t run, struct err *err);
// What is planned; their keys are free afterwards.
bool store_planned_release(struct store *store, const char *schedule, store_planned_visitor visit,
                           void *owner, struct err *err) MUST_CHECK;

bool store_planned_delete(struct store *store, int64_t run, struct err *err) MUST_CHECK;
bool store_run_folder(struct store *store, int64_t run, const char *folder, struct err *err) MUST_CHECK;
// JSON, the caller's; NULL where there is no such run.
bool store_run_cause(struct store *store, char **cause, int64_t run, struct err *err) MUST_CHECK;
bool store_run_has_exceptions(struct store *store, bool *has, int64_t run, struct err *err) MUST_CHECK;
// Runs of the schedule that are not over.
bool store_schedule_unfinished(struct store *store, int64_t *count, const char *schedule,
                               struct err *err) MUST_CHECK;
// What started its last run, JSON; *cause NULL: there is none. The caller frees it.
bool store_schedule_last_cause(struct store *store, char **cause, const char *schedule,
                               struct err *err) MUST_CHECK;
// What schedules wait for items of: visited as "queue NAME".
bool store_schedule_queues(struct store *store, store_schedule_visitor visit, void *owner,
                           struct err *err) MUST_CHECK;
// Others of its lane that are ahead of it and not over, at most HOLDERS_MAX.
enum { HOLDERS_MAX = 100 };
bool store_lane_holders(struct store *store, int64_t run, struct text lane, store_planned_visitor visit,
                        void *owner, struct err *err) MUST_CHECK;

// Something is looked at then: "late", whether it has started; "approval", whether somebody approved it.
bool store_watch_add(struct store *store, int64_t run, const char *what, int64_t at_ms,
                     struct err *err) MUST_CHECK;
struct watched {
    int64_t run, due_ms;
    struct text what, state, schedule, approval; // borrowed
};
typedef bool (*store_watch_visitor)(void *owner, const struct watched *watched, struct err *err);
// Hands over those whose time has come, and forgets them.
bool store_watches_due(struct store *store, int64_t now_ms, store_watch_visitor visit, void *owner,
                       struct err *err) MUST_CHECK;
bool store_watches_next(struct store *store, int64_t *at_ms, struct err *err) MUST_CHECK; // 0: none

// ---- what somebody decided of a due time before it came
bool store_decision_put(struct store *store, const char *schedule, int64_t due_ms, const char *kind,
                        const char *actor, const char *why, int64_t now_ms, struct err *err) MUST_CHECK;
struct decision {
    char kind[16], actor[128], why[400]; // kind "": none
};
bool store_decision_find(struct store *store, struct decision *out, const char *schedule, int64_t due_ms,
                         struct err *err) MUST_CHECK;

// ---- for people and programs
// Pages of the list: names after `after`, at most so many, as store_view writes rows.
bool store_schedules_page(struct store *store, struct json_writer *out, const char *after, int64_t most,
                          struct err *err) MUST_CHECK;
// What is planned of all of them, the earliest first.
bool store_schedules_planned(struct store *store, struct json_writer *out, int64_t most,
                             struct err *err) MUST_CHECK;
// The last runs of one.
bool store_schedule_runs(struct store *store, struct json_writer *out, const char *name, int64_t most,
                         struct err *err) MUST_CHECK;

#endif
