// Formulas that cells of a page share (ECMA-376 part 1, 18.3.1.40), for changing the page: where the cell that holds the
// formula changes, the others need it written out. In the worker.
#ifndef RENKI_SHEET_SHARED_FORMULAS_H
#define RENKI_SHEET_SHARED_FORMULAS_H

#include "lib/sheet/formula_references.h"
#include "lib/sheet/page_walk.h"

enum { SHARED_FORMULAS_MAX = 1 << 20 };

struct shared_formula {
    struct text index; // si= as it stands in the part
    struct reference place;
    char *formula; // without entities
    bool parted;   // for the user: to be written out
};

// Begins as {0}.
struct shared_formulas {
    struct shared_formula *items;
    size_t count;
    bool sorted;
};

void shared_formulas_dispose(struct shared_formulas *formulas);
// Takes the cell's formula when others may share it; else does nothing.
bool shared_formulas_add(struct shared_formulas *formulas, const struct page_cell *cell,
                         struct err *err) MUST_CHECK;
// The formula that the cell shares, or NULL. After all were added.
struct shared_formula *shared_formulas_find(struct shared_formulas *formulas, const struct page_cell *cell);
// Appends it as it reads at `place`.
bool shared_formula_move(struct buf *out, const struct shared_formula *shared, struct reference place,
                         struct err *err) MUST_CHECK;
// The cell has `formula` for itself.
bool shared_formula_part(struct patches *patches, const struct page_cell *cell, struct text formula,
                         struct err *err) MUST_CHECK;

#endif
