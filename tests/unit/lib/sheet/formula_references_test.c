// lib/sheet/formula_references.c: what in a formula is a reference, and that all else stays as it is.
#include "support/unit.h"

#include "lib/sheet/formula_references.h"

#include <stdio.h>

// Every reference becomes "<page!first:last>"; here by moving it where a test sees it: 100 rows down.
static void move_down(void *context, struct formula_reference *reference)
{
    struct buf *seen = context;
    char first[REFERENCE_TEXT_SIZE], last[REFERENCE_TEXT_SIZE];
    if (reference->kind == FORMULA_WORD) {
        require(buf_printf(seen, "(%.*s)", (int)reference->word.length, reference->word.data));
        return;
    }
    require(buf_printf(seen, "%.*s%s%s:%s ", (int)reference->page.length, reference->page.data,
                       reference->elsewhere ? "?" : "!", reference_text(first, reference->first),
                       reference_text(last, reference->last)));
    if (reference->kind != FORMULA_COLUMNS) {
        reference->first.row += 100;
        reference->last.row += 100;
    }
}

static void references_are_found_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *formula, *moved, *seen;
    } cases[] = {
        {"A1+$B$2:C3", "A101+$B$102:C103", "!A1:A1 !B2:C3 "},
        {"SUM(Data!A1:B2)*2", "SUM(Data!A101:B102)*2", "Data!A1:B2 (2)"},
        {"'It''s a page'!$A1&\"A1 \"\"B2\"\"\"", "'It''s a page'!$A101&\"A1 \"\"B2\"\"\"",
         "It''s a page!A1:A1 "},
        {"LOG10(2)+A1B+AAAA1+A0+X1048577", "LOG10(2)+A1B+AAAA1+A0+X1048577", "(2)(A1B)(AAAA1)(A0)(X1048577)"},
        {"SUM(A:C)+SUM(3:5)", "SUM(A:C)+SUM(103:105)", "!A1:C1048576 !A3:XFD5 "},
        {"Bills[Sum]+Bills[[#This Row],[A1]]", "Bills[Sum]+Bills[[#This Row],[A1]]", "(Bills)(Bills)"},
        {"[1]Data!A1+First:Last!B2+'[x.xlsx]P'!C3", "[1]Data!A101+First:Last!B102+'[x.xlsx]P'!C103",
         "Data?A1:A1 First:Last?B2:B2 [x.xlsx]P?C3:C3 "},
        {"#REF!+Data!#REF!+A1#", "#REF!+Data!#REF!+A101#", "!A1:A1 "},
        {"IF(A1=\"x\",rate,1.5E+3)", "IF(A101=\"x\",rate,1.5E+3)", "!A1:A1 (rate)(1.5E)(3)"},
        {"A1:INDEX(B:B,2)", "A101:INDEX(B:B,2)", "!A1:A1 !B1:B1048576 (2)"},
        {"\"open", "\"open", ""},
        {"'open", "'open", ""},
        {"[open", "[open", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err;
        SCOPED_BUF(moved, 1000);
        SCOPED_BUF(seen, 1000);
        assert_true(formula_map(&moved, text_from(cases[i].formula), move_down, &seen, &err));
        assert_string_equal(buf_string(&moved), cases[i].moved);
        assert_string_equal(buf_string(&seen), cases[i].seen);
    }
}

static void lose(void *context, struct formula_reference *reference)
{
    (void)context;
    reference->lost = true;
}

static void what_is_lost_is_said(void **state)
{
    (void)state;
    struct err err;
    SCOPED_BUF(out, 1000);
    assert_true(formula_map(&out, TEXT_OF("Data!A1+SUM(B2:B3)"), lose, NULL, &err));
    assert_string_equal(buf_string(&out), "Data!#REF!+SUM(#REF!)");
}

static void pages_are_compared_without_their_quotes(void **state)
{
    (void)state;
    assert_true(formula_page_is(TEXT_OF("It''s"), TEXT_OF("it's")));
    assert_false(formula_page_is(TEXT_OF("Its"), TEXT_OF("it's")));
}

static void a_formula_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    struct err err;
    SCOPED_TEXT char *formula = xcalloc(FORMULA_BYTES_MAX + 2, 1);
    SCOPED_BUF(out, 10);
    memset(formula, '+', FORMULA_BYTES_MAX + 1);
    assert_false(formula_map(&out, text_from(formula), lose, NULL, &err));
    assert_false(formula_map(&out, TEXT_OF("A1+A1+A1+A1+A1"), lose, NULL, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_found_and_nothing_else),
        cmocka_unit_test(what_is_lost_is_said),
        cmocka_unit_test(pages_are_compared_without_their_quotes),
        cmocka_unit_test(a_formula_beyond_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
