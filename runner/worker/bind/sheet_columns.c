// See sheet_columns.h. In the worker.
#include "worker/bind/sheet_columns.h"

#include "worker/bind/values.h"

#include <stdlib.h>

enum { WISHES_MAX = 1000, ALIASES_MAX = 100 };

void columns_grow(struct row_columns *columns, uint32_t count)
{
    if (count <= columns->count)
        return;
    columns->of = xreallocarray(columns->of, count, sizeof *columns->of);
    memset(columns->of + columns->count, 0, (count - columns->count) * sizeof *columns->of);
    columns->count = count;
}

// All named columns, as they are called. The names table is on top of the stack.
void columns_choose_all(lua_State *L, struct row_columns *columns)
{
    for (uint32_t i = 0, place = 0; i < columns->header.count; i++) {
        if (!columns->header.names[i])
            continue;
        columns->of[i].place = ++place;
        lua_pushstring(L, columns->header.names[i]);
        lua_rawseti(L, -2, place);
    }
}

struct wishes {
    struct column_wish items[WISHES_MAX];
    const char *aliases[WISHES_MAX + ALIASES_MAX];
    uint32_t columns[WISHES_MAX];
    size_t count, alias_count;
};

static int fail_columns(lua_State *L)
{
    return bind_argument(
        L, 2, "columns",
        "a list of names, or { Name = \"other name\" } or { Name = { \"a\", \"b\", optional = true } }");
}

static const char *text_or_fail(lua_State *L, int index)
{
    if (lua_type(L, index) != LUA_TSTRING)
        fail_columns(L);
    return lua_tostring(L, index);
}

static void add_alias(lua_State *L, struct wishes *wishes, struct column_wish *wish, int index)
{
    const char *name = text_or_fail(L, index);
    if (wishes->alias_count == COUNT_OF(wishes->aliases))
        bind_fail(L, ERR_LIMIT_PASSED, "columns", N(WISHES_MAX));
    wishes->aliases[wishes->alias_count++] = name;
    wish->alias_count++;
}

// key at -2, value at -1
static void add_wish(lua_State *L, struct wishes *wishes)
{
    if (wishes->count == WISHES_MAX)
        bind_fail(L, ERR_LIMIT_PASSED, "columns", N(WISHES_MAX));
    struct column_wish *wish = &wishes->items[wishes->count++];
    *wish = (struct column_wish){.aliases = &wishes->aliases[wishes->alias_count]};
    if (lua_isinteger(L, -2)) {
        wish->name = text_or_fail(L, -1);
        return;
    }
    wish->name = text_or_fail(L, -2);
    if (lua_type(L, -1) == LUA_TSTRING) {
        add_alias(L, wishes, wish, -1);
    } else if (lua_istable(L, -1)) {
        for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
            add_alias(L, wishes, wish, -1);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
        lua_getfield(L, -1, "optional");
        wish->optional = lua_toboolean(L, -1);
        lua_pop(L, 1);
    } else if (!lua_isboolean(L, -1)) {
        fail_columns(L);
    }
}

// The columns that the robot named, under its names. `names`: the stack's place of the table of names.
bool columns_choose(lua_State *L, struct row_columns *columns, int wanted, int names, struct err *err)
{
    // A userdata: what it points to lives in the options table, and an error frees it.
    struct wishes *wishes = lua_newuserdatauv(L, sizeof *wishes, 0);
    wishes->count = wishes->alias_count = 0;
    for (lua_pushnil(L); lua_next(L, wanted); lua_pop(L, 1))
        add_wish(L, wishes);
    if (!header_choose(wishes->columns, &columns->header, wishes->items, wishes->count, err))
        return false;
    for (size_t i = 0; i < wishes->count; i++) {
        lua_pushstring(L, wishes->items[i].name);
        lua_rawseti(L, names, (lua_Integer)i + 1);
        if (wishes->columns[i])
            columns->of[wishes->columns[i] - 1].place = (uint32_t)i + 1;
    }
    lua_pop(L, 1);
    return true;
}

static enum cell_type type_at(lua_State *L, int index)
{
    for (unsigned i = 0; lua_type(L, index) == LUA_TSTRING && cell_type_names[i]; i++)
        if (strcmp(lua_tostring(L, index), cell_type_names[i]) == 0)
            return (enum cell_type)i;
    bind_argument(L, 2, "types",
                  "auto, text, decimal, integer, number, boolean, date, moment or formula for each column");
}

// The column that a key of `types` means: a number, or the robot's name for it; 0: an optional one that is not there.
static bool column_of_key(lua_State *L, struct row_columns *columns, uint32_t *out, int key, int names,
                          struct err *err)
{
    if (lua_isinteger(L, key)) {
        const lua_Integer column = lua_tointeger(L, key);
        if (column < 1 || column > SHEET_COLUMNS_MAX)
            bind_argument(L, 2, "types", "columns from 1 to 16384");
        columns_grow(columns, (uint32_t)column);
        *out = (uint32_t)column;
        return true;
    }
    for (lua_Integer place = 1; lua_rawgeti(L, names, place) != LUA_TNIL; place++) {
        const bool same = lua_rawequal(L, -1, key - 1);
        lua_pop(L, 1);
        for (uint32_t i = 0; same && i < columns->count; i++)
            if (columns->of[i].place == place) {
                *out = i + 1;
                return true;
            }
        if (same)
            return true;
    }
    lua_pop(L, 1);
    const char *name = lua_tostring(L, key), *nearest = name ? header_nearest(&columns->header, name) : NULL;
    return fail(err, ERR_SHEET_NO_COLUMN, name ? name : "?", nearest ? nearest : "-");
}

bool columns_take_types(lua_State *L, struct row_columns *columns, int types, int names, struct err *err)
{
    for (lua_pushnil(L); lua_next(L, types); lua_pop(L, 1)) {
        const enum cell_type type = type_at(L, -1);
        uint32_t column = 0;
        if (!column_of_key(L, columns, &column, -2, names, err))
            return false;
        if (column)
            columns->of[column - 1].type = type;
    }
    return true;
}

void columns_dispose(struct row_columns *columns)
{
    header_dispose(&columns->header);
    xfree(STEAL(columns->of));
}
