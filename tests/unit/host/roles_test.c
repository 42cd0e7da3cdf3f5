// When a zygote is worn out.
#include "support/unit.h"

#include "host/roles.h"

static void a_zygote_is_worn_by_a_thousand_forks_or_a_day(void **state)
{
    (void)state;
    const int64_t day_ms = 24LL * 60 * 60 * 1000;
    assert_false(zygote_is_worn(0, 0));
    assert_false(zygote_is_worn(999, day_ms - 1));
    assert_true(zygote_is_worn(1000, 0));
    assert_true(zygote_is_worn(0, day_ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_zygote_is_worn_by_a_thousand_forks_or_a_day)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
