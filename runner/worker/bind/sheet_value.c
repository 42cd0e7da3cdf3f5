// See sheet_write.h: looks, and Lua values into cells. In the worker.
#include "worker/bind/sheet_write.h"
#include "worker/language.h"

#include "lib/decimal/decimal.h"
#include "lib/sheet/serial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LINK_CLASS "sheet.link"
#define STYLED_CLASS "sheet.styled"

enum { DECIMAL_PLACES_OF_MONEY = 2, NUMBER_ROOM = 64 };

/* ---- looks ------------------------------------------------------------------------------------------------------------- */

// Whether it is a format code of the office's own and not the misspelt name of a style.
static bool is_code(struct text text)
{
    static const char *const signs[] = {"0", "#", "@", "?", ";", "[", "yy", "mm", "hh", "dd", "d.", "h:"};
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (memmem(text.data, text.length, signs[i], strlen(signs[i])))
            return true;
    return false;
}

static void raise_no_style(lua_State *L, struct text word)
{
    lua_pushlstring(L, word.data, word.length);
    const char *name = lua_tostring(L, -1), *nearest = text_nearest(name, sheet_style_names, STYLE_COUNT);
    bind_fail(L, ERR_SHEET_NO_STYLE, name, nearest ? nearest : sheet_style_names[STYLE_MONEY]);
}

// Names of styles with blanks between, then perhaps a format code, which may have blanks itself.
static void parse_look(lua_State *L, struct text rest, struct sheet_look *out)
{
    while (rest.length) {
        struct text after = rest, word;
        enum sheet_style style;
        if (!text_cut(&after, ' ', &word) || !sheet_style_from_name(&style, word)) {
            if (!is_code(rest))
                raise_no_style(L, word);
            out->code = rest.data; // to the end, where Lua's NUL is
            return;
        }
        out->styles |= sheet_look_of(style).styles;
        rest = after;
    }
}

bool look_check(lua_State *L, int index, struct sheet_look *out)
{
    *out = (struct sheet_look){0};
    if (lua_isnoneornil(L, index))
        return false;
    if (lua_type(L, index) != LUA_TSTRING)
        bind_argument(L, index, "format", "names of styles, or a format such as \"0.00\"");
    struct text text;
    text.data = lua_tolstring(L, index, &text.length);
    parse_look(L, text, out);
    return true;
}

struct sheet_look look_option(lua_State *L, int table, const char *option)
{
    struct sheet_look look;
    lua_getfield(L, table, option);
    look_check(L, lua_gettop(L), &look);
    lua_pop(L, 1); // the code's text stays in its table
    return look;
}

// What is told, and where that doesn't say how numbers are shown, what the value would have.
static struct sheet_look join(const struct sheet_look *told, enum sheet_style by_value)
{
    if (!told)
        return sheet_look_of(by_value);
    struct sheet_look look = *told;
    if (!sheet_look_has_format(told))
        look.styles |= sheet_look_of(by_value).styles;
    return look;
}

static struct sheet_look centered(struct sheet_look look)
{
    const uint32_t aligned = sheet_look_of(STYLE_LEFT).styles | sheet_look_of(STYLE_RIGHT).styles;
    if (look.styles & sheet_look_of(STYLE_ROW).styles && !(look.styles & aligned))
        look.styles |= sheet_look_of(STYLE_CENTER).styles;
    return look;
}

/* ---- numbers ----------------------------------------------------------------------------------------------------------- */

// As a short decimal: of 15 digits at most, with at most 20 of them behind the point.
static bool short_decimal(const struct decimal *value, int64_t *coefficient, unsigned *places)
{
    enum { PLACES_MOST = 20 };
    const uint64_t limit = UINT64_C(1000000000000000);
    if (value->limbs > 1 || (value->limbs && value->limb[0] >= limit) || value->exponent > 0 ||
        value->exponent < -PLACES_MOST)
        return false;
    *coefficient = value->limbs ? (int64_t)value->limb[0] : 0;
    *coefficient = value->negative ? -*coefficient : *coefficient;
    *places = (unsigned)-value->exponent;
    return true;
}

// Decimals with two places are money, as long as nothing else is said.
static enum sheet_style style_of_decimal(const struct decimal *value)
{
    return value->exponent == -DECIMAL_PLACES_OF_MONEY ? STYLE_MONEY : STYLE_GENERAL;
}

