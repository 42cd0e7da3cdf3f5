// lib/calendar/parse.c and pattern.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/calendar/instant.h"
#include "lib/calendar/parse.h"
#include "lib/calendar/pattern.h"

static void dates_are_read_in_the_usual_forms(void **state)
{
    (void)state;
    static const char *const forms[] = {"31.5.2026", "31.05.2026", " 2026-05-31 ", "20260531"};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct date date;
        struct err err = {0};
        assert_true(date_parse(&date, text_from(forms[i]), &err));
        assert_int_equal(date_compare(date, (struct date){2026, 5, 31}), 0);
    }
}

static void what_could_mean_two_days_is_not_read(void **state)
{
    (void)state;
    static const struct {
        const char *written;
        enum err_code code;
    } cases[] = {
        {"", ERR_DATE_UNREAD},
        {"31.5.26", ERR_DATE_UNREAD},
        {"05/31/2026", ERR_DATE_UNREAD},
        {"260531", ERR_DATE_UNREAD},
        {"31.5.2026 x", ERR_DATE_UNREAD},
        {"2026-5-31", ERR_DATE_UNREAD},
        {"31. 5. 2026", ERR_DATE_UNREAD},
        {"30.2.2026", ERR_DATE_NONE},
        {"20261301", ERR_DATE_NONE},
        {"0.5.2026", ERR_DATE_NONE},
        {"0000-01-01", ERR_DATE_NONE},
        {"00000000", ERR_DATE_NONE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct date date;
        struct err err = {0};
        assert_false(date_parse(&date, text_from(cases[i].written), &err));
        assert_int_equal(err.code, cases[i].code);
    }
}

static void months_are_read_in_the_usual_forms(void **state)
{
    (void)state;
    static const char *const forms[] = {"2026-05", "202605", "5/2026", "05/2026", "5.2026"};
    struct month month;
    struct err err = {0};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        assert_true(month_parse(&month, text_from(forms[i]), &err));
        assert_int_equal(month.year * 100 + month.month, 202605);
    }
    assert_false(month_parse(&month, TEXT_OF("2026-13"), &err));
    assert_false(month_parse(&month, TEXT_OF("0/2026"), &err));
    assert_false(month_parse(&month, TEXT_OF("2026"), &err));
}

static void times_are_read_with_and_without_offset(void **state)
{
    (void)state;
    static const struct {
        const char *written, *iso;
        int32_t offset; // -1: none
    } cases[] = {
        {"2026-05-31", "2026-05-31T00:00:00", -1},
        {"2026-05-31T12:00", "2026-05-31T12:00:00", -1},
        {"31.5.2026 9.05", "2026-05-31T09:05:00", -1},
        {"31.5.2026 13:00:09", "2026-05-31T13:00:09", -1},
        {"2026-05-31 12:00:00.5", "2026-05-31T12:00:00.5", -1},
        {"2023-09-06T09:14:12.834385+03:00", "2023-09-06T09:14:12.834385", 10800},
        {"2026-01-07 16:10:05.3", "2026-01-07T16:10:05.3", -1},
        {"20260531T120000Z", "2026-05-31T12:00:00", 0},
        {"2026-05-31T12:00:00,123456789-0330", "2026-05-31T12:00:00.123456", -12600},
        {"2026-05-31T12:00+03", "2026-05-31T12:00:00", 10800},
        {"2026-12-31T24:00Z", "2027-01-01T00:00:00", 0},
        {"2016-12-31T23:59:60Z", "2016-12-31T23:59:59", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct moment moment;
        struct err err = {0};
        bool has_offset;
        int32_t offset;
        SCOPED_BUF(iso, 64);
        assert_true(moment_parse(&moment, &has_offset, &offset, text_from(cases[i].written), &err));
        assert_true(moment_write_iso(&iso, moment));
        assert_string_equal(buf_string(&iso), cases[i].iso);
        assert_int_equal(has_offset ? offset : -1, cases[i].offset);
    }
}

static void times_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const forms[] = {"2026-05-31T",
                                        "2026-05-31T1",
                                        "2026-05-31T25:00",
                                        "2026-05-31T12:60",
                                        "2026-05-31T12:00:00.",
                                        "2026-05-31T12:00+3",
                                        "2026-05-31T12:00+24:00",
                                        "2026-05-31x12:00",
                                        "2026-05-3112:00",
                                        "12:00",
                                        "2026-05-31T24:01",
                                        "2026-05-31T12:00:61",
                                        "2026-05-31T12:00 EET",
                                        "9999-12-31T24:00"};
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct moment moment;
        struct err err = {0};
        bool has_offset;
        int32_t offset;
        assert_false(moment_parse(&moment, &has_offset, &offset, text_from(forms[i]), &err));
    }
}

