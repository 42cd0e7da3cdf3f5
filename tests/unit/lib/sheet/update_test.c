// lib/sheet/update.c and what belongs to it: what is changed in a template, and that nothing else is.
#include "support/unit.h"

#include "lib/base/file.h"
#include "lib/sheet/package.h"
#include "lib/sheet/update.h"
#include "support/stored_package.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOCUMENT "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define RELATION(id, type, target)                                                                           \
    "<Relationship Id='" id "' Type='" DOCUMENT "/" type "' Target='" target "'/>"
#define RELATIONS(list) "<Relationships>" list "</Relationships>"
#define PAGE(rows, rest) "<worksheet><sheetData>" rows "</sheetData>" rest "</worksheet>"

static char folder[] = "/tmp/renki-update-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    unlink("t.xlsx");
    unlink("out.xlsx");
    unlink("out.xlsm");
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

enum { PARTS_MAX = 24 };

// A workbook of two pages, Data with the table Bills (when `table` is given) and Other.
struct template
{
    const char *data, *other, *table, *names, *workbook, *types;
};

static struct stored_part part(const char *name, const char *content)
{
    return (struct stored_part){name, text_from(content)};
}

// `data`: in place of the template's, for bytes with NULs.
static void make_with(const struct template *template, struct text data)
{
    struct err err;
    SCOPED_BUF(file, 1 << 20);
    char workbook[4000];
    snprintf(workbook, sizeof workbook,
             "<workbook><sheets><sheet name='Data' r:id='a'/><sheet name='Other' "
             "r:id='b'/></sheets>%s%s</workbook>",
             template->names ? template->names : "", template->workbook ? template->workbook : "");
    struct stored_part parts[PARTS_MAX] = {
        part("[Content_Types].xml",
             template->types ? template->types
                             : "<Types><Override PartName='/xl/calcChain.xml' ContentType='x'/></Types>"),
        part("_rels/.rels", RELATIONS(RELATION("r", "officeDocument", "xl/workbook.xml"))),
        part("xl/workbook.xml", workbook),
        part("xl/_rels/workbook.xml.rels",
             RELATIONS(RELATION("a", "worksheet", "data.xml") RELATION("b", "worksheet", "other.xml")
                           RELATION("s", "styles", "styles.xml")
                               RELATION("c", "calcChain", "calcChain.xml"))),
        part("xl/styles.xml", "<styleSheet><cellXfs count='3'><xf numFmtId='0'/><xf numFmtId='14'/>"
                              "<xf numFmtId='2' fontId='7'><alignment/></xf></cellXfs></styleSheet>"),
        part("xl/calcChain.xml", "<calcChain/>"),
        {"xl/data.xml", data},
        part("xl/other.xml", template->other ? template->other : PAGE("", "")),
        part("xl/vbaProject.bin", "macros"),
    };
    size_t count = 9;
    if (template->table) {
        parts[count++] =
            part("xl/_rels/data.xml.rels",
                 RELATIONS(RELATION("t", "table", "table.xml") RELATION("d", "drawing", "drawing.xml")));
        parts[count++] = part("xl/table.xml", template->table);
        parts[count++] = part("xl/drawing.xml", "<wsDr><from><row>1</row></from><to><row>9</row></to>"
                                                "<from><row>8</row></from><to><row>11</row></to></wsDr>");
        parts[count++] = part("xl/_rels/drawing.xml.rels", RELATIONS(RELATION("c", "chart", "chart.xml")));
        parts[count++] = part("xl/chart.xml", "<chart><c:f>Data!$B$2:$B$3</c:f><c:f>Data!$B$1</c:f></chart>");
    }
    stored_package(&file, parts, count);
    assert_true(file_write(AT_FDCWD, "t.xlsx", buf_text(&file), 0600, &err));
}

static void make(const struct template *template)
{
    make_with(template, text_from(template->data));
}

static struct update *open_it(void)
{
    struct err err;
    struct update *update = NULL;
    assert_true(update_open(&update, open("t.xlsx", O_RDONLY | O_CLOEXEC), &err));
    return update;
}

static void save_it(struct update *update)
{
    struct err err = {0};
    SCOPED_BUF(message, 1000);
    if (!update_save(update, "out.xlsx", &err)) {
        (void)!err_message(&message, &err, LANGUAGE_EN);
        fail_msg("%s", buf_string(&message));
    }
    update_free(update);
}

