// lib/sheet: numbers, serials, formats, references.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/sheet/format.h"
#include "lib/sheet/number.h"
#include "lib/sheet/reference.h"
#include "lib/sheet/serial.h"

static void a_number_is_the_decimal_that_a_person_sees(void **state)
{
    (void)state;
    static const struct {
        const char *written, *decimal;
    } cases[] = {
        {"12.3", "12.3"},
        {"12.300000000000001", "12.3"},
        {"0.30000000000000004", "0.3"},
        {"-5E-05", "-0.00005"},
        {"1.5e+3", "1500"},
        {"1.2345678901234567E+17", "123456789012346000"},
        {"99999999999999.99", "100000000000000"},
        {"9999999999999.995", "10000000000000"},
        {"1234567890123456789", "1234567890123456789"}, // an account number, not a float
        {"0.00", "0"},
        {"-0", "0"},
        {"007", "7"},
        {"100", "100"},
        {".5", "0.5"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_BUF(out, 500);
        assert_true(sheet_number_decimal(&out, text_from(cases[i].written)));
        assert_string_equal(buf_string(&out), cases[i].decimal);
    }
}

static void a_small_number_is_the_same_decimal(void **state)
{
    (void)state;
    static const struct {
        const char *written;
        int64_t coefficient;
        unsigned places;
    } cases[] = {
        {"12.3", 123, 1},
        {"12.300000000000001", 123, 1},
        {"0.30000000000000004", 3, 1},
        {"9999999999999.995", 10000000000000, 0},
        {"-0.10", -1, 1},
        {"-0", 0, 0},
        {"007", 7, 0},
        {"100", 100, 0},
        {".5", 5, 1},
        {"123456789012345678", 123456789012345678, 0},
        {"-0.123456789012345678", -123456789012346, 15},
    };
    struct sheet_number number;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(sheet_number_small(&number, text_from(cases[i].written)));
        assert_int_equal(number.coefficient, cases[i].coefficient);
        assert_int_equal(number.places, cases[i].places);
    }
    assert_true(sheet_number_small(&number, TEXT_OF("-1234.56")));
    assert_true(sheet_number_double(number) == -1234.56);
    static const char *const others[] = {"",
                                         "5.",
                                         "-",
                                         ".",
                                         "-.",
                                         "+1",
                                         "1e3",
                                         " 1",
                                         "1,5",
                                         "--1",
                                         "1.2.3",
                                         "1234567890123456789",
                                         "1234567890123456.7",
                                         ".0000000000000000001"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(sheet_number_small(&number, text_from(others[i])));
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",    "-",    ".",   "1e",  "1e999", "NaN",
                                        "INF", "0x10", "1,5", "1 2", "1.2.3"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(sheet_number_valid(text_from(wrong[i])));
}

static const char *fitting(const char *written)
{
    static char out[SHEET_NUMBER_TEXT_SIZE];
    size_t length;
    switch (sheet_number_fit(out, &length, text_from(written))) {
    case NUMBER_FITS:
        assert_int_equal(length, strlen(out));
        return out;
    case NUMBER_TOO_LONG:
        return "too long";
    case NUMBER_NONE:
        break;
    }
    return "none";
}

static void a_cell_that_is_written_keeps_every_digit_or_is_none(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"12.30", "12.3"},
        {"-12.00", "-12"},
        {"0", "0"},
        {"-0.00", "0"},
        {"100", "100"},
        {"0.05", "0.05"},
        {"123456789012345", "123456789012345"},
        {"-1234567890123.45", "-1234567890123.45"},
        {"1234567890123456", "too long"},
        {"1000000000000000000", "1000000000000000000"},
        {"0.1234567890123456", "too long"},
        {"1e+300", "1e+300"},
        {"1.5e-300", "1.5e-300"},
        {"9e307", "9e307"},
        {"1e308", "too long"},
        {"2.3e-308", "too long"},
        {"1e-307", "1e-307"},
        {"1e-308", "too long"},
        {"", "none"},
        {"-", "none"},
        {"1.2.3", "none"},
        {"12a", "none"},
        {"inf", "none"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(fitting(cases[i][0]), cases[i][1]);
}

static const char *reading(double serial, bool system_1904, bool elapsed)
{
    static char out[SERIAL_TEXT_SIZE];
    struct cell cell = {0};
    return serial_to_cell(&cell, serial, system_1904, elapsed) ? serial_reading(out, &cell) : "no date";
}

static const char *serial_of(struct moment moment)
{
    static char out[SERIAL_NUMBER_SIZE];
    return serial_number(out, moment) ? out : "";
}

static void serials_are_dates_of_their_system(void **state)
{
    (void)state;
    assert_string_equal(reading(46023, false, false), "2026-01-01");
    assert_string_equal(reading(46023.75, false, false), "2026-01-01T18:00:00");
    assert_string_equal(reading(46022.9999999999, false, false), "2026-01-01");
    assert_string_equal(reading(59, false, false), "1900-02-28");
    assert_string_equal(reading(60, false, false), "no date");
    assert_string_equal(reading(61, false, false), "1900-03-01");
    assert_string_equal(reading(0.25, false, false), "06:00:00");
    assert_string_equal(reading(1, true, false), "1904-01-02");
    assert_string_equal(reading(0, true, false), "1904-01-01");
    assert_string_equal(reading(1.5, false, true), "36:00:00");
    assert_string_equal(reading(-1, false, false), "no date");
    assert_string_equal(reading(3e6, false, false), "no date");
    const struct moment moment = {.date = {2026, 1, 1}, .hour = 18};
    assert_string_equal(serial_of(moment), "46023.75");
    assert_string_equal(serial_of((struct moment){.date = {1900, 2, 28}}), "59");
    assert_string_equal(serial_of((struct moment){.date = {1900, 3, 1}}), "61");
    // A microsecond before midnight, and a third of a day.
    assert_string_equal(serial_of((struct moment){{2026, 1, 1}, 23, 59, 59, 999999}), "46023.99999999999");
    assert_string_equal(serial_of((struct moment){{2026, 1, 1}, 8, 0, 0, 0}), "46023.33333333333");
}

static void iso_texts_are_dates(void **state)
{
    (void)state;
    char out[SERIAL_TEXT_SIZE];
    struct cell cell = {0};
    assert_true(serial_from_iso(&cell, TEXT_OF("2026-01-01T18:00:00.500Z")));
    assert_string_equal(serial_reading(out, &cell), "2026-01-01T18:00:00.5");
    assert_true(serial_from_iso(&cell, TEXT_OF("18:05")));
    assert_string_equal(serial_reading(out, &cell), "18:05:00");
    static const struct {
        const char *iso, *reading;
    } cases[] = {
        {"2026-01-01T18:00:00+02:00", "2026-01-01T18:00:00"},
        {"2026-01-01T18:00:00.25-0330", "2026-01-01T18:00:00.25"},
        {"2026-01-01t18:00:00,5z", "2026-01-01T18:00:00.5"},
        {"2026-01-01T00:00:00.000Z", "2026-01-01"},
        {"2026-01-01 18:00", "2026-01-01T18:00:00"},
        {"2026-01-01Z", "2026-01-01"},
        {"T07:30:00", "07:30:00"},
        {"07:30:00+02", "07:30:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(serial_from_iso(&cell, text_from(cases[i].iso)));
        assert_string_equal(serial_reading(out, &cell), cases[i].reading);
    }
    static const char *const wrong[] = {"2026-01-01T18:00:00+2", "2026-01-01T", "18:00:00*",
                                        "2026-01-01T25:00:00", "2026-01-01T18:00:00+02:0"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(serial_from_iso(&cell, text_from(wrong[i])));
    assert_false(serial_from_iso(&cell, TEXT_OF("2026-02-30")));
    assert_false(serial_from_iso(&cell, TEXT_OF("tomorrow")));
}

static void formats_tell_dates_from_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        enum format_kind kind;
    } cases[] = {
        {"General", FORMAT_NUMBER},
        {"0.00", FORMAT_NUMBER},
        {"d.m.yyyy", FORMAT_DATE},
        {"[$-40B]d. mmmm yyyy", FORMAT_DATE},
        {"0 \"päivä\"", FORMAT_NUMBER},
        {"#,##0.00 \\d", FORMAT_NUMBER},
        {"[Red]-0.00", FORMAT_NUMBER},
        {"[h]:mm", FORMAT_ELAPSED},
        {"[mm]:ss", FORMAT_ELAPSED},
        {"0.00E+00", FORMAT_NUMBER},
        {"_-* #,##0.00 _d_-;d", FORMAT_NUMBER},
        {"h:mm AM/PM", FORMAT_DATE},
        {"\"", FORMAT_NUMBER},
        {"[h", FORMAT_ELAPSED},
        {"0.00%", FORMAT_PERCENT},
        {"0 \"%\"", FORMAT_NUMBER},
        {"0\\%", FORMAT_NUMBER},
        {"[<1]0.0%;0", FORMAT_PERCENT},
        {"0;0%", FORMAT_NUMBER},
        {"[$-F800]dddd, mmmm dd, yyyy", FORMAT_DATE},
        {"[$-409]h:mm:ss AM/PM;@", FORMAT_DATE},
        {"[$kr-41D] #,##0.00", FORMAT_NUMBER},
        {"[$EUR] #,##0.00;[Red]-[$EUR] #,##0.00", FORMAT_NUMBER},
        {"[Magenta][>100]0.0", FORMAT_NUMBER},
        {"GENERAL", FORMAT_NUMBER},
        {"General \"days\"", FORMAT_NUMBER},
        {"[$-411]ggge", FORMAT_DATE},
        {"0.00 EUR", FORMAT_NUMBER},
        {"@", FORMAT_NUMBER},
        {"_-d", FORMAT_DATE},
        {"_d0", FORMAT_NUMBER},
        {"*d0", FORMAT_NUMBER},
        {"[SS].00", FORMAT_ELAPSED},
        {"yyyy\"年\"m\"月\"", FORMAT_DATE},
        {";;;", FORMAT_NUMBER},
        {"", FORMAT_NUMBER},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(format_code(text_from(cases[i].code)), cases[i].kind);
    assert_int_equal(format_builtin(14), FORMAT_DATE);
    assert_int_equal(format_builtin(46), FORMAT_ELAPSED);
    assert_int_equal(format_builtin(2), FORMAT_NUMBER);
    assert_int_equal(format_builtin(9), FORMAT_PERCENT);
    static const uint32_t localised[] = {22, 27, 36, 45, 47, 50, 58};
    for (size_t i = 0; i < COUNT_OF(localised); i++)
        assert_int_equal(format_builtin(localised[i]), FORMAT_DATE);
    static const uint32_t plain[] = {0, 1, 4, 11, 12, 13, 23, 26, 37, 44, 48, 49, 59, 164};
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        assert_int_equal(format_builtin(plain[i]), FORMAT_NUMBER);
}

static void references_end_at_the_edge_of_a_page(void **state)
{
    (void)state;
    char out[REFERENCE_TEXT_SIZE];
    struct reference reference;
    struct range range;
    assert_true(sheet_reference_parse(&reference, TEXT_OF("$B$7")));
    assert_int_equal(reference.column, 2);
    assert_string_equal(reference_text(out, reference), "B7");
    assert_true(sheet_reference_parse(&reference, TEXT_OF("XFD1048576")));
    static const char *const wrong[] = {
        "XFE1", "A1048577", "A0", "1A", "A", "7", "", "A99999999999999999999", "AAAAAAAAAAAA1"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(sheet_reference_parse(&reference, text_from(wrong[i])));
    assert_true(range_parse(&range, TEXT_OF("D20:A1")));
    assert_int_equal(range.first.row, 1);
    assert_int_equal(range.last.column, 4);
    assert_false(range_parse(&range, TEXT_OF("A1:B2:C3")));
    assert_string_equal(column_text(out, 16384), "XFD");
    assert_string_equal(column_text(out, 26), "Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_the_decimal_that_a_person_sees),
        cmocka_unit_test(a_small_number_is_the_same_decimal),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(a_cell_that_is_written_keeps_every_digit_or_is_none),
        cmocka_unit_test(serials_are_dates_of_their_system),
        cmocka_unit_test(iso_texts_are_dates),
        cmocka_unit_test(formats_tell_dates_from_numbers),
        cmocka_unit_test(references_end_at_the_edge_of_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
