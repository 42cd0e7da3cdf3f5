// See sheet_write.h: arguments and options that the functions of pages share. In the worker.
#include "worker/bind/sheet_write.h"

#include <stdlib.h>

struct reference cell_check(lua_State *L, int argument)
{
    struct reference cell;
    if (!sheet_reference_parse(&cell, bind_text(L, argument, "cell")))
        bind_argument(L, argument, "cell", "a cell such as \"B7\"");
    return cell;
}

struct range range_check(lua_State *L, int argument)
{
    struct range range;
    if (!range_parse(&range, bind_text(L, argument, "range")))
        bind_argument(L, argument, "range", "a range such as \"A1:D20\"");
    return range;
}

const char *words_option(lua_State *L, int table, const char *option)
{
    return bind_option_text(L, table, option, text_of(NULL, 0)).data;
}

static void raise_option(lua_State *L, int table, const char *option, const char *expected)
{
    lua_getfield(L, table, option);
    const char *got = bind_describe(L, -1);
    bind_fail(L, ERR_OPTION_WRONG, bind_caller(L, NULL), option, expected, got);
}

// 'Big page'!A1:B2 or Page!A1:B2, with the page's name as it is.
static bool cut_page(const struct report *report, struct text *range, size_t *page)
{
    const char *mark = memrchr(range->data, '!', range->length);
    if (!mark)
        return true;
    struct text name = text_of(range->data, (size_t)(mark - range->data));
    if (name.length > 2 && name.data[0] == '\'' && name.data[name.length - 1] == '\'')
        name = text_of(name.data + 1, name.length - 2);
    *range = text_of(mark + 1, range->length - (size_t)(mark + 1 - range->data));
    return page && sheet_writer_find_page(report->writer, name, page);
}

bool range_option(lua_State *L, int table, const char *option, const struct report *report, size_t *page,
                  struct range *out)
{
    struct text range = bind_option_text(L, table, option, text_of(NULL, 0));
    if (!range.data)
        return false;
    if (!cut_page(report, &range, page) || !range_parse(out, range))
        raise_option(L, table, option,
                     page ? "a range such as \"B2:B20\" or \"Page!B2:B20\" of a page that is there"
                          : "a range such as \"B2:B20\"");
    return true;
}

double number_option(lua_State *L, int table, const char *option, double least, double most, double otherwise)
{
    const int type = lua_getfield(L, table, option);
    const double number = type == LUA_TNUMBER ? lua_tonumber(L, -1) : otherwise;
    lua_pop(L, 1);
    if (type == LUA_TNIL)
        return otherwise;
    if (type != LUA_TNUMBER || !(number >= least && number <= most)) {
        lua_pushfstring(L, "a number from %f to %f", least, most);
        raise_option(L, table, option, lua_tostring(L, -1));
    }
    return number;
}

uint32_t colour_option(lua_State *L, int table, const char *option)
{
    const struct text colour = bind_option_text(L, table, option, text_of(NULL, 0));
    if (!colour.data)
        return 0;
    char *end = NULL;
    const unsigned long value =
        colour.length == 7 && colour.data[0] == '#' ? strtoul(colour.data + 1, &end, 16) : 0;
    if (!end || *end)
        raise_option(L, table, option, "a colour such as \"#0000BF\"");
    enum { BLACK = 0x1000000 }; // libxlsxwriter takes 0 for none
    return value ? (uint32_t)value : BLACK;
}
