// Exact decimal numbers: (-1)^negative * coefficient * 10^exponent. Money never passes through a binary fraction.
//
// By the General Decimal Arithmetic specification 1.70 (speleotrove.com/decimal), as far as money goes: no NaN, no
// infinities, no flags; sums, differences and products are exact, and what cannot be exact says how it is rounded.
// 1. 12.3 and 12.30 are equal and keep the digits they were written with.
// 2. A value owns nothing: it is copied with decimal_copy (only the limbs in use) and never freed.
// 3. Results go to `out`, which may be one of the operands; on failure it is untouched.
// 4. No number has more than DECIMAL_DIGITS_MAX digits or an exponent beyond ±DECIMAL_EXPONENT_MAX. What would pass
//    them fails, so no operation costs more than some hundred microseconds.
#ifndef RENKI_DECIMAL_H
#define RENKI_DECIMAL_H

#include "lib/base/err.h"

enum {
    DECIMAL_DIGITS_MAX = 2000,
    DECIMAL_EXPONENT_MAX = 9999,
    DECIMAL_POWER_MAX = 9999,                   // decimal_power: how often a number is multiplied by itself
    DECIMAL_TEXT_MAX = DECIMAL_DIGITS_MAX + 64, // bytes that a written form can take
    DECIMAL_LIMBS_MAX = 104,                    // 64 bits each: 2000 * log2(10) / 64, rounded up
};

struct decimal {
    int32_t exponent;
    uint16_t limbs; // in use; 0 is the number zero
    bool negative;  // a zero may be, as the specification has it: -0.004 rounded to 2 places is -0.00
    uint64_t limb[DECIMAL_LIMBS_MAX];
};

enum decimal_rounding {
    DECIMAL_HALF_UP,   // half away from zero, as on invoices
    DECIMAL_HALF_EVEN, // half to the even neighbour, as banks and statistics do
    DECIMAL_HALF_DOWN,
    DECIMAL_UP,      // away from zero
    DECIMAL_DOWN,    // towards zero: cuts
    DECIMAL_FLOOR,   // towards minus infinity
    DECIMAL_CEILING, // towards plus infinity
    DECIMAL_05UP,    // up if the last digit kept is 0 or 5, else down: for a result that is rounded again
    DECIMAL_ROUNDING_COUNT
};
extern const char *const decimal_rounding_names[DECIMAL_ROUNDING_COUNT]; // "half-up" …
bool decimal_rounding_from_name(enum decimal_rounding *out, struct text name) MUST_CHECK;

// Bytes in use at the front of a value; a block of this size is a value that can be read (not written to).
size_t decimal_bytes(const struct decimal *value);
// The bytes of a value whose coefficient fits 64 bits, and such a value made in a block of that size.
enum { DECIMAL_SMALL_BYTES = 16 };
void decimal_put_small(void *block, int64_t coefficient, int32_t exponent);
void decimal_copy(struct decimal *out, const struct decimal *value);

// "-12.30", ".5", "1E+3": digits with at most one point, an exponent of ten if need be. No blanks, no separators.
bool decimal_parse(struct decimal *out, struct text written, struct err *err) MUST_CHECK;
void decimal_from_int64(struct decimal *out, int64_t value);
// Without an exponent ("1200", "0.00000012"), unless that took more than 40 zeros that nobody wrote. Reads back as an
// equal value. False when the buffer is full.
bool decimal_text(struct buf *out, const struct decimal *value) MUST_CHECK;
enum { DECIMAL_SHORT_TEXT_SIZE = 48 };
// The same for one of at most 19 digits (a limb) and 40 places, as nearly all are: its length, or 0 for others.
size_t decimal_short_text(char out[DECIMAL_SHORT_TEXT_SIZE], const struct decimal *value);
// The specification's to-scientific-string ("1.2E+3"): reads back with the same digits and exponent.
bool decimal_scientific(struct buf *out, const struct decimal *value) MUST_CHECK;
bool decimal_engineering(struct buf *out,
                         const struct decimal *value) MUST_CHECK; // exponents are multiples of three
bool decimal_to_int64(const struct decimal *value,
                      int64_t *out);                   // false when not whole or too large; *out untouched
double decimal_to_double(const struct decimal *value); // the nearest one; never for money

