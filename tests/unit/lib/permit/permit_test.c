// lib/permit: what is covered, what is refused, and what the author reads.
#include "support/unit.h"

#include "lib/permit/permit.h"

#include <stdio.h>
#include <stdlib.h>

static bool read_text(struct permits **out, const char *json, char *message, size_t size)
{
    struct err err;
    struct json_document *document = NULL;
    assert_true(json_parse(&document, text_from(json), &err));
    const bool good = permits_read(out, json_root(document), &err);
    if (!good) {
        SCOPED_BUF(words, 2000);
        assert_true(err_message(&words, &err, LANGUAGE_EN));
        snprintf(message, size, "%s", buf_string(&words));
    }
    json_document_free(document);
    return good;
}

static struct permits *permits_of(const char *json)
{
    struct permits *permits = NULL;
    char message[1000];
    if (!read_text(&permits, json, message, sizeof message))
        fail_msg("%s: %s", json, message);
    return permits;
}

// "https://host:port/path?query" taken apart as the gateway would.
static struct url_parts parts_of(const char *url)
{
    struct url_parts parts = {0};
    const char *host = strstr(url, "://") + 3, *slash = strchr(host, '/');
    const char *colon = strchr(host, ':'), *question = strchr(slash, '?');
    parts.scheme = text_of(url, (size_t)(host - 3 - url));
    parts.port = parts.scheme.length == 5 ? 443 : 80;
    if (colon && colon < slash)
        parts.port = (int)strtol(colon + 1, NULL, 10);
    parts.host = text_of(host, (size_t)((colon && colon < slash ? colon : slash) - host));
    parts.path = question ? text_of(slash, (size_t)(question - slash)) : text_from(slash);
    parts.has_query = question != NULL;
    parts.query = question ? text_from(question + 1) : text_of("", 0);
    return parts;
}

static bool covers(const char *pattern, const char *url)
{
    char *json = xasprintf("{\"http\":[[\"GET\",\"%s\"]]}", pattern);
    SCOPED(permits)
    permits = permits_of(json);
    xfree(json);
    struct err err;
    const struct url_parts parts = parts_of(url);
    return permits_http(permits, TEXT_OF("GET"), &parts, TEXT_OF(""), &err);
}

