// lib/sheet/escape.c: text as a cell holds it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/sheet/escape.h"

#include <stdio.h>

enum { UNITS_MAX = 100 };

static const char *escaped_as(struct text text, struct escaped *escaped)
{
    static char out[1000];
    const size_t room = escape_room(text, UNITS_MAX);
    assert_true(room < sizeof out);
    memset(out, '#', sizeof out);
    switch (escape_text(out, text, UNITS_MAX, escaped)) {
    case ESCAPE_MALFORMED:
        return "malformed";
    case ESCAPE_TOO_LONG:
        return "too long";
    case ESCAPE_GOOD:
        break;
    }
    for (size_t i = room; i < sizeof out; i++)
        assert_int_equal(out[i], '#');
    out[escaped->bytes] = '\0';
    return out;
}

static void every_sign_is_escaped_wherever_it_stands(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"&", "&amp;"},
        {"a<b>c", "a&lt;b&gt;c"},
        {"\x01\x1F", "_x0001__x001F_"},
        {"a\rb\nc\td", "a_x000D_b\nc\td"},
        {"_x0041_", "_x005F_x0041_"},
        {"_xabCD_", "_x005F_xabCD_"},
        {"_x004_ _x0041 _y0041_ _", "_x004_ _x0041 _y0041_ _"},
        {"ä€😀", "ä€😀"},
        {"\xEF\xBF\xBE", "_xFFFE_"},
        {"\"'", "\"'"},
    };
    struct escaped escaped;
    char text[80], expected[200];
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (int before = 0; before < 34; before++) { // at each place of a block
            snprintf(text, sizeof text, "%.*s%s", before, "0123456789012345678901234567890123456789",
                     cases[i][0]);
            snprintf(expected, sizeof expected, "%.*s%s", before, "0123456789012345678901234567890123456789",
                     cases[i][1]);
            assert_string_equal(escaped_as(text_from(text), &escaped), expected);
        }
}

static void letters_are_counted_as_excel_and_people_do(void **state)
{
    (void)state;
    struct escaped escaped;
    escaped_as(TEXT_OF("0123456789abcdef0123456789\nä€😀"), &escaped);
    assert_int_equal(escaped.units, 31); // the last one is a pair
    assert_int_equal(escaped.widest, 26);
    escaped_as(TEXT_OF("a\nbcd"), &escaped);
    assert_int_equal(escaped.widest, 3);
}

static void a_cell_ends_at_its_limit(void **state)
{
    (void)state;
    struct escaped escaped;
    char text[300];
    memset(text, 'a', sizeof text);
    assert_int_equal(strlen(escaped_as(text_of(text, UNITS_MAX), &escaped)), UNITS_MAX);
    assert_string_equal(escaped_as(text_of(text, UNITS_MAX + 1), &escaped), "too long");
    memset(text, 1, sizeof text);
    assert_int_equal(strlen(escaped_as(text_of(text, UNITS_MAX), &escaped)), UNITS_MAX * 7);
    assert_string_equal(escaped_as(text_of(text, UNITS_MAX + 1), &escaped), "too long");
}

static void what_is_no_text_is_refused(void **state)
{
    (void)state;
    struct escaped escaped;
    assert_string_equal(escaped_as(TEXT_OF("a\0b"), &escaped), "malformed");
    assert_string_equal(escaped_as(TEXT_OF("0123456789abcdef\xC3"), &escaped), "malformed");
    assert_string_equal(escaped_as(TEXT_OF("\xED\xA0\x80"), &escaped), "malformed");
    assert_string_equal(escaped_as(TEXT_OF("\xC0\xAF"), &escaped), "malformed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sign_is_escaped_wherever_it_stands),
        cmocka_unit_test(letters_are_counted_as_excel_and_people_do),
        cmocka_unit_test(a_cell_ends_at_its_limit),
        cmocka_unit_test(what_is_no_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