static void part_is(const char *name, const char *expected)
{
    struct err err;
    char content[8000];
    size_t got = 0, more;
    SCOPED(package)
    package = NULL;
    SCOPED(part)
    opened = NULL;
    assert_true(package_open_file(&package, open("out.xlsx", O_RDONLY | O_CLOEXEC), &err));
    assert_true(part_open(&opened, package, text_from(name), &err));
    do {
        assert_true(part_read(opened, content + got, sizeof content - 1 - got, &more, &err));
        got += more;
    } while (more);
    content[got] = '\0';
    assert_string_equal(content, expected);
}

static bool has_part(const char *name)
{
    struct err err;
    SCOPED(package)
    package = NULL;
    assert_true(package_open_file(&package, open("out.xlsx", O_RDONLY | O_CLOEXEC), &err));
    return package_has(package, text_from(name));
}

static struct reference at(const char *place)
{
    struct reference reference;
    assert_true(sheet_reference_parse(&reference, text_from(place)));
    return reference;
}

static struct update_value text_value(const char *text)
{
    return (struct update_value){.kind = UPDATE_TEXT, .text = text_from(text)};
}

static struct update_value number_value(const char *text)
{
    return (struct update_value){.kind = UPDATE_NUMBER, .text = text_from(text)};
}

static void put(struct update *update, const char *place, struct update_value value)
{
    struct err err;
    assert_true(update_cell(update, 0, at(place), &value, &err));
}

static enum err_code refused(struct update *update, const char *place)
{
    struct err err = {0};
    const struct update_value value = text_value("x");
    assert_false(update_cell(update, 0, at(place), &value, &err));
    return err.code;
}

/* ---- cells ---------------------------------------------------------------------------------------------------------------- */

static void a_cell_keeps_its_style_and_everything_else_its_bytes(void **state)
{
    (void)state;
    make(&(struct template){
        .data = "<?xml version=\"1.0\"?>\n<worksheet><dimension ref='B2:C3'/><!-- kept --><sheetData>\n"
                "<row r='2' spans='2:3'><c r='B2' s='2' t='s'><v>9</v></c><c r='C2'><v>1</v></c></row><row "
                "r='5'/>"
                "</sheetData><later  a = 'b' /></worksheet>"});
    struct update *update = open_it();
    put(update, "B2", text_value("=1+1 <&> ä _x0041_\r"));
    put(update, "D2", number_value("-12.30"));
    put(update, "A4", (struct update_value){.kind = UPDATE_BOOLEAN, .boolean = true});
    put(update, "A5",
        (struct update_value){.kind = UPDATE_FORMULA, .text = TEXT_OF("=1<2"), .result = TEXT_OF("1")});
    put(update, "C9", number_value("12345678901234567890"));
    put(update, "C2", (struct update_value){.kind = UPDATE_CLEAR});
    put(update, "H9", (struct update_value){.kind = UPDATE_CLEAR});
    save_it(update);
    part_is("xl/data.xml",
            "<?xml version=\"1.0\"?>\n<worksheet><dimension ref='A2:D9'/><!-- kept --><sheetData>\n"
            "<row r='2' spans='2:4'><c r=\"B2\" s=\"2\" t=\"inlineStr\"><is><t xml:space=\"preserve\">=1+1 "
            "&lt;&amp;&gt; ä "
            "_x005F_x0041__x000D_</t></is></c><c r=\"C2\"/><c r=\"D2\"><v>-12.3</v></c></row>"
            "<row r=\"4\"><c r=\"A4\" t=\"b\"><v>1</v></c></row>"
            "<row r='5'><c r=\"A5\"><f>1&lt;2</f><v>1</v></c></row>"
            "<row r=\"9\"><c r=\"C9\" t=\"inlineStr\"><is><t "
            "xml:space=\"preserve\">12345678901234567890</t></is></c></row>"
            "</sheetData><later  a = 'b' /></worksheet>");
    part_is("xl/vbaProject.bin", "macros");
    part_is("xl/other.xml", PAGE("", ""));
}

