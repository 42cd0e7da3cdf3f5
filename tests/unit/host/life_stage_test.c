// host/life_stage.c
#include "support/unit.h"

#include "host/life_stage.h"

static const struct life_rule rule = {
    .warn_days = 14, .stop_days = 30, .month_end_from = 25, .month_end_to = 10};

static void each_stage_has_its_days(void **state)
{
    (void)state;
    static const struct {
        struct date review, today;
        bool owner_active;
        enum life_stage stage;
    } cases[] = {
        {{2027, 3, 15}, {2027, 3, 15}, false, LIFE_FINE}, // the day itself is still in time
        {{2027, 3, 15}, {2027, 3, 16}, true, LIFE_PAST},  // somebody owns it: never more than a reminder
        {{2027, 3, 15}, {2029, 3, 16}, true, LIFE_PAST},
        {{2027, 3, 15}, {2027, 3, 16}, false, LIFE_ASKED},
        {{2027, 3, 15}, {2027, 3, 28}, false, LIFE_ASKED},
        {{2027, 3, 15}, {2027, 3, 29}, false, LIFE_WARNED},
        {{2027, 3, 15}, {2027, 4, 13}, false, LIFE_WARNED},
        {{2027, 3, 15}, {2027, 4, 14}, false, LIFE_STOPPED}, // the 30th day is in no month end
        {{2027, 3, 15}, {2027, 4, 30}, false, LIFE_STOPPED}, // and it stays so through the next one
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct date stops;
        assert_int_equal(life_stage(&stops, &rule, cases[i].review, cases[i].owner_active, cases[i].today),
                         cases[i].stage);
    }
}

static void it_never_stops_in_the_midst_of_a_month_end(void **state)
{
    (void)state;
    for (int offset = 0; offset < 800; offset++) {
        struct date review, stops;
        assert_true(date_add_days(&review, (struct date){2026, 1, 1}, offset));
        (void)life_stage(&stops, &rule, review, false, review);
        assert_true(stops.day > rule.month_end_to && stops.day < rule.month_end_from);
        const int days = date_to_days(stops) - date_to_days(review);
        assert_in_range(days, 30, 30 + 18); // 25 to 10 has 17 days at most
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_stage_has_its_days),
        cmocka_unit_test(it_never_stops_in_the_midst_of_a_month_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
