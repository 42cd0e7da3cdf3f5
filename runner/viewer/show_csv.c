// One page as CSV by RFC 4180, UTF-8 (viewer.h). Runs in the viewer.
//
// A page of a workbook is read twice: how wide it is shows only at its end, and what is damaged is refused before
// anything is written. The rows of a text table keep the cells they have.
#include "viewer/viewer.h"

#include "lib/csv/writer.h"

struct page_csv {
    struct csv_writer writer;
    struct buf cell;
    uint32_t width;  // of the page; 0 where each row has its own
    uint32_t number; // of the row written last
};

static bool measure(uint32_t *width, const struct view *view, size_t page, struct err *err)
{
    const struct sheet_row *row;
    SCOPED(book_rows)
    rows = NULL;
    *width = 0;
    if (!book_rows_open(&rows, view->book, page, ROWS_WITH_VALUES, err))
        return false;
    for (int64_t count = 0; view->rows_most < 0 || count < view->rows_most; count++) {
        if (!book_rows_next(rows, &row, err))
            return false;
        if (!row)
            break;
        const uint32_t last = row->count ? row->cells[row->count - 1].column : 0;
        *width = last > *width ? last : *width;
    }
    return true;
}

static bool write_cell(struct page_csv *page, const struct cell *cell)
{
    buf_clear(&page->cell);
    return !cell ? csv_write_text(&page->writer, TEXT_OF(""))
                 : kind_text(&page->cell, cell) && csv_write_text(&page->writer, buf_text(&page->cell));
}

static bool write_row(struct page_csv *page, const struct sheet_row *row)
{
    const uint32_t width = page->width ? page->width : row->width;
    size_t next = 0;
    for (uint32_t column = 1; column <= width; column++) {
        const bool here = next < row->count && row->cells[next].column == column;
        if (!write_cell(page, here ? &row->cells[next] : NULL))
            return false;
        next += here;
    }
    return csv_write_row_end(&page->writer);
}

// Rows without cells that stand between those with some.
static bool write_gap(struct view *view, struct page_csv *page, uint32_t until, struct err *err)
{
    for (; page->width && page->number + 1 < until; page->number++)
        if (!csv_write_row_end(&page->writer) || !view_flush(view, false, err))
            return false;
    page->number = until;
    return true;
}

static bool write_rows(struct view *view, struct page_csv *page, size_t index, struct err *err)
{
    const struct sheet_row *row;
    SCOPED(book_rows)
    rows = NULL;
    if (!book_rows_open(&rows, view->book, index, ROWS_WITH_VALUES, err))
        return false;
    for (int64_t count = 0; view->rows_most < 0 || count < view->rows_most; count++) {
        if (!book_rows_next(rows, &row, err))
            return false;
        if (!row)
            break;
        if (!write_gap(view, page, row->number, err))
            return false;
        if (!write_row(page, row))
            return fail(err, ERR_LIMIT_PASSED, "row", N(VIEW_OUT_MAX));
        if (!view_flush(view, false, err))
            return false;
    }
    return view_flush(view, true, err);
}

bool show_csv(struct view *view, struct err *err)
{
    size_t index;
    struct page_csv page = {.writer = csv_writer_new(&view->out), .cell = buf_new(VIEW_OUT_MAX)};
    page.writer.raw = true;
    if (!view_page(view, &index, err) ||
        (book_format(view->book) != BOOK_CSV && !measure(&page.width, view, index, err)))
        return false;
    const bool done = write_rows(view, &page, index, err) && view_done(view, err);
    buf_dispose(&page.cell);
    return done;
}
