// gateway/adapter/url.c: one reading of an address, and it is plain.
#include "support/unit.h"

#include "gateway/adapter/url.h"

static void an_address_comes_apart_and_together(void **state)
{
    (void)state;
    static const struct {
        const char *written, *whole, *host, *path, *query;
        int port;
    } cases[] = {
        {"https://A.Example/x?y=1#z", "https://a.example/x?y=1", "a.example", "/x", "y=1", 443},
        {"HTTP://a.example", "http://a.example/", "a.example", "/", "", 80},
        {"http://a.example:8080/a%20b", "http://a.example:8080/a%20b", "a.example", "/a%20b", "", 8080},
        {"https://a.example:443/", "https://a.example/", "a.example", "/", "", 443},
        {"http://127.1/", "http://127.0.0.1/", "127.0.0.1", "/", "", 80},
        {"http://2130706433/", "http://127.0.0.1/", "127.0.0.1", "/", "", 80},
        {"http://0x7f.1/", "http://127.0.0.1/", "127.0.0.1", "/", "", 80},
        {"http://[::1]:8080/", "http://[::1]:8080/", "[::1]", "/", "", 8080},
        {"https://a.example/$x='1'?$filter=(P%20eq%20'2')", "https://a.example/$x='1'?$filter=(P%20eq%20'2')",
         "a.example", "/$x='1'", "$filter=(P%20eq%20'2')", 443},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err;
        SCOPED(url)
        url = NULL;
        if (!url_read(&url, NULL, text_from(cases[i].written), &err))
            fail_msg("%s was refused", cases[i].written);
        const struct url_parts *parts = url_parts(url);
        assert_string_equal(url_text(url), cases[i].whole);
        assert_true(text_is(parts->host, cases[i].host) && text_is(parts->path, cases[i].path));
        assert_true(text_is(parts->query, cases[i].query) && parts->port == cases[i].port);
    }
}

static void what_could_be_read_in_two_ways_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "a.example/x",
        "//a.example/x",
        "ftp://a.example/",
        "file:///etc/passwd",
        "http:/a.example/",
        "http:///a.example/",
        "http:////a.example/",
        "http://",
        "http://?x",
        "http://:80/",
        "http://a.example:/",
        "http://a.example:0/",
        "http://a.example:65536/",
        "http://a.example:8x/",
        "http://user@a.example/",
        "http://user:pass@a.example/",
        "http://a.example@b.example/",
        "http://a.example./",
        "http://a.example%2f.b.example/",
        "http://a.example\\@b.example/",
        "http://a.example/\\b",
        "http://a.example/a b",
        "http://a.example/a\tb",
        "http://a.example/a\r\nX: y",
        "http://a.example/../b",
        "http://a.example/a/..",
        "http://a.example/./b",
        "http://a.example/%2e%2e/b",
        "http://a.example/%2E/b",
        "http://a.example/a%2fb",
        "http://a.example/a%5Cb",
        "http://a.example/a%00b",
        "http://a.example/a%zzb",
        "http://a.example/a%2",
        "http://a.example/\xc3\xa4",
        "http://h\xc3\xa4me.example/", // to be written as xn--
        "http://a.example/x?\xc3\xa4",
        "http://[fe80::1%25eth0]/",
        " http://a.example/",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct err err;
        SCOPED(url)
        url = NULL;
        if (url_read(&url, NULL, text_from(bad[i]), &err))
            fail_msg("%s was read as %s", bad[i], url_text(url));
        assert_int_equal(err.code, ERR_HTTP_URL);
    }
}

static void a_location_leads_where_a_browser_would_go(void **state)
{
    (void)state;
    static const struct {
        const char *location, *whole;
    } cases[] = {
        {"/y", "https://a.example:8443/y"},
        {"y?z=1", "https://a.example:8443/b/y?z=1"},
        {"../y", "https://a.example:8443/y"},
        {"?q=2", "https://a.example:8443/b/c?q=2"},
        {"//o.example/y", "https://o.example/y"},
        {"http://o.example/y", "http://o.example/y"},
        {"/with blank", "https://a.example:8443/with%20blank"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err;
        SCOPED(url)
        from = NULL;
        SCOPED(url)
        to = NULL;
        assert_true(url_read(&from, NULL, TEXT_OF("https://a.example:8443/b/c?d=e"), &err));
        if (!url_follow(&to, from, text_from(cases[i].location), &err))
            fail_msg("%s was refused", cases[i].location);
        assert_string_equal(url_text(to), cases[i].whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_comes_apart_and_together),
        cmocka_unit_test(what_could_be_read_in_two_ways_is_refused),
        cmocka_unit_test(a_location_leads_where_a_browser_would_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
