// Why an occurrence is when it is, in words; see schedule.h.
#include "lib/schedule/schedule.h"

#include <stdio.h>

enum { DAY_TEXT_SIZE = 24, TIME_TEXT_SIZE = 8, MINUTE_SECONDS = 60 };

static struct date local_date(int64_t wall)
{
    return date_from_days((int32_t)(wall / SECONDS_OF_DAY - (wall % SECONDS_OF_DAY < 0)));
}

// "6.12.2026", as people here write it.
static const char *day_text(char out[DAY_TEXT_SIZE], struct date date)
{
    snprintf(out, DAY_TEXT_SIZE, "%d.%d.%d", date.day, date.month, date.year);
    return out;
}

static const char *clock_text_of(char out[TIME_TEXT_SIZE], int64_t wall)
{
    const int64_t time = (wall % SECONDS_OF_DAY + SECONDS_OF_DAY) % SECONDS_OF_DAY / MINUTE_SECONDS;
    snprintf(out, TIME_TEXT_SIZE, "%02d:%02d", (int)(time / 60 % 24), (int)(time % 60));
    return out;
}

static bool moved_words(struct buf *out, const struct occurrence *occurrence, enum language language)
{
    static const enum phrase phrases[] = {
        [MOVED_NEXT] = PHRASE_SCHEDULE_MOVED_NEXT,
        [MOVED_PREVIOUS] = PHRASE_SCHEDULE_MOVED_PREVIOUS,
        [MOVED_SKIPPED] = PHRASE_SCHEDULE_SKIPPED,
    };
    char day[DAY_TEXT_SIZE];
    const int64_t rule = occurrence->rule_ms / 1000;
    const struct date date = local_date(rule + zone_offset(occurrence->zone, rule));
    const char *name = occurrence->closed ? closed_day_name(occurrence->closed, language) : "";
    if (!name[0]) {
        const int weekday = date_weekday(date);
        name = phrase_text(language, weekday == 6   ? PHRASE_SCHEDULE_SATURDAY
                                     : weekday == 7 ? PHRASE_SCHEDULE_SUNDAY
                                                    : PHRASE_SCHEDULE_CLOSED);
    }
    return phrase_append(out, language, phrases[occurrence->moved], day_text(day, date), name);
}

bool occurrence_words(struct buf *out, const struct occurrence *occurrence, enum language language)
{
    char day[DAY_TEXT_SIZE], time[TIME_TEXT_SIZE], later[TIME_TEXT_SIZE];
    const size_t before = out->length;
    if (occurrence->moved != MOVED_NOT && !moved_words(out, occurrence, language))
        return false;
    if (occurrence->shown == WALL_ONCE || occurrence->moved == MOVED_SKIPPED)
        return true;
    if (out->length > before && !buf_append_string(out, "; "))
        return false;
    const char *wall = clock_text_of(time, occurrence->wall);
    (void)day_text(day, local_date(occurrence->wall));
    if (occurrence->shown == WALL_TWICE)
        return phrase_append(out, language, PHRASE_SCHEDULE_TWICE, wall, day);
    int64_t first;
    const int64_t due = occurrence->due_ms / 1000;
    if (zone_wall(&first, occurrence->zone, occurrence->wall) == WALL_NEVER && first == due)
        return phrase_append(out, language, PHRASE_SCHEDULE_GAP, wall, day);
    return phrase_append(out, language, PHRASE_SCHEDULE_GAP_LATER, wall, day,
                         clock_text_of(later, due + zone_offset(occurrence->zone, due)));
}
