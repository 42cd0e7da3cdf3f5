// lib/schedule/schedule.c: what a file may say
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/schedule/schedule.h"

static struct zones *zones;

// Reads a definition; the names of its problems, one a blank.
static void read_problems(struct buf *out, const char *json)
{
    struct err err = {0};
    struct problems problems = {0};
    SCOPED(json_document)
    document = NULL;
    SCOPED(schedule)
    schedule = NULL;
    assert_true(json_parse(&document, text_from(json), &err));
    if (schedule_read(&schedule, json_root(document), zones, "Europe/Helsinki", &problems))
        assert_int_equal(problems.total, 0);
    for (size_t i = 0; i < problems.count; i++)
        assert_true(buf_printf(out, "%s%s", i ? " " : "", err_name(problems.items[i].code)));
    problems_dispose(&problems);
}

static void what_is_wrong_is_told_all_at_once(void **state)
{
    (void)state;
    static const struct {
        const char *json, *problems;
    } cases[] = {
        {"{\"robot\":\"a\",\"cron\":\"30 7 * * 1-5\"}", ""},
        {"{\"robot\":\"a\",\"cron\":\"30 7 * *\"}", "CRON_FIELDS"},
        {"{\"cron\":\"@daily\",\"robto\":\"a\"}", "MANIFEST_KEY MANIFEST_MISSING"},
        {"{\"robot\":\"a\"}", "SCHEDULE_NO_RULE"},
        {"{\"robot\":\"a\",\"cron\":\"@daily\",\"file\":{\"share\":\"in\",\"pattern\":\"*\"}}",
         "SCHEDULE_RULES"},
        {"{\"robot\":\"a\",\"cron\":\"@daily\",\"at\":\"07:30\"}", "SCHEDULE_KEY_WITHOUT"},
        {"{\"robot\":\"a\",\"cron\":\"@daily\",\"timezone\":\"Europe/Helsinky\"}", "ZONE_UNKNOWN"},
        {"{\"robot\":\"a\",\"cron\":\"@daily\",\"calendar\":{\"1\":\"fi-holidays\",\"otherwise\":\"next\"}}",
         ""},
        {"{\"robot\":\"a\",\"cron\":\"@daily\",\"calendar\":[\"fi-holidays\"]}", "SCHEDULE_CALENDAR"},
        {"{\"robot\":\"a\",\"business_day\":3,\"at\":\"07:30\",\"calendar\":[\"fi-holidays\"]}", ""},
        {"{\"robot\":\"a\",\"business_day\":3,\"at\":\"07:30\",\"calendar\":{\"1\":\"target\",\"otherwise\":"
         "\"next\"}}",
         ""},
        {"{\"robot\":\"a\",\"business_day\":\"last\",\"at\":\"25:30\",\"months\":[13]}",
         "SCHEDULE_TIME SCHEDULE_MONTHS"},
        {"{\"robot\":\"a\",\"business_day\":0}", "MANIFEST_MISSING SCHEDULE_BUSINESS_DAY"},
        {"{\"robot\":\"a\",\"cron\":\"@daily\",\"from\":\"2026-12-02\",\"until\":\"2026-12-01\"}",
         "SCHEDULE_FROM_UNTIL"},
        {"{\"robot\":\"a\",\"cron\":\"@daily\",\"until\":\"soon\"}", "SCHEDULE_INSTANT"},
        {"{\"robot\":\"a\",\"after\":{\"robot\":\"b\",\"on\":[\"done\",\"never\"]}}", "SCHEDULE_ON"},
        {"{\"robot\":\"a\",\"after\":{\"robot\":\"b\"},\"missed\":\"all\"}", "SCHEDULE_KEY_WITHOUT"},
        {"{\"robot\":\"a\",\"file\":{\"share\":\"in\",\"pattern\":\"*.xlsx\",\"stable\":\"soon\"}}",
         "MANIFEST_DURATION"},
        {"{\"robot\":\"a\",\"cron\":\"@daily\",\"priority\":101}", "MANIFEST_WHOLE"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_BUF(found, 1000);
        read_problems(&found, cases[i].json);
        assert_string_equal(buf_string(&found), cases[i].problems);
    }
}

static void a_file_trigger_waits_ten_seconds_unless_it_says_otherwise(void **state)
{
    (void)state;
    struct err err = {0};
    struct problems problems = {0};
    SCOPED(json_document)
    document = NULL;
    SCOPED(schedule)
    schedule = NULL;
    assert_true(json_parse(&document,
                           TEXT_OF("{\"robot\":\"a\",\"file\":{\"share\":\"inbox\",\"pattern\":\"*.xlsx\","
                                   "\"input\":\"invoices\"},\"overlap\":\"skip\",\"late\":\"15 min\"}"),
                           &err));
    assert_true(schedule_read(&schedule, json_root(document), zones, "Europe/Helsinki", &problems));
    const struct schedule_facts *facts = schedule_facts(schedule);
    assert_int_equal(facts->kind, SCHEDULE_FILE);
    assert_int_equal(facts->file.stable_ms, 10000);
    assert_string_equal(facts->file.input, "invoices");
    assert_int_equal(facts->overlap, OVERLAP_SKIP);
    assert_int_equal(facts->missed, MISSED_ONCE);
    assert_int_equal(facts->late_ms, 15 * 60000);
    struct occurrence occurrence;
    bool found = true;
    SCOPED(calendars)
    calendars = calendars_new();
    assert_true(schedule_next(&occurrence, &found, schedule, calendars, 0, &err));
    assert_false(found);
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
        cmocka_unit_test(what_is_wrong_is_told_all_at_once),
        cmocka_unit_test(a_file_trigger_waits_ten_seconds_unless_it_says_otherwise),
    };
    return cmocka_run_group_tests(tests, open_zones, close_zones);
}
