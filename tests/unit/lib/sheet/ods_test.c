// lib/sheet/ods*.c: pages are given as the flat form (.fods) of an OpenDocument workbook.
#include "support/unit.h"

#include "support/book.h"

#define HEAD                                                                                                 \
    "<?xml version='1.0'?><office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' " \
    "office:mimetype='application/vnd.oasis.opendocument.spreadsheet'><office:automatic-styles>"             \
    "<style:style style:name='h' style:family='table'><style:table-properties table:display='false'/>"       \
    "</style:style></office:automatic-styles><office:body><office:spreadsheet>"
#define TAIL "</office:spreadsheet></office:body></office:document>"
#define PAGE(rows) HEAD "<table:table table:name='P'>" rows "</table:table>" TAIL
#define ROW(cells) "<table:table-row>" cells "</table:table-row>"
#define TEXT(text) "<table:table-cell office:value-type='string'><text:p>" text "</text:p></table:table-cell>"

static void assert_cells(const char *xml, const char *expected)
{
    struct err err = {0};
    SCOPED_BUF(out, 1 << 16);
    if (!page_text(&out, file_of(text_from(xml)), 0, &err)) {
        assert_true(err_message(&out, &err, LANGUAGE_EN));
        fail_msg("%s", buf_string(&out));
    }
    assert_string_equal(buf_string(&out), expected);
}

static void assert_refused(const char *xml, enum err_code code)
{
    struct err err = {0};
    SCOPED_BUF(out, 1 << 16);
    assert_false(page_text(&out, file_of(text_from(xml)), 0, &err));
    assert_string_equal(err_name(err.code), err_name(code));
}

static void every_kind_of_value_is_read(void **state)
{
    (void)state;
    assert_cells(PAGE(ROW("<table:table-cell office:value-type='float' "
                          "office:value='0.1000'><text:p>0,1</text:p></table:table-cell>"
                          "<table:table-cell office:value-type='percentage' office:value='0.24'/>"
                          "<table:table-cell office:value-type='currency' office:value='-12.3'/>"
                          "<table:table-cell office:value-type='boolean' office:boolean-value='true'/>"
                          "<table:table-cell office:value-type='string' "
                          "office:string-value=' a&amp;b'><text:p>x</text:p></table:table-cell>")),
                 "A1=n:0.1000;B1=n:0.24;C1=n:-12.3;D1=b:yes;E1=s: a&b;");
}

static void dates_and_times_are_read_by_their_value(void **state)
{
    (void)state;
    static const struct {
        const char *type, *value, *expected;
    } cases[] = {
        {"date", "2026-01-31", "A1=d:2026-01-31;"},
        {"date", "2026-01-31T00:00:00", "A1=d:2026-01-31;"},
        {"date", "2026-01-31T18:05:00.25", "A1=d:2026-01-31T18:05:00.25;"},
        {"date", "1899-12-30T06:00:00", "A1=d:06:00:00;"},
        {"time", "PT07H30M00S", "A1=d:07:30:00;"},
        {"time", "PT26H30M15.5000000S", "A1=d:26:30:15.5;"},
        {"time", "-PT5H", "A1=d:-5:00:00;"},
        {"time", "P1DT2H", "A1=d:26:00:00;"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SCOPED_TEXT char *xml =
            xasprintf(PAGE(ROW("<table:table-cell office:value-type='%s' office:%s-value='%s'/>")),
                      cases[i].type, cases[i].type, cases[i].value);
        assert_cells(xml, cases[i].expected);
    }
}

static void a_value_that_is_none_names_its_cell(void **state)
{
    (void)state;
    static const char *const cells[] = {
        "office:value-type='float' office:value='12,50'",
        "office:value-type='date' office:date-value='31.1.2026'",
        "office:value-type='time' office:time-value='P1Y'",
        "office:value-type='time' office:time-value='PT999999999999999999H'",
        "office:value-type='boolean' office:boolean-value='perhaps'",
    };
    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        SCOPED_TEXT char *xml = xasprintf(PAGE(ROW("<table:table-cell %s/>")), cells[i]);
        assert_refused(xml, ERR_SHEET_BAD_CELL);
    }
}

static void errors_are_values_of_their_own(void **state)
{
    (void)state;
    assert_cells(
        PAGE(ROW(
            "<table:table-cell table:formula='of:=NA()' office:value-type='string' office:string-value='' "
            "calcext:value-type='error'><text:p>#N/A</text:p></table:table-cell>"
            "<table:table-cell table:formula='of:=1/0' "
            "office:value-type='string'><text:p>#DIV/0!</text:p></table:table-cell>"
            "<table:table-cell table:formula='of:=A' office:value-type='float' "
            "office:value='NaN'><text:p>Err:502</text:p></table:table-cell>" TEXT("#N/A"))),
        "A1=e:#N/A;B1=e:#DIV/0!;C1=e:Err:502;D1=s:#N/A;");
}

