// lib/sheet/formula.c: what a formula reads where its cell is another.
#include "support/unit.h"

#include "lib/sheet/formula.h"

static void assert_moved(const char *formula, int32_t rows, int32_t columns, const char *expected)
{
    SCOPED_BUF(out, 1000);
    assert_true(formula_move(&out, text_from(formula), rows, columns));
    assert_string_equal(buf_string(&out), expected);
}

static void references_move_with_the_cell(void **state)
{
    (void)state;
    assert_moved("A1+B2*2", 1, 0, "A2+B3*2");
    assert_moved("SUM(A1:C3,Z9)", 2, 1, "SUM(B3:D5,AA11)");
    assert_moved("a1", 1, 1, "B2");
    assert_moved("Sheet1!A1+'It''s A1'!B2", 1, 0, "Sheet1!A2+'It''s A1'!B3");
    assert_moved("C5", -2, -1, "B3");
    assert_moved("-A1%+1.5E3-2E+1", 1, 0, "-A2%+1.5E3-2E+1");
    assert_moved("Table1[[#This Row],[A1]]+A1", 1, 0, "Table1[[#This Row],[A1]]+A2");
    assert_moved("[1]Sheet1!A1", 1, 0, "[1]Sheet1!A2");
}

static void what_a_dollar_holds_stays(void **state)
{
    (void)state;
    assert_moved("$A1+A$1+$A$1", 3, 3, "$A4+D$1+$A$1");
    assert_moved("$A:B", 0, 1, "$A:C");
    assert_moved("1:$3", 1, 0, "2:$3");
    assert_moved("SUM(A:A)+SUM(2:2)", 1, 1, "SUM(B:B)+SUM(3:3)");
}

static void what_is_no_reference_stays(void **state)
{
    (void)state;
    assert_moved("\"A1 \"\"B2\"\"\"&A1", 1, 0, "\"A1 \"\"B2\"\"\"&A2");
    assert_moved("LOG10(A1)+ATAN2(B1,1)", 1, 0, "LOG10(A2)+ATAN2(B2,1)");
    assert_moved("Rate_2*A1_x+x.A1", 1, 0, "Rate_2*A1_x+x.A1");
    assert_moved("IF(A1=#REF!,#N/A,#DIV/0!)", 1, 0, "IF(A2=#REF!,#N/A,#DIV/0!)");
    assert_moved("XFE1+A1048577+A0+ABCD1", 1, 1, "XFE1+A1048577+A0+ABCD1");
    assert_moved("TRUE+1+{1,2;3,4}", 1, 1, "TRUE+1+{1,2;3,4}");
    assert_moved("Äyrit1+Ä1", 1, 1, "Äyrit1+Ä1");
    assert_moved("'open A1", 1, 1, "'open A1");
    assert_moved("[open A1", 1, 1, "[open A1");
}

static void beyond_an_edge_it_goes_on_at_the_other(void **state)
{
    (void)state;
    assert_moved("A1", -1, -1, "XFD1048576");
    assert_moved("XFD1048576", 1, 1, "A1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_move_with_the_cell),
        cmocka_unit_test(what_a_dollar_holds_stays),
        cmocka_unit_test(what_is_no_reference_stays),
        cmocka_unit_test(beyond_an_edge_it_goes_on_at_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
