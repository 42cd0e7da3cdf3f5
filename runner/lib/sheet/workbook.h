// Reads .xlsx and .xlsm workbooks: pages, and their rows as a stream. In the worker. ECMA-376, transitional and strict.
//
// 1. Memory holds the shared texts and one row; nothing is sized by what a file claims.
// 2. No formula is evaluated: a cell is what the program that wrote it stored as the formula's result. Macros, links and
//    everything outside the cells are ignored.
// 3. Damage ends the reading with an error that names the cell or the part.
#ifndef RENKI_SHEET_WORKBOOK_H
#define RENKI_SHEET_WORKBOOK_H

#include "lib/sheet/cell.h"
#include "lib/sheet/layout.h"
#include "lib/sheet/names.h"
#include "lib/sheet/tables.h"

enum { WORKBOOK_PAGES_MAX = 10000, WORKBOOK_MERGED_MAX = 1 << 20, WORKBOOK_ROW_BYTES_MAX = 64 << 20 };

enum page_visibility { PAGE_VISIBLE, PAGE_HIDDEN, PAGE_VERY_HIDDEN };

struct page {
    char *name; // UTF-8
    enum page_visibility visibility;
    bool has_cells; // false: a chart, a dialogue or a macro sheet, which has no rows here
    char *part;     // NULL: the workbook names a page whose content is not there
};

struct package;
struct workbook;
struct workbook_rows;

// Descriptor and package are taken, also on failure; the memory is borrowed.
bool workbook_open_package(struct workbook **out, struct package *package, struct err *err) MUST_CHECK;
bool workbook_open_file(struct workbook **out, int descriptor, struct err *err) MUST_CHECK;
bool workbook_open_text(struct workbook **out, struct text bytes, struct err *err) MUST_CHECK;
void workbook_free(struct workbook *workbook);
DEFINE_SCOPED(workbook)

size_t workbook_page_count(const struct workbook *workbook);
const struct page *workbook_page(const struct workbook *workbook,
                                 size_t index); // in the workbook's order, from 0
// For tests. With false, the general scanner reads every row and every shared text; true at first.
void workbook_read_plain(struct workbook *workbook, bool plain);
bool workbook_is_1904(const struct workbook *workbook);
// Whether it carries macros, which are never run.
bool workbook_has_macros(const struct workbook *workbook);
// The part of a page that the file holds twice, of which the later is read; NULL: there is none.
const char *workbook_repeated(const struct workbook *workbook);
const struct names *workbook_names(const struct workbook *workbook);
// Read when first asked for; borrowed from the workbook.
bool workbook_tables(struct workbook *workbook, const struct tables **out, struct err *err) MUST_CHECK;

// The rows of a page that have at least one cell or a number of their own; the workbook must live longer.
bool workbook_rows_open(struct workbook_rows **out, struct workbook *workbook, size_t page,
                        enum rows_with with, struct err *err) MUST_CHECK;
void workbook_rows_free(struct workbook_rows *rows);
DEFINE_SCOPED(workbook_rows)
// *row is NULL at the end.
bool workbook_rows_next(struct workbook_rows *rows, const struct sheet_row **row, struct err *err) MUST_CHECK;
// The number of the last row as the file claims it; 0 when it does not. A hint for a progress bar, not a fact.
uint32_t workbook_rows_estimate(const struct workbook_rows *rows);
// Merged ranges, complete after the last row. In each, only the first cell has content.
size_t workbook_rows_merged(const struct workbook_rows *rows, const struct range **ranges);
// Known from the start.
const struct spans *workbook_rows_hidden_columns(const struct workbook_rows *rows);

#endif
