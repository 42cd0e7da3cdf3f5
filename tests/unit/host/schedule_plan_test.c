// What is done about due times, with a clock that the test sets: hosts that were down, clocks that jump, the two nights of
// the year.
#include "support/unit.h"

#include "host/schedule_plan.h"
#include "lib/calendar/instant.h"

#include <stdio.h>

enum { GRACE_MS = 60000, SECOND_MS = 1000, DAY_MS = 86400000 };

static struct zones *zones;
static struct calendars *calendars;
static struct err err;

static int set_up(void **state)
{
    (void)state;
    calendars = calendars_new();
    return zones_open(&zones, ZONES_FOLDER, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    calendars_free(calendars);
    zones_free(zones);
    return 0;
}

struct read_schedule {
    struct json_document *document;
    struct schedule *schedule;
};

static void dispose(struct read_schedule *read)
{
    schedule_free(read->schedule);
    json_document_free(read->document);
}
#define SCHEDULE(name, definition)                                                                           \
    __attribute__((cleanup(dispose))) struct read_schedule name = read(definition)

static struct read_schedule read(const char *definition)
{
    struct read_schedule read = {NULL, NULL};
    struct problems problems = {0};
    assert_true(json_parse(&read.document, text_from(definition), &err));
    assert_true(schedule_read(&read.schedule, json_root(read.document), zones, "Europe/Helsinki", &problems));
    problems_dispose(&problems);
    return read;
}

static int64_t at(const char *written)
{
    struct instant instant;
    const struct zone *zone;
    assert_true(zones_find(&zone, zones, TEXT_OF("Europe/Helsinki"), &err));
    assert_true(instant_parse(&instant, text_from(written), zone, &err));
    return instant.microseconds / 1000;
}

// What is done between two instants, one sign each, A with the due time: D due, C catch up, M miss, S skip, E end.
struct done {
    char signs[1000];
    size_t count;
    int64_t ahead_ms, passed, last_ms;
    bool more;
};

static struct done done_between(const struct schedule *schedule, int64_t handled_ms, int64_t now_ms)
{
    static const char signs[] = {[PLAN_END] = 'E',      [PLAN_AHEAD] = 'A', [PLAN_DUE] = 'D',
                                 [PLAN_CATCH_UP] = 'C', [PLAN_MISS] = 'M',  [PLAN_SKIP] = 'S'};
    struct done done = {.count = 0};
    struct plan plan;
    struct plan_step step = {.kind = PLAN_SKIP};
    plan_begin(&plan, "rents", schedule, calendars, handled_ms, now_ms, GRACE_MS);
    while (step.kind != PLAN_AHEAD && step.kind != PLAN_END) {
        assert_true(plan_next(&step, &plan, &err));
        assert_true(done.count < sizeof done.signs - 1);
        done.signs[done.count++] = signs[step.kind];
        done.passed += step.passed;
        done.more = done.more || step.more;
        if (step.kind == PLAN_AHEAD)
            done.ahead_ms = step.due_ms;
        else if (step.kind != PLAN_END)
            done.last_ms = step.due_ms;
    }
    return done;
}

static void what_is_due_is_queued_and_the_next_one_planned(void **state)
{
    (void)state;
    SCHEDULE(daily, "{\"robot\":\"rents\",\"cron\":\"30 7 * * *\"}");
    const int64_t due_ms = at("2026-11-23T07:30:00");
    struct done done = done_between(daily.schedule, due_ms - DAY_MS, due_ms - 1);
    assert_string_equal(done.signs, "A");
    assert_int_equal(done.ahead_ms, due_ms);
    done = done_between(daily.schedule, due_ms - DAY_MS, due_ms);
    assert_string_equal(done.signs, "DA");
    done = done_between(daily.schedule, due_ms - DAY_MS, due_ms + GRACE_MS);
    assert_string_equal(done.signs, "DA");
    assert_int_equal(done.ahead_ms, due_ms + DAY_MS);
}

static void a_week_down_is_handled_as_missed_says(void **state)
{
    (void)state;
    SCHEDULE(once, "{\"robot\":\"rents\",\"cron\":\"30 7 * * *\"}");
    SCHEDULE(skip, "{\"robot\":\"rents\",\"cron\":\"30 7 * * *\",\"missed\":\"skip\"}");
    SCHEDULE(all, "{\"robot\":\"rents\",\"cron\":\"30 7 * * *\",\"missed\":\"all\"}");
    const int64_t handled_ms = at("2026-11-16T07:30:00"), now_ms = at("2026-11-23T12:00:00");
    assert_string_equal(done_between(once.schedule, handled_ms, now_ms).signs, "MMMMMMCA");
    assert_string_equal(done_between(skip.schedule, handled_ms, now_ms).signs, "MMMMMMMA");
    assert_string_equal(done_between(all.schedule, handled_ms, now_ms).signs, "CCCCCCCA");
    assert_int_equal(done_between(skip.schedule, handled_ms, now_ms).ahead_ms, at("2026-11-24T07:30:00"));
}

// The machine slept, or somebody set its clock forth: the same.
static void a_clock_that_jumps_forth_leaves_nothing_out(void **state)
{
    (void)state;
    SCHEDULE(hourly, "{\"robot\":\"rents\",\"cron\":\"0 * * * *\",\"missed\":\"all\"}");
    const int64_t handled_ms = at("2026-11-23T07:00:00");
    assert_string_equal(done_between(hourly.schedule, handled_ms, at("2026-11-23T15:00:30")).signs,
                        "CCCCCCCDA");
}

static void a_clock_that_is_set_back_runs_nothing_twice(void **state)
{
    (void)state;
    SCHEDULE(hourly, "{\"robot\":\"rents\",\"cron\":\"0 * * * *\"}");
    const int64_t handled_ms = at("2026-11-23T07:00:00");
    const struct done done = done_between(hourly.schedule, handled_ms, at("2026-11-23T05:30:00"));
    assert_string_equal(done.signs, "A");
    assert_int_equal(done.ahead_ms, at("2026-11-23T08:00:00"));
}

// Followed from one due time to the next, as the host does.
static void each_day_runs_once_across_the_nights_when_clocks_change(void **state)
{
    (void)state;
    SCHEDULE(night, "{\"robot\":\"rents\",\"cron\":\"30 3 * * *\"}");
    static const struct {
        const char *from, *changed;
    } nights[] = {{"2026-03-27T03:30:00", "2026-03-29T04:00:00"},
                  {"2026-10-23T03:30:00", "2026-10-25T03:30:00"}};
    for (size_t i = 0; i < COUNT_OF(nights); i++) {
        int64_t handled_ms = at(nights[i].from);
        for (int day = 0; day < 4; day++) {
            const struct done done = done_between(night.schedule, handled_ms, handled_ms + SECOND_MS);
            assert_string_equal(done.signs, "A");
            if (day == 1)
                assert_int_equal(done.ahead_ms, at(nights[i].changed));
            assert_in_range(done.ahead_ms - handled_ms, DAY_MS - 2 * 3600 * SECOND_MS,
                            DAY_MS + 2 * 3600 * SECOND_MS);
            handled_ms = done.ahead_ms;
        }
    }
}

static void a_rule_of_every_second_that_was_missed_for_a_week_has_bounds(void **state)
{
    (void)state;
    SCHEDULE(once, "{\"robot\":\"rents\",\"cron\":\"* * * * * *\"}");
    SCHEDULE(all, "{\"robot\":\"rents\",\"cron\":\"* * * * * *\",\"missed\":\"all\"}");
    const int64_t handled_ms = at("2026-11-16T07:30:00"), now_ms = handled_ms + 7 * (int64_t)DAY_MS;
    struct done done = done_between(once.schedule, handled_ms, now_ms);
    assert_int_equal(strspn(done.signs, "M"), MISSED_ROWS_MAX);
    assert_true(done.signs[MISSED_ROWS_MAX] == 'C');
    assert_true(done.passed > 0 && done.more);
    assert_int_equal(done.ahead_ms, now_ms + SECOND_MS);
    done = done_between(all.schedule, handled_ms, now_ms);
    assert_int_equal(strspn(done.signs, "C"), CATCH_UP_MAX);
    assert_int_equal(strspn(done.signs + CATCH_UP_MAX, "M"), MISSED_ROWS_MAX + 1);
}

static void jitter_is_the_same_for_every_host_and_keeps_the_order(void **state)
{
    (void)state;
    SCHEDULE(spread, "{\"robot\":\"rents\",\"cron\":\"* * * * *\",\"jitter\":\"10 min\"}");
    int64_t handled_ms = at("2026-11-23T07:00:00"), last_ms = 0;
    bool differs = false;
    for (int i = 0; i < 20; i++) {
        const struct done one = done_between(spread.schedule, handled_ms, handled_ms + 1);
        const struct done other = done_between(spread.schedule, handled_ms, handled_ms + 1);
        assert_int_equal(one.ahead_ms, other.ahead_ms);
        assert_true(one.ahead_ms > last_ms);
        handled_ms += 60 * SECOND_MS;
        assert_in_range(one.ahead_ms - handled_ms, 0, 60 * SECOND_MS - 1);
        differs = differs || one.ahead_ms != handled_ms;
        last_ms = one.ahead_ms;
    }
    assert_true(differs);
}

static void days_that_a_calendar_leaves_out_are_told_up_to_the_next_one(void **state)
{
    (void)state;
    SCHEDULE(working, "{\"robot\":\"rents\",\"cron\":\"30 7 * * *\","
                      "\"calendar\":{\"1\":\"none\",\"otherwise\":\"skip\"}}");
    SCOPED(json_document)
    days = NULL;
    assert_true(json_parse(&days, TEXT_OF("{\"days\":[]}"), &err));
    assert_true(calendars_add(calendars, TEXT_OF("none"), json_root(days), &err));
    const int64_t friday_ms = at("2026-11-20T07:30:00");
    const struct done done = done_between(working.schedule, friday_ms, friday_ms + SECOND_MS);
    assert_string_equal(done.signs, "SSA");
    assert_int_equal(done.ahead_ms, at("2026-11-23T07:30:00"));
}

static void a_rule_that_is_over_plans_nothing(void **state)
{
    (void)state;
    SCHEDULE(over, "{\"robot\":\"rents\",\"cron\":\"30 7 * * *\",\"until\":\"2026-11-22\"}");
    assert_string_equal(
        done_between(over.schedule, at("2026-11-22T07:30:00"), at("2026-11-22T08:00:00")).signs, "E");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due_is_queued_and_the_next_one_planned),
        cmocka_unit_test(a_week_down_is_handled_as_missed_says),
        cmocka_unit_test(a_clock_that_jumps_forth_leaves_nothing_out),
        cmocka_unit_test(a_clock_that_is_set_back_runs_nothing_twice),
        cmocka_unit_test(each_day_runs_once_across_the_nights_when_clocks_change),
        cmocka_unit_test(a_rule_of_every_second_that_was_missed_for_a_week_has_bounds),
        cmocka_unit_test(jitter_is_the_same_for_every_host_and_keeps_the_order),
        cmocka_unit_test(days_that_a_calendar_leaves_out_are_told_up_to_the_next_one),
        cmocka_unit_test(a_rule_that_is_over_plans_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
