// require "sheet": spreadsheets, read and written. In the worker. Here: the module itself and the values of its own.
#include "worker/bind/sheet.h"
#include "worker/language.h"

#define ERROR_CLASS "sheet.error"
#define FORMULA_CLASS "sheet.formula"

/* ---- error cells ------------------------------------------------------------------------------------------------------- */

void sheet_error_push(lua_State *L, struct text name)
{
    lua_newuserdatauv(L, 0, 1);
    lua_pushlstring(L, name.data, name.length);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, ERROR_CLASS);
}

// The name stays alive with the error value.
bool sheet_error_test(lua_State *L, int index, struct text *name)
{
    if (!luaL_testudata(L, index, ERROR_CLASS))
        return false;
    lua_getiuservalue(L, index, 1);
    name->data = lua_tolstring(L, -1, &name->length);
    lua_pop(L, 1);
    return true;
}

static int error_name(lua_State *L)
{
    luaL_checkudata(L, 1, ERROR_CLASS);
    lua_getiuservalue(L, 1, 1);
    return 1;
}

static int error_equal(lua_State *L)
{
    struct text a, b;
    lua_pushboolean(L, sheet_error_test(L, 1, &a) && sheet_error_test(L, 2, &b) && text_equal(a, b));
    return 1;
}

void sheet_error_class(lua_State *L)
{
    static const luaL_Reg methods[] = {{"name", error_name}, {NULL, NULL}};
    static const luaL_Reg metamethods[] = {{"__tostring", error_name}, {"__eq", error_equal}, {NULL, NULL}};
    bind_class(L, ERROR_CLASS, methods, metamethods);
}

static int is_error(lua_State *L)
{
    struct text name;
    lua_pushboolean(L, sheet_error_test(L, 1, &name));
    return 1;
}

/* ---- formulas ----------------------------------------------------------------------------------------------------------- */

static int formula(lua_State *L)
{
    bind_text(L, 1, "formula");
    if (!lua_isnoneornil(L, 2) && !bind_decimal_test(L, 2) && !lua_isinteger(L, 2) &&
        lua_type(L, 2) != LUA_TSTRING)
        bind_argument(L, 2, "result", "a decimal, a whole number or a text");
    lua_settop(L, 2);
    if (bind_decimal_test(L, 2)) {
        bind_decimal_push_written(L, bind_decimal_test(L, 2));
        lua_replace(L, 2);
    } else if (!lua_isnil(L, 2)) {
        lua_tostring(L, 2);
    }
    lua_newuserdatauv(L, 0, 2);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, 2);
    luaL_setmetatable(L, FORMULA_CLASS);
    return 1;
}

static struct text user_text(lua_State *L, int index, int place)
{
    struct text text = {"", 0};
    if (lua_getiuservalue(L, index, place) == LUA_TSTRING)
        text.data = lua_tolstring(L, -1, &text.length);
    lua_pop(L, 1);
    return text;
}

bool sheet_formula_test(lua_State *L, int index, struct sheet_formula *out)
{
    if (!luaL_testudata(L, index, FORMULA_CLASS))
        return false;
    *out = (struct sheet_formula){user_text(L, index, 1), user_text(L, index, 2)};
    return true;
}

static int formula_tostring(lua_State *L)
{
    luaL_checkudata(L, 1, FORMULA_CLASS);
    lua_getiuservalue(L, 1, 1);
    return 1;
}

void sheet_formula_class(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__tostring", formula_tostring}, {NULL, NULL}};
    bind_class(L, FORMULA_CLASS, NULL, metamethods);
}

// compare(a, b, options): written in Lua, over what this module gives.
static int compare(lua_State *L)
{
    lua_settop(L, 3);
    language_push_module(L, "internal.comparing");
    lua_insert(L, 1);
    lua_call(L, 3, 1);
    return 1;
}

int luaopen_sheet(lua_State *L)
{
    static const luaL_Reg functions[] = {{"open", sheet_open},           {"create", sheet_create},
                                         {"update", sheet_update},       {"compare", compare},
                                         {"write_csv", sheet_write_csv}, {"formula", formula},
                                         {"is_error", is_error},         {"link", sheet_link},
                                         {"styled", sheet_styled},       {NULL, NULL}};
    sheet_error_class(L);
    sheet_formula_class(L);
    sheet_read_classes(L);
    sheet_rows_class(L);
    sheet_write_classes(L);
    sheet_update_classes(L);
    luaL_newlib(L, functions);
    return 1;
}
