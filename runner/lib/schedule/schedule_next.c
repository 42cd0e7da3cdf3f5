// When a schedule runs next; see schedule.h.
//
// A calendar moves times from closed days to a business day. Seen from that day, its *window* is itself and the closed
// days that are moved to it: of each the first fitting time is asked for, and the earliest is it. So the work does not
// depend on how often the rule comes on a closed day.
#include "lib/schedule/schedule_own.h"

enum { WINDOWS_MOST = 2000, MONTHS_MOST = 12 * 60, MILLISECONDS = 1000 };

// What the rule alone says.
struct ruled {
    int64_t at;   // seconds since 1970-01-01T00:00Z
    int64_t wall; // local seconds that were meant
    enum wall shown;
};

struct search {
    const struct schedule *schedule;
    const struct zone *zone;
    struct business business;
    struct err *err;
    bool failed; // err is set
};

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int32_t day_of(int64_t wall)
{
    return (int32_t)floor_divide(wall, SECONDS_OF_DAY);
}

// The last second before a local day begins.
static int64_t before_day(const struct search *search, int32_t day)
{
    int64_t begins;
    (void)zone_wall(&begins, search->zone, (int64_t)day * SECONDS_OF_DAY);
    return begins - 1;
}

// ---- the rule alone

static bool next_cron(struct ruled *out, const struct search *search, int64_t after)
{
    const struct cron *cron = &search->schedule->cron;
    if (!cron_next(&out->at, &out->shown, cron, search->zone, after))
        return false;
    out->wall = out->at + zone_offset(search->zone, out->at);
    // For the words: the first named time that the clock jumped over.
    return out->shown != WALL_NEVER ||
           cron_next_local(&out->wall, cron, out->at - 1 + zone_offset(search->zone, out->at - 1));
}

static bool next_business_day(struct ruled *out, const struct search *search, int64_t after)
{
    const struct schedule *schedule = search->schedule;
    const struct date today = date_from_days(day_of(after + zone_offset(search->zone, after)));
    struct month month = {today.year, today.month};
    for (int i = 0; i < MONTHS_MOST; i++) {
        int32_t day;
        if ((schedule->months >> month.month & 1) &&
            business_nth(&day, &search->business, month, schedule->nth)) {
            out->wall = (int64_t)day * SECONDS_OF_DAY + schedule->at;
            out->shown = zone_wall(&out->at, search->zone, out->wall);
            if (out->at > after)
                return true;
        }
        if (!month_add(&month, month, 1))
            return false;
    }
    return false;
}

static bool next_ruled(struct ruled *out, struct search *search, int64_t after)
{
    const struct schedule *schedule = search->schedule;
    bool found = false;
    if (after < schedule->from)
        after = schedule->from - 1;
    switch (schedule->facts.kind) {
    case SCHEDULE_CRON:
        found = next_cron(out, search, after);
        break;
    case SCHEDULE_BUSINESS_DAY:
        found = next_business_day(out, search, after);
        break;
    case SCHEDULE_RRULE:
        if (!recurrence_next(&out->at, &out->wall, &out->shown, &found, schedule->recurrence, after,
                             search->err)) {
            search->failed = true;
            return false;
        }
        break;
    case SCHEDULE_AFTER:
    case SCHEDULE_FILE:
    case SCHEDULE_WEBHOOK:
    case SCHEDULE_QUEUE:
    case SCHEDULE_KIND_COUNT:
        break;
    }
    return found && out->at <= schedule->until;
}

// ---- moved by a calendar

static int32_t shown_day(const struct search *search, const struct ruled *ruled)
{
    return day_of(ruled->at + zone_offset(search->zone, ruled->at));
}

static struct occurrence occurrence_of(const struct search *search, const struct ruled *ruled)
{
    return (struct occurrence){
        .due_ms = ruled->at * MILLISECONDS,
        .rule_ms = ruled->at * MILLISECONDS,
        .wall = ruled->wall,
        .shown = ruled->shown,
        .zone = search->zone,
    };
}

// The days that are moved to a business day: itself, and the closed ones before or after it.
static bool window_of(int32_t *low, int32_t *high, const struct search *search, int32_t day)
{
    *low = *high = day;
    if (search->schedule->otherwise == MOVED_NEXT) {
        if (!business_preceding(low, &search->business, day - 1))
            return false;
        ++*low;
        return true;
    }
    if (!business_following(high, &search->business, day + 1))
        return false;
    --*high;
    return true;
}

