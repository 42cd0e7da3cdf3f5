// What a robot may name: the allow-list, and functions of ours in place of some of Lua's. In the zygote.
#include "worker/environment.h"

#include "worker/bind/bind.h"
#include "worker/language.h"
#include "worker/names.h"

#include <lualib.h>

// ---- Functions of ours in place of Lua's

// Finalizers run with hooks off, anywhere: robots get none.
static int protected_setmetatable(lua_State *L)
{
    bind_table(L, 1, "table");
    if (!lua_isnoneornil(L, 2))
        bind_table(L, 2, "metatable");
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "a metatable of a robot can't have __gc");
        lua_pop(L, 1);
    }
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static int count_memory(lua_State *L)
{
    const struct text what = bind_text_or(L, 1, "what", TEXT_OF("count"));
    if (!text_is(what, "count"))
        return bind_argument(L, 1, "what", "\"count\"");
    lua_pushnumber(L, (lua_Number)lua_gc(L, LUA_GCCOUNT) + (lua_Number)lua_gc(L, LUA_GCCOUNTB) / 1024);
    return 1;
}

// Without an argument Lua's own answers with an address. upvalue: the original
static int seed_by_number(lua_State *L)
{
    bind_integer(L, 1, "seed", INT64_MIN, INT64_MAX);
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 0);
    return 0;
}

// ---- Lua's own libraries

static const char *const kept_of_os[] = {"time", "date", "clock", "difftime", NULL};

// Copies the table on top of the stack in its place.
static void copy_table(lua_State *L)
{
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, -3)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
    lua_remove(L, -2);
}

static void remove_global(lua_State *L, const char *table, const char *name)
{
    if (table)
        lua_getglobal(L, table);
    else
        lua_pushglobaltable(L);
    lua_pushnil(L);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

static void wrap(lua_State *L, const char *table, const char *name, lua_CFunction function)
{
    lua_getglobal(L, table);
    lua_getfield(L, -1, name);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, name);
    lua_pop(L, 1);
}

void environment_open_libraries(lua_State *L)
{
    static const luaL_Reg libraries[] = {
        {LUA_GNAME, luaopen_base},        {LUA_TABLIBNAME, luaopen_table}, {LUA_OSLIBNAME, luaopen_os},
        {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math}, {LUA_UTF8LIBNAME, luaopen_utf8},
    };
    static const char *const removed[] = {"load", "loadfile", "dofile", "collectgarbage", "warn", "print"};
    for (size_t i = 0; i < COUNT_OF(libraries); i++) {
        luaL_requiref(L, libraries[i].name, libraries[i].func, 1);
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < COUNT_OF(removed); i++)
        remove_global(L, NULL, removed[i]);
    remove_global(L, "string", "dump");
    wrap(L, "string", "format", language_format);
    wrap(L, "math", "randomseed", seed_by_number);
    lua_pushcfunction(L, language_tostring);
    lua_setglobal(L, "tostring");

    lua_newtable(L);
    lua_getglobal(L, "os");
    for (size_t i = 0; kept_of_os[i]; i++) {
        lua_getfield(L, -1, kept_of_os[i]);
        lua_setfield(L, -3, kept_of_os[i]);
    }
    lua_pop(L, 1);
    lua_setglobal(L, "os");
}

// ("x"):upper() looks in a copy that nobody else has.
void environment_hide_strings(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_getglobal(L, "string");
    copy_table(L);
    names_guard(L, "text");
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

// ---- The robot's environment

static const char *const kept[] = {"assert", "error",    "ipairs",   "pairs",    "next",     "select",
                                   "type",   "tonumber", "pcall",    "xpcall",   "rawequal", "rawget",
                                   "rawlen", "rawset",   "_VERSION", "tostring", NULL};

static void give_library(lua_State *L, int environment, const char *name)
{
    lua_getglobal(L, name);
    copy_table(L);
    names_guard(L, name);
    lua_setfield(L, environment, name);
}

// upvalues: the environment, public modules
static int unknown_global(lua_State *L)
{
    return names_raise_global(L, 2, lua_upvalueindex(1), lua_upvalueindex(2));
}

static void set_unknown_global(lua_State *L, int environment, int public)
{
    lua_newtable(L);
    lua_pushvalue(L, environment);
    lua_pushvalue(L, public);
    lua_pushcclosure(L, unknown_global, 2);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, environment);
}

void environment_make(lua_State *L, int public)
{
    static const char *const libraries[] = {"string", "table", "math", "utf8", "os"};
    lua_newtable(L);
    const int environment = lua_gettop(L);
    for (size_t i = 0; kept[i]; i++) {
        lua_getglobal(L, kept[i]);
        lua_setfield(L, environment, kept[i]);
    }
    for (size_t i = 0; i < COUNT_OF(libraries); i++)
        give_library(L, environment, libraries[i]);
    lua_pushcfunction(L, protected_setmetatable);
    lua_setfield(L, environment, "setmetatable");
    lua_pushcfunction(L, count_memory);
    lua_setfield(L, environment, "collectgarbage");
    lua_pushvalue(L, environment);
    lua_setfield(L, environment, "_G");

    set_unknown_global(L, environment, public);
}