static void paragraphs_are_lines_and_blanks_count_as_the_standard_says(void **state)
{
    (void)state;
    assert_cells(
        PAGE(
            ROW("<table:table-cell office:value-type='string'><text:p> a \n  b</text:p>"
                "<text:p>c<text:s text:c='3'/>d<text:tab/>e<text:line-break/>f</text:p></table:table-cell>")),
        "A1=s:a b\nc   d\te\nf;");
    assert_cells(PAGE(ROW(TEXT("a<text:span>b</text:span><text:a>c</text:a>"
                               "<text:note><text:note-body><text:p>x</text:p></text:note-body></text:note>"
                               "<text:ruby><text:ruby-base>漢</text:ruby-base><text:ruby-text>かん</"
                               "text:ruby-text></text:ruby>"))),
                 "A1=s:abc漢;");
    assert_cells(
        PAGE(ROW("<table:table-cell office:value-type='string'><office:annotation><text:p>note</text:p>"
                 "</office:annotation><text:p>seen</text:p></table:table-cell>")),
        "A1=s:seen;");
}

static void what_repeats_is_given_as_often_as_it_says(void **state)
{
    (void)state;
    assert_cells(PAGE("<table:table-row table:number-rows-repeated='2'>"
                      "<table:table-cell table:number-columns-repeated='2'/>"
                      "<table:table-cell office:value-type='string' "
                      "table:number-columns-repeated='2'><text:p>x</text:p></table:table-cell>"
                      "<table:table-cell table:number-columns-repeated='16380'/></table:table-row>"
                      "<table:table-row table:number-rows-repeated='1048000'><table:table-cell "
                      "table:number-columns-repeated='999999999999'/></table:table-row>" ROW(TEXT("end"))),
                 "C1=s:x;D1=s:x;C2=s:x;D2=s:x;A1048003=s:end;");
}

static void repetition_without_end_is_refused(void **state)
{
    (void)state;
    assert_refused(PAGE("<table:table-row table:number-rows-repeated='1000000000'>" TEXT(
                       "x") "</table:table-row>" ROW(TEXT("y"))),
                   ERR_SHEET_BAD_REFERENCE);
    assert_refused(
        PAGE(ROW("<table:table-cell office:value-type='string' "
                 "table:number-columns-repeated='1000000000'><text:p>x</text:p></table:table-cell>")),
        ERR_SHEET_BAD_REFERENCE);
    assert_refused(PAGE("<table:table-row table:number-rows-repeated='1048576'>"
                        "<table:table-cell office:value-type='string' "
                        "table:number-columns-repeated='16384'><text:p>x</text:p></table:table-cell>"
                        "</table:table-row>"),
                   ERR_SHEET_BOMB);
}

static void groups_hidden_rows_and_merged_cells_are_told(void **state)
{
    (void)state;
    assert_cells(PAGE("<table:table-header-rows>" ROW(TEXT(
                     "head")) "</table:table-header-rows>"
                              "<table:table-row-group><table:table-row "
                              "table:visibility='filter'>" TEXT(
                                  "gone") "</table:table-row></"
                                          "table:table-row-group>" ROW("<table:table-cell "
                                                                       "table:number-columns-spanned='2' "
                                                                       "table:number-rows-spanned='3'/>"
                                                                       "<table:covered-table-cell/>" TEXT(
                                                                           "C")) "<table:shapes><draw:frame><"
                                                                                 "table:table><table:table-"
                                                                                 "row>" TEXT("drawn") "</"
                                                                                                      "table:"
                                                                                                      "table-"
                                                                                                      "row></"
                                                                                                      "table:"
                                                                                                      "table>"
                                                                                                      "</"
                                                                                                      "draw:"
                                                                                                      "frame>"
                                                                                                      "</"
                                                                                                      "table:"
                                                                                                      "shapes"
                                                                                                      ">"),
                 "A1=s:head;A2=s:gone(hidden);C3=s:C;[A3:B5]");
}

static void formulas_and_hidden_columns_are_told(void **state)
{
    (void)state;
    struct err err;
    const struct sheet_row *row;
    SCOPED(book)
    book = NULL;
    SCOPED(book_rows)
    rows = NULL;
    const struct text xml = TEXT_OF(
        PAGE("<table:table-column/><table:table-column table:visibility='collapse' "
             "table:number-columns-repeated='2'/>" ROW("<table:table-cell table:formula='of:=SUM([.B1:.B2])' "
                                                       "office:value-type='float' office:value='3'/>")));
    assert_true(book_open(&book, file_of(xml), "b.fods", &(struct csv_options){0}, &err));
    assert_true(book_rows_open(&rows, book, 0, ROWS_WITH_FORMULAS, &err));
    assert_true(book_rows_next(rows, &row, &err) && row->count == 1);
    assert_true(text_is(row->cells[0].formula, "SUM([.B1:.B2])") && text_is(row->cells[0].text, "3"));
    assert_true(spans_hold(book_rows_hidden_columns(rows), 2) &&
                spans_hold(book_rows_hidden_columns(rows), 3));
    assert_false(spans_hold(book_rows_hidden_columns(rows), 1));
}

