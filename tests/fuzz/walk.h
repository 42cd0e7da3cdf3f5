// What every reader of spreadsheets must keep, whatever the file says. For fuzz targets.
#ifndef RENKI_FUZZ_WALK_H
#define RENKI_FUZZ_WALK_H

#include "support/book.h"

enum { WALK_ROWS_MAX = 2000, WALK_PAGES_MAX = 3 };

static inline void walk_row(const struct sheet_row *row)
{
    uint32_t column = 0;
    require(row->number >= 1);
    for (size_t i = 0; i < row->count; i++) {
        const struct cell *cell = &row->cells[i];
        require(cell->column > column && (cell->kind != CELL_EMPTY || cell->formula.length));
        require(text_is_utf8(cell->text));
        require(cell->kind != CELL_DATE || cell->form >= CELL_TIME || date_valid(cell->moment.date));
        column = cell->column;
    }
    require(row->count == 0 || column <= SHEET_COLUMNS_MAX);
}

static inline void walk_page(struct book *book, size_t page, enum rows_with with)
{
    struct err err;
    const struct sheet_row *row;
    uint32_t number = 0;
    SCOPED(book_rows)
    rows = NULL;
    if (!book_rows_open(&rows, book, page, with, &err))
        return;
    for (size_t count = 0; count < WALK_ROWS_MAX && book_rows_next(rows, &row, &err) && row; count++) {
        require(row->number > number || book_format(book) == BOOK_XLSX); // whose rows come as they stand
        number = row->number;
        walk_row(row);
    }
}

static inline void walk_names(struct book *book)
{
    struct err err;
    struct range body;
    const struct tables *tables;
    const struct names *names = book_names(book);
    for (size_t i = 0; i < names->count; i++)
        require(!names->items[i].is_range || (names->items[i].page < book_page_count(book) &&
                                              names->items[i].range.last.row <= SHEET_ROWS_MAX));
    if (!book_tables(book, &tables, &err))
        return;
    for (size_t i = 0; i < tables->count; i++)
        require(!table_body(&tables->items[i], &body) || body.first.row <= body.last.row);
}

// Opens the bytes as whatever they are and reads the first pages.
static inline void walk_file(struct text bytes)
{
    struct err err;
    SCOPED(book)
    book = NULL;
    if (!book_open(&book, file_of(bytes), "fuzz", &(struct csv_options){.lenient = true}, &err))
        return;
    for (size_t i = 0; i < book_page_count(book); i++) {
        require(text_is_utf8(text_from(book_page(book, i)->name)));
        if (i < WALK_PAGES_MAX)
            walk_page(book, i, i % 2 ? ROWS_WITH_VALUES : ROWS_WITH_FORMULAS);
    }
    walk_names(book);
}

#endif