// The first time that the rule has on a closed day and that comes after `after` on the business day it is moved to.
static bool moved_from(struct occurrence *out, struct search *search, int32_t closed, int32_t target,
                       int64_t after)
{
    const int64_t shift = (int64_t)(target - closed) * SECONDS_OF_DAY;
    const int64_t wall_after = after + zone_offset(search->zone, after);
    int64_t from = before_day(search, closed), begins;
    if (wall_after >= (int64_t)target * SECONDS_OF_DAY) {
        (void)zone_wall(&begins, search->zone, wall_after - shift);
        from = begins > from ? begins - 1 : from;
    }
    struct ruled ruled;
    while (next_ruled(&ruled, search, from) && shown_day(search, &ruled) == closed) {
        struct ruled moved = {.wall = ruled.at + zone_offset(search->zone, ruled.at) + shift};
        moved.shown = zone_wall(&moved.at, search->zone, moved.wall);
        if (moved.at > after) {
            *out = occurrence_of(search, &moved);
            out->rule_ms = ruled.at * MILLISECONDS;
            out->moved = search->schedule->otherwise;
            out->closed = business_closed(&search->business, closed);
            return true;
        }
        from = ruled.at;
    }
    return false;
}

static bool first_of_window(struct occurrence *out, struct search *search, int32_t low, int32_t high,
                            int32_t target, int64_t after)
{
    struct ruled own;
    struct occurrence moved;
    const int64_t begins = before_day(search, target);
    bool found =
        next_ruled(&own, search, after > begins ? after : begins) && shown_day(search, &own) == target;
    if (found)
        *out = occurrence_of(search, &own);
    for (int32_t day = low; day <= high && !search->failed; day++)
        if (day != target && moved_from(&moved, search, day, target, after) &&
            (!found || moved.due_ms < out->due_ms)) {
            *out = moved;
            found = true;
        }
    return found;
}

// The business day that a time of the rule goes to.
static bool target_of(int32_t *out, const struct search *search, int32_t day)
{
    return search->schedule->otherwise == MOVED_NEXT ? business_following(out, &search->business, day)
                                                     : business_preceding(out, &search->business, day);
}

static bool next_moved(struct occurrence *out, struct search *search, int64_t after)
{
    int32_t target, low, high;
    struct ruled ruled;
    if (!business_following(&target, &search->business, day_of(after + zone_offset(search->zone, after))))
        return false;
    for (int i = 0; i < WINDOWS_MOST && !search->failed; i++) {
        if (!window_of(&low, &high, search, target))
            return false;
        if (first_of_window(out, search, low, high, target, after))
            return true;
        const int64_t end = before_day(search, high + 1);
        if (!next_ruled(&ruled, search, end > after ? end : after) ||
            !target_of(&target, search, shown_day(search, &ruled)))
            return false;
    }
    return false;
}

// otherwise = "skip": on to the next business day at once.
static bool next_open(struct occurrence *out, struct search *search, int64_t after, bool with_skipped)
{
    struct ruled ruled;
    for (int i = 0; i < WINDOWS_MOST && next_ruled(&ruled, search, after); i++) {
        int32_t day = shown_day(search, &ruled), open;
        *out = occurrence_of(search, &ruled);
        if (business_is(&search->business, day))
            return true;
        out->moved = MOVED_SKIPPED;
        out->closed = business_closed(&search->business, day);
        if (with_skipped)
            return true;
        if (!business_following(&open, &search->business, day))
            return false;
        after = before_day(search, open);
    }
    return false;
}

static bool search_next(struct occurrence *out, struct search *search, int64_t after, bool with_skipped)
{
    struct ruled ruled;
    switch (search->schedule->otherwise) {
    case MOVED_NEXT:
    case MOVED_PREVIOUS:
        return next_moved(out, search, after);
    case MOVED_SKIPPED:
        return next_open(out, search, after, with_skipped);
    case MOVED_NOT:
        break;
    }
    if (!next_ruled(&ruled, search, after))
        return false;
    *out = occurrence_of(search, &ruled);
    return true;
}

static bool find(struct occurrence *out, bool *found, const struct schedule *schedule,
                 const struct calendars *calendars, int64_t after_ms, bool with_skipped, struct err *err)
{
    static const int64_t least = (int64_t)(DAYS_LEAST + 400) * SECONDS_OF_DAY,
                         most = (int64_t)(DAYS_MOST - 400) * SECONDS_OF_DAY; // room for zones and weeks
    int64_t after = floor_divide(after_ms, MILLISECONDS);
    struct search search = {.schedule = schedule, .zone = schedule->facts.zone, .err = err};
    *found = false;
    for (size_t i = 0; i < schedule->calendar_count; i++)
        if (!calendars_find(&search.business.calendars[search.business.count++], calendars,
                            schedule->calendars[i], err))
            return false;
    if (after > most)
        return true;
    *found = search_next(out, &search, after < least ? least : after, with_skipped);
    return !search.failed;
}

bool schedule_next(struct occurrence *out, bool *found, const struct schedule *schedule,
                   const struct calendars *calendars, int64_t after_ms, struct err *err)
{
    return find(out, found, schedule, calendars, after_ms, false, err);
}

bool schedule_next_ruled(struct occurrence *out, bool *found, const struct schedule *schedule,
                         const struct calendars *calendars, int64_t after_ms, struct err *err)
{
    return find(out, found, schedule, calendars, after_ms, true, err);
}
