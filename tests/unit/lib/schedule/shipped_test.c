// The calendars that come with renki (schedules/calendars/*.ics) against the shared tables of holidays, TARGET's closing
// days and business-day sums.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/businessday/businessday.h"
#include "lib/calendar/instant.h"
#include "lib/calendar/parse.h"
#include "lib/ics/ics.h"

#include <fcntl.h>

enum { COLUMNS_MAX = 8, TABLE_BYTES_MAX = 4 << 20, FILE_MAX = 256 << 10, YEARS = 10000 };

static struct calendars *calendars;
static int failed;

static int each_row(const char *name, bool (*row)(const struct text *columns))
{
    SCOPED_BUF(bytes, TABLE_BYTES_MAX);
    SCOPED_TEXT char *path = xasprintf(RENKI_SHARED_DATA "/holidays/%s", name);
    struct err err = {0};
    if (!file_read(&bytes, AT_FDCWD, path, &err)) {
        print_message("%s is not there\n", path);
        skip();
    }
    struct text rest = buf_text(&bytes), line;
    int count = 0;
    assert_true(text_cut(&rest, '\n', &line));
    while (text_cut(&rest, '\n', &line)) {
        struct text columns[COLUMNS_MAX] = {0};
        for (size_t i = 0; i < COLUMNS_MAX && text_cut(&line, '\t', &columns[i]); i++)
            ;
        if (columns[0].length)
            count += row(columns);
    }
    return count;
}

static int32_t day_of(struct text written)
{
    struct err err;
    struct date date;
    assert_true(date_parse(&date, written, &err));
    return date_to_days(date);
}

static struct business business_of(struct text name)
{
    struct err err = {0};
    struct business business = {.count = 1};
    assert_true(calendars_find(&business.calendars[0], calendars, name, &err));
    return business;
}

// ---- each day of the tables is listed, and no other of those years

static bool years[YEARS];
static int listed;
static const char *country;
static bool with_eves;

static bool holiday_row(const struct text *columns)
{
    const bool eve = text_is(columns[3], "eve");
    if (!text_is(columns[0], country) || text_is(columns[3], "half") || (eve && !with_eves))
        return false;
    const struct business business = business_of(text_from(with_eves ? country : "FI-public"));
    const int32_t day = day_of(columns[1]);
    years[date_from_days(day).year] = true;
    if (!calendar_find(business.calendars[0], day)) {
        print_message("%s lacks %.*s\n", country, (int)columns[1].length, columns[1].data);
        failed++;
    }
    listed++;
    return true;
}

static void no_other_day(const char *name)
{
    const struct business business = business_of(text_from(name));
    int count = 0;
    for (size_t i = 0; i < calendar_count(business.calendars[0]); i++)
        count += years[date_from_days(calendar_at(business.calendars[0], i)->day).year];
    assert_int_equal(count, listed);
    assert_int_equal(failed, 0);
    memset(years, 0, sizeof years);
    listed = 0;
}

