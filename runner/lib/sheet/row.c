// See row.h. Runs in the worker.
#include "lib/sheet/row.h"

#include <stdlib.h>

struct row_builder row_new(void)
{
    return (struct row_builder){.bytes = buf_new(ROW_BYTES_MAX)};
}

void row_dispose(struct row_builder *row)
{
    xfree(row->cells);
    xfree(row->offsets);
    buf_dispose(&row->bytes);
    *row = (struct row_builder){0};
}

void row_clear(struct row_builder *row)
{
    row->count = 0;
    row->unsorted = false;
    buf_clear(&row->bytes);
}

static void make_room(struct row_builder *row)
{
    if (row->count < row->capacity)
        return;
    row->capacity = row->capacity ? row->capacity * 2 : 32;
    row->cells = xreallocarray(row->cells, row->capacity, sizeof *row->cells);
    row->offsets = xreallocarray(row->offsets, row->capacity, sizeof *row->offsets);
}

struct cell *row_add(struct row_builder *row, uint32_t column, enum cell_kind kind, size_t start)
{
    make_room(row);
    row->unsorted = row->unsorted || (row->count && row->cells[row->count - 1].column >= column);
    row->offsets[row->count] = (struct row_offsets){start, 0};
    struct cell *cell = &row->cells[row->count++];
    *cell = (struct cell){.column = column, .kind = kind, .text = {NULL, row->bytes.length - start}};
    return cell;
}

void row_set_formula(struct row_builder *row, size_t start, size_t length)
{
    row->offsets[row->count - 1].formula = start;
    row->cells[row->count - 1].formula.length = length;
}

void row_repeat(struct row_builder *row, uint32_t times)
{
    for (; times; times--) {
        make_room(row);
        row->cells[row->count] = row->cells[row->count - 1];
        row->offsets[row->count] = row->offsets[row->count - 1];
        row->cells[row->count++].column++;
    }
}

static int compare_keys(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

size_t cells_sort(struct cell **cells, size_t count, size_t capacity)
{
    SCOPED_TEXT uint64_t *keys = xmalloc(count * sizeof *keys);
    struct cell *sorted = xmalloc(capacity * sizeof *sorted);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        keys[i] = (uint64_t)(*cells)[i].column << 32 | i;
    qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 0; i < count; i++)
        if (i + 1 == count || keys[i] >> 32 != keys[i + 1] >> 32)
            sorted[kept++] = (*cells)[keys[i] & UINT32_MAX];
    xfree(*cells);
    *cells = sorted;
    return kept;
}

void row_finish(struct row_builder *row, struct sheet_row *out)
{
    const char *bytes = row->bytes.data ? row->bytes.data : "";
    for (size_t i = 0; i < row->count; i++) {
        struct cell *cell = &row->cells[i];
        cell->text.data = cell->text.length ? bytes + row->offsets[i].text : "";
        cell->formula.data = cell->formula.length ? bytes + row->offsets[i].formula : "";
    }
    if (row->unsorted)
        row->count = cells_sort(&row->cells, row->count, row->capacity);
    out->cells = row->cells;
    out->count = row->count;
}
