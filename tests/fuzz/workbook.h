// An .xlsx put together around one part from anybody, so that a fuzzer need not learn to compress. For fuzz targets.
#ifndef RENKI_FUZZ_WORKBOOK_H
#define RENKI_FUZZ_WORKBOOK_H

#include "support/stored_package.h"
#include "walk.h"

enum workbook_part {
    PART_LINKS,
    PART_PAGE_LINKS,
    PART_PAGES,
    PART_PAGE,
    PART_TEXTS,
    PART_STYLES,
    PART_COUNT
};

#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define DOCUMENT "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/relationships"

static const struct {
    const char *name, *content;
} workbook_parts[PART_COUNT] = {
    [PART_LINKS] = {"_rels/.rels", "<Relationships xmlns='" PACKAGE "'><Relationship Id='r' Type='" DOCUMENT
                                   "/officeDocument' Target='xl/workbook.xml'/></Relationships>"},
    [PART_PAGE_LINKS] = {"xl/_rels/workbook.xml.rels",
                         "<Relationships xmlns='" PACKAGE "'><Relationship Id='a' Type='" DOCUMENT
                         "/worksheet' Target='s.xml'/><Relationship Id='b' Type='" DOCUMENT
                         "/sharedStrings' Target='t.xml'/><Relationship Id='c' Type='" DOCUMENT
                         "/styles' Target='f.xml'/></Relationships>"},
    [PART_PAGES] = {"xl/workbook.xml",
                    "<workbook xmlns='" MAIN "'><sheets><sheet name='P' r:id='a'/></sheets></workbook>"},
    [PART_PAGE] =
        {"xl/s.xml",
         "<worksheet xmlns='" MAIN "'><sheetData><row r='1'><c t='s'><v>0</v></c><c t='s'><v>1</v></c>"
         "<c t='s'><v>2</v></c><c s='1'><v>46023.5</v></c><c s='2'><v>0.25</v></c><c s='3'><v>1.5</v>"
         "</c></row></sheetData></worksheet>"},
    [PART_TEXTS] = {"xl/t.xml", "<sst><si><t>x</t></si><si><r><t>y</t></r></si><si><t>z</t></si></sst>"},
    [PART_STYLES] = {"xl/f.xml",
                     "<styleSheet><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>"},
};

// Reads the workbook whose part `replaced` is `by`.
static inline void walk_workbook(enum workbook_part replaced, struct text by)
{
    struct stored_part items[PART_COUNT];
    SCOPED_BUF(file, 4 << 20);
    if (by.length > 2 << 20)
        return;
    for (size_t i = 0; i < PART_COUNT; i++)
        items[i] = (struct stored_part){workbook_parts[i].name,
                                        i == replaced ? by : text_from(workbook_parts[i].content)};
    stored_package(&file, items, PART_COUNT);
    walk_file(buf_text(&file));
}

#endif
