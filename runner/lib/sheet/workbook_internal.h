// What workbook.c and rows.c share. In the worker.
#ifndef RENKI_SHEET_WORKBOOK_INTERNAL_H
#define RENKI_SHEET_WORKBOOK_INTERNAL_H

#include "lib/sheet/strings.h"
#include "lib/sheet/styles.h"
#include "lib/sheet/workbook.h"

struct workbook {
    struct package *package;
    struct page *pages;
    size_t page_count;
    bool system_1904, strings_done, tables_done, macros;
    bool scanned; // workbook_read_plain said false
    char *strings_part, *styles_part;
    char *repeated;         // the part of a page that is there twice, or NULL
    struct strings strings; // read when the first cell asks for one
    struct styles styles;
    struct names names;
    struct tables tables;
};

bool workbook_string(struct workbook *workbook, uint64_t index, struct text *out, bool *found,
                     struct err *err) MUST_CHECK;

#endif
