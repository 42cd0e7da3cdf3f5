// Fills a workbook that a person designed: puts values into its cells and tables and leaves all the rest. In the worker.
//
// 1. A part that nothing changes stays byte for byte, compressed as it was; in a part that changes, so does every byte
//    that is not of the change. Macros, pictures, charts and what nobody here has heard of stay.
// 2. A cell keeps its style. A date in a cell whose style shows numbers gets that style with a date's format.
// 3. Text is always text: nothing becomes a formula by its looks.
// 4. Programs compute anew when they open the workbook: the list of the order of computing goes, and the results kept in
//    the changed pages, and in those whose formulas read them, so that nobody is shown old ones.
// 5. Places are those of the moment: where a table has grown, what was in row 20 may be in row 25.
// 6. Refused: a signed workbook, cells that are covered by merged ones, part of an array formula, a table's headings.
#ifndef RENKI_SHEET_UPDATE_H
#define RENKI_SHEET_UPDATE_H

#include "lib/sheet/cell.h"
#include "lib/sheet/reference.h"
#include "lib/sheet/tables.h"

enum { UPDATE_CELLS_MAX = 1 << 18, UPDATE_PARTS_MAX = 4096 };
#define UPDATE_TEXTS_BYTES_MAX ((size_t)256 << 20) // of all values of a page that are not yet in its part

enum update_kind {
    UPDATE_CLEAR, // the style stays
    UPDATE_TEXT,
    UPDATE_NUMBER, // `text`: a decimal; with more than 15 significant digits it is written as text
    UPDATE_BOOLEAN,
    UPDATE_DAY,
    UPDATE_MOMENT,
    UPDATE_FORMULA, // `text`: in English, with or without "="; `result`: a decimal shown until it is computed, or empty
};

struct update_value {
    enum update_kind kind;
    struct text text, result; // borrowed
    bool boolean;
    struct moment moment;
};

struct update;

// The descriptor is taken, also on failure.
bool update_open(struct update **out, int descriptor, struct err *err) MUST_CHECK;
void update_free(struct update *update);
DEFINE_SCOPED(update)

size_t update_page_count(const struct update *update);
const char *update_page_name(const struct update *update, size_t page);
// By exact name, else without regard to case and blanks around it.
bool update_find_page(const struct update *update, struct text name, size_t *page) MUST_CHECK;
size_t update_first_page(const struct update *update); // the first visible one with cells

struct update_area {
    size_t page;
    struct range range;
};
// "Sheet!B7", "'My page'!A5:D20", "B7" and "A5:D20" (of `page`), or what the workbook gives a name to.
// SHEET_NO_NAME when it is none of them.
bool update_area(struct update *update, struct text where, size_t page, struct update_area *out,
                 struct err *err) MUST_CHECK;

// Whether the area is one cell, or cells merged into one.
bool update_is_cell(struct update *update, const struct update_area *area, bool *one,
                    struct err *err) MUST_CHECK;
bool update_cell(struct update *update, size_t page, struct reference place, const struct update_value *value,
                 struct err *err) MUST_CHECK;

// The table of that name, on any page. SHEET_NO_TABLE with the names there are.
bool update_table(struct update *update, struct text name, const struct sheet_table **out,
                  struct err *err) MUST_CHECK;
// The table has so many rows of data (one at least), below its header: totals and what stands below move, what spoke of
// all its rows does still (growth.h), new rows look like the last one and have its formulas. Rows that are too many are
// taken out; where other things stand beside them or speak of them, they stay, empty (of a table with totals, in it).
// SHEET_TABLE_STUCK when something reaches over the place where rows would be put in.
bool update_table_resize(struct update *update, const struct sheet_table *table, uint32_t rows,
                         struct err *err) MUST_CHECK;
// Which columns are computed by formulas: `computed` has room for each.
bool update_table_computed(struct update *update, const struct sheet_table *table, bool *computed,
                           struct err *err) MUST_CHECK;

// How many rows of the table are used: up to the last one in which a column that is not computed has something.
bool update_table_used(struct update *update, const struct sheet_table *table, const bool *computed,
                       uint32_t *used, struct err *err) MUST_CHECK;

// Whether it can be saved under that name: ".xlsm" with macros, ".xlsx" without.
bool update_check_name(const struct update *update, const char *path, struct err *err) MUST_CHECK;
// Writes to an empty file, which stays open. Once only, as update_save.
bool update_write(struct update *update, int target, struct err *err) MUST_CHECK;
// Whole or not at all, also after a power cut. May be the file that was opened. Once only: what remains is to free it.
bool update_save(struct update *update, const char *path, struct err *err) MUST_CHECK;

#endif
