// Two definitions of a schedule: when it runs, and all that it says beside.
#include "lib/changes/changes_own.h"

#include <stdio.h>

enum { RULE_SIZE = 2 * VALUE_SIZE, CLOCK_SIZE = 8 };

static const char *const rules[] = {"cron",   "rrule", "business_day", "dtstart", "at",
                                    "months", "after", "file",         "webhook", "queue"};

static bool is_no_rule(const char *key)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (strcmp(key, rules[i]) == 0)
            return false;
    return true;
}

// `cron 30 7 * * 1-5`
static const char *rule_words(char out[RULE_SIZE], const struct json *definition)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < COUNT_OF(rules) && used < RULE_SIZE; i++) {
        char value[VALUE_SIZE];
        const struct json *rule = json_get(definition, rules[i]);
        if (rule)
            used += (size_t)snprintf(out + used, RULE_SIZE - used, "%s%s %s", used ? ", " : "", rules[i],
                                     value_words(value, rule));
    }
    return out;
}

static bool take_number(struct text *rest, int64_t most, int64_t *out)
{
    struct text part;
    return text_cut(rest, ' ', &part) && text_to_int64(part, out) && *out >= 0 && *out <= most;
}

// "7:30", and what days it is: of a cron rule that names one minute and one hour, and is no more than that and its days.
static bool clock_of(char out[CLOCK_SIZE], struct text *days, const struct json *definition)
{
    int64_t minute, hour;
    if (!json_text(json_get(definition, "cron"), days) || !take_number(days, 59, &minute) ||
        !take_number(days, 23, &hour))
        return false;
    (void)snprintf(out, CLOCK_SIZE, "%s:%c%c", N(hour), (char)('0' + minute / 10), (char)('0' + minute % 10));
    return true;
}

static bool same_rule(const struct json *before, const struct json *after)
{
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (!same_value(json_get(before, rules[i]), json_get(after, rules[i])))
            return false;
    return true;
}

static void compare_rule(struct changes *changes, const char *name, const struct json *before,
                         const struct json *after)
{
    char was[RULE_SIZE], is[RULE_SIZE], was_clock[CLOCK_SIZE], is_clock[CLOCK_SIZE];
    struct text was_days, is_days;
    if (same_rule(before, after))
        return;
    if (clock_of(was_clock, &was_days, before) && clock_of(is_clock, &is_days, after) &&
        text_equal(was_days, is_days))
        ADD(changes, CHANGE_OTHER, "schedule", PHRASE_CHANGE_SCHEDULE_TIME, name, is_clock, was_clock);
    else
        ADD(changes, CHANGE_OTHER, "schedule", PHRASE_CHANGE_SCHEDULE_RULE, name, rule_words(is, after),
            rule_words(was, before));
}

void changes_describe_schedule(struct changes *changes, const char *name, const struct json *before,
                               const struct json *after)
{
    char words[RULE_SIZE];
    if (!before && !after)
        return;
    if (!before)
        ADD(changes, CHANGE_WIDER, "schedule", PHRASE_CHANGE_SCHEDULE_NEW, name, rule_words(words, after));
    else if (!after)
        ADD(changes, CHANGE_NARROWER, "schedule", PHRASE_CHANGE_SCHEDULE_GONE, name);
    else
        compare_rule(changes, name, before, after);
    if (before && after)
        compare_members(changes, "schedule", PHRASE_FIELD_SCHEDULE, name, before, after, is_no_rule);
}
