// lib/schedule/schedule_next.c: calendars, bounds, clock changes, in order
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/calendar/instant.h"
#include "lib/schedule/schedule.h"

#include <stdlib.h>

static struct zones *zones;
static struct calendars *calendars;

static const char days[] = "{\"days\":[{\"date\":\"2026-12-24\",\"en\":\"Christmas Eve\"},"
                           "{\"date\":\"2026-12-25\",\"en\":\"Christmas Day\",\"fi\":\"joulupäivä\"},"
                           "{\"date\":\"2026-12-06\",\"en\":\"Independence Day\"},"
                           "{\"date\":\"2027-01-01\",\"en\":\"New Year's Day\"},"
                           "{\"date\":\"2027-01-06\",\"en\":\"Epiphany\"}]}";

// One line a time: the instant, and why.
static void write_next(struct buf *out, const struct occurrence *occurrence)
{
    const struct instant due = {occurrence->due_ms * 1000, occurrence->zone, 0};
    SCOPED_BUF(words, 1000);
    assert_true(instant_write_iso(out, due));
    assert_true(occurrence_words(&words, occurrence, LANGUAGE_EN));
    assert_true(buf_printf(out, "%s%s\n", words.length ? " " : "", buf_string(&words)));
}

static void runs(const char *rule, const char *from, int count, const char *expected)
{
    struct err err = {0};
    struct problems problems = {0};
    SCOPED(json_document)
    document = NULL;
    SCOPED(schedule)
    schedule = NULL;
    SCOPED_TEXT char *definition = xasprintf("{\"robot\":\"a\",%s}", rule);
    SCOPED_BUF(seen, 10000);
    assert_true(json_parse(&document, text_from(definition), &err));
    assert_true(schedule_read(&schedule, json_root(document), zones, "Europe/Helsinki", &problems));
    struct instant instant;
    assert_true(instant_parse(&instant, text_from(from), schedule_facts(schedule)->zone, &err));
    int64_t after = instant.microseconds / 1000;
    for (int i = 0; i < count; i++) {
        struct occurrence occurrence;
        bool found;
        assert_true(schedule_next(&occurrence, &found, schedule, calendars, after, &err));
        if (!found)
            break;
        assert_true(occurrence.due_ms > after);
        write_next(&seen, &occurrence);
        after = occurrence.due_ms;
    }
    assert_string_equal(buf_string(&seen), expected);
}

static void a_holiday_moves_it_to_the_next_business_day(void **state)
{
    (void)state;
    runs("\"cron\":\"30 7 25 * *\",\"calendar\":{\"1\":\"fi\",\"otherwise\":\"next\"}", "2026-12-01T00:00", 2,
         "2026-12-28T07:30:00+02:00 because 25.12.2026 is Christmas Day: moved to the next business day\n"
         "2027-01-25T07:30:00+02:00\n");
}

static void what_falls_together_on_a_day_runs_once(void **state)
{
    (void)state;
    runs("\"cron\":\"30 7 * * *\",\"calendar\":{\"1\":\"fi\",\"otherwise\":\"next\"}", "2026-12-23T07:30", 2,
         "2026-12-28T07:30:00+02:00\n"
         "2026-12-29T07:30:00+02:00\n");
    runs("\"cron\":\"30 7 * * *\",\"calendar\":{\"1\":\"fi\",\"otherwise\":\"previous\"}", "2026-12-22T07:30",
         2,
         "2026-12-23T07:30:00+02:00\n"
         "2026-12-28T07:30:00+02:00\n");
}

static void times_of_several_closed_days_come_in_order(void **state)
{
    (void)state;
    // Saturdays at 18:00 and Sundays at 7:00; the Friday before gets both, the early one first.
    runs("\"cron\":\"0 7,18 * * 6,0\",\"calendar\":{\"1\":\"fi\",\"otherwise\":\"previous\"}",
         "2026-12-10T12:00", 3,
         "2026-12-11T07:00:00+02:00 because 12.12.2026 is a Saturday: moved to the business day before\n"
         "2026-12-11T18:00:00+02:00 because 12.12.2026 is a Saturday: moved to the business day before\n"
         "2026-12-18T07:00:00+02:00 because 19.12.2026 is a Saturday: moved to the business day before\n");
}

