// Reads CSV and its kin row by row, in memory that does not grow with the file. In the worker.
//
// 1. RFC 4180, and beyond it: any delimiter, quote or none, escape character, LF, CRLF or CR, comments, and any encoding
//    of lib/encoding. What the caller does not say is found by looking at the first 256 KB.
// 2. A quoted cell ends at a quote that is followed by blanks and then a delimiter, a line end or the end of the file;
//    a quote elsewhere in it is taken as a letter and reported. A quote within an unquoted cell is a letter.
// 3. Damage (a quote that never closes, such as a file cut off; NUL; bytes outside the encoding; stray quotes) fails in a
//    strict reader and is reported with its line in a lenient one. Nothing is dropped silently.
#ifndef RENKI_CSV_READER_H
#define RENKI_CSV_READER_H

#include "lib/csv/dialect.h"

enum {
    CSV_COLUMNS_MAX = 16384,
    CSV_CELL_BYTES_MAX = 1 << 20,
    CSV_ROW_BYTES_MAX = 64 << 20,
    CSV_PROBLEMS_KEPT = 100,
};

enum csv_problem_kind { CSV_PROBLEM_QUOTE_OPEN, CSV_PROBLEM_QUOTE_STRAY, CSV_PROBLEM_NUL, CSV_PROBLEM_BYTES };

struct csv_problem {
    enum csv_problem_kind kind;
    size_t line; // the first line of the row it was found in, counted from 1
};

struct csv_options {
    struct csv_dialect dialect; // csv_dialect_find() for what people have
    const char *encoding;       // a label of lib/encoding; NULL: find it by looking
    bool lenient;
};

enum csv_decimal { CSV_DECIMAL_UNKNOWN, CSV_DECIMAL_POINT, CSV_DECIMAL_COMMA };

// What was told or found.
struct csv_found {
    struct csv_dialect dialect;
    const char *encoding;
    enum csv_decimal decimal; // by looking at cells that can be nothing else
};

struct csv_row {
    const struct text *cells; // UTF-8, unquoted; valid until the next row
    size_t count, line;       // line: where the row begins in the file
};

struct csv_reader;

// Reads a file from its beginning, whatever the descriptor's position (which stays), or a pipe. The descriptor is borrowed;
// several readers may share one.
bool csv_reader_open_file(struct csv_reader **out, int descriptor, const struct csv_options *options,
                          struct err *err) MUST_CHECK;
// Reads from borrowed memory.
bool csv_reader_open_text(struct csv_reader **out, struct text bytes, const struct csv_options *options,
                          struct err *err) MUST_CHECK;
void csv_reader_free(struct csv_reader *reader);
DEFINE_SCOPED(csv_reader)

// The next row, borrowed; *row is NULL at the end. Errors name the line.
bool csv_reader_next(struct csv_reader *reader, const struct csv_row **row, struct err *err) MUST_CHECK;

const struct csv_found *csv_reader_found(const struct csv_reader *reader);
// How many problems there were until now; the first CSV_PROBLEMS_KEPT of them are at *problems.
size_t csv_reader_problems(const struct csv_reader *reader, const struct csv_problem **problems);
// Bytes of the file that were read until now, for a progress bar.
uint64_t csv_reader_bytes(const struct csv_reader *reader);

#endif
