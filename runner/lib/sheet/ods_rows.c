// The rows of a page of an .ods workbook (ods_internal.h). Runs in the worker.
//
// Cells and rows that are alike are written once with a count. Empty ones cost nothing, whatever the count says; others
// are given as often as the page has room for them, and a page whose repeated cells are too many is refused.
#include "lib/sheet/ods_internal.h"

struct ods_rows {
    struct scan *scan;
    struct ods_reading how;
    unsigned depth;  // of the page's element
    uint32_t column; // the last one described at the head of the page
    struct spans hidden;
    bool at_row; // the scan stands at the start of the first row, since the columns before it were asked for
    struct row_builder builder;
    struct sheet_row row;
    uint32_t number;   // of the last row given or passed over
    uint32_t left;     // how often the present row is still to be given
    uint64_t repeated; // cells that came by repetition
    bool over;
    struct range *merged;
    size_t merged_count;
};

// At least 1; beyond a page's rows as soon as it is too much, whatever it is.
static uint32_t count_of(const struct scan *scan, const char *name)
{
    int64_t count;
    if (!text_to_int64(scan_attribute(scan, name), &count) || count < 1)
        return 1;
    return count > SHEET_ROWS_MAX ? SHEET_ROWS_MAX + 1 : (uint32_t)count;
}

static bool fail_outside(struct reference place, struct err *err)
{
    char text[REFERENCE_TEXT_SIZE];
    return fail(err, ERR_SHEET_BAD_REFERENCE, reference_text(text, place));
}

static bool add_repeated(struct ods_rows *rows, uint64_t cells, struct err *err)
{
    rows->repeated += cells;
    return rows->repeated <= ODS_REPEATED_CELLS_MAX ||
           fail(err, ERR_SHEET_BOMB, "cells", N(rows->repeated), N(ODS_REPEATED_CELLS_MAX));
}

static bool add_merged(struct ods_rows *rows, struct reference first, uint32_t columns, uint32_t height,
                       struct err *err)
{
    if (columns == 1 && height == 1)
        return true;
    const struct reference last = {first.row + height - 1, first.column + columns - 1};
    if (last.row > SHEET_ROWS_MAX || last.column > SHEET_COLUMNS_MAX)
        return fail_outside(last, err);
    if (rows->merged_count == WORKBOOK_MERGED_MAX)
        return fail(err, ERR_LIMIT_PASSED, "merged ranges", N(WORKBOOK_MERGED_MAX));
    if ((rows->merged_count & (rows->merged_count - 1)) == 0)
        rows->merged = xreallocarray(rows->merged, rows->merged_count ? rows->merged_count * 2 : 1,
                                     sizeof *rows->merged);
    rows->merged[rows->merged_count++] = (struct range){first, last};
    return true;
}

// *column is the last one passed; a cell with its repetitions is added.
static bool read_cell(struct ods_rows *rows, uint32_t *column, struct err *err)
{
    const struct scan *scan = rows->scan;
    const bool covered = scan_is(scan, "covered-table-cell");
    const uint32_t count = count_of(scan, "number-columns-repeated");
    const struct reference place = {rows->number + 1, *column + 1};
    bool added;
    if (!covered && !add_merged(rows, place, count_of(scan, "number-columns-spanned"),
                                count_of(scan, "number-rows-spanned"), err))
        return false;
    if (!ods_cell_read(rows->scan, &rows->builder, place, &rows->how, &added, err))
        return false;
    if (added && (place.column > SHEET_COLUMNS_MAX || count > SHEET_COLUMNS_MAX - *column))
        return fail_outside((struct reference){place.row, SHEET_COLUMNS_MAX + 1}, err);
    *column = count > SHEET_COLUMNS_MAX - *column ? SHEET_COLUMNS_MAX : *column + count;
    if (!added)
        return true;
    row_repeat(&rows->builder, count - 1);
    return add_repeated(rows, count - 1, err);
}

// At the start of a row, to its stop; its cells are in the builder then.
static bool read_cells(struct ods_rows *rows, struct err *err)
{
    struct scan *scan = rows->scan;
    const unsigned depth = scan->depth;
    uint32_t column = 0;
    row_clear(&rows->builder);
    while (scan_next(scan, err)) {
        if (scan->kind == SCAN_STOP && scan->depth == depth)
            return true;
        if (scan->kind != SCAN_START)
            continue;
        const bool is_cell = scan_is(scan, "table-cell") || scan_is(scan, "covered-table-cell");
        if (is_cell ? !read_cell(rows, &column, err) : !scan_skip(scan, err))
            return false;
    }
    return false;
}

