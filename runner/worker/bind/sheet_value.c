// See sheet_write.h: Lua values into cells. In the worker.
#include "worker/bind/sheet_write.h"
#include "worker/language.h"

#include <stdio.h>

enum { DECIMAL_PLACES_OF_MONEY = 2, NUMBER_ROOM = 64 };

// Whether it is a format code of the office's own and not the misspelt name of a style.
static bool is_code(struct text text)
{
    static const char *const signs[] = {"0", "#", "@", "?", ";", "[", "yy", "mm", "hh", "dd", "d.", "h:"};
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (memmem(text.data, text.length, signs[i], strlen(signs[i])))
            return true;
    return false;
}

// The look that stands at `index` (nil: by the value). The code is borrowed from the Lua value.
bool look_check(lua_State *L, int index, struct sheet_look *out)
{
    struct text name;
    *out = (struct sheet_look){STYLE_GENERAL, NULL};
    if (lua_isnoneornil(L, index))
        return false;
    if (lua_type(L, index) != LUA_TSTRING)
        bind_argument(L, index, "format", "the name of a style, or a format such as \"0.00\"");
    name.data = lua_tolstring(L, index, &name.length);
    if (sheet_style_from_name(&out->style, name))
        return true;
    if (!is_code(name)) {
        const char *nearest = text_nearest(name.data, sheet_style_names, STYLE_COUNT);
        bind_fail(L, ERR_SHEET_NO_STYLE, name.data, nearest ? nearest : sheet_style_names[STYLE_MONEY]);
    }
    out->code = name.data;
    return true;
}

static struct sheet_look style(enum sheet_style style)
{
    return (struct sheet_look){style, NULL};
}

// Decimals with two places are money, as long as nothing else is said.
static struct sheet_look look_of_decimal(struct text written)
{
    const ptrdiff_t point = text_find(written, '.');
    return style(point >= 0 && written.length - (size_t)point - 1 == DECIMAL_PLACES_OF_MONEY ? STYLE_MONEY
                                                                                             : STYLE_GENERAL);
}

static bool write_decimal(lua_State *L, const struct place *to, int index, const struct sheet_look *look,
                          struct err *err)
{
    bind_decimal_push_written(L, bind_decimal_test(L, index));
    struct text written;
    written.data = lua_tolstring(L, -1, &written.length);
    const bool done = sheet_write_number(to->report->writer, to->page, to->cell, written,
                                         look ? *look : look_of_decimal(written), err);
    lua_pop(L, 1);
    return done;
}

static bool write_number(lua_State *L, const struct place *to, int index, struct sheet_look look,
                         struct err *err)
{
    char written[NUMBER_ROOM];
    if (lua_isinteger(L, index))
        snprintf(written, sizeof written, "%lld", (long long)lua_tointeger(L, index));
    else
        snprintf(written, sizeof written, "%.15g", lua_tonumber(L, index));
    return sheet_write_number(to->report->writer, to->page, to->cell, text_from(written), look, err);
}

static bool write_userdata(lua_State *L, const struct place *to, int index, const struct sheet_look *look,
                           struct err *err)
{
    struct sheet_writer *writer = to->report->writer;
    struct moment moment = {0};
    struct text name;
    struct sheet_formula formula;
    const struct sheet_look general = look ? *look : style(STYLE_GENERAL);
    if (bind_decimal_test(L, index))
        return write_decimal(L, to, index, look, err);
    if (bind_date_test(L, index, &moment.date))
        return sheet_write_moment(writer, to->page, to->cell, moment, look ? *look : style(STYLE_DATE), err);
    if (bind_moment_test(L, index, &moment))
        return sheet_write_moment(writer, to->page, to->cell, moment, look ? *look : style(STYLE_MOMENT),
                                  err);
    if (sheet_formula_test(L, index, &formula))
        return sheet_write_formula(writer, to->page, to->cell, formula.formula, formula.result, general, err);
    if (sheet_error_test(L, index, &name))
        return sheet_write_text(writer, to->page, to->cell, name, general, err);
    // Months, instants and the like: as they are read.
    language_push_text(L, index); // shows no address, as luaL_tolstring would
    name.data = lua_tolstring(L, -1, &name.length);
    const bool done = sheet_write_text(writer, to->page, to->cell, name, general, err);
    lua_pop(L, 1);
    return done;
}

// look NULL: by the value. `index` is absolute.
bool sheet_write_value(lua_State *L, const struct place *to, int index, const struct sheet_look *look,
                       struct err *err)
{
    struct sheet_writer *writer = to->report->writer;
    const struct sheet_look general = look ? *look : style(STYLE_GENERAL);
    struct text text;
    char place[REFERENCE_TEXT_SIZE];
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        return true;
    case LUA_TSTRING:
        text.data = lua_tolstring(L, index, &text.length);
        return sheet_write_text(writer, to->page, to->cell, text, general, err);
    case LUA_TNUMBER:
        return write_number(L, to, index, general, err);
    case LUA_TBOOLEAN:
        return sheet_write_boolean(writer, to->page, to->cell, lua_toboolean(L, index), general, err);
    case LUA_TUSERDATA:
        return write_userdata(L, to, index, look, err);
    default:
        return fail(err, ERR_SHEET_WRITE_WRONG, "no value for a cell", reference_text(place, to->cell));
    }
}
