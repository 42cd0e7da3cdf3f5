// See schedule_plan.h.
#include "host/schedule_plan.h"

// ---- jitter

// FNV-1a and a last mixing, so that names that differ in one letter lie far apart.
static uint64_t hash_of(const char *name, int64_t due_ms)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *at = name; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
    hash ^= (uint64_t)due_ms;
    hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdu;
    hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53u;
    return hash ^ (hash >> 33);
}

static bool add_jitter(struct plan_step *step, const struct plan *plan, struct err *err)
{
    int64_t room = schedule_facts(plan->schedule)->jitter_ms;
    const int64_t due_ms = step->due_ms = step->occurrence.due_ms;
    struct occurrence after;
    bool found;
    if (room <= 0 || step->occurrence.moved == MOVED_SKIPPED)
        return true;
    if (!schedule_next(&after, &found, plan->schedule, plan->calendars, due_ms, err))
        return false;
    if (found && after.due_ms - due_ms <= room)
        room = after.due_ms - due_ms - 1;
    step->due_ms += (int64_t)(hash_of(plan->name, due_ms) % (uint64_t)(room + 1));
    return true;
}

// ---- the walk

void plan_begin(struct plan *plan, const char *name, const struct schedule *schedule,
                const struct calendars *calendars, int64_t handled_ms, int64_t now_ms, int64_t grace_ms)
{
    *plan = (struct plan){.schedule = schedule,
                          .calendars = calendars,
                          .name = name,
                          .handled_ms = handled_ms,
                          .now_ms = now_ms,
                          .grace_ms = grace_ms};
}

// The next of the rule, those that a calendar leaves out among them as long as they are told one by one.
static bool walk(struct plan_step *out, struct plan *plan, struct err *err)
{
    bool found;
    if (++plan->walked > WALK_MAX && plan->handled_ms < plan->now_ms - plan->grace_ms) {
        plan->cut = true;
        plan->handled_ms = plan->now_ms - plan->grace_ms;
    }
    *out = (struct plan_step){.kind = PLAN_END};
    const bool done =
        plan->skipped < SKIPPED_ROWS_MAX
            ? schedule_next_ruled(&out->occurrence, &found, plan->schedule, plan->calendars, plan->handled_ms,
                                  err)
            : schedule_next(&out->occurrence, &found, plan->schedule, plan->calendars, plan->handled_ms, err);
    if (!done || (found && !add_jitter(out, plan, err)))
        return false;
    if (!found)
        return true;
    plan->handled_ms = out->occurrence.due_ms;
    if (out->occurrence.moved == MOVED_SKIPPED)
        out->kind = PLAN_SKIP;
    else if (out->due_ms > plan->now_ms)
        out->kind = PLAN_AHEAD;
    else
        out->kind = out->due_ms < plan->now_ms - plan->grace_ms ? PLAN_MISS : PLAN_DUE;
    return true;
}

// ---- what is done about a missed one

static void tell_passed(struct plan_step *step, struct plan *plan)
{
    step->passed = plan->passed;
    step->more = plan->cut;
    plan->passed = 0;
    plan->cut = false;
}

// A missed one that is not the last: false when there is no row for it.
static bool settle_missed(struct plan_step *out, const struct plan_step *missed, struct plan *plan)
{
    *out = *missed;
    if (schedule_facts(plan->schedule)->missed == MISSED_ALL && plan->caught_up < CATCH_UP_MAX) {
        plan->caught_up++;
        out->kind = PLAN_CATCH_UP;
        return true;
    }
    if (plan->missed < MISSED_ROWS_MAX) {
        plan->missed++;
        return true;
    }
    plan->passed++;
    return false;
}

static void settle_last(struct plan_step *out, struct plan *plan)
{
    const enum schedule_missed missed = schedule_facts(plan->schedule)->missed;
    *out = plan->held;
    plan->has_held = false;
    if (missed == MISSED_ONCE || (missed == MISSED_ALL && plan->caught_up < CATCH_UP_MAX))
        out->kind = PLAN_CATCH_UP;
    tell_passed(out, plan);
}

static bool advance(struct plan_step *out, struct plan *plan, struct err *err)
{
    if (plan->has_waiting) {
        plan->has_waiting = false;
        *out = plan->waiting;
        return true;
    }
    return walk(out, plan, err);
}

bool plan_next(struct plan_step *out, struct plan *plan, struct err *err)
{
    for (;;) {
        struct plan_step next;
        if (!advance(&next, plan, err))
            return false;
        if (next.kind == PLAN_MISS) {
            const struct plan_step before = plan->held;
            const bool held = plan->has_held;
            plan->held = next;
            plan->has_held = true;
            if (held && settle_missed(out, &before, plan))
                return true;
            continue;
        }
        if (next.kind == PLAN_SKIP)
            plan->skipped++;
        else if (plan->has_held) {
            plan->waiting = next;
            plan->has_waiting = true;
            settle_last(out, plan);
            return true;
        }
        *out = next;
        return true;
    }
}
