// Shows one spreadsheet. In the viewer, a process of its own that the command line starts for each file.
//
//   viewer.c      begins, seals itself, takes the file, answers       viewer_main
//   look.c        what the file is                                    look_at
//   show_….c      the forms: table, csv, json                         show_…
//   kind.c        what a cell is to a person                          kind_of, kind_text
//
// 1. Nothing of the file is read before the process is sealed.
// 2. What is shown leaves in parts: memory does not grow with the page.
// 3. csv and json are for programs: damage in a text table is an error there. For people it is told beside the rows.
#ifndef RENKI_VIEWER_H
#define RENKI_VIEWER_H

#include "lib/sheet/book.h"
#include "lib/wire/wire.h"

int viewer_main(void); // called by main.c; the exit code

enum {
    VIEW_OUT_MAX = 16 << 20,   // bytes of text that wait to be sent: the longest cell, written as JSON
    VIEW_CELL_BYTES_MAX = 400, // of a cell in a table; longer texts are cut
    VIEW_COLUMNS_MAX = 256,    // in a table
    VIEW_PAGES_MAX = 200,      // listed
    VIEW_PROBLEMS_MAX = 10,    // told of a text table
    VIEW_LOOK_CELLS_MAX =
        1 << 20, // looked at before the first row is shown; then sizes are as the file claims
};

struct view {
    struct wire *cli;
    struct book *book;
    struct text page;       // as asked for; empty: not said
    int64_t rows_most;      // -1: all
    struct csv_found found; // of a text table
    struct buf out;         // text that waits to be sent
};

// ---- viewer.c
// The page that was asked for, by name or number; the first that people see otherwise.
bool view_page(const struct view *view, size_t *index, struct err *err) MUST_CHECK;
// Sends what waits once it is worth a message; all of it with `all`.
bool view_flush(struct view *view, bool all, struct err *err) MUST_CHECK;
// Nothing comes after it.
bool view_done(struct view *view, struct err *err) MUST_CHECK;

// ---- the forms
bool show_table(struct view *view, struct err *err) MUST_CHECK;
bool show_csv(struct view *view, struct err *err) MUST_CHECK;
bool show_json(struct view *view, struct err *err) MUST_CHECK;

// ---- look.c
// Sends VIEW_FACTS: what the file is, with the page `shown` in full.
bool look_at(struct view *view, size_t shown, struct err *err) MUST_CHECK;

// ---- kind.c
enum kind { KIND_TEXT, KIND_NUMBER, KIND_DATE, KIND_TIME, KIND_BOOLEAN, KIND_ERROR, KIND_COUNT };
const char *kind_name(enum kind kind); // "text"
// In a text table the kind is found by looking at the text.
enum kind kind_of(const struct view *view, const struct cell *cell);
// Appends the cell as people read it: exact decimals, ISO dates. False when the buffer is full.
bool kind_text(struct buf *out, const struct cell *cell) MUST_CHECK;

#endif
