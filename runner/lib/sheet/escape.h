// Text as a cell of an .xlsx holds it. In the worker.
//
// & < > become entities; what XML can't hold becomes _xHHHH_, and what looks like that its underscore, as Excel does
// (ECMA-376 part 1, 22.9.2.19 ST_Xstring). Tabs and line ends stay as they are.
#ifndef RENKI_SHEET_ESCAPE_H
#define RENKI_SHEET_ESCAPE_H

#include "lib/base/text.h"

enum {
    ESCAPE_GROWTH_MAX = 7, // bytes that come out for a UTF-16 unit, at most
};

enum escape_end { ESCAPE_GOOD, ESCAPE_MALFORMED /* no UTF-8, or a NUL */, ESCAPE_TOO_LONG };

struct escaped {
    size_t bytes;
    size_t units;  // UTF-16, as Excel counts
    size_t widest; // characters of the longest line
};

// Writes to `out`, which has room for `escape_room(text, units_max)` bytes. Fills `*escaped` when ESCAPE_GOOD.
enum escape_end escape_text(char *out, struct text text, size_t units_max,
                            struct escaped *escaped) MUST_CHECK;
size_t escape_room(struct text text, size_t units_max);
// A copy in which only what looks like _xHHHH_ has its underscore escaped: for libxlsxwriter, which does the rest. The
// caller frees it.
char *escape_underscores(struct text text);

#endif
