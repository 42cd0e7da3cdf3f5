// The whole, or one page, as one JSON object (viewer.h). Runs in the viewer.
//
//   { "format": "xlsx", "date_system": 1900, "pages": [ { "name", "visibility", "cells": { "A1": ["n", 1.5] }, "merged" } ] }
//   { "format": "csv", "encoding", "delimiter", "decimal", "rows": [ ["text"] ] }
//
// A cell is ["s", text], ["n", number], ["b", true or false], ["e", "#N/A"] or ["d", serial or null, reading]. Numbers
// have the digits of the file: none goes through a float.
#include "viewer/viewer.h"

#include "lib/sheet/number.h"
#include "lib/sheet/serial.h"

enum { DAY_MS = 86400000 };

static bool flush(struct view *view, const struct json_writer *writer, struct err *err)
{
    return writer->failed ? fail(err, ERR_LIMIT_PASSED, "cell", N(VIEW_OUT_MAX))
                          : view_flush(view, false, err);
}

// XML Schema's numbers may begin with "+", have zeros in front, and lack digits on one side of the point.
static struct text json_number(char out[SHEET_NUMBER_BYTES_MAX + 4], struct text written)
{
    size_t at = 0, length = 0;
    if (written.data[at] == '-')
        out[length++] = '-';
    at += written.data[at] == '-' || written.data[at] == '+';
    while (at + 1 < written.length && written.data[at] == '0' && written.data[at + 1] >= '0' &&
           written.data[at + 1] <= '9')
        at++;
    if (written.data[at] == '.')
        out[length++] = '0';
    for (; at < written.length; at++) {
        const bool digit_next =
            at + 1 < written.length && written.data[at + 1] >= '0' && written.data[at + 1] <= '9';
        if (written.data[at] != '.' || digit_next)
            out[length++] = written.data[at];
    }
    return text_of(out, length);
}

static void write_number(struct json_writer *writer, struct text written)
{
    char room[SHEET_NUMBER_BYTES_MAX + 4];
    const struct text number = text_trim(written);
    json_write_number_text(writer, json_number(room, number));
}

// Null where the file has a date as ISO 8601 text only; a span of time counts days all the same.
static void write_serial(struct json_writer *writer, const struct cell *cell)
{
    if (cell->text.length)
        write_number(writer, cell->text);
    else if (cell->form == CELL_TIME || cell->form == CELL_ELAPSED)
        json_write_double(writer, (double)cell->elapsed_ms / DAY_MS);
    else
        json_write_null(writer);
}

static void write_cell(struct json_writer *writer, const struct cell *cell)
{
    static const char *const letters[] = {[CELL_EMPTY] = "s",   [CELL_TEXT] = "s", [CELL_NUMBER] = "n",
                                          [CELL_BOOLEAN] = "b", [CELL_DATE] = "d", [CELL_ERROR] = "e"};
    char reading[SERIAL_TEXT_SIZE];
    json_begin_array(writer);
    json_write_string(writer, letters[cell->kind]);
    switch (cell->kind) {
    case CELL_NUMBER:
        write_number(writer, cell->text);
        break;
    case CELL_BOOLEAN:
        json_write_boolean(writer, cell->boolean);
        break;
    case CELL_DATE:
        write_serial(writer, cell);
        json_write_string(writer, serial_reading(reading, cell));
        break;
    case CELL_EMPTY:
    case CELL_TEXT:
    case CELL_ERROR:
        json_write_text(writer, cell->text);
        break;
    }
    json_end_array(writer);
}

typedef void (*write_row_function)(struct json_writer *writer, const struct sheet_row *row);

static void write_cells(struct json_writer *writer, const struct sheet_row *row)
{
    char place[REFERENCE_TEXT_SIZE];
    for (size_t i = 0; i < row->count; i++) {
        json_write_key(writer, reference_text(place, (struct reference){row->number, row->cells[i].column}));
        write_cell(writer, &row->cells[i]);
    }
}

static void write_texts(struct json_writer *writer, const struct sheet_row *row)
{
    size_t next = 0;
    json_begin_array(writer);
    for (uint32_t column = 1; column <= row->width; column++) {
        const bool here = next < row->count && row->cells[next].column == column;
        json_write_text(writer, here ? row->cells[next].text : TEXT_OF(""));
        next += here;
    }
    json_end_array(writer);
}

