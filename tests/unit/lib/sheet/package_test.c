// lib/sheet/package.c and relations.c: packages that are put together in odd ways.
#include "support/unit.h"

#include "lib/sheet/workbook.h"
#include "support/stored_package.h"

#define DOCUMENT "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define STRICT "http://purl.oclc.org/ooxml/officeDocument/relationships"
#define PAGE(value) "<worksheet><sheetData><row><c t='s'><v>" value "</v></c></row></sheetData></worksheet>"
#define TEXTS "<sst><si><t>first</t></si><si><t>second</t></si></sst>"
#define WORKBOOK "<workbook><sheets><sheet name='P' r:id='a'/></sheets></workbook>"
#define RELATION(id, type, target) "<Relationship Id='" id "' Type='" type "' Target='" target "'/>"

enum { PARTS_MAX = 8 };

struct package_case {
    const char *what;
    const char *parts[PARTS_MAX][2];
    const char *expected; // the text of A1, or what the error says
};

static const struct package_case cases[] = {
    {"absolute targets, strict",
     {{"_rels/.rels",
       "<Relationships>" RELATION("r", STRICT "/officeDocument", "/xl/workbook.xml") "</Relationships>"},
      {"xl/_rels/workbook.xml.rels",
       "<Relationships>" RELATION("a", STRICT "/worksheet", "/xl/a.xml")
           RELATION("t", STRICT "/sharedStrings", "/xl/t.xml") "</Relationships>"},
      {"xl/workbook.xml", WORKBOOK},
      {"xl/a.xml", PAGE("0")},
      {"xl/t.xml", TEXTS}},
     "first"},
    {"a workbook somewhere else, dots, backslashes, other case",
     {{"_rels/.rels", "<p:Relationships xmlns:p='x'><p:Relationship Id='r' Type='" DOCUMENT
                      "/officeDocument' Target='office\\book.xml'/></p:Relationships>"},
      {"office\\_rels\\book.xml.rels",
       "<Relationships>" RELATION("a", DOCUMENT "/worksheet", "../pages/./A.XML")
           RELATION("t", DOCUMENT "/sharedStrings", "..\\pages\\t.xml") "</Relationships>"},
      {"office\\book.xml", WORKBOOK},
      {"pages\\a.xml", PAGE("1")},
      {"pages/t.xml", TEXTS}},
     "second"},
    {"no list of relations, shared texts that nobody names",
     {{"[Content_Types].xml", "<Types/>"},
      {"xl/_rels/workbook.xml.rels",
       "<Relationships>" RELATION("a", DOCUMENT "/worksheet",
                                  "worksheets/my%20page%41.xml") "</Relationships>"},
      {"xl/workbook.xml", WORKBOOK},
      {"xl/worksheets/my pageA.xml", PAGE("1")},
      {"xl/SharedStrings.xml", TEXTS}},
     "second"},
    {"a page that is there twice: the later one counts",
     {{"xl/_rels/workbook.xml.rels",
       "<Relationships>" RELATION("a", DOCUMENT "/worksheet", "a.xml") "</Relationships>"},
      {"xl/workbook.xml", WORKBOOK},
      {"xl/a.xml", PAGE("0")},
      {"docProps/app.xml", "<a/>"},
      {"docProps/app.xml", "<b/>"},
      {"xl/a.xml", PAGE("1")},
      {"xl/sharedStrings.xml", TEXTS}},
     "second"},
    {"shared texts that are there twice",
     {{"xl/_rels/workbook.xml.rels",
       "<Relationships>" RELATION("a", DOCUMENT "/worksheet", "a.xml") "</Relationships>"},
      {"xl/workbook.xml", WORKBOOK},
      {"xl/a.xml", PAGE("0")},
      {"xl/sharedStrings.xml", TEXTS},
      {"xl\\sharedStrings.xml", "<sst><si><t>other</t></si></sst>"}},
     "two parts named xl/sharedStrings.xml"},
    {"a workbook that is there twice",
     {{"xl/workbook.xml", WORKBOOK}, {"xl/workbook.xml", WORKBOOK}},
     "two parts named xl/workbook.xml"},
    {"a page that the workbook names and does not hold",
     {{"xl/_rels/workbook.xml.rels",
       "<Relationships>" RELATION("a", DOCUMENT "/worksheet", "a.xml") "</Relationships>"},
      {"xl/workbook.xml", WORKBOOK}},
     "xl/a.xml is missing"},
    {"a page whose relation is not there", {{"xl/workbook.xml", WORKBOOK}}, "P is missing"},
    {"no workbook", {{"xl/workbook.xml", "<html/>"}}, "neither a workbook"},
};

static bool read_first_cell(struct buf *out, struct text bytes, struct err *err)
{
    const struct sheet_row *row;
    SCOPED(workbook)
    workbook = NULL;
    SCOPED(workbook_rows)
    rows = NULL;
    if (!workbook_open_text(&workbook, bytes, err) ||
        !workbook_rows_open(&rows, workbook, 0, ROWS_WITH_VALUES, err) ||
        !workbook_rows_next(rows, &row, err))
        return false;
    assert_non_null(row);
    assert_true(buf_append_text(out, sheet_row_cell(row, 1)->text));
    return true;
}

static void odd_packages_are_read_or_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct stored_part parts[PARTS_MAX];
        struct err err = {0};
        size_t count = 0;
        SCOPED_BUF(bytes, 1 << 20);
        SCOPED_BUF(out, 2000);
        for (; count < PARTS_MAX && cases[i].parts[count][0]; count++)
            parts[count] =
                (struct stored_part){cases[i].parts[count][0], text_from(cases[i].parts[count][1])};
        stored_package(&bytes, parts, count);
        if (!read_first_cell(&out, buf_text(&bytes), &err))
            assert_true(err_message(&out, &err, LANGUAGE_EN));
        if (!strstr(buf_string(&out), cases[i].expected))
            fail_msg("%s: %s", cases[i].what, buf_string(&out));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(odd_packages_are_read_or_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
