// See names.h. Runs in the worker.
#include "lib/sheet/names.h"
#include "lib/encoding/letters.h"
#include "lib/sheet/cell.h"

void names_dispose(struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        xfree(names->items[i].name);
        xfree(names->items[i].formula);
    }
    xfree(names->items);
    *names = (struct names){0};
}

bool names_add(struct names *names, struct text name, struct text formula, size_t scope, bool hidden,
               struct err *err)
{
    if (names->count == DEFINED_NAMES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "names", N(DEFINED_NAMES_MAX));
    if ((names->count & (names->count - 1)) == 0)
        names->items = xreallocarray(names->items, names->count ? names->count * 2 : 1, sizeof *names->items);
    names->items[names->count++] = (struct defined_name){
        .name = text_copy(name), .formula = text_copy(text_trim(formula)), .scope = scope, .hidden = hidden};
    return true;
}

const struct defined_name *names_find(const struct names *names, struct text name, size_t page)
{
    const struct defined_name *everywhere = NULL, *elsewhere = NULL;
    size_t others = 0;
    for (size_t i = 0; i < names->count; i++) {
        const struct defined_name *item = &names->items[i];
        if (!letters_same(name, text_from(item->name)))
            continue;
        if (page != NAME_OF_WORKBOOK && item->scope == page)
            return item;
        if (item->scope == NAME_OF_WORKBOOK)
            everywhere = item;
        else {
            elsewhere = item;
            others++;
        }
    }
    return everywhere ? everywhere : others == 1 ? elsewhere : NULL;
}

/* ---- ranges as formulas ------------------------------------------------------------------------------------------------ */

// "'It''s'!" or "Sheet1!" at the front; none is good too. False: quotes without end, or another file.
static bool take_page(char **page, struct text *rest)
{
    *page = NULL;
    if (rest->length && rest->data[0] == '\'') {
        struct buf name = buf_new(rest->length);
        size_t at = 1;
        for (; at < rest->length; at++) {
            if (rest->data[at] == '\'' && !(at + 1 < rest->length && rest->data[at + 1] == '\''))
                break;
            at += rest->data[at] == '\'';
            if (!buf_append_char(&name, rest->data[at]))
                break;
        }
        if (at + 1 >= rest->length || rest->data[at + 1] != '!') {
            buf_dispose(&name);
            return false;
        }
        *page = buf_steal(&name);
        *rest = text_of(rest->data + at + 2, rest->length - at - 2);
    } else if (text_find(*rest, '!') >= 0) {
        struct text name;
        if (!text_cut(rest, '!', &name))
            return false;
        *page = text_copy(name);
    }
    if (!*page || !strchr(*page, '['))
        return true;
    xfree(*page);
    *page = NULL;
    return false;
}

static struct text without_dollar(struct text text)
{
    return text.length && text.data[0] == '$' ? text_of(text.data + 1, text.length - 1) : text;
}

// "$C" is column 3, "$7" row 7; 0 for something else.
static uint32_t line_number(struct text text, bool column)
{
    uint32_t number = 0;
    const uint32_t most = column ? SHEET_COLUMNS_MAX : SHEET_ROWS_MAX;
    text = without_dollar(text);
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i], upper = (char)(c & ~0x20);
        if (column ? upper < 'A' || upper > 'Z' : c < '0' || c > '9')
            return 0;
        number = column ? number * 26 + (uint32_t)(upper - 'A' + 1) : number * 10 + (uint32_t)(c - '0');
        if (number > most)
            return 0;
    }
    return number;
}

// "A:C" or "3:4"
static bool parse_lines(struct range *range, struct text first, struct text last)
{
    const bool columns = line_number(first, true) && line_number(last, true);
    const uint32_t a = line_number(first, columns), b = line_number(last, columns);
    if (!a || !b)
        return false;
    const uint32_t low = a < b ? a : b, high = a < b ? b : a;
    *range = columns ? (struct range){{1, low}, {SHEET_ROWS_MAX, high}}
                     : (struct range){{low, 1}, {high, SHEET_COLUMNS_MAX}};
    return true;
}

static bool parse_area(struct range *range, struct text area, const char *page)
{
    struct text first, last = area;
    char *again = NULL;
    if (range_parse(range, area))
        return true;
    if (!text_cut(&last, ':', &first) || !last.length)
        return false;
    if (text_find(last, '!') < 0)
        return parse_lines(range, first, last);
    // Sheet1!$A$1:Sheet1!$B$2
    const bool same = page && take_page(&again, &last) && again && strcmp(again, page) == 0;
    xfree(again);
    SCOPED_TEXT char *joined =
        xasprintf("%.*s:%.*s", (int)first.length, first.data, (int)last.length, last.data);
    return same && range_parse(range, text_from(joined));
}

bool range_formula_parse(char **page, struct range *range, struct text formula)
{
    formula = text_trim(formula);
    if (formula.length && formula.data[0] == '=')
        formula = text_of(formula.data + 1, formula.length - 1);
    if (!take_page(page, &formula))
        return false;
    if (parse_area(range, formula, *page))
        return true;
    xfree(*page);
    *page = NULL;
    return false;
}
