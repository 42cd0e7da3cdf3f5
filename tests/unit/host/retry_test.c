// Which failures are tried again, how often, and after which wait.
#include "support/unit.h"

#include "host/retry.h"

#include <stdio.h>

enum { MIDDLE = 0x7FFFFFFF }; // of the chance: no jitter, to within a millisecond

static struct retry_rule rule_of(int64_t attempts, int64_t wait_ms)
{
    struct retry_rule rule = retry_rule_default;
    rule.attempts = attempts;
    rule.wait_ms = wait_ms;
    return rule;
}

static const char *fault_of(char out[400], const char *class, const char *code, const char *status)
{
    snprintf(out, 400, "{\"class\":\"%s\",\"code\":\"%s\",\"arguments\":[\"GET\",\"https://x\",\"%s\"]}",
             class, code, status);
    return out;
}

static void each_error_is_of_the_kind_that_decides(void **state)
{
    static const struct {
        const char *class, *code, *status, *kind; // NULL: never tried again
    } cases[] = {
        {"failure", "HTTP_TIMEOUT", "", "timeout"},
        {"failure", "HTTP_CONNECT", "", "unreachable"},
        {"failure", "HTTP_STATUS", "429", "busy"},
        {"failure", "HTTP_STATUS", "503", "busy"},
        {"failure", "HTTP_STATUS", "502", "server"},
        {"failure", "HTTP_STATUS", "408", "timeout"},
        {"failure", "HTTP_STATUS", "404", NULL},
        {"failure", "HTTP_STATUS", "422", NULL},
        {"refused", "HTTP_UNAUTHORIZED", "401", NULL},
        {"failure", "LOGIN_FAILED", "", NULL},
        {"failure", "STORE_LOCKED", "", "store"},
        {"failure", "DISK_LOW", "", "disk"},
        {"failure", "STORE_FULL", "", "disk"},
        {"failure", "FILE_MISSING", "", "file"},
        {"failure", "STOPPED_CRASH", "", "crash"},
        {"failure", "ITEMS_FAILED", "", "items"},
        {"failure", "ROBOT_FAILED", "", NULL},
        {"failure", "JSON_EMPTY", "", NULL},
        {"failure", "SHEET_COLUMNS_MISSING", "", NULL},
        {"bug", "LUA_CALL", "", NULL},
        {"limit", "STOPPED_TIME", "", NULL},
        {"refused", "PERMIT_NONE", "", NULL},
        {"exception", "ROBOT_ERROR", "", NULL},
        {"failure", "NO_SUCH_CODE", "", NULL},
        {"bug", "HTTP_TIMEOUT", "", NULL}, // a robot that lends itself a code gets no more attempts by it
    };
    const struct retry_rule rule = rule_of(3, 1000);
    char fault[400];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct retry retry =
            retry_decide(&rule, fault_of(fault, cases[i].class, cases[i].code, cases[i].status), 1, MIDDLE);
        assert_int_equal(retry.again, cases[i].kind != NULL);
        if (cases[i].kind)
            assert_string_equal(retry_kind_names[retry.kind], cases[i].kind);
    }
    assert_false(retry_decide(&rule, NULL, 1, MIDDLE).again);
    assert_false(retry_decide(&rule, "no json", 1, MIDDLE).again);
}

static void the_attempts_of_the_manifest_are_the_most(void **state)
{
    const struct retry_rule rule = rule_of(3, 1000), none = retry_rule_default;
    char fault[400];
    (void)state;
    fault_of(fault, "failure", "HTTP_TIMEOUT", "");
    assert_true(retry_decide(&rule, fault, 2, MIDDLE).again);
    assert_false(retry_decide(&rule, fault, 3, MIDDLE).again);
    assert_false(retry_decide(&none, fault, 1, MIDDLE).again);
}

static void only_the_kinds_that_the_manifest_names_are_tried_again(void **state)
{
    struct retry_rule rule = rule_of(3, 1000);
    char fault[400];
    (void)state;
    rule.kinds = 1U << RETRY_SERVER;
    assert_false(retry_decide(&rule, fault_of(fault, "failure", "HTTP_TIMEOUT", ""), 1, MIDDLE).again);
    assert_true(retry_decide(&rule, fault_of(fault, "failure", "HTTP_STATUS", "500"), 1, MIDDLE).again);
}

static void waits_grow_up_to_the_most(void **state)
{
    static const int64_t waits[] = {60000, 120000, 240000, 480000, 960000, 1920000, 3600000, 3600000};
    const struct retry_rule rule = rule_of(20, 60000);
    char fault[400];
    (void)state;
    fault_of(fault, "failure", "HTTP_TIMEOUT", "");
    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        const int64_t wait = retry_decide(&rule, fault, (int64_t)i + 1, MIDDLE).wait_ms;
        assert_in_range(wait, waits[i] - 1, waits[i]);
    }
}

static void jitter_spreads_the_wait_by_its_percent(void **state)
{
    struct retry_rule rule = rule_of(3, 10000);
    char fault[400];
    (void)state;
    fault_of(fault, "failure", "HTTP_TIMEOUT", "");
    assert_int_equal(retry_decide(&rule, fault, 1, 0).wait_ms, 8000);
    assert_int_equal(retry_decide(&rule, fault, 1, UINT32_MAX).wait_ms, 12000);
    rule.jitter_percent = 0;
    assert_int_equal(retry_decide(&rule, fault, 1, 0).wait_ms, 10000);
}

static void a_system_that_says_when_is_not_asked_before_and_not_believed_for_ever(void **state)
{
    const struct retry_rule rule = rule_of(3, 1000);
    (void)state;
    static const char soon[] =
        "{\"class\":\"failure\",\"code\":\"HTTP_STATUS\",\"arguments\":[\"GET\",\"u\",\"429\"],"
        "\"retry_after_ms\":300000}";
    static const char never[] =
        "{\"class\":\"failure\",\"code\":\"HTTP_STATUS\",\"arguments\":[\"GET\",\"u\",\"429\"],"
        "\"retry_after_ms\":99999999999}";
    assert_int_equal(retry_decide(&rule, soon, 1, MIDDLE).wait_ms, 300000);
    assert_int_equal(retry_decide(&rule, never, 1, MIDDLE).wait_ms, RETRY_AFTER_MOST_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_error_is_of_the_kind_that_decides),
        cmocka_unit_test(the_attempts_of_the_manifest_are_the_most),
        cmocka_unit_test(only_the_kinds_that_the_manifest_names_are_tried_again),
        cmocka_unit_test(waits_grow_up_to_the_most),
        cmocka_unit_test(jitter_spreads_the_wait_by_its_percent),
        cmocka_unit_test(a_system_that_says_when_is_not_asked_before_and_not_believed_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