static bool is_hidden(const struct scan *scan)
{
    const struct text visibility = scan_attribute(scan, "visibility");
    return text_is(visibility, "collapse") || text_is(visibility, "filter");
}

static bool read_row(struct ods_rows *rows, struct err *err)
{
    const uint32_t count = count_of(rows->scan, "number-rows-repeated");
    const uint32_t room = SHEET_ROWS_MAX - rows->number;
    rows->row.hidden = is_hidden(rows->scan);
    if (!read_cells(rows, err))
        return false;
    const size_t cells = rows->builder.count;
    if (cells && count > room)
        return fail_outside((struct reference){SHEET_ROWS_MAX + 1, rows->builder.cells[0].column}, err);
    if (!add_repeated(rows, (uint64_t)(count - 1) * cells, err))
        return false;
    rows->left = count > room ? room : count;
    if (!cells && !rows->row.hidden) {
        rows->number += rows->left;
        rows->left = 0;
    }
    row_finish(&rows->builder, &rows->row);
    return true;
}

static bool read_column(struct ods_rows *rows, struct err *err)
{
    const uint32_t count = count_of(rows->scan, "number-columns-repeated");
    const uint32_t first = rows->column + 1, room = SHEET_COLUMNS_MAX - rows->column;
    rows->column += count > room ? room : count;
    return first > rows->column || !is_hidden(rows->scan) ||
           spans_add(&rows->hidden, first, rows->column, err);
}

// Parts of a page that only hold rows or columns together.
static bool is_group(const struct scan *scan)
{
    static const char *const groups[] = {"table-rows",    "table-header-rows",    "table-row-group",
                                         "table-columns", "table-header-columns", "table-column-group"};
    for (size_t i = 0; i < COUNT_OF(groups); i++)
        if (scan_is(scan, groups[i]))
            return true;
    return false;
}

// To the next row: the scan stands at its start then, unless the page is over.
static bool find_row(struct ods_rows *rows, struct err *err)
{
    struct scan *scan = rows->scan;
    while (scan_next(scan, err)) {
        if (scan->kind == SCAN_STOP && scan->depth == rows->depth) {
            rows->over = true;
            return true;
        }
        if (scan_is(scan, "table-row"))
            return true;
        if (scan_is(scan, "table-column") && !read_column(rows, err))
            return false;
        if (scan->kind == SCAN_START && !is_group(scan) && !scan_skip(scan, err))
            return false;
    }
    return false;
}

bool ods_rows_next(void *state, const struct sheet_row **row, struct err *err)
{
    struct ods_rows *rows = state;
    *row = NULL;
    while (!rows->left && !rows->over) {
        if (!rows->at_row && !find_row(rows, err))
            return false;
        rows->at_row = false;
        if (!rows->over && !read_row(rows, err))
            return false;
    }
    if (!rows->left)
        return true;
    rows->left--;
    rows->row.number = ++rows->number;
    *row = &rows->row;
    return true;
}

static bool find_page(struct ods_rows *rows, size_t page, struct err *err)
{
    bool good = true;
    while (scan_next_in(rows->scan, &good, err)) {
        if (!ods_is_page(rows->scan))
            continue;
        rows->depth = rows->scan->depth;
        if (page-- == 0) {
            rows->at_row = find_row(rows, err);
            return rows->at_row;
        }
        if (!scan_skip(rows->scan, err))
            return false;
    }
    rows->over = true;
    return good;
}

bool ods_rows_open(void **out, void *state, size_t page, enum rows_with with, struct err *err)
{
    struct ods_rows *rows = xcalloc(1, sizeof *rows);
    rows->builder = row_new();
    rows->how = (struct ods_reading){with, ((const struct ods *)state)->first_day};
    if (!ods_scan_open(&rows->scan, state, err) || !find_page(rows, page, err)) {
        ods_rows_free(rows);
        return false;
    }
    *out = rows;
    return true;
}

void ods_rows_free(void *state)
{
    struct ods_rows *rows = state;
    if (!rows)
        return;
    scan_free(rows->scan);
    row_dispose(&rows->builder);
    spans_dispose(&rows->hidden);
    xfree(rows->merged);
    xfree(rows);
}

size_t ods_rows_merged(const void *state, const struct range **ranges)
{
    const struct ods_rows *rows = state;
    *ranges = rows->merged;
    return rows->merged_count;
}

const struct spans *ods_rows_hidden_columns(const void *state)
{
    return &((const struct ods_rows *)state)->hidden;
}
