// lib/csv/amount_marks.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/csv/amount_marks.h"

#include <stdio.h>

static void a_number_shows_its_marks_where_it_can_have_no_others(void **state)
{
    (void)state;
    static const struct {
        const char *cell;
        bool number;
        enum csv_decimal decimal;
        enum csv_thousands thousands;
    } cases[] = {
        {"12,50", true, CSV_DECIMAL_COMMA, CSV_THOUSANDS_UNKNOWN},
        {"12.5", true, CSV_DECIMAL_POINT, CSV_THOUSANDS_UNKNOWN},
        {"1,234", true, CSV_DECIMAL_UNKNOWN, CSV_THOUSANDS_UNKNOWN},
        {"1.234", true, CSV_DECIMAL_UNKNOWN, CSV_THOUSANDS_UNKNOWN},
        {"1234,567", true, CSV_DECIMAL_COMMA, CSV_THOUSANDS_UNKNOWN},
        {"1.234.567", true, CSV_DECIMAL_COMMA, CSV_THOUSANDS_POINT},
        {"1.234,50", true, CSV_DECIMAL_COMMA, CSV_THOUSANDS_POINT},
        {"-1,234.50", true, CSV_DECIMAL_POINT, CSV_THOUSANDS_COMMA},
        {"1 234,50 \xE2\x82\xAC", true, CSV_DECIMAL_COMMA, CSV_THOUSANDS_SPACE},
        {"1\xC2\xA0"
         "234\xE2\x80\xAF"
         "567",
         true, CSV_DECIMAL_UNKNOWN, CSV_THOUSANDS_SPACE},
        {"\xE2\x88\x92"
         "0,05",
         true, CSV_DECIMAL_COMMA, CSV_THOUSANDS_UNKNOWN},
        {"1'234.50", true, CSV_DECIMAL_POINT, CSV_THOUSANDS_APOSTROPHE},
        {"12,5 %", true, CSV_DECIMAL_COMMA, CSV_THOUSANDS_UNKNOWN},
        {"4711", true, CSV_DECIMAL_UNKNOWN, CSV_THOUSANDS_UNKNOWN},
        {"31.12.2025", false, CSV_DECIMAL_UNKNOWN, CSV_THOUSANDS_UNKNOWN},
        {"15118 90656", false, CSV_DECIMAL_UNKNOWN, CSV_THOUSANDS_UNKNOWN},
        {"040 123 4567", false, CSV_DECIMAL_UNKNOWN, CSV_THOUSANDS_UNKNOWN},
        {"13:00", false, CSV_DECIMAL_UNKNOWN, CSV_THOUSANDS_UNKNOWN},
        {"", false, CSV_DECIMAL_UNKNOWN, CSV_THOUSANDS_UNKNOWN},
        {"1,2,3", false, CSV_DECIMAL_UNKNOWN, CSV_THOUSANDS_UNKNOWN},
        {"A-1", false, CSV_DECIMAL_UNKNOWN, CSV_THOUSANDS_UNKNOWN},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct amount_marks marks = amount_marks_of(text_from(cases[i].cell));
        if (marks.number != cases[i].number || marks.decimal != cases[i].decimal ||
            marks.thousands != cases[i].thousands)
            print_message("%s: %d %d %d\n", cases[i].cell, marks.number, marks.decimal, marks.thousands);
        assert_int_equal(marks.number, cases[i].number);
        assert_int_equal(marks.decimal, cases[i].decimal);
        assert_int_equal(marks.thousands, cases[i].thousands);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_shows_its_marks_where_it_can_have_no_others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
