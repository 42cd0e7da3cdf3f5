// How one CSV file is written: delimiter, quote, line ends. In every process that reads or writes tables.
#ifndef RENKI_CSV_DIALECT_H
#define RENKI_CSV_DIALECT_H

#include "lib/base/err.h"

enum csv_line_end {
    CSV_LINE_END_FIND, // reader only: the first one in the file decides
    CSV_LINE_END_LF,   // LF, with or without CR before it; a lone CR is data
    CSV_LINE_END_CR,   // CR alone, as old Macintosh programs write; a LF after it belongs to it
};

enum csv_blank {
    CSV_BLANK_SKIP,       // lines without a single character are no rows
    CSV_BLANK_KEEP,       // they are rows of one empty cell
    CSV_BLANK_SKIP_WHITE, // rows whose cells hold nothing but white space are left out too
};

struct csv_dialect {
    char delimiter;  // NUL: find it by looking
    char quote;      // NUL: quotes are letters like others
    char escape;     // NUL: a quote inside quotes is doubled
    bool find_quote; // look whether ' quotes instead, and whether \ escapes
    enum csv_line_end line_end;
    enum csv_blank blank;
    const char *comment; // lines that begin so are left out; NULL: there are none. Borrowed.
    bool skip_space;     // blanks after a delimiter are not part of the cell
};

// Everything to be found by looking, quotes as RFC 4180 has them unless the file shows others.
static inline struct csv_dialect csv_dialect_find(void)
{
    return (struct csv_dialect){.quote = '"', .find_quote = true};
}

#endif
