// What is to be done about a schedule's due times, from the last one that was handled up to the next one to come. In the
// host; pure: the clock is handed in.
//
//     plan_begin(&plan, …);
//     do {
//         if (!plan_next(&step, &plan, err)) …
//         …
//     } while (step.kind != PLAN_AHEAD && step.kind != PLAN_END);
//
// 1. The walk begins after `handled_ms`, wherever the clock is now: nothing is passed over silently, whether the host was
//    down, the machine slept or its clock was set. Set back, the walk finds nothing that was handled before.
// 2. A due time further back than the grace when it is first seen is *missed*. `missed = "skip"` records it, "once" makes
//    one run for the last of them, "all" one for each, CATCH_UP_MAX at most.
// 3. Jitter is taken from the schedule's name and the due time: every host comes to the same moment. It ends before the
//    next due time, so that their order stays.
#ifndef RENKI_HOST_SCHEDULE_PLAN_H
#define RENKI_HOST_SCHEDULE_PLAN_H

#include "lib/schedule/schedule.h"

enum {
    MISSED_ROWS_MAX = 100, // of one catching up; more are counted
    CATCH_UP_MAX = 500,    // runs of "all"
    SKIPPED_ROWS_MAX = 31, // days that a calendar leaves out, told one by one
    WALK_MAX =
        10000 // due times looked at; what lies between the last of them and now is passed over, and told
};

enum plan_kind {
    PLAN_END,      // it never comes again
    PLAN_AHEAD,    // the next one, still to come
    PLAN_DUE,      // it is due now
    PLAN_CATCH_UP, // it was missed and is to run now
    PLAN_MISS,     // it was missed and does not run
    PLAN_SKIP,     // a calendar leaves it out
};

struct plan_step {
    enum plan_kind kind;
    struct occurrence occurrence;
    int64_t due_ms; // with jitter
    int64_t passed; // of PLAN_CATCH_UP and PLAN_MISS: how many before it were missed and have no row
    bool more;      // and nobody counted all
};

struct plan {
    const struct schedule *schedule;
    const struct calendars *calendars;
    const char *name;
    int64_t handled_ms, now_ms, grace_ms;
    struct plan_step waiting, held; // held: the last missed one, until it is known whether another follows
    bool has_waiting, has_held;
    int64_t walked, missed, caught_up, skipped, passed;
    bool cut;
};

void plan_begin(struct plan *plan, const char *name, const struct schedule *schedule,
                const struct calendars *calendars, int64_t handled_ms, int64_t now_ms, int64_t grace_ms);
bool plan_next(struct plan_step *out, struct plan *plan, struct err *err) MUST_CHECK;

#endif