static void closed_days_are_left_out(void **state)
{
    (void)state;
    runs("\"cron\":\"0 8 24-28 12 *\",\"calendar\":{\"1\":\"fi\",\"otherwise\":\"skip\"}", "2026-12-01T00:00",
         2,
         "2026-12-28T08:00:00+02:00\n"
         "2027-12-24T08:00:00+02:00\n");
}

static void business_days_of_a_month_can_be_counted(void **state)
{
    (void)state;
    runs("\"business_day\":3,\"at\":\"07:30\",\"calendar\":[\"fi\"],\"months\":[1,2]", "2026-12-01T00:00", 3,
         "2027-01-07T07:30:00+02:00\n"
         "2027-02-03T07:30:00+02:00\n"
         "2028-01-05T07:30:00+02:00\n");
    runs("\"business_day\":\"last\",\"at\":\"16:00\"", "2026-12-31T16:00", 1, "2027-01-29T16:00:00+02:00\n");
    runs("\"business_day\":-2,\"at\":\"16:00\"", "2026-12-01T00:00", 1, "2026-12-30T16:00:00+02:00\n");
}

static void the_clock_skips_and_repeats(void **state)
{
    (void)state;
    runs("\"cron\":\"30 3 * * *\"", "2026-03-28T12:00", 2,
         "2026-03-29T04:00:00+03:00 because the clock skips 03:30 on 29.3.2026: at the first moment after\n"
         "2026-03-30T03:30:00+03:00\n");
    runs("\"cron\":\"30 3 * * *\"", "2026-10-24T12:00", 2,
         "2026-10-25T03:30:00+03:00 because the clock shows 03:30 twice on 25.10.2026: once, the first time\n"
         "2026-10-26T03:30:00+02:00\n");
    // Strictly after: from within the second hour nothing of the first is left.
    runs("\"cron\":\"30 3 * * *\"", "2026-10-25T03:10:00+02:00", 1, "2026-10-26T03:30:00+02:00\n");
    runs("\"business_day\":\"last\",\"at\":\"03:30\",\"months\":[3],\"timezone\":\"Asia/Amman\"",
         "2026-03-01T00:00", 1, "2026-03-31T03:30:00+03:00\n");
}

static void a_recurrence_rule_is_read_as_the_rfc_says(void **state)
{
    (void)state;
    runs("\"rrule\":\"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1\",\"dtstart\":\"2026-01-31T07:30\"",
         "2026-12-01T00:00", 2, "2026-12-31T07:30:00+02:00\n2027-01-29T07:30:00+02:00\n");
    runs("\"rrule\":\"RRULE:FREQ=DAILY\\nEXDATE:20260330T033000\",\"dtstart\":\"20260101T033000\"",
         "2026-03-28T12:00", 2,
         "2026-03-29T04:30:00+03:00 because the clock skips 03:30 on 29.3.2026: read as 04:30\n"
         "2026-03-31T03:30:00+03:00\n");
    // What a gap skips is later than what follows it; each comes once, in order.
    runs("\"rrule\":\"FREQ=MINUTELY;INTERVAL=30\",\"dtstart\":\"2026-03-29T02:30\",\"until\":\"2026-03-29T05:"
         "00\"",
         "2026-03-29T00:00", 9,
         "2026-03-29T02:30:00+02:00\n"
         "2026-03-29T04:00:00+03:00 because the clock skips 03:00 on 29.3.2026: at the first moment after\n"
         "2026-03-29T04:30:00+03:00 because the clock skips 03:30 on 29.3.2026: read as 04:30\n"
         "2026-03-29T05:00:00+03:00\n");
    runs("\"rrule\":\"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\",\"dtstart\":\"2026-01-01\"", "2026-01-01T00:00",
         1, "");
    runs("\"rrule\":\"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\",\"dtstart\":\"2026-01-01\"", "2026-01-01T00:00",
         1, "");
}

