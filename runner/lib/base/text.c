// See text.h.
#include "lib/base/text.h"

#include <stdio.h>

char *text_copy(struct text text)
{
    return xstrndup(text.length ? text.data : "", text.length);
}

bool text_equal(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

bool text_is(struct text a, const char *b)
{
    return text_equal(a, text_from(b));
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool text_equal_ascii_case(struct text a, struct text b)
{
    if (a.length != b.length)
        return false;
    for (size_t i = 0; i < a.length; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

bool text_starts(struct text text, const char *prefix)
{
    const size_t length = strlen(prefix);
    return text.length >= length && memcmp(text.data, prefix, length) == 0;
}

bool text_ends(struct text text, const char *suffix)
{
    const size_t length = strlen(suffix);
    return text.length >= length && memcmp(text.data + text.length - length, suffix, length) == 0;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct text text_trim(struct text text)
{
    while (text.length && blank(text.data[0]))
        text.data++, text.length--;
    while (text.length && blank(text.data[text.length - 1]))
        text.length--;
    return text;
}

ptrdiff_t text_find(struct text text, char c)
{
    const char *found = text.length ? memchr(text.data, c, text.length) : NULL;
    return found ? found - text.data : -1;
}

bool text_cut(struct text *text, char separator, struct text *part)
{
    if (!text->data)
        return false;
    const ptrdiff_t at = text_find(*text, separator);
    if (at < 0) {
        *part = *text;
        *text = (struct text){NULL, 0};
        return true;
    }
    *part = text_of(text->data, (size_t)at);
    *text = text_of(text->data + at + 1, text->length - (size_t)at - 1);
    return true;
}

bool text_to_int64(struct text text, int64_t *out)
{
    const bool negative = text.length && text.data[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == text.length)
        return false;
    int64_t value = 0;
    for (; i < text.length; i++) {
        const int digit = text.data[i] - '0';
        if (digit < 0 || digit > 9)
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return false;
    }
    *out = value;
    return true;
}

size_t text_utf8_decode(struct text text, uint32_t *code_point)
{
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (!text.length)
        return 0;
    const unsigned char *s = (const unsigned char *)text.data;
    const size_t length = s[0] < 0x80   ? 1
                          : s[0] < 0xC2 ? 0
                          : s[0] < 0xE0 ? 2
                          : s[0] < 0xF0 ? 3
                          : s[0] < 0xF5 ? 4
                                        : 0;
    if (length == 0 || length > text.length)
        return 0;
    uint32_t value = length == 1 ? s[0] : s[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (s[i] & 0x3F);
    }
    if (value < smallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *code_point = value;
    return length;
}

size_t text_utf8_encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if ((c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF)
        return 0;
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

size_t text_utf8_floor(struct text text, size_t bytes)
{
    if (bytes >= text.length)
        return text.length;
    while (bytes && ((unsigned char)text.data[bytes] & 0xC0) == 0x80)
        bytes--;
    return bytes;
}

enum { NEAREST_LENGTH_MAX = 60 };

// Damerau's distance with adjacent swaps, on bytes without case; names longer than NEAREST_LENGTH_MAX are never near.
static size_t distance(const char *a, const char *b)
{
    const size_t la = strlen(a), lb = strlen(b);
    if (la > NEAREST_LENGTH_MAX || lb > NEAREST_LENGTH_MAX)
        return SIZE_MAX;
    size_t rows[3][NEAREST_LENGTH_MAX + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= lb; j++)
        last[j] = j;
    for (size_t i = 1; i <= la; i++) {
        now[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            const size_t change = last[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
            size_t best = last[j] + 1 < now[j - 1] + 1 ? last[j] + 1 : now[j - 1] + 1;
            if (change < best)
                best = change;
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]) &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        size_t *recycled = before;
        before = last, last = now, now = recycled;
    }
    return last[lb];
}

const char *text_nearest(const char *wanted, const char *const *names, size_t count)
{
    const size_t length = strlen(wanted);
    size_t best = length <= 3 ? 1 : length <= 6 ? 2 : 3; // the most edits that still look like a slip
    const char *found = NULL;
    for (size_t i = 0; i < count; i++) {
        const size_t d = distance(wanted, names[i]);
        if (d < best || (d == best && !found)) {
            best = d;
            found = names[i];
        }
    }
    return found;
}

// Without snprintf: every number of every frame passes here.
const char *integer_text(char buffer[INTEGER_TEXT_SIZE], long long number)
{
    unsigned long long rest = number < 0 ? 0 - (unsigned long long)number : (unsigned long long)number;
    char *at = buffer + INTEGER_TEXT_SIZE;
    *--at = '\0';
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        *--at = '-';
    return at;
}
