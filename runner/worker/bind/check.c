// core.check: what internal/check.lua needs beyond Lua: the real loader's word on a text, the methods of a
// class, and whether a permit may cover a call. In the worker.
#include "worker/bind/bind.h"
#include "worker/fault.h"

#include "lib/permit/permit.h"

#define PERMITS_CLASS "check.permits"

// syntax(name, text) → nil, or the fault that the loader finds
static int check_syntax(lua_State *L)
{
    const struct text name = bind_text(L, 1, "name"), source = bind_text(L, 2, "text");
    const char *chunk = lua_pushfstring(L, "@%s", name.data);
    if (luaL_loadbufferx(L, source.data, source.length, chunk, "t") == LUA_OK)
        return 0;
    fault_from_syntax(L);
    return 1;
}

// methods(class) → { name = true } of a class made by bind_class, or nil
static int check_methods(lua_State *L)
{
    luaL_getmetatable(L, bind_text(L, 1, "class").data);
    if (!lua_istable(L, -1) || lua_getfield(L, -1, "__index") != LUA_TFUNCTION || !lua_getupvalue(L, -1, 1) ||
        !lua_istable(L, -1))
        return 0;
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, -3)) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushboolean(L, true);
        lua_rawset(L, -4);
    }
    return 1;
}

// ---- Permits

static const struct permits *check_permits(lua_State *L)
{
    return *(struct permits **)luaL_checkudata(L, 1, PERMITS_CLASS);
}

static size_t check_index(lua_State *L)
{
    return (size_t)bind_integer(L, 2, "index", 1, PERMITS_MAX) - 1;
}

// permits(json) → an object; raises where they are wrong, which the host has told before
static int new_permits(lua_State *L)
{
    const struct text json = bind_text(L, 1, "json");
    struct permits **permits = lua_newuserdatauv(L, sizeof *permits, 0);
    *permits = NULL;
    luaL_setmetatable(L, PERMITS_CLASS);
    struct err err;
    struct json_document *document = NULL;
    const bool good = json_parse(&document, json, &err) && permits_read(permits, json_root(document), &err);
    json_document_free(document);
    return good ? 1 : bind_raise(L, &err);
}

static int free_permits(lua_State *L)
{
    struct permits **permits = luaL_checkudata(L, 1, PERMITS_CLASS);
    permits_free(*permits);
    *permits = NULL;
    return 0;
}

// permits:http(index, method, address, whole, login) → true or false; nil where the address is none
static int may_call(lua_State *L)
{
    const struct permits *permits = check_permits(L);
    const size_t index = check_index(L);
    const struct text method = bind_text(L, 3, "method"), address = bind_text(L, 4, "address");
    const struct text login = bind_text(L, 6, "login");
    struct err err;
    struct origin url;
    if (!origin_read(&url, address, &err))
        return 0;
    lua_pushboolean(L, permits_http_may_cover(permits, index, method, &url, lua_toboolean(L, 5), login));
    origin_dispose(&url);
    return 1;
}

// permits:mail(index, address) → true or false
static int may_mail(lua_State *L)
{
    const struct permits *permits = check_permits(L);
    const size_t index = check_index(L);
    lua_pushboolean(L, permits_mail_covers(permits, index, bind_text(L, 3, "address")));
    return 1;
}

static const luaL_Reg methods[] = {{"http", may_call}, {"mail", may_mail}, {NULL, NULL}};
static const luaL_Reg metamethods[] = {{"__gc", free_permits}, {NULL, NULL}};

static const luaL_Reg functions[] = {
    {"syntax", check_syntax},
    {"methods", check_methods},
    {"permits", new_permits},
    {NULL, NULL},
};

int luaopen_check(lua_State *L)
{
    bind_class(L, PERMITS_CLASS, methods, metamethods);
    luaL_newlib(L, functions);
    return 1;
}