static void the_holidays_are_those_of_the_tables(void **state)
{
    (void)state;
    static const struct {
        const char *country, *calendar;
        bool eves;
    } cases[] = {{"FI", "FI", true}, {"FI", "FI-public", false}, {"SE", "SE", true}, {"EE", "EE", true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        failed = 0;
        country = cases[i].country;
        with_eves = cases[i].eves;
        assert_true(each_row("holidays.tsv", holiday_row) > 100);
        no_other_day(cases[i].calendar);
    }
}

static bool target_row(const struct text *columns)
{
    const struct business business = business_of(TEXT_OF("TARGET2"));
    const int32_t day = day_of(columns[0]);
    years[date_from_days(day).year] = true;
    failed += !calendar_find(business.calendars[0], day);
    listed++;
    return true;
}

static void target_is_closed_on_its_days(void **state)
{
    (void)state;
    failed = 0;
    assert_true(each_row("target.tsv", target_row) > 30);
    no_other_day("target");
}

static bool easter_row(const struct text *columns)
{
    const int32_t day = day_of(columns[1]);
    const int year = date_from_days(day).year;
    const struct business business = business_of(TEXT_OF("FI"));
    if (year < 2015 || year > 2035)
        return false;
    const struct closed_day *closed = calendar_find(business.calendars[0], day);
    failed += !closed || strcmp(closed_day_name(closed, LANGUAGE_EN), "Easter Sunday") != 0;
    return true;
}

static void easter_is_found(void **state)
{
    (void)state;
    failed = 0;
    assert_true(each_row("easter.tsv", easter_row) > 5);
    assert_int_equal(failed, 0);
}

// ---- sums

static bool sum(struct buf *out, const struct business *business, const struct text *columns)
{
    const int32_t day = day_of(columns[3]);
    const struct date date = date_from_days(day);
    const struct month month = {date.year, date.month};
    int64_t number = 0;
    int32_t found = 0;
    bool done = false;
    if (text_is(columns[2], "is"))
        return buf_append_string(out, business_is(business, day) ? "true" : "false");
    if (text_is(columns[2], "count"))
        return buf_append_string(out, N(business_count(business, day, day_of(columns[4]))));
    if (text_is(columns[2], "following"))
        done = business_following(&found, business, day);
    if (text_is(columns[2], "preceding"))
        done = business_preceding(&found, business, day);
    if (text_is(columns[2], "modified-following"))
        done = business_modified_following(&found, business, day);
    if (text_is(columns[2], "last"))
        done = business_nth(&found, business, month, -1);
    if (text_is(columns[2], "nth"))
        done = text_to_int64(columns[4], &number) && business_nth(&found, business, month, (int)number);
    if (text_is(columns[2], "add"))
        done = text_to_int64(columns[4], &number) && business_add(&found, business, day, number);
    return done && date_write_iso(out, date_from_days(found));
}

static bool sum_row(const struct text *columns)
{
    SCOPED_BUF(out, 100);
    const struct business business = business_of(columns[1]);
    if (!sum(&out, &business, columns) || !text_equal(buf_text(&out), columns[5])) {
        print_message("%.*s: wanted %.*s, came %s\n", (int)columns[0].length, columns[0].data,
                      (int)columns[5].length, columns[5].data, buf_string(&out));
        failed++;
    }
    return true;
}

static void business_day_sums_are_those_of_the_tables(void **state)
{
    (void)state;
    failed = 0;
    const int rows = each_row("business-days.tsv", sum_row);
    print_message("business-days.tsv: %d rows, %d failed\n", rows, failed);
    assert_true(rows > 100);
    assert_int_equal(failed, 0);
}

static int open_calendars(void **state)
{
    (void)state;
    static const char *const names[] = {"fi-holidays", "fi-public-holidays", "se-holidays", "ee-holidays",
                                        "target"};
    struct err err = {0};
    calendars = calendars_new();
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        SCOPED_BUF(file, FILE_MAX);
        SCOPED_BUF(json, FILE_MAX);
        SCOPED(json_document)
        document = NULL;
        SCOPED_TEXT char *path = xasprintf(RENKI_CALENDARS "/%s.ics", names[i]);
        if (!file_read(&file, AT_FDCWD, path, &err) || !ics_read(&json, buf_text(&file), &err) ||
            !json_parse(&document, buf_text(&json), &err) ||
            !calendars_add(calendars, text_from(names[i]), json_root(document), &err))
            return -1;
    }
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
        cmocka_unit_test(the_holidays_are_those_of_the_tables),
        cmocka_unit_test(target_is_closed_on_its_days),
        cmocka_unit_test(easter_is_found),
        cmocka_unit_test(business_day_sums_are_those_of_the_tables),
    };
    return cmocka_run_group_tests(tests, open_calendars, close_calendars);
}
