// See life_stage.h.
#include "host/life_stage.h"

static const char *const names[] = {[LIFE_FINE] = "fine",
                                    [LIFE_PAST] = "past",
                                    [LIFE_ASKED] = "asked",
                                    [LIFE_WARNED] = "warned",
                                    [LIFE_STOPPED] = "stopped"};

const char *life_stage_name(enum life_stage stage)
{
    return names[stage];
}

static bool is_month_end(const struct life_rule *rule, struct date day)
{
    return day.day >= rule->month_end_from || day.day <= rule->month_end_to;
}

static struct date stop_day(const struct life_rule *rule, struct date review)
{
    enum { DAYS_OF_TWO_MONTHS = 62 };
    struct date day = review;
    int64_t days = rule->stop_days;
    for (int tries = 0; tries < DAYS_OF_TWO_MONTHS; tries++, days++)
        if (!date_add_days(&day, review, days) || !is_month_end(rule, day))
            break;
    return day;
}

enum life_stage life_stage(struct date *stops, const struct life_rule *rule, struct date review,
                           bool owner_active, struct date today)
{
    const int64_t past = (int64_t)date_to_days(today) - date_to_days(review);
    *stops = stop_day(rule, review);
    if (past <= 0)
        return LIFE_FINE;
    if (owner_active)
        return LIFE_PAST;
    if (date_compare(today, *stops) >= 0)
        return LIFE_STOPPED;
    return past >= rule->warn_days ? LIFE_WARNED : LIFE_ASKED;
}
