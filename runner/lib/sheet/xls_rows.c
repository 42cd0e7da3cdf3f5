// The rows of a page of an .xls workbook (xls_internal.h). Runs in the worker. [MS-XLS] 2.1.7.20.5.
//
// A page is passed over once at opening: hidden rows and columns and merged ranges are known then, and whether the cells
// stand in the order of their rows. Those of some programs do not; then the places of their records are sorted first.
#include "lib/sheet/xls_cell.h"

#include <stdlib.h>

struct place {
    uint32_t row; // from 1
    uint32_t at;  // of the record
};

struct xls_rows {
    struct xls *xls;
    struct biff biff;
    struct xls_cells cells;
    struct sheet_row row;
    unsigned char hidden[XLS_ROWS_MAX / 8];
    struct spans hidden_columns;
    struct range *merged;
    size_t merged_count;
    uint32_t last; // the largest number of a row with cells
    bool unsorted, over;
    struct place *places; // only where they are not sorted
    size_t place_count, next_place;
    uint32_t waiting;    // the row of the next record of a cell; 0: not looked for yet
    uint32_t waiting_at; // where that record begins
    uint32_t number;     // of the last row given
};

/* ---- passing over --------------------------------------------------------------------------------------------------------- */

static bool is_hidden(const struct xls_rows *rows, uint32_t number)
{
    return number <= XLS_ROWS_MAX && rows->hidden[(number - 1) / 8] & 1U << ((number - 1) % 8);
}

// [MS-XLS] 2.4.221. Before version 5 the flags stand elsewhere or nowhere.
static void take_row(struct xls_rows *rows)
{
    enum { FLAGS_AT = 12, FLAG_HIDDEN = 0x20 };
    const struct biff *biff = &rows->biff;
    if (biff->version < BIFF5 || biff->length < FLAGS_AT + 2)
        return;
    const uint16_t row = bytes_u16(biff->data);
    if (bytes_u16(biff->data + FLAGS_AT) & FLAG_HIDDEN)
        rows->hidden[row / 8] |= (unsigned char)(1U << (row % 8));
}

// [MS-XLS] 2.4.53.
static bool take_columns(struct xls_rows *rows, struct err *err)
{
    const struct biff *biff = &rows->biff;
    if (biff->length < 10 || !(bytes_u16(biff->data + 8) & 1))
        return true;
    const uint32_t first = bytes_u16(biff->data) + 1U;
    uint32_t last = bytes_u16(biff->data + 2) + 1U;
    last = last > XLS_COLUMNS_MAX ? XLS_COLUMNS_MAX : last; // 256 is written for "and all others"
    return first > last || spans_add(&rows->hidden_columns, first, last, err);
}

static bool add_merged(struct xls_rows *rows, const unsigned char *at, struct err *err)
{
    const struct range range = {{bytes_u16(at) + 1U, bytes_u16(at + 4) + 1U},
                                {bytes_u16(at + 2) + 1U, bytes_u16(at + 6) + 1U}};
    if (range.last.row < range.first.row || range.last.column < range.first.column)
        return true;
    if (rows->merged_count == WORKBOOK_MERGED_MAX)
        return fail(err, ERR_LIMIT_PASSED, "merged ranges", N(WORKBOOK_MERGED_MAX));
    if ((rows->merged_count & (rows->merged_count - 1)) == 0)
        rows->merged = xreallocarray(rows->merged, rows->merged_count ? rows->merged_count * 2 : 1,
                                     sizeof *rows->merged);
    rows->merged[rows->merged_count++] = range;
    return true;
}

// [MS-XLS] 2.4.168.
static bool take_merged(struct xls_rows *rows, struct err *err)
{
    const struct biff *biff = &rows->biff;
    const size_t count = biff->length >= 2 ? bytes_u16(biff->data) : 0;
    for (size_t i = 0; i < count && 2 + (i + 1) * 8 <= biff->length; i++)
        if (!add_merged(rows, biff->data + 2 + i * 8, err))
            return false;
    return true;
}

static bool add_place(struct xls_rows *rows, struct place place, struct err *err)
{
    if (rows->place_count == XLS_UNSORTED_MAX)
        return fail(err, ERR_LIMIT_PASSED, "cells in no order", N(XLS_UNSORTED_MAX));
    if ((rows->place_count & (rows->place_count - 1)) == 0)
        rows->places =
            xreallocarray(rows->places, rows->place_count ? rows->place_count * 2 : 1, sizeof *rows->places);
    rows->places[rows->place_count++] = place;
    return true;
}

// `collect`: the second time, when the cells are known to stand in no order.
static bool take_record(struct xls_rows *rows, bool collect, struct err *err)
{
    const struct biff *biff = &rows->biff;
    if (xls_is_cell(biff)) {
        if (!biff_require(biff, 6, err))
            return false;
        const uint32_t row = bytes_u16(biff->data) + 1U;
        rows->unsorted = rows->unsorted || row < rows->last;
        rows->last = row > rows->last ? row : rows->last;
        return !collect || add_place(rows, (struct place){row, (uint32_t)biff->at}, err);
    }
    if (collect)
        return true;
    if (biff->type == BIFF_ROW)
        take_row(rows);
    return (biff->type != BIFF_COLINFO || take_columns(rows, err)) &&
           (biff->type != BIFF_MERGECELLS || take_merged(rows, err));
}

