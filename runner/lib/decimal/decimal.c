// Values: made, read, written, compared. See decimal.h.
#include "lib/decimal/decimal_number.h"

#include <stdlib.h>

const uint64_t number_power_of_ten[POWERS_IN_LIMB] = {
    1ull,
    10ull,
    100ull,
    1000ull,
    10000ull,
    100000ull,
    1000000ull,
    10000000ull,
    100000000ull,
    1000000000ull,
    10000000000ull,
    100000000000ull,
    1000000000000ull,
    10000000000000ull,
    100000000000000ull,
    1000000000000000ull,
    10000000000000000ull,
    100000000000000000ull,
    1000000000000000000ull,
    10000000000000000000ull,
};

static size_t short_digits(uint64_t coefficient)
{
    size_t digits = 1;
    while (digits < POWERS_IN_LIMB && coefficient >= number_power_of_ten[digits])
        digits++;
    return digits;
}

size_t number_digits(mpz_srcptr number)
{
    if (mpz_size(number) <= 1)
        return short_digits(mpz_getlimbn(number, 0));
    const size_t digits = mpz_sizeinbase(number, 10); // exact or one too many
    SCOPED_NUMBER(power);
    mpz_ui_pow_ui(power, 10, digits - 1);
    return mpz_cmpabs(number, power) < 0 ? digits - 1 : digits;
}

void number_scale(mpz_t number, size_t count)
{
    if (count == 0 || mpz_sgn(number) == 0)
        return;
    if (count < POWERS_IN_LIMB) {
        mpz_mul_ui(number, number, number_power_of_ten[count]);
        return;
    }
    SCOPED_NUMBER(power);
    mpz_ui_pow_ui(power, 10, count);
    mpz_mul(number, number, power);
}

static bool check_exponent(int64_t exponent, struct err *err)
{
    if (exponent < -DECIMAL_EXPONENT_MAX || exponent > DECIMAL_EXPONENT_MAX)
        return fail(err, ERR_DECIMAL_EXPONENT, N(DECIMAL_EXPONENT_MAX));
    return true;
}

bool number_store(struct decimal *out, mpz_srcptr coefficient, int64_t exponent, bool negative,
                  struct err *err)
{
    const size_t limbs = mpz_size(coefficient);
    if (limbs > DECIMAL_LIMBS_MAX ||
        (limbs >= DECIMAL_LIMBS_MAX - 1 && number_digits(coefficient) > DECIMAL_DIGITS_MAX))
        return number_too_long(err);
    if (!check_exponent(exponent, err))
        return false;
    out->exponent = (int32_t)exponent;
    out->negative = negative;
    out->limbs = (uint16_t)limbs;
    if (limbs)
        memcpy(out->limb, mpz_limbs_read(coefficient), limbs * sizeof out->limb[0]);
    return true;
}

bool number_store_wide(struct decimal *out, wide coefficient, int64_t exponent, bool negative,
                       struct err *err)
{
    if (!check_exponent(exponent, err))
        return false;
    const uint64_t low = (uint64_t)coefficient, high = (uint64_t)(coefficient >> 64);
    out->exponent = (int32_t)exponent;
    out->negative = negative;
    out->limbs = high ? 2 : low ? 1 : 0;
    out->limb[0] = low;
    out->limb[1] = high;
    return true;
}

size_t decimal_bytes(const struct decimal *value)
{
    return offsetof(struct decimal, limb) + value->limbs * sizeof value->limb[0];
}

void decimal_copy(struct decimal *out, const struct decimal *value)
{
    memmove(out, value, decimal_bytes(value));
}

// The parts of a written number; false when it is none.
struct written {
    struct text whole, fraction;
    bool negative;
    int64_t exponent;
};

static struct text take_digits(struct text *rest)
{
    size_t length = 0;
    while (length < rest->length && rest->data[length] >= '0' && rest->data[length] <= '9')
        length++;
    const struct text digits = text_of(rest->data, length);
    *rest = text_of(rest->data + length, rest->length - length);
    return digits;
}

static char take_one_of(struct text *rest, const char *characters)
{
    if (rest->length == 0 || rest->data[0] == '\0' || !strchr(characters, rest->data[0]))
        return '\0';
    rest->length--;
    return *rest->data++;
}

static bool split(struct written *out, struct text rest)
{
    out->negative = take_one_of(&rest, "+-") == '-';
    out->whole = take_digits(&rest);
    if (take_one_of(&rest, "."))
        out->fraction = take_digits(&rest);
    if (out->whole.length + out->fraction.length == 0)
        return false;
    if (take_one_of(&rest, "eE")) {
        const bool negative = take_one_of(&rest, "+-") == '-';
        const struct text digits = take_digits(&rest);
        if (digits.length == 0)
            return false;
        for (size_t i = 0; i < digits.length && out->exponent <= INT32_MAX;
             i++) // beyond that all are too large
            out->exponent = out->exponent * 10 + (digits.data[i] - '0');
        if (negative)
            out->exponent = -out->exponent;
    }
    return rest.length == 0;
}

