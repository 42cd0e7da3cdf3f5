// lib/base/text.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/base/text.h"

static void the_nearest_name_is_the_one_with_the_fewest_slips(void **state)
{
    (void)state;
    static const char *const names[] = {"inputs", "permits", "limits", "owner"};
    assert_string_equal(text_nearest("permit", names, COUNT_OF(names)), "permits");
    assert_string_equal(text_nearest("lmiits", names, COUNT_OF(names)), "limits");
    assert_null(text_nearest("colour", names, COUNT_OF(names)));
}

static void integers_out_of_range_are_refused(void **state)
{
    (void)state;
    int64_t value = 7;
    assert_true(text_to_int64(text_from("-9223372036854775808"), &value));
    assert_true(value == INT64_MIN);
    assert_false(text_to_int64(text_from("9223372036854775808"), &value));
    assert_false(text_to_int64(text_from("12x"), &value));
    assert_false(text_to_int64(text_from(""), &value));
    assert_false(text_to_int64(text_from("-"), &value));
}

static void malformed_utf8_is_seen(void **state)
{
    (void)state;
    assert_true(text_is_utf8(TEXT_OF("Käyttö €")));
    assert_false(text_is_utf8(TEXT_OF("\xC0\x80")));
    assert_false(text_is_utf8(TEXT_OF("\xED\xA0\x80")));
    assert_false(text_is_utf8(TEXT_OF("\xF4\x90\x80\x80")));
    assert_int_equal(text_utf8_floor(TEXT_OF("aä"), 2), 1);
}

static void cutting_gives_every_part_also_empty_ones(void **state)
{
    (void)state;
    struct text rest = TEXT_OF("a,,b"), part;
    assert_true(text_cut(&rest, ',', &part) && text_is(part, "a"));
    assert_true(text_cut(&rest, ',', &part) && part.length == 0);
    assert_true(text_cut(&rest, ',', &part) && text_is(part, "b"));
    assert_false(text_cut(&rest, ',', &part));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_name_is_the_one_with_the_fewest_slips),
        cmocka_unit_test(integers_out_of_range_are_refused),
        cmocka_unit_test(malformed_utf8_is_seen),
        cmocka_unit_test(cutting_gives_every_part_also_empty_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
