// Schedules: what their files say, when they run next, and that each due time is a row before it is due. In the host.
//
//   schedules.c             their life: opening, planning in small batches, what is watched
//   schedule_files.c        the folder schedules/: which files are new, changed or gone
//   schedule_definitions.c  what a file says becomes a row
//   schedule_asked.c        what people ask: pausing, a run now, deciding of a due time
//   schedule_plan.c         what is to be done about due times; pure
//   schedule_rows.c         doing it: rows of runs, with their cause
//   triggers.c …            what starts robots beside time
//
// 1. A schedule that goes by time and is neither paused nor over has exactly one planned run, which has its due time as
//    key: of several hosts that plan it one wins.
// 2. What is due is queued first (queue.c); the next times are planned afterwards, a few in each turn of the loop.
// 3. Only `renki serve` acts on what is due. Other hosts read the files, so that commands see what stands in them.
#ifndef RENKI_HOST_SCHEDULES_H
#define RENKI_HOST_SCHEDULES_H

#include "host/host.h"

struct schedules;

typedef void (*schedules_done)(void *owner, const struct err *failed);
// Reads what is new in the folder; from the first time on it is watched. Calls back when all of it is in the store.
void schedules_sync(struct host *host, schedules_done done, void *owner);
// The host serves: what was missed is made up for, what is due is planned on, webhooks are listened for.
void schedules_begin(struct host *host);
void schedules_free(struct host *host);

// The queue's timer rang, or the clock was set: schedules whose time has come are planned on, soon. Queue the runs that
// are due before calling it.
void schedules_look(struct host *host);
// Further back than this a due time counts as missed when it is first seen.
int64_t schedules_grace_ms(const struct host *host);

// ---- for requests; all of them want the turn begun
struct schedule_row;
bool schedules_pause(struct host *host, const char *name, const char *actor, const char *why,
                     struct err *err) MUST_CHECK;
bool schedules_resume(struct host *host, const char *name, const char *actor, struct err *err) MUST_CHECK;
// A run now, by hand; *run is its number.
bool schedules_run_now(struct host *host, int64_t *run, const char *name, const char *actor,
                       struct err *err) MUST_CHECK;
// Past due times as runs, those that did not run yet; *count is how many. With `count_only` they are only counted.
struct schedule_span {
    const char *from, *to; // days, or instants, where the schedule is; `to` a day: all of it
    bool count_only;
};
bool schedules_backfill(struct host *host, int64_t *count, const char *name, const struct schedule_span *span,
                        const char *actor, struct err *err) MUST_CHECK;
// Decides of the due time (as written; "" for the next one) before it comes: it is approved, or, where `called_off_why`
// is not NULL, called off. Writes which one: due_ms, local, why.
bool schedules_decide(struct host *host, struct json_writer *out, const char *name, const char *time,
                      const char *actor, const char *called_off_why, struct err *err) MUST_CHECK;
// Writes an array of the next due times: { due_ms, rule_ms, local, why, decision, decided_by, decided_why }.
bool schedules_next(struct host *host, struct json_writer *out, const char *name, int64_t count,
                    struct err *err) MUST_CHECK;

#endif
