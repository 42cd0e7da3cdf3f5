// See bind.h: faults, descriptions and classes. arguments.c has the checked arguments.
#include "worker/bind/bind.h"

#include "worker/fault.h"
#include "worker/language.h"
#include "worker/names.h"
#include "worker/worker.h"

#include <fcntl.h>
#include <stdio.h>

int bind_raise(lua_State *L, const struct err *err)
{
    fault_push(L, err);
    lua_error(L);
    __builtin_unreachable();
}

int bind_fail_(lua_State *L, enum err_code code, const char *const *arguments)
{
    struct err err;
    err_fail(&err, code, arguments);
    bind_raise(L, &err);
}

// The text of a phrase on top of the stack, for a moment in a Lua buffer: no memory of C's is held.
static const char *push_phrase(lua_State *L, enum phrase phrase, const char *argument)
{
    char space[1024];
    const char *template = phrase_text(worker_of(L)->language, phrase);
    const char *gap = strstr(template, "{1}");
    if (!gap || !argument)
        return lua_pushstring(L, template);
    snprintf(space, sizeof space, "%.*s%.*s%s", (int)(gap - template), template,
             (int)text_utf8_floor(text_from(argument), 200), argument, gap + 3);
    return lua_pushstring(L, space);
}

static const char *describe_text(lua_State *L, int index)
{
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    char start[64 + sizeof "…"];
    const size_t shown = text_utf8_floor(text_of(text, length), 60);
    snprintf(start, sizeof start, "%.*s%s", (int)shown, text, shown < length ? "…" : "");
    return push_phrase(L, PHRASE_VALUE_TEXT, start);
}

const char *bind_describe(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
        return describe_text(L, index);
    case LUA_TNUMBER: {
        lua_pushvalue(L, index); // lua_tolstring changes what it converts
        const char *number = lua_tostring(L, -1);
        const char *words = push_phrase(L, PHRASE_VALUE_NUMBER, number);
        lua_remove(L, -2);
        return words;
    }
    case LUA_TBOOLEAN:
        return push_phrase(L, PHRASE_VALUE_BOOLEAN, lua_toboolean(L, index) ? "true" : "false");
    case LUA_TTABLE:
        return push_phrase(L, PHRASE_VALUE_TABLE, NULL);
    case LUA_TFUNCTION:
        return push_phrase(L, PHRASE_VALUE_FUNCTION, NULL);
    case LUA_TUSERDATA:
        if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING) {
            const char *words = push_phrase(L, PHRASE_VALUE_THING, lua_tostring(L, -1));
            lua_remove(L, -2);
            return words;
        }
        return push_phrase(L, PHRASE_VALUE_THING, "thing");
    default:
        return push_phrase(L, PHRASE_VALUE_NOTHING, NULL);
    }
}

// "sheet.open" or whatever the robot calls the function that is running; what `position` counts as in its eyes.
const char *bind_caller(lua_State *L, int *position)
{
    lua_Debug activation;
    if (!lua_getstack(L, 0, &activation) || !lua_getinfo(L, "n", &activation) || !activation.name)
        return "this function";
    if (position && strcmp(activation.namewhat, "method") == 0)
        --*position;
    return activation.name;
}

int bind_argument(lua_State *L, int argument, const char *name, const char *expected)
{
    int position = argument;
    const char *function = bind_caller(L, &position);
    const char *got = bind_describe(L, argument);
    bind_fail(L, ERR_ARGUMENT_WRONG, function, name, expected, got, N(position));
}

// What stands on one side of `..`. Not luaL_tolstring: that shows addresses.
static void push_joined(lua_State *L, int index)
{
    const int type = lua_type(L, index);
    if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TUSERDATA)
        luaL_error(L, "attempt to concatenate a %s value", luaL_typename(L, index));
    language_push_text(L, index);
}

void bind_close_unused(lua_State *L)
{
    enum {
        MANY = 32
    }; // of OPEN_FILES; the lowest free one is given, so that this one is taken when so many are
    if (fcntl(MANY, F_GETFD) >= 0)
        lua_gc(L, LUA_GCCOLLECT, 0);
}

int bind_concatenate(lua_State *L)
{
    push_joined(L, 1);
    push_joined(L, 2);
    lua_concat(L, 2);
    return 1;
}

// upvalues: the methods, the class's name
static int class_index(lua_State *L)
{
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    return names_raise_field(L, lua_tostring(L, lua_upvalueindex(2)), 2, lua_upvalueindex(1));
}

static int class_tostring(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    return 1;
}

void bind_class(lua_State *L, const char *type, const luaL_Reg *methods, const luaL_Reg *metamethods)
{
    if (!luaL_newmetatable(L, type)) {
        lua_pop(L, 1);
        return;
    }
    lua_pushstring(L, type);
    lua_pushcclosure(L, class_tostring, 1);
    lua_setfield(L, -2, "__tostring");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_newtable(L);
    if (methods)
        luaL_setfuncs(L, methods, 0);
    lua_pushstring(L, type);
    lua_pushcclosure(L, class_index, 2);
    lua_setfield(L, -2, "__index");
    if (metamethods)
        luaL_setfuncs(L, metamethods, 0);
    lua_pop(L, 1);
}

void bind_class_at(lua_State *L, const char *type, const void *address)
{
    luaL_getmetatable(L, type);
    lua_rawsetp(L, LUA_REGISTRYINDEX, address);
}

void *bind_test_class_at(lua_State *L, int index, const void *address)
{
    void *held = lua_touserdata(L, index);
    if (!held || !lua_getmetatable(L, index))
        return NULL;
    lua_rawgetp(L, LUA_REGISTRYINDEX, address);
    const bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same ? held : NULL;
}
