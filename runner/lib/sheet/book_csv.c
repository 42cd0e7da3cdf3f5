// CSV as a book of one page (book_format.h). Runs in the worker.
#include "lib/sheet/book_format.h"

#include <stdio.h>
#include <unistd.h>

enum { COUNT_CHUNK_BYTES = 256 << 10 };

struct text_book {
    int descriptor;
    struct csv_options options;
    char *encoding, *comment;
    struct page page;
};

struct text_rows {
    const struct text_book *book;
    struct csv_reader *reader;
    struct cell *cells;
    size_t capacity;
    struct sheet_row row;
};

/* ---- the book -------------------------------------------------------------------------------------------------------- */

static bool open_book(void **state, struct book_source *source, struct err *err)
{
    struct text_book *book = xcalloc(1, sizeof *book);
    (void)err;
    book->descriptor = source->descriptor;
    source->descriptor = -1;
    book->options = *source->options;
    book->encoding = book->options.encoding ? xstrdup(book->options.encoding) : NULL;
    book->comment = book->options.dialect.comment ? xstrdup(book->options.dialect.comment) : NULL;
    book->options.encoding = book->encoding;
    book->options.dialect.comment = book->comment;
    book->page = (struct page){.name = xstrdup(source->name), .has_cells = true};
    *state = book;
    return true;
}

static void free_book(void *state)
{
    struct text_book *book = state;
    if (!book)
        return;
    close(book->descriptor);
    xfree(book->page.name);
    xfree(book->encoding);
    xfree(book->comment);
    xfree(book);
}

static size_t page_count(const void *state)
{
    (void)state;
    return 1;
}

static const struct page *page_at(const void *state, size_t index)
{
    require(index == 0);
    return &((const struct text_book *)state)->page;
}

static bool find(void *state, struct csv_found *found, struct err *err)
{
    const struct text_book *book = state;
    SCOPED(csv_reader)
    reader = NULL;
    if (!csv_reader_open_file(&reader, book->descriptor, &book->options, err))
        return false;
    *found = *csv_reader_found(reader);
    return true;
}

// What a delimiter or quote is called in a line for people.
static void name_sign(char out[16], char sign)
{
    if (sign == '\t')
        snprintf(out, 16, "tab");
    else if (sign > ' ' && sign < '\x7f')
        snprintf(out, 16, "%c", sign);
    else
        snprintf(out, 16, "ASCII %d", sign);
}

static bool describe_found(struct buf *out, const struct csv_found *found)
{
    static const char *const decimals[] = {[CSV_DECIMAL_UNKNOWN] = "",
                                           [CSV_DECIMAL_POINT] = ", decimal point",
                                           [CSV_DECIMAL_COMMA] = ", decimal comma"};
    static const char *const thousands[] = {
        [CSV_THOUSANDS_UNKNOWN] = "",
        [CSV_THOUSANDS_SPACE] = ", thousands space",
        [CSV_THOUSANDS_POINT] = ", thousands point",
        [CSV_THOUSANDS_COMMA] = ", thousands comma",
        [CSV_THOUSANDS_APOSTROPHE] = ", thousands apostrophe",
    };
    char delimiter[16], quote[16];
    name_sign(delimiter, found->dialect.delimiter);
    name_sign(quote, found->dialect.quote);
    if (!buf_printf(out, "csv, %s, ", found->encoding) ||
        !(found->single ? buf_append_string(out, "one column") : buf_printf(out, "delimiter %s", delimiter)))
        return false;
    if (found->dialect.quote != '"' && !(found->dialect.quote ? buf_printf(out, ", quote %s", quote)
                                                              : buf_append_string(out, ", no quotes")))
        return false;
    if (found->dialect.escape && !buf_printf(out, ", escape %c", found->dialect.escape))
        return false;
    if (found->dialect.line_end == CSV_LINE_END_CR && !buf_append_string(out, ", CR lines"))
        return false;
    if (found->header > 1 && !buf_printf(out, ", header on line %zu", found->header))
        return false;
    return buf_append_string(out, decimals[found->decimal]) &&
           buf_append_string(out, thousands[found->thousands]);
}

static bool describe(void *state, struct buf *out, struct err *err)
{
    const struct text_book *book = state;
    SCOPED(csv_reader)
    reader = NULL;
    return csv_reader_open_file(&reader, book->descriptor, &book->options, err) &&
           csv_reader_settle(reader, err) &&
           (describe_found(out, csv_reader_found(reader)) ||
            fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum)));
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

static void free_rows(void *state)
{
    struct text_rows *rows = state;
    if (!rows)
        return;
    csv_reader_free(rows->reader);
    xfree(rows->cells);
    xfree(rows);
}

static bool open_rows(void **out, void *state, size_t page, enum rows_with with, struct err *err)
{
    const struct text_book *book = state;
    struct csv_reader *reader;
    (void)page;
    (void)with;
    if (!csv_reader_open_file(&reader, book->descriptor, &book->options, err))
        return false;
    struct text_rows *rows = xcalloc(1, sizeof *rows);
    rows->book = book;
    rows->reader = reader;
    *out = rows;
    return true;
}

static void convert(struct text_rows *rows, const struct csv_row *csv)
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
    rows->row = (struct sheet_row){.cells = rows->cells, .count = count, .width = (uint32_t)csv->count};
    rows->row.number = csv->line > UINT32_MAX ? UINT32_MAX : (uint32_t)csv->line;
}

static bool next_row(void *state, const struct sheet_row **row, struct err *err)
{
    struct text_rows *rows = state;
    const struct csv_row *csv;
    if (!csv_reader_next(rows->reader, &csv, err))
        return false;
    if (csv)
        convert(rows, csv);
    *row = csv ? &rows->row : NULL;
    return true;
}

// Line ends in the file: some may stand inside cells, so it is an upper bound.
static uint32_t estimate(const void *state)
{
    const struct text_rows *rows = state;
    const char end = csv_reader_found(rows->reader)->dialect.line_end == CSV_LINE_END_CR ? '\r' : '\n';
    SCOPED_TEXT char *chunk = xmalloc(COUNT_CHUNK_BYTES);
    uint32_t lines = 0;
    ssize_t got;
    for (off_t at = 0; (got = pread(rows->book->descriptor, chunk, COUNT_CHUNK_BYTES, at)) > 0; at += got)
        for (const char *c = chunk, *last = chunk + got; (c = memchr(c, end, (size_t)(last - c))); c++)
            lines++;
    return lines;
}

static struct csv_reader *reader_of(const void *state)
{
    return ((const struct text_rows *)state)->reader;
}

static size_t problems_of(const void *state, const struct csv_problem **problems)
{
    return csv_reader_problems(((const struct text_rows *)state)->reader, problems);
}

const struct book_functions book_csv = {
    .format = BOOK_CSV,
    .name = "csv",
    .open = open_book,
    .free = free_book,
    .page_count = page_count,
    .page = page_at,
    .describe = describe,
    .found = find,
    .rows_open = open_rows,
    .rows_free = free_rows,
    .rows_next = next_row,
    .rows_estimate = estimate,
    .rows_csv = reader_of,
    .rows_problems = problems_of,
};