static void the_last_value_of_a_cell_counts(void **state)
{
    (void)state;
    make(&(struct template){.data = "<x:worksheet><x:sheetData/></x:worksheet>"});
    struct update *update = open_it();
    put(update, "B2", number_value("1"));
    put(update, "A1", number_value("2"));
    put(update, "B2", number_value("3"));
    save_it(update);
    part_is("xl/data.xml",
            "<x:worksheet><x:sheetData><x:row r=\"1\"><x:c r=\"A1\"><x:v>2</x:v></x:c></x:row>"
            "<x:row r=\"2\"><x:c r=\"B2\"><x:v>3</x:v></x:c></x:row></x:sheetData></x:worksheet>");
}

static void rows_and_cells_that_are_counted_keep_their_places(void **state)
{
    (void)state;
    make(&(struct template){
        .data = PAGE("<row><c r='C1'/><c/></row><row r='4'/><row><c><v>1</v></c></row>", "")});
    struct update *update = open_it();
    put(update, "B1", number_value("1"));
    put(update, "A2", number_value("2"));
    put(update, "B5", number_value("3"));
    save_it(update);
    part_is(
        "xl/data.xml",
        PAGE("<row><c r=\"B1\"><v>1</v></c><c r='C1'/><c/></row><row r=\"2\"><c r=\"A2\"><v>2</v></c></row>"
             "<row r='4'/><row><c><v>1</v></c><c r=\"B5\"><v>3</v></c></row>",
             ""));
    make(&(struct template){.data = PAGE("<row><c/></row><row><c r='B2'/><c><v>1</v></c></row>", "")});
    update = open_it();
    put(update, "A2", number_value("1"));
    save_it(update);
    part_is("xl/data.xml",
            PAGE("<row><c/></row><row><c r=\"A2\"><v>1</v></c><c r='B2'/><c><v>1</v></c></row>", ""));
}

static void a_part_in_utf16_becomes_utf8(void **state)
{
    (void)state;
    static const char wide[] =
        "\0<\0?\0x\0m\0l\0?\0>\0<\0w\0>\0<\0s\0h\0e\0e\0t\0D\0a\0t\0a\0/\0>\0<\0/\0w\0>";
    make_with(&(struct template){.data = ""}, text_of(wide, sizeof wide - 1));
    struct update *update = open_it();
    put(update, "A1", number_value("1"));
    save_it(update);
    part_is("xl/data.xml",
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><w><sheetData><row r=\"1\">"
            "<c r=\"A1\"><v>1</v></c></row></sheetData></w>");
}

static void a_date_gets_a_style_that_shows_it(void **state)
{
    (void)state;
    make(&(struct template){.data = "<worksheet><cols><col min='3' max='4' style='2'/></cols><sheetData>"
                                    "<row r='1'><c r='A1' s='2'/><c r='B1' s='1'/></row>"
                                    "<row r='2' s='1' customFormat='1'/></sheetData></worksheet>"});
    struct update *update = open_it();
    const struct update_value day = {.kind = UPDATE_DAY, .moment = {.date = {2026, 1, 1}}};
    put(update, "A1", day);
    put(update, "B1", day);
    put(update, "C1",
        (struct update_value){.kind = UPDATE_MOMENT, .moment = {.date = {2026, 1, 1}, .hour = 18}});
    put(update, "D1", number_value("1"));
    put(update, "A2", day);
    save_it(update);
    part_is("xl/data.xml", "<worksheet><cols><col min='3' max='4' style='2'/></cols><sheetData><row r='1'>"
                           "<c r=\"A1\" s=\"3\"><v>46023</v></c><c r=\"B1\" s=\"1\"><v>46023</v></c><c "
                           "r=\"C1\" s=\"4\"><v>46023.75</v></c>"
                           "<c r=\"D1\" s=\"2\"><v>1</v></c></row><row r='2' s='1' customFormat='1'><c "
                           "r=\"A2\" s=\"1\"><v>46023</v></c></row>"
                           "</sheetData></worksheet>");
    part_is("xl/styles.xml",
            "<styleSheet><cellXfs count='5'><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='2' "
            "fontId='7'><alignment/></xf>"
            "<xf applyNumberFormat=\"1\" numFmtId='14' fontId='7'><alignment/></xf>"
            "<xf applyNumberFormat=\"1\" numFmtId='22' fontId='7'><alignment/></xf></cellXfs></styleSheet>");
}

