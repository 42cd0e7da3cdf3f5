// A schedule's rule: what a file in schedules/ says about time. In host and command line.
//
// Pure: no clock, no files. docs/reference/schedules.md says what each key means to people.
//
// 1. `definition` is the reader's JSON of a schedule file. All that is wrong with it is told at once; unknown keys are
//    errors that name the nearest. It is borrowed: texts and tables of the facts point into it, so it lives as long.
// 2. A schedule has one rule: a rule of time (cron, rrule, business_day) or a trigger (after, file, webhook, queue).
//    Triggers are checked here and acted on in the host; schedule_next of one is never found.
// 3. A time that the clock skips runs at the first moment after, one that comes twice runs once; lib/cron/cron.h tells
//    the exception, rules that go on at intervals.
// 4. Calendars move what the rule says on closed days; the time of day stays. What falls together by that runs once.
// 5. `from` and `until` (the whole day, where a day is given) bound what the rule says, not where a calendar moves it.
#ifndef RENKI_SCHEDULE_H
#define RENKI_SCHEDULE_H

#include "lib/businessday/businessday.h"
#include "lib/calendar/zone.h"
#include "lib/manifest/manifest.h"

struct schedule;

// `timezone` holds where the definition names none; it must be a known zone, else that is a problem too.
bool schedule_read(struct schedule **out, const struct json *definition, const struct zones *zones,
                   const char *timezone, struct problems *problems) MUST_CHECK;
void schedule_free(struct schedule *schedule);
DEFINE_SCOPED(schedule)

// ---- When it runs
enum occurrence_moved {
    MOVED_NOT,
    MOVED_NEXT,     // to the next business day
    MOVED_PREVIOUS, // to the one before
    MOVED_SKIPPED,  // it does not run; only from schedule_next_ruled
};

struct occurrence {
    int64_t due_ms;  // since 1970-01-01T00:00Z: when it runs, before jitter
    int64_t rule_ms; // what the rule itself said, before a calendar moved it
    int64_t wall;    // the local seconds that were meant; with WALL_NEVER no clock shows them
    enum wall shown; // how often the clock shows them
    enum occurrence_moved moved;
    const struct closed_day
        *closed; // what the rule's day is called; NULL: a Saturday, a Sunday, or not closed. Of the calendars
    const struct zone *zone;
};

// The first strictly after `after_ms`. *found is false when it never comes again (the search is bounded: 400 years for
// cron, RECURRENCE_STEPS_MAX for rrule). Errors: CALENDAR_UNKNOWN where a calendar is not among them, RRULE_WORK.
bool schedule_next(struct occurrence *out, bool *found, const struct schedule *schedule,
                   const struct calendars *calendars, int64_t after_ms, struct err *err) MUST_CHECK;
// Likewise, with those that a calendar with otherwise = "skip" leaves out: MOVED_SKIPPED, due_ms as the rule said.
bool schedule_next_ruled(struct occurrence *out, bool *found, const struct schedule *schedule,
                         const struct calendars *calendars, int64_t after_ms, struct err *err) MUST_CHECK;
// Why it is not simply what the rule says: "because 6.12.2026 is Independence Day: moved to the next business day".
// Appends nothing for a plain one. False: buffer full.
bool occurrence_words(struct buf *out, const struct occurrence *occurrence,
                      enum language language) MUST_CHECK;

// Whether `from` and `until` let it run then: for triggers, which have no times of their own.
bool schedule_is_open(const struct schedule *schedule, int64_t at_ms);

// ---- What else it says
enum schedule_kind {
    SCHEDULE_CRON,
    SCHEDULE_RRULE,
    SCHEDULE_BUSINESS_DAY,
    SCHEDULE_AFTER,
    SCHEDULE_FILE,
    SCHEDULE_WEBHOOK,
    SCHEDULE_QUEUE,
    SCHEDULE_KIND_COUNT
};
const char *schedule_kind_name(enum schedule_kind kind); // the key: "cron", "business_day" …

enum schedule_missed { MISSED_ONCE, MISSED_SKIP, MISSED_ALL };                           // default: once
enum schedule_overlap { OVERLAP_WAIT, OVERLAP_SKIP, OVERLAP_PARALLEL, OVERLAP_REPLACE }; // default: wait
enum { AFTER_DONE = 1, AFTER_FAILED = 2, AFTER_EXCEPTIONS = 4 };                         // default: done

struct schedule_facts {
    enum schedule_kind kind;
    const char *robot;
    const struct json *title;  // a text, or texts by language (manifest_words); NULL
    const struct json *inputs; // { name = value }; NULL
    const struct zone *zone;
    enum schedule_missed missed;
    enum schedule_overlap overlap;
    int64_t jitter_ms; // 0: none
    int64_t late_ms;   // 0: no alert
    int priority;      // -100 to 100; 0 when not said
    bool approve;      // a future run must be approved in advance
    // Of a trigger; the others' fields are empty.
    struct {
        const char *robot;
        unsigned on; // AFTER_… together
    } after;
    struct {
        const char *share, *pattern; // share: a name in the settings; pattern: "*.xlsx", as the shell has it
        int64_t stable_ms;           // 10 s when not said
        const char *input;           // of the robot; NULL: none is given
        const char *done;            // the folder of the share it is moved to; NULL: "done"
    } file;
    struct {
        const char *secret;        // name of the sealed secret that signs
        bool github;               // signed as GitHub does, over the body alone
        int64_t window_ms;         // 5 min when not said: older signatures are refused
        const struct json *inputs; // { input = "name in the payload" }; NULL: all of the payload's names
    } webhook;
    struct {
        const char *name;
        int64_t at_least; // items that wait; 1 when not said
    } queue;
};
const struct schedule_facts *schedule_facts(const struct schedule *schedule);

#endif
