// See bind.h: checked arguments and options.
#include "worker/bind/bind.h"

#include "worker/names.h"
#include "worker/worker.h"

#include <stdio.h>

static const char *words(lua_State *L, enum phrase phrase)
{
    return phrase_text(worker_of(L)->language, phrase);
}

// "a whole number from 1 to 12", in the caller's space.
static const char *whole_words(lua_State *L, char out[200], int64_t least, int64_t most)
{
    if (least == INT64_MIN && most == INT64_MAX)
        return words(L, PHRASE_EXPECTED_WHOLE);
    const enum phrase phrase =
        most == INT64_MAX ? PHRASE_EXPECTED_WHOLE_LEAST : PHRASE_EXPECTED_WHOLE_BETWEEN;
    struct buf space = buf_new(199);
    phrase_append(&space, worker_of(L)->language, phrase, N(least), N(most));
    snprintf(out, 200, "%s", buf_string(&space));
    buf_dispose(&space);
    return out;
}

static bool whole(lua_State *L, int index, int64_t *out)
{
    int is_whole = 0;
    if (lua_type(L, index) != LUA_TNUMBER)
        return false;
    *out = lua_tointegerx(L, index, &is_whole);
    return is_whole;
}

struct text bind_text(lua_State *L, int argument, const char *name)
{
    struct text text;
    if (lua_type(L, argument) != LUA_TSTRING)
        bind_argument(L, argument, name, words(L, PHRASE_EXPECTED_TEXT));
    text.data = lua_tolstring(L, argument, &text.length);
    return text;
}

struct text bind_text_or(lua_State *L, int argument, const char *name, struct text otherwise)
{
    return lua_isnoneornil(L, argument) ? otherwise : bind_text(L, argument, name);
}

int64_t bind_integer(lua_State *L, int argument, const char *name, int64_t least, int64_t most)
{
    int64_t value;
    char space[200];
    if (!whole(L, argument, &value) || value < least || value > most)
        bind_argument(L, argument, name, whole_words(L, space, least, most));
    return value;
}

int64_t bind_integer_or(lua_State *L, int argument, const char *name, int64_t least, int64_t most,
                        int64_t otherwise)
{
    return lua_isnoneornil(L, argument) ? otherwise : bind_integer(L, argument, name, least, most);
}

bool bind_boolean_or(lua_State *L, int argument, const char *name, bool otherwise)
{
    if (lua_isnoneornil(L, argument))
        return otherwise;
    if (!lua_isboolean(L, argument))
        bind_argument(L, argument, name, words(L, PHRASE_EXPECTED_BOOLEAN));
    return lua_toboolean(L, argument);
}

void bind_table(lua_State *L, int argument, const char *name)
{
    if (!lua_istable(L, argument))
        bind_argument(L, argument, name, words(L, PHRASE_EXPECTED_TABLE));
}

static bool is_known(const char *const *known, const char *name)
{
    for (; *known; known++)
        if (strcmp(*known, name) == 0)
            return true;
    return false;
}

void bind_options(lua_State *L, int argument, const char *const *known)
{
    if (lua_isnoneornil(L, argument))
        return;
    bind_table(L, argument, "options");
    lua_pushnil(L);
    while (lua_next(L, argument)) {
        lua_pop(L, 1);
        const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        if (!name || !is_known(known, name))
            names_raise_option(L, bind_caller(L, NULL), -1, known);
    }
}

// Pushes the option's value; false (and nothing pushed) when it is not given.
static bool push_option(lua_State *L, int argument, const char *option)
{
    if (!lua_istable(L, argument))
        return false;
    if (lua_getfield(L, argument, option) != LUA_TNIL)
        return true;
    lua_pop(L, 1);
    return false;
}

static void wrong_option(lua_State *L, const char *option, const char *expected)
{
    const char *got = bind_describe(L, -1);
    bind_fail(L, ERR_OPTION_WRONG, bind_caller(L, NULL), option, expected, got);
}

// The text stays alive with the options table.
struct text bind_option_text(lua_State *L, int argument, const char *option, struct text otherwise)
{
    if (!push_option(L, argument, option))
        return otherwise;
    if (lua_type(L, -1) != LUA_TSTRING)
        wrong_option(L, option, words(L, PHRASE_EXPECTED_TEXT));
    struct text text;
    text.data = lua_tolstring(L, -1, &text.length);
    lua_pop(L, 1);
    return text;
}

int64_t bind_option_integer(lua_State *L, int argument, const char *option, int64_t least, int64_t most,
                            int64_t otherwise)
{
    if (!push_option(L, argument, option))
        return otherwise;
    int64_t value;
    char space[200];
    if (!whole(L, -1, &value) || value < least || value > most)
        wrong_option(L, option, whole_words(L, space, least, most));
    lua_pop(L, 1);
    return value;
}

bool bind_option_boolean(lua_State *L, int argument, const char *option, bool otherwise)
{
    if (!push_option(L, argument, option))
        return otherwise;
    if (!lua_isboolean(L, -1))
        wrong_option(L, option, words(L, PHRASE_EXPECTED_BOOLEAN));
    const bool value = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return value;
}
