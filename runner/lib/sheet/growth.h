// A table that becomes longer or shorter, and what that does to all that speaks of its page. In the worker.
//
// 1. Whole rows are put in or taken out, as a person would do it: rows from `line` on move by `by`, with merged cells,
//    formulas, names, conditional formats, validations, comments, pictures, page breaks and other tables there.
// 2. What reached over all rows of the table follows its length: ranges in formulas, names, charts, conditional formats
//    and validations that end at its last row and begin at or above its first. Not so formulas inside the table: there,
//    $B$2:B9 may be a running sum.
// 3. A picture that reaches over the line keeps its size.
#ifndef RENKI_SHEET_GROWTH_H
#define RENKI_SHEET_GROWTH_H

#include "lib/sheet/markup.h"
#include "lib/sheet/reference.h"

struct growth {
    struct text page;  // the name of the table's page
    struct range data; // the table's rows without header and totals, as they were
    uint32_t last;     // its last row then
    uint32_t line;     // rows from here on move
    int32_t by;        // down; negative: up, over the rows just above the line, which go; 0: nothing moves
};

enum growth_part {
    GROWTH_PAGE,       // the table's own page
    GROWTH_OTHER_PAGE, // any other
    GROWTH_TABLE,      // a table on the same page, but for the one that grows
    GROWTH_OTHER_TABLE,
    GROWTH_WORKBOOK,
    GROWTH_CHART,
    GROWTH_DRAWING, // of the table's page; as are comments, notes (their boxes, in VML) and pivot tables
    GROWTH_COMMENTS,
    GROWTH_VML,
    GROWTH_PIVOT_TABLE,
    GROWTH_PIVOT_CACHE,
};

// The range as it is afterwards; false when it stays (or is lost).
bool growth_range(const struct growth *growth, struct range *range);
// All changes to one part. *lost turns true when something speaks of nothing but rows that go: then none of the changes
// may be made, in any part.
bool growth_apply(struct patches *patches, const struct growth *growth, enum growth_part kind,
                  struct text xml, const char *part, bool *lost, struct err *err) MUST_CHECK;

#endif
