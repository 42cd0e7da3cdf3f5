// lib/cron: what expressions mean, in zones with odd offsets, and what is wrong with others
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/calendar/instant.h"
#include "lib/cron/cron.h"

static struct zones *zones;

// The next times after `from`, a blank between.
static void comes(const char *written, const char *zone_text, const char *from, const char *expected)
{
    struct err err = {0};
    struct cron cron;
    const struct zone *zone;
    struct instant instant;
    enum wall wall;
    SCOPED_BUF(seen, 1000);
    assert_true(cron_read(&cron, text_from(written), &err));
    assert_true(zones_find(&zone, zones, text_from(zone_text), &err));
    assert_true(instant_parse(&instant, text_from(from), zone, &err));
    int64_t at = instant.microseconds / MICROSECONDS;
    while (seen.length < strlen(expected) || !seen.length) {
        if (seen.length)
            assert_true(buf_append_char(&seen, ' '));
        if (!cron_next(&at, &wall, &cron, zone, at)) {
            assert_true(buf_append_string(&seen, "never"));
            break;
        }
        assert_true(instant_write_iso(&seen, (struct instant){at * MICROSECONDS, zone, 0}));
    }
    assert_string_equal(buf_string(&seen), expected);
}

static void refused(const char *written, enum err_code code, const char *field)
{
    struct err err = {0};
    struct cron cron;
    assert_false(cron_read(&cron, text_from(written), &err));
    assert_string_equal(err_name(err.code), err_name(code));
    assert_string_equal(err.arguments[0], field);
}

static void days_of_a_month_are_found_from_both_ends(void **state)
{
    (void)state;
    comes("0 0 L * *", "UTC", "2028-02-01T00:00", "2028-02-29T00:00:00Z 2028-03-31T00:00:00Z");
    comes("0 0 L-2 * *", "UTC", "2026-02-01T00:00", "2026-02-26T00:00:00Z 2026-03-29T00:00:00Z");
    comes("0 0 LW * *", "UTC", "2026-01-01T00:00", "2026-01-30T00:00:00Z 2026-02-27T00:00:00Z");
    comes("0 0 L-1W * *", "UTC", "2026-05-01T00:00", "2026-05-29T00:00:00Z 2026-06-29T00:00:00Z");
    comes("0 0 1W * *", "UTC", "2026-07-15T00:00", "2026-08-03T00:00:00Z 2026-09-01T00:00:00Z");
    comes("0 0 31W * *", "UTC", "2026-04-01T00:00", "2026-05-29T00:00:00Z 2026-07-31T00:00:00Z");
    comes("0 0 15W * *", "UTC", "2026-02-01T00:00", "2026-02-16T00:00:00Z 2026-03-16T00:00:00Z");
    comes("0 0 * * 5#5", "UTC", "2026-02-01T00:00", "2026-05-29T00:00:00Z 2026-07-31T00:00:00Z");
    comes("0 0 * * FRIL", "UTC", "2026-02-01T00:00", "2026-02-27T00:00:00Z 2026-03-27T00:00:00Z");
}

static void both_day_fields_are_either_or_both(void **state)
{
    (void)state;
    comes("0 0 13 * FRI", "UTC", "2026-02-07T00:00", "2026-02-13T00:00:00Z 2026-02-20T00:00:00Z");
    comes("0 0 13 * +FRI", "UTC", "2026-02-14T00:00", "2026-03-13T00:00:00Z 2026-11-13T00:00:00Z");
    comes("0 0 */10 * MON", "UTC", "2026-02-03T00:00", "2026-02-09T00:00:00Z 2026-02-11T00:00:00Z");
    comes("0 0 ? * FRI-SUN", "UTC", "2026-02-05T00:00",
          "2026-02-06T00:00:00Z 2026-02-07T00:00:00Z 2026-02-08T00:00:00Z 2026-02-13T00:00:00Z");
}