static void skip_zeros(struct text *digits)
{
    while (digits->length && digits->data[0] == '0')
        *digits = text_of(digits->data + 1, digits->length - 1);
}

// Of digits that together fit a limb.
static uint64_t short_value(struct text whole, struct text fraction)
{
    uint64_t value = 0;
    for (size_t i = 0; i < whole.length; i++)
        value = value * 10 + (uint64_t)(whole.data[i] - '0');
    for (size_t i = 0; i < fraction.length; i++)
        value = value * 10 + (uint64_t)(fraction.data[i] - '0');
    return value;
}

bool decimal_parse(struct decimal *out, struct text written, struct err *err)
{
    struct written parts = {0};
    if (!split(&parts, written)) {
        SCOPED_TEXT char *shown = text_copy(text_of(written.data, text_utf8_floor(written, 80)));
        return fail(err, ERR_DECIMAL_SYNTAX, shown);
    }
    const int64_t exponent = parts.exponent - (int64_t)parts.fraction.length;
    skip_zeros(&parts.whole);
    if (parts.whole.length == 0)
        skip_zeros(&parts.fraction);
    const size_t length = parts.whole.length + parts.fraction.length;
    if (parts.whole.length > DECIMAL_DIGITS_MAX || parts.fraction.length > DECIMAL_DIGITS_MAX ||
        length > DECIMAL_DIGITS_MAX)
        return number_too_long(err);

    if (length < POWERS_IN_LIMB)
        return number_store_wide(out, short_value(parts.whole, parts.fraction), exponent, parts.negative,
                                 err);
    UNSET char digits[DECIMAL_DIGITS_MAX + 1];
    if (parts.whole.length)
        memcpy(digits, parts.whole.data, parts.whole.length);
    if (parts.fraction.length)
        memcpy(digits + parts.whole.length, parts.fraction.data, parts.fraction.length);
    digits[length] = '\0';
    SCOPED_NUMBER(coefficient);
    mpz_set_str(coefficient, digits, 10);
    return number_store(out, coefficient, exponent, parts.negative, err);
}

void decimal_from_int64(struct decimal *out, int64_t value)
{
    decimal_put_small(out, value, 0);
}

void decimal_put_small(void *block, int64_t coefficient, int32_t exponent)
{
    struct decimal *value = block; // only its front is there
    value->exponent = exponent;
    value->limbs = coefficient ? 1 : 0;
    value->negative = coefficient < 0;
    value->limb[0] = coefficient < 0 ? -(uint64_t)coefficient : (uint64_t)coefficient;
}

// The coefficient's digits, NUL-ended.
struct digits {
    char text[DECIMAL_DIGITS_MAX + 2];
    size_t count;
};

static void digits_of(struct digits *out, const struct decimal *value)
{
    mpz_t room;
    mpz_get_str(out->text, 10, number_of(room, value));
    out->count = strlen(out->text);
}

static bool put_zeros(struct buf *out, int64_t count)
{
    for (; count > 0; count--)
        if (!buf_append_char(out, '0'))
            return false;
    return true;
}

// Digits with the point after the first `place` of them: zeros in front or behind where there are too few.
static bool put_pointed(struct buf *out, const struct digits *digits, int64_t place)
{
    const int64_t count = (int64_t)digits->count;
    if (place <= 0)
        return buf_append_string(out, "0.") && put_zeros(out, -place) &&
               buf_append(out, digits->text, digits->count);
    if (place >= count)
        return buf_append(out, digits->text, digits->count) && put_zeros(out, place - count);
    return buf_append(out, digits->text, (size_t)place) && buf_append_char(out, '.') &&
           buf_append(out, digits->text + place, (size_t)(count - place));
}

// Where the point stands in engineering notation, whose exponent is a multiple of three.
static int64_t engineering_place(const struct decimal *value, int64_t first_place)
{
    const int64_t shifted = first_place + (value->limbs ? -1 : 1), third = (shifted % 3 + 3) % 3;
    return value->limbs ? third + 1 : third - 1;
}

static bool put_exponential(struct buf *out, const struct decimal *value, bool engineering)
{
    struct digits digits;
    digits_of(&digits, value);
    const int64_t first_place = value->exponent + (int64_t)digits.count;
    const bool plain = value->exponent <= 0 && first_place > -6;
    const int64_t place = plain ? first_place : engineering ? engineering_place(value, first_place) : 1;
    if (value->negative && !buf_append_char(out, '-'))
        return false;
    if (!put_pointed(out, &digits, place))
        return false;
    return place == first_place || buf_printf(out, "E%+lld", (long long)(first_place - place));
}

bool decimal_scientific(struct buf *out, const struct decimal *value)
{
    return put_exponential(out, value, false);
}

