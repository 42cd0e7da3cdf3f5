// Writes .xlsx workbooks: the rows of big pages by ourselves, all else by libxlsxwriter (docs/decisions/0008). In the
// worker; the only place that knows that library.
//
// 1. Text is always text: nothing becomes a formula or a link by its looks.
// 2. A page of rows (`sheet_writer_rows_page`) keeps one row in memory and takes cells row by row; a free page
//    (`sheet_writer_free_page`) takes them in any order and keeps them all.
// 3. A number is a float to every program that reads it; one with more than 15 significant digits, or beyond 10^308, would
//    be changed by that and is written as text.
// 4. The file stands under its name only when it is whole and on the disk: it is written beside it, synced and renamed.
//    Temporary files are made in the present folder, which must be writable.
// 5. What Excel would refuse or mend when it opens the workbook is refused here, with the place and the reason.
//
// writer_layout.h: columns, rows, print, protection. writer_rules.h: conditional formats, what may be typed in.
// writer_table.h: Excel's tables. writer_drawing.h: charts, images, notes.
#ifndef RENKI_SHEET_WRITER_H
#define RENKI_SHEET_WRITER_H

#include "lib/sheet/cell.h"
#include "lib/sheet/reference.h"

// Styles by meaning. They are combined ("money warning"): number formats, colours and alignment come each from the last
// that has one.
enum sheet_style {
    STYLE_GENERAL,
    STYLE_TEXT,
    STYLE_INTEGER,  // 1 234
    STYLE_NUMBER,   // 1 234,5
    STYLE_MONEY,    // 1 234,50, negative in red
    STYLE_EURO,     // 1 234,50 €
    STYLE_PERCENT,  // 12,5 %
    STYLE_DATE,     // 1.2.2026
    STYLE_MOMENT,   // 1.2.2026 18:00
    STYLE_TIME,     // 18:00
    STYLE_DURATION, // 26:30
    STYLE_TITLE,
    STYLE_HEADER,
    STYLE_TOTAL,
    STYLE_ROW, // a cell among the rows of a table
    STYLE_PAD, // a text there: with a little room to the number before it
    STYLE_BOLD,
    STYLE_ITALIC,
    STYLE_GOOD,
    STYLE_WARNING,
    STYLE_BAD,
    STYLE_NOTE,  // of less weight: grey
    STYLE_INPUT, // for a person to fill in; not locked on a protected page
    STYLE_LINK,
    STYLE_LEFT,
    STYLE_CENTER,
    STYLE_RIGHT,
    STYLE_ARROW, // a header over numbers: to the right, with room for the arrow of its filter
    STYLE_WRAP,
    STYLE_COUNT
};
_Static_assert(STYLE_COUNT <= 32, "a look keeps its styles as bits");
extern const char *const sheet_style_names[STYLE_COUNT + 1]; // "money" …, ended by NULL
bool sheet_style_from_name(enum sheet_style *out, struct text name) MUST_CHECK;

enum {
    WRITER_PAGES_MAX = 1000,
    WRITER_TEXT_MAX = 32767, // letters in a cell, as Excel counts them: UTF-16 units
    WRITER_LINKS_MAX = 65530 // on a page; Excel's limit
};

struct sheet_writer;

// `path` ends with ".xlsx". Nothing is there until the writer is closed.
bool sheet_writer_open(struct sheet_writer **out, const char *path, struct err *err) MUST_CHECK;
// Writes the file and frees the writer, also on failure.
bool sheet_writer_close(struct sheet_writer *writer, struct err *err) MUST_CHECK;
// Leaves no file.
void sheet_writer_free(struct sheet_writer *writer);

enum document_property {
    PROPERTY_TITLE,
    PROPERTY_SUBJECT,
    PROPERTY_AUTHOR,
    PROPERTY_MANAGER,
    PROPERTY_COMPANY,
    PROPERTY_CATEGORY,
    PROPERTY_KEYWORDS,
    PROPERTY_COMMENTS,
    PROPERTY_COUNT
};
extern const char *const document_property_names[PROPERTY_COUNT + 1]; // ended by NULL
bool sheet_writer_set_property(struct sheet_writer *writer, enum document_property property,
                               struct text value, struct err *err) MUST_CHECK;

bool sheet_writer_rows_page(struct sheet_writer *writer, struct text name, size_t *page,
                            struct err *err) MUST_CHECK;
bool sheet_writer_free_page(struct sheet_writer *writer, struct text name, size_t *page,
                            struct err *err) MUST_CHECK;
size_t sheet_writer_page_count(const struct sheet_writer *writer);
const char *sheet_writer_page_name(const struct sheet_writer *writer, size_t page);
bool sheet_writer_find_page(const struct sheet_writer *writer, struct text name, size_t *page) MUST_CHECK;
bool sheet_writer_is_by_rows(const struct sheet_writer *writer, size_t page) MUST_CHECK;
// The last row that has a cell, 0 on an empty page.
uint32_t sheet_writer_last_row(const struct sheet_writer *writer, size_t page);

// How a cell looks: styles by meaning, and a format code of the office's own (NULL: the styles').
struct sheet_look {
    uint32_t styles; // 1 << STYLE_…, several; 0: general
    const char *code;
};
static inline struct sheet_look sheet_look_of(enum sheet_style style)
{
    return (struct sheet_look){style ? UINT32_C(1) << style : 0, NULL};
}
// Whether it says how numbers are shown.
bool sheet_look_has_format(const struct sheet_look *look) MUST_CHECK;

bool sheet_write_text(struct sheet_writer *writer, size_t page, struct reference place, struct text text,
                      struct sheet_look look, struct err *err) MUST_CHECK;
// `written`: a decimal ("-12.30").
bool sheet_write_number(struct sheet_writer *writer, size_t page, struct reference place, struct text written,
                        struct sheet_look look, struct err *err) MUST_CHECK;
// coefficient * 10^-places, of at most 15 digits and 22 places.
bool sheet_write_scaled(struct sheet_writer *writer, size_t page, struct reference place, int64_t coefficient,
                        unsigned places, struct sheet_look look, struct err *err) MUST_CHECK;
bool sheet_write_boolean(struct sheet_writer *writer, size_t page, struct reference place, bool value,
                         struct sheet_look look, struct err *err) MUST_CHECK;
bool sheet_write_moment(struct sheet_writer *writer, size_t page, struct reference place,
                        struct moment moment, struct sheet_look look, struct err *err) MUST_CHECK;
// A cell without a value, for its look.
bool sheet_write_blank(struct sheet_writer *writer, size_t page, struct reference place,
                       struct sheet_look look, struct err *err) MUST_CHECK;
// `formula` as in the English version, with or without "="; `result` is shown until it is computed anew: a decimal, or
// text; empty: 0.
bool sheet_write_formula(struct sheet_writer *writer, size_t page, struct reference place,
                         struct text formula, struct text result, struct sheet_look look,
                         struct err *err) MUST_CHECK;

// `link`: http://, https://, mailto:, or a place in this workbook, "Page!B7" or "Page"; anything else fails.
bool sheet_write_link(struct sheet_writer *writer, size_t page, struct reference place, struct text link,
                      struct text shown, struct sheet_look look, struct err *err) MUST_CHECK;
// Whether a number keeps all its digits in a cell.
bool sheet_number_fits(struct text decimal) MUST_CHECK;

#endif
