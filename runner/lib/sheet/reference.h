// "B7" and "A1:D20": places on a page. In the worker.
#ifndef RENKI_SHEET_REFERENCE_H
#define RENKI_SHEET_REFERENCE_H

#include "lib/base/err.h"

struct reference {
    uint32_t row, column; // from 1
};

struct range {
    struct reference first, last; // both inside
};

// With or without $ before letters and digits. False outside 1048576 × 16384.
bool sheet_reference_parse(struct reference *out, struct text text) MUST_CHECK;
// "A1:D20", or one cell. Corners in any order.
bool range_parse(struct range *out, struct text text) MUST_CHECK;

enum { REFERENCE_TEXT_SIZE = 16, RANGE_TEXT_SIZE = 2 * REFERENCE_TEXT_SIZE };
const char *reference_text(char out[REFERENCE_TEXT_SIZE], struct reference reference);
const char *range_text(char out[RANGE_TEXT_SIZE], struct range range);   // "A1:D20", "B7"
const char *column_text(char out[REFERENCE_TEXT_SIZE], uint32_t column); // 28: "AB"

#endif
