// What a format must be able to do to be read as a book: a table of functions for each, listed in book.c. In the worker.
#ifndef RENKI_SHEET_BOOK_FORMAT_H
#define RENKI_SHEET_BOOK_FORMAT_H

#include "lib/sheet/book.h"
#include "lib/sheet/package.h"

// Where a book is read from. `open` steals what it keeps; what it leaves is closed by the caller.
struct book_source {
    int descriptor;          // at its beginning; -1 for a package
    struct package *package; // of formats that are zip files, else NULL
    const char *name;
    const struct csv_options *options;
};

// `state` and `rows` are the format's own, as its open functions give them. A function whose comment tells what NULL
// means may be left out.
struct book_functions {
    enum book_format format;
    const char *name, *name_with_macros; // "xlsx", "xlsm"; NULL: the same

    bool (*open)(void **state, struct book_source *source, struct err *err);
    void (*free)(void *state); // accepts NULL, as rows_free does
    size_t (*page_count)(const void *state);
    const struct page *(*page)(const void *state, size_t index);
    bool (*is_1904)(const void *state);                                      // NULL: never
    bool (*has_macros)(const void *state);                                   // NULL: never
    const char *(*repeated)(const void *state);                              // NULL: none
    bool (*describe)(void *state, struct buf *out, struct err *err);         // NULL: its name
    bool (*found)(void *state, struct csv_found *found, struct err *err);    // NULL: nothing
    const struct names *(*names)(const void *state);                         // NULL: none
    bool (*tables)(void *state, const struct tables **out, struct err *err); // NULL: none

    // A format that has no formulas to tell takes no notice of `with`.
    bool (*rows_open)(void **rows, void *state, size_t page, enum rows_with with, struct err *err);
    void (*rows_free)(void *rows);
    bool (*rows_next)(void *rows, const struct sheet_row **row, struct err *err);
    uint32_t (*rows_estimate)(const void *rows);                                    // NULL: unknown
    size_t (*rows_merged)(const void *rows, const struct range **ranges);           // NULL: none
    const struct spans *(*rows_hidden_columns)(const void *rows);                   // NULL: none
    struct csv_reader *(*rows_csv)(const void *rows);                               // NULL: none
    size_t (*rows_problems)(const void *rows, const struct csv_problem **problems); // NULL: none
};

extern const struct book_functions book_xlsx, book_xls, book_ods, book_csv;

#endif
