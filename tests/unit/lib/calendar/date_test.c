// lib/calendar/date.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/calendar/date.h"

#include <stdio.h>
#include <time.h>

static void every_day_counts_as_the_system_counts_it(void **state)
{
    (void)state;
    for (int32_t days = DAYS_LEAST; days <= DAYS_MOST; days++) {
        const struct date date = date_from_days(days);
        assert_true(date_valid(date));
        assert_int_equal(date_to_days(date), days);
        if (days % 13) // gmtime and strftime are slow; a prime step meets every weekday and month end
            continue;
        const time_t seconds = (time_t)days * SECONDS_OF_DAY;
        struct tm tm;
        assert_non_null(gmtime_r(&seconds, &tm));
        assert_int_equal(date.year, tm.tm_year + 1900);
        assert_int_equal(date.month, tm.tm_mon + 1);
        assert_int_equal(date.day, tm.tm_mday);
        assert_int_equal(date_weekday(date) % 7, tm.tm_wday);
        assert_int_equal(date_day_of_year(date), tm.tm_yday + 1);
        char expected[20], seen[40];
        strftime(expected, sizeof(expected), "%G %V", &tm);
        const struct week week = date_week(date);
        snprintf(seen, sizeof(seen), date.year < 1000 ? "%d %02d" : "%04d %02d", week.year, week.week);
        assert_string_equal(seen, expected);
    }
}

static void a_week_begins_on_the_monday_that_it_is_found_from(void **state)
{
    (void)state;
    struct date monday;
    assert_true(date_from_week(&monday, (struct week){2026, 1}));
    assert_int_equal(date_compare(monday, (struct date){2025, 12, 29}), 0);
    assert_true(date_from_week(&monday, (struct week){2026, 53}));
    assert_false(date_from_week(&monday, (struct week){2025, 53}));
    assert_false(date_from_week(&monday, (struct week){2025, 0}));
}

static void a_month_later_is_the_same_day_or_the_months_last(void **state)
{
    (void)state;
    static const struct {
        struct date from;
        int months;
        struct date to;
    } cases[] = {
        {{2026, 1, 31}, 1, {2026, 2, 28}},  {{2024, 1, 31}, 1, {2024, 2, 29}},
        {{2026, 3, 31}, -1, {2026, 2, 28}}, {{2026, 5, 15}, 0, {2026, 5, 15}},
        {{2026, 12, 31}, 2, {2027, 2, 28}}, {{2024, 2, 29}, 12, {2025, 2, 28}},
        {{2026, 1, 1}, -1, {2025, 12, 1}},  {{2026, 8, 30}, -18, {2025, 2, 28}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct date date;
        assert_true(date_add_months(&date, cases[i].from, cases[i].months));
        assert_int_equal(date_compare(date, cases[i].to), 0);
    }
}

static void nothing_leads_out_of_the_years(void **state)
{
    (void)state;
    struct date date = {2026, 1, 1};
    struct month month;
    assert_false(date_add_days(&date, (struct date){9999, 12, 31}, 1));
    assert_false(date_add_days(&date, (struct date){1, 1, 1}, -1));
    assert_false(date_add_days(&date, date, INT64_MAX));
    assert_false(date_add_months(&date, (struct date){1, 1, 1}, -1));
    assert_false(month_add(&month, (struct month){9999, 12}, 1));
    assert_false(month_add(&month, (struct month){9999, 12}, INT64_MIN));
    assert_int_equal(date.year, 2026);
    struct moment moment;
    assert_false(moment_from_microseconds(&moment, INT64_MAX));
}

static void days_that_are_not_are_seen(void **state)
{
    (void)state;
    assert_false(date_valid((struct date){2026, 2, 29}));
    assert_true(date_valid((struct date){2024, 2, 29}));
    assert_false(date_valid((struct date){1900, 2, 29}));
    assert_true(date_valid((struct date){2000, 2, 29}));
    assert_false(date_valid((struct date){2026, 13, 1}));
    assert_false(date_valid((struct date){2026, 0, 1}));
    assert_false(date_valid((struct date){0, 1, 1}));
    assert_false(moment_valid((struct moment){{2026, 1, 1}, 24, 0, 0, 0}));
}

static void ages_are_completed_on_the_day(void **state)
{
    (void)state;
    static const struct {
        struct date from, to;
        int years;
    } cases[] = {
        {{1998, 12, 23}, {2018, 12, 22}, 19}, {{1998, 12, 23}, {2018, 12, 23}, 20},
        {{2000, 2, 29}, {2015, 2, 28}, 14},   {{2000, 2, 29}, {2015, 3, 1}, 15},
        {{2026, 1, 1}, {2026, 1, 1}, 0},      {{2026, 1, 1}, {2024, 6, 1}, -1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(date_whole_years(cases[i].from, cases[i].to), cases[i].years);
}

static void a_wall_clock_before_1970_counts_down(void **state)
{
    (void)state;
    struct moment moment;
    assert_true(moment_from_microseconds(&moment, -1));
    assert_int_equal(moment.date.year, 1969);
    assert_int_equal(moment.second, 59);
    assert_int_equal(moment.microsecond, 999999);
    assert_true(moment_to_microseconds(moment) == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_counts_as_the_system_counts_it),
        cmocka_unit_test(a_week_begins_on_the_monday_that_it_is_found_from),
        cmocka_unit_test(a_month_later_is_the_same_day_or_the_months_last),
        cmocka_unit_test(nothing_leads_out_of_the_years),
        cmocka_unit_test(days_that_are_not_are_seen),
        cmocka_unit_test(ages_are_completed_on_the_day),
        cmocka_unit_test(a_wall_clock_before_1970_counts_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