static void dates_of_1904_are_counted_so(void **state)
{
    (void)state;
    make(&(struct template){.data = PAGE("<row r='1'><c r='A1' s='1'/></row>", ""),
                            .names = "<workbookPr date1904='1'/>"});
    struct update *update = open_it();
    put(update, "A1", (struct update_value){.kind = UPDATE_DAY, .moment = {.date = {2026, 1, 1}}});
    save_it(update);
    part_is("xl/data.xml", PAGE("<row r='1'><c r=\"A1\" s=\"1\"><v>44561</v></c></row>", ""));
}

static void what_a_person_would_not_write_into_is_refused(void **state)
{
    (void)state;
    make(&(struct template){.data = PAGE("<row r='1'><c r='A1'><v>1</v></c></row><row r='8'><c r='D8'><f "
                                         "t='array' ref='D8:D9'>A1:A2</f></c>"
                                         "<c r='E8'><f t='array' ref='E8'>1</f></c></row>",
                                         "<mergeCells><mergeCell ref='F1:G2'/></mergeCells>"),
                            .table = "<table displayName='Bills' ref='A1:B3'><tableColumns><tableColumn "
                                     "name='Name'/><tableColumn name='Sum'/>"
                                     "</tableColumns></table>"});
    struct update *update = open_it();
    assert_int_equal(refused(update, "G2"), ERR_SHEET_CELL_MERGED);
    assert_int_equal(refused(update, "D9"), ERR_SHEET_CELL_ARRAY);
    assert_int_equal(refused(update, "B1"), ERR_SHEET_CELL_HEADING);
    put(update, "F1", text_value("x"));
    put(update, "E8", text_value("x"));
    update_free(update);
}

static void formulas_that_shared_an_overwritten_cell_stay(void **state)
{
    (void)state;
    make(&(struct template){
        .data = PAGE(
            "<row r='1'><c r='A1' t='str'><f t='shared' ref='A1:A3' si='0'>B1&amp;$B$1</f><v>x</v></c></row>"
            "<row r='2'><c r='A2' t='str'><f t='shared' si='0'/><v>y</v></c></row>",
            "")});
    struct update *update = open_it();
    put(update, "A1", number_value("7"));
    save_it(update);
    part_is("xl/data.xml",
            PAGE("<row r='1'><c r=\"A1\"><v>7</v></c></row><row r='2'><c r='A2'><f>B2&amp;$B$1</f></c></row>",
                 ""));
}

/* ---- results that no longer hold ---------------------------------------------------------------------------------------- */

static void results_are_computed_anew_where_they_depend_on_what_changed(void **state)
{
    (void)state;
    make(&(struct template){
        .data = PAGE("<row r='1'><c r='A1'><v>1</v></c></row>", ""),
        .other = PAGE("<row r='1'><c r='A1' t='n'><f>SUM(Data!A1:A9)</f><v>1</v></c></row>", ""),
        .workbook = "<calcPr calcId='5'/>"});
    struct update *update = open_it();
    put(update, "A1", number_value("2"));
    save_it(update);
    part_is("xl/other.xml", PAGE("<row r='1'><c r='A1'><f>SUM(Data!A1:A9)</f></c></row>", ""));
    part_is("xl/workbook.xml",
            "<workbook><sheets><sheet name='Data' r:id='a'/><sheet name='Other' r:id='b'/></sheets>"
            "<calcPr fullCalcOnLoad=\"1\" calcId='5'/></workbook>");
    part_is("[Content_Types].xml", "<Types></Types>");
    assert_false(has_part("xl/calcChain.xml"));
}

static void results_that_still_hold_stay(void **state)
{
    (void)state;
    const char *other = PAGE("<row r='1'><c r='A1'><f>SUM(B1:B9)</f><v>1</v></c></row>", "");
    make(&(struct template){.data = PAGE("", ""), .other = other});
    struct update *update = open_it();
    put(update, "A1", number_value("2"));
    save_it(update);
    part_is("xl/other.xml", other);
}

