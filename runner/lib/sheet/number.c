// See number.h. Runs in the worker.
#include "lib/sheet/number.h"

enum { SIGNIFICANT = 15, EXPONENT_MAX = 308 };

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
