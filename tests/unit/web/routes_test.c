// What the web process answers: the table, and nothing that only looks like it.
#include "support/unit.h"

#include "web/web.h"

static void a_hook_is_found_by_its_name(void **state)
{
    struct text name;
    int status = 0;
    (void)state;
    assert_non_null(route_find("POST", TEXT_OF("/hooks/new-invoice_2"), &name, &status));
    assert_true(text_is(name, "new-invoice_2"));
}

static void whatever_is_written_otherwise_is_not_there(void **state)
{
    static const char *const targets[] = {
        "",
        "/",
        "*",
        "/hooks",
        "/hooks/",
        "//hooks/x",
        "/hooks//x",
        "/hooks/../x",
        "/hooks/.",
        "/hooks/x/",
        "/hooks/x/y",
        "/hooks/x?y=1",
        "/hooks/x?",
        "/hooks/x#y",
        "/hooks/%78",
        "/hooks/x%2f",
        "/hooks/x%00",
        "/hooks/X",
        "/Hooks/x",
        "/hooks/-x",
        "/hooks/x;y",
        "/hooks/\xc3\xa5",
        "http://127.0.0.1/hooks/x",
        "/hooks/x/../../etc/passwd",
        "/hooks/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        struct text name;
        int status = 0;
        assert_null(route_find("POST", text_from(targets[i]), &name, &status));
        assert_int_equal(status, 404);
    }
}

static void another_method_is_told_as_such(void **state)
{
    static const char *const methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post", "CONNECT"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        struct text name;
        int status = 0;
        assert_null(route_find(methods[i], TEXT_OF("/hooks/x"), &name, &status));
        assert_int_equal(status, 405);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hook_is_found_by_its_name),
        cmocka_unit_test(whatever_is_written_otherwise_is_not_there),
        cmocka_unit_test(another_method_is_told_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
