// What a page says beside its cells, in every format: merged ranges, hidden rows and columns. In the worker.
#ifndef RENKI_SHEET_LAYOUT_H
#define RENKI_SHEET_LAYOUT_H

#include "lib/sheet/reference.h"

enum { SPANS_MAX = 1 << 20 };

// Rows or columns that stand side by side.
struct span {
    uint32_t first, last; // from 1, both inside
};

struct spans {
    struct span *items; // ascending, without overlap
    size_t count;
};

struct layout {
    struct range *merged; // in each, only the first cell has content
    size_t merged_count;
    struct spans hidden_rows, hidden_columns;
};

void layout_dispose(struct layout *layout);

// Widens the last span where it can. Spans in any order come out in order by spans_sort.
bool spans_add(struct spans *spans, uint32_t first, uint32_t last, struct err *err) MUST_CHECK;
void spans_sort(struct spans *spans);
bool spans_hold(const struct spans *spans, uint32_t number);
void spans_dispose(struct spans *spans);

#endif
