// A row that is being put together, cell by cell. In the worker. For readers whose cells' texts come one after the other:
// the texts lie in one buffer, which may move while the row grows, so cells get their pointers when the row is complete.
#ifndef RENKI_SHEET_ROW_H
#define RENKI_SHEET_ROW_H

#include "lib/base/buf.h"
#include "lib/sheet/cell.h"

enum { ROW_BYTES_MAX = 64 << 20 };

// Where a cell's text and formula begin in the row's bytes.
struct row_offsets {
    size_t text, formula;
};

struct row_builder {
    struct cell *cells;
    struct row_offsets *offsets;
    size_t count, capacity;
    struct buf bytes;
    bool unsorted;
};

struct row_builder row_new(void);
void row_dispose(struct row_builder *row);
void row_clear(struct row_builder *row);
// A further cell; its text is what stands in `bytes` from `start` on. The pointer is good until the next cell.
// The caller sees to it that there are at most SHEET_COLUMNS_MAX.
struct cell *row_add(struct row_builder *row, uint32_t column, enum cell_kind kind, size_t start);
// The last cell's formula is a part of `bytes`.
void row_set_formula(struct row_builder *row, size_t start, size_t length);
// Repeats the last cell in the next `times` columns.
void row_repeat(struct row_builder *row, uint32_t times);
// Puts an array of cells into the order of their columns and, within one, of reading: of such only the last stays. Gives
// how many there are then.
size_t cells_sort(struct cell **cells, size_t count, size_t capacity) MUST_CHECK;
// The cells in the order of their columns; of two in one column the later counts. Valid until the row changes.
void row_finish(struct row_builder *row, struct sheet_row *out);

#endif
