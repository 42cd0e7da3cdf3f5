// What lies over the cells of a page: charts, images, notes. In the worker.
#ifndef RENKI_SHEET_WRITER_DRAWING_H
#define RENKI_SHEET_WRITER_DRAWING_H

#include "lib/sheet/writer.h"

enum chart_kind {
    CHART_COLUMN,
    CHART_COLUMN_STACKED,
    CHART_BAR,
    CHART_BAR_STACKED,
    CHART_LINE,
    CHART_AREA,
    CHART_AREA_STACKED,
    CHART_PIE,
    CHART_DOUGHNUT,
    CHART_SCATTER,
    CHART_KIND_COUNT
};
extern const char
    *const chart_kind_names[CHART_KIND_COUNT + 1]; // "column", "stacked column" …, ended by NULL
bool chart_kind_from_name(enum chart_kind *out, struct text name) MUST_CHECK;

enum { CHART_SERIES_MAX = 255, CHART_PIXELS_MAX = 10000, CHART_WORDS_MAX = 255 };
struct chart_series {
    const char *name;                // NULL: that of the cell, if there is one
    struct reference name_cell;      // row 0: none
    struct range categories, values; // categories' row 0: none
    size_t categories_page, values_page;
    uint32_t colour; // 0: the next of the palette
};
struct chart_axis {
    const char *title, *format; // NULL: none, that of the cells
};
struct sheet_chart {
    enum chart_kind kind;
    const char *title; // NULL: none
    struct chart_axis x, y;
    const struct chart_series *series;
    size_t series_count;
    struct reference place; // its upper left corner
    uint32_t width, height; // in pixels; 0: 480 × 288
    bool labels, no_legend; // labels: each value beside its point
};
bool sheet_writer_chart(struct sheet_writer *writer, size_t page, const struct sheet_chart *chart,
                        struct err *err) MUST_CHECK;

enum { IMAGE_BYTES_MAX = 10 << 20, IMAGE_PIXELS_MAX = 20000, WRITER_IMAGES_MAX = 200 };
struct sheet_image {
    struct text content;     // PNG or JPEG
    const char *name;        // for messages
    const char *description; // for those who can't see it; NULL: it is an ornament
    struct reference place;  // its upper left corner
    uint32_t width, height;  // in pixels; one of them 0: in proportion; both: its own size
};
bool sheet_writer_image(struct sheet_writer *writer, size_t page, const struct sheet_image *image,
                        struct err *err) MUST_CHECK;

// A word to a cell, shown when the pointer is over it. `author` may be NULL.
enum { NOTE_LETTERS_MAX = 32767, NOTE_AUTHOR_MAX = 52, WRITER_NOTES_MAX = 10000 };
bool sheet_writer_note(struct sheet_writer *writer, size_t page, struct reference place, struct text words,
                       const char *author, struct err *err) MUST_CHECK;

#endif
