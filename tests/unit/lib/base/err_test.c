// lib/base/err.c
#include "support/unit.h"

#include "lib/base/err.h"

#include <errno.h>

static void an_error_says_where_what_and_what_to_do_in_three_languages(void **state)
{
    (void)state;
    static const struct {
        enum language language;
        const char *message, *hint;
    } cases[] = {
        {LANGUAGE_EN, "row 3: There is no file a.csv.", "Check the name and the folder."},
        {LANGUAGE_FI, "row 3: Tiedostoa a.csv ei ole.", "Tarkista nimi ja kansio."},
        {LANGUAGE_SV, "row 3: Filen a.csv finns inte.", "Kontrollera namnet och mappen."},
    };
    struct err err;
    assert_false(fail(&err, ERR_FILE_MISSING, "a.csv"));
    assert_false(err_note(&err, "row %d", 3));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_BUF(message, 1000);
        SCOPED_BUF(hint, 1000);
        assert_true(err_message(&message, &err, cases[i].language));
        assert_true(err_hint(&hint, &err, cases[i].language));
        assert_string_equal(buf_string(&message), cases[i].message);
        assert_string_equal(buf_string(&hint), cases[i].hint);
    }
}

static void a_reason_of_the_system_is_said_in_the_readers_language(void **state)
{
    (void)state;
    static const char *const said[LANGUAGE_COUNT] = {
        "The file a.csv can't be read: there is no right to it.",
        "Tiedostoa a.csv ei voi lukea: siihen ei ole oikeutta.",
        "Filen a.csv kan inte läsas: rättighet saknas.",
    };
    struct err err;
    (void)fail(&err, ERR_FILE_UNREADABLE, "a.csv", strerror(EACCES));
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        SCOPED_BUF(message, 1000);
        assert_true(err_message(&message, &err, (enum language)language));
        assert_string_equal(buf_string(&message), said[language]);
    }
}

static void the_outermost_place_is_said_first(void **state)
{
    (void)state;
    struct err err;
    (void)fail(&err, ERR_FILE_MISSING, "a.csv");
    (void)err_note(&err, "row %d", 12);
    (void)err_note(&err, "inputs.xlsx");
    assert_string_equal(err.where, "inputs.xlsx, row 12");
}

static void a_new_failure_forgets_the_places_of_the_old(void **state)
{
    (void)state;
    struct err err;
    (void)fail(&err, ERR_FILE_UNREADABLE, "a.csv", "why");
    (void)err_note(&err, "somewhere");
    (void)fail(&err, ERR_FILE_MISSING, "b.csv");
    assert_string_equal(err.where, "");
    assert_int_equal(err.count, 1);
}

// An ä is two bytes: the cut falls before it, never inside.
static void long_arguments_are_cut_at_the_border_of_a_letter(void **state)
{
    (void)state;
    char longer[ERR_ARGUMENT_MAX + 40];
    memset(longer, 'x', sizeof longer);
    memcpy(longer + ERR_ARGUMENT_MAX - 2, "ä", 2);
    longer[sizeof longer - 1] = '\0';
    struct err err;
    (void)fail(&err, ERR_FILE_MISSING, longer);
    assert_int_equal(strlen(err.arguments[0]), ERR_ARGUMENT_MAX - 2);
    assert_true(text_is_utf8(text_from(err.arguments[0])));
}

static void too_many_places_are_cut_not_overrun(void **state)
{
    (void)state;
    struct err err;
    (void)fail(&err, ERR_FILE_MISSING, "a.csv");
    for (int i = 0; i < 200; i++)
        (void)err_note(&err, "käsky %d", i);
    assert_true(strlen(err.where) < ERR_WHERE_MAX);
    assert_true(text_is_utf8(text_from(err.where)));
    assert_true(text_starts(text_from(err.where), "käsky 199, käsky 198"));
}

static void every_error_is_found_by_its_name(void **state)
{
    (void)state;
    for (int code = 1; code < ERR_COUNT; code++) {
        enum err_code found = ERR_NONE;
        assert_true(err_from_name(&found, err_name((enum err_code)code)));
        assert_int_equal(found, code);
    }
    enum err_code found = ERR_NONE;
    assert_false(err_from_name(&found, "NONE"));
    assert_false(err_from_name(&found, "FILE_MISSIN"));
}

static void every_class_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(err_class_name(err_class(ERR_FILE_MISSING)), "failure");
    assert_string_equal(err_class_name(CLASS_LIMIT), "limit");
}

static void a_full_buffer_is_told(void **state)
{
    (void)state;
    struct err err;
    (void)fail(&err, ERR_FILE_MISSING, "a.csv");
    SCOPED_BUF(message, 10);
    assert_false(err_message(&message, &err, LANGUAGE_EN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_says_where_what_and_what_to_do_in_three_languages),
        cmocka_unit_test(a_reason_of_the_system_is_said_in_the_readers_language),
        cmocka_unit_test(the_outermost_place_is_said_first),
        cmocka_unit_test(a_new_failure_forgets_the_places_of_the_old),
        cmocka_unit_test(long_arguments_are_cut_at_the_border_of_a_letter),
        cmocka_unit_test(too_many_places_are_cut_not_overrun),
        cmocka_unit_test(every_error_is_found_by_its_name),
        cmocka_unit_test(every_class_has_a_name),
        cmocka_unit_test(a_full_buffer_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