static bool write_decimal(lua_State *L, const struct place *to, const struct decimal *value,
                          const struct sheet_look *told, struct err *err)
{
    int64_t coefficient;
    unsigned places;
    const struct sheet_look look = join(told, style_of_decimal(value));
    if (short_decimal(value, &coefficient, &places))
        return sheet_write_scaled(to->report->writer, to->page, to->cell, coefficient, places, look, err);
    bind_decimal_push_written(L, value);
    struct text written;
    written.data = lua_tolstring(L, -1, &written.length);
    const bool done = sheet_write_number(to->report->writer, to->page, to->cell, written, look, err);
    lua_pop(L, 1);
    return done;
}

static bool write_number(lua_State *L, const struct place *to, int index, struct sheet_look look,
                         struct err *err)
{
    const lua_Integer limit = 1000000000000000;
    char written[NUMBER_ROOM];
    if (!lua_isinteger(L, index)) {
        snprintf(written, sizeof written, "%.15g", lua_tonumber(L, index));
    } else {
        const lua_Integer number = lua_tointeger(L, index);
        if (number > -limit && number < limit)
            return sheet_write_scaled(to->report->writer, to->page, to->cell, number, 0, look, err);
        snprintf(written, sizeof written, "%lld", (long long)number);
    }
    return sheet_write_number(to->report->writer, to->page, to->cell, text_from(written), look, err);
}

static double serial_of(struct moment moment)
{
    char serial[SERIAL_NUMBER_SIZE];
    serial_number(serial, moment);
    return strtod(serial, NULL);
}

bool sheet_operand_read(lua_State *L, int index, struct sheet_operand *out)
{
    struct moment moment = {0};
    struct sheet_formula formula;
    *out = (struct sheet_operand){0};
    if (lua_type(L, index) == LUA_TSTRING) {
        *out = (struct sheet_operand){.kind = OPERAND_TEXT, .text = lua_tostring(L, index)};
    } else if (lua_type(L, index) == LUA_TNUMBER) {
        *out = (struct sheet_operand){.kind = OPERAND_NUMBER, .number = lua_tonumber(L, index)};
    } else if (bind_decimal_test(L, index)) {
        *out = (struct sheet_operand){.kind = OPERAND_NUMBER,
                                      .number = decimal_to_double(bind_decimal_test(L, index))};
    } else if (bind_date_test(L, index, &moment.date) || bind_moment_test(L, index, &moment)) {
        *out = (struct sheet_operand){.kind = OPERAND_NUMBER, .number = serial_of(moment)};
    } else if (sheet_formula_test(L, index, &formula)) {
        *out = (struct sheet_operand){.kind = OPERAND_FORMULA, .text = formula.formula.data};
    }
    return out->kind != OPERAND_NONE;
}

/* ---- values that carry more --------------------------------------------------------------------------------------------- */

// sheet.link(target, text): user values 1 and 2.
int sheet_link(lua_State *L)
{
    bind_text(L, 1, "target");
    bind_text_or(L, 2, "text", text_of(NULL, 0));
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_pushvalue(L, 1);
        lua_replace(L, 2);
    }
    lua_newuserdatauv(L, 0, 2);
    for (int i = 1; i <= 2; i++) {
        lua_pushvalue(L, i);
        lua_setiuservalue(L, -2, i);
    }
    luaL_setmetatable(L, LINK_CLASS);
    return 1;
}

// sheet.styled(value, format)
int sheet_styled(lua_State *L)
{
    struct sheet_look look;
    luaL_checkany(L, 1);
    bind_text(L, 2, "format");
    look_check(L, 2, &look);
    lua_settop(L, 2);
    lua_newuserdatauv(L, 0, 2);
    for (int i = 1; i <= 2; i++) {
        lua_pushvalue(L, i);
        lua_setiuservalue(L, -2, i);
    }
    luaL_setmetatable(L, STYLED_CLASS);
    return 1;
}

bool sheet_styled_push(lua_State *L, int index)
{
    const bool styled = luaL_testudata(L, index, STYLED_CLASS) != NULL;
    if (styled)
        lua_getiuservalue(L, index, 1);
    return styled;
}

static int link_tostring(lua_State *L)
{
    luaL_checkudata(L, 1, LINK_CLASS);
    lua_getiuservalue(L, 1, 2);
    return 1;
}

static int styled_tostring(lua_State *L)
{
    luaL_checkudata(L, 1, STYLED_CLASS);
    lua_getiuservalue(L, 1, 1);
    language_push_text(L, lua_gettop(L));
    return 1;
}

