// What the files of the writer share: the open workbook and where a cell goes. In the worker.
#ifndef RENKI_SHEET_WRITER_INTERNAL_H
#define RENKI_SHEET_WRITER_INTERNAL_H

#include "lib/sheet/stream.h"
#include "lib/sheet/writer.h"

#include <xlsxwriter.h>

enum { WRITER_CODES_MAX = 200, WRITER_CODE_BYTES_MAX = 255 };
enum { WIDTH_LEAST = 8, WIDTH_MOST = 60, WIDTH_TOLD = UINT16_MAX };

struct written_page {
    lxw_worksheet *sheet;
    char *name;
    struct sheet_stream *stream; // of a page of rows; NULL: a free page
    uint32_t last_row;
    uint16_t *widths; // by column - 1, in characters; WIDTH_TOLD marks those that were set
    uint32_t columns;
};

struct own_code {
    char *code;
    enum sheet_style style;
    lxw_format *format;
};

struct sheet_writer {
    lxw_workbook *workbook;
    struct sheet_spool *spool; // the rows of its pages of rows
    char *path, *beside;
    struct written_page *pages;
    size_t page_count;
    lxw_format *formats[STYLE_COUNT];
    struct own_code codes[WRITER_CODES_MAX];
    size_t code_count;
    char *properties[PROPERTY_COUNT];
};

// Where the next cell goes, and how it looks there.
struct target {
    struct written_page *page;
    struct reference place;
    lxw_row_t row; // as libxlsxwriter counts, from 0
    lxw_col_t column;
    lxw_format *format;
    unsigned style; // the format's index, for a stream
};

// Checks the place and finds the look's format.
bool writer_aim(struct target *target, struct sheet_writer *writer, size_t page, struct reference place,
                struct sheet_look look, struct err *err) MUST_CHECK;
// The library's answer as an error that names the place.
bool writer_done(lxw_error failed, struct reference place, struct err *err) MUST_CHECK;
// Makes the column wide enough, where the robot didn't tell its width.
void writer_widen(struct written_page *page, uint32_t column, size_t characters);
// The format of a look; NULL is how libxlsxwriter calls the general one.
bool writer_format(struct sheet_writer *writer, struct sheet_look look, lxw_format **out,
                   struct err *err) MUST_CHECK;
// Finds a name in a list ended by NULL.
bool writer_find_name(const char *const *names, struct text name, unsigned *index) MUST_CHECK;

#endif