static void it_runs_between_its_bounds_only(void **state)
{
    (void)state;
    runs("\"cron\":\"30 7 * * *\",\"from\":\"2026-12-02\",\"until\":\"2026-12-03\"", "2026-11-01T00:00", 9,
         "2026-12-02T07:30:00+02:00\n"
         "2026-12-03T07:30:00+02:00\n");
    runs("\"cron\":\"30 7 * * *\",\"until\":\"2026-12-03T07:30\"", "2026-12-02T08:00", 9,
         "2026-12-03T07:30:00+02:00\n");
}

static void what_never_comes_ends_the_search(void **state)
{
    (void)state;
    runs("\"cron\":\"0 0 30 2 *\"", "2026-01-01T00:00", 1, "");
    runs("\"cron\":\"0 0 30 2 *\",\"calendar\":{\"1\":\"fi\",\"otherwise\":\"next\"}", "2026-01-01T00:00", 1,
         "");
    runs("\"cron\":\"* * * * * *\",\"until\":\"2026-01-01\"", "2026-01-02T00:00", 1, "");
    runs("\"cron\":\"* * * * 6,0\",\"calendar\":{\"1\":\"fi\",\"otherwise\":\"skip\"}", "2026-01-02T00:00", 1,
         "");
}

// ---- against moving every time of the rule by hand

enum { TIMES_MAX = 5000 };
struct times {
    int64_t items[TIMES_MAX];
    size_t count;
};

static struct schedule *read_rule(struct json_document **document, const char *rule, const char *calendar)
{
    struct err err = {0};
    struct problems problems = {0};
    struct schedule *schedule;
    SCOPED_TEXT char *definition = xasprintf("{\"robot\":\"a\",%s%s}", rule, calendar);
    assert_true(json_parse(document, text_from(definition), &err));
    assert_true(schedule_read(&schedule, json_root(*document), zones, "Europe/Helsinki", &problems));
    return schedule;
}

// All times in (from, until], in seconds.
static void collect(struct times *out, const char *rule, const char *calendar, int64_t from, int64_t until)
{
    struct err err = {0};
    struct occurrence occurrence;
    bool found;
    SCOPED(json_document)
    document = NULL;
    SCOPED(schedule)
    schedule = read_rule(&document, rule, calendar);
    out->count = 0;
    for (int64_t after = from * 1000; out->count < TIMES_MAX; after = occurrence.due_ms) {
        assert_true(schedule_next(&occurrence, &found, schedule, calendars, after, &err));
        if (!found || occurrence.due_ms > until * 1000)
            break;
        out->items[out->count++] = occurrence.due_ms / 1000;
    }
    assert_true(out->count < TIMES_MAX);
}

static int by_time(const void *a, const void *b)
{
    return (*(const int64_t *)a > *(const int64_t *)b) - (*(const int64_t *)a < *(const int64_t *)b);
}

static void move_all(struct times *times, bool forward)
{
    struct err err = {0};
    const struct zone *zone;
    struct business business = {.count = 1};
    size_t kept = 0;
    assert_true(zones_find(&zone, zones, TEXT_OF("Europe/Helsinki"), &err));
    assert_true(calendars_find(&business.calendars[0], calendars, TEXT_OF("fi"), &err));
    for (size_t i = 0; i < times->count; i++) {
        const int64_t wall = times->items[i] + zone_offset(zone, times->items[i]);
        const int32_t day = (int32_t)(wall / SECONDS_OF_DAY);
        int32_t to;
        assert_true(forward ? business_following(&to, &business, day)
                            : business_preceding(&to, &business, day));
        if (to != day)
            (void)zone_wall(&times->items[i], zone, wall + (int64_t)(to - day) * SECONDS_OF_DAY);
    }
    qsort(times->items, times->count, sizeof times->items[0], by_time);
    for (size_t i = 0; i < times->count; i++)
        if (!kept || times->items[kept - 1] != times->items[i])
            times->items[kept++] = times->items[i];
    times->count = kept;
}

