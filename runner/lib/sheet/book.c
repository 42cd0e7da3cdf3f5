// See book.h. Runs in the worker.
#include "lib/sheet/book.h"
#include "lib/sheet/detect.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COUNT_CHUNK_BYTES = 256 << 10 };

struct book {
    enum book_format format;
    struct workbook *workbook; // BOOK_XLSX
    int descriptor;            // BOOK_CSV, else -1
    struct csv_options options;
    char *encoding, *comment;
    struct page page;
};

struct book_rows {
    struct book *book;
    struct workbook_rows *workbook;
    struct csv_reader *csv;
    struct cell *cells;
    size_t capacity;
    struct sheet_row row;
};

/* ---- opening --------------------------------------------------------------------------------------------------------- */

static void keep_options(struct book *book, const struct csv_options *options)
{
    book->options = *options;
    book->encoding = options->encoding ? xstrdup(options->encoding) : NULL;
    book->comment = options->dialect.comment ? xstrdup(options->dialect.comment) : NULL;
    book->options.encoding = book->encoding;
    book->options.dialect.comment = book->comment;
}

bool book_open(struct book **out, int descriptor, const char *name, const struct csv_options *options,
               struct err *err)
{
    enum detected detected;
    SCOPED(book)
    book = xcalloc(1, sizeof *book);
    book->descriptor = descriptor;
    keep_options(book, options);
    if (!detect_file(&detected, descriptor, err))
        return false;
    if (detected == DETECTED_TEXT) {
        book->format = BOOK_CSV;
        book->page = (struct page){.name = xstrdup(name), .has_cells = true};
    } else {
        book->format = BOOK_XLSX;
        book->descriptor = -1;
        if (!workbook_open_file(&book->workbook, descriptor, err))
            return false;
    }
    *out = STEAL(book);
    return true;
}

void book_free(struct book *book)
{
    if (!book)
        return;
    workbook_free(book->workbook);
    if (book->descriptor >= 0)
        close(book->descriptor);
    xfree(book->page.name);
    xfree(book->encoding);
    xfree(book->comment);
    xfree(book);
}

/* ---- pages ----------------------------------------------------------------------------------------------------------- */

enum book_format book_format(const struct book *book)
{
    return book->format;
}

size_t book_page_count(const struct book *book)
{
    return book->format == BOOK_XLSX ? workbook_page_count(book->workbook) : 1;
}

const struct page *book_page(const struct book *book, size_t index)
{
    return book->format == BOOK_XLSX ? workbook_page(book->workbook, index) : &book->page;
}

size_t book_first_page(const struct book *book)
{
    for (size_t i = 0; i < book_page_count(book); i++) {
        const struct page *page = book_page(book, i);
        if (page->has_cells && page->visibility == PAGE_VISIBLE)
            return i;
    }
    return 0;
}

bool book_find_page(const struct book *book, struct text name, size_t *index)
{
    for (size_t i = 0; i < book_page_count(book); i++)
        if (text_is(name, book_page(book, i)->name)) {
            *index = i;
            return true;
        }
    for (size_t i = 0; i < book_page_count(book); i++)
        if (text_equal_ascii_case(text_trim(name), text_from(book_page(book, i)->name))) {
            *index = i;
            return true;
        }
    return false;
}

bool book_describe(struct book *book, struct buf *out, struct err *err)
{
    SCOPED(csv_reader)
    reader = NULL;
    if (book->format == BOOK_XLSX)
        return buf_append_string(out, "xlsx") || fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
    if (!csv_reader_open_file(&reader, book->descriptor, &book->options, err))
        return false;
    const struct csv_found *found = csv_reader_found(reader);
    static const char *const decimals[] = {[CSV_DECIMAL_UNKNOWN] = "",
                                           [CSV_DECIMAL_POINT] = ", decimal point",
                                           [CSV_DECIMAL_COMMA] = ", decimal comma"};
    const char delimiter[] = {found->dialect.delimiter, '\0'};
    const bool done =
        buf_printf(out, "csv, %s, delimiter %s%s", found->encoding,
                   found->dialect.delimiter == '\t' ? "tab" : delimiter, decimals[found->decimal]);
    return done || fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
}

bool book_decimal(struct book *book, enum csv_decimal *out, struct err *err)
{
    SCOPED(csv_reader)
    reader = NULL;
    *out = CSV_DECIMAL_UNKNOWN;
    if (book->format != BOOK_CSV)
        return true;
    if (!csv_reader_open_file(&reader, book->descriptor, &book->options, err))
        return false;
    *out = csv_reader_found(reader)->decimal;
    return true;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

bool book_rows_open(struct book_rows **out, struct book *book, size_t page, struct err *err)
{
    SCOPED(book_rows)
    rows = xcalloc(1, sizeof *rows);
    rows->book = book;
    if (book->format == BOOK_XLSX ? !workbook_rows_open(&rows->workbook, book->workbook, page, err)
                                  : !csv_reader_open_file(&rows->csv, book->descriptor, &book->options, err))
        return false;
    *out = STEAL(rows);
    return true;
}

void book_rows_free(struct book_rows *rows)
{
    if (!rows)
        return;
    workbook_rows_free(rows->workbook);
    csv_reader_free(rows->csv);
    xfree(rows->cells);
    xfree(rows);
}

static void convert_csv(struct book_rows *rows, const struct csv_row *csv)
{
    size_t count = 0;
    if (csv->count > rows->capacity) {
        rows->capacity = csv->count;
        rows->cells = xreallocarray(rows->cells, rows->capacity, sizeof *rows->cells);
    }
    for (size_t i = 0; i < csv->count; i++)
        if (csv->cells[i].length)
            rows->cells[count++] =
                (struct cell){.column = (uint32_t)i + 1, .kind = CELL_TEXT, .text = csv->cells[i]};
    rows->row = (struct sheet_row){.cells = rows->cells, .count = count};
    rows->row.number = csv->line > UINT32_MAX ? UINT32_MAX : (uint32_t)csv->line;
}

bool book_rows_next(struct book_rows *rows, const struct sheet_row **row, struct err *err)
{
    const struct csv_row *csv;
    if (rows->workbook)
        return workbook_rows_next(rows->workbook, row, err);
    if (!csv_reader_next(rows->csv, &csv, err))
        return false;
    if (csv)
        convert_csv(rows, csv);
    *row = csv ? &rows->row : NULL;
    return true;
}

// Line ends in the file: some may stand inside cells, so it is an upper bound.
static uint32_t count_lines(const struct book *book, char line_end)
{
    SCOPED_TEXT char *chunk = xmalloc(COUNT_CHUNK_BYTES);
    uint32_t lines = 0;
    ssize_t got;
    for (off_t at = 0; (got = pread(book->descriptor, chunk, COUNT_CHUNK_BYTES, at)) > 0; at += got)
        for (const char *c = chunk, *end = chunk + got; (c = memchr(c, line_end, (size_t)(end - c))); c++)
            lines++;
    return lines;
}

uint32_t book_rows_estimate(const struct book_rows *rows)
{
    if (rows->workbook)
        return workbook_rows_estimate(rows->workbook);
    return count_lines(rows->book,
                       csv_reader_found(rows->csv)->dialect.line_end == CSV_LINE_END_CR ? '\r' : '\n');
}

size_t book_rows_problems(const struct book_rows *rows, const struct csv_problem **problems)
{
    *problems = NULL;
    return rows->csv ? csv_reader_problems(rows->csv, problems) : 0;
}
