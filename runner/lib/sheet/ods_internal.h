// What the sources of the .ods reader share. In the worker. OpenDocument 1.3, part 3.
#ifndef RENKI_SHEET_ODS_INTERNAL_H
#define RENKI_SHEET_ODS_INTERNAL_H

#include "lib/sheet/book_format.h"
#include "lib/sheet/row.h"
#include "lib/sheet/scan.h"

enum { ODS_HIDDEN_STYLES_MAX = 10000, ODS_FLAT_BYTES_MAX = 64 << 20, ODS_DAY_ZERO = -25569 /* 1899-12-30 */ };
// Cells that a file repeats instead of writing them: more than this a page is no table of a person's.
#define ODS_REPEATED_CELLS_MAX ((uint64_t)1 << 25)

struct ods {
    struct package *package; // NULL: one flat XML file
    struct buf flat;
    struct page *pages;
    size_t page_count;
    bool system_1904;
    int32_t first_day; // of serial numbers: 1899-12-30, or what the file says
    struct names names;
    struct tables tables;
};

bool ods_scan_open(struct scan **out, const struct ods *ods, struct err *err) MUST_CHECK;
// At the start of an element: whether it is a page of the workbook. (Tables stand inside others, and inside text boxes;
// and what LibreOffice keeps of other files' pages, to compute with, looks like pages too.)
bool ods_is_page(const struct scan *scan);

// At the start of a named-range, a named-expression or a database-range: keeps it.
bool ods_take_name(struct ods *ods, const struct scan *scan, size_t scope, struct err *err) MUST_CHECK;
bool ods_take_table(struct ods *ods, const struct scan *scan, struct err *err) MUST_CHECK;
// When all pages are known: which names are ranges of which.
void ods_resolve_names(struct ods *ods);

// The rows of a page, for the table of functions.
bool ods_rows_open(void **rows, void *state, size_t page, enum rows_with with, struct err *err) MUST_CHECK;
void ods_rows_free(void *rows);
bool ods_rows_next(void *rows, const struct sheet_row **row, struct err *err) MUST_CHECK;
size_t ods_rows_merged(const void *rows, const struct range **ranges);
const struct spans *ods_rows_hidden_columns(const void *rows);

// How cells are read.
struct ods_reading {
    enum rows_with with;
    int32_t first_day; // what serial numbers count from, in days from 1970
};

// At the start of a table-cell, read to its stop: adds a cell to the row, unless it is empty (*added).
bool ods_cell_read(struct scan *scan, struct row_builder *row, struct reference place,
                   const struct ods_reading *how, bool *added, struct err *err) MUST_CHECK;

// At the start of a paragraph, read to its stop: its text, appended. Notes and reading aids are left out.
bool ods_paragraph_append(struct scan *scan, struct buf *out, struct err *err) MUST_CHECK;

#endif
