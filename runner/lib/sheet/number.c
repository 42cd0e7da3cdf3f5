// See number.h. Runs in the worker.
#include "lib/sheet/number.h"

enum { SIGNIFICANT = 15, EXPONENT_MAX = 308, FLOAT_POINT_MAX = 308, FLOAT_POINT_MIN = -306 };

struct parts {
    bool negative, pointed, has_exponent;
    char digits[SHEET_NUMBER_BYTES_MAX]; // without leading zeros
    int count, point; // point: how many digits stand before it; may be negative or beyond count
};

static bool take_exponent(struct parts *parts, struct text text)
{
    int64_t exponent;
    if (text.length && text.data[0] == '+')
        text = text_of(text.data + 1, text.length - 1);
    if (!text_to_int64(text, &exponent) || exponent < -EXPONENT_MAX - 40 || exponent > EXPONENT_MAX)
        return false;
    parts->has_exponent = true;
    parts->point += (int)exponent;
    return true;
}

static bool take(struct parts *parts, struct text text)
{
    bool any = false;
    size_t at = 0;
    *parts = (struct parts){0};
    if (!text.length || text.length > SHEET_NUMBER_BYTES_MAX)
        return false;
    if (text.data[0] == '-' || text.data[0] == '+')
        parts->negative = text.data[at++] == '-';
    for (; at < text.length; at++) {
        const char c = text.data[at];
        if (c == '.' && !parts->pointed) {
            parts->pointed = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        any = true;
        const bool leading = parts->count == 0 && c == '0';
        if (!leading)
            parts->digits[parts->count++] = (char)(c - '0');
        if (!parts->pointed && !leading)
            parts->point++;
        if (parts->pointed && leading)
            parts->point--;
    }
    if (!any || at == text.length)
        return any;
    return (text.data[at] == 'e' || text.data[at] == 'E') &&
           take_exponent(parts, text_of(text.data + at + 1, text.length - at - 1));
}

static void round_digits(struct parts *parts)
{
    if (parts->count <= SIGNIFICANT || !(parts->pointed || parts->has_exponent))
        return;
    bool up = parts->digits[SIGNIFICANT] >= 5;
    parts->count = SIGNIFICANT;
    for (int i = SIGNIFICANT - 1; up && i >= 0; i--) {
        up = ++parts->digits[i] == 10;
        if (up)
            parts->digits[i] = 0;
    }
    if (up) { // 999… became 1000…
        parts->digits[0] = 1;
        parts->point++;
    }
}

static void drop_zeros(struct parts *parts)
{
    const int least = parts->point > 0 ? parts->point : 0;
    while (parts->count > least && parts->digits[parts->count - 1] == 0)
        parts->count--;
    if (!parts->count)
        parts->point = 0;
}

bool sheet_number_valid(struct text written)
{
    struct parts parts;
    return take(&parts, written);
}

bool sheet_number_is_none(struct text written)
{
    static const char *const words[] = {"nan", "inf", "infinity", "1.#qnan", "1.#ind", "1.#inf"};
    if (written.length && (written.data[0] == '-' || written.data[0] == '+'))
        written = text_of(written.data + 1, written.length - 1);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (text_equal_ascii_case(written, text_from(words[i])))
            return true;
    return false;
}

// What has an exponent is rare: it stays as it is written.
static enum number_fit fit_parts(char *out, size_t *length, struct text written)
{
    struct parts parts;
    if (!take(&parts, written))
        return NUMBER_NONE;
    drop_zeros(&parts);
    int significant = parts.count;
    while (significant && parts.digits[significant - 1] == 0)
        significant--;
    if (significant > SIGNIFICANT || parts.point > FLOAT_POINT_MAX ||
        (significant && parts.point < FLOAT_POINT_MIN))
        return NUMBER_TOO_LONG;
    memcpy(out, written.data, written.length);
    out[written.length] = '\0';
    *length = written.length;
    return NUMBER_FITS;
}

static const char *copy_digits(char **to, const char *from, const char *end)
{
    while (from < end && *from >= '0' && *from <= '9')
        *(*to)++ = *from++;
    return from;
}

// Nearly all numbers are short: digits with at most one point.
enum number_fit sheet_number_fit(char out[SHEET_NUMBER_TEXT_SIZE], size_t *length, struct text written)
{
    const char *from = written.data, *const end = from + written.length;
    char *to = out;
    if (written.length > SIGNIFICANT)
        return fit_parts(out, length, written);
    if (from < end && *from == '-')
        *to++ = *from++;
    char *const first = to;
    from = copy_digits(&to, from, end);
    if (to == first || (to > first + 1 && *first == '0'))
        return fit_parts(out, length, written);
    if (from < end && *from == '.') {
        *to++ = *from++;
        from = copy_digits(&to, from, end);
        while (to[-1] == '0')
            to--;
        to -= to[-1] == '.';
    }
    if (from < end)
        return fit_parts(out, length, written);
    if (first > out && *first == '0' && to == first + 1) {
        *out = '0'; // no zero below zero
        to = first;
    }
    *to = '\0';
    *length = (size_t)(to - out);
    return NUMBER_FITS;
}

static bool append_digits(struct buf *out, const struct parts *parts, int from, int to)
{
    for (int i = from; i < to; i++)
        if (!buf_append_char(out, (char)('0' + (i >= 0 && i < parts->count ? parts->digits[i] : 0))))
            return false;
    return true;
}

bool sheet_number_decimal(struct buf *out, struct text written)
{
    struct parts parts;
    if (!take(&parts, written))
        return false;
    round_digits(&parts);
    drop_zeros(&parts);
    if (parts.negative && parts.count && !buf_append_char(out, '-'))
        return false;
    if (parts.point <= 0 ? !buf_append_char(out, '0') : !append_digits(out, &parts, 0, parts.point))
        return false;
    if (parts.count <= parts.point)
        return true;
    return buf_append_char(out, '.') && append_digits(out, &parts, parts.point, parts.count);
}

const int64_t sheet_powers[SHEET_POWERS] = {1,
                                            10,
                                            100,
                                            1000,
                                            10000,
                                            100000,
                                            1000000,
                                            10000000,
                                            100000000,
                                            1000000000,
                                            10000000000,
                                            100000000000,
                                            1000000000000,
                                            10000000000000,
                                            100000000000000,
                                            1000000000000000,
                                            10000000000000000,
                                            100000000000000000,
                                            1000000000000000000};

// round_digits and drop_zeros, on a number with a point. False where digits before the point would be lost.
static bool round_small(int64_t *coefficient, int *places)
{
    for (int drop = SHEET_NUMBER_DIGITS_MAX - SIGNIFICANT;
         drop > 0 && *coefficient >= sheet_powers[SIGNIFICANT]; drop--)
        if (*coefficient >= sheet_powers[SIGNIFICANT + drop - 1]) {
            if (drop > *places)
                return false;
            *coefficient = (*coefficient + sheet_powers[drop] / 2) / sheet_powers[drop];
            *places -= drop;
            break;
        }
    for (; *places > 0 && *coefficient % 10 == 0; (*places)--)
        *coefficient /= 10;
    return true;
}

bool sheet_number_small(struct sheet_number *out, struct text written)
{
    enum { DIGITS_MOST = SHEET_NUMBER_DIGITS_MAX + 1 }; // with a zero before the point; they fit 64 bits
    const char *const end = written.data + written.length;
    const bool negative = written.length && written.data[0] == '-';
    const char *point = NULL, *const first = written.data + negative;
    uint64_t digits = 0;
    if (end - first > DIGITS_MOST + 1)
        return false;
    for (const char *at = first; at < end; at++) {
        const unsigned digit = (unsigned char)*at - (unsigned)'0';
        if (digit <= 9)
            digits = digits * 10 + digit;
        else if (*at == '.' && !point)
            point = at;
        else
            return false;
    }
    const ptrdiff_t count = end - first - (point != NULL), places = point ? end - point - 1 : 0;
    return count >= 1 && count <= DIGITS_MOST && !(point && !places) &&
           sheet_number_from_digits(out, negative, digits, (int)places);
}

bool sheet_number_from_digits(struct sheet_number *out, bool negative, uint64_t digits, int places)
{
    if (digits >= (uint64_t)sheet_powers[SHEET_NUMBER_DIGITS_MAX] || places > SHEET_NUMBER_DIGITS_MAX)
        return false;
    int64_t coefficient = (int64_t)digits;
    if (places && !round_small(&coefficient, &places))
        return false;
    *out = (struct sheet_number){negative ? -coefficient : coefficient, (uint8_t)places};
    return true;
}

double sheet_number_double(struct sheet_number number)
{
    // Where there are places, the coefficient has at most 15 digits; a power of ten up to the 22nd is exact too.
    return number.places ? (double)number.coefficient / (double)sheet_powers[number.places]
                         : (double)number.coefficient;
}
