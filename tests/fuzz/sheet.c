// Workbooks from anybody. The first byte chooses what the rest is: a whole file, or one part of a workbook that is put
// together here, so that the fuzzer need not learn to compress: a page, the shared texts, the styles, or the list of pages.
// links: sheet
#include "lib/sheet/workbook.h"

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

static void put(struct buf *out, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        require(buf_append_char(out, i < 4 ? (char)(value >> (8 * i)) : 0));
}

static uint32_t crc(struct text text)
{
    uint32_t sum = 0xFFFFFFFF;
    for (size_t i = 0; i < text.length; i++) {
        sum ^= (unsigned char)text.data[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320 : 0);
    }
    return ~sum;
}

// What the local header and the directory have in common.
static void put_header(struct buf *out, const char *name, struct text content)
{
    put(out, 20, 2);
    put(out, 0, 8); // no flags, stored, no time
    put(out, crc(content), 4);
    put(out, (uint32_t)content.length, 4);
    put(out, (uint32_t)content.length, 4);
    put(out, (uint32_t)strlen(name), 2);
    put(out, 0, 2);
}

// A zip file of stored parts (APPNOTE 6.3, 4.3), one of them replaced.
static void pack(struct buf *out, size_t replaced, struct text by)
{
    SCOPED_BUF(directory, 4096);
    for (size_t i = 0; i < PARTS; i++) {
        const struct text content = i == replaced ? by : text_from(parts[i].content);
        const uint32_t offset = (uint32_t)out->length;
        put(out, 0x04034b50, 4);
        put_header(out, parts[i].name, content);
        require(buf_append_string(out, parts[i].name) && buf_append_text(out, content));
        put(&directory, 0x02014b50, 4);
        put(&directory, 20, 2);
        put_header(&directory, parts[i].name, content);
        put(&directory, 0, 10);
        put(&directory, offset, 4);
        require(buf_append_string(&directory, parts[i].name));
    }
    const uint32_t start = (uint32_t)out->length;
    require(buf_append_text(out, buf_text(&directory)));
    put(out, 0x06054b50, 4);
    put(out, 0, 4);
    put(out, PARTS, 2);
    put(out, PARTS, 2);
    put(out, (uint32_t)directory.length, 4);
    put(out, start, 4);
    put(out, 0, 2);
}

static void read_page(struct workbook *workbook, size_t page)
{
    struct err err;
    const struct sheet_row *row;
    SCOPED(workbook_rows)
    rows = NULL;
    if (!workbook_rows_open(&rows, workbook, page, &err))
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
    return 0;
}
