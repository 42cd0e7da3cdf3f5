// Reads CSV and its kin row by row, in memory that does not grow with the file. In the worker.
//
// 1. RFC 4180, and beyond it: any delimiter, quote or none, escape character, LF, CRLF or CR, comments, a first line
//    `sep=;` as Excel has it, and any encoding of lib/encoding. What the caller does not say is found by looking at the
//    first 256 KB; the encoding later, where only ASCII stands there.
// 2. A quoted cell ends at a quote that is followed by blanks and then a delimiter, a line end or the end of the file;
//    a quote elsewhere in it is taken as a letter and reported. A quote within an unquoted cell is a letter.
// 3. Damage (a quote that never closes, such as a file cut off; NUL; bytes outside the encoding; stray quotes; where the
//    width is told, cells beyond it and a last row that is cut off) fails in a strict reader and is reported with its line
//    in a lenient one. A row that is shorter than told is read and reported in both. Nothing is dropped silently.
#ifndef RENKI_CSV_READER_H
#define RENKI_CSV_READER_H

#include "lib/csv/dialect.h"

enum {
    CSV_COLUMNS_MAX = 16384,
    CSV_CELL_BYTES_MAX = 1 << 20,
    CSV_ROW_BYTES_MAX = 64 << 20,
    CSV_PROBLEMS_KEPT = 100,
    CSV_CELL_SPARE = 32, // bytes behind every cell that may be read, whatever they are
};

enum csv_problem_kind {
    CSV_PROBLEM_QUOTE_OPEN,
    CSV_PROBLEM_QUOTE_STRAY,
    CSV_PROBLEM_NUL,
    CSV_PROBLEM_BYTES,
    CSV_PROBLEM_SHORT, // fewer cells than the header; no error
    CSV_PROBLEM_LONG,  // cells with content beyond the header
    CSV_PROBLEM_CUT,   // the only short row is the last one, and has no line end
    CSV_PROBLEM_KINDS
};

struct csv_problem {
    enum csv_problem_kind kind;
    size_t line; // the first line of the row it was found in, counted from 1
};

struct csv_options {
    struct csv_dialect dialect; // csv_dialect_find() for what people have
    const char *encoding;       // a label of lib/encoding; NULL: find it by looking
    bool lenient;
    bool look_no_further; // the dialect and the encoding are told in full; csv_found says nothing more
};

enum csv_decimal { CSV_DECIMAL_UNKNOWN, CSV_DECIMAL_POINT, CSV_DECIMAL_COMMA };
enum csv_thousands {
    CSV_THOUSANDS_UNKNOWN, // or none
    CSV_THOUSANDS_SPACE,   // also U+00A0, U+2009, U+202F
    CSV_THOUSANDS_POINT,
    CSV_THOUSANDS_COMMA,
    CSV_THOUSANDS_APOSTROPHE,
};

// What was told or found.
struct csv_found {
    struct csv_dialect dialect;
    const char *encoding;     // csv_reader_settle makes sure of it
    enum csv_decimal decimal; // by looking at cells that can be nothing else
    enum csv_thousands thousands;
    bool single;   // one column, without a delimiter
    size_t header; // the line of the header: below title lines, where there are such; 0: an empty file
};

struct csv_row {
    const struct text
        *cells;    // UTF-8, unquoted; valid until the next row. Those that were asked for, in their order.
    size_t filled; // how many there are
    size_t count, line; // count: all cells of the row; line: where the row begins in the file
    size_t last;        // the last cell that is not empty, from 1; 0: none
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

// From the next row on only these columns are handed out, counted from 0 and ascending; without it, all.
void csv_reader_choose(struct csv_reader *reader, const uint32_t *columns, size_t count);
// From the next row on, rows with other widths are problems. 0: none are.
void csv_reader_expect(struct csv_reader *reader, size_t width);

// The next row, borrowed; *row is NULL at the end. Errors name the line.
bool csv_reader_next(struct csv_reader *reader, const struct csv_row **row, struct err *err) MUST_CHECK;

const struct csv_found *csv_reader_found(const struct csv_reader *reader);
// Makes sure of found->encoding, which may need a look at the whole file. Only before the first row; no row can be read
// afterwards.
bool csv_reader_settle(struct csv_reader *reader, struct err *err) MUST_CHECK;
// How many problems there were until now; the first CSV_PROBLEMS_KEPT of them are at *problems.
size_t csv_reader_problems(const struct csv_reader *reader, const struct csv_problem **problems);
// Bytes of the file that were read until now, for a progress bar.
uint64_t csv_reader_bytes(const struct csv_reader *reader);

#endif
