// Writes .xlsx workbooks: the rows of big pages by ourselves, all else by libxlsxwriter (docs/decisions/0008). In the
// worker; the only place that knows that library.
//
// 1. Text is always text: nothing becomes a formula or a link by its looks.
// 2. A page of rows (`sheet_writer_rows_page`) keeps one row in memory and takes cells row by row; a free page
//    (`sheet_writer_free_page`) takes them in any order and keeps them all.
// 3. A number is a float to every program that reads it; one with more than 15 significant digits, or beyond 10^308, would
//    be changed by that and is written as text.
// 4. The file stands under its name only when it is whole: it is written beside it and renamed. Temporary files are made
//    in the present folder, which must be writable.
#ifndef RENKI_SHEET_WRITER_H
#define RENKI_SHEET_WRITER_H

#include "lib/sheet/cell.h"
#include "lib/sheet/reference.h"

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
    STYLE_DURATION, // 26:30
    STYLE_HEADER,
    STYLE_TITLE,
    STYLE_BOLD,
    STYLE_TOTAL,
    STYLE_WARNING,
    STYLE_WRAP,
    STYLE_COUNT
};
extern const char *const sheet_style_names[STYLE_COUNT + 1]; // "money" …, ended by NULL
bool sheet_style_from_name(enum sheet_style *out, struct text name) MUST_CHECK;

enum chart_kind {
    CHART_COLUMN,
    CHART_BAR,
    CHART_LINE,
    CHART_PIE,
    CHART_AREA,
    CHART_SCATTER,
    CHART_KIND_COUNT
};
extern const char *const chart_kind_names[CHART_KIND_COUNT + 1]; // ended by NULL
bool chart_kind_from_name(enum chart_kind *out, struct text name) MUST_CHECK;

enum { WRITER_PAGES_MAX = 1000, WRITER_SERIES_MAX = 255, WRITER_WIDTH_MAX = 255 };

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
    PROPERTY_COMPANY,
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
// The last row that has a cell, 0 on an empty page.
uint32_t sheet_writer_last_row(const struct sheet_writer *writer, size_t page);

// How a cell looks: a style by meaning, or a format code of the office's own (NULL: the style's).
struct sheet_look {
    enum sheet_style style;
    const char *code;
};

bool sheet_write_text(struct sheet_writer *writer, size_t page, struct reference place, struct text text,
                      struct sheet_look look, struct err *err) MUST_CHECK;
// `written`: a decimal ("-12.30").
bool sheet_write_number(struct sheet_writer *writer, size_t page, struct reference place, struct text written,
                        struct sheet_look look, struct err *err) MUST_CHECK;
bool sheet_write_boolean(struct sheet_writer *writer, size_t page, struct reference place, bool value,
                         struct sheet_look look, struct err *err) MUST_CHECK;
bool sheet_write_moment(struct sheet_writer *writer, size_t page, struct reference place,
                        struct moment moment, struct sheet_look look, struct err *err) MUST_CHECK;
// `formula` as in the English version, with or without "="; `result` is shown until it is computed anew, as a decimal;
// empty: 0.
bool sheet_write_formula(struct sheet_writer *writer, size_t page, struct reference place,
                         struct text formula, struct text result, struct sheet_look look,
                         struct err *err) MUST_CHECK;

// In characters; columns without a width get one by their content, between 8 and 60.
bool sheet_writer_set_width(struct sheet_writer *writer, size_t page, uint32_t column, double width,
                            struct err *err) MUST_CHECK;
// What stands above and left of the cell stays in sight.
void sheet_writer_freeze(struct sheet_writer *writer, size_t page, struct reference cell);
// Arrows for choosing rows, over a range whose first row are headers.
bool sheet_writer_filter(struct sheet_writer *writer, size_t page, struct range range,
                         struct err *err) MUST_CHECK;
// Landscape, one page wide, the header row repeated on each sheet of paper.
bool sheet_writer_print(struct sheet_writer *writer, size_t page, bool landscape, uint32_t header_row,
                        struct err *err) MUST_CHECK;
// On a free page only.
bool sheet_writer_merge(struct sheet_writer *writer, size_t page, struct range range, struct text text,
                        struct sheet_look look, struct err *err) MUST_CHECK;

struct chart_series {
    const char *name; // NULL: none
    struct range categories, values;
};
struct sheet_chart {
    enum chart_kind kind;
    const char *title, *x_title, *y_title; // NULL: none
    size_t data_page;                      // where the series' ranges are
    const struct chart_series *series;
    size_t series_count;
    struct reference place; // its upper left corner
};
bool sheet_writer_chart(struct sheet_writer *writer, size_t page, const struct sheet_chart *chart,
                        struct err *err) MUST_CHECK;

#endif
