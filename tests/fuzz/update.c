// Templates from anybody, filled: cells, ranges, a table that grows and one that shrinks. The first byte chooses which
// part of a workbook that is put together here the rest is, or whether it is the whole file; the second how it is
// filled. What was saved must be readable wherever the template was.
// links: sheet
#include "lib/sheet/update.h"
#include "lib/sheet/workbook.h"
#include "support/stored_package.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARTS = 10, PACKAGE_MAX = 4 << 20, ROWS_READ_MAX = 10000 };

#define DOCUMENT "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define RELATION(id, type, target)                                                                           \
    "<Relationship Id='" id "' Type='" DOCUMENT "/" type "' Target='" target "'/>"

static const struct {
    const char *name, *content;
} parts[PARTS] = {
    {"[Content_Types].xml", "<Types><Override PartName='/xl/calcChain.xml' ContentType='x'/></Types>"},
    {"_rels/.rels", "<Relationships>" RELATION("r", "officeDocument", "xl/workbook.xml") "</Relationships>"},
    {"xl/_rels/workbook.xml.rels",
     "<Relationships>" RELATION("a", "worksheet", "s.xml") RELATION("b", "worksheet", "o.xml")
         RELATION("c", "styles", "f.xml") "</Relationships>"},
    {"xl/workbook.xml",
     "<workbook><sheets><sheet name='P' r:id='a'/><sheet name='O' r:id='b'/></sheets><definedNames>"
     "<definedName name='N'>P!$B$2:$B$3</definedName></definedNames></workbook>"},
    {"xl/s.xml",
     "<worksheet><sheetData><row r='1'><c r='A1' t='str'><v>a</v></c><c r='B1'/></row><row r='2'><c r='B2'>"
     "<f t='shared' ref='B2:B3' si='0'>A2*2</f><v>1</v></c></row><row r='3'><c r='B3'><f t='shared' "
     "si='0'/></c></row>"
     "<row r='5'><c r='A5'><f>SUM(B$2:B3)+O!A1</f></c></row></sheetData><mergeCells><mergeCell "
     "ref='A7:B7'/></mergeCells>"
     "<conditionalFormatting "
     "sqref='B2:B3'><cfRule><formula>B2&gt;1</formula></cfRule></conditionalFormatting></worksheet>"},
    {"xl/o.xml",
     "<worksheet><sheetData><row><c><f>P!A5+SUM(N)+'P'!B2:B3</f><v>1</v></c></row></sheetData></worksheet>"},
    {"xl/_rels/s.xml.rels", "<Relationships>" RELATION("t", "table", "t.xml")
                                RELATION("v", "vmlDrawing", "v.xml") "</Relationships>"},
    {"xl/t.xml",
     "<table displayName='T' ref='A1:B3'><autoFilter ref='A1:B3'/><tableColumns><tableColumn name='a'/>"
     "<tableColumn "
     "name='b'><calculatedColumnFormula>A2*2</calculatedColumnFormula></tableColumn></tableColumns></table>"},
    {"xl/f.xml", "<styleSheet><cellXfs><xf numFmtId='0'/><xf numFmtId='2'><a/></xf></cellXfs></styleSheet>"},
    {"xl/v.xml", "<xml><Anchor>1, 1, 4, 1, 1, 1, 6, 1</Anchor><Row>4</Row></xml>"},
};

static bool readable(int file)
{
    struct err err;
    const struct sheet_row *row = NULL;
    bool good = true;
    SCOPED(workbook)
    workbook = NULL;
    if (!workbook_open_file(&workbook, file, &err))
        return false;
    for (size_t i = 0; good && i < workbook_page_count(workbook) && i < 3; i++) {
        SCOPED(workbook_rows)
        rows = NULL;
        good = workbook_rows_open(&rows, workbook, i, ROWS_WITH_FORMULAS, &err);
        for (size_t count = 0; good && count < ROWS_READ_MAX; count++) {
            good = workbook_rows_next(rows, &row, &err);
            if (!row)
                break;
        }
    }
    return good;
}

static int file_of(struct text bytes)
{
    const int file = memfd_create("fuzz", MFD_CLOEXEC);
    require(file >= 0 && write(file, bytes.data, bytes.length) == (ssize_t)bytes.length);
    return file;
}

// False only when nothing more can be tried.
static bool fill(struct update *update, unsigned how, struct err *err)
{
    static const struct update_value values[] = {
        {.kind = UPDATE_TEXT, .text = {"=1 <&> _x0041_", 14}},
        {.kind = UPDATE_NUMBER, .text = {"-12.30", 6}},
        {.kind = UPDATE_DAY, .moment = {.date = {2026, 1, 1}}},
        {.kind = UPDATE_CLEAR},
        {.kind = UPDATE_FORMULA, .text = {"=A1<2", 5}, .result = {"1", 1}}};
    const struct update_value *value = &values[how % COUNT_OF(values)];
    const struct sheet_table *table;
    struct update_area area;
    if (!update_page_count(update))
        return false;
    bool done = update_cell(update, 0, (struct reference){how % 9 + 1, how % 4 + 1}, value, err);
    if (update_table(update, TEXT_OF("T"), &table, err))
        done = update_table_resize(update, table, how % 7 + 1, err) || done;
    if (update_area(update, TEXT_OF("N"), 0, &area, err))
        done = update_cell(update, area.page, area.range.first, value, err) || done;
    return update_cell(update, update_page_count(update) - 1, (struct reference){2, 2}, value, err) || done;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    struct stored_part stored[PARTS];
    SCOPED(update)
    update = NULL;
    SCOPED_BUF(file, PACKAGE_MAX);
    if (size < 2 || size > PACKAGE_MAX / 2)
        return 0;
    const struct text rest = text_of((const char *)data + 2, size - 2);
    const size_t part = data[0] % (PARTS + 1);
    for (size_t i = 0; i < PARTS; i++)
        stored[i] = (struct stored_part){parts[i].name, i == part ? rest : text_from(parts[i].content)};
    if (part < PARTS)
        stored_package(&file, stored, PARTS);
    else
        require(buf_append_text(&file, rest));
    if (!update_open(&update, file_of(buf_text(&file)), &err) || !fill(update, data[1], &err))
        return 0;
    const int target = memfd_create("fuzz", MFD_CLOEXEC);
    if (update_write(update, target, &err))
        require(!readable(file_of(buf_text(&file))) || readable(dup(target)));
    close(target);
    return 0;
}
