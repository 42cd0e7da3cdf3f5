// Workbooks from anybody. The first byte chooses what the rest is: a whole file, or one part of a workbook that is put
// together here, so that the fuzzer need not learn to compress: a page, the shared texts, the styles, or the list of pages.
// links: sheet
#include "lib/sheet/workbook.h"
#include "support/stored_package.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 10000, PARTS = 6, PACKAGE_BYTES_MAX = 4 << 20 };

#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define DOCUMENT "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/relationships"

static const struct {
    const char *name, *content;
} parts[PARTS] = {
    {"_rels/.rels", "<Relationships xmlns='" PACKAGE "'><Relationship Id='r' Type='" DOCUMENT
                    "/officeDocument' Target='xl/workbook.xml'/></Relationships>"},
    {"xl/_rels/workbook.xml.rels",
     "<Relationships xmlns='" PACKAGE "'><Relationship Id='a' Type='" DOCUMENT "/worksheet' Target='s.xml'/>"
     "<Relationship Id='b' Type='" DOCUMENT "/sharedStrings' Target='t.xml'/>"
     "<Relationship Id='c' Type='" DOCUMENT "/styles' Target='f.xml'/></Relationships>"},
    {"xl/workbook.xml", "<workbook xmlns='" MAIN "'><sheets><sheet name='P' r:id='a'/></sheets></workbook>"},
    {"xl/s.xml",
     "<worksheet xmlns='" MAIN "'><sheetData><row r='1'><c t='s'><v>0</v></c><c s='1'><v>46023.5</v></c>"
     "</row></sheetData></worksheet>"},
    {"xl/t.xml", "<sst><si><t>x</t></si></sst>"},
    {"xl/f.xml", "<styleSheet><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>"},
};

// Part `replaced` holds what the fuzzer gives.
static void pack(struct buf *out, size_t replaced, struct text by)
{
    struct stored_part items[PARTS];
    for (size_t i = 0; i < PARTS; i++)
        items[i] = (struct stored_part){parts[i].name, i == replaced ? by : text_from(parts[i].content)};
    stored_package(out, items, PARTS);
}

static void read_page(struct workbook *workbook, size_t page)
{
    struct err err;
    const struct sheet_row *row;
    SCOPED(workbook_rows)
    rows = NULL;
    if (!workbook_rows_open(&rows, workbook, page, ROWS_WITH_FORMULAS, &err))
        return;
    for (size_t count = 0; count < ROWS_MAX && workbook_rows_next(rows, &row, &err) && row; count++) {
        require(row->number >= 1 && row->number <= SHEET_ROWS_MAX);
        for (size_t i = 0; i < row->count; i++) {
            const struct cell *cell = &row->cells[i];
            require(cell->column >= 1 && cell->column <= SHEET_COLUMNS_MAX && cell->kind != CELL_EMPTY);
            require(text_is_utf8(cell->text));
            require(cell->kind != CELL_DATE || cell->form >= CELL_TIME || date_valid(cell->moment.date));
        }
    }
}

static void read_names(struct workbook *workbook)
{
    struct err err;
    struct range body;
    const struct tables *tables;
    const struct names *names = workbook_names(workbook);
    for (size_t i = 0; i < names->count; i++)
        require(!names->items[i].is_range || (names->items[i].page < workbook_page_count(workbook) &&
                                              names->items[i].range.last.row <= SHEET_ROWS_MAX));
    if (!workbook_tables(workbook, &tables, &err))
        return;
    for (size_t i = 0; i < tables->count; i++)
        require(!table_body(&tables->items[i], &body) || body.first.row <= body.last.row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    SCOPED(workbook)
    workbook = NULL;
    SCOPED_BUF(file, PACKAGE_BYTES_MAX);
    if (!size || size > PACKAGE_BYTES_MAX / 2)
        return 0;
    const struct text rest = text_of((const char *)data + 1, size - 1);
    const size_t part = data[0] % (PARTS + 1);
    if (part < PARTS)
        pack(&file, part, rest);
    else
        require(buf_append_text(&file, rest));
    if (!workbook_open_text(&workbook, buf_text(&file), &err))
        return 0;
    for (size_t i = 0; i < workbook_page_count(workbook) && i < 3; i++)
        read_page(workbook, i);
    read_names(workbook);
    return 0;
}
