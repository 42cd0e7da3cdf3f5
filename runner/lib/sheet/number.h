// Numbers as spreadsheet files hold them: the exact decimal that a person sees in one. In the worker.
//
// Excel computes with binary floats and shows 15 significant digits (ECMA-376 part 1, 18.3.1.96 gives the text of the
// float: 12.300000000000001 for what a person typed as 12.3). So what has more than 15 digits and a fraction or an
// exponent is rounded to 15, half away from zero, on the text itself: no float is made. Whole numbers written out stay as
// they are: other programs write long account and reference numbers so.
#ifndef RENKI_SHEET_NUMBER_H
#define RENKI_SHEET_NUMBER_H

#include "lib/base/err.h"

enum { SHEET_POWERS = 19 };
extern const int64_t sheet_powers[SHEET_POWERS]; // of ten, from 1 to 10^18

enum { SHEET_NUMBER_BYTES_MAX = 400 };

// A number by XML Schema's double without INF and NaN: digits, point, exponent.
bool sheet_number_valid(struct text written);
// "NaN", "INF", "-Infinity" and the like, which some programs write for a computation that failed.
bool sheet_number_is_none(struct text written);
// Appends the plain decimal ("12.3", "-0.00005"), without exponent and without zeros at the end of a fraction.
// False when it is no number, or its exponent is beyond ±308.
bool sheet_number_decimal(struct buf *out, struct text written) MUST_CHECK;

// coefficient * 10^-places, no zero at the end of a fraction.
struct sheet_number {
    int64_t coefficient;
    uint8_t places;
};
enum { SHEET_NUMBER_DIGITS_MAX = 18 };
// The same decimal as sheet_number_decimal gives, for numbers as nearly all are: no exponent, no blanks, at most 18 digits
// (zeros in front and behind the point are digits too). False for others, whether they are numbers or not.
bool sheet_number_small(struct sheet_number *out, struct text written) MUST_CHECK;
// The same from digits as written, with so many of them behind a point; 0: there was no point.
bool sheet_number_from_digits(struct sheet_number *out, bool negative, uint64_t digits,
                              int places) MUST_CHECK;
// The nearest double.
double sheet_number_double(struct sheet_number number);

enum { SHEET_NUMBER_TEXT_SIZE = SHEET_NUMBER_BYTES_MAX + 2 };
// How a decimal stands in a cell that we write: a cell holds a float, which keeps 15 significant digits, up to 10^307.
enum number_fit {
    NUMBER_FITS,     // written to `out`: "12.3" for "+012.30"; ended by NUL
    NUMBER_TOO_LONG, // a cell would change it
    NUMBER_NONE,     // no number
};
enum number_fit sheet_number_fit(char out[SHEET_NUMBER_TEXT_SIZE], size_t *length, struct text written);

#endif
