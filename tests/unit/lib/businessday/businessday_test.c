// lib/businessday: names of calendars, and sums
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/businessday/businessday.h"
#include "lib/calendar/parse.h"

static struct calendars *calendars;

static int32_t day(const char *written)
{
    struct err err;
    struct date date;
    assert_true(date_parse(&date, text_from(written), &err));
    return date_to_days(date);
}

static void add(struct calendars *to, const char *name, const char *json)
{
    struct err err = {0};
    SCOPED(json_document)
    document = NULL;
    assert_true(json_parse(&document, text_from(json), &err));
    assert_true(calendars_add(to, text_from(name), json_root(document), &err));
}

static const struct business *christmas(void)
{
    static struct business business;
    struct err err = {0};
    business = (struct business){.count = 1};
    assert_true(calendars_find(&business.calendars[0], calendars, TEXT_OF("FI"), &err));
    return &business;
}

static void a_calendar_has_short_names_and_no_case(void **state)
{
    (void)state;
    struct err err = {0};
    const struct calendar *calendar;
    static const char *const names[] = {"fi-holidays", "FI-Holidays", "FI", "fi"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_true(calendars_find(&calendar, calendars, text_from(names[i]), &err));
        assert_string_equal(calendar_name(calendar), "fi-holidays");
    }
    assert_false(calendars_find(&calendar, calendars, TEXT_OF("SE"), &err));
    assert_int_equal(err.code, ERR_CALENDAR_UNKNOWN);
    assert_string_equal(err.arguments[1], "fi-holidays, target");
}

static void a_second_of_the_name_takes_the_place_of_the_first(void **state)
{
    (void)state;
    struct err err = {0};
    const struct calendar *calendar;
    SCOPED(calendars)
    two = calendars_new();
    add(two, "own", "{\"days\":[{\"date\":\"2026-01-02\"},{\"date\":\"2026-01-01\"}]}");
    add(two, "OWN", "{\"days\":[{\"date\":\"2026-01-05\",\"local\":\"oma\"}]}");
    assert_int_equal(calendars_count(two), 1);
    assert_true(calendars_find(&calendar, two, TEXT_OF("own"), &err));
    assert_int_equal(calendar_count(calendar), 1);
    assert_string_equal(closed_day_name(calendar_find(calendar, day("2026-01-05")), LANGUAGE_SV), "oma");
}

static void what_is_no_list_of_days_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"{}", "{\"days\":{}}", "{\"days\":[{}]}",
                                        "{\"days\":[{\"date\":\"x\"}]}"};
    SCOPED(calendars)
    none = calendars_new();
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct err err = {0};
        SCOPED(json_document)
        document = NULL;
        assert_true(json_parse(&document, text_from(wrong[i]), &err));
        assert_false(calendars_add(none, TEXT_OF("own"), json_root(document), &err));
        assert_int_equal(err.code, ERR_CALENDAR_DATA);
    }
}

static void sums_pass_over_closed_days(void **state)
{
    (void)state;
    int32_t out;
    const struct business *business = christmas();
    const struct month december = {2026, 12};
    assert_true(business_is(business, day("2026-12-23")));
    assert_false(business_is(business, day("2026-12-26"))); // a Saturday
    assert_true(business_following(&out, business, day("2026-12-24")) && out == day("2026-12-28"));
    assert_true(business_preceding(&out, business, day("2026-12-27")) && out == day("2026-12-23"));
    assert_true(business_modified_following(&out, business, day("2026-01-31")) && out == day("2026-01-30"));
    assert_true(business_modified_following(&out, business, day("2026-12-24")) && out == day("2026-12-28"));
    assert_true(business_add(&out, business, day("2026-12-25"), 1) && out == day("2026-12-28"));
    assert_true(business_add(&out, business, day("2026-12-28"), -1) && out == day("2026-12-23"));
    assert_true(business_add(&out, business, day("2026-12-25"), 0) && out == day("2026-12-25"));
    assert_true(business_nth(&out, business, december, 3) && out == day("2026-12-03"));
    assert_true(business_nth(&out, business, december, -1) && out == day("2026-12-31"));
    assert_false(business_nth(&out, business, december, 24));
    assert_false(business_nth(&out, business, december, 0));
    assert_int_equal(business_count(business, day("2026-12-21"), day("2026-12-28")), 3);
    assert_int_equal(business_count(business, day("2026-12-28"), day("2026-12-21")), -3);
}

static void nothing_leads_out_of_the_years(void **state)
{
    (void)state;
    int32_t out;
    const struct business *business = christmas();
    assert_false(business_add(&out, business, DAYS_MOST, 3));
    assert_false(business_add(&out, business, DAYS_LEAST, -3));
    assert_false(business_add(&out, business, 0, INT64_MAX));
    assert_false(business_add(&out, business, 0, INT64_MIN));
}

static int open_calendars(void **state)
{
    (void)state;
    calendars = calendars_new();
    add(calendars, "target", "{\"days\":[{\"date\":\"2026-12-25\"}]}");
    add(calendars, "fi-holidays",
        "{\"days\":[{\"date\":\"2026-12-25\",\"en\":\"Christmas Day\"},{\"date\":\"2026-12-24\"}]}");
    return 0;
}

static int close_calendars(void **state)
{
    (void)state;
    calendars_free(calendars);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_calendar_has_short_names_and_no_case),
        cmocka_unit_test(a_second_of_the_name_takes_the_place_of_the_first),
        cmocka_unit_test(what_is_no_list_of_days_is_refused),
        cmocka_unit_test(sums_pass_over_closed_days),
        cmocka_unit_test(nothing_leads_out_of_the_years),
    };
    return cmocka_run_group_tests(tests, open_calendars, close_calendars);
}
