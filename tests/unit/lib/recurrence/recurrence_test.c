// lib/recurrence/recurrence.c: lines, zones, exceptions, bounds
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/calendar/instant.h"
#include "lib/recurrence/recurrence.h"

static struct zones *zones;
static const struct zone *helsinki;

// The first `count` times after 2026-01-01, a line each.
static void comes(const char *written, const char *start, int count, const char *expected)
{
    struct err err = {0};
    int64_t at = 1767218400 - 1, wall; // 2026-01-01T00:00+02:00
    enum wall shown;
    bool found;
    SCOPED_BUF(seen, 2000);
    SCOPED(recurrence)
    recurrence = NULL;
    assert_true(recurrence_read(&recurrence, text_from(written), text_from(start), helsinki, zones, &err));
    for (int i = 0; i < count; i++) {
        assert_true(recurrence_next(&at, &wall, &shown, &found, recurrence, at, &err));
        if (!found)
            break;
        assert_true(instant_write_iso(&seen, (struct instant){at * MICROSECONDS, helsinki, 0}));
        assert_true(buf_append_char(&seen, '\n'));
    }
    assert_string_equal(buf_string(&seen), expected);
}

static void refused(const char *written, const char *start, enum err_code code)
{
    struct err err = {0};
    SCOPED(recurrence)
    recurrence = NULL;
    assert_false(recurrence_read(&recurrence, text_from(written), text_from(start), helsinki, zones, &err));
    assert_string_equal(err_name(err.code), err_name(code));
}

static void a_start_is_read_in_many_forms(void **state)
{
    (void)state;
    static const char *const starts[] = {"2026-03-02T09:00",    "20260302T090000",   "2026-03-02 9:00",
                                         "20260302T070000Z",    "2026-03-02T07:00Z", "2026-03-02T08:00+01:00",
                                         "2026-03-02T09:00:00", "2.3.2026 9.00"};
    for (size_t i = 0; i < COUNT_OF(starts); i++)
        comes("FREQ=DAILY;COUNT=1", starts[i], 2, "2026-03-02T09:00:00+02:00\n");
    comes("FREQ=DAILY;COUNT=1", "2026-03-02", 2, "2026-03-02T00:00:00+02:00\n");
}

static void lines_may_be_folded_indented_or_on_one_line(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "DTSTART;TZID=Europe/Helsinki:20260302T090000\nRRULE:FREQ=DAILY;COUNT=1",
        "dtstart;tzid=\"Europe/Helsinki\":20260302t090000\r\nrrule:freq=daily;count=1\r\n",
        "RRULE:FREQ=DAI\r\n LY;COUNT=1\r\nDTSTART:20260302T090000",
        "DTSTART:20260302T090000 RRULE:FREQ=DAILY;COUNT=1",
        "   DTSTART:20260302T090000\n   RRULE:FREQ=DAILY;COUNT=1\n",
        "DTSTART;TZID=Europe/Stockholm:20260302T080000\nRRULE:FREQ=DAILY;COUNT=1",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        comes(lines[i], "", 2, "2026-03-02T09:00:00+02:00\n");
}

static void dates_are_added_and_taken_away(void **state)
{
    (void)state;
    comes("RRULE:FREQ=DAILY;COUNT=4\nEXDATE:20260303T090000\nEXDATE;VALUE=DATE:20260304\n"
          "RDATE;TZID=Europe/Stockholm:20260310T080000,20260302T080000\nRDATE;VALUE=PERIOD:20260311T070000Z/"
          "PT1H",
          "2026-03-02T09:00", 9,
          "2026-03-02T09:00:00+02:00\n2026-03-05T09:00:00+02:00\n2026-03-10T09:00:00+02:00\n"
          "2026-03-11T09:00:00+02:00\n");
    comes("RRULE:FREQ=DAILY;COUNT=6\nEXRULE:FREQ=DAILY;INTERVAL=2", "2026-03-02T09:00", 9,
          "2026-03-03T09:00:00+02:00\n2026-03-05T09:00:00+02:00\n2026-03-07T09:00:00+02:00\n");
}

static void until_is_the_whole_day_where_it_is_a_day(void **state)
{
    (void)state;
    comes("FREQ=DAILY;UNTIL=20260303", "2026-03-02T09:00", 9,
          "2026-03-02T09:00:00+02:00\n2026-03-03T09:00:00+02:00\n");
    comes("FREQ=DAILY;UNTIL=20260303T070000Z", "2026-03-02T09:00", 9,
          "2026-03-02T09:00:00+02:00\n2026-03-03T09:00:00+02:00\n");
    comes("FREQ=DAILY;UNTIL=20260303T065959Z", "2026-03-02T09:00", 9, "2026-03-02T09:00:00+02:00\n");
}

