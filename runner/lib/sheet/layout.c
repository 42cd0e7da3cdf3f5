// See layout.h. Runs in the worker.
#include "lib/sheet/layout.h"

#include <stdlib.h>

void spans_dispose(struct spans *spans)
{
    xfree(spans->items);
    *spans = (struct spans){0};
}

void layout_dispose(struct layout *layout)
{
    xfree(layout->merged);
    spans_dispose(&layout->hidden_rows);
    spans_dispose(&layout->hidden_columns);
    *layout = (struct layout){0};
}

bool spans_add(struct spans *spans, uint32_t first, uint32_t last, struct err *err)
{
    if (spans->count) {
        struct span *end = &spans->items[spans->count - 1];
        if (first >= end->first && first <= end->last + 1) {
            end->last = last > end->last ? last : end->last;
            return true;
        }
    }
    if (spans->count == SPANS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "hidden rows or columns", N(SPANS_MAX));
    if ((spans->count & (spans->count - 1)) == 0)
        spans->items = xreallocarray(spans->items, spans->count ? spans->count * 2 : 1, sizeof *spans->items);
    spans->items[spans->count++] = (struct span){first, last};
    return true;
}

static int compare_spans(const void *a, const void *b)
{
    const uint32_t x = ((const struct span *)a)->first, y = ((const struct span *)b)->first;
    return x < y ? -1 : x > y;
}

void spans_sort(struct spans *spans)
{
    size_t kept = 0;
    if (!spans->count)
        return;
    qsort(spans->items, spans->count, sizeof *spans->items, compare_spans);
    for (size_t i = 1; i < spans->count; i++) {
        const struct span next = spans->items[i];
        if (next.first > spans->items[kept].last + 1)
            spans->items[++kept] = next;
        else if (next.last > spans->items[kept].last)
            spans->items[kept].last = next.last;
    }
    spans->count = kept + 1;
}

bool spans_hold(const struct spans *spans, uint32_t number)
{
    size_t low = 0, high = spans->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (spans->items[middle].last < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < spans->count && spans->items[low].first <= number;
}