static void dates_have_the_number_that_stands_for_them(void **state)
{
    (void)state;
    static const struct {
        const char *first_day, *cell, *serial;
    } cases[] = {
        {"1899-12-30", "office:value-type='date' office:date-value='2026-01-01T18:00:00'", "46023.75"},
        {"1904-01-01", "office:value-type='date' office:date-value='2000-01-01'", "35064"},
        {"1899-12-30", "office:value-type='time' office:time-value='PT36H'", "1.5"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err;
        const struct sheet_row *row;
        SCOPED(book)
        book = NULL;
        SCOPED(book_rows)
        rows = NULL;
        SCOPED_TEXT char *xml =
            xasprintf(HEAD "<table:calculation-settings><table:null-date table:date-value='%s'/>"
                           "</table:calculation-settings><table:table table:name='P'>" ROW(
                               "<table:table-cell %s/>") "</table:table>" TAIL,
                      cases[i].first_day, cases[i].cell);
        assert_true(book_open(&book, file_of(text_from(xml)), "b", &(struct csv_options){0}, &err));
        assert_true(book_rows_open(&rows, book, 0, ROWS_WITH_VALUES, &err));
        assert_true(book_rows_next(rows, &row, &err) && row && text_is(row->cells[0].text, cases[i].serial));
    }
}

static struct book *open_book(const char *xml)
{
    struct err err;
    struct book *book = NULL;
    assert_true(book_open(&book, file_of(text_from(xml)), "b.fods", &(struct csv_options){0}, &err));
    return book;
}

static void pages_are_told_with_their_visibility(void **state)
{
    (void)state;
    SCOPED(book)
    book = open_book(HEAD
                     "<table:calculation-settings><table:null-date "
                     "table:date-value='1904-01-01'/></table:calculation-settings>"
                     "<table:table table:name='A &amp; B'/><table:table table:name='H' table:style-name='h'/>"
                     "<table:table table:name=\"'file:///x.ods'#$S\"/>" TAIL);
    assert_int_equal(book_page_count(book), 2);
    assert_string_equal(book_page(book, 0)->name, "A & B");
    assert_int_equal(book_page(book, 0)->visibility, PAGE_VISIBLE);
    assert_int_equal(book_page(book, 1)->visibility, PAGE_HIDDEN);
    assert_true(book_is_1904(book));
}

static void names_and_tables_are_found(void **state)
{
    (void)state;
    struct err err;
    const struct tables *tables;
    SCOPED(book)
    book = open_book(
        HEAD
        "<table:table table:name='A'><table:named-expressions>"
        "<table:named-range table:name='local' table:cell-range-address='$A.$B$2'/></table:named-expressions>"
        "<table:table-row/></table:table><table:table table:name=\"It's\"/>"
        "<table:named-expressions><table:named-range table:name='Sums' "
        "table:cell-range-address=\"$'It''s'.$A$1:.$B$2\"/>"
        "<table:named-expression table:name='vat' table:expression='0.255'/></table:named-expressions>"
        "<table:database-ranges><table:database-range table:name='Invoices' "
        "table:target-range-address='A.A1:A.C9'/>"
        "<table:database-range table:name='__Anonymous_Sheet_DB__0' table:target-range-address='A.A1:A.C9'/>"
        "</table:database-ranges>" TAIL);
    const struct names *names = book_names(book);
    const struct defined_name *sums = names_find(names, TEXT_OF("sums"), NAME_OF_WORKBOOK);
    const struct defined_name *local = names_find(names, TEXT_OF("local"), 0);
    assert_int_equal(names->count, 3);
    assert_true(sums && sums->is_range && sums->page == 1 && sums->range.last.row == 2 &&
                sums->range.last.column == 2);
    assert_true(local && local->is_range && local->scope == 0 && local->range.first.column == 2);
    assert_false(names_find(names, TEXT_OF("vat"), 0)->is_range);
    assert_true(book_tables(book, &tables, &err));
    assert_int_equal(tables->count, 1);
    assert_string_equal(tables->items[0].name, "Invoices");
    assert_true(tables->items[0].header_rows == 1 && tables->items[0].range.last.row == 9);
}

static void what_is_no_spreadsheet_is_named(void **state)
{
    (void)state;
    assert_refused(
        "<office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'>"
        "<office:body><office:text><text:p>letter</text:p></office:text></office:body></office:document>",
        ERR_SHEET_IS_OTHER);
    assert_refused(HEAD "<table:table><table:table-row>", ERR_SHEET_XML);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_read),
        cmocka_unit_test(dates_and_times_are_read_by_their_value),
        cmocka_unit_test(a_value_that_is_none_names_its_cell),
        cmocka_unit_test(errors_are_values_of_their_own),
        cmocka_unit_test(paragraphs_are_lines_and_blanks_count_as_the_standard_says),
        cmocka_unit_test(what_repeats_is_given_as_often_as_it_says),
        cmocka_unit_test(repetition_without_end_is_refused),
        cmocka_unit_test(groups_hidden_rows_and_merged_cells_are_told),
        cmocka_unit_test(dates_have_the_number_that_stands_for_them),
        cmocka_unit_test(formulas_and_hidden_columns_are_told),
        cmocka_unit_test(pages_are_told_with_their_visibility),
        cmocka_unit_test(names_and_tables_are_found),
        cmocka_unit_test(what_is_no_spreadsheet_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
