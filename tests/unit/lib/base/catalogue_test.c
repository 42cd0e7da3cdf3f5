// lib/base/catalogue.c
#include "support/unit.h"

#include "lib/base/catalogue.h"

static void arguments_go_where_the_template_wants_them(void **state)
{
    (void)state;
    static const char *const arguments[] = {"one", "two"};
    static const struct {
        const char *template, *expected;
    } cases[] = {
        {"{1} before {2}", "one before two"},
        {"{2} before {1}", "two before one"},
        {"{1}{1}", "oneone"},
        {"none", "none"},
        {"", ""},
        {"{3}.", "."},
        {"{", "{"},
        {"{0} {7} {a}", "{0} {7} {a}"},
        {"{{1}", "{one"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_BUF(out, 100);
        assert_true(catalogue_fill(&out, cases[i].template, arguments, COUNT_OF(arguments)));
        assert_string_equal(buf_string(&out), cases[i].expected);
    }
}

static void one_thing_has_another_word_than_many(void **state)
{
    (void)state;
    static const char *const counts[][2] = {{"1", "2"}, {"0", "1"}, {"11", "1 234"}};
    static const char *const expected[] = {"1 row, 2 cells", "0 rows, 1 cell", "11 rows, 1 234 cells"};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        SCOPED_BUF(out, 100);
        assert_true(catalogue_fill(&out, "{1} {1:row|rows}, {2} {2:cell|cells}", counts[i], 2));
        assert_string_equal(buf_string(&out), expected[i]);
    }
    SCOPED_BUF(out, 100);
    assert_true(phrase_append(&out, LANGUAGE_FI, PHRASE_RUN_BALANCED_ITEMS, "1"));
    assert_string_equal(buf_string(&out), "täsmää: 1 rivi");
}

static void an_argument_is_text_and_no_template(void **state)
{
    (void)state;
    static const char *const arguments[] = {"{2}", "two"};
    SCOPED_BUF(out, 100);
    assert_true(catalogue_fill(&out, "{1} {2}", arguments, COUNT_OF(arguments)));
    assert_string_equal(buf_string(&out), "{2} two");
}

static void a_full_buffer_is_told(void **state)
{
    (void)state;
    static const char *const arguments[] = {"argument"};
    SCOPED_BUF(out, 8);
    assert_false(catalogue_fill(&out, "an {1}", arguments, COUNT_OF(arguments)));
}

static void languages_are_known_by_what_systems_call_them(void **state)
{
    (void)state;
    assert_int_equal(language_from_name("fi"), LANGUAGE_FI);
    assert_int_equal(language_from_name("fi_FI.UTF-8"), LANGUAGE_FI);
    assert_int_equal(language_from_name("sv-FI"), LANGUAGE_SV);
    assert_int_equal(language_from_name("C"), LANGUAGE_EN);
    assert_int_equal(language_from_name(""), LANGUAGE_EN);
    assert_int_equal(language_from_name(NULL), LANGUAGE_EN);
    for (enum language language = 0; language < LANGUAGE_COUNT; language++)
        assert_int_equal(language_from_name(language_name(language)), language);
}

static void a_phrase_is_found_by_name_and_filled(void **state)
{
    (void)state;
    enum phrase phrase;
    assert_false(phrase_from_name(&phrase, "NO_SUCH_PHRASE"));
    assert_true(phrase_from_name(&phrase, "RUN_RESUME"));
    SCOPED_BUF(out, 200);
    assert_true(phrase_append(&out, LANGUAGE_FI, phrase, "42"));
    assert_string_equal(buf_string(&out), "Jatka komennolla: renki resume 42");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_go_where_the_template_wants_them),
        cmocka_unit_test(one_thing_has_another_word_than_many),
        cmocka_unit_test(an_argument_is_text_and_no_template),
        cmocka_unit_test(a_full_buffer_is_told),
        cmocka_unit_test(languages_are_known_by_what_systems_call_them),
        cmocka_unit_test(a_phrase_is_found_by_name_and_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
