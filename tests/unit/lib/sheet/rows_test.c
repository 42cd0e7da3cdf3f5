// lib/sheet/rows.c: cells as programs of all kinds write them.
#include "support/unit.h"

#include "lib/sheet/serial.h"
#include "lib/sheet/workbook.h"
#include "support/stored_package.h"

#define DOCUMENT "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

static bool open_page(struct workbook **out, struct buf *bytes, struct text page, struct err *err)
{
    const struct stored_part parts[] = {
        {"_rels/.rels", text_from("<Relationships><Relationship Id='r' Type='" DOCUMENT
                                  "/officeDocument' Target='xl/workbook.xml'/></Relationships>")},
        {"xl/_rels/workbook.xml.rels",
         text_from("<Relationships><Relationship Id='a' Type='" DOCUMENT "/worksheet' Target='a.xml'/>"
                   "<Relationship Id='t' Type='" DOCUMENT "/sharedStrings' Target='t.xml'/>"
                   "<Relationship Id='s' Type='" DOCUMENT "/styles' Target='s.xml'/></Relationships>")},
        {"xl/workbook.xml", text_from("<workbook><sheets><sheet name='P' r:id='a'/></sheets></workbook>")},
        {"xl/a.xml", page},
        {"xl/t.xml",
         text_from("<sst count='9' uniqueCount='1'><si><t>zero</t></si><si/><si><t></t></si>"
                   "<si><r><rPr><b/></rPr><t xml:space='preserve'>rich </t></r><r><t>text</t></r>"
                   "<rPh sb='0' eb='1'><t>aid</t></rPh></si><si><t>a_x000D_&#10;b_x005F_x</t></si></sst>")},
        // the number formats stand behind what names them
        {"xl/s.xml",
         text_from("<styleSheet><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='170'/>"
                   "<xf numFmtId='46'/></cellXfs><numFmts><numFmt numFmtId='170' formatCode='h:mm'/>"
                   "<numFmt numFmtId='170' formatCode='0.0'/></numFmts></styleSheet>")},
    };
    stored_package(bytes, parts, COUNT_OF(parts));
    return workbook_open_text(out, buf_text(bytes), err);
}

static void show_cell(struct buf *out, const struct cell *cell)
{
    static const char kinds[] = {[CELL_EMPTY] = ' ',   [CELL_TEXT] = 's', [CELL_NUMBER] = 'n',
                                 [CELL_BOOLEAN] = 'b', [CELL_DATE] = 'd', [CELL_ERROR] = 'e'};
    char letters[REFERENCE_TEXT_SIZE], reading[SERIAL_TEXT_SIZE];
    assert_true(buf_printf(out, " %s:%c:", column_text(letters, cell->column), kinds[cell->kind]));
    if (cell->kind == CELL_DATE)
        assert_true(buf_append_string(out, serial_reading(reading, cell)));
    else if (cell->kind == CELL_BOOLEAN)
        assert_true(buf_append_string(out, cell->boolean ? "true" : "false"));
    else
        assert_true(buf_append_text(out, cell->text));
}

// "1 A:n:12.3 B:s:text|2 …", or the error's message.
static void show_page(struct buf *out, struct text page)
{
    struct err err = {0};
    const struct sheet_row *row = NULL;
    SCOPED_BUF(bytes, 4 << 20);
    SCOPED(workbook)
    workbook = NULL;
    SCOPED(workbook_rows)
    rows = NULL;
    bool good = open_page(&workbook, &bytes, page, &err) &&
                workbook_rows_open(&rows, workbook, 0, ROWS_WITH_VALUES, &err);
    while (good && (good = workbook_rows_next(rows, &row, &err)) && row) {
        assert_true(buf_printf(out, "%s%u", out->length ? "|" : "", row->number));
        for (size_t i = 0; i < row->count; i++)
            show_cell(out, &row->cells[i]);
    }
    if (!good) {
        buf_clear(out);
        assert_true(err_message(out, &err, LANGUAGE_EN));
    }
}

struct page_case {
    const char *rows, *expected;
};