bool decimal_engineering(struct buf *out, const struct decimal *value)
{
    return put_exponential(out, value, true);
}

enum { ADDED_ZEROS_MAX = 40 };

static bool put_long(struct buf *out, const struct decimal *value)
{
    struct digits digits;
    digits_of(&digits, value);
    const int64_t first_place = value->exponent + (int64_t)digits.count;
    if (value->limbs && (value->exponent > ADDED_ZEROS_MAX || first_place < -ADDED_ZEROS_MAX))
        return decimal_scientific(out, value);
    if (value->limbs == 0 && value->exponent < -ADDED_ZEROS_MAX)
        return decimal_scientific(out, value);
    if (value->negative && !buf_append_char(out, '-'))
        return false;
    return put_pointed(out, &digits, value->limbs || value->exponent < 0 ? first_place : 1);
}

size_t decimal_short_text(char out[DECIMAL_SHORT_TEXT_SIZE], const struct decimal *value)
{
    UNSET char digits[POWERS_IN_LIMB + 1]; // the last one first
    size_t count = 0, length = 0;
    const int64_t places = -(int64_t)value->exponent;
    if (!number_is_short(value) || places < 0 || places > ADDED_ZEROS_MAX)
        return 0;
    uint64_t rest = number_short(value);
    do
        digits[count++] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value->negative)
        out[length++] = '-';
    for (int64_t place = (int64_t)count > places + 1 ? (int64_t)count : places + 1; place > 0; place--) {
        if (place == places)
            out[length++] = '.';
        out[length++] = place > (int64_t)count ? '0' : digits[place - 1];
    }
    return length;
}

bool decimal_text(struct buf *out, const struct decimal *value)
{
    UNSET char written[DECIMAL_SHORT_TEXT_SIZE];
    const size_t length = decimal_short_text(written, value);
    return length ? buf_append(out, written, length) : put_long(out, value);
}

bool decimal_to_int64(const struct decimal *value, int64_t *out)
{
    struct decimal whole;
    struct err err;
    if (value->limbs == 0) {
        *out = 0;
        return true;
    }
    if (!decimal_quantize(&whole, value, 0, DECIMAL_DOWN, &err) || decimal_compare(&whole, value) != 0 ||
        !number_is_short(&whole))
        return false;
    const uint64_t coefficient = number_short(&whole), most = (uint64_t)INT64_MAX + whole.negative;
    if (coefficient > most)
        return false;
    *out = (int64_t)(whole.negative ? -coefficient : coefficient);
    return true;
}

double decimal_to_double(const struct decimal *value)
{
    SCOPED_BUF(text, DECIMAL_TEXT_MAX);
    if (!check(decimal_scientific(&text, value)))
        return 0;
    return strtod(buf_string(&text), NULL);
}

bool decimal_is_zero(const struct decimal *value)
{
    return value->limbs == 0;
}

int decimal_sign(const struct decimal *value)
{
    return value->limbs == 0 ? 0 : value->negative ? -1 : 1;
}

int decimal_digits(const struct decimal *value)
{
    mpz_t room;
    return (int)number_digits(number_of(room, value));
}

// Of two numbers that are not zero, without their signs. Numbers of different length are told apart by their first
// digit's place, so what is scaled is never longer than DECIMAL_DIGITS_MAX.
static int compare_magnitudes(const struct decimal *a, const struct decimal *b)
{
    if (a->exponent == b->exponent && number_is_short(a) && number_is_short(b))
        return (a->limb[0] > b->limb[0]) - (a->limb[0] < b->limb[0]);
    const int first_a = a->exponent + decimal_digits(a), first_b = b->exponent + decimal_digits(b);
    if (first_a != first_b)
        return first_a < first_b ? -1 : 1;
    mpz_t room;
    SCOPED_NUMBER(scaled);
    const bool scale_a = a->exponent > b->exponent;
    mpz_set(scaled, number_of(room, scale_a ? a : b));
    number_scale(scaled, (size_t)abs(a->exponent - b->exponent));
    const int compared = mpz_cmp(scaled, number_of(room, scale_a ? b : a));
    return scale_a ? compared : -compared;
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
    const int sign = decimal_sign(a), sign_b = decimal_sign(b);
    if (sign != sign_b)
        return sign < sign_b ? -1 : 1;
    if (sign == 0)
        return 0;
    const int compared = compare_magnitudes(a, b);
    return sign * ((compared > 0) - (compared < 0));
}

void decimal_negate(struct decimal *out, const struct decimal *value)
{
    const bool negative = !value->negative;
    decimal_copy(out, value);
    out->negative = negative;
}

void decimal_abs(struct decimal *out, const struct decimal *value)
{
    decimal_copy(out, value);
    out->negative = false;
}

void decimal_own_memory(void)
{
    mp_set_memory_functions(NULL, NULL, NULL);
}
