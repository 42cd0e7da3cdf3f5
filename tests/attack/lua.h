// A robot's text run in a sealed worker, as robot.lua; for attacks whose hostile part is Lua.
#ifndef RENKI_TESTS_ATTACK_LUA_H
#define RENKI_TESTS_ATTACK_LUA_H

#include <lauxlib.h>
#include <string.h>

// 0: it returned true; 1: it returned anything else; 2: it raised.
static inline int run_lua(lua_State *L, const char *text)
{
    if (luaL_loadbufferx(L, text, strlen(text), "@robot.lua", "t") != LUA_OK ||
        lua_pcall(L, 0, 1, 0) != LUA_OK)
        return 2;
    return lua_toboolean(L, -1) ? 0 : 1;
}

#endif
