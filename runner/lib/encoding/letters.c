// See letters.h. The case tables are made at build time by tables/make.c.
#include "lib/encoding/letters.h"

#include <stdlib.h>

struct letter_pair {
    uint32_t from, to;
};

#include "lib/encoding/letter_tables.inc"

// Takes one character off the front; what is no UTF-8 is one byte and the code point UINT32_MAX.
static struct text next(struct text *rest, uint32_t *code_point)
{
    size_t length = text_utf8_decode(*rest, code_point);
    if (length == 0) {
        *code_point = UINT32_MAX;
        length = 1;
    }
    const struct text character = text_of(rest->data, length);
    *rest = text_of(rest->data + length, rest->length - length);
    return character;
}

size_t letters_count(struct text text)
{
    size_t count = 0;
    uint32_t code_point;
    for (; text.length; count++)
        (void)next(&text, &code_point);
    return count;
}

size_t letters_bytes(struct text text, size_t count)
{
    struct text rest = text;
    uint32_t code_point;
    while (count-- && rest.length)
        (void)next(&rest, &code_point);
    return text.length - rest.length;
}

struct text letters_part(struct text text, int64_t first, int64_t last)
{
    const int64_t count = (int64_t)letters_count(text);
    if (first < 0)
        first = first < -count ? 1 : count + first + 1;
    if (last < 0)
        last = last < -count ? 0 : count + last + 1;
    first = first < 1 ? 1 : first;
    last = last > count ? count : last;
    if (first > last)
        return text_of(text.data, 0);
    const size_t begin = letters_bytes(text, (size_t)first - 1);
    const struct text rest = text_of(text.data + begin, text.length - begin);
    return text_of(rest.data, letters_bytes(rest, (size_t)(last - first + 1)));
}

static int by_letter(const void *key, const void *element)
{
    const uint32_t wanted = *(const uint32_t *)key, here = ((const struct letter_pair *)element)->from;
    return (wanted > here) - (wanted < here);
}

static bool map(struct buf *out, struct text text, const struct letter_pair *pairs, size_t count, char first)
{
    while (text.length) {
        uint32_t code_point;
        const struct text character = next(&text, &code_point);
        char mapped[4];
        size_t length = 0;
        if (code_point < 0x80) { // the difference between a small letter and its capital is one bit
            const char c = character.data[0];
            mapped[length++] = c >= first && c <= first + 25 ? (char)(c ^ 0x20) : c;
        } else if (code_point != UINT32_MAX) {
            const struct letter_pair *found = bsearch(&code_point, pairs, count, sizeof(pairs[0]), by_letter);
            length = found ? text_utf8_encode(found->to, mapped) : 0;
        }
        const bool written = length ? buf_append(out, mapped, length) : buf_append_text(out, character);
        if (!written)
            return false;
    }
    return true;
}

bool letters_upper(struct buf *out, struct text text)
{
    return map(out, text, upper_pairs, COUNT_OF(upper_pairs), 'a');
}

bool letters_lower(struct buf *out, struct text text)
{
    return map(out, text, lower_pairs, COUNT_OF(lower_pairs), 'A');
}

uint32_t letter_lower(uint32_t code_point)
{
    if (code_point < 0x80)
        return code_point >= 'A' && code_point <= 'Z' ? code_point + ('a' - 'A') : code_point;
    const struct letter_pair *found =
        bsearch(&code_point, lower_pairs, COUNT_OF(lower_pairs), sizeof(lower_pairs[0]), by_letter);
    return found ? found->to : code_point;
}

bool letters_same(struct text a, struct text b)
{
    while (a.length && b.length) {
        uint32_t x, y;
        const struct text here = next(&a, &x), there = next(&b, &y);
        if (x == UINT32_MAX || y == UINT32_MAX ? !text_equal(here, there)
                                               : letter_lower(x) != letter_lower(y))
            return false;
    }
    return a.length == b.length;
}

static bool is_blank(uint32_t c)
{
    static const uint32_t blanks[] = {0x20,   0x85,   0xA0,   0x1680, 0x2028,
                                      0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF};
    if ((c >= 0x09 && c <= 0x0D) || (c >= 0x2000 && c <= 0x200B))
        return true;
    for (size_t i = 0; i < COUNT_OF(blanks); i++)
        if (blanks[i] == c)
            return true;
    return false;
}

struct text letters_trim_left(struct text text)
{
    while (text.length) {
        struct text rest = text;
        uint32_t code_point;
        (void)next(&rest, &code_point);
        if (!is_blank(code_point))
            break;
        text = rest;
    }
    return text;
}

struct text letters_trim_right(struct text text)
{
    while (text.length) {
        size_t begin = text.length - 1;
        while (begin && text.length - begin < 4 && ((unsigned char)text.data[begin] & 0xC0) == 0x80)
            begin--;
        uint32_t code_point;
        const size_t length = text_utf8_decode(text_of(text.data + begin, text.length - begin), &code_point);
        if (length != text.length - begin || !is_blank(code_point))
            break;
        text.length = begin;
    }
    return text;
}

bool letters_squeeze(struct buf *out, struct text text)
{
    bool blank = false;
    text = letters_trim_left(letters_trim_right(text));
    while (text.length) {
        uint32_t code_point;
        const struct text character = next(&text, &code_point);
        const bool was = blank;
        blank = is_blank(code_point);
        if (blank ? !was && !buf_append_char(out, ' ') : !buf_append_text(out, character))
            return false;
    }
    return true;
}
