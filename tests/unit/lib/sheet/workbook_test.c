// lib/sheet/workbook.c and rows.c: what a workbook says beside its plain cells, with parts made here.
#include "support/unit.h"

#include "lib/sheet/workbook.h"
#include "support/stored_package.h"

#define DOCUMENT "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PART(name, text)                                                                                     \
    {                                                                                                        \
        name,                                                                                                \
        {                                                                                                    \
            text, sizeof text - 1                                                                            \
        }                                                                                                    \
    }

// A workbook of one page or two, whose content the test gives.
struct made {
    struct buf bytes;
    struct workbook *workbook;
    struct err err;
};

static bool make(struct made *made, const char *workbook, const char *page)
{
    const struct stored_part parts[] = {
        PART("_rels/.rels", "<Relationships><Relationship Id='r' Type='" DOCUMENT
                            "/officeDocument' Target='xl/workbook.xml'/></Relationships>"),
        PART("xl/_rels/workbook.xml.rels",
             "<Relationships><Relationship Id='a' Type='" DOCUMENT "/worksheet' Target='a.xml'/>"
             "<Relationship Id='b' Type='" DOCUMENT "/worksheet' Target='b.xml'/>"
             "<Relationship Id='s' Type='" DOCUMENT "/styles' Target='styles.xml'/>"
             "<Relationship Id='v' Type='http://schemas.microsoft.com/office/2006/relationships/vbaProject' "
             "Target='vbaProject.bin'/></Relationships>"),
        {"xl/workbook.xml", text_from(workbook)},
        {"xl/a.xml", text_from(page)},
        PART("xl/b.xml", "<worksheet><sheetData/></worksheet>"),
        PART("xl/_rels/a.xml.rels", "<Relationships><Relationship Id='t' Type='" DOCUMENT
                                    "/table' Target='/xl/t.xml'/></Relationships>"),
        PART("xl/t.xml", "<table id='1' name='T' displayName='Laskut' ref='B2:C5' totalsRowCount='1'>"
                         "<tableColumns count='2'><tableColumn id='1' name='A_x000a_b'/>"
                         "<tableColumn id='2' name='Sum &amp; VAT'/></tableColumns></table>"),
        PART("xl/styles.xml", "<styleSheet><numFmts><numFmt numFmtId='200' formatCode='0.0 %'/></numFmts>"
                              "<cellXfs><xf numFmtId='0'/><xf numFmtId='10'/><xf numFmtId='200'/>"
                              "<xf numFmtId='14'/></cellXfs></styleSheet>"),
    };
    *made = (struct made){.bytes = buf_new(1 << 20)};
    stored_package(&made->bytes, parts, COUNT_OF(parts));
    return workbook_open_text(&made->workbook, buf_text(&made->bytes), &made->err);
}

static void unmake(struct made *made)
{
    workbook_free(made->workbook);
    buf_dispose(&made->bytes);
}

#define TWO_PAGES "<workbook><sheets><sheet name='It&apos;s' r:id='a'/><sheet name='Muut' r:id='b'/></sheets>"

static void names_mean_ranges_or_say_what_they_are(void **state)
{
    (void)state;
    struct made made;
    assert_true(make(&made,
                     TWO_PAGES "<definedNames>"
                               "<definedName name='Rate'>0.255</definedName>"
                               "<definedName name='Total'>'It''s'!$B$7</definedName>"
                               "<definedName name='Total' localSheetId='1'>Muut!$A$1:$C$3</definedName>"
                               "<definedName name='Whole'>Muut!$A:$C</definedName>"
                               "<definedName name='Lines'>muut!$3:$2</definedName>"
                               "<definedName name='Twice'>Muut!$A$1:Muut!$B$2</definedName>"
                               "<definedName name='Gone'>Muut!#REF!</definedName>"
                               "<definedName name='Many'>Muut!$A$1,Muut!$B$2</definedName>"
                               "<definedName name='Other'>[1]Muut!$A$1</definedName>"
                               "<definedName name='Nowhere'>Missing!$A$1</definedName>"
                               "<definedName name='_xlnm._FilterDatabase' localSheetId='0' "
                               "hidden='1'>$A$1:$C$2</definedName>"
                               "<definedName name='OnePage' localSheetId='1'>Muut!$D$4</definedName>"
                               "</definedNames></workbook>",
                     "<worksheet><sheetData/></worksheet>"));
    static const struct {
        const char *name;
        size_t from;
        bool is_range;
        size_t page;
        struct range range;
    } expected[] = {
        {"rate", NAME_OF_WORKBOOK, false, 0, {{0}}},
        {"TOTAL", NAME_OF_WORKBOOK, true, 0, {{7, 2}, {7, 2}}},
        {"Total", 0, true, 0, {{7, 2}, {7, 2}}},
        {"Total", 1, true, 1, {{1, 1}, {3, 3}}},
        {"Whole", 0, true, 1, {{1, 1}, {1048576, 3}}},
        {"Lines", 0, true, 1, {{2, 1}, {3, 16384}}},
        {"Twice", 0, true, 1, {{1, 1}, {2, 2}}},
        {"Gone", 0, false, 0, {{0}}},
        {"Many", 0, false, 0, {{0}}},
        {"Other", 0, false, 0, {{0}}},
        {"Nowhere", 0, false, 0, {{0}}},
        {"_xlnm._FilterDatabase", 0, true, 0, {{1, 1}, {2, 3}}},
        {"OnePage", 0, true, 1, {{4, 4}, {4, 4}}},
    };
    const struct names *names = workbook_names(made.workbook);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const struct defined_name *found = names_find(names, text_from(expected[i].name), expected[i].from);
        assert_non_null(found);
        assert_int_equal(found->is_range, expected[i].is_range);
        if (!expected[i].is_range)
            continue;
        assert_int_equal(found->page, expected[i].page);
        assert_memory_equal(&found->range, &expected[i].range, sizeof(struct range));
    }
    assert_string_equal(names_find(names, TEXT_OF("Rate"), 0)->formula, "0.255");
    assert_null(names_find(names, TEXT_OF("Rates"), 0));
    assert_true(workbook_has_macros(made.workbook));
    unmake(&made);
}

