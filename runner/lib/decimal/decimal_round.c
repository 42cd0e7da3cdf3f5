// Rounding. See decimal.h.
#include "lib/decimal/decimal_number.h"

const char *const decimal_rounding_names[DECIMAL_ROUNDING_COUNT] = {
    [DECIMAL_HALF_UP] = "half-up", [DECIMAL_HALF_EVEN] = "half-even", [DECIMAL_HALF_DOWN] = "half-down",
    [DECIMAL_UP] = "up",           [DECIMAL_DOWN] = "down",           [DECIMAL_FLOOR] = "floor",
    [DECIMAL_CEILING] = "ceiling", [DECIMAL_05UP] = "05up",
};

bool decimal_rounding_from_name(enum decimal_rounding *out, struct text name)
{
    for (size_t i = 0; i < DECIMAL_ROUNDING_COUNT; i++)
        if (text_is(name, decimal_rounding_names[i])) {
            *out = (enum decimal_rounding)i;
            return true;
        }
    return false;
}

static bool goes_up(unsigned last_digit, int half, enum decimal_rounding rounding, bool negative)
{
    switch (rounding) {
    case DECIMAL_HALF_UP:
        return half >= 0;
    case DECIMAL_HALF_EVEN:
        return half > 0 || (half == 0 && last_digit % 2 == 1);
    case DECIMAL_HALF_DOWN:
        return half > 0;
    case DECIMAL_UP:
        return true;
    case DECIMAL_DOWN:
        return false;
    case DECIMAL_FLOOR:
        return negative;
    case DECIMAL_CEILING:
        return !negative;
    case DECIMAL_05UP:
        return last_digit % 5 == 0;
    case DECIMAL_ROUNDING_COUNT:
        break;
    }
    return check(!"a rounding mode");
}

bool number_goes_up(mpz_srcptr kept, int half, enum decimal_rounding rounding, bool negative)
{
    return goes_up((unsigned)mpz_fdiv_ui(kept, 10), half, rounding, negative);
}

static int sign_of(int compared)
{
    return (compared > 0) - (compared < 0);
}

void number_drop(mpz_t coefficient, size_t drop, enum decimal_rounding rounding, bool negative)
{
    if (drop == 0 || mpz_sgn(coefficient) == 0)
        return;
    if (drop > number_digits(coefficient)) { // less than a tenth is left: no power of ten is worth computing
        mpz_set_ui(coefficient, goes_up(0, -1, rounding, negative));
        return;
    }
    SCOPED_NUMBER(power);
    SCOPED_NUMBER(left);
    mpz_ui_pow_ui(power, 10, drop);
    mpz_tdiv_qr(coefficient, left, coefficient, power);
    if (mpz_sgn(left) == 0)
        return;
    mpz_mul_2exp(left, left, 1);
    if (number_goes_up(coefficient, sign_of(mpz_cmp(left, power)), rounding, negative))
        mpz_add_ui(coefficient, coefficient, 1);
}

static uint64_t drop_short(uint64_t coefficient, size_t drop, enum decimal_rounding rounding, bool negative)
{
    const uint64_t power = number_power_of_ten[drop], kept = coefficient / power, left = coefficient % power;
    if (left == 0)
        return kept;
    const int half = (left > power - left) - (left < power - left);
    return kept + goes_up((unsigned)(kept % 10), half, rounding, negative);
}

// Makes the exponent larger by `drop`.
static bool drop_digits(struct decimal *out, const struct decimal *value, size_t drop,
                        enum decimal_rounding rounding, struct err *err)
{
    const int64_t exponent = value->exponent + (int64_t)drop;
    if (number_is_short(value) && drop < POWERS_IN_LIMB)
        return number_store_wide(out, drop_short(number_short(value), drop, rounding, value->negative),
                                 exponent, value->negative, err);
    mpz_t room;
    SCOPED_NUMBER(coefficient);
    mpz_set(coefficient, number_of(room, value));
    number_drop(coefficient, drop, rounding, value->negative);
    return number_store(out, coefficient, exponent, value->negative, err);
}

// Makes the exponent smaller by `count`.
static bool add_zeros(struct decimal *out, const struct decimal *value, size_t count, struct err *err)
{
    const int64_t exponent = value->exponent - (int64_t)count;
    if (number_is_short(value) && count < POWERS_IN_LIMB)
        return number_store_wide(out, (wide)number_short(value) * number_power_of_ten[count], exponent,
                                 value->negative, err);
    if (value->limbs && count > DECIMAL_DIGITS_MAX)
        return number_too_long(err);
    mpz_t room;
    SCOPED_NUMBER(coefficient);
    mpz_set(coefficient, number_of(room, value));
    number_scale(coefficient, count);
    return number_store(out, coefficient, exponent, value->negative, err);
}

bool decimal_quantize(struct decimal *out, const struct decimal *value, int exponent,
                      enum decimal_rounding rounding, struct err *err)
{
    if (exponent < -DECIMAL_EXPONENT_MAX || exponent > DECIMAL_EXPONENT_MAX)
        return fail(err, ERR_DECIMAL_EXPONENT, N(DECIMAL_EXPONENT_MAX));
    if (exponent > value->exponent)
        return drop_digits(out, value, (size_t)(exponent - value->exponent), rounding, err);
    return add_zeros(out, value, (size_t)(value->exponent - exponent), err);
}

bool decimal_round(struct decimal *out, const struct decimal *value, int places,
                   enum decimal_rounding rounding, struct err *err)
{
    struct decimal rounded;
    if (places < -DECIMAL_DIGITS_MAX || places > DECIMAL_DIGITS_MAX)
        return number_too_long(err);
    if (!decimal_quantize(&rounded, value, -places, rounding, err))
        return false;
    return decimal_quantize(out, &rounded, places > 0 ? -places : 0, rounding, err);
}

bool decimal_round_to_precision(struct decimal *out, const struct decimal *value, int digits,
                                enum decimal_rounding rounding, struct err *err)
{
    if (digits < 1 || digits > DECIMAL_DIGITS_MAX)
        return number_too_long(err);
    const int drop = decimal_digits(value) - digits;
    if (drop <= 0) {
        decimal_copy(out, value);
        return true;
    }
    struct decimal rounded;
    if (!drop_digits(&rounded, value, (size_t)drop, rounding, err))
        return false;
    // 99.96 to three digits is 100.0: one digit more, and it is a zero.
    if (decimal_digits(&rounded) > digits)
        return drop_digits(out, &rounded, 1, rounding, err);
    decimal_copy(out, &rounded);
    return true;
}

void decimal_reduce(struct decimal *out, const struct decimal *value)
{
    decimal_copy(out, value);
    if (value->limbs == 0) {
        out->exponent = 0;
        return;
    }
    mpz_t room;
    SCOPED_NUMBER(coefficient);
    mpz_set(coefficient, number_of(room, value));
    int exponent = value->exponent;
    for (; exponent < DECIMAL_EXPONENT_MAX && mpz_divisible_ui_p(coefficient, 10); exponent++)
        mpz_divexact_ui(coefficient, coefficient, 10);
    struct err err;
    (void)check(number_store(out, coefficient, exponent, value->negative, &err)); // it only became shorter
}
