// .xls workbooks as books (book_format.h): Excel 97 to 2003 and older. Runs in the worker.
//
// The file is read in pieces as it is asked for; memory holds the list of its sectors, the shared texts and one row.
#include "lib/sheet/detect.h"
#include "lib/sheet/xls_internal.h"

#include <unistd.h>

static bool open_stream(struct xls *xls, struct book_source *source, struct err *err)
{
    static const char *const names[] = {"Workbook", "Book"}; // of both, the former is the newer version
    const int descriptor = source->descriptor;
    bool in_container;
    source->descriptor = -1;
    if (!detect_is_ole(&in_container, descriptor, err)) {
        close(descriptor);
        return false;
    }
    if (!in_container) {
        xls->descriptor = descriptor;
        return ole_stream_open_file(&xls->stream, descriptor, err);
    }
    if (!ole_open(&xls->ole, descriptor, err) || !detect_ole(xls->ole, err))
        return false;
    return ole_stream_open(&xls->stream, xls->ole, names[!ole_has(xls->ole, names[0])], err);
}

static void free_book(void *state)
{
    struct xls *xls = state;
    if (!xls)
        return;
    for (size_t i = 0; i < xls->page_count; i++)
        xfree(xls->pages[i].name);
    xfree(xls->pages);
    xfree(xls->offsets);
    strings_dispose(&xls->strings);
    styles_dispose(&xls->styles);
    ole_stream_free(xls->stream);
    ole_free(xls->ole);
    if (xls->descriptor >= 0)
        close(xls->descriptor);
    xfree(xls);
}

static bool open_book(void **state, struct book_source *source, struct err *err)
{
    struct xls *xls = xcalloc(1, sizeof *xls);
    xls->descriptor = -1;
    xls->strings.bytes = buf_new(STRINGS_BYTES_MAX);
    if (!open_stream(xls, source, err) || !xls_globals_read(xls, err)) {
        free_book(xls);
        return false;
    }
    *state = xls;
    return true;
}

static size_t page_count(const void *state)
{
    return ((const struct xls *)state)->page_count;
}

static const struct page *page_at(const void *state, size_t index)
{
    const struct xls *xls = state;
    require(index < xls->page_count);
    return &xls->pages[index];
}

static bool is_1904(const void *state)
{
    return ((const struct xls *)state)->system_1904;
}

const struct book_functions book_xls = {
    .format = BOOK_XLS,
    .name = "xls",
    .open = open_book,
    .free = free_book,
    .page_count = page_count,
    .page = page_at,
    .is_1904 = is_1904,
    .rows_open = xls_rows_open,
    .rows_free = xls_rows_free,
    .rows_next = xls_rows_next,
    .rows_estimate = xls_rows_estimate,
    .rows_merged = xls_rows_merged,
    .rows_hidden_columns = xls_rows_hidden_columns,
};