static void what_a_calendar_moves_is_what_moving_each_by_hand_gives(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "\"cron\":\"30 7 * * *\"",
        "\"cron\":\"0 */5 * * *\"",
        "\"cron\":\"15,45 3,23 * * 6,0\"",
        "\"cron\":\"0 12 25,26,31 * *\"",
        "\"cron\":\"10 0 24-28 12 MON\"",
        "\"cron\":\"30 3 * * 0\"",
        "\"rrule\":\"FREQ=HOURLY;INTERVAL=7\",\"dtstart\":\"2026-01-03T05:10\"",
        "\"rrule\":\"FREQ=DAILY;BYHOUR=18,7;BYDAY=SA,SU,MO\",\"dtstart\":\"2026-01-03\"",
    };
    static struct times moved, expected;
    for (size_t i = 0; i < COUNT_OF(rules) * 2; i++) {
        const bool forward = i % 2;
        const char *rule = rules[i / 2];
        // A year and a quarter; two weeks at either side, from where times are moved in.
        const int64_t from = 1772300000, until = from + (int64_t)450 * SECONDS_OF_DAY,
                      spare = 14 * SECONDS_OF_DAY;
        collect(&moved, rule,
                forward ? ",\"calendar\":{\"1\":\"fi\",\"otherwise\":\"next\"}"
                        : ",\"calendar\":{\"1\":\"fi\",\"otherwise\":\"previous\"}",
                from, until);
        collect(&expected, rule, "", from - spare, until + spare);
        move_all(&expected, forward);
        size_t first = 0, last = expected.count;
        while (first < last && expected.items[first] <= from)
            first++;
        while (last > first && expected.items[last - 1] > until)
            last--;
        assert_true(moved.count > 3);
        assert_int_equal(moved.count, last - first);
        assert_memory_equal(moved.items, expected.items + first, moved.count * sizeof moved.items[0]);
    }
}

static void a_calendar_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    struct err err = {0};
    struct problems problems = {0};
    struct occurrence occurrence;
    bool found;
    SCOPED(json_document)
    document = NULL;
    SCOPED(schedule)
    schedule = NULL;
    assert_true(json_parse(
        &document,
        TEXT_OF("{\"robot\":\"a\",\"cron\":\"@daily\",\"calendar\":{\"1\":\"no\",\"otherwise\":\"skip\"}}"),
        &err));
    assert_true(schedule_read(&schedule, json_root(document), zones, "Europe/Helsinki", &problems));
    assert_false(schedule_next(&occurrence, &found, schedule, calendars, 0, &err));
    assert_int_equal(err.code, ERR_CALENDAR_UNKNOWN);
}

static int open_all(void **state)
{
    (void)state;
    struct err err = {0};
    SCOPED(json_document)
    document = NULL;
    calendars = calendars_new();
    return zones_open(&zones, ZONES_FOLDER, &err) && json_parse(&document, text_from(days), &err) &&
                   calendars_add(calendars, TEXT_OF("fi-holidays"), json_root(document), &err)
               ? 0
               : -1;
}

static int close_all(void **state)
{
    (void)state;
    zones_free(zones);
    calendars_free(calendars);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_holiday_moves_it_to_the_next_business_day),
        cmocka_unit_test(what_falls_together_on_a_day_runs_once),
        cmocka_unit_test(times_of_several_closed_days_come_in_order),
        cmocka_unit_test(closed_days_are_left_out),
        cmocka_unit_test(business_days_of_a_month_can_be_counted),
        cmocka_unit_test(the_clock_skips_and_repeats),
        cmocka_unit_test(a_recurrence_rule_is_read_as_the_rfc_says),
        cmocka_unit_test(it_runs_between_its_bounds_only),
        cmocka_unit_test(what_never_comes_ends_the_search),
        cmocka_unit_test(what_a_calendar_moves_is_what_moving_each_by_hand_gives),
        cmocka_unit_test(a_calendar_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
