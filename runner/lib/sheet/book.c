// See book.h. Runs in the worker. Every format is a table of functions (book_format.h); this file finds the right one.
#include "lib/encoding/letters.h"
#include "lib/sheet/book_format.h"
#include "lib/sheet/detect.h"
#include "lib/sheet/window.h"

#include <unistd.h>

enum { WINDOWS_MAX = 4 };

struct book {
    const struct book_functions *functions;
    void *state;
    size_t layout_page; // whose layout is kept
    bool layout_done;
    struct layout layout;
    struct window *windows[WINDOWS_MAX]; // the latest first
};

struct book_rows {
    const struct book_functions *functions;
    void *state;
    bool bounded;
    struct range bounds;
    struct sheet_row row; // what is inside
};

static const struct book_functions *const formats[] = {
    [DETECTED_XLSX] = &book_xlsx, [DETECTED_ODS] = &book_ods,  [DETECTED_FLAT_ODS] = &book_ods,
    [DETECTED_XLS] = &book_xls,   [DETECTED_TEXT] = &book_csv,
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
        if (!package_open_file(&source->package, descriptor, err) ||
            !detect_package(&detected, source->package, err))
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
    for (size_t i = 0; i < WINDOWS_MAX; i++)
        window_free(book->windows[i]);
    layout_dispose(&book->layout);
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
        if (letters_same(text_trim(name), text_from(book_page(book, i)->name))) {
            *index = i;
            return true;
        }
    return false;
}

bool book_has_macros(const struct book *book)
{
    return book->functions->has_macros && book->functions->has_macros(book->state);
}

const char *book_format_name(const struct book *book)
{
    return book_has_macros(book) && book->functions->name_with_macros ? book->functions->name_with_macros
                                                                      : book->functions->name;
}

bool book_describe(struct book *book, struct buf *out, struct err *err)
{
    if (book->functions->describe)
        return book->functions->describe(book->state, out, err);
    const char *repeated = book->functions->repeated ? book->functions->repeated(book->state) : NULL;
    const bool done = buf_printf(out, "%s%s", book_format_name(book),
                                 book_has_macros(book) ? ", with macros, which are not run" : "") &&
                      (!repeated || buf_printf(out, ", %s is there twice: the later one counts", repeated));
    return done || fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
}

const struct names *book_names(const struct book *book)
{
    static const struct names none = {0};
    return book->functions->names ? book->functions->names(book->state) : &none;
}

bool book_tables(struct book *book, const struct tables **out, struct err *err)
{
    static const struct tables none = {0};
    *out = &none;
    return !book->functions->tables || book->functions->tables(book->state, out, err);
}

bool book_found(struct book *book, struct csv_found *out, struct err *err)
{
    *out = (struct csv_found){0};
    return !book->functions->found || book->functions->found(book->state, out, err);
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

bool book_rows_open(struct book_rows **out, struct book *book, size_t page, enum rows_with with,
                    struct err *err)
{
    SCOPED(book_rows)
    rows = xcalloc(1, sizeof *rows);
    rows->functions = book->functions;
    if (!book->functions->rows_open(&rows->state, book->state, page, with, err))
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

void book_rows_bound(struct book_rows *rows, struct range range)
{
    rows->bounded = true;
    rows->bounds = range;
}

static bool is_outside(const struct book_rows *rows, const struct sheet_row *row)
{
    return row->number < rows->bounds.first.row || row->number > rows->bounds.last.row;
}

static const struct sheet_row *cut_row(struct book_rows *rows, const struct sheet_row *row)
{
    const struct cell *cells = row->cells;
    size_t count = row->count;
    for (; count && cells->column < rows->bounds.first.column; cells++)
        count--;
    while (count && cells[count - 1].column > rows->bounds.last.column)
        count--;
    rows->row = *row;
    rows->row.cells = cells;
    rows->row.count = count;
    return &rows->row;
}

// To the page's end, also behind the bounds: rows may stand in any order.
bool book_rows_next(struct book_rows *rows, const struct sheet_row **row, struct err *err)
{
    do
        if (!rows->functions->rows_next(rows->state, row, err))
            return false;
    while (rows->bounded && *row && is_outside(rows, *row));
    if (rows->bounded && *row)
        *row = cut_row(rows, *row);
    return true;
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

struct csv_reader *book_rows_csv(const struct book_rows *rows)
{
    return rows->functions->rows_csv ? rows->functions->rows_csv(rows->state) : NULL;
}

size_t book_rows_problems(const struct book_rows *rows, const struct csv_problem **problems)
{
    *problems = NULL;
    return rows->functions->rows_problems ? rows->functions->rows_problems(rows->state, problems) : 0;
}

const struct spans *book_rows_hidden_columns(const struct book_rows *rows)
{
    static const struct spans none = {0};
    return rows->functions->rows_hidden_columns ? rows->functions->rows_hidden_columns(rows->state) : &none;
}

/* ---- layout ---------------------------------------------------------------------------------------------------------- */

static bool read_layout(struct layout *layout, struct book *book, size_t page, struct err *err)
{
    const struct sheet_row *row;
    const struct range *merged;
    SCOPED(book_rows)
    rows = NULL;
    if (!book_rows_open(&rows, book, page, ROWS_WITH_VALUES, err))
        return false;
    const struct spans *columns = book_rows_hidden_columns(rows);
    for (size_t i = 0; i < columns->count; i++)
        if (!spans_add(&layout->hidden_columns, columns->items[i].first, columns->items[i].last, err))
            return false;
    while (book_rows_next(rows, &row, err)) {
        if (!row) {
            layout->merged_count = book_rows_merged(rows, &merged);
            layout->merged = xcalloc(layout->merged_count + 1, sizeof *merged);
            memcpy(layout->merged, merged ? merged : layout->merged, layout->merged_count * sizeof *merged);
            spans_sort(&layout->hidden_rows);
            return true;
        }
        if (row->hidden && !spans_add(&layout->hidden_rows, row->number, row->number, err))
            return false;
    }
    return false;
}

bool book_layout(struct book *book, size_t page, const struct layout **out, struct err *err)
{
    if (!book->layout_done || book->layout_page != page) {
        layout_dispose(&book->layout);
        book->layout_page = page;
        book->layout_done = read_layout(&book->layout, book, page, err);
    }
    *out = &book->layout;
    return book->layout_done;
}

/* ---- rows in any order ------------------------------------------------------------------------------------------------ */

// The window of that page comes first, with formulas where they are asked for; the one that was not used for longest
// makes room.
static struct window *find_window(struct book *book, size_t page, enum rows_with with)
{
    size_t at = 0;
    while (at < WINDOWS_MAX - 1 && book->windows[at] && window_page(book->windows[at]) != page)
        at++;
    struct window *window = book->windows[at];
    if (window && (window_page(window) != page || window_with(window) < with)) {
        window_free(window);
        window = NULL;
    }
    memmove(book->windows + 1, book->windows, at * sizeof(struct window *));
    book->windows[0] = window ? window : window_new(book, page, with);
    return book->windows[0];
}

bool book_row(struct book *book, size_t page, uint32_t number, enum rows_with with,
              const struct sheet_row **row, bool *over, struct err *err)
{
    return window_row(find_window(book, page, with), number, row, over, err);
}