void sheet_value_classes(lua_State *L)
{
    static const luaL_Reg link[] = {{"__tostring", link_tostring}, {NULL, NULL}};
    static const luaL_Reg styled[] = {{"__tostring", styled_tostring}, {NULL, NULL}};
    bind_class(L, LINK_CLASS, NULL, link);
    bind_class(L, STYLED_CLASS, NULL, styled);
}

static bool write_link(lua_State *L, const struct place *to, int index, struct sheet_look look,
                       struct err *err)
{
    struct text target, shown;
    lua_getiuservalue(L, index, 1);
    lua_getiuservalue(L, index, 2);
    target.data = lua_tolstring(L, -2, &target.length);
    shown.data = lua_tolstring(L, -1, &shown.length);
    const bool done = sheet_write_link(to->report->writer, to->page, to->cell, target, shown, look, err);
    lua_pop(L, 2);
    return done;
}

static bool write_styled(lua_State *L, const struct place *to, int index, const struct sheet_look *told,
                         struct err *err)
{
    struct sheet_look look;
    lua_getiuservalue(L, index, 1);
    lua_getiuservalue(L, index, 2);
    look_check(L, lua_gettop(L), &look);
    if (told) {
        look.styles |= told->styles;
        look.code = look.code ? look.code : told->code;
    }
    const bool done = sheet_write_value(L, to, lua_gettop(L) - 1, &look, err);
    lua_pop(L, 2);
    return done;
}

/* ---- values ------------------------------------------------------------------------------------------------------------ */

static bool write_text_of(lua_State *L, const struct place *to, int index, struct sheet_look look,
                          struct err *err)
{
    struct text text;
    language_push_text(L, index); // shows no address, as luaL_tolstring would
    text.data = lua_tolstring(L, -1, &text.length);
    const bool done = sheet_write_text(to->report->writer, to->page, to->cell, text, look, err);
    lua_pop(L, 1);
    return done;
}

static bool write_userdata(lua_State *L, const struct place *to, int index, const struct sheet_look *told,
                           struct err *err)
{
    struct sheet_writer *writer = to->report->writer;
    struct moment moment = {0};
    struct text name;
    struct sheet_formula formula;
    const struct decimal *number = bind_decimal_test(L, index);
    if (number)
        return write_decimal(L, to, number, told, err);
    if (bind_date_test(L, index, &moment.date))
        return sheet_write_moment(writer, to->page, to->cell, moment, join(told, STYLE_DATE), err);
    if (bind_moment_test(L, index, &moment))
        return sheet_write_moment(writer, to->page, to->cell, moment, join(told, STYLE_MOMENT), err);
    const struct sheet_look look = told ? *told : (struct sheet_look){0};
    if (sheet_formula_test(L, index, &formula))
        return sheet_write_formula(writer, to->page, to->cell, formula.formula, formula.result, look, err);
    if (luaL_testudata(L, index, STYLED_CLASS))
        return write_styled(L, to, index, told, err);
    if (luaL_testudata(L, index, LINK_CLASS))
        return write_link(L, to, index, look, err);
    if (sheet_error_test(L, index, &name))
        return sheet_write_text(writer, to->page, to->cell, name, look, err);
    return write_text_of(L, to, index, look, err); // months, instants and the like: as they are read
}

bool sheet_write_value(lua_State *L, const struct place *to, int index, const struct sheet_look *told,
                       struct err *err)
{
    struct sheet_writer *writer = to->report->writer;
    const struct sheet_look look = told ? *told : (struct sheet_look){0};
    struct text text;
    char place[REFERENCE_TEXT_SIZE];
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        return !look.styles || sheet_write_blank(writer, to->page, to->cell, look, err);
    case LUA_TSTRING:
        text.data = lua_tolstring(L, index, &text.length);
        return sheet_write_text(writer, to->page, to->cell, text, look, err);
    case LUA_TNUMBER:
        return write_number(L, to, index, look, err);
    case LUA_TBOOLEAN:
        return sheet_write_boolean(writer, to->page, to->cell, lua_toboolean(L, index), centered(look), err);
    case LUA_TUSERDATA:
        return write_userdata(L, to, index, told, err);
    default:
        return fail(err, ERR_SHEET_WRITE_WRONG, "no value for a cell", reference_text(place, to->cell));
    }
}
