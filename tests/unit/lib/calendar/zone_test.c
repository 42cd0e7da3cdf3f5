// lib/calendar/zone.c, tzif.c, rule.c and instant.c, measured against the system's own reading of the zones.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/calendar/instant.h"
#include "lib/calendar/rule.h"
#include "lib/calendar/tzif.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int open_zones(void **state)
{
    struct zones *zones = NULL;
    struct err err = {0};
    if (access(ZONES_FOLDER "/Europe/Helsinki", R_OK) == 0 && !zones_open(&zones, ZONES_FOLDER, &err))
        return -1;
    *state = zones;
    return 0;
}

static int free_zones(void **state)
{
    zones_free(*state);
    return 0;
}

static const struct zone *zone_of(void **state, const char *name)
{
    const struct zone *zone = NULL;
    struct err err = {0};
    if (!*state) {
        puts("the zone data is not here");
        skip();
    }
    assert_true(zones_find(&zone, *state, text_from(name), &err));
    return zone;
}

static void offsets_are_those_of_the_system(void **state)
{
    static const char *const names[] = {"Europe/Helsinki",     "Europe/Dublin",    "Europe/London",
                                        "Europe/Moscow",       "America/New_York", "America/Santiago",
                                        "Australia/Lord_Howe", "America/Nuuk",     "Asia/Kolkata",
                                        "Africa/Casablanca",   "Pacific/Apia",     "UTC"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct zone *zone = zone_of(state, names[i]);
        setenv("TZ", names[i], 1);
        tzset();
        // 1901 to 2120 by an odd step of about 19 hours, which wanders over all hours of the day.
        for (int64_t seconds = -2145000000; seconds < 4733000000; seconds += 68371) {
            const time_t at = seconds;
            struct tm tm;
            assert_non_null(localtime_r(&at, &tm));
            if (zone_offset(zone, seconds) != tm.tm_gmtoff)
                printf("%s at %lld\n", names[i], (long long)seconds);
            assert_int_equal(zone_offset(zone, seconds), tm.tm_gmtoff);
        }
    }
}

static void check_local(void **state, const char *zone, const char *local, const char *instant)
{
    struct instant parsed;
    struct err err = {0};
    SCOPED_BUF(iso, 64);
    assert_true(instant_parse(&parsed, text_from(local), zone_of(state, zone), &err));
    assert_true(instant_write_iso(&iso, parsed));
    assert_string_equal(buf_string(&iso), instant);
}

static void a_skipped_time_is_read_with_the_offset_before_the_gap(void **state)
{
    check_local(state, "Europe/Helsinki", "2026-03-29T02:59:59", "2026-03-29T02:59:59+02:00");
    check_local(state, "Europe/Helsinki", "2026-03-29T03:00", "2026-03-29T04:00:00+03:00");
    check_local(state, "Europe/Helsinki", "2026-03-29T03:30", "2026-03-29T04:30:00+03:00");
    check_local(state, "Europe/Helsinki", "2026-03-29T04:00", "2026-03-29T04:00:00+03:00");
    check_local(state, "Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:45:00+11:00");
}

static void a_time_that_comes_twice_means_the_first(void **state)
{
    check_local(state, "Europe/Helsinki", "2026-10-25T02:59", "2026-10-25T02:59:00+03:00");
    check_local(state, "Europe/Helsinki", "2026-10-25T03:30", "2026-10-25T03:30:00+03:00");
    check_local(state, "Europe/Helsinki", "2026-10-25T04:00", "2026-10-25T04:00:00+02:00");
    check_local(state, "America/New_York", "2026-11-01T01:30", "2026-11-01T01:30:00-04:00");
    check_local(state, "Europe/Dublin", "2080-10-27T01:30", "2080-10-27T01:30:00+01:00");
}

static void every_hour_goes_there_and_back(void **state)
{
    static const char *const names[] = {"Europe/Helsinki", "America/Santiago", "Pacific/Apia",
                                        "Africa/Casablanca"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct zone *zone = zone_of(state, names[i]);
        for (int64_t seconds = 1199145600; seconds < 1800000000; seconds += 1800) {
            const int64_t local = seconds + zone_offset(zone, seconds);
            const int64_t back = zone_to_utc(zone, local);
            // Either the same, or the earlier of two that show the same on the wall.
            assert_true(back <= seconds);
            assert_true(back + zone_offset(zone, back) == local);
        }
    }
}

static void between_two_changes_the_offset_stays(void **state)
{
    static const char *const names[] = {"Europe/Helsinki",
                                        "Australia/Lord_Howe",
                                        "America/Santiago",
                                        "Asia/Kathmandu",
                                        "Pacific/Apia",
                                        "Africa/Casablanca",
                                        "UTC"};
    static const int64_t end = 4102444800; // 2100
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct zone *zone = zone_of(state, names[i]);
        for (int64_t at = 0; at < end;) {
            const int64_t change = zone_change_after(zone, at);
            assert_true(change > at);
            const int64_t until = change < end ? change : end;
            for (int64_t step = at; step < until; step += 86399)
                assert_int_equal(zone_offset(zone, step), zone_offset(zone, at));
            assert_int_equal(zone_offset(zone, until - 1), zone_offset(zone, at));
            at = change < end ? change : end;
        }
    }
}

