// What the files of update.h share. In the worker.
//
//     update.c        open, find, save
//     update_parts.c  parts in memory, changed by patches
//     update_cells.c  values into the part of a page
//     update_styles.c styles for dates
//     update_table.c  tables that grow and shrink
//     update_stale.c  which results no longer hold
#ifndef RENKI_SHEET_UPDATE_INTERNAL_H
#define RENKI_SHEET_UPDATE_INTERNAL_H

#include "lib/sheet/growth.h"
#include "lib/sheet/update.h"
#include "lib/sheet/workbook_internal.h"

enum { STYLE_KEPT = -1 };

struct update_part {
    char *name;
    struct buf xml;
    bool changed, removed;
};

// A value that is not yet in its page's part.
struct pending {
    struct reference place;
    enum update_kind kind;
    bool boolean;
    struct moment moment;
    size_t text, text_length, result, result_length; // in the page's texts
    int64_t style;                                   // STYLE_KEPT, or the number of a style
    uint32_t order;
    bool row_there, cell_there, put;
};

struct column_style {
    uint32_t first, last;
    int64_t style;
};

// Rows that are made look like one that was there.
struct like_row {
    uint32_t first, last;
    char *attributes; // ' ht="20" customHeight="1"'
};

struct update_page {
    bool touched;
    struct pending *pending;
    size_t pending_count, pending_capacity;
    struct buf texts;
    bool known; // what follows was read from the part
    struct range *merged;
    size_t merged_count;
    struct range *arrays; // array formulas and data tables
    size_t array_count;
    struct column_style *columns;
    size_t column_count;
    struct like_row *like;
    size_t like_count;
};

struct update {
    struct workbook *workbook; // its names and tables are kept as they are at the moment
    int descriptor;            // the package's
    char *main_part;
    struct update_part **parts; // those that were looked at
    size_t part_count;
    struct update_page *pages;
    const char *suffix;
    bool changed;
    size_t styles_added, style_count; // style_count: of cellXfs, 0 before it was counted
    struct added_style *added;
};

/* ---- update_parts.c ---- */

// The part as it is at the moment, as UTF-8. Valid until it changes.
bool update_part_read(struct update *update, const char *name, struct update_part **out,
                      struct err *err) MUST_CHECK;
// Makes the changes; none: the part stays as it was.
bool update_part_change(struct update *update, struct update_part *part, struct patches *patches,
                        struct err *err) MUST_CHECK;
// Forgets a part that has not changed.
void update_part_drop(struct update *update, struct update_part *part);
// The part will not be in the package any more.
bool update_part_remove(struct update *update, const char *name, struct err *err) MUST_CHECK;
void update_parts_free(struct update *update);

/* ---- update_cells.c ---- */

const struct page *update_page_of(const struct update *update, size_t page);
// SHEET_NO_CELLS when the page has none.
bool update_page_know(struct update *update, size_t page, struct err *err) MUST_CHECK;
void update_page_forget(struct update_page *page);
void update_page_dispose(struct update_page *page);
bool update_put(struct update *update, size_t page, struct reference place, const struct update_value *value,
                int64_t style, struct err *err) MUST_CHECK;
// Brings the values into the page's part. `fresh`: the results of its formulas go.
bool update_page_flush(struct update *update, size_t page, bool fresh, struct err *err) MUST_CHECK;

/* ---- update_styles.c ---- */

// A style that shows a date and is like `style` in all else; `style` itself when it shows one.
bool update_style_for_date(struct update *update, int64_t style, bool with_time, int64_t *out,
                           struct err *err) MUST_CHECK;
bool update_styles_save(struct update *update, struct err *err) MUST_CHECK;
void update_styles_free(struct update *update);

/* ---- update_stale.c ---- */

// Marks the pages whose formulas read changed pages, directly or through others.
bool update_find_stale(struct update *update, bool *stale, struct err *err) MUST_CHECK;

#endif