static void a_name_leads_to_what_depends_on_it(void **state)
{
    (void)state;
    make(&(struct template){
        .data = PAGE("", ""),
        .other = PAGE("<row r='1'><c r='A1'><f>rate*2</f><v>1</v></c></row>", ""),
        .names = "<definedNames><definedName name='Rate'>Data!$A$1</definedName></definedNames>"});
    struct update *update = open_it();
    struct err err;
    struct update_area area;
    assert_true(update_area(update, TEXT_OF("rate"), 1, &area, &err));
    assert_int_equal(area.page, 0);
    put(update, "A1", number_value("2"));
    save_it(update);
    part_is("xl/other.xml", PAGE("<row r='1'><c r='A1'><f>rate*2</f></c></row>", ""));
}

static void a_template_that_nobody_changed_is_copied(void **state)
{
    (void)state;
    struct err err;
    SCOPED_BUF(before, 1 << 20);
    SCOPED_BUF(after, 1 << 20);
    make(&(struct template){.data = PAGE("", "")});
    save_it(open_it());
    assert_true(file_read(&before, AT_FDCWD, "t.xlsx", &err) &&
                file_read(&after, AT_FDCWD, "out.xlsx", &err));
    assert_true(text_equal(buf_text(&before), buf_text(&after)));
}

/* ---- names of files ----------------------------------------------------------------------------------------------------- */

static void macros_keep_their_suffix(void **state)
{
    (void)state;
    struct err err;
    make(&(struct template){
        .data = PAGE("", ""),
        .types = "<Types><Override PartName='/xl/workbook.xml' "
                 "ContentType='application/vnd.ms-excel.template.macroEnabled.main+xml'/></Types>"});
    struct update *update = open_it();
    assert_false(update_save(update, "out.xlsx", &err));
    assert_int_equal(err.code, ERR_SHEET_TEMPLATE_SUFFIX);
    assert_true(update_save(update, "out.xlsm", &err));
    update_free(update);
    assert_int_equal(rename("out.xlsm", "out.xlsx"), 0);
    part_is("[Content_Types].xml",
            "<Types><Override PartName='/xl/workbook.xml' "
            "ContentType='application/vnd.ms-excel.sheet.macroEnabled.main+xml'/></Types>");
}

static void a_place_is_found_by_reference_or_name(void **state)
{
    (void)state;
    static const struct {
        const char *where;
        size_t page;
        const char *first;
    } cases[] = {{"B7", 0, "B7"}, {"other!$A$2:B3", 1, "A2"}, {"'Data'!C4", 0, "C4"}};
    struct err err;
    struct update_area area;
    make(&(struct template){.data = PAGE("", "")});
    struct update *update = open_it();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(update_area(update, text_from(cases[i].where), 0, &area, &err));
        assert_int_equal(area.page, cases[i].page);
        const struct reference first = at(cases[i].first);
        assert_int_equal(area.range.first.row, first.row);
        assert_int_equal(area.range.first.column, first.column);
    }
    assert_false(update_area(update, TEXT_OF("Nowhere!A1"), 0, &area, &err));
    assert_false(update_area(update, TEXT_OF("Rate"), 0, &area, &err));
    assert_int_equal(err.code, ERR_SHEET_NO_NAME);
    update_free(update);
}

/* ---- tables ----------------------------------------------------------------------------------------------------------------- */

#define HEAD "<row r='1'><c r='A1'/><c r='B1'/><c r='C1'/></row>"
#define COLUMNS                                                                                              \
    "<tableColumns><tableColumn name='Name'/><tableColumn name='Sum'/><tableColumn "                         \
    "name='Tax'/></tableColumns>"

static void resize(struct update *update, uint32_t rows)
{
    struct err err = {0};
    SCOPED_BUF(message, 1000);
    const struct sheet_table *table;
    assert_true(update_table(update, TEXT_OF("bills"), &table, &err));
    if (!update_table_resize(update, table, rows, &err)) {
        (void)!err_message(&message, &err, LANGUAGE_EN);
        fail_msg("%s", buf_string(&message));
    }
}

