// The records of cells of an .xls workbook. In the worker. [MS-XLS] 2.4.
#ifndef RENKI_SHEET_XLS_CELL_H
#define RENKI_SHEET_XLS_CELL_H

#include "lib/sheet/row.h"
#include "lib/sheet/xls_internal.h"

struct xls_cells {
    const struct xls *xls;
    struct row_builder row;
};

// Whether the present record holds one or several cells of a row (whose number is its first two bytes).
bool xls_is_cell(const struct biff *biff);
// Adds those of the present record to the row, but for empty ones. A formula's text may take further records.
bool xls_cell_read(struct xls_cells *cells, struct biff *biff, struct err *err) MUST_CHECK;

#endif