static void a_week_may_have_numbered_and_plain_days(void **state)
{
    (void)state;
    comes("FREQ=MONTHLY;BYDAY=1MO,-1FR;COUNT=3", "2026-03-01T09:00", 9,
          "2026-03-02T09:00:00+02:00\n2026-03-27T09:00:00+02:00\n2026-04-06T09:00:00+03:00\n");
    comes("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU;COUNT=4", "2026-03-02T09:00", 9,
          "2026-03-02T09:00:00+02:00\n2026-03-15T09:00:00+02:00\n2026-03-16T09:00:00+02:00\n"
          "2026-03-29T09:00:00+03:00\n");
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    refused("FREQ=DAILY", "", ERR_RRULE_NO_START);
    refused("", "2026-03-02", ERR_RRULE_NO_FREQ);
    refused("FREQ=DAILY;BYDAYS=MO", "2026-03-02", ERR_RRULE_UNKNOWN);
    refused("FREQ=DAILY;COUNT=2;", "2026-03-02", ERR_RRULE_UNKNOWN);
    refused("FREQ=DAILY;;COUNT=2", "2026-03-02", ERR_RRULE_UNKNOWN);
    refused("FREQ=WEEKLY;BYDAY=", "2026-03-02", ERR_RRULE_PART);
    refused("FREQ=WEEKLY;BYMONTHDAY=1", "2026-03-02", ERR_RRULE_TOGETHER);
    refused("FREQ=DAILY;COUNT=0", "2026-03-02", ERR_RRULE_PART);
    refused("FREQ=DAILY;COUNT=1;UNTIL=20270101", "2026-03-02", ERR_RRULE_TOGETHER);
    refused("FREQ=DAILY;BYSETPOS=1", "2026-03-02", ERR_RRULE_SETPOS);
    refused("RRULE:FREQ=DAILY\nSUMMARY:x", "2026-03-02", ERR_RRULE_LINE);
    refused("RRULE:FREQ=DAILY\nEXDATE:2026-03-02", "2026-03-02", ERR_RRULE_DATE);
    refused("FREQ=DAILY", "2026-02-30", ERR_DATE_NONE);
    refused("DTSTART;TZID=Europe/Helsinky:20260302\nRRULE:FREQ=DAILY", "", ERR_ZONE_UNKNOWN);
    refused("FREQ=DAILY;UNTIL=20260230", "2026-03-02", ERR_RRULE_DATE);
}

static void a_hostile_rule_ends(void **state)
{
    (void)state;
    struct err err = {0};
    int64_t at, wall;
    enum wall shown;
    bool found = true;
    SCOPED(recurrence)
    recurrence = NULL;
    // Odd seconds only, but every second one from an even one on: it never comes.
    assert_true(recurrence_read(&recurrence, TEXT_OF("FREQ=SECONDLY;INTERVAL=2;BYSECOND=1,3,5"),
                                TEXT_OF("2026-01-01"), helsinki, zones, &err));
    assert_true(!recurrence_next(&at, &wall, &shown, &found, recurrence, 0, &err) || !found);
    recurrence_free(recurrence);
    recurrence = NULL;
    assert_true(recurrence_read(&recurrence, TEXT_OF("FREQ=SECONDLY;COUNT=999999999"), TEXT_OF("1000-01-01"),
                                helsinki, zones, &err));
    assert_false(recurrence_next(&at, &wall, &shown, &found, recurrence, 1767218400, &err));
    assert_int_equal(err.code, ERR_RRULE_WORK);
}

static int open_zones(void **state)
{
    (void)state;
    struct err err = {0};
    return zones_open(&zones, ZONES_FOLDER, &err) &&
                   zones_find(&helsinki, zones, TEXT_OF("Europe/Helsinki"), &err)
               ? 0
               : -1;
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
        cmocka_unit_test(a_start_is_read_in_many_forms),
        cmocka_unit_test(lines_may_be_folded_indented_or_on_one_line),
        cmocka_unit_test(dates_are_added_and_taken_away),
        cmocka_unit_test(until_is_the_whole_day_where_it_is_a_day),
        cmocka_unit_test(a_week_may_have_numbered_and_plain_days),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(a_hostile_rule_ends),
    };
    return cmocka_run_group_tests(tests, open_zones, close_zones);
}
