// See format.h. Runs in the worker.
#include "lib/sheet/format.h"

enum { PERCENT_ID = 9, PERCENT_PLACES_ID = 10, ELAPSED_ID = 46 };

enum format_kind format_builtin(uint32_t id)
{
    static const struct {
        uint32_t first, last;
    } dates[] = {{14, 22}, {27, 36}, {45, 47}, {50, 58}, {71, 81}};
    if (id == ELAPSED_ID)
        return FORMAT_ELAPSED;
    if (id == PERCENT_ID || id == PERCENT_PLACES_ID)
        return FORMAT_PERCENT;
    for (size_t i = 0; i < COUNT_OF(dates); i++)
        if (id >= dates[i].first && id <= dates[i].last)
            return FORMAT_DATE;
    return FORMAT_NUMBER;
}

// [h], [mm], [ss]: elapsed time; other brackets are colours, conditions and locales.
static bool is_elapsed(struct text inside)
{
    if (!inside.length)
        return false;
    const char first = (char)(inside.data[0] | 0x20);
    if (first != 'h' && first != 'm' && first != 's')
        return false;
    for (size_t i = 1; i < inside.length; i++)
        if ((inside.data[i] | 0x20) != first)
            return false;
    return true;
}

static size_t past_quotes(struct text code, size_t at)
{
    const char *end = memchr(code.data + at + 1, '"', code.length - at - 1);
    return end ? (size_t)(end - code.data) : code.length;
}

static bool is_general(struct text rest)
{
    return rest.length >= 7 && text_equal_ascii_case(text_of(rest.data, 7), TEXT_OF("General"));
}

// Whether the first section has a place for digits. Without one, g and e are eras and their years ("ggge"), elsewhere
// letters of a currency.
static bool has_digits(struct text code)
{
    for (size_t at = 0; at < code.length && code.data[at] != ';'; at++)
        if (strchr("0#?", code.data[at]))
            return true;
    return false;
}

enum format_kind format_code(struct text code)
{
    enum format_kind number = FORMAT_NUMBER;
    const bool eras = !has_digits(code);
    for (size_t at = 0; at < code.length; at++) {
        const char c = code.data[at], lower = (char)(c | 0x20);
        if (c == ';')
            return number;
        if (c == '%')
            number = FORMAT_PERCENT;
        if (c == '"') {
            at = past_quotes(code, at);
        } else if (c == '\\' || c == '_' || c == '*') {
            at++; // the next letter is shown, skipped or repeated
        } else if (c == '[') {
            const char *end = memchr(code.data + at, ']', code.length - at);
            const size_t close = end ? (size_t)(end - code.data) : code.length;
            if (is_elapsed(text_of(code.data + at + 1, close - at - 1)))
                return FORMAT_ELAPSED;
            at = close;
        } else if (is_general(text_of(code.data + at, code.length - at))) {
            at += 6;
        } else if ((c == 'E' || c == 'e') && at + 1 < code.length &&
                   (code.data[at + 1] == '+' || code.data[at + 1] == '-')) {
            at++; // 0.00E+00
        } else if (c >= 'A' && strchr(eras ? "ymdhsge" : "ymdhs", lower)) {
            // [h]:mm may still come behind: "d [h]" is rare enough to be a date
            return FORMAT_DATE;
        }
    }
    return number;
}
