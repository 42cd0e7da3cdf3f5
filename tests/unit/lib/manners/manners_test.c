// Opening hours and rates as the settings write them.
#include "support/unit.h"

#include "lib/manners/manners.h"

static void hours_are_read_as_written_and_nothing_else(void **state)
{
    static const char *const wrong[] = {"",
                                        "6-20",
                                        "06:00-20:0",
                                        "06:00–20:00",
                                        "24:00-06:00",
                                        "06:60-20:00",
                                        "06:00-24:01",
                                        "06:00-20:00 ",
                                        "+6:00-20:00"};
    struct hours hours;
    (void)state;
    assert_true(hours_read(&hours, TEXT_OF("06:30-20:00")));
    assert_int_equal(hours.from_minute, 390);
    assert_int_equal(hours.to_minute, 1200);
    assert_true(hours_read(&hours, TEXT_OF("00:00-24:00")));
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(hours_read(&hours, text_from(wrong[i])));
}

static void hours_may_go_over_midnight(void **state)
{
    (void)state;
    const struct hours day = {360, 1200}, night = {1320, 360};
    assert_true(hours_are_open(day, 360));
    assert_false(hours_are_open(day, 1200));
    assert_true(hours_are_open(night, 1320));
    assert_true(hours_are_open(night, 0));
    assert_false(hours_are_open(night, 360));
}

static void the_wait_until_a_system_opens_is_told_in_minutes(void **state)
{
    (void)state;
    const struct hours day = {360, 1200}, night = {1320, 360};
    assert_int_equal(hours_until_open(day, 400), 0);
    assert_int_equal(hours_until_open(day, 350), 10);
    assert_int_equal(hours_until_open(day, 1439), 361);
    assert_int_equal(hours_until_open(night, 720), 600);
}

static void a_rate_is_read_as_written_and_nothing_else(void **state)
{
    static const char *const wrong[] = {"",           "100",           "100 per s",   "100 per 60",
                                        "0 per 1 s",  "10001 per 1 s", "10 per 25 h", "10 per 60 d",
                                        "10 in 60 s", "10 per 60 s x", "10 per  60 s"};
    struct rate rate;
    (void)state;
    assert_true(rate_read(&rate, TEXT_OF("100 per 60 s")));
    assert_int_equal(rate.calls, 100);
    assert_int_equal(rate.span_ms, 60000);
    assert_true(rate_read(&rate, TEXT_OF(" 10000 per 24 h ")));
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(rate_read(&rate, text_from(wrong[i])));
}

static void hosts_together_never_pass_the_rate(void **state)
{
    static const int64_t calls[] = {1, 2, 3, 7, 100};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(calls); i++)
        for (int64_t hosts = 1; hosts < 9; hosts++) {
            const struct rate share = rate_share((struct rate){calls[i], 60000}, hosts);
            // calls of all hosts in a span, by cross-multiplication
            assert_true(share.calls * hosts * 60000 <= calls[i] * share.span_ms);
            assert_true(share.calls >= 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_are_read_as_written_and_nothing_else),
        cmocka_unit_test(hours_may_go_over_midnight),
        cmocka_unit_test(the_wait_until_a_system_opens_is_told_in_minutes),
        cmocka_unit_test(a_rate_is_read_as_written_and_nothing_else),
        cmocka_unit_test(hosts_together_never_pass_the_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
