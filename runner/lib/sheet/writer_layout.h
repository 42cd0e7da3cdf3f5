// How a page is laid out: columns, rows, panes, filters, print, protection. In the worker.
#ifndef RENKI_SHEET_WRITER_LAYOUT_H
#define RENKI_SHEET_WRITER_LAYOUT_H

#include "lib/sheet/writer.h"

enum { WRITER_WIDTH_MAX = 255, WRITER_HEIGHT_MAX = 409, WRITER_LEVEL_MAX = 7 };

// A column or a row.
struct sheet_lane {
    double size; // of a column in characters, of a row in points; 0: by the content
    bool hidden, collapsed;
    uint8_t level; // 1 to WRITER_LEVEL_MAX: it can be folded away with its neighbours of that level; 0: not
    struct sheet_look look;
};
bool sheet_writer_columns(struct sheet_writer *writer, size_t page, uint32_t first, uint32_t last,
                          const struct sheet_lane *lane, struct err *err) MUST_CHECK;
// On a page of rows before a later row is written.
bool sheet_writer_rows(struct sheet_writer *writer, size_t page, uint32_t first, uint32_t last,
                       const struct sheet_lane *lane, struct err *err) MUST_CHECK;

// What stands above and left of the cell stays in sight.
void sheet_writer_freeze(struct sheet_writer *writer, size_t page, struct reference cell);
// Arrows for choosing rows, over a range whose first row are headers.
bool sheet_writer_filter(struct sheet_writer *writer, size_t page, struct range range,
                         struct err *err) MUST_CHECK;
bool sheet_writer_merge(struct sheet_writer *writer, size_t page, struct range range, struct text text,
                        struct sheet_look look, struct err *err) MUST_CHECK;

struct sheet_view {
    bool hidden, active, no_gridlines;
    uint16_t zoom;   // percent, 10 to 400; 0: 100
    uint32_t colour; // of the tab; 0: none
};
void sheet_writer_view(struct sheet_writer *writer, size_t page, const struct sheet_view *view);

enum sheet_paper_size { PAPER_A4, PAPER_A3, PAPER_A5, PAPER_LETTER, PAPER_COUNT };
extern const char *const sheet_paper_names[PAPER_COUNT + 1]; // "a4" …, ended by NULL
bool sheet_paper_from_name(enum sheet_paper_size *out, struct text name) MUST_CHECK;

// How a page is printed. Zeroed: A4, upright, as wide as the paper, file, page and number at the foot.
struct sheet_paper {
    bool landscape, own_size, center; // own_size: not made as wide as the paper
    enum sheet_paper_size size;
    uint16_t tall;                   // on so many sheets at most; 0: as many as it takes
    struct range repeat, area;       // rows at the head of each sheet; what is printed. 0: none, all
    const char *header, *footer;     // Excel's codes, see sheet_paper_text; NULL: the usual
    double left, right, top, bottom; // margins in centimetres; 0: the usual
};
bool sheet_writer_print(struct sheet_writer *writer, size_t page, const struct sheet_paper *paper,
                        struct err *err) MUST_CHECK;
// Appends a part of a header or footer as Excel codes it: "Page {page} of {pages}, {file}, {sheet}, {date}, {time}".
// `side`: 'L', 'C' or 'R'. False when it is longer than Excel takes.
enum { PAPER_TEXT_MAX = 255 };
bool sheet_paper_text(struct buf *out, char side, struct text words) MUST_CHECK;

// What a person may do on a protected page besides filling in cells of the style "input". Protection keeps from slips, not
// from people: Excel's password is weak.
struct sheet_protection {
    const char *password; // NULL: none
    bool sort, filter, format, insert_rows, delete_rows;
};
void sheet_writer_protect(struct sheet_writer *writer, size_t page,
                          const struct sheet_protection *protection);

#endif
