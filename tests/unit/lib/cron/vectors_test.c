// lib/cron against the shared vectors: core rows of other engines, Europe/Helsinki, clock changes, what must be refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/base/file.h"
#include "lib/calendar/instant.h"
#include "lib/cron/cron.h"

#include <fcntl.h>
#include <stdio.h>

enum { COLUMNS_MAX = 16, TABLE_BYTES_MAX = 4 << 20 };

static struct zones *zones;

// Calls `row` for each line after the head; the number of rows, or skips where the folder is absent.
static int each_row(const char *name, bool (*row)(const struct text *columns))
{
    SCOPED_BUF(bytes, TABLE_BYTES_MAX);
    SCOPED_TEXT char *path = xasprintf(RENKI_SHARED_DATA "/cron/%s", name);
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

static int64_t seconds_of(struct text written, const struct zone *zone, bool *fraction)
{
    struct err err = {0};
    struct instant instant;
    assert_true(instant_parse(&instant, written, zone, &err));
    const int64_t second = instant.microseconds / MICROSECONDS - (instant.microseconds % MICROSECONDS < 0);
    *fraction = instant.microseconds != second * MICROSECONDS;
    return second;
}

// True when the times that come are those expected; else says what came.
static bool comes(struct text id, struct text written, struct text zone_text, struct text from,
                  bool inclusive, struct text expected)
{
    struct err err = {0};
    const struct zone *zone;
    struct cron cron;
    enum wall wall;
    bool fraction, ignored;
    assert_true(zones_find(&zone, zones, zone_text, &err));
    if (!cron_read(&cron, written, &err)) {
        print_message("%.*s: refused %.*s\n", (int)id.length, id.data, (int)written.length, written.data);
        return false;
    }
    int64_t at = seconds_of(from, zone, &fraction) - (inclusive ? 1 : 0);
    if (inclusive && fraction)
        at++;
    struct text one;
    if (text_is(expected, "none"))
        return !cron_next(&at, &wall, &cron, zone, at);
    while (text_cut(&expected, ';', &one)) {
        const int64_t wanted = seconds_of(one, zone, &ignored);
        if (!cron_next(&at, &wall, &cron, zone, at) || at != wanted) {
            print_message("%.*s: %.*s wanted %.*s, off by %lld s\n", (int)id.length, id.data,
                          (int)written.length, written.data, (int)one.length, one.data,
                          (long long)(at - wanted));
            return false;
        }
    }
    return true;
}

static bool five_or_six(struct text layout)
{
    return text_is(layout, "m h D M W") || text_is(layout, "s m h D M W") || text_is(layout, "macro");
}

static int failed;

// Core rows whose layout is read here, and whose day fields are not asked to agree both.
static bool next_row(const struct text *columns)
{
    if (!five_or_six(columns[3]) || !text_is(columns[9], "next") || !text_is(columns[12], "core"))
        return false;
    failed += !comes(columns[0], columns[5], columns[6], columns[7], text_is(columns[8], "1"), columns[10]);
    return true;
}

static void what_independent_engines_agree_on_holds(void **state)
{
    (void)state;
    failed = 0;
    const int rows = each_row("next.tsv", next_row);
    print_message("next.tsv: %d core rows, %d failed\n", rows, failed);
    assert_true(rows > 400);
    assert_int_equal(failed, 0);
}

static bool helsinki_row(const struct text *columns)
{
    failed += !comes(columns[0], columns[2], columns[3], columns[4], false, columns[5]);
    return true;
}

static void helsinki_runs_as_all_engines_say(void **state)
{
    (void)state;
    failed = 0;
    const int rows = each_row("helsinki.tsv", helsinki_row);
    print_message("helsinki.tsv: %d rows, %d failed\n", rows, failed);
    assert_true(rows > 300);
    assert_int_equal(failed, 0);
}

// Of a time that comes twice cronsim names the first, even where it is before the time asked from.
static bool policy_row(const struct text *columns)
{
    struct text expected = columns[5], first;
    bool ignored;
    assert_true(text_cut(&expected, ';', &first));
    if (seconds_of(first, NULL, &ignored) <= seconds_of(columns[4], NULL, &ignored)) {
        failed += !comes(columns[0], columns[2], columns[3], columns[4], false, expected);
        return true;
    }
    failed += !comes(columns[0], columns[2], columns[3], columns[4], false, columns[5]);
    return true;
}

static void at_clock_changes_it_is_the_column_of_debians_cron(void **state)
{
    (void)state;
    failed = 0;
    const int rows = each_row("dst-policy.tsv", policy_row);
    print_message("dst-policy.tsv: %d rows, %d failed\n", rows, failed);
    assert_true(rows > 20);
    assert_int_equal(failed, 0);
}

// A row of seven fields has a year, which is not read here; Quartz counts weekdays from 1.
static bool match_row(const struct text *columns)
{
    struct err err = {0};
    struct cron cron;
    const struct zone *zone;
    enum wall wall;
    bool ignored;
    int64_t at;
    if (text_starts(columns[2], "quartz") || text_is(columns[2], "croner7"))
        return false;
    assert_true(cron_read(&cron, columns[3], &err));
    assert_true(zones_find(&zone, zones, columns[4], &err));
    const int64_t time = seconds_of(columns[5], zone, &ignored);
    const bool matches = cron_next(&at, &wall, &cron, zone, time - 1) && at == time;
    if (matches != text_is(columns[6], "true")) {
        print_message("%.*s: %.*s\n", (int)columns[0].length, columns[0].data, (int)columns[3].length,
                      columns[3].data);
        failed++;
    }
    return true;
}

static void an_instant_matches_or_not(void **state)
{
    (void)state;
    failed = 0;
    const int rows = each_row("match.tsv", match_row);
    print_message("match.tsv: %d rows, %d failed\n", rows, failed);
    assert_true(rows > 30);
    assert_int_equal(failed, 0);
}

static bool same_row(const struct text *columns)
{
    struct err err = {0};
    struct cron a = {0}, b = {0};
    assert_true(cron_read(&a, columns[3], &err) && cron_read(&b, columns[4], &err));
    failed += a.seconds != b.seconds || a.minutes != b.minutes || a.hours != b.hours || a.days != b.days ||
              a.months != b.months || a.weekdays != b.weekdays;
    return true;
}

static void two_ways_of_saying_it_are_one(void **state)
{
    (void)state;
    failed = 0;
    assert_true(each_row("same.tsv", same_row) > 0);
    assert_int_equal(failed, 0);
}

static bool invalid_row(const struct text *columns)
{
    struct err err = {0};
    struct cron cron;
    const bool core = text_is(columns[4], "core");
    const bool read = cron_read(&cron, columns[3], &err);
    if (read && core)
        print_message("%.*s: read \"%.*s\"\n", (int)columns[0].length, columns[0].data,
                      (int)columns[3].length, columns[3].data);
    failed += read && core;
    return core;
}

static void what_engines_refuse_is_refused(void **state)
{
    (void)state;
    failed = 0;
    const int rows = each_row("invalid.tsv", invalid_row);
    print_message("invalid.tsv: %d core rows, %d read\n", rows, failed);
    assert_true(rows > 200);
    assert_int_equal(failed, 0);
}

static int open_zones(void **state)
{
    (void)state;
    struct err err = {0};
    return zones_open(&zones, ZONES_FOLDER, &err) ? 0 : -1;
}

static int close_zones(void **state)
{
    (void)state;
    zones_free(zones);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_independent_engines_agree_on_holds),
        cmocka_unit_test(helsinki_runs_as_all_engines_say),
        cmocka_unit_test(at_clock_changes_it_is_the_column_of_debians_cron),
        cmocka_unit_test(an_instant_matches_or_not),
        cmocka_unit_test(two_ways_of_saying_it_are_one),
        cmocka_unit_test(what_engines_refuse_is_refused),
    };
    return cmocka_run_group_tests(tests, open_zones, close_zones);
}
