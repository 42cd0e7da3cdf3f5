// What the sources of the .xls reader share. In the worker. [MS-XLS].
#ifndef RENKI_SHEET_XLS_INTERNAL_H
#define RENKI_SHEET_XLS_INTERNAL_H

#include "lib/sheet/biff.h"
#include "lib/sheet/book_format.h"
#include "lib/sheet/strings.h"
#include "lib/sheet/styles.h"

enum {
    XLS_ROWS_MAX = 65536,
    XLS_COLUMNS_MAX = 256,
    XLS_UNSORTED_MAX = 1 << 23, // records of cells that a page has in no order
};

struct xls {
    struct ole *ole; // NULL: a file without a container
    int descriptor;  // of such a file, else -1
    struct ole_stream *stream;
    enum biff_version version;
    const struct encoding *encoding;
    bool system_1904;
    struct strings strings;
    struct styles styles;
    struct page *pages;
    uint32_t *offsets; // where each page begins in the stream
    size_t page_count;
};

// Reads what stands before the pages: their list, texts, formats.
bool xls_globals_read(struct xls *xls, struct err *err) MUST_CHECK;
// The version that a BOF record tells; false when it is none.
bool xls_version(const struct biff *biff, enum biff_version *version);

bool xls_rows_open(void **rows, void *state, size_t page, enum rows_with with, struct err *err) MUST_CHECK;
void xls_rows_free(void *rows);
bool xls_rows_next(void *rows, const struct sheet_row **row, struct err *err) MUST_CHECK;
uint32_t xls_rows_estimate(const void *rows);
size_t xls_rows_merged(const void *rows, const struct range **ranges);
const struct spans *xls_rows_hidden_columns(const void *rows);

#endif
