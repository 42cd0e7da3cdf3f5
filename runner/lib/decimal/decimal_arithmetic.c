// Sums, products, quotients. See decimal.h.
//
// Most amounts fit one limb and differ little in exponent: those take the short way, in 128 bits, without libgmp. What
// an operation costs is bounded before it begins: two numbers are brought to one exponent only when the result can have
// at most DECIMAL_DIGITS_MAX digits or so.
#include "lib/decimal/decimal_number.h"

#include <stdlib.h>

enum { SHORT_SCALE_MAX = 18 }; // 2^64 * 10^18 and twice that fit 127 bits

// The place of the first digit: 1 for 1 to 9, 2 for 10 to 99.
static int64_t first_place(const struct decimal *value)
{
    return value->exponent + (int64_t)decimal_digits(value);
}

static bool add_short(struct decimal *out, const struct decimal *a, const struct decimal *b, bool b_negative,
                      struct err *err)
{
    const int32_t exponent = a->exponent < b->exponent ? a->exponent : b->exponent;
    const wide x = (wide)number_short(a) * number_power_of_ten[a->exponent - exponent];
    const wide y = (wide)number_short(b) * number_power_of_ten[b->exponent - exponent];
    if (a->negative == b_negative)
        return number_store_wide(out, x + y, exponent, a->negative, err);
    if (x == y) // also of zeros: the specification's sign of an exact zero
        return number_store_wide(out, 0, exponent, false, err);
    return number_store_wide(out, x > y ? x - y : y - x, exponent, x > y ? a->negative : b_negative, err);
}

static void load_scaled(mpz_t out, const struct decimal *value, bool negative, int32_t exponent)
{
    mpz_t room;
    mpz_set(out, number_of(room, value));
    number_scale(out, (size_t)(value->exponent - exponent));
    if (negative)
        mpz_neg(out, out);
}

static bool add_signed(struct decimal *out, const struct decimal *a, const struct decimal *b, bool b_negative,
                       struct err *err)
{
    if (number_is_short(a) && number_is_short(b) && abs(a->exponent - b->exponent) <= SHORT_SCALE_MAX)
        return add_short(out, a, b, b_negative, err);
    const int32_t exponent = a->exponent < b->exponent ? a->exponent : b->exponent;
    if ((a->limbs && first_place(a) - exponent > DECIMAL_DIGITS_MAX) ||
        (b->limbs && first_place(b) - exponent > DECIMAL_DIGITS_MAX))
        return number_too_long(err);
    SCOPED_NUMBER(x);
    SCOPED_NUMBER(y);
    load_scaled(x, a, a->negative, exponent);
    load_scaled(y, b, b_negative, exponent);
    mpz_add(x, x, y);
    const bool negative = mpz_sgn(x) ? mpz_sgn(x) < 0 : a->negative && b_negative;
    return number_store(out, x, exponent, negative, err);
}

bool decimal_add(struct decimal *out, const struct decimal *a, const struct decimal *b, struct err *err)
{
    return add_signed(out, a, b, b->negative, err);
}

bool decimal_subtract(struct decimal *out, const struct decimal *a, const struct decimal *b, struct err *err)
{
    return add_signed(out, a, b, !b->negative, err);
}

bool decimal_multiply(struct decimal *out, const struct decimal *a, const struct decimal *b, struct err *err)
{
    const int64_t exponent = (int64_t)a->exponent + b->exponent;
    const bool negative = a->negative != b->negative;
    if (number_is_short(a) && number_is_short(b))
        return number_store_wide(out, (wide)number_short(a) * number_short(b), exponent, negative, err);
    mpz_t x, y;
    SCOPED_NUMBER(product);
    mpz_mul(product, number_of(x, a), number_of(y, b));
    return number_store(out, product, exponent, negative, err);
}

