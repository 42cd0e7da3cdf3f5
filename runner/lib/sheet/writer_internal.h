// What the files of the writer share: the open workbook and where a cell goes. In the worker.
#ifndef RENKI_SHEET_WRITER_INTERNAL_H
#define RENKI_SHEET_WRITER_INTERNAL_H

#include "lib/sheet/stream.h"
#include "lib/sheet/writer.h"

#include <xlsxwriter.h>

enum { WRITER_FORMATS_MAX = 1000, WRITER_CODE_BYTES_MAX = 255 };
enum { WIDTH_LEAST = 8, WIDTH_MOST = 60 };

struct written_column {
    double width;     // 0: by the content
    uint16_t content; // in characters
    bool hidden, collapsed;
    uint8_t level;
    lxw_format *format;
};

struct written_page {
    lxw_worksheet *sheet;
    char *name;
    struct sheet_stream *stream; // of a page of rows; NULL: a free page
    uint32_t last_row, last_column;
    uint32_t links, notes, images;
    struct written_column *columns; // by column - 1
    uint32_t column_count;
};

struct made_format {
    uint32_t styles;
    char *code; // NULL: the styles'
    lxw_format *format;
};

struct sheet_writer {
    lxw_workbook *workbook;
    struct sheet_spool *spool; // the rows of its pages of rows
    char *path, *beside;
    struct written_page *pages;
    size_t page_count;
    struct made_format *formats;
    size_t format_count;
    char *properties[PROPERTY_COUNT];
    char **tables; // their names
    size_t table_count;
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
// Text that can stand in a cell: UTF-8 without NUL.
bool writer_check_text(struct text text, struct reference place, struct err *err) MUST_CHECK;
// Words that stand outside of cells: UTF-8 without control characters, of at most so many letters.
bool writer_check_words(struct text text, size_t letters_max, const char *what, struct err *err) MUST_CHECK;
// "'Page'!$A$1:$B$2", as formulas have it. False when the buffer is full.
bool writer_append_range(struct buf *out, const struct sheet_writer *writer, size_t page,
                         struct range range) MUST_CHECK;
// The library's answer as an error that names the place.
bool writer_done(lxw_error failed, struct reference place, struct err *err) MUST_CHECK;
// What is known of a column, to be changed; `column` from 1.
struct written_column *writer_column(struct written_page *page, uint32_t column);
// Makes the column wide enough, where the robot doesn't tell its width.
void writer_widen(struct written_page *page, uint32_t column, size_t characters);
// Puts what was gathered of a page into it, before the workbook is closed.
void writer_finish_page(const struct written_page *page);
// The format of a look; NULL is how libxlsxwriter calls the general one.
bool writer_format(struct sheet_writer *writer, struct sheet_look look, lxw_format **out,
                   struct err *err) MUST_CHECK;
// Finds a name in a list ended by NULL.
bool writer_find_name(const char *const *names, struct text name, unsigned *index) MUST_CHECK;

#endif
