// How many have to approve, by what a manifest asks for.
#include "support/unit.h"

#include "host/approval_rules.h"

#include <stdio.h>

static const char rules[] = "{\"groups\":{\"controllers\":[\"a\"],\"treasurers\":[\"b\"]},"
                            "\"approval\":{\"approvers\":1,\"group\":\"controllers\",\"more\":["
                            "{\"when\":\"outside\",\"approvers\":2},{\"when\":\"login\",\"approvers\":3},"
                            "{\"when\":\"mail\",\"approvers\":4,\"group\":\"treasurers\"},"
                            "{\"when\":\"spending\",\"above\":\"1000.00\",\"approvers\":5}]}}";

// "1 controllers, 2 controllers outside"
static void needs_of(char out[1000], const char *permits, const char *limits)
{
    struct problems problems = {0};
    SCOPED(settings)
    settings = NULL;
    SCOPED(manifest)
    manifest = NULL;
    struct approval_needs needs;
    SCOPED_TEXT char *json =
        xasprintf("{\"title\":\"t\",\"owner\":\"o\",\"permits\":{%s},\"limits\":{%s}}", permits, limits);
    assert_true(settings_read(&settings, text_from(rules), NULL, &problems));
    assert_true(manifest_read(&manifest, text_from(json), &run_limits_most, &problems));
    approval_needs_of(&needs, settings, manifest);
    out[0] = '\0';
    for (size_t i = 0; i < needs.count; i++)
        snprintf(out + strlen(out), 1000 - strlen(out), "%s%lld %s%s%s", i ? ", " : "",
                 (long long)needs.items[i].approvers, needs.items[i].group, needs.items[i].when ? " " : "",
                 needs.items[i].when ? needs.items[i].when : "");
}

static void more_are_asked_for_by_what_a_robot_may_do(void **state)
{
    static const struct {
        const char *permits, *limits, *needs;
    } cases[] = {
        {"", "", "1 controllers"},
        {"\"http\":[{\"1\":\"GET\",\"2\":\"https://l.example/*\"}]", "",
         "1 controllers, 2 controllers outside"},
        {"\"http\":[{\"1\":\"GET\",\"2\":\"https://l.example/*\",\"login\":\"l\"}]", "",
         "1 controllers, 2 controllers outside, 3 controllers login"},
        {"\"mail\":{\"to\":[\"a@c.example\"]}", "",
         "1 controllers, 2 controllers outside, 4 treasurers mail"},
        // who may write and does not say what it may spend is above every amount
        {"\"http\":[{\"1\":\"POST\",\"2\":\"https://l.example/*\"}]", "",
         "1 controllers, 2 controllers outside, 5 controllers spending"},
        {"\"http\":[{\"1\":\"POST\",\"2\":\"https://l.example/*\"}]", "\"spending\":\"1000.00\"",
         "1 controllers, 2 controllers outside"},
        {"", "\"spending\":\"1000.01\"", "1 controllers, 5 controllers spending"},
    };
    char needs[1000];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        needs_of(needs, cases[i].permits, cases[i].limits);
        assert_string_equal(needs, cases[i].needs);
    }
}

static void what_is_wrong_with_rules_is_told(void **state)
{
    static const struct {
        const char *json, *code;
    } wrong[] = {
        {"{\"approval\":{\"group\":\"none\"}}", "SETTINGS_GROUP_NONE"},
        {"{\"approval\":{\"approvers\":0}}", "MANIFEST_WHOLE"},
        {"{\"approval\":{\"more\":{\"when\":\"mail\"}}}", "MANIFEST_TABLE"},
        {"{\"approval\":{\"more\":[{\"when\":\"often\"}]}}", "MANIFEST_CHOICE"},
        {"{\"approval\":{\"more\":[{\"when\":\"spending\"}]}}", "SETTINGS_ABOVE"},
        {"{\"approval\":{\"more\":[{\"when\":\"spending\",\"above\":\"-1\"}]}}", "SETTINGS_ABOVE"},
        {"{\"approval\":{\"more\":[{\"when\":\"mail\",\"above\":\"1\"}]}}", "SETTINGS_ABOVE"},
        {"{\"approval\":{\"signers\":[\"ssh-rsa AAAA\"]}}", "SETTINGS_KEY"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct problems problems = {0};
        struct settings *settings = NULL;
        assert_false(settings_read(&settings, text_from(wrong[i].json), NULL, &problems));
        assert_int_equal(problems.total, 1);
        assert_string_equal(err_name(problems.items[0].code), wrong[i].code);
        problems_dispose(&problems);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_are_asked_for_by_what_a_robot_may_do),
        cmocka_unit_test(what_is_wrong_with_rules_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
