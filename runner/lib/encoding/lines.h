// A text file line by line, in constant memory. In the worker.
//
// Lines end with LF, CR LF or CR alone; the end is not part of the line. A last line without an end is a line too.
#ifndef RENKI_ENCODING_LINES_H
#define RENKI_ENCODING_LINES_H

#include "lib/encoding/encoding.h"

enum { LINE_BYTES_MAX = 1 << 20 }; // of UTF-8

struct line_reader;

// NULL `encoding`: guessed from the beginning. `directory` as in openat(2). Only regular files.
// Errors: FILE_MISSING, FILE_UNREADABLE.
bool line_reader_open(struct line_reader **out, int directory, const char *path,
                      const struct encoding *encoding, enum encoding_mode mode, struct err *err) MUST_CHECK;
void line_reader_free(struct line_reader *reader);
DEFINE_SCOPED(line_reader)
// *found is false at the end. The line is borrowed until the next call. Errors: FILE_UNREADABLE, ENCODING_BYTES,
// LIMIT_PASSED; they note the line's number.
bool line_reader_next(struct line_reader *reader, struct text *line, bool *found, struct err *err) MUST_CHECK;

#endif
