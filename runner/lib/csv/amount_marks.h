// The signs that numbers are written with: decimal mark and thousands separator. Used by csv_sniff.
#ifndef RENKI_CSV_AMOUNT_MARKS_H
#define RENKI_CSV_AMOUNT_MARKS_H

#include "lib/csv/reader.h"

struct amount_marks {
    bool number; // reads as a number, amount or percentage in some way
    enum csv_decimal decimal;
    enum csv_thousands thousands;
};

// What one cell shows: -1.234,50 and 12,5 € can only have a decimal comma; 1,234.50 and 12.5 only a point; 1.234 and
// 1,234 may be either. A date such as 31.12.2026 is no number.
struct amount_marks amount_marks_of(struct text cell);

#endif