static void assert_pages(const struct page_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        SCOPED_BUF(out, 10000);
        SCOPED_TEXT char *page = xasprintf("<worksheet><sheetData>%s</sheetData></worksheet>", cases[i].rows);
        show_page(&out, text_from(page));
        const bool is_message = cases[i].expected[0] > '9';
        if (is_message ? !strstr(buf_string(&out), cases[i].expected)
                       : strcmp(buf_string(&out), cases[i].expected) != 0)
            fail_msg("%s: %s", cases[i].rows, buf_string(&out));
    }
}

static void numbers_booleans_and_errors_are_read_as_they_are_written(void **state)
{
    (void)state;
    static const struct page_case cases[] = {
        {"<row r='1'><c r='A1'><v>1E+05</v></c><c r='B1' t='n'><v> 12 </v></c><c "
         "r='C1'><v>+1.5</v></c></row>",
         "1 A:n:1E+05 B:n:12 C:n:+1.5"},
        {"<row r='1'><c r='A1' s='99'><v>7</v></c><c r='B1' s='2'><v>7</v></c></row>", "1 A:n:7 B:n:7"},
        {"<row r='1'><c r='A1'><v>NaN</v></c><c r='B1'><v>-INF</v></c><c r='C1'><v>1.#QNAN</v></c></row>",
         "1 A:e:#NUM! B:e:#NUM! C:e:#NUM!"},
        {"<row r='1'><c r='A1'><v>1,5</v></c></row>", "Cell A1 holds \"1,5\", which is not a number"},
        {"<row r='1'><c r='A1' t='b'><v>1</v></c><c r='B1' t='b'><v>false</v></c><c r='C1' "
         "t='b'><v>TRUE</v></c>"
         "<c r='D1' t='b'><v>-1</v></c><c r='E1' t='b'/></row>",
         "1 A:b:true B:b:false C:b:true D:b:true"},
        {"<row r='1'><c r='A1' t='b'><v>perhaps</v></c></row>",
         "Cell A1 holds \"perhaps\", which is not 0 or 1"},
        {"<row r='1'><c r='A1' t='e'><v>#N/A</v></c><c r='B1' t='e'/></row>", "1 A:e:#N/A"},
        {"<row r='1'><c r='A1' t='x'><v>1</v></c></row>", "a kind of cell that is known"},
        {"<row r='1'><c r='A1'/><c r='B1' s='1'></c><c r='C1'><v></v></c><c r='D1'><v> </v></c></row>", "1"},
    };
    assert_pages(cases, COUNT_OF(cases));
}

static void texts_are_read_from_wherever_they_stand(void **state)
{
    (void)state;
    static const struct page_case cases[] = {
        {"<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c><c r='C1' t='s'><v>2</v></c>"
         "<c r='D1' t='s'><v> 3 </v></c><c r='E1' t='s'><v></v></c><c r='F1' t='s'/><c r='G1' t='s'><v> "
         "</v></c></row>",
         "1 A:s:zero D:s:rich text"},
        {"<row r='1'><c r='A1' t='s'><v>4</v></c></row>", "1 A:s:a\r\nb_x"},
        {"<row r='1'><c r='A1' t='s'><v>5</v></c></row>",
         "Cell A1 holds \"5\", which is not the number of a shared text"},
        {"<row r='1'><c r='A1' t='str'><f>\"x\"</f><v xml:space='preserve'> x </v></c><c r='B1' "
         "t='str'><v></v></c></row>",
         "1 A:s: x "},
        {"<row r='1'><c r='A1' t='inlineStr'><is><r><t>in</t></r><r><t>line</t></r></is></c>"
         "<c r='B1' t='inlineStr'><v>value</v></c><c r='C1' t='inlineStr'><is><t>a</t></is><v>b</v></c>"
         "<c r='D1' t='inlineStr'><is/></c></row>",
         "1 A:s:inline B:s:value C:s:a"},
        {"<row r='1'><c r='A1' t='str'><v>a<![CDATA[<b>]]>&amp;<!-- no --><?no no?></v></c></row>",
         "1 A:s:a<b>&"},
        {"<row r='1'><c r='A1' "
         "t='str'><f/><v>_x0041__x00e4_</v><extLst><ext><v>no</v></ext></extLst></c></row>",
         "1 A:s:Aä"},
    };
    assert_pages(cases, COUNT_OF(cases));
}

