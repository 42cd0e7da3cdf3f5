// lib/encoding/letters.c and record.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/encoding/letters.h"
#include "lib/encoding/record.h"

static void characters_are_counted_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(letters_count(TEXT_OF("")), 0);
    assert_int_equal(letters_count(TEXT_OF("Ähtäri €")), 8);
    assert_int_equal(letters_count(TEXT_OF("a\xFFz")), 3);
    assert_int_equal(letters_count(TEXT_OF("\xC3")), 1);
}

static void parts_are_counted_as_lua_counts_them(void **state)
{
    (void)state;
    static const struct {
        int64_t first, last;
        const char *part;
    } cases[] = {
        {1, 3, "Äht"}, {-2, -1, "ri"}, {3, 3, "t"},
        {0, 2, "Äh"},  {5, 99, "ri"},  {4, 2, ""},
        {-99, 1, "Ä"}, {1, -99, ""},   {INT64_MIN, INT64_MAX, "Ähtäri"},
        {7, 9, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_true(text_is(letters_part(TEXT_OF("Ähtäri"), cases[i].first, cases[i].last), cases[i].part));
}

static void case_is_mapped_for_every_letter_that_has_one(void **state)
{
    (void)state;
    static const struct {
        const char *upper, *lower;
    } cases[] = {
        {"ÄÖÅ ŠŽ ÕÜ ÆØ", "äöå šž õü æø"},
        {"ĀČĒĢĪĶĻŅŪ", "āčēģīķļņū"},
        {"ΑΒΓ ΩΊ", "αβγ ωί"},
        {"ЖИР ЁЙ", "жир ёй"},
        {"AZ az 09 [", "az az 09 ["},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_BUF(upper, 100);
        SCOPED_BUF(lower, 100);
        assert_true(letters_lower(&lower, text_from(cases[i].upper)));
        assert_string_equal(buf_string(&lower), cases[i].lower);
        assert_true(letters_upper(&upper, text_from(i == 4 ? cases[i].upper : cases[i].lower)));
        assert_string_equal(buf_string(&upper), i == 4 ? "AZ AZ 09 [" : cases[i].upper);
    }
    SCOPED_BUF(kept, 100);
    assert_true(letters_upper(&kept, TEXT_OF("ß\xFF€ÿ")));
    assert_string_equal(buf_string(&kept), "ß\xFF€Ÿ");
}

static void all_blanks_are_trimmed_also_those_that_do_not_break(void **state)
{
    (void)state;
    const struct text text = TEXT_OF("\uFEFF\u00A0 \t\u202Fa b\u3000\r\n\u2009");
    assert_true(text_is(letters_trim_left(letters_trim_right(text)), "a b"));
    assert_true(text_is(letters_trim_right(TEXT_OF("\u00A0 \t")), ""));
    assert_true(text_is(letters_trim_left(TEXT_OF("\u00A0 \t")), ""));
    assert_true(text_is(letters_trim_right(TEXT_OF("a\xA0")), "a\xA0")); // a stray byte is no blank
    SCOPED_BUF(out, 100);
    assert_true(letters_squeeze(&out, TEXT_OF("  Oy \u00A0\n Ab\tLtd ")));
    assert_string_equal(buf_string(&out), "Oy Ab Ltd");
}

static void a_record_is_cut_by_characters_or_bytes(void **state)
{
    (void)state;
    struct text rest = TEXT_OF("3Äijälä  "), field;
    assert_true(record_take(&rest, 1, RECORD_CHARACTERS, &field) && text_is(field, "3"));
    assert_true(record_take(&rest, 8, RECORD_CHARACTERS, &field) && text_is(field, "Äijälä  "));
    assert_int_equal(rest.length, 0);
    assert_false(record_take(&rest, 1, RECORD_CHARACTERS, &field));
    rest = TEXT_OF("ab");
    assert_false(record_take(&rest, 3, RECORD_BYTES, &field));
    assert_true(record_take(&rest, 2, RECORD_BYTES, &field));
    assert_int_equal(record_length(TEXT_OF("Ä"), RECORD_BYTES), 2);
}

static void a_value_is_written_in_its_width_or_refused(void **state)
{
    (void)state;
    const struct record_field name = {"name", 6, .fill = ' '},
                              sum = {"sum", 6, .at_right = true, .fill = '0'};
    struct err err = {0};
    SCOPED_BUF(out, 100);
    assert_true(record_put(&out, &name, TEXT_OF("Äijä"), RECORD_CHARACTERS, &err));
    assert_true(record_put(&out, &sum, TEXT_OF("1205"), RECORD_CHARACTERS, &err));
    assert_string_equal(buf_string(&out), "Äijä  001205");
    assert_false(record_put(&out, &sum, TEXT_OF("1234567"), RECORD_CHARACTERS, &err));
    assert_int_equal(err.code, ERR_RECORD_VALUE);
    assert_false(record_put(&out, &name, TEXT_OF("a\nb"), RECORD_CHARACTERS, &err));
}

static void texts_are_the_same_but_for_case(void **state)
{
    (void)state;
    assert_true(letters_same(TEXT_OF("Äijä Õ ĐŽ ПРИВЕТ"), TEXT_OF("ÄIJÄ õ đž привет")));
    assert_true(letters_same(TEXT_OF("\xFF"), TEXT_OF("\xFF")));
    assert_false(letters_same(TEXT_OF("\xFF"), TEXT_OF("\xFE")));
    assert_false(letters_same(TEXT_OF("a"), TEXT_OF("ä")));
    assert_false(letters_same(TEXT_OF("a"), TEXT_OF("ab")));
    assert_true(letter_lower('Z') == 'z' && letter_lower(0xC4) == 0xE4 && letter_lower('7') == '7');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_are_counted_not_bytes),
        cmocka_unit_test(parts_are_counted_as_lua_counts_them),
        cmocka_unit_test(case_is_mapped_for_every_letter_that_has_one),
        cmocka_unit_test(texts_are_the_same_but_for_case),
        cmocka_unit_test(all_blanks_are_trimmed_also_those_that_do_not_break),
        cmocka_unit_test(a_record_is_cut_by_characters_or_bytes),
        cmocka_unit_test(a_value_is_written_in_its_width_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
