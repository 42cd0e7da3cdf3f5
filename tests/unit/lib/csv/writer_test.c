// lib/csv/writer.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/csv/writer.h"

static void text_that_would_become_a_formula_is_defused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *written;
    } cases[] = {
        {"=1+1", "\"'=1+1\""},    {"+358 40 123x", "\"'+358 40 123x\""},
        {"-12,50", "\"-12,50\""}, {"@user", "\"'@user\""},
        {"\tx", "\"'\tx\""},      {"\rx", "\"'\rx\""},
        {"a=b", "a=b"},           {"-", "\"'-\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_BUF(out, 1000);
        struct csv_writer writer = csv_writer_new(&out);
        assert_true(csv_write_text(&writer, text_from(cases[i].text)));
        assert_string_equal(buf_string(&out), cases[i].written);
    }
}

static void machines_get_the_text_as_it_is(void **state)
{
    (void)state;
    SCOPED_BUF(out, 1000);
    struct csv_writer writer = csv_writer_new(&out);
    writer.raw = true;
    assert_true(csv_write_text(&writer, TEXT_OF("=1+1")));
    assert_string_equal(buf_string(&out), "=1+1");
}

static void numbers_follow_the_decimal_mark(void **state)
{
    (void)state;
    SCOPED_BUF(out, 1000);
    struct csv_writer writer = csv_writer_new(&out);
    writer.delimiter = ';';
    writer.decimal_comma = true;
    assert_true(csv_write_number(&writer, TEXT_OF("-1234.50")));
    assert_true(csv_write_number(&writer, TEXT_OF("7")));
    assert_true(csv_write_row_end(&writer));
    assert_string_equal(buf_string(&out), "-1234,50;7\r\n");
}

static void a_full_buffer_is_told(void **state)
{
    (void)state;
    SCOPED_BUF(out, 5);
    struct csv_writer writer = csv_writer_new(&out);
    assert_true(csv_write_text(&writer, TEXT_OF("abcd")));
    assert_false(csv_write_text(&writer, TEXT_OF("efgh")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_that_would_become_a_formula_is_defused),
        cmocka_unit_test(machines_get_the_text_as_it_is),
        cmocka_unit_test(numbers_follow_the_decimal_mark),
        cmocka_unit_test(a_full_buffer_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
