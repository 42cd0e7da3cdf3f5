// The first rows for people (viewer.h): VIEW_FACTS, then a VIEW_ROW for each row that holds something, then VIEW_DONE.
// Runs in the viewer.
//
//   { "row": 12, "hidden": true, "cells": [ [1, "number", "12.3"], [3, "text", "Espoo"] ] }
//
// Only what fits a terminal leaves: long texts are cut here, wide pages too.
#include "viewer/viewer.h"

#include <stdlib.h>

enum { ROW_BYTES_MAX = 900000, PERCENT_PLACES = 2 };
#define PERCENT_MAX (INT64_MAX / 100)

// "25.5 %" of 0.255, digit by digit.
static bool percent_text(struct buf *out, struct sheet_number number)
{
    for (; number.places < PERCENT_PLACES; number.places++)
        number.coefficient *= 10;
    const int places = number.places - PERCENT_PLACES;
    const size_t start = out->length + (number.coefficient < 0);
    if (!buf_printf(out, "%s%0*lld", number.coefficient < 0 ? "-" : "", places + 1,
                    llabs(number.coefficient)))
        return false;
    SCOPED_BUF(fraction, SHEET_NUMBER_BYTES_MAX);
    const size_t whole = out->length - start - (size_t)places;
    if (places && !buf_append(&fraction, out->data + start + whole, (size_t)places))
        return false;
    out->length = start + whole;
    return buf_printf(out, "%s%s %%", places ? "." : "", buf_string(&fraction));
}

// As kind_text, but as a workbook shows it: percents, a blank between date and time.
static bool table_text(struct buf *out, const struct cell *cell)
{
    if (cell->kind == CELL_NUMBER && cell->percent && cell->small &&
        llabs(cell->number.coefficient) < PERCENT_MAX)
        return percent_text(out, cell->number);
    if (!kind_text(out, cell))
        return false;
    char *parting = cell->kind == CELL_DATE && out->length ? memchr(out->data, 'T', out->length) : NULL;
    if (parting)
        *parting = ' ';
    return true;
}

static bool write_cell(const struct view *view, struct json_writer *writer, struct buf *text,
                       const struct cell *cell)
{
    buf_clear(text);
    if (!table_text(text, cell))
        return false;
    const size_t length = text_utf8_floor(buf_text(text), VIEW_CELL_BYTES_MAX);
    json_begin_array(writer);
    json_write_integer(writer, cell->column);
    json_write_string(writer, kind_name(kind_of(view, cell)));
    json_write_text(writer, text_of(buf_string(text), length));
    json_end_array(writer);
    return true;
}

static bool send_row(struct view *view, struct buf *text, const struct sheet_row *row, struct err *err)
{
    struct json_writer writer = json_writer_new(&view->out);
    buf_clear(&view->out);
    json_begin_object(&writer);
    json_write_key(&writer, "row");
    json_write_integer(&writer, row->number);
    json_write_key(&writer, "hidden");
    json_write_boolean(&writer, row->hidden);
    json_write_key(&writer, "cells");
    json_begin_array(&writer);
    for (size_t i = 0; i < row->count && row->cells[i].column <= VIEW_COLUMNS_MAX; i++)
        if (!write_cell(view, &writer, text, &row->cells[i]))
            return fail(err, ERR_LIMIT_PASSED, "cell", N(VIEW_OUT_MAX));
    json_end_array(&writer);
    json_end_object(&writer);
    return json_writer_done(&writer) && view->out.length <= ROW_BYTES_MAX
               ? wire_send(view->cli, MESSAGE_OF(VIEW_ROW, .row = buf_text(&view->out)), err)
               : fail(err, ERR_LIMIT_PASSED, "row", N(ROW_BYTES_MAX));
}

static bool send_rows(struct view *view, size_t page, struct err *err)
{
    const struct sheet_row *row;
    SCOPED_BUF(text, VIEW_OUT_MAX);
    SCOPED(book_rows)
    rows = NULL;
    if (!book_rows_open(&rows, view->book, page, ROWS_WITH_VALUES, err))
        return false;
    for (int64_t count = 0; view->rows_most < 0 || count < view->rows_most;) {
        if (!book_rows_next(rows, &row, err))
            return false;
        if (!row)
            break;
        if (!row->count && !row->width)
            continue; // formatted, but empty
        if (!send_row(view, &text, row, err))
            return false;
        count++;
    }
    return true;
}

bool show_table(struct view *view, struct err *err)
{
    size_t page;
    return view_page(view, &page, err) && look_at(view, page, err) &&
           (!book_page_count(view->book) || send_rows(view, page, err)) && view_done(view, err);
}
