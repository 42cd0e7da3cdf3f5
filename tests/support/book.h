// Spreadsheets for tests: bytes as a file, and a page's cells as one line of text.
#ifndef RENKI_TESTS_BOOK_H
#define RENKI_TESTS_BOOK_H

#include "lib/sheet/book.h"
#include "lib/sheet/serial.h"

#include <sys/mman.h>
#include <unistd.h>

// A file of its own with these bytes.
static inline int file_of(struct text bytes)
{
    const int file = memfd_create("test", MFD_CLOEXEC);
    require(file >= 0 && write(file, bytes.data, bytes.length) == (ssize_t)bytes.length);
    return file;
}

// Appends a page as "A1=s:text;B1=n:12.3;…", then merged ranges as "[A1:B2]". Takes the file.
static inline bool page_text(struct buf *out, int file, size_t page, struct err *err)
{
    static const char kinds[] = {[CELL_EMPTY] = ' ',   [CELL_TEXT] = 's', [CELL_NUMBER] = 'n',
                                 [CELL_BOOLEAN] = 'b', [CELL_DATE] = 'd', [CELL_ERROR] = 'e'};
    const struct csv_options options = {.dialect = {.quote = '"'}};
    const struct sheet_row *row = NULL;
    const struct range *merged;
    char place[REFERENCE_TEXT_SIZE], last[REFERENCE_TEXT_SIZE], reading[SERIAL_TEXT_SIZE];
    SCOPED(book)
    book = NULL;
    SCOPED(book_rows)
    rows = NULL;
    if (!book_open(&book, file, "test", &options, err) ||
        !book_rows_open(&rows, book, page, ROWS_WITH_VALUES, err))
        return false;
    do {
        if (!book_rows_next(rows, &row, err))
            return false;
        for (size_t i = 0; row && i < row->count; i++) {
            const struct cell *cell = &row->cells[i];
            const struct text text = cell->kind == CELL_DATE      ? text_from(serial_reading(reading, cell))
                                     : cell->kind == CELL_BOOLEAN ? text_from(cell->boolean ? "yes" : "no")
                                                                  : cell->text;
            require(buf_printf(
                out, "%s=%c:%.*s%s;", reference_text(place, (struct reference){row->number, cell->column}),
                kinds[cell->kind], (int)text.length, text.data, row->hidden ? "(hidden)" : ""));
        }
    } while (row);
    for (size_t i = 0, count = book_rows_merged(rows, &merged); i < count; i++)
        require(buf_printf(out, "[%s:%s]", reference_text(place, merged[i].first),
                           reference_text(last, merged[i].last)));
    return true;
}

#endif
