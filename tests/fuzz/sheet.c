// Workbooks from anybody. The first byte chooses what the rest is: a whole file, or one part of a workbook that is put
// together here, so that the fuzzer need not learn to compress: a page, the shared texts, the styles, the list of pages
// with its names, a table.
// Each page is read in both ways, the plain one and the general, and what they give is compared.
// links: sheet
#include "lib/sheet/workbook.h"
#include "support/stored_package.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROWS_MAX = 10000, PARTS = 8, PACKAGE_BYTES_MAX = 4 << 20 };

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
    {"xl/_rels/s.xml.rels", "<Relationships xmlns='" PACKAGE "'><Relationship Id='a' Type='" DOCUMENT
                            "/table' Target='u.xml'/></Relationships>"},
    {"xl/u.xml", "<table id='1' displayName='T' ref='A1:B3'><tableColumns><tableColumn id='1' name='A'/>"
                 "</tableColumns></table>"},
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
            require(cell->column >= 1 && cell->column <= SHEET_COLUMNS_MAX);
            require(cell->kind != CELL_EMPTY || cell->formula.length);
            require(text_is_utf8(cell->text) && text_is_utf8(cell->formula));
            require(cell->kind != CELL_DATE || cell->form >= CELL_TIME || date_valid(cell->moment.date));
        }
    }
}

// What the plain reader gives is what the general scanner gives, cell by cell; they fail alike, if perhaps not at the same
// row: one reads further ahead.
struct twin {
    struct workbook *workbook;
    struct workbook_rows *rows;
    const struct sheet_row *row;
    bool good;
    struct err err;
};

static void open_twin(struct twin *twin, struct text file, size_t page, bool plain)
{
    *twin = (struct twin){.good = false};
    require(workbook_open_text(&twin->workbook, file, &twin->err)); // it did before
    workbook_read_plain(twin->workbook, plain);
    twin->good = workbook_rows_open(&twin->rows, twin->workbook, page, ROWS_WITH_VALUES, &twin->err);
}

static void close_twin(struct twin *twin)
{
    workbook_rows_free(twin->rows);
    workbook_free(twin->workbook);
}

static void next(struct twin *twin)
{
    twin->row = NULL;
    twin->good = workbook_rows_next(twin->rows, &twin->row, &twin->err);
}

static bool same_moment(const struct moment *a, const struct moment *b)
{
    return a->date.year == b->date.year && a->date.month == b->date.month && a->date.day == b->date.day &&
           a->hour == b->hour && a->minute == b->minute && a->second == b->second &&
           a->microsecond == b->microsecond;
}

static void compare_cells(const struct cell *a, const struct cell *b)
{
    require(a->kind != CELL_EMPTY);
    require(a->column == b->column && a->kind == b->kind && a->boolean == b->boolean &&
            a->percent == b->percent);
    require(a->small == b->small && a->shared == b->shared && text_equal(a->text, b->text));
    require(!a->small ||
            (a->number.coefficient == b->number.coefficient && a->number.places == b->number.places));
    require(a->kind != CELL_DATE ||
            (a->form == b->form && a->elapsed_ms == b->elapsed_ms && same_moment(&a->moment, &b->moment)));
}

static void compare_rows(const struct sheet_row *a, const struct sheet_row *b)
{
    require(a->number == b->number && a->hidden == b->hidden && a->count == b->count);
    for (size_t i = 0; i < a->count; i++)
        compare_cells(&a->cells[i], &b->cells[i]);
}

static void read_to_end(struct twin *twin)
{
    for (size_t count = 0; twin->good && twin->row && count < ROWS_MAX; count++)
        next(twin);
}

static void compare_page(struct text file, size_t page)
{
    struct twin plain, scanned;
    open_twin(&plain, file, page, true);
    open_twin(&scanned, file, page, false);
    require(plain.good == scanned.good);
    bool more = plain.good;
    for (size_t count = 0; more && count < ROWS_MAX; count++) {
        next(&plain);
        next(&scanned);
        more = plain.good && scanned.good && plain.row && scanned.row;
        if (more)
            compare_rows(plain.row, scanned.row);
    }
    read_to_end(&plain);
    read_to_end(&scanned);
    require(plain.good == scanned.good && !plain.row == !scanned.row);
    require(plain.good || plain.err.code == scanned.err.code);
    close_twin(&plain);
    close_twin(&scanned);
}

static void read_names(struct workbook *workbook)
{
    struct err err;
    struct range body;
    const struct tables *tables;
    const struct names *names = workbook_names(workbook);
    for (size_t i = 0; i < names->count; i++)
        require(text_is_utf8(text_from(names->items[i].name)) &&
                text_is_utf8(text_from(names->items[i].formula)));
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
    for (size_t i = 0; i < workbook_page_count(workbook) && i < 3; i++)
        compare_page(buf_text(&file), i);
    read_names(workbook);
    return 0;
}
