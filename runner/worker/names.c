// See names.h. Candidates are gathered in an array inside a userdata, so that raising loses nothing.
#include "worker/names.h"

#include "worker/bind/bind.h"

#include <stdio.h>
#include <stdlib.h>

enum { CANDIDATES_MAX = 400, LIST_SIZE = 380 };

struct candidates {
    size_t count;
    const char *names[CANDIDATES_MAX];
};

static struct candidates *candidates_new(lua_State *L)
{
    struct candidates *candidates = lua_newuserdatauv(L, sizeof *candidates, 0);
    candidates->count = 0;
    return candidates;
}

static void add(struct candidates *candidates, const char *name)
{
    if (candidates->count < CANDIDATES_MAX && name[0] != '(' && name[0] != '_')
        candidates->names[candidates->count++] = name;
}

// The keys live as long as the table that holds them.
static void add_keys(lua_State *L, struct candidates *candidates, int table)
{
    table = lua_absindex(L, table);
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING)
            add(candidates, lua_tostring(L, -1));
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// "a, b, c", at most LIST_SIZE bytes.
static const char *list(struct candidates *candidates, char out[LIST_SIZE])
{
    size_t used = 0;
    out[0] = '\0';
    qsort(candidates->names, candidates->count, sizeof *candidates->names, by_name);
    for (size_t i = 0; i < candidates->count; i++) {
        const size_t length = strlen(candidates->names[i]);
        if (used + length + sizeof ", …" >= LIST_SIZE) {
            snprintf(out + used, LIST_SIZE - used, ", …");
            break;
        }
        used +=
            (size_t)snprintf(out + used, LIST_SIZE - used, "%s%s", used ? ", " : "", candidates->names[i]);
    }
    return out;
}

// The name as text, whatever was used as a key.
static const char *key_text(lua_State *L, int index)
{
    return lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : bind_describe(L, index);
}

int names_raise_field(lua_State *L, const char *thing, int name, int table)
{
    const char *wanted = key_text(L, name);
    struct candidates *candidates = candidates_new(L);
    add_keys(L, candidates, table);
    const char *nearest = text_nearest(wanted, candidates->names, candidates->count);
    if (nearest)
        bind_fail(L, ERR_FIELD_UNKNOWN, thing, wanted, nearest);
    char known[LIST_SIZE];
    bind_fail(L, ERR_FIELD_UNKNOWN_OF, thing, wanted, list(candidates, known));
}

int names_raise_option(lua_State *L, const char *function, int name, const char *const *known)
{
    const char *wanted = key_text(L, name);
    struct candidates *candidates = candidates_new(L);
    for (; *known; known++)
        add(candidates, *known);
    const char *nearest = text_nearest(wanted, candidates->names, candidates->count);
    if (nearest)
        bind_fail(L, ERR_OPTION_UNKNOWN, function, wanted, nearest);
    char all[LIST_SIZE];
    bind_fail(L, ERR_OPTION_UNKNOWN_OF, function, wanted, list(candidates, all));
}

// The variables that the function at level 1 (who asked for the global) can see.
static void add_variables(lua_State *L, struct candidates *candidates)
{
    lua_Debug activation;
    if (!lua_getstack(L, 1, &activation))
        return;
    const char *name;
    for (int i = 1; (name = lua_getlocal(L, &activation, i)); i++) {
        lua_pop(L, 1);
        add(candidates, name);
    }
    if (!lua_getinfo(L, "f", &activation))
        return;
    for (int i = 1; (name = lua_getupvalue(L, -1, i)); i++) {
        lua_pop(L, 1);
        add(candidates, name);
    }
    lua_pop(L, 1);
}

static const char *const removed[] = {"load",    "loadfile", "loadstring", "dofile", "debug",
                                      "io",      "package",  "coroutine",  "warn",   "getmetatable",
                                      "setfenv", "getfenv",  "unpack",     NULL};

bool names_are_removed(const char *name)
{
    for (size_t i = 0; removed[i]; i++)
        if (strcmp(removed[i], name) == 0)
            return true;
    return false;
}

int names_raise_global(lua_State *L, int name, int globals, int modules)
{
    const char *wanted = key_text(L, name);
    if (names_are_removed(wanted))
        bind_fail(L, ERR_NAME_REMOVED, wanted);
    lua_pushvalue(L, name);
    if (lua_rawget(L, modules) != LUA_TNIL)
        bind_fail(L, ERR_NAME_IS_MODULE, wanted);
    struct candidates *candidates = candidates_new(L);
    add_variables(L, candidates);
    add_keys(L, candidates, globals);
    const char *nearest = text_nearest(wanted, candidates->names, candidates->count);
    if (nearest)
        bind_fail(L, ERR_NAME_UNKNOWN, wanted, nearest);
    bind_fail(L, ERR_NAME_UNKNOWN_AT_ALL, wanted);
}

// "lib/a/b.lua" is required as "lib.a.b"; the text is left on the stack, so that it stays alive.
static void add_sources(lua_State *L, struct candidates *candidates, int sources)
{
    lua_pushnil(L);
    while (lua_next(L, sources)) {
        lua_pop(L, 1);
        const struct text path = text_from(lua_tostring(L, -1));
        if (!text_starts(path, "lib/") || !text_ends(path, ".lua") || !lua_checkstack(L, 4))
            continue;
        lua_pushlstring(L, path.data, path.length - 4);
        luaL_gsub(L, lua_tostring(L, -1), "/", ".");
        add(candidates, lua_tostring(L, -1));
        lua_replace(L, -2);
        lua_insert(L, -2);
    }
}

int names_raise_module(lua_State *L, int name, int modules, int sources)
{
    const char *wanted = key_text(L, name);
    struct candidates *candidates = candidates_new(L);
    add_keys(L, candidates, modules);
    add_sources(L, candidates, sources);
    const char *nearest = text_nearest(wanted, candidates->names, candidates->count);
    if (nearest)
        bind_fail(L, ERR_MODULE_UNKNOWN, wanted, nearest);
    char all[LIST_SIZE];
    bind_fail(L, ERR_MODULE_UNKNOWN_OF, wanted, list(candidates, all));
}

// upvalue: the thing's name
static int guard_index(lua_State *L)
{
    return names_raise_field(L, lua_tostring(L, lua_upvalueindex(1)), 2, 1);
}

static int guard_newindex(lua_State *L)
{
    return bind_fail(L, ERR_FIELD_FIXED, lua_tostring(L, lua_upvalueindex(1)), key_text(L, 2));
}

static void set_when_absent(lua_State *L, const char *thing, const char *field, lua_CFunction function)
{
    if (lua_getfield(L, -1, field) == LUA_TNIL) {
        lua_pushstring(L, thing);
        lua_pushcclosure(L, function, 1);
        lua_setfield(L, -3, field);
    }
    lua_pop(L, 1);
}

void names_guard(lua_State *L, const char *thing)
{
    if (!lua_getmetatable(L, -1))
        lua_newtable(L);
    set_when_absent(L, thing, "__index", guard_index);
    set_when_absent(L, thing, "__newindex", guard_newindex);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}