static void named_times_are_caught_up_and_run_once(void **state)
{
    (void)state;
    comes("15,45 3 * * *", "Europe/Helsinki", "2026-03-28T12:00",
          "2026-03-29T04:00:00+03:00 2026-03-30T03:15:00+03:00");
    comes("15,45 3 * * *", "Europe/Helsinki", "2026-10-24T12:00",
          "2026-10-25T03:15:00+03:00 2026-10-25T03:45:00+03:00 2026-10-26T03:15:00+02:00");
    // Half an hour: 02:00 to 02:30 is skipped, 01:30 to 02:00 comes twice.
    comes("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00",
          "2026-10-04T02:30:00+11:00 2026-10-05T02:15:00+11:00");
    comes("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00",
          "2026-04-05T01:45:00+11:00 2026-04-06T01:45:00+10:30");
    // 30 December 2011 is not there in Samoa.
    comes("0 8 30 12 *", "Pacific/Apia", "2011-12-29T12:00",
          "2011-12-31T00:00:00+14:00 2012-12-30T08:00:00+14:00");
    comes("0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00",
          "2018-11-04T01:00:00-02:00 2018-11-05T00:00:00-02:00");
    comes("30 7 * * *", "Asia/Kathmandu", "2026-01-01T08:00", "2026-01-02T07:30:00+05:45");
}

static void intervals_follow_real_time(void **state)
{
    (void)state;
    comes("*/30 * * * *", "Europe/Helsinki", "2026-03-29T02:10:00+02:00",
          "2026-03-29T02:30:00+02:00 2026-03-29T04:00:00+03:00 2026-03-29T04:30:00+03:00");
    comes("0 * * * *", "Europe/Helsinki", "2026-10-25T02:10:00+03:00",
          "2026-10-25T03:00:00+03:00 2026-10-25T03:00:00+02:00 2026-10-25T04:00:00+02:00");
    comes("*/20 * * * *", "Australia/Lord_Howe", "2026-04-05T01:30:00+11:00",
          "2026-04-05T01:40:00+11:00 2026-04-05T01:40:00+10:30 2026-04-05T02:00:00+10:30");
    comes("0 */6 * * *", "Pacific/Apia", "2011-12-29T17:00:00-10:00",
          "2011-12-29T18:00:00-10:00 2011-12-31T00:00:00+14:00 2011-12-31T06:00:00+14:00");
    // With seconds, ranges and hours in a row are intervals too.
    comes("0 30 2-4 * * *", "Europe/Helsinki", "2026-03-29T00:00:00+02:00",
          "2026-03-29T02:30:00+02:00 2026-03-29T04:30:00+03:00 2026-03-30T02:30:00+03:00");
    comes("0 30 3,15 * * *", "Europe/Helsinki", "2026-03-29T00:00:00+02:00",
          "2026-03-29T04:00:00+03:00 2026-03-29T15:30:00+03:00");
}

static void what_never_comes_is_found_out(void **state)
{
    (void)state;
    comes("0 0 30 2 *", "UTC", "2026-01-01T00:00", "never");
    comes("* * * * * *", "UTC", "9999-12-31T23:59:58", "9999-12-31T23:59:59Z never");
    comes("0 0 29 2 +MON#5", "UTC", "2026-01-01T00:00", "2044-02-29T00:00:00Z");
}

static void the_message_names_the_field(void **state)
{
    (void)state;
    refused("60 * * * *", ERR_CRON_RANGE, "minute");
    refused("* 24 * * *", ERR_CRON_RANGE, "hour");
    refused("* * 0 * *", ERR_CRON_RANGE, "day of month");
    refused("* * * 13 *", ERR_CRON_RANGE, "month");
    refused("* * * * 8", ERR_CRON_RANGE, "day of week");
    refused("61 * * * * *", ERR_CRON_RANGE, "second");
    refused("*/90 * * * *", ERR_CRON_STEP, "minute");
    refused("*/0 * * * *", ERR_CRON_STEP, "minute");
    refused("0 22-5 * * *", ERR_CRON_BACKWARDS, "hour");
    refused("0 7 * * MONDAY", ERR_CRON_FIELD, "day of week");
    refused("0 7 L-W * *", ERR_CRON_FIELD, "day of month");
    refused("0 7 * JANUARY *", ERR_CRON_FIELD, "month");
    refused("0 7, * * *", ERR_CRON_FIELD, "hour");
    refused("0 7 * *", ERR_CRON_FIELDS, "4");
    refused("", ERR_CRON_FIELDS, "0");
    refused("0 0 7 * * * 2026", ERR_CRON_FIELDS, "7");
    refused("@dayly", ERR_CRON_MACRO, "@dayly");
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
        cmocka_unit_test(days_of_a_month_are_found_from_both_ends),
        cmocka_unit_test(both_day_fields_are_either_or_both),
        cmocka_unit_test(named_times_are_caught_up_and_run_once),
        cmocka_unit_test(intervals_follow_real_time),
        cmocka_unit_test(what_never_comes_is_found_out),
        cmocka_unit_test(the_message_names_the_field),
    };
    return cmocka_run_group_tests(tests, open_zones, close_zones);
}