static const struct template with_totals = {
    .data = PAGE(HEAD "<row r='2'><c r='A2' s='1'><v>1</v></c><c r='B2'><v>10</v></c><c "
                      "r='C2'><f>B2*2</f><v>20</v></c></row>"
                      "<row r='3' ht='30'><c r='A3' s='2'><v>1</v></c><c r='B3'><v>10</v></c><c "
                      "r='C3'><f>SUM(B$2:B3)</f></c></row>"
                      "<row r='4'><c r='B4'><f>SUBTOTAL(109,B2:B3)</f></c></row>"
                      "<row r='6'><c r='A6'><f>B4+$B$2</f></c></row>",
                 "<mergeCells><mergeCell ref='A6:B6'/></mergeCells>"
                 "<conditionalFormatting sqref='B2:B3 "
                 "E1'><cfRule><formula>B2&gt;B$4</formula></cfRule></conditionalFormatting>"
                 "<rowBreaks><brk id='6'/></rowBreaks>"),
    .other = PAGE("<row r='1'><c r='A1'><f>Data!B4+SUM(Data!B2:B3)+SUM(Data!B1:B4)+B4</f></c></row>", ""),
    .table = "<table displayName='Bills' ref='A1:C4' totalsRowCount='1'><autoFilter ref='A1:C3'/>" COLUMNS
             "</table>",
    .names = "<definedNames><definedName name='Sums'>Data!$B$2:$B$3</definedName><definedName "
             "name='Sign'>Data!$A$6</definedName>"
             "</definedNames>"};

static void a_table_grows_and_all_that_speaks_of_it_follows(void **state)
{
    (void)state;
    struct err err;
    struct update_area area;
    make(&with_totals);
    struct update *update = open_it();
    resize(update, 4);
    assert_true(update_area(update, TEXT_OF("Sums"), 0, &area, &err) && area.range.last.row == 5);
    assert_true(update_area(update, TEXT_OF("Sign"), 0, &area, &err) && area.range.first.row == 8);
    put(update, "A4", number_value("3"));
    put(update, "A8", text_value("signed"));
    save_it(update);
    part_is(
        "xl/data.xml",
        PAGE(HEAD
             "<row r='2'><c r='A2' s='1'><v>1</v></c><c r='B2'><v>10</v></c><c r='C2'><f>B2*2</f></c></row>"
             "<row r='3' ht='30'><c r='A3' s='2'><v>1</v></c><c r='B3'><v>10</v></c><c "
             "r='C3'><f>SUM(B$2:B3)</f></c></row>"
             "<row r=\"4\" ht=\"30\"><c r=\"A4\" s=\"2\"><v>3</v></c><c r=\"C4\"><f>SUM(B$2:B4)</f></c></row>"
             "<row r=\"5\" ht=\"30\"><c r=\"A5\" s=\"2\"/><c r=\"C5\"><f>SUM(B$2:B5)</f></c></row>"
             "<row r='6'><c r='B6'><f>SUBTOTAL(109,B2:B5)</f></c></row>"
             "<row r='8'><c r=\"A8\" t=\"inlineStr\"><is><t xml:space=\"preserve\">signed</t></is></c></row>",
             "<mergeCells><mergeCell ref='A8:B8'/></mergeCells>"
             "<conditionalFormatting sqref='B2:B5 "
             "E1'><cfRule><formula>B2&gt;B$6</formula></cfRule></conditionalFormatting>"
             "<rowBreaks><brk id='8'/></rowBreaks>"));
    part_is("xl/other.xml",
            PAGE("<row r='1'><c r='A1'><f>Data!B6+SUM(Data!B2:B5)+SUM(Data!B1:B6)+B4</f></c></row>", ""));
    part_is("xl/table.xml",
            "<table displayName='Bills' ref='A1:C6' totalsRowCount='1'><autoFilter ref='A1:C5'/>" COLUMNS
            "</table>");
    part_is("xl/chart.xml", "<chart><c:f>Data!$B$2:$B$5</c:f><c:f>Data!$B$1</c:f></chart>");
    part_is("xl/drawing.xml", "<wsDr><from><row>1</row></from><to><row>9</row></to>"
                              "<from><row>10</row></from><to><row>13</row></to></wsDr>");
}

static void a_table_shrinks_and_what_is_below_moves_up(void **state)
{
    (void)state;
    make(&with_totals);
    struct update *update = open_it();
    resize(update, 1);
    save_it(update);
    part_is(
        "xl/data.xml",
        PAGE(HEAD
             "<row r='2'><c r='A2' s='1'><v>1</v></c><c r='B2'><v>10</v></c><c r='C2'><f>B2*2</f></c></row>"
             "<row r='3'><c r='B3'><f>SUBTOTAL(109,B2:B2)</f></c></row>"
             "<row r='5'><c r='A5'><f>B3+$B$2</f></c></row>",
             "<mergeCells><mergeCell ref='A5:B5'/></mergeCells>"
             "<conditionalFormatting sqref='B2 "
             "E1'><cfRule><formula>B2&gt;B$3</formula></cfRule></conditionalFormatting>"
             "<rowBreaks><brk id='5'/></rowBreaks>"));
    part_is("xl/table.xml",
            "<table displayName='Bills' ref='A1:C3' totalsRowCount='1'><autoFilter ref='A1:C2'/>" COLUMNS
            "</table>");
}