bool decimal_power(struct decimal *out, const struct decimal *base, int64_t exponent, struct err *err)
{
    if (exponent < 0 || exponent > DECIMAL_POWER_MAX)
        return fail(err, ERR_DECIMAL_POWER, N(exponent), N(DECIMAL_POWER_MAX));
    if (base->limbs == 0 && exponent > 0) // the specification gives zero without decimals
        return number_store_wide(out, 0, 0, base->negative && exponent % 2, err);
    // A number of n digits is at least 10^(n-1); one of a single digit is short enough for any power that is allowed.
    if ((int64_t)(decimal_digits(base) - 1) * exponent > DECIMAL_DIGITS_MAX)
        return number_too_long(err);
    mpz_t room;
    SCOPED_NUMBER(power);
    mpz_pow_ui(power, number_of(room, base), (unsigned long)exponent);
    return number_store(out, power, base->exponent * exponent, base->negative && exponent % 2, err);
}

static bool refuse_zero(const struct decimal *divisor, struct err *err)
{
    return divisor->limbs > 0 || fail(err, ERR_DECIMAL_DIVISION_BY_ZERO);
}

static int sign_of(int compared)
{
    return (compared > 0) - (compared < 0);
}

// quotient = a * 10^shift / b, and what is left of it, all without signs; `divisor` is what it was divided by.
static void divide_shifted(mpz_t quotient, mpz_t left, mpz_t divisor, const struct decimal *a,
                           const struct decimal *b, int64_t shift)
{
    mpz_t room;
    mpz_set(quotient, number_of(room, a));
    mpz_set(divisor, number_of(room, b));
    number_scale(shift > 0 ? quotient : divisor, (size_t)(shift > 0 ? shift : -shift));
    mpz_tdiv_qr(quotient, left, quotient, divisor);
}

bool decimal_divide(struct decimal *out, const struct decimal *a, const struct decimal *b, int places,
                    enum decimal_rounding rounding, struct err *err)
{
    const bool negative = a->negative != b->negative;
    if (!refuse_zero(b, err))
        return false;
    if (places < 0 || places > DECIMAL_DIGITS_MAX)
        return number_too_long(err);
    if (a->limbs == 0)
        return number_store_wide(out, 0, -places, negative, err);
    if (first_place(a) - first_place(b) + places > DECIMAL_DIGITS_MAX)
        return number_too_long(err);
    SCOPED_NUMBER(quotient);
    SCOPED_NUMBER(left);
    SCOPED_NUMBER(divisor);
    if (first_place(a) - first_place(b) + places < -1) { // less than a tenth of the last place
        if (number_goes_up(quotient, -1, rounding, negative))
            mpz_set_ui(quotient, 1);
        return number_store(out, quotient, -places, negative, err);
    }
    divide_shifted(quotient, left, divisor, a, b, (int64_t)a->exponent - b->exponent + places);
    if (mpz_sgn(left)) {
        mpz_mul_2exp(left, left, 1);
        if (number_goes_up(quotient, sign_of(mpz_cmp(left, divisor)), rounding, negative))
            mpz_add_ui(quotient, quotient, 1);
    }
    return number_store(out, quotient, -places, negative, err);
}

bool decimal_divide_to_precision(struct decimal *out, const struct decimal *a, const struct decimal *b,
                                 int digits, enum decimal_rounding rounding, struct err *err)
{
    const bool negative = a->negative != b->negative;
    const int64_t ideal = (int64_t)a->exponent - b->exponent;
    if (!refuse_zero(b, err))
        return false;
    if (digits < 1 || digits > DECIMAL_DIGITS_MAX)
        return number_too_long(err);
    if (a->limbs == 0)
        return number_store_wide(out, 0, ideal, negative, err);
    SCOPED_NUMBER(quotient);
    SCOPED_NUMBER(left);
    SCOPED_NUMBER(divisor);
    // One digit more than is asked for, at least; what is left beyond it only says "a little more".
    const int64_t shift = digits + 1 + (int64_t)decimal_digits(b) - decimal_digits(a);
    divide_shifted(quotient, left, divisor, a, b, shift);
    int64_t exponent = ideal - shift;
    if (mpz_sgn(left) && mpz_divisible_ui_p(quotient, 5))
        mpz_add_ui(quotient, quotient, 1);
    for (; !mpz_sgn(left) && exponent < ideal && mpz_divisible_ui_p(quotient, 10); exponent++)
        mpz_divexact_ui(quotient, quotient, 10);
    size_t count = number_digits(quotient);
    for (; count > (size_t)digits; count = number_digits(quotient)) { // twice when rounding makes it longer
        const size_t drop = count - (size_t)digits;
        number_drop(quotient, drop, rounding, negative);
        exponent += (int64_t)drop;
    }
    return number_store(out, quotient, exponent, negative, err);
}

