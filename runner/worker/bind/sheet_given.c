// See sheet_write.h: headers, rows and options as a robot gives them. In the worker.
#include "worker/bind/sheet_write.h"

uint32_t given_headers(lua_State *L, int headers)
{
    bind_table(L, headers, "headers");
    const lua_Unsigned count = lua_rawlen(L, headers);
    if (!count || count > TABLE_COLUMNS_MAX)
        bind_argument(L, headers, "headers", "a list of 1 to 1000 names");
    for (lua_Unsigned i = 1; i <= count; i++) {
        if (lua_rawgeti(L, headers, (lua_Integer)i) != LUA_TSTRING)
            bind_argument(L, headers, "headers", "a list of texts");
        lua_pop(L, 1);
    }
    return (uint32_t)count;
}

// The next of `rows` (a list, or what gives a row a call) on top of the stack; false at the end.
bool given_next(lua_State *L, int rows, lua_Integer *index)
{
    if (lua_istable(L, rows)) {
        lua_geti(L, rows, ++*index);
    } else {
        lua_pushvalue(L, rows);
        lua_call(L, 0, 1);
    }
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    if (!lua_istable(L, -1))
        bind_argument(L, rows, "rows", "rows that are tables");
    return true;
}

// The value of a column: by its place, else by its header. On top of the stack.
void given_column(lua_State *L, int row, int headers, uint32_t column)
{
    if (lua_rawgeti(L, row, column) != LUA_TNIL)
        return;
    lua_pop(L, 1);
    lua_rawgeti(L, headers, column);
    lua_rawget(L, row);
}

void given_rows(lua_State *L, int rows)
{
    const int type = lua_type(L, rows), top = lua_gettop(L);
    if (type != LUA_TTABLE && type != LUA_TFUNCTION &&
        !(type == LUA_TUSERDATA && luaL_getmetafield(L, rows, "__call") != LUA_TNIL))
        bind_argument(L, rows, "rows", "a list of rows, or a function that gives them");
    lua_settop(L, top);
}

void given_options(lua_State *L, int index)
{
    if (!lua_isnil(L, index))
        return;
    lua_newtable(L);
    lua_replace(L, index);
}
