// gateway/settings.c: what the administrator says about the outside.
#include "support/unit.h"

#include "gateway/settings.h"

static bool read_text(struct outside **out, const char *json, struct err *err)
{
    struct json_document *document = NULL;
    assert_true(json_parse(&document, text_from(json), err));
    const bool good = outside_read(out, json_root(document), err);
    json_document_free(document);
    return good;
}

static void a_system_is_found_by_its_longest_path(void **state)
{
    (void)state;
    struct err err;
    SCOPED(outside)
    outside = NULL;
    assert_true(
        read_text(&outside,
                  "{\"systems\":{\"all\":{\"origin\":\"https://a.example\"},"
                  "\"api\":{\"origin\":\"https://a.example/api\",\"calls_at_once\":4,\"per_second\":0.5,"
                  "\"calls\":\"100 per 60 s\",\"runs_at_once\":2,"
                  "\"hours\":\"22:00-06:00\",\"tls\":\"1.3\"}}}",
                  &err));
    struct url_parts url = {
        .scheme = TEXT_OF("https"), .host = TEXT_OF("a.example"), .path = TEXT_OF("/api/x"), .port = 443};
    const struct system *system = outside_system(outside, &url);
    assert_string_equal(system->name, "api");
    assert_int_equal(system->calls_at_once, 4);
    assert_int_equal(system->interval_us, 2000000);
    assert_int_equal(system->route.tls, TLS_LEAST_1_3);
    assert_int_equal(system->hours.from_minute, 22 * 60);
    assert_int_equal(system->rate.calls, 100);
    assert_int_equal(system->freeze_after, FREEZE_AFTER);
    url.path = TEXT_OF("/apix");
    assert_string_equal(outside_system(outside, &url)->name, "all");
    url.host = TEXT_OF("b.example");
    assert_null(outside_system(outside, &url));
}

static void an_address_written_as_a_number_may_be_dialled(void **state)
{
    (void)state;
    struct err err;
    SCOPED(outside)
    outside = NULL;
    assert_true(read_text(
        &outside,
        "{\"systems\":{\"l\":{\"origin\":\"https://l.example\",\"address\":\"http://127.0.0.1:18080\"}}}",
        &err));
    assert_int_equal(outside->systems[0].route.port, 18080);
    assert_int_equal(outside->systems[0].route.network_count, 1);
    assert_int_equal(outside->systems[0].route.networks[0].bits, 128);
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *json, *place;
    } cases[] = {
        {"{\"systems\":{\"l\":{}}}", "systems.l.origin"},
        {"{\"systems\":{\"l\":{\"origin\":\"l.example\"}}}", "systems.l.origin"},
        {"{\"systems\":{\"l\":{\"origin\":\"https://l.example\",\"networks\":[\"10\"]}}}",
         "systems.l.networks"},
        {"{\"systems\":{\"l\":{\"origin\":\"https://l.example\",\"hours\":\"6-20\"}}}", "systems.l.hours"},
        {"{\"systems\":{\"l\":{\"origin\":\"https://l.example\",\"tls\":\"0.9\"}}}", "systems.l.tls"},
        {"{\"systems\":{\"l\":{\"origin\":\"https://l.example\",\"calls_at_once\":0}}}",
         "systems.l.calls_at_once"},
        {"{\"systems\":{\"l\":{\"origin\":\"https://l.example\",\"per_second\":-1}}}",
         "systems.l.per_second"},
        {"{\"systems\":{\"l\":{\"origin\":\"https://l.example\",\"nework\":1}}}", "systems.l.nework"},
        {"{\"systems\":{\"l\":{\"origin\":\"https://l.example\",\"address\":\"http://127.0.0.1:1/x\"}}}",
         "systems.l.address"},
        {"{\"mail\":{\"server\":\"https://m.example\",\"from\":\"a@b.example\"}}", "mail.server"},
        {"{\"mail\":{\"server\":\"smtp://m.example\"}}", "mail.from"},
        {"{\"mail\":{\"server\":\"smtp://m.example\",\"from\":\"nobody\"}}", "mail.from"},
        {"{\"mail\":{\"server\":\"smtp://"
         "m.example\",\"from\":\"a@b.example\",\"tls\":\"none\",\"login\":\"m\"}}",
         "mail.tls"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err;
        SCOPED(outside)
        outside = NULL;
        if (read_text(&outside, cases[i].json, &err) || err.code != ERR_GATEWAY_SETTING ||
            strcmp(err.arguments[0], cases[i].place) != 0)
            fail_msg("%s: %s %s", cases[i].json, err_name(err.code), err.arguments[0]);
    }
}

static void mail_has_its_usual_ports(void **state)
{
    (void)state;
    static const struct {
        const char *server, *url;
        bool starttls;
    } cases[] = {{"smtp://m.example", "smtp://m.example:25", true},
                 {"smtp://m.example:587", "smtp://m.example:587", true},
                 {"smtps://m.example", "smtps://m.example:465", false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err;
        SCOPED(outside)
        outside = NULL;
        char *json =
            xasprintf("{\"mail\":{\"server\":\"%s\",\"from\":\"R <a@b.example>\"}}", cases[i].server);
        assert_true(read_text(&outside, json, &err));
        xfree(json);
        assert_string_equal(outside->mail.server, cases[i].url);
        assert_int_equal(outside->mail.starttls, cases[i].starttls);
        assert_string_equal(outside->mail.from_name, "R");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_system_is_found_by_its_longest_path),
        cmocka_unit_test(an_address_written_as_a_number_may_be_dialled),
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),
        cmocka_unit_test(mail_has_its_usual_ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
