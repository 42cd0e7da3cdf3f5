// See amount_marks.h. Runs in the worker.
#include "lib/csv/amount_marks.h"

enum { GROUPS_MAX = 16, AMOUNT_BYTES_MAX = 60 };

struct digits {
    size_t lengths[GROUPS_MAX];  // of the runs of digits
    char separators[GROUPS_MAX]; // separators[i] stands before run i; ' ' for every blank
    size_t count;
};

static size_t blank_length(struct text rest)
{
    static const char *const blanks[] = {" ", "\xC2\xA0", "\xE2\x80\x89", "\xE2\x80\xAF"};
    for (size_t i = 0; i < COUNT_OF(blanks); i++)
        if (text_starts(rest, blanks[i]))
            return strlen(blanks[i]);
    return 0;
}

static struct text past(struct text text, size_t length)
{
    return text_of(text.data + length, text.length - length);
}

static struct text past_blanks(struct text rest)
{
    for (size_t length; (length = blank_length(rest));)
        rest = past(rest, length);
    return rest;
}

static struct text past_signs(struct text rest)
{
    static const char *const signs[] = {"-",        "+", "\xE2\x88\x92", "(",   ")", "\xE2\x82\xAC", "$",
                                        "\xC2\xA3", "%", "EUR",          "SEK", "kr"};
    for (bool found = true; found;) {
        rest = past_blanks(rest);
        found = false;
        for (size_t i = 0; i < COUNT_OF(signs) && !found; i++)
            if (text_starts(rest, signs[i])) {
                rest = past(rest, strlen(signs[i]));
                found = true;
            }
    }
    return rest;
}

static bool is_digit(struct text text)
{
    return text.length && text.data[0] >= '0' && text.data[0] <= '9';
}

static size_t separator_length(struct text rest, char *separator)
{
    const size_t blank = blank_length(rest);
    *separator = blank ? ' ' : rest.length ? rest.data[0] : '\0';
    return blank ? blank : rest.length && strchr(".,'", rest.data[0]) ? 1 : 0;
}

// Runs of digits with a sign between each two; *rest is what follows.
static bool take_digits(struct digits *digits, struct text *rest)
{
    char separator = '\0';
    *digits = (struct digits){.count = 0};
    do {
        if (digits->count == GROUPS_MAX || !is_digit(*rest))
            return false;
        size_t length = 0;
        while (is_digit(past(*rest, length)))
            length++;
        digits->lengths[digits->count] = length;
        digits->separators[digits->count++] = separator;
        *rest = past(*rest, length);
        const size_t between = separator_length(*rest, &separator);
        if (!between || !is_digit(past(*rest, between)))
            return true;
        *rest = past(*rest, between);
    } while (true);
}

static bool in_thousands(const struct digits *digits, size_t runs)
{
    for (size_t i = 1; i < runs; i++)
        if (digits->lengths[i] != 3 || digits->separators[i] != digits->separators[1])
            return false;
    return runs < 2 || digits->lengths[0] <= 3;
}

static enum csv_thousands thousands_of(char separator)
{
    return separator == ' '    ? CSV_THOUSANDS_SPACE
           : separator == '.'  ? CSV_THOUSANDS_POINT
           : separator == ','  ? CSV_THOUSANDS_COMMA
           : separator == '\'' ? CSV_THOUSANDS_APOSTROPHE
                               : CSV_THOUSANDS_UNKNOWN;
}

static struct amount_marks judge(const struct digits *digits)
{
    struct amount_marks marks = {.number = true};
    const size_t last = digits->count - 1;
    const char mark = digits->separators[last];
    if (!last)
        return marks;
    const bool pointed = mark == '.' || mark == ',';
    // One run of three digits behind a point or comma may be thousands as well as decimals.
    const bool decimals = pointed && (digits->lengths[last] != 3 ||
                                      (last > 1 && digits->separators[1] != mark) || digits->lengths[0] > 3);
    if (!in_thousands(digits, decimals ? last : last + 1))
        return (struct amount_marks){.number = false};
    if (decimals && last > 1 && digits->separators[1] == mark)
        return (struct amount_marks){.number = false}; // 31.12.2026
    if (decimals)
        marks.decimal = mark == ',' ? CSV_DECIMAL_COMMA : CSV_DECIMAL_POINT;
    if (decimals ? last > 1 : !pointed || last > 1)
        marks.thousands = thousands_of(digits->separators[1]);
    if (!decimals && last > 1 && pointed) // 1.234.567: the other sign is for decimals
        marks.decimal = mark == '.' ? CSV_DECIMAL_COMMA : CSV_DECIMAL_POINT;
    return marks;
}

struct amount_marks amount_marks_of(struct text cell)
{
    struct digits digits;
    struct text rest = past_signs(text_trim(cell));
    if (rest.length > AMOUNT_BYTES_MAX || !take_digits(&digits, &rest) || past_signs(rest).length)
        return (struct amount_marks){.number = false};
    return judge(&digits);
}
