// lib/ics/ics.c: the days of a calendar file
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs the four above
#include <cmocka.h>

#include "lib/ics/ics.h"
#include "lib/json/json.h"

#include <stdio.h>

enum { OUTPUT_MAX = 256 << 10 };

static void reads(const char *events, const char *expected)
{
    struct err err = {0};
    SCOPED_BUF(out, OUTPUT_MAX);
    SCOPED_BUF(seen, OUTPUT_MAX);
    SCOPED(json_document)
    document = NULL;
    SCOPED_TEXT char *file = xasprintf("BEGIN:VCALENDAR\r\n%sEND:VCALENDAR\r\n", events);
    assert_true(ics_read(&out, text_from(file), &err));
    assert_true(json_parse(&document, buf_text(&out), &err));
    for (const struct json *day = json_first(json_get(json_root(document), "days")); day;
         day = json_next(day))
        for (const struct json *part = json_first(day); part; part = json_next(part))
            assert_true(buf_printf(&seen, "%s%s", json_string_or(part, ""), json_next(part) ? "|" : "\n"));
    assert_string_equal(buf_string(&seen), expected);
}

static void refused(const char *file, enum err_code code, const char *where)
{
    struct err err = {0};
    SCOPED_BUF(out, OUTPUT_MAX);
    assert_false(ics_read(&out, text_from(file), &err));
    assert_string_equal(err_name(err.code), err_name(code));
    assert_string_equal(err.where, where);
}

static void an_event_is_its_days(void **state)
{
    (void)state;
    reads(
        "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261206\r\nSUMMARY;LANGUAGE=fi:itsenäisyyspäivä\r\n"
        "COMMENT;LANGUAGE=en:Independence\r\n  Day\\, a\r\n\tll day\r\nCOMMENT:not a name\r\nEND:VEVENT\r\n",
        "2026-12-06|Independence Day, all day|itsenäisyyspäivä\n");
    reads("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260707\nDTEND;VALUE=DATE:20260709\nSUMMARY:pause\nEND:VEVENT\n",
          "2026-07-07|pause\n2026-07-08|pause\n");
    reads("BEGIN:VEVENT\nDTSTART:20260707T220000\nDTEND:20260708T020000\nEND:VEVENT\n",
          "2026-07-07\n2026-07-08\n");
    reads("BEGIN:VEVENT\nDTSTART:20260707T220000\nDTEND:20260708T000000\nEND:VEVENT\n", "2026-07-07\n");
    reads("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260707\nDURATION:P2D\nEND:VEVENT\n",
          "2026-07-07\n2026-07-08\n");
}

static void what_repeats_is_written_out(void **state)
{
    (void)state;
    reads("BEGIN:VEVENT\nUID:a\nDTSTART;TZID=\"Europe/Helsinki\":20260101T090000\nRRULE:FREQ=YEARLY;COUNT=4\n"
          "EXDATE;TZID=Europe/Helsinki:20270101T090000\nSUMMARY:new\nEND:VEVENT\n"
          "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20280101T090000\nDTSTART:20280103T090000\nSUMMARY:moved\nEND:"
          "VEVENT\n",
          "2026-01-01|new\n2029-01-01|new\n2028-01-03|moved\n");
}

static void a_day_counts_once_however_often_it_comes(void **state)
{
    (void)state;
    reads("BEGIN:VEVENT\nDTSTART:20260101T090000\nRRULE:FREQ=SECONDLY;UNTIL=20260102T100000\nEND:VEVENT\n",
          "2026-01-01\n2026-01-02\n");
}

static void what_is_no_closed_day_is_passed_over(void **state)
{
    (void)state;
    reads("METHOD:PUBLISH\nBEGIN:VTIMEZONE\nBEGIN:STANDARD\nDTSTART:16010101T030000\nEND:STANDARD\nEND:"
          "VTIMEZONE\n"
          "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260707\nSTATUS:CANCELLED\nEND:VEVENT\n"
          "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260708\nBEGIN:VALARM\nSUMMARY:beep\nEND:VALARM\nEND:VEVENT\n",
          "2026-07-08\n");
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    (void)state;
    refused("", ERR_ICS_NONE, "");
    refused("return {}\n", ERR_ICS_NONE, "");
    refused("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n", ERR_ICS_EVENT, "line 2");
    refused("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260230\nEND:VEVENT\nEND:VCALENDAR\n", ERR_ICS_DATE,
            "line 3");
    refused("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\nEND:VCALENDAR\n", ERR_ICS_NESTING, "line 4");
    refused("BEGIN:VCALENDAR\n", ERR_ICS_NESTING, "");
    refused("BEGIN:VCALENDAR\n\nno colon\nEND:VCALENDAR\n", ERR_ICS_LINE, "line 3");
    refused("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\nRRULE:FREQ=OFTEN\nEND:VEVENT\nEND:VCALENDAR\n",
            ERR_RRULE_PART, "line 2");
    refused("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\nRRULE:FREQ=DAILY\nEND:VEVENT\nEND:VCALENDAR\n",
            ERR_READ_TOO_LARGE, "");
    refused("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\nDTEND:99990101\nEND:VEVENT\nEND:VCALENDAR\n",
            ERR_READ_TOO_LARGE, "line 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_its_days),
        cmocka_unit_test(what_repeats_is_written_out),
        cmocka_unit_test(a_day_counts_once_however_often_it_comes),
        cmocka_unit_test(what_is_no_closed_day_is_passed_over),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
