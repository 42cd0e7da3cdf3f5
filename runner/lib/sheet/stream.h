// The rows of one page, written from top to bottom as the sheetData of an .xlsx. In the worker.
//
// 1. One row and at most a chunk of rows before it are in memory; the rest is in the spool.
// 2. Cells of a row come in any order; the last one written to a place counts.
// 3. Text is an inline string: a table of shared strings would have to be kept until the end.
#ifndef RENKI_SHEET_STREAM_H
#define RENKI_SHEET_STREAM_H

#include "lib/sheet/reference.h"
#include "lib/sheet/spool.h"

struct sheet_stream;

struct sheet_stream *sheet_stream_new(struct sheet_spool *spool); // borrowed
void sheet_stream_free(struct sheet_stream *stream);

// What a row has besides its cells; zero: the usual.
struct stream_row {
    double height; // in points
    bool hidden, collapsed;
    uint8_t level;
    unsigned style;
};
// Not above the row of the last cell. What is told of a row more than once is added up; of heights the greatest counts.
bool sheet_stream_row(struct sheet_stream *stream, uint32_t row, const struct stream_row *told,
                      struct err *err) MUST_CHECK;

// `place` is on the page and not above the row of the last cell. `style`: the cell's index among the workbook's formats
// (cellXfs), 0 for the general one.
// `widest`: characters of the text's longest line.
bool sheet_stream_text(struct sheet_stream *stream, struct reference place, struct text text, unsigned style,
                       size_t *widest, struct err *err) MUST_CHECK;
// `number` as it shall stand in the file.
bool sheet_stream_number(struct sheet_stream *stream, struct reference place, struct text number,
                         unsigned style, struct err *err) MUST_CHECK;
bool sheet_stream_boolean(struct sheet_stream *stream, struct reference place, bool value, unsigned style,
                          struct err *err) MUST_CHECK;
// `formula` without "=", valid UTF-8; `result` a number, or a text when `is_text`.
bool sheet_stream_formula(struct sheet_stream *stream, struct reference place, struct text formula,
                          struct text result, bool is_text, unsigned style, struct err *err) MUST_CHECK;
// A look without a value.
bool sheet_stream_blank(struct sheet_stream *stream, struct reference place, unsigned style,
                        struct err *err) MUST_CHECK;

// Ends the rows. Moves them ("<row …>…</row>…") to *rows, and tells the range they take; {0} when there is none.
bool sheet_stream_end(struct sheet_stream *stream, struct spooled *rows, struct range *range,
                      struct err *err) MUST_CHECK;

#endif