static void patterns_read_what_they_write(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *written;
    } cases[] = {
        {"d.m.yyyy", "1.5.2026"},
        {"dd.mm.yyyy", "01.05.2026"},
        {"yyyymmdd", "20260501"},
        {"yymmdd", "260501"},
        {"dd/mm/yyyy", "01/05/2026"},
        {"yyyy-mm-dd HH:MM:SS", "2026-05-01 09:05:07"},
        {"d.m.yyyy 'klo' H.MM", "1.5.2026 klo 9.05"},
        {"yyyymmddHHMMSSfff", "20260501090507123"},
        {"yyyymmdd_HHMMSS.ffffff", "20260501_090507.123456"},
    };
    const struct moment moment = {{2026, 5, 1}, 9, 5, 7, 123456};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_BUF(out, 64);
        struct moment read;
        struct err err = {0};
        const struct text pattern = text_from(cases[i].pattern);
        assert_true(pattern_write(&out, moment, pattern, &err));
        assert_string_equal(buf_string(&out), cases[i].written);
        assert_true(pattern_read(&read, buf_text(&out), pattern, &err));
        assert_int_equal(date_compare(read.date, moment.date), 0);
    }
}

static void two_digit_years_lie_between_1970_and_2069(void **state)
{
    (void)state;
    struct moment moment;
    struct err err = {0};
    assert_true(pattern_read(&moment, TEXT_OF("690101"), TEXT_OF("yymmdd"), &err));
    assert_int_equal(moment.date.year, 2069);
    assert_true(pattern_read(&moment, TEXT_OF("700101"), TEXT_OF("yymmdd"), &err));
    assert_int_equal(moment.date.year, 1970);
}

static void a_wrong_pattern_is_told_apart_from_a_wrong_text(void **state)
{
    (void)state;
    static const struct {
        const char *written, *pattern;
        enum err_code code;
    } cases[] = {
        {"31.5.2026", "DD.MM.YYYY", ERR_DATE_PATTERN},
        {"31.5.2026", "d.m", ERR_DATE_PATTERN},
        {"31.5.2026", "", ERR_DATE_PATTERN},
        {"31.5.2026", "d.mmm.yyyy", ERR_DATE_PATTERN},
        {"31.5.2026", "d.m.yyyy 'x", ERR_DATE_PATTERN},
        {"31.5.2026", "yyyy-mm-dd", ERR_DATE_FORM},
        {"31.5.2026x", "d.m.yyyy", ERR_DATE_FORM},
        {"30.2.2026", "d.m.yyyy", ERR_DATE_NONE},
        {"000000", "yymmdd", ERR_DATE_NONE},
        {"1.2.2026 2", "d.m.yyyy d", ERR_DATE_FORM},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct moment moment;
        struct err err = {0};
        assert_false(pattern_read(&moment, text_from(cases[i].written), text_from(cases[i].pattern), &err));
        assert_int_equal(err.code, cases[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read_in_the_usual_forms),
        cmocka_unit_test(what_could_mean_two_days_is_not_read),
        cmocka_unit_test(months_are_read_in_the_usual_forms),
        cmocka_unit_test(times_are_read_with_and_without_offset),
        cmocka_unit_test(times_that_are_none_are_refused),
        cmocka_unit_test(patterns_read_what_they_write),
        cmocka_unit_test(two_digit_years_lie_between_1970_and_2069),
        cmocka_unit_test(a_wrong_pattern_is_told_apart_from_a_wrong_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