static void a_pattern_covers_exactly_what_it_says(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *url;
        bool covered;
    } cases[] = {
        {"https://a.example/api/*", "https://a.example/api/x", true},
        {"https://a.example/api/*", "https://a.example/api/x/y?z=1", true},
        {"https://a.example/api/*", "https://a.example/api/", true},
        {"https://a.example/api/*", "https://a.example/api", false},
        {"https://a.example/api/*", "https://a.example/apix", false},
        {"https://a.example/api/*", "http://a.example/api/x", false},
        {"https://a.example/api/*", "https://a.example:8443/api/x", false},
        {"https://a.example/api/*", "https://b.a.example/api/x", false},
        {"https://a.example/api/*", "https://a.example.evil/api/x", false},
        {"https://A.Example/api", "https://a.example/api", true},
        {"https://a.example/api", "https://a.example/api/x", false},
        {"https://a.example/API", "https://a.example/api", false},
        {"https://a.example", "https://a.example/", true},
        {"https://a.example", "https://a.example/x", false},
        {"https://a.example:443/x", "https://a.example/x", true},
        {"http://127.0.0.1:8080/*", "http://127.0.0.1:8080/", true},
        {"https://*.a.example/*", "https://b.a.example/", true},
        {"https://*.a.example/*", "https://a.example/", false},
        {"https://*.a.example/*", "https://c.b.a.example/", false},
        {"https://*.a.example/*", "https://.a.example/", false},
        {"https://a.example/x?a=1", "https://a.example/x?a=1", true},
        {"https://a.example/x?a=1", "https://a.example/x?a=1&b=2", false},
        {"https://a.example/x?a=1", "https://a.example/x", false},
        {"https://a.example/x", "https://a.example/x?a=1", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (covers(cases[i].pattern, cases[i].url) != cases[i].covered)
            fail_msg("%s and %s: expected %d", cases[i].pattern, cases[i].url, cases[i].covered);
}

static void what_is_wrong_is_said_with_the_number_of_the_permit(void **state)
{
    (void)state;
    static const struct {
        const char *json, *message;
    } cases[] = {
        {"{\"http\":[[\"GET\",\"https://a.example\"],[\"GET\",\"https://a.example\"],[\"GTE\",\"https://"
         "a.example\"]]}",
         "permit 3: \"GTE\" is no HTTP method; did you mean \"GET\"?"},
        {"{\"http\":[[\"FETCH-ALL\",\"https://a.example\"]]}", "permit 1: \"FETCH-ALL\" is no HTTP method."},
        {"{\"http\":[[[],\"https://a.example\"]]}",
         "permit 1: a method or a list of methods was expected first."},
        {"{\"http\":[[\"GET\"]]}", "permit 1: a method and an address were expected."},
        {"{\"http\":[{\"1\":\"GET\",\"2\":\"https://a.example\",\"logni\":\"x\"}]}",
         "permits (1): there is no \"logni\" here; did you mean \"login\"?"},
        {"{\"http\":[[\"GET\",\"ftp://a.example\"]]}",
         "permit 1: the address \"ftp://a.example\" does not begin with https:// or http://."},
        {"{\"http\":[[\"GET\",\"https://u@a.example/\"]]}",
         "permit 1: the address \"https://u@a.example/\" has no plain host name."},
        {"{\"http\":[[\"GET\",\"https://a.example./\"]]}",
         "permit 1: the address \"https://a.example./\" has no plain host name."},
        {"{\"http\":[[\"GET\",\"https://*.example/\"]]}",
         "permit 1: the address \"https://*.example/\" has no plain host name."},
        {"{\"http\":[[\"GET\",\"https://a*.example/\"]]}",
         "permit 1: in \"https://a*.example/\" the star in the host is not its whole first label."},
        {"{\"http\":[[\"GET\",\"https://a.example:0/\"]]}",
         "permit 1: the port in \"https://a.example:0/\" is not between 1 and 65535."},
        {"{\"http\":[[\"GET\",\"https://a.example/../x\"]]}",
         "permit 1: the path of \"https://a.example/../x\" holds what no path may hold."},
        {"{\"http\":[[\"GET\",\"https://a.example/a%2Fb\"]]}",
         "permit 1: the path of \"https://a.example/a%2Fb\" holds what no path may hold."},
        {"{\"http\":[[\"GET\",\"https://a.example/a*\"]]}",
         "permit 1: in \"https://a.example/a*\" the star does not stand at the end of the path, after a "
         "slash."},
        {"{\"mail\":{\"to\":[\"*\"]}}", "permits, mail: \"*\" permits no recipient."},
        {"{\"mail\":{\"to\":[\"a*@b.example\"]}}", "permits, mail: \"a*@b.example\" permits no recipient."},
        {"{\"shares\":{\"inbox\":\"all\"}}", "permits, shares: \"inbox\" must be \"read\" or \"write\"."},
        {"{\"queues\":{\"a\":\"all\"}}",
         "permits, queues: \"a\" must be a name in small letters with \"fill\", "
         "\"work\" or \"both\"."},
        {"{\"queues\":{\"A\":\"fill\"}}", "permits, queues: \"A\" must be a name in small letters with "
                                          "\"fill\", \"work\" or \"both\"."},
        {"{\"robots\":[\"A b\"]}", "permits, robots: \"A b\" is no robot's name in a list."},
        {"{\"htpt\":[]}", "permits (permits): there is no \"htpt\" here; did you mean \"http\"?"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED(permits)
        permits = NULL;
        char message[1000] = "";
        assert_false(read_text(&permits, cases[i].json, message, sizeof message));
        assert_string_equal(message, cases[i].message);
    }
}

static void a_login_needs_a_permit_that_names_it(void **state)
{
    (void)state;
    struct err err;
    SCOPED(permits)
    permits =
        permits_of("{\"http\":[{\"1\":[\"GET\",\"POST\"],\"2\":\"https://a.example/*\",\"login\":\"a\"}]}");
    const struct url_parts url = parts_of("https://a.example/x?secret=1");
    assert_true(permits_http(permits, TEXT_OF("POST"), &url, TEXT_OF("a"), &err));
    assert_true(permits_http(permits, TEXT_OF("GET"), &url, TEXT_OF(""), &err));
    assert_false(permits_http(permits, TEXT_OF("GET"), &url, TEXT_OF("b"), &err));
    assert_int_equal(err.code, ERR_PERMIT_LOGIN);
    assert_false(permits_http(permits, TEXT_OF("PUT"), &url, TEXT_OF("a"), &err));
    assert_int_equal(err.code, ERR_PERMIT_NONE);
    assert_string_equal(err.arguments[1], "https://a.example/x"); // without the query
    assert_string_equal(permits_login_at(permits, 0), "a");
    assert_null(permits_login_at(permits, 1));
}

static void mail_goes_only_to_permitted_recipients(void **state)
{
    (void)state;
    struct err err;
    SCOPED(permits)
    permits = permits_of("{\"mail\":{\"to\":[\"*@finance.example\",\"director@city.example\"]}}");
    static const struct {
        const char *address;
        bool permitted;
    } cases[] = {
        {"a@finance.example", true},       {"a@FINANCE.example", true},   {"director@city.example", true},
        {"Director@city.example", true},   {"other@city.example", false}, {"a@x.finance.example", false},
        {"a@finance.example.evil", false}, {"finance.example", false},    {"a@", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (permits_mail(permits, text_from(cases[i].address), &err) != cases[i].permitted)
            fail_msg("%s: expected %d", cases[i].address, cases[i].permitted);
}

static void an_empty_manifest_permits_nothing(void **state)
{
    (void)state;
    struct err err;
    SCOPED(permits)
    permits = NULL;
    assert_true(permits_read(&permits, NULL, &err));
    const struct url_parts url = parts_of("https://a.example/");
    assert_false(permits_http(permits, TEXT_OF("GET"), &url, TEXT_OF(""), &err));
    assert_false(permits_mail(permits, TEXT_OF("a@b.example"), &err));
    assert_int_equal(permits_share(permits, "inbox"), SHARE_NONE);
    assert_int_equal(permits_count(permits), 0);
}

static void each_permit_is_a_sentence(void **state)
{
    (void)state;
    SCOPED(permits)
    permits =
        permits_of("{\"http\":[{\"1\":[\"GET\",\"POST\"],\"2\":\"https://a.example/*\",\"login\":\"led\"}],"
                   "\"mail\":{\"to\":[\"*@b.example\"]},\"shares\":{\"inbox\":\"read\",\"out\":\"write\"}}");
    static const char *const sentences[] = {"may GET, POST https://a.example/* with the login \"led\"",
                                            "may send mail to *@b.example", "may read the share inbox",
                                            "may read and write the share out"};
    assert_int_equal(permits_count(permits), COUNT_OF(sentences));
    for (size_t i = 0; i < COUNT_OF(sentences); i++) {
        SCOPED_BUF(out, 1000);
        assert_true(permits_sentence(&out, permits, i, LANGUAGE_EN));
        assert_string_equal(buf_string(&out), sentences[i]);
    }
}

static void an_origin_covers_what_is_at_or_below_it(void **state)
{
    (void)state;
    static const struct {
        const char *origin, *url;
        bool covered;
    } cases[] = {
        {"https://a.example", "https://a.example/x", true},
        {"https://a.example/api", "https://a.example/api", true},
        {"https://a.example/api", "https://a.example/api/x", true},
        {"https://a.example/api/", "https://a.example/api/x", true},
        {"https://a.example/api", "https://a.example/apix", false},
        {"https://a.example/api", "http://a.example/api", false},
        {"http://a.example:8080", "http://a.example/", false},
        {"http://a.example:8080", "http://a.example:8080/", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err;
        struct origin origin;
        assert_true(origin_read(&origin, text_from(cases[i].origin), &err));
        const struct url_parts url = parts_of(cases[i].url);
        if (origin_covers(&origin, &url) != cases[i].covered)
            fail_msg("%s and %s: expected %d", cases[i].origin, cases[i].url, cases[i].covered);
        origin_dispose(&origin);
    }
    static const char *const refused[] = {"a.example", "https://*.a.example", "https://a.example/*",
                                          "https://a.example/?x", "https://"};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct err err;
        struct origin origin;
        assert_false(origin_read(&origin, text_from(refused[i]), &err));
        assert_int_equal(err.code, ERR_ORIGIN_FORM);
    }
}

static void a_queue_is_filled_and_worked_as_permitted_and_only_named_robots_are_called(void **state)
{
    (void)state;
    struct err err;
    SCOPED(permits)
    permits =
        permits_of("{\"queues\":{\"a\":\"fill\",\"b\":\"work\",\"c\":\"both\"},\"robots\":[\"child\"]}");
    assert_true(permits_queue(permits, TEXT_OF("a"), QUEUE_FILL, &err));
    assert_false(permits_queue(permits, TEXT_OF("a"), QUEUE_WORK, &err));
    assert_int_equal(err.code, ERR_QUEUE_NOT_PERMITTED);
    assert_true(permits_queue(permits, TEXT_OF("b"), QUEUE_WORK, &err));
    assert_false(permits_queue(permits, TEXT_OF("b"), QUEUE_FILL, &err));
    assert_true(permits_queue(permits, TEXT_OF("c"), QUEUE_FILL, &err));
    assert_true(permits_queue(permits, TEXT_OF("c"), QUEUE_WORK, &err));
    assert_false(permits_queue(permits, TEXT_OF("d"), QUEUE_FILL, &err));
    assert_true(permits_robot(permits, TEXT_OF("child"), &err));
    assert_false(permits_robot(permits, TEXT_OF("other"), &err));
    assert_int_equal(err.code, ERR_ROBOT_NOT_PERMITTED);
    SCOPED_BUF(sentence, 200);
    assert_int_equal(permits_count(permits), 4);
    assert_true(permits_sentence(&sentence, permits, 2, LANGUAGE_EN));
    assert_string_equal(buf_string(&sentence), "may add items to the queue c and take them from it");
    buf_clear(&sentence);
    assert_true(permits_sentence(&sentence, permits, 3, LANGUAGE_EN));
    assert_string_equal(buf_string(&sentence), "may call the robot child");
}

static void the_beginning_of_an_address_is_covered_where_the_whole_may_be(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *url;
        bool whole, covered;
    } cases[] = {
        {"https://a.example/api/*", "https://a.example/api/x", true, true},
        {"https://a.example/api/*", "https://a.example/api/x", false, true},
        {"https://a.example/api/*", "https://a.example/", false, true},
        {"https://a.example/api/*", "https://a.example/", true, false},
        {"https://a.example/api/*", "https://a.example/b", false, false},
        {"https://a.example/api/x", "https://a.example/api/", false, true},
        {"https://a.example/api/x", "https://a.example/api/xy", false, false},
        {"https://a.example/api/?q=1", "https://a.example/api/", true, true},
        {"https://a.example/*", "https://b.example/", false, false},
        {"https://*.a.example/*", "https://b.a.example/", false, true},
        {"https://a.example/*", "http://a.example/", false, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_TEXT char *json = xasprintf("{\"http\":[[\"GET\",\"%s\"]]}", cases[i].pattern);
        SCOPED(permits)
        permits = permits_of(json);
        struct err err;
        struct origin url;
        assert_true(origin_read(&url, text_from(cases[i].url), &err));
        const bool covered =
            permits_http_may_cover(permits, 0, TEXT_OF("GET"), &url, cases[i].whole, TEXT_OF(""));
        assert_false(permits_http_may_cover(permits, 1, TEXT_OF("GET"), &url, false, TEXT_OF("")));
        assert_false(permits_http_may_cover(permits, 0, TEXT_OF("PUT"), &url, false, TEXT_OF("")));
        assert_false(permits_http_may_cover(permits, 0, TEXT_OF("GET"), &url, false, TEXT_OF("a")));
        origin_dispose(&url);
        if (covered != cases[i].covered)
            fail_msg("%s and %s: expected %d", cases[i].pattern, cases[i].url, cases[i].covered);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_covers_exactly_what_it_says),
        cmocka_unit_test(what_is_wrong_is_said_with_the_number_of_the_permit),
        cmocka_unit_test(a_login_needs_a_permit_that_names_it),
        cmocka_unit_test(mail_goes_only_to_permitted_recipients),
        cmocka_unit_test(an_empty_manifest_permits_nothing),
        cmocka_unit_test(each_permit_is_a_sentence),
        cmocka_unit_test(the_beginning_of_an_address_is_covered_where_the_whole_may_be),
        cmocka_unit_test(a_queue_is_filled_and_worked_as_permitted_and_only_named_robots_are_called),
        cmocka_unit_test(an_origin_covers_what_is_at_or_below_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
