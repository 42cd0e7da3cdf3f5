// The way to libgmp: coefficients as mpz. Only for the sources of this folder.
#ifndef RENKI_DECIMAL_NUMBER_H
#define RENKI_DECIMAL_NUMBER_H

#include "lib/decimal/decimal.h"

#include <gmp.h>

_Static_assert(sizeof(mp_limb_t) == sizeof(uint64_t), "a limb is 64 bits");
_Static_assert(DECIMAL_DIGITS_MAX * 33220 <= DECIMAL_LIMBS_MAX * 64 * 10000,
               "a digit is 3.322 bits: limbs hold all");

typedef unsigned __int128 wide; // two limbs: what the short ways compute in

static inline void scoped_mpz_clear(mpz_t *number)
{
    mpz_clear(*number);
}
// SCOPED_NUMBER(sum): an mpz_t that is zero and is cleared at the end of the scope.
#define SCOPED_NUMBER(name)                                                                                  \
    __attribute__((cleanup(scoped_mpz_clear))) mpz_t name;                                                   \
    mpz_init(name)

// The coefficient without its sign, borrowed from the value: `mpz_t room; f(number_of(room, value))`.
static inline mpz_srcptr number_of(mpz_t room, const struct decimal *value)
{
    return mpz_roinit_n(room, (const mp_limb_t *)value->limb, value->limbs);
}

enum { POWERS_IN_LIMB = 20 }; // 10^0 to 10^19
extern const uint64_t number_power_of_ten[POWERS_IN_LIMB];

// One limb at most: the short way is open.
static inline bool number_is_short(const struct decimal *value)
{
    return value->limbs <= 1;
}
static inline uint64_t number_short(const struct decimal *value)
{
    return value->limbs ? value->limb[0] : 0;
}

// How many decimal digits; 1 for zero.
size_t number_digits(mpz_srcptr number);
// number *= 10^count. `count` is bounded by the caller.
void number_scale(mpz_t number, size_t count);
// Stores a result; fails when it has too many digits or its exponent is out of range.
bool number_store(struct decimal *out, mpz_srcptr coefficient, int64_t exponent, bool negative,
                  struct err *err) MUST_CHECK;
bool number_store_wide(struct decimal *out, wide coefficient, int64_t exponent, bool negative,
                       struct err *err) MUST_CHECK;
// Fails with the limit.
static inline bool number_too_long(struct err *err)
{
    return fail(err, ERR_DECIMAL_TOO_LONG, N(DECIMAL_DIGITS_MAX));
}

// coefficient = coefficient / 10^drop, rounded.
void number_drop(mpz_t coefficient, size_t drop, enum decimal_rounding rounding, bool negative);
// Whether a quotient whose last bits and digit are those of `kept` goes one up; `half` compares what is left with a
// half (-1, 0, 1). Something is left.
bool number_goes_up(mpz_srcptr kept, int half, enum decimal_rounding rounding, bool negative);

#endif