static void dates_are_read_by_format_or_by_kind(void **state)
{
    (void)state;
    static const struct page_case cases[] = {
        {"<row r='1'><c r='A1' s='1'><v>46023</v></c><c r='B1' s='1'><v>46023.75</v></c><c r='C1' "
         "s='1'><v>0.5</v></c>"
         "<c r='D1' s='3'><v>1.5</v></c><c r='E1' s='1'><v>-1</v></c></row>",
         "1 A:d:2026-01-01 B:d:2026-01-01T18:00:00 C:d:12:00:00 D:d:36:00:00 E:n:-1"},
        {"<row r='1'><c r='A1' t='d'><v>2026-01-01T00:00:00Z</v></c><c r='B1' t='d' s='1'><v>46023</v></c>"
         "<c r='C1' t='d'><v>46023</v></c></row>",
         "1 A:d:2026-01-01 B:d:2026-01-01 C:n:46023"},
        {"<row r='1'><c r='A1' t='d'><v>soon</v></c></row>", "Cell A1 holds \"soon\", which is not a date"},
        {"<row r='1'><c r='A1' t='str' s='1'><v>46023</v></c></row>", "1 A:s:46023"},
    };
    assert_pages(cases, COUNT_OF(cases));
}

static void places_are_found_with_and_without_references(void **state)
{
    (void)state;
    static const struct page_case cases[] = {
        {"<row><c><v>1</v></c><c><v>2</v></c></row><row><c/><c><v>3</v></c></row>", "1 A:n:1 B:n:2|2 B:n:3"},
        {"<row r='3'><c><v>1</v></c><c r='D3'><v>2</v></c><c><v>3</v></c></row>", "3 A:n:1 D:n:2 E:n:3"},
        {"<row r='1'><c r='c1'><v>3</v></c><c r='$A$1'><v>1</v></c></row>", "1 A:n:1 C:n:3"},
        {"<row r='1'><c r='A1'><v>1</v></c><c r='B1'><v>2</v></c><c r='A1'><v>3</v></c></row>",
         "1 A:n:3 B:n:2"}, // a cell that stands there twice: the later one counts
        {"<row><c r='B7'><v>1</v></c></row><row><c><v>2</v></c></row>", "7 B:n:1|8 A:n:2"},
        {"<row r='2'><c r='A5'><v>1</v></c></row>", "5 A:n:1"},
        {"<row r='5'><c r='A5'><v>5</v></c></row><row r='2'><c r='A2'><v>2</v></c></row>", "5 A:n:5|2 A:n:2"},
        {"<row r='1' spans='1:1'><c r='XFD1'><v>1</v></c></row>", "1 XFD:n:1"},
        {"<row r='1'><c r='XFE1'><v>1</v></c></row>", "XFE1"},
        {"<row r='1048577'><c><v>1</v></c></row>", "the place \"1048577\""},
        {"<row r='0'><c><v>1</v></c></row>", "the place \"0\""},
        {"<row r='1'/><row r='2'></row>", "1|2"},
    };
    assert_pages(cases, COUNT_OF(cases));
}

static void what_is_not_a_cell_is_passed_over(void **state)
{
    (void)state;
    SCOPED_BUF(out, 10000);
    show_page(
        &out,
        TEXT_OF("\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8' standalone='yes'?><!-- c -->"
                "<x:worksheet xmlns:x='a' xmlns:mc='b'><x:sheetPr><x:tabColor rgb='FF'/></x:sheetPr>"
                "<x:dimension ref='Z99'/><mc:AlternateContent><mc:Choice Requires='z'><x:row/></mc:Choice>"
                "</mc:AlternateContent><x:sheetData><x:row r='1'><x:c r='A1'><x:v>1</x:v></x:c>"
                "<x:extLst><x:ext><x:c r='B1'><x:v>2</x:v></x:c></x:ext></x:extLst></x:row></x:sheetData>"
                "<x:extLst><x:ext><x:row r='9'/></x:ext></x:extLst></x:worksheet>"));
    assert_string_equal(buf_string(&out), "1 A:n:1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_booleans_and_errors_are_read_as_they_are_written),
        cmocka_unit_test(texts_are_read_from_wherever_they_stand),
        cmocka_unit_test(dates_are_read_by_format_or_by_kind),
        cmocka_unit_test(places_are_found_with_and_without_references),
        cmocka_unit_test(what_is_not_a_cell_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
