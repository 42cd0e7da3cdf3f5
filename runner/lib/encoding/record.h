// Fixed-width records: every field has its width, and blanks count. In the worker.
#ifndef RENKI_ENCODING_RECORD_H
#define RENKI_ENCODING_RECORD_H

#include "lib/base/err.h"

enum { RECORD_FIELDS_MAX = 500, RECORD_WIDTH_MAX = 100000 };

enum record_unit { RECORD_CHARACTERS, RECORD_BYTES };

// How a value that is shorter than its field is written: at the left with `fill` after it, or at the right.
struct record_field {
    const char *name; // for messages
    size_t width;     // 1 to RECORD_WIDTH_MAX
    bool at_right;
    char fill; // ASCII
};

// Takes the next field off *rest. False when fewer than `width` units are left.
bool record_take(struct text *rest, size_t width, enum record_unit unit, struct text *field) MUST_CHECK;
// How long a text is in the unit.
size_t record_length(struct text text, enum record_unit unit);
// Appends the value in its width. Errors: RECORD_VALUE (longer than the field, or with a line end), LIMIT_PASSED.
bool record_put(struct buf *out, const struct record_field *field, struct text value, enum record_unit unit,
                struct err *err) MUST_CHECK;

#endif
