// The inside of the host's schedules, shared by schedule*.c and triggers*.c. In the host.
#ifndef RENKI_HOST_SCHEDULES_OWN_H
#define RENKI_HOST_SCHEDULES_OWN_H

#include "host/alerts.h"
#include "host/schedule_plan.h"
#include "host/schedules.h"
#include "host/store/schedules.h"

struct schedule_files;
struct trigger_files;
struct schedule_calendars;

struct schedules {
    struct host *host;
    struct zones *zones;
    struct calendars *calendars;
    struct schedule_files *files;
    struct schedule_calendars *own_calendars;
    struct trigger_files *arrivals; // NULL until the host serves
    uv_idle_t work;                 // runs while schedules are to be planned on
    bool working;
    char **replan; // names whose calendar changed
    size_t replan_count, replan_next;
};

// A definition, read; `document` owns its texts.
struct opened_schedule {
    struct json_document *document;
    struct schedule *schedule;
};
bool schedule_open(struct opened_schedule *out, const struct schedules *schedules, struct text definition,
                   struct problems *problems) MUST_CHECK;
void opened_schedule_dispose(struct opened_schedule *opened);
#define SCOPED_SCHEDULE(name)                                                                                \
    __attribute__((cleanup(opened_schedule_dispose))) struct opened_schedule name = {NULL, NULL}
// Of a row, whose definition was well when it was stored.
bool schedule_open_row(struct opened_schedule *out, const struct schedules *schedules,
                       const struct schedule_row *row, struct err *err) MUST_CHECK;
bool schedule_goes_by_time(const struct schedule *schedule);

// The row and what it says, by its name.
struct named_schedule {
    struct schedule_row row;
    struct opened_schedule opened;
};
bool schedule_named(struct named_schedule *out, struct host *host, const char *name,
                    struct err *err) MUST_CHECK;
void named_schedule_dispose(struct named_schedule *named);
#define SCOPED_NAMED_SCHEDULE(name)                                                                          \
    __attribute__((cleanup(named_schedule_dispose))) struct named_schedule name = {0}

// ---- schedule_definitions.c, for schedule_files.c
// A file was read: `json` is what it says, or `failed` why not.
bool schedules_take_file(struct schedules *schedules, const char *name, int64_t stamp, struct text json,
                         const struct err *failed, struct err *err) MUST_CHECK;
bool schedules_take_gone(struct schedules *schedules, const char *name, struct err *err) MUST_CHECK;
// The schedule can't be used as it is: its row says why, and people are told, once.
bool schedule_take_broken(struct schedules *schedules, const char *name, int64_t stamp,
                          const struct problems *problems, struct err *err) MUST_CHECK;

// ---- schedules.c
// A calendar is another one now: what looks at one is planned anew, soon.
void schedules_calendars_changed(struct schedules *schedules);
int64_t schedules_now_ms(const struct host *host);
// People are told of a schedule in the words of an error.
bool schedule_alert(struct host *host, enum alert_kind kind, const char *schedule, int64_t run,
                    const struct err *why, struct err *err) MUST_CHECK;
// A row of the audit log; `why` may be NULL, `due_ms` 0.
bool schedule_audit(struct host *host, const char *actor, const char *event, const char *schedule,
                    const char *why, int64_t due_ms, struct err *err) MUST_CHECK;
// "It did not run" reaches people: so many due times were missed.
bool schedule_tell_missed(struct schedules *schedules, const struct schedule_row *row, int64_t count,
                          struct err *err) MUST_CHECK;

// ---- schedule_calendars.c
struct schedule_calendars *schedule_calendars_new(struct schedules *schedules);
void schedule_calendars_free(struct schedule_calendars *own);
// Calls back, at once or later, when the calendars are there.
typedef void (*schedule_calendars_done)(void *owner);
void schedule_calendars_sync(struct schedule_calendars *own, schedule_calendars_done done, void *owner);
// Reads them anew: the folder itself came or went.
void schedule_calendars_look(struct schedule_calendars *own);

// ---- schedule_files.c
struct schedule_files *schedule_files_new(struct schedules *schedules);
void schedule_files_free(struct schedule_files *files);
void schedule_files_sync(struct schedule_files *files, schedules_done done, void *owner);

// ---- schedule_rows.c
// Does what is to be done about all due times up to now, and plans the next one.
bool schedule_settle(struct schedules *schedules, const struct schedule_row *row,
                     const struct schedule *schedule, struct err *err) MUST_CHECK;
// What started a run that no rule of time planned: by "hand", "file", "after", "queue", "webhook".
struct started {
    const char *by, *actor;
    struct text facts;  // further members of the cause: `"earlier":12`; empty for none
    int64_t earlier;    // the run that "{run}" stands for in inputs; 0: none
    struct text inputs; // further pairs: `["file","x.csv"]`, joined by commas; empty for none
};
// A run that is due now; *run 0: the schedule's calendar or bounds stand in the way.
bool schedule_start(struct schedules *schedules, int64_t *run, const struct schedule_row *row,
                    const struct schedule *schedule, const struct started *started,
                    struct err *err) MUST_CHECK;
// A past due time as a run; *run 0 when it ran already, or is about to.
bool schedule_make_up(struct schedules *schedules, int64_t *run, const struct schedule_row *row,
                      const struct schedule *schedule, const struct occurrence *occurrence, const char *actor,
                      struct err *err) MUST_CHECK;
// The occurrence as JSON members of an object that is begun: due_ms, local, why.
void occurrence_write(struct json_writer *writer, const struct occurrence *occurrence, int64_t due_ms);

#endif
