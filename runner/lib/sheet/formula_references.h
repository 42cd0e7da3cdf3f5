// The references in a formula, found and rewritten; everything else in it stays as it is. In the worker. ECMA-376 part 1,
// 18.17.2: cells, ranges, whole rows and columns, with and without the name of a page; structured references to tables,
// names, functions, texts and other workbooks are passed over.
#ifndef RENKI_SHEET_FORMULA_REFERENCES_H
#define RENKI_SHEET_FORMULA_REFERENCES_H

#include "lib/sheet/formula.h"

enum formula_kind {
    FORMULA_CELL,
    FORMULA_RANGE,
    FORMULA_ROWS,
    FORMULA_COLUMNS,
    FORMULA_WORD, // no reference by itself: perhaps a name or a table, or a number
};

struct formula_reference {
    struct text
        page;       // as it stands, without its outer quotes; empty: the formula's own. See formula_page_is.
    bool elsewhere; // in another workbook, or over several pages
    struct text word; // FORMULA_WORD
    enum formula_kind kind;
    struct reference first,
        last; // FORMULA_CELL: the same; rows and columns: over everything. In the order as written
    bool first_row_fixed, first_column_fixed, last_row_fixed, last_column_fixed; // $
    bool lost; // set by the visitor: it becomes #REF!
};

// May change first and last, or set lost; what it does to a word does not count.
typedef void (*formula_visitor)(void *context, struct formula_reference *reference);

// Appends the formula with its references as the visitor leaves them. `formula` without "=", as files have it.
bool formula_map(struct buf *out, struct text formula, formula_visitor visitor, void *context,
                 struct err *err) MUST_CHECK;
// Whether the page of a reference ("My ''own'' page" as it stands between quotes) is that one; case does not matter.
bool formula_page_is(struct text page, struct text name);

#endif
