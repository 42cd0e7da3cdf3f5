// The part of a page, walked for changing it: rows, cells with the places of all that is in them, and the tags around
// them. In the worker.
//
//     while (page_walk_next_in(&walk, &good, err))
//         if (walk.token == PAGE_CELL) …
#ifndef RENKI_SHEET_PAGE_WALK_H
#define RENKI_SHEET_PAGE_WALK_H

#include "lib/sheet/markup.h"
#include "lib/sheet/reference.h"

enum page_token {
    PAGE_ROW,      // the tag of a row: walk.markup.tag
    PAGE_CELL,     // walk.cell
    PAGE_ROW_STOP, // its end; walk.markup.tag
    PAGE_TAG,      // any other start, outside the rows; walk.markup.tag
    PAGE_TAG_STOP,
    PAGE_OVER,
};

struct page_cell {
    struct reference place;
    struct markup_tag tag;
    size_t end;              // behind the cell
    struct text style, type; // as they stand; empty: none
    bool has_formula, has_value;
    struct markup_tag formula;
    struct text formula_content;   // as it stands
    size_t formula_end;            // behind </f>
    size_t value_start, value_end; // <v> to </v>, or <is> to </is>
    struct text value;             // what stands in <v>
};

struct page_walk {
    struct markup markup;
    enum page_token token;
    uint32_t row, column; // of the last one
    struct page_cell cell;
    bool in_data, in_row, row_empty; // row_empty: <row/>
    struct text row_style;           // s= of the row where it counts for its cells; empty: none
};

struct page_walk page_walk_new(struct text xml, const char *part);
bool page_walk_next(struct page_walk *walk, struct err *err) MUST_CHECK;
static inline bool page_walk_next_in(struct page_walk *walk, bool *good, struct err *err)
{
    *good = *good && page_walk_next(walk, err);
    return *good && walk->token != PAGE_OVER;
}
// Whether a person sees something in the cell, or a formula stands there.
bool page_cell_full(const struct page_cell *cell);

#endif