static bool write_rows(struct view *view, struct json_writer *writer, struct book_rows *rows,
                       write_row_function write, struct err *err)
{
    const struct sheet_row *row;
    for (int64_t count = 0; view->rows_most < 0 || count < view->rows_most; count++) {
        if (!book_rows_next(rows, &row, err))
            return false;
        if (!row)
            return true;
        write(writer, row);
        if (!flush(view, writer, err))
            return false;
    }
    do // merged ranges stand behind the rows, and so does damage
        if (!book_rows_next(rows, &row, err))
            return false;
    while (row);
    return true;
}

static bool write_merged(struct view *view, struct json_writer *writer, const struct book_rows *rows,
                         struct err *err)
{
    const struct range *ranges;
    const size_t count = book_rows_merged(rows, &ranges);
    json_write_key(writer, "merged");
    json_begin_array(writer);
    for (size_t i = 0; i < count; i++) {
        char both[RANGE_TEXT_SIZE];
        json_write_string(writer, range_text(both, ranges[i]));
        if (!flush(view, writer, err))
            return false;
    }
    json_end_array(writer);
    return true;
}

static bool write_page(struct view *view, struct json_writer *writer, size_t index, struct err *err)
{
    static const char *const states[] = {
        [PAGE_VISIBLE] = "visible", [PAGE_HIDDEN] = "hidden", [PAGE_VERY_HIDDEN] = "veryHidden"};
    const struct page *page = book_page(view->book, index);
    SCOPED(book_rows)
    rows = NULL;
    if (!book_rows_open(&rows, view->book, index, ROWS_WITH_VALUES, err))
        return false;
    json_begin_object(writer);
    json_write_key(writer, "name");
    json_write_lossy(writer, text_from(page->name));
    json_write_key(writer, "visibility");
    json_write_string(writer, states[page->visibility]);
    json_write_key(writer, "cells");
    json_begin_object(writer);
    if (!write_rows(view, writer, rows, write_cells, err))
        return false;
    json_end_object(writer);
    if (!write_merged(view, writer, rows, err))
        return false;
    json_end_object(writer);
    return flush(view, writer, err);
}

static bool write_workbook(struct view *view, struct json_writer *writer, struct err *err)
{
    size_t first = 0, last = book_page_count(view->book);
    if (view->page.length) {
        if (!view_page(view, &first, err))
            return false;
        last = first + 1;
    }
    json_write_key(writer, "date_system");
    json_write_integer(writer, book_is_1904(view->book) ? 1904 : 1900);
    json_write_key(writer, "pages");
    json_begin_array(writer);
    for (size_t i = first; i < last; i++)
        if (!write_page(view, writer, i, err))
            return err_note(err, "%s", book_page(view->book, i)->name);
    json_end_array(writer);
    return true;
}

static bool write_text_table(struct view *view, struct json_writer *writer, struct err *err)
{
    static const char *const marks[] = {
        [CSV_DECIMAL_UNKNOWN] = NULL, [CSV_DECIMAL_POINT] = ".", [CSV_DECIMAL_COMMA] = ","};
    const char delimiter[] = {view->found.dialect.delimiter, '\0'};
    SCOPED(book_rows)
    rows = NULL;
    if (!book_rows_open(&rows, view->book, 0, ROWS_WITH_VALUES, err))
        return false;
    json_write_key(writer, "encoding");
    json_write_string(writer, view->found.encoding);
    json_write_key(writer, "delimiter");
    json_write_string(writer, delimiter);
    json_write_key(writer, "decimal");
    json_write_string(writer, marks[view->found.decimal]);
    json_write_key(writer, "rows");
    json_begin_array(writer);
    if (!write_rows(view, writer, rows, write_texts, err))
        return false;
    json_end_array(writer);
    return true;
}

bool show_json(struct view *view, struct err *err)
{
    struct json_writer writer = json_writer_new(&view->out);
    size_t page;
    if (!view_page(view, &page, err))
        return false;
    json_begin_object(&writer);
    json_write_key(&writer, "format");
    json_write_string(&writer, book_format_name(view->book));
    if (!(book_format(view->book) == BOOK_CSV ? write_text_table : write_workbook)(view, &writer, err))
        return false;
    json_end_object(&writer);
    require(json_writer_done(&writer) && buf_append_char(&view->out, '\n'));
    return view_flush(view, true, err) && view_done(view, err);
}
