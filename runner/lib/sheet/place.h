// What a robot calls a place: "B7", "A1:D20", "Sheet1!B7", a defined name, the name of a table. In the worker.
#ifndef RENKI_SHEET_PLACE_H
#define RENKI_SHEET_PLACE_H

#include "lib/sheet/book.h"

struct place {
    size_t page; // from 0
    struct range range;
};

// As seen from `page`: references mean it, and names of its own come before those of the workbook. A table's name means
// the rows between its header and its totals. Errors: SHEET_NO_NAME with the nearest name there is,
// SHEET_NAME_IS_NO_RANGE with what the name stands for, SHEET_OUTSIDE, SHEET_NO_PAGE.
bool place_find(struct place *out, struct book *book, size_t page, struct text text,
                struct err *err) MUST_CHECK;
// The same for one cell; a merged range counts as its first cell. SHEET_SEVERAL_CELLS for other ranges.
bool place_find_cell(struct place *out, struct book *book, size_t page, struct text text,
                     struct err *err) MUST_CHECK;
// The table of that name, on `page` or on any (SIZE_MAX). SHEET_NO_TABLE with the nearest name and all there are.
bool place_find_table(const struct sheet_table **out, struct book *book, size_t page, struct text name,
                      struct err *err) MUST_CHECK;
// SHEET_NO_PAGE with the nearest name and all there are. Always false.
bool place_fail_page(const struct book *book, const char *wanted, struct err *err);

#endif