// The next record of the page itself: charts in it are pages of their own, from BOF to EOF.
static bool next_record(struct xls_rows *rows, bool *more, struct err *err)
{
    struct biff *biff = &rows->biff;
    enum biff_version version;
    for (unsigned depth = 0;;) {
        if (!biff_next(biff, more, err))
            return false;
        if (!*more)
            return fail(err, ERR_SHEET_BROKEN_XLS, "it ends too early");
        if (xls_version(biff, &version)) {
            depth++;
        } else if (biff->type == BIFF_EOF) {
            *more = depth > 0;
            if (!depth--)
                return true;
        } else if (!depth) {
            return true;
        }
    }
}

static bool begin(struct xls_rows *rows, size_t page, struct err *err)
{
    enum biff_version version;
    bool more;
    biff_seek(&rows->biff, rows->xls->offsets[page]);
    if (!biff_next(&rows->biff, &more, err))
        return false;
    return (more && xls_version(&rows->biff, &version)) ||
           fail(err, ERR_SHEET_BROKEN_XLS, "a page is not where the workbook says");
}

static bool pass_over(struct xls_rows *rows, size_t page, bool collect, struct err *err)
{
    bool more = true;
    if (!begin(rows, page, err))
        return false;
    while (more)
        if (!next_record(rows, &more, err) || (more && !take_record(rows, collect, err)))
            return false;
    return true;
}

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------ */

// Finds the next record of a cell, by the sorted places or by going on. `waiting` stays 0 when there is none.
static bool find_cell(struct xls_rows *rows, struct err *err)
{
    bool more = true;
    if (rows->unsorted) {
        if (rows->next_place == rows->place_count)
            return true;
        const struct place place = rows->places[rows->next_place++];
        rows->waiting = place.row;
        rows->waiting_at = place.at;
        return true;
    }
    while (more) {
        if (!next_record(rows, &more, err))
            return false;
        if (more && xls_is_cell(&rows->biff)) {
            rows->waiting = bytes_u16(rows->biff.data) + 1U;
            rows->waiting_at = (uint32_t)rows->biff.at;
            return true;
        }
    }
    return true;
}

static bool read_cells(struct xls_rows *rows, uint32_t number, struct err *err)
{
    row_clear(&rows->cells.row);
    while (rows->waiting == number) {
        bool more;
        biff_seek(&rows->biff, rows->waiting_at);
        if (!biff_next(&rows->biff, &more, err) || !xls_cell_read(&rows->cells, &rows->biff, err))
            return false;
        rows->waiting = 0;
        if (!find_cell(rows, err))
            return false;
    }
    row_finish(&rows->cells.row, &rows->row);
    return true;
}

// The next row that has cells or is hidden; 0 when there is none.
static uint32_t next_number(const struct xls_rows *rows)
{
    uint32_t number = rows->number + 1;
    const uint32_t end = rows->waiting ? rows->waiting : XLS_ROWS_MAX + 1;
    while (number < end && !is_hidden(rows, number))
        number++;
    return number <= XLS_ROWS_MAX ? number : 0;
}

bool xls_rows_next(void *state, const struct sheet_row **row, struct err *err)
{
    struct xls_rows *rows = state;
    *row = NULL;
    while (!rows->over) {
        const uint32_t number = next_number(rows);
        rows->over = !number;
        if (!number)
            break;
        rows->number = number;
        if (!read_cells(rows, number, err))
            return false;
        rows->row.number = number;
        rows->row.hidden = is_hidden(rows, number);
        if (!rows->row.count && !rows->row.hidden)
            continue; // empty texts only
        *row = &rows->row;
        return true;
    }
    return true;
}

/* ---- opening --------------------------------------------------------------------------------------------------------------- */

static bool prepare(struct xls_rows *rows, size_t page, struct err *err)
{
    if (!pass_over(rows, page, false, err))
        return false;
    if (rows->unsorted) {
        if (!pass_over(rows, page, true, err))
            return false;
        qsort(rows->places, rows->place_count, sizeof *rows->places, compare_places);
    } else if (!begin(rows, page, err)) {
        return false;
    }
    spans_sort(&rows->hidden_columns);
    return find_cell(rows, err);
}

bool xls_rows_open(void **out, void *state, size_t page, enum rows_with with, struct err *err)
{
    struct xls *xls = state;
    struct xls_rows *rows = xcalloc(1, sizeof *rows);
    (void)with; // formulas are kept as programs for Excel, not as text
    rows->xls = xls;
    rows->biff = biff_new(xls->stream);
    rows->biff.version = xls->version;
    rows->biff.encoding = xls->encoding;
    rows->cells = (struct xls_cells){.xls = xls, .row = row_new()};
    rows->over = !xls->pages[page].has_cells;
    if (!rows->over && !prepare(rows, page, err)) {
        xls_rows_free(rows);
        return false;
    }
    *out = rows;
    return true;
}

void xls_rows_free(void *state)
{
    struct xls_rows *rows = state;
    if (!rows)
        return;
    biff_dispose(&rows->biff);
    row_dispose(&rows->cells.row);
    spans_dispose(&rows->hidden_columns);
    xfree(rows->merged);
    xfree(rows->places);
    xfree(rows);
}

uint32_t xls_rows_estimate(const void *state)
{
    return ((const struct xls_rows *)state)->last;
}

size_t xls_rows_merged(const void *state, const struct range **ranges)
{
    const struct xls_rows *rows = state;
    *ranges = rows->merged;
    return rows->merged_count;
}

const struct spans *xls_rows_hidden_columns(const void *state)
{
    return &((const struct xls_rows *)state)->hidden_columns;
}