bool decimal_is_zero(const struct decimal *value);
int decimal_sign(const struct decimal *value);   // -1, 0 or 1
int decimal_digits(const struct decimal *value); // of the coefficient; 1 for zero
// -1, 0 or 1 by what they are worth.
int decimal_compare(const struct decimal *a, const struct decimal *b);
void decimal_negate(struct decimal *out, const struct decimal *value); // the sign of zero too
void decimal_abs(struct decimal *out, const struct decimal *value);

// Exact.
bool decimal_add(struct decimal *out, const struct decimal *a, const struct decimal *b,
                 struct err *err) MUST_CHECK;
bool decimal_subtract(struct decimal *out, const struct decimal *a, const struct decimal *b,
                      struct err *err) MUST_CHECK;
bool decimal_multiply(struct decimal *out, const struct decimal *a, const struct decimal *b,
                      struct err *err) MUST_CHECK;
// `exponent` 0 to DECIMAL_POWER_MAX. 0 to the power of 0 is 1.
bool decimal_power(struct decimal *out, const struct decimal *base, int64_t exponent,
                   struct err *err) MUST_CHECK;

// To `places` after the point.
bool decimal_divide(struct decimal *out, const struct decimal *a, const struct decimal *b, int places,
                    enum decimal_rounding rounding, struct err *err) MUST_CHECK;
// To at most `digits` digits; an exact quotient keeps no zeros that it does not need.
bool decimal_divide_to_precision(struct decimal *out, const struct decimal *a, const struct decimal *b,
                                 int digits, enum decimal_rounding rounding, struct err *err) MUST_CHECK;
// How often b goes into a, towards zero, and what is left, with the sign of a. Either out-parameter may be NULL.
bool decimal_divide_whole(struct decimal *quotient, struct decimal *remainder, const struct decimal *a,
                          const struct decimal *b, struct err *err) MUST_CHECK;
// The same towards minus infinity, as Lua's // and % do: what is left has the sign of b.
bool decimal_divide_floor(struct decimal *quotient, struct decimal *remainder, const struct decimal *a,
                          const struct decimal *b, struct err *err) MUST_CHECK;
// What is left when the quotient is rounded to the nearest whole number, halves to even.
bool decimal_remainder_near(struct decimal *out, const struct decimal *a, const struct decimal *b,
                            struct err *err) MUST_CHECK;

// To `places` after the point, -DECIMAL_DIGITS_MAX to DECIMAL_DIGITS_MAX: 2 are cents, -3 are thousands. The result
// has no exponent above 0: 1234 to -2 places is 1200.
bool decimal_round(struct decimal *out, const struct decimal *value, int places,
                   enum decimal_rounding rounding, struct err *err) MUST_CHECK;
// To the exponent itself: 1234 to exponent 2 is 12E+2.
bool decimal_quantize(struct decimal *out, const struct decimal *value, int exponent,
                      enum decimal_rounding rounding, struct err *err) MUST_CHECK;
// To at most `digits` digits; as it is when it has no more.
bool decimal_round_to_precision(struct decimal *out, const struct decimal *value, int digits,
                                enum decimal_rounding rounding, struct err *err) MUST_CHECK;
// Without zeros at the end: 12.300 becomes 12.3, 1200 becomes 12E+2, zero becomes 0.
void decimal_reduce(struct decimal *out, const struct decimal *value);

// Amounts as people write them: `1 234,56 €`, `EUR 1,234.56`, `1.234,56-`, `(12,50)`, with blanks (also U+00A0, U+2009,
// U+202F), points, commas or apostrophes between thousands and a minus (also U+2212) on either side.
// `point` is ',' or '.', or 0: then it is found out, and what can mean two numbers (`1.234`) fails.
bool decimal_parse_amount(struct decimal *out, struct text written, char point, struct err *err) MUST_CHECK;

struct decimal_style {
    const char *point, *thousands, *minus; // "," "\u00A0" "\u2212"; thousands "" for none
    const char *before, *after;            // a currency with its blank, or ""
};
// With all digits of the value: round it first. False when the buffer is full.
bool decimal_format(struct buf *out, const struct decimal *value,
                    const struct decimal_style *style) MUST_CHECK;

// Has libgmp take its memory from malloc itself. GnuTLS, which comes with libcurl, makes it go through a function of its
// own when it is loaded; a worker is without that library.
void decimal_own_memory(void);

#endif
