// Writes CSV cell by cell into a buffer. In the worker.
//
// 1. A cell is quoted when it holds the delimiter, the quote, a line end or a blank at its ends; RFC 4180 otherwise.
// 2. For people (`raw` false), text that begins with = + - @, tab or CR and is no number gets a leading ', so that no
//    spreadsheet program takes it for a formula. For machines (`raw`) text goes out as it is.
#ifndef RENKI_CSV_WRITER_H
#define RENKI_CSV_WRITER_H

#include "lib/csv/dialect.h"

struct csv_writer {
    struct buf *out; // borrowed; the caller may write it to a file and clear it between rows
    char delimiter, quote, escape;
    const char *line_end;
    bool raw, quote_all, decimal_comma;
    bool in_row;
};

// Commas, double quotes, CRLF: RFC 4180. Finnish Excel wants ';', decimal_comma and a byte order mark.
static inline struct csv_writer csv_writer_new(struct buf *out)
{
    return (struct csv_writer){.out = out, .delimiter = ',', .quote = '"', .escape = '"', .line_end = "\r\n"};
}

// All are false when the buffer is full.
bool csv_write_bom(struct csv_writer *writer) MUST_CHECK;
bool csv_write_text(struct csv_writer *writer, struct text text) MUST_CHECK;
// `written` is a number as Lua and JSON write it, with a point; decimal_comma is honoured.
bool csv_write_number(struct csv_writer *writer, struct text written) MUST_CHECK;
bool csv_write_row_end(struct csv_writer *writer) MUST_CHECK;

#endif
