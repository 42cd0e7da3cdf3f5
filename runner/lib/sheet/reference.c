// See reference.h. Runs in the worker.
#include "lib/sheet/reference.h"
#include "lib/sheet/cell.h"

#include <stdio.h>

static size_t skip_dollar(struct text text, size_t at)
{
    return at < text.length && text.data[at] == '$' ? at + 1 : at;
}

bool sheet_reference_parse(struct reference *out, struct text text)
{
    uint32_t row = 0, column = 0;
    size_t at = skip_dollar(text, 0);
    for (; at < text.length && column <= SHEET_COLUMNS_MAX; at++) {
        const char upper = (char)(text.data[at] & ~0x20);
        if (upper < 'A' || upper > 'Z')
            break;
        column = column * 26 + (uint32_t)(upper - 'A' + 1);
    }
    at = skip_dollar(text, at);
    const size_t digits = at;
    for (; at < text.length && row <= SHEET_ROWS_MAX; at++) {
        if (text.data[at] < '0' || text.data[at] > '9')
            return false;
        row = row * 10 + (uint32_t)(text.data[at] - '0');
    }
    if (at != text.length || at == digits || !row || row > SHEET_ROWS_MAX || !column ||
        column > SHEET_COLUMNS_MAX)
        return false;
    *out = (struct reference){row, column};
    return true;
}

bool range_parse(struct range *out, struct text text)
{
    struct text first;
    struct reference a, b;
    if (!text_cut(&text, ':', &first) || !sheet_reference_parse(&a, first))
        return false;
    b = a;
    if (text.length && !sheet_reference_parse(&b, text))
        return false;
    out->first = (struct reference){a.row < b.row ? a.row : b.row, a.column < b.column ? a.column : b.column};
    out->last = (struct reference){a.row < b.row ? b.row : a.row, a.column < b.column ? b.column : a.column};
    return true;
}

const char *column_text(char out[REFERENCE_TEXT_SIZE], uint32_t column)
{
    char reversed[8];
    size_t length = 0;
    for (; column && length < sizeof reversed; column = (column - 1) / 26)
        reversed[length++] = (char)('A' + (column - 1) % 26);
    for (size_t i = 0; i < length; i++)
        out[i] = reversed[length - 1 - i];
    out[length] = '\0';
    return out;
}

const char *reference_text(char out[REFERENCE_TEXT_SIZE], struct reference reference)
{
    char letters[REFERENCE_TEXT_SIZE];
    snprintf(out, REFERENCE_TEXT_SIZE, "%s%u", column_text(letters, reference.column), reference.row);
    return out;
}

const char *range_text(char out[RANGE_TEXT_SIZE], struct range range)
{
    char first[REFERENCE_TEXT_SIZE], last[REFERENCE_TEXT_SIZE];
    reference_text(first, range.first);
    reference_text(last, range.last);
    snprintf(out, RANGE_TEXT_SIZE, strcmp(first, last) == 0 ? "%s" : "%s:%s", first, last);
    return out;
}