static void rows_that_something_speaks_of_stay_empty(void **state)
{
    (void)state;
    struct template template = with_totals;
    template.other = PAGE("<row r='1'><c r='A1'><f>Data!A3</f></c></row>", "");
    make(&template);
    struct update *update = open_it();
    resize(update, 1);
    save_it(update);
    part_is("xl/other.xml", PAGE("<row r='1'><c r='A1'><f>Data!A3</f></c></row>", ""));
    part_is("xl/table.xml", template.table);
}

static void what_reaches_over_the_place_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *data, *named;
    } cases[] = {
        {PAGE(HEAD "<row r='4'><c r='A4'><v>1</v></c></row>",
              "<mergeCells><mergeCell ref='E3:E5'/></mergeCells>"),
         "E3:E5"},
        {PAGE(HEAD "<row r='3'><c r='E3'><v>1</v></c></row><row r='4'><c r='E4'><v>1</v></c></row>", ""),
         "E3:E4"},
        {PAGE(HEAD "<row r='3'><c r='E3'><f t='array' ref='E3:E6'>1</f></c></row><row r='4'><c "
                   "r='A4'><v>1</v></c></row>",
              ""),
         "E3:E6"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct err err = {0};
        const struct sheet_table *table;
        make(&(struct template){.data = cases[i].data,
                                .table = "<table displayName='Bills' ref='A1:C3'>" COLUMNS "</table>"});
        struct update *update = open_it();
        assert_true(update_table(update, TEXT_OF("Bills"), &table, &err));
        assert_false(update_table_resize(update, table, 9, &err));
        assert_int_equal(err.code, ERR_SHEET_TABLE_STUCK);
        assert_string_equal(err.arguments[1], cases[i].named);
        update_free(update);
    }
}

static void columns_with_formulas_are_known(void **state)
{
    (void)state;
    struct err err;
    const struct sheet_table *table;
    bool computed[3];
    uint32_t used;
    make(&with_totals);
    struct update *update = open_it();
    assert_true(update_table(update, TEXT_OF("Bills"), &table, &err));
    assert_true(update_table_computed(update, table, computed, &err));
    assert_false(computed[0] || computed[1]);
    assert_true(computed[2]);
    assert_true(update_table_used(update, table, computed, &used, &err) && used == 2);
    update_free(update);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_keeps_its_style_and_everything_else_its_bytes),
        cmocka_unit_test(the_last_value_of_a_cell_counts),
        cmocka_unit_test(rows_and_cells_that_are_counted_keep_their_places),
        cmocka_unit_test(a_part_in_utf16_becomes_utf8),
        cmocka_unit_test(a_date_gets_a_style_that_shows_it),
        cmocka_unit_test(dates_of_1904_are_counted_so),
        cmocka_unit_test(what_a_person_would_not_write_into_is_refused),
        cmocka_unit_test(formulas_that_shared_an_overwritten_cell_stay),
        cmocka_unit_test(results_are_computed_anew_where_they_depend_on_what_changed),
        cmocka_unit_test(results_that_still_hold_stay),
        cmocka_unit_test(a_name_leads_to_what_depends_on_it),
        cmocka_unit_test(a_template_that_nobody_changed_is_copied),
        cmocka_unit_test(macros_keep_their_suffix),
        cmocka_unit_test(a_place_is_found_by_reference_or_name),
        cmocka_unit_test(a_table_grows_and_all_that_speaks_of_it_follows),
        cmocka_unit_test(a_table_shrinks_and_what_is_below_moves_up),
        cmocka_unit_test(rows_that_something_speaks_of_stay_empty),
        cmocka_unit_test(what_reaches_over_the_place_is_named),
        cmocka_unit_test(columns_with_formulas_are_known),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
