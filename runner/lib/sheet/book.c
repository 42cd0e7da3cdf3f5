// See book.h. Runs in the worker. Every format is a table of functions (book_format.h); this file finds the right one.
#include "lib/sheet/book_format.h"
#include "lib/sheet/detect.h"

#include <unistd.h>

struct book {
    const struct book_functions *functions;
    void *state;
};

struct book_rows {
    const struct book_functions *functions;
    void *state;
};

static const struct book_functions *const formats[] = {
    [DETECTED_PACKAGE] = &book_xlsx,
    [DETECTED_TEXT] = &book_csv,
};

/* ---- opening --------------------------------------------------------------------------------------------------------- */

static bool open_source(struct book *book, struct book_source *source, struct err *err)
{
    enum detected detected;
    if (!detect_file(&detected, source->descriptor, err))
        return false;
    if (detected == DETECTED_PACKAGE) {
        const int descriptor = source->descriptor;
        source->descriptor = -1;
        if (!package_open_file(&source->package, descriptor, err) || !detect_package(source->package, err))
            return false;
    }
    book->functions = formats[detected];
    return book->functions->open(&book->state, source, err);
}

bool book_open(struct book **out, int descriptor, const char *name, const struct csv_options *options,
               struct err *err)
{
    struct book_source source = {.descriptor = descriptor, .name = name, .options = options};
    SCOPED(book)
    book = xcalloc(1, sizeof *book);
    const bool good = open_source(book, &source, err);
    package_free(source.package);
    if (source.descriptor >= 0)
        close(source.descriptor);
    if (good)
        *out = STEAL(book);
    return good;
}

void book_free(struct book *book)
{
    if (!book)
        return;
    if (book->functions)
        book->functions->free(book->state);
    xfree(book);
}

/* ---- pages ----------------------------------------------------------------------------------------------------------- */

enum book_format book_format(const struct book *book)
{
    return book->functions->format;
}

bool book_is_1904(const struct book *book)
{
    return book->functions->is_1904 && book->functions->is_1904(book->state);
}

size_t book_page_count(const struct book *book)
{
    return book->functions->page_count(book->state);
}

const struct page *book_page(const struct book *book, size_t index)
{
    return book->functions->page(book->state, index);
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

const char *book_format_name(const struct book *book)
{
    return book->functions->name;
}

bool book_describe(struct book *book, struct buf *out, struct err *err)
{
    if (book->functions->describe)
        return book->functions->describe(book->state, out, err);
    return buf_append_string(out, book->functions->name) ||
           fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
}

bool book_decimal(struct book *book, enum csv_decimal *out, struct err *err)
{
    *out = CSV_DECIMAL_UNKNOWN;
    return !book->functions->decimal || book->functions->decimal(book->state, out, err);
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

bool book_rows_open(struct book_rows **out, struct book *book, size_t page, struct err *err)
{
    SCOPED(book_rows)
    rows = xcalloc(1, sizeof *rows);
    rows->functions = book->functions;
    if (!book->functions->rows_open(&rows->state, book->state, page, err))
        return false;
    *out = STEAL(rows);
    return true;
}

void book_rows_free(struct book_rows *rows)
{
    if (!rows)
        return;
    rows->functions->rows_free(rows->state);
    xfree(rows);
}

bool book_rows_next(struct book_rows *rows, const struct sheet_row **row, struct err *err)
{
    return rows->functions->rows_next(rows->state, row, err);
}

uint32_t book_rows_estimate(const struct book_rows *rows)
{
    return rows->functions->rows_estimate ? rows->functions->rows_estimate(rows->state) : 0;
}

size_t book_rows_merged(const struct book_rows *rows, const struct range **ranges)
{
    *ranges = NULL;
    return rows->functions->rows_merged ? rows->functions->rows_merged(rows->state, ranges) : 0;
}

size_t book_rows_problems(const struct book_rows *rows, const struct csv_problem **problems)
{
    *problems = NULL;
    return rows->functions->rows_problems ? rows->functions->rows_problems(rows->state, problems) : 0;
}
