// The formulas of a page's cells. In the worker. ECMA-376 part 1, 18.3.1.40.
//
// Cells that share a formula have it written once, at the first of them: for the others it is moved, as copying the cell
// would. Formulas are told, never evaluated.
#ifndef RENKI_SHEET_FORMULA_H
#define RENKI_SHEET_FORMULA_H

#include "lib/sheet/cell.h"
#include "lib/sheet/reference.h"
#include "lib/sheet/scan.h"

enum { FORMULA_BYTES_MAX = 64 << 10 };
#define FORMULAS_BYTES_MAX ((size_t)16 << 20) // of a row, and of all that are shared on a page

struct formulas;

struct formulas *formulas_new(void);
void formulas_free(struct formulas *formulas);
DEFINE_SCOPED(formulas)

void formulas_begin_row(struct formulas *formulas);
// At the start of <f> of the cell at `place`, the row's `cell`-th from 0: takes its text and passes over the element.
// *any: there is a text.
bool formulas_read(struct formulas *formulas, struct scan *scan, struct reference place, size_t cell,
                   bool *any, struct err *err) MUST_CHECK;
// Gives the cells of the row, in the order they were read, their formulas, valid until the next row.
void formulas_place(const struct formulas *formulas, struct cell *cells, size_t count);

// Appends `formula` as it reads where its cell is `rows` further down and `columns` further right (or up and left, where
// negative). What $ holds stays; beyond an edge it goes on at the other, as in spreadsheet programs.
bool formula_move(struct buf *out, struct text formula, int32_t rows, int32_t columns) MUST_CHECK;

#endif
