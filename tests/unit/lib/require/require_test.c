// Which modules are found in a Lua file, and when nobody can know.
#include "support/unit.h"

#include "lib/base/buf.h"
#include "lib/require/require.h"

static void collect(void *owner, struct text name)
{
    struct buf *names = owner;
    assert_true(buf_append_text(names, name) && buf_append_char(names, ' '));
}

static void check_scan(const char *source, const char *names, bool known)
{
    SCOPED_BUF(found, 65536);
    const bool all = require_scan(text_from(source), collect, &found);
    if (all != known || strcmp(buf_string(&found), names) != 0)
        fail_msg("%s: \"%s\", %s", source, buf_string(&found), all ? "known" : "not known");
}

static void modules_are_found_by_the_names_that_stand_there(void **state)
{
    static const struct {
        const char *source, *names;
    } cases[] = {
        {"", ""},
        {"local names = require \"lib.names\"", "lib.names "},
        {"local names = require 'lib.names'", "lib.names "},
        {"local names = require(\"lib.names\")", "lib.names "},
        {"local names = require ( 'lib.names' ) . first", "lib.names "},
        {"local names = require [[lib.names]]", "lib.names "},
        {"local names = require[==[\nlib.names]==]", "lib.names "},
        {"local names = require --[[ of the\nworkplace ]] \"lib.names\"", "lib.names "},
        {"require'a'require\"b\"", "a b "},
        {"print(1 ..require\"a\")", "a "},
        {"x = a..require\"b\"", "b "},
        {"x = _G.require \"a\" + _ENV.require(\"b\")", "a b "},
        {"x = 0x1p-4 y = .5 z = 3..2 require 'a'", "a "},
        {"#!/usr/bin/lua require 'x'\nrequire 'a'", "a "},
        {"x = { require = true, other = 1 } require 'a'", "a "},
        {"robot.require(name) robot:require(name) required(name)", ""},
        {"goto require_all", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_scan(cases[i].source, cases[i].names, true);
}

static void comments_and_texts_require_nothing(void **state)
{
    static const char *const cases[] = {
        "-- require 'a'",
        "--[[ require 'a' ]]",
        "--[==[ ]] require 'a' ]==]",
        "x = \"require 'a'\"",
        "x = 'it\\'s require \"a\"'",
        "x = [[ require 'a' ]]",
        "x = \"a\\\nb require 'c'\"",
        "x = [=[ ]] require 'a' ]=]",
        "---[[ require 'a'",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_scan(cases[i], "", true);
}

static void what_cannot_be_known_is_said(void **state)
{
    static const struct {
        const char *source, *names;
    } cases[] = {
        {"require(name)", ""},
        {"require(\"lib.\" .. name)", "lib. "},
        {"local r = require r 'lib.names'", ""},
        {"pcall(require, 'lib.names')", ""},
        {"_G['require'] 'lib.names'", ""},
        {"require 'lib.n\\97mes'", ""},
        {"require { 'a' }", ""},
        {"require 'a' x = \"never ends", "a "},
        {"require 'a' --[[ never ends", "a "},
        {"x = 'a\nb'", ""},
        {"require 'a' require(b) require 'c'", "a c "},
        {"return require", ""},
        {"function require(name) end", ""},
        {"f = x == require", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_scan(cases[i].source, cases[i].names, false);
}

static void a_name_that_is_too_long_is_not_believed(void **state)
{
    (void)state;
    SCOPED_TEXT char *source = xasprintf("require '%0*d'", REQUIRE_NAME_MAX + 1, 0);
    check_scan(source, "", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modules_are_found_by_the_names_that_stand_there),
        cmocka_unit_test(comments_and_texts_require_nothing),
        cmocka_unit_test(what_cannot_be_known_is_said),
        cmocka_unit_test(a_name_that_is_too_long_is_not_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
