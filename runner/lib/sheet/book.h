// One interface over the formats that are read: pages, and rows of cells. In the worker.
#ifndef RENKI_SHEET_BOOK_H
#define RENKI_SHEET_BOOK_H

#include "lib/csv/reader.h"
#include "lib/sheet/workbook.h"

enum book_format { BOOK_XLSX, BOOK_XLS, BOOK_ODS, BOOK_CSV };

struct book;
struct book_rows;

// Takes the descriptor, also on failure. `options` are for CSV; its page has the name `name`.
bool book_open(struct book **out, int descriptor, const char *name, const struct csv_options *options,
               struct err *err) MUST_CHECK;
void book_free(struct book *book);
DEFINE_SCOPED(book)

enum book_format book_format(const struct book *book);
bool book_has_macros(const struct book *book);         // they are never run
const char *book_format_name(const struct book *book); // "xlsx", "xlsm" with macros
bool book_is_1904(const struct book *book);            // whether its serial numbers count from 1904
size_t book_page_count(const struct book *book);
const struct page *book_page(const struct book *book, size_t index);
// The page that people see first: visible, with cells. 0 where there is none such.
size_t book_first_page(const struct book *book);
// By exact name, else without regard to case. False when there is none.
bool book_find_page(const struct book *book, struct text name, size_t *index) MUST_CHECK;
// "csv, windows-1252, delimiter ;" or "xlsm, with macros, which are not run": for people; tells also of a page that the
// file holds twice. False when the buffer is full.
bool book_describe(struct book *book, struct buf *out, struct err *err) MUST_CHECK;
// Encoding, delimiter and decimal mark of a CSV file; all zero for others.
bool book_found(struct book *book, struct csv_found *out, struct err *err) MUST_CHECK;
// Names of cells and ranges; none in CSV.
const struct names *book_names(const struct book *book);
// Tables that have a name; none in CSV. Borrowed from the book.
bool book_tables(struct book *book, const struct tables **out, struct err *err) MUST_CHECK;
// Merged ranges, hidden rows and columns. The page is read once for it; borrowed until it is asked for another page.
bool book_layout(struct book *book, size_t page, const struct layout **out, struct err *err) MUST_CHECK;

// A row of a page by its number, in any order (window.h): *row is NULL where it has no cells, *over tells that none
// follow it. Valid until the next call.
bool book_row(struct book *book, size_t page, uint32_t number, enum rows_with with,
              const struct sheet_row **row, bool *over, struct err *err) MUST_CHECK;

// Several readers of one book may be open; the book must live longer.
bool book_rows_open(struct book_rows **out, struct book *book, size_t page, enum rows_with with,
                    struct err *err) MUST_CHECK;
void book_rows_free(struct book_rows *rows);
DEFINE_SCOPED(book_rows)
// From then on only rows and cells inside `range` come.
void book_rows_bound(struct book_rows *rows, struct range range);
bool book_rows_next(struct book_rows *rows, const struct sheet_row **row, struct err *err) MUST_CHECK;
// Columns that are hidden; known from the start.
const struct spans *book_rows_hidden_columns(const struct book_rows *rows);
// About how many rows the page has, for a progress bar; 0 when that is not cheaply known.
uint32_t book_rows_estimate(const struct book_rows *rows);
// Merged ranges, complete after the last row. In each, only the first cell has content.
size_t book_rows_merged(const struct book_rows *rows, const struct range **ranges);
// The reader behind rows of CSV, by which they can be read without becoming cells; NULL for other formats. Borrowed.
struct csv_reader *book_rows_csv(const struct book_rows *rows);
// What a reader of CSV found wrong until now; none in other formats.
size_t book_rows_problems(const struct book_rows *rows, const struct csv_problem **problems);

#endif
