// Values as text for robots: tostring, string.format, what an error's value says. No address is ever shown: all
// workers share the zygote's address layout.
#include "worker/bind/bind.h"
#include "worker/fault.h"
#include "worker/language.h"

#include <stdio.h>

// `__tostring`, then `__name`, then the type's name. May raise what __tostring raises.
const char *language_push_text(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    if (luaL_callmeta(L, index, "__tostring")) {
        if (lua_type(L, -1) != LUA_TSTRING) {
            lua_pop(L, 1);
            lua_pushstring(L, luaL_typename(L, index));
        }
        return lua_tostring(L, -1);
    }
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
    case LUA_TNUMBER:
    case LUA_TBOOLEAN:
    case LUA_TNIL:
        return luaL_tolstring(L, index, NULL);
    default:
        if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING)
            return lua_tostring(L, -1);
        return lua_pushstring(L, luaL_typename(L, index));
    }
}

int language_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    language_push_text(L, 1);
    return 1;
}

// string.format with values that the original would show by address replaced by their text; "%p" is refused.
// upvalue: the original
int language_format(lua_State *L)
{
    const struct text format = bind_text(L, 1, "format");
    const int count = lua_gettop(L);
    int argument = 1;
    for (size_t i = 0; i < format.length; i++) {
        if (format.data[i] != '%')
            continue;
        if (++i < format.length && format.data[i] == '%')
            continue;
        while (i < format.length && strchr("-+ #0123456789.", format.data[i]) && format.data[i])
            i++;
        if (i < format.length && format.data[i] == 'p')
            return luaL_error(L, "invalid conversion '%%p' to 'format'");
        if (++argument > count || i >= format.length || format.data[i] != 's')
            continue;
        language_push_text(L, argument);
        lua_replace(L, argument);
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, count, 1);
    return 1;
}

// A table that was thrown: its message, else its first fields: "{ code = 5, text = … }".
static int any_text(lua_State *L)
{
    if (!lua_istable(L, 1) || luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL) {
        language_push_text(L, 1);
        return 1;
    }
    lua_pushliteral(L, "message");
    if (lua_rawget(L, 1) == LUA_TSTRING)
        return 1;
    char space[8 * 160 + 8];
    size_t used = (size_t)snprintf(space, sizeof space, "{");
    int shown = 0;
    lua_pushnil(L);
    while (shown < 8 && lua_next(L, 1)) {
        if (lua_type(L, -2) == LUA_TSTRING) {
            const char *value = language_push_text(L, -1);
            used += (size_t)snprintf(space + used, sizeof space - used, "%s %.40s = %.100s",
                                     shown++ ? "," : "", lua_tostring(L, -3), value);
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    snprintf(space + used, sizeof space - used, " }");
    lua_pushstring(L, space);
    return 1;
}

// Malformed bytes become U+FFFD and the rest is cut at a character's border.
static const char *push_clean(lua_State *L, struct text text)
{
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    text.length = text_utf8_floor(text, FAULT_TEXT_MAX);
    while (text.length) {
        uint32_t code_point;
        const size_t size = text_utf8_decode(text, &code_point);
        if (size)
            luaL_addlstring(&buffer, text.data, size);
        else
            luaL_addstring(&buffer, "\xEF\xBF\xBD");
        const size_t step = size ? size : 1;
        text = text_of(text.data + step, text.length - step);
    }
    luaL_pushresult(&buffer);
    return lua_tostring(L, -1);
}

const char *fault_text(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_pushcfunction(L, any_text);
    lua_pushvalue(L, index);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK || lua_type(L, -1) != LUA_TSTRING) {
        lua_pop(L, 1);
        lua_pushstring(L, luaL_typename(L, index));
    }
    struct text text;
    text.data = lua_tolstring(L, -1, &text.length);
    const char *clean = push_clean(L, text);
    lua_remove(L, -2);
    return clean;
}
