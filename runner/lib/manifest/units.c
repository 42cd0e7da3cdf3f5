// Sizes and durations as people write them: "256 MB", "2 min", "1 h 30 min". Whole numbers only; products are checked.
#include "lib/manifest/manifest.h"

struct unit {
    const char *name;
    int64_t worth;
};

static const struct unit sizes[] = {
    {"B", 1}, {"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"kB", 1 << 10}, {NULL, 0},
};
static const struct unit durations[] = {
    {"ms", 1},          {"s", 1000},       {"min", 60000},     {"h", 3600000},     {"d", 86400000},
    {"second", 1000},   {"seconds", 1000}, {"minute", 60000},  {"minutes", 60000}, {"hour", 3600000},
    {"hours", 3600000}, {"day", 86400000}, {"days", 86400000}, {NULL, 0},
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct text skip(struct text text, size_t count)
{
    return text_of(text.data + count, text.length - count);
}

static const struct unit *find_unit(const struct unit *units, struct text name)
{
    for (; units->name; units++)
        if (text_is(name, units->name))
            return units;
    return NULL;
}

// One "12 min" at the start of *rest, added to *sum.
static bool add_part(struct text *rest, const struct unit *units, int64_t *sum)
{
    size_t digits = 0, letters = 0;
    while (digits < rest->length && is_digit(rest->data[digits]))
        digits++;
    int64_t number, product;
    if (!text_to_int64(text_of(rest->data, digits), &number))
        return false;
    *rest = text_trim(skip(*rest, digits));
    while (letters < rest->length && !is_digit(rest->data[letters]) && rest->data[letters] != ' ')
        letters++;
    const struct unit *unit = find_unit(units, text_of(rest->data, letters));
    *rest = text_trim(skip(*rest, letters));
    return unit && !__builtin_mul_overflow(number, unit->worth, &product) &&
           !__builtin_add_overflow(*sum, product, sum);
}

static bool read_parts(struct text text, const struct unit *units, int64_t *out)
{
    struct text rest = text_trim(text);
    int64_t sum = 0;
    do
        if (!add_part(&rest, units, &sum))
            return false;
    while (rest.length);
    *out = sum;
    return true;
}

bool size_from_text(struct text text, int64_t *bytes)
{
    return read_parts(text, sizes, bytes);
}

bool duration_from_text(struct text text, int64_t *ms)
{
    return read_parts(text, durations, ms);
}