static void tables_have_a_name_and_a_body(void **state)
{
    (void)state;
    struct made made;
    const struct tables *tables;
    struct range body;
    assert_true(make(&made, TWO_PAGES "</workbook>", "<worksheet><sheetData/></worksheet>"));
    assert_true(workbook_tables(made.workbook, &tables, &made.err));
    assert_int_equal(tables->count, 1);
    const struct sheet_table *table = tables_find(tables, TEXT_OF("LASKUT"), SIZE_MAX);
    assert_non_null(table);
    assert_null(tables_find(tables, TEXT_OF("Laskut"), 1));
    assert_string_equal(table->columns[0], "A\nb");
    assert_string_equal(table->columns[1], "Sum & VAT");
    assert_true(table_body(table, &body));
    assert_memory_equal(&body, &((struct range){{3, 2}, {4, 3}}), sizeof body);
    unmake(&made);
}

static void assert_formula(const struct sheet_row *row, uint32_t column, const char *expected)
{
    const struct cell *cell = sheet_row_cell(row, column);
    assert_non_null(cell);
    SCOPED_TEXT char *formula = text_copy(cell->formula);
    assert_string_equal(formula, expected);
}

static const char formulas[] =
    "<worksheet><cols><col min='4' max='5' hidden='1'/><col min='6' max='6' hidden='true'/>"
    "<col min='9' max='9'/><col min='2' max='2' hidden='1'/></cols><sheetData>"
    "<row r='1'><c r='A1'><f>1+1</f><v>2</v></c>"
    "<c r='B1'><f t='shared' ref='B1:B3' si='4'>$A1*B$9</f><v>1</v></c><c r='C1'><v>7</v></c>"
    "<c r='D1' t='str'><f>IF(A1&lt;2,\"x\",\"\")</f><v></v></c></row>"
    "<row r='2' hidden='1'><c r='C2'><f t='shared' si='9'/></c><c r='B2'><f t='shared' "
    "si='4'/><v>2</v></c></row>"
    "<row r='3'><c r='B3' s='2'><f t='shared' si='4'></f><v>0.25</v></c><c r='A3'><f t='array' "
    "ref='A3'>SUM(B1:B2)</f>"
    "</c></row></sheetData><mergeCells><mergeCell ref='A1:B2'/></mergeCells></worksheet>";

static void formulas_are_told_on_request(void **state)
{
    (void)state;
    struct made made;
    const struct sheet_row *row;
    SCOPED(workbook_rows)
    rows = NULL;
    assert_true(make(&made, TWO_PAGES "</workbook>", formulas));
    assert_true(workbook_rows_open(&rows, made.workbook, 0, ROWS_WITH_FORMULAS, &made.err));
    assert_true(workbook_rows_next(rows, &row, &made.err));
    assert_formula(row, 1, "1+1");
    assert_formula(row, 2, "$A1*B$9");
    assert_formula(row, 3, "");
    assert_formula(row, 4, "IF(A1<2,\"x\",\"\")"); // empty, and yet there
    assert_int_equal(sheet_row_cell(row, 4)->kind, CELL_EMPTY);
    assert_true(workbook_rows_next(rows, &row, &made.err));
    assert_true(row->hidden);
    assert_formula(row, 2, "$A2*B$9");
    assert_null(sheet_row_cell(row, 3)); // its first cell is nowhere, and it has no value
    assert_true(workbook_rows_next(rows, &row, &made.err));
    assert_false(row->hidden);
    assert_formula(row, 2, "$A3*B$9");
    assert_formula(row, 1, "SUM(B1:B2)");
    assert_true(sheet_row_cell(row, 2)->percent);
    unmake(&made);
}

static void hidden_columns_are_known_before_the_first_row(void **state)
{
    (void)state;
    struct made made;
    SCOPED(workbook_rows)
    rows = NULL;
    assert_true(make(&made, TWO_PAGES "</workbook>", formulas));
    assert_true(workbook_rows_open(&rows, made.workbook, 0, ROWS_WITH_VALUES, &made.err));
    const struct spans *hidden = workbook_rows_hidden_columns(rows);
    assert_int_equal(hidden->count, 2);
    for (uint32_t column = 1; column < 10; column++)
        assert_int_equal(spans_hold(hidden, column), column == 2 || (column >= 4 && column <= 6));
    unmake(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_mean_ranges_or_say_what_they_are),
        cmocka_unit_test(tables_have_a_name_and_a_body),
        cmocka_unit_test(formulas_are_told_on_request),
        cmocka_unit_test(hidden_columns_are_known_before_the_first_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