// quotient and left as whole multiples of b and of 10^*exponent, without signs.
static bool divide_aligned(mpz_t quotient, mpz_t left, int32_t *exponent, const struct decimal *a,
                           const struct decimal *b, struct err *err)
{
    *exponent = a->exponent < b->exponent ? a->exponent : b->exponent;
    if (!refuse_zero(b, err))
        return false;
    const int64_t more = first_place(a) - first_place(b); // digits that the quotient has, give or take one
    if (a->limbs && more > DECIMAL_DIGITS_MAX)
        return number_too_long(err);
    if (a->limbs == 0 || more < 0) { // b does not go into a
        if (a->limbs && first_place(a) - *exponent > DECIMAL_DIGITS_MAX)
            return number_too_long(err);
        load_scaled(left, a, false, *exponent);
        return true;
    }
    // Since b goes into a at most some 10^DECIMAL_DIGITS_MAX times, neither gets more than twice as long here.
    SCOPED_NUMBER(divisor);
    load_scaled(quotient, a, false, *exponent);
    load_scaled(divisor, b, false, *exponent);
    mpz_tdiv_qr(quotient, left, quotient, divisor);
    return true;
}

// Both results are known before either is stored, so that an operand may be an out-parameter.
static bool store_both(struct decimal *quotient, mpz_srcptr whole, bool quotient_negative,
                       struct decimal *remainder, mpz_srcptr left, int32_t exponent, bool remainder_negative,
                       struct err *err)
{
    struct decimal first;
    if (quotient && !number_store(&first, whole, 0, quotient_negative, err))
        return false;
    if (remainder && !number_store(remainder, left, exponent, remainder_negative, err))
        return false;
    if (quotient)
        decimal_copy(quotient, &first);
    return true;
}

bool decimal_divide_whole(struct decimal *quotient, struct decimal *remainder, const struct decimal *a,
                          const struct decimal *b, struct err *err)
{
    int32_t exponent;
    SCOPED_NUMBER(whole);
    SCOPED_NUMBER(left);
    if (!divide_aligned(whole, left, &exponent, a, b, err))
        return false;
    return store_both(quotient, whole, a->negative != b->negative, remainder, left, exponent, a->negative,
                      err);
}

// left = |b| - left, in units of 10^exponent.
static bool complement(mpz_t left, const struct decimal *b, int32_t exponent, struct err *err)
{
    if (first_place(b) - exponent > DECIMAL_DIGITS_MAX)
        return number_too_long(err);
    SCOPED_NUMBER(divisor);
    load_scaled(divisor, b, false, exponent);
    mpz_sub(left, divisor, left);
    return true;
}

bool decimal_divide_floor(struct decimal *quotient, struct decimal *remainder, const struct decimal *a,
                          const struct decimal *b, struct err *err)
{
    int32_t exponent;
    SCOPED_NUMBER(whole);
    SCOPED_NUMBER(left);
    if (!divide_aligned(whole, left, &exponent, a, b, err))
        return false;
    const bool negative = a->negative != b->negative;
    if (negative && mpz_sgn(left)) {
        mpz_add_ui(whole, whole, 1);
        if (!complement(left, b, exponent, err))
            return false;
    }
    return store_both(quotient, whole, negative, remainder, left, exponent, b->negative, err);
}

bool decimal_remainder_near(struct decimal *out, const struct decimal *a, const struct decimal *b,
                            struct err *err)
{
    int32_t exponent;
    SCOPED_NUMBER(whole);
    SCOPED_NUMBER(left);
    SCOPED_NUMBER(other);
    if (!divide_aligned(whole, left, &exponent, a, b, err))
        return false;
    if (a->limbs == 0 || first_place(a) - first_place(b) < -1) // below a tenth: never near enough
        return number_store(out, left, exponent, a->negative, err);
    mpz_set(other, left);
    if (!complement(other, b, exponent, err))
        return false;
    const int compared = mpz_cmp(left, other);
    const bool beyond = compared > 0 || (compared == 0 && mpz_odd_p(whole));
    return number_store(out, beyond ? other : left, exponent, a->negative != beyond, err);
}