static void a_wall_shows_a_time_never_once_or_twice(void **state)
{
    static const char *const names[] = {"Europe/Helsinki", "Australia/Lord_Howe", "America/Santiago",
                                        "Pacific/Apia"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct zone *zone = zone_of(state, names[i]);
        // Every quarter of an hour of 2011, counted by what the wall shows at each instant around it.
        for (int64_t local = 1293840000; local < 1325376000; local += 900) {
            int64_t at, first = 0;
            int shown = 0;
            for (int64_t instant = local - 54000; instant <= local + 54000; instant += 900)
                if (instant + zone_offset(zone, instant) == local && !shown++)
                    first = instant;
            const enum wall wall = zone_wall(&at, zone, local);
            assert_int_equal(wall, shown == 0 ? WALL_NEVER : shown == 1 ? WALL_ONCE : WALL_TWICE);
            if (shown)
                assert_int_equal(at, first);
            else // the first moment after the gap
                assert_true(at + zone_offset(zone, at) > local && at - 1 + zone_offset(zone, at - 1) < local);
        }
    }
}

static void an_offset_fixes_the_point_in_time(void **state)
{
    struct instant a, b;
    struct err err = {0};
    SCOPED_BUF(iso, 64);
    assert_true(instant_parse(&a, TEXT_OF("2026-05-31T12:00:00+03:00"), NULL, &err));
    assert_true(instant_parse(&b, TEXT_OF("2026-05-31T09:00:00Z"), zone_of(state, "Europe/Stockholm"), &err));
    assert_true(a.microseconds == b.microseconds);
    assert_true(instant_write_iso(&iso, b));
    assert_string_equal(buf_string(&iso), "2026-05-31T11:00:00+02:00");
    assert_false(instant_parse(&a, TEXT_OF("2026-05-31T12:00:00"), NULL, &err));
    assert_int_equal(err.code, ERR_INSTANT_WITHOUT_ZONE);
}

static void instants_stay_within_the_years(void **state)
{
    struct instant instant, later;
    struct err err = {0};
    assert_true(instant_parse(&instant, TEXT_OF("9999-12-31T23:59:59Z"), NULL, &err));
    assert_false(instant_add_microseconds(&later, instant, MICROSECONDS, &err));
    assert_int_equal(err.code, ERR_DATE_RANGE);
    assert_false(instant_add_microseconds(&later, instant, INT64_MAX, &err));
    assert_false(instant_in_zone(&later, instant, zone_of(state, "Europe/Helsinki"), &err));
    assert_false(instant_parse(&instant, TEXT_OF("0001-01-01T00:00+01:00"), NULL, &err));
}

static void an_unknown_zone_is_told_with_the_nearest(void **state)
{
    const struct zone *zone = zone_of(state, "UTC");
    struct err err = {0};
    assert_false(zones_find(&zone, *state, TEXT_OF("Europe/Helsingfors"), &err) && zone);
    assert_int_equal(err.code, ERR_ZONE_UNKNOWN);
    assert_false(zones_find(&zone, *state, TEXT_OF("europe/helsinki"), &err));
    assert_string_equal(err.arguments[1], "Europe/Helsinki");
    assert_false(zones_find(&zone, *state, TEXT_OF(""), &err));
}

static void a_folder_without_zones_says_so(void **state)
{
    (void)state;
    struct zones *zones = NULL;
    struct err err = {0};
    assert_false(zones_open(&zones, "/nowhere", &err));
    assert_int_equal(err.code, ERR_ZONES_MISSING);
}

static void rules_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "EET",
                                        "E-2",
                                        "EET-2EEST,M3.5.0/3",
                                        "EET-2EEST,M13.5.0,M10.5.0",
                                        "EET-2EEST,M3.5.0/3,M10.5.0/4x",
                                        "<+03",
                                        "EET-200",
                                        "EET-2EEST,J0,J1"};
    struct rule rule;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(rule_parse(&rule, text_from(wrong[i])));
    assert_true(rule_parse(&rule, TEXT_OF("<-02>2<-01>,M3.5.0/-1,M10.5.0/0")));
    assert_int_equal(rule.standard_offset, -7200);
    assert_true(rule_parse(&rule, TEXT_OF("ABC-1:30DEF,J60,300/4:30:01")));
    assert_int_equal(rule.summer_offset, 9000);
}

static void a_cut_or_lying_zone_file_is_refused(void **state)
{
    (void)state;
    char file[44 + 6 + 44 + 6 + 6] = "TZif2";
    struct tzif tzif;
    file[39] = 1; // one type
    memcpy(file + 50, file, 44);
    memcpy(file + 100, "\nUTC0\n", 6);
    assert_true(tzif_parse(&tzif, text_of(file, sizeof(file))));
    assert_true(tzif.has_rule);
    tzif_dispose(&tzif);
    for (size_t length = 0; length < sizeof(file); length++)
        assert_false(tzif_parse(&tzif, text_of(file, length)));
    memset(file + 50 + 32, 0xFF, 4); // four thousand million changes
    assert_false(tzif_parse(&tzif, text_of(file, sizeof(file))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_are_those_of_the_system),
        cmocka_unit_test(a_skipped_time_is_read_with_the_offset_before_the_gap),
        cmocka_unit_test(a_time_that_comes_twice_means_the_first),
        cmocka_unit_test(every_hour_goes_there_and_back),
        cmocka_unit_test(between_two_changes_the_offset_stays),
        cmocka_unit_test(a_wall_shows_a_time_never_once_or_twice),
        cmocka_unit_test(an_offset_fixes_the_point_in_time),
        cmocka_unit_test(instants_stay_within_the_years),
        cmocka_unit_test(an_unknown_zone_is_told_with_the_nearest),
        cmocka_unit_test(a_folder_without_zones_says_so),
        cmocka_unit_test(rules_that_are_none_are_refused),
        cmocka_unit_test(a_cut_or_lying_zone_file_is_refused),
    };
    return cmocka_run_group_tests(tests, open_zones, free_zones);
}
