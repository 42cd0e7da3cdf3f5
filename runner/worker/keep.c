// See keep.h. Nothing here raises (but for Lua's own memory, which ends the run): buffers of C are held meanwhile.
#include "worker/keep.h"

#include <lauxlib.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct keeper {
    lua_State *lua;
    struct json_writer writer;
    struct err *err;
};

static bool write_value(struct keeper *keeper, int index, int depth);

static void write_tagged(struct keeper *keeper, const char *tag, const char *value)
{
    json_begin_object(&keeper->writer);
    json_write_key(&keeper->writer, tag);
    json_write_string(&keeper->writer, value);
    json_end_object(&keeper->writer);
}

static void write_bytes(struct keeper *keeper, struct text bytes)
{
    static const char digits[] = "0123456789abcdef";
    SCOPED_BUF(hex, (size_t)2 * KEEP_BYTES_MAX);
    for (size_t i = 0; i < bytes.length; i++) {
        const unsigned char byte = (unsigned char)bytes.data[i];
        if (!buf_append_char(&hex, digits[byte >> 4]) || !buf_append_char(&hex, digits[byte & 15])) {
            keeper->writer.failed = true;
            return;
        }
    }
    write_tagged(keeper, "$bytes", buf_string(&hex));
}

static void write_text(struct keeper *keeper, int index)
{
    struct text text;
    text.data = lua_tolstring(keeper->lua, index, &text.length);
    if (text_is_utf8(text))
        json_write_text(&keeper->writer, text);
    else
        write_bytes(keeper, text);
}

// A float stays one: 2.0 is written 2.0, so that it comes back as it went.
static void write_number(struct keeper *keeper, int index)
{
    if (lua_isinteger(keeper->lua, index)) {
        json_write_integer(&keeper->writer, lua_tointeger(keeper->lua, index));
        return;
    }
    char space[40];
    const double value = lua_tonumber(keeper->lua, index);
    if (!isfinite(value)) {
        write_tagged(keeper, "$float", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
        return;
    }
    snprintf(space, sizeof space, "%.17g", value);
    if (!strpbrk(space, ".e"))
        snprintf(space, sizeof space, "%.0f.0", value); // below 1e17, else %.17g wrote an exponent
    json_write_number_text(&keeper->writer, text_from(space));
}

static bool cannot(struct keeper *keeper, int index)
{
    const char *type = luaL_typename(keeper->lua, index);
    if (luaL_getmetafield(keeper->lua, index, "__name") == LUA_TSTRING)
        type = lua_tostring(keeper->lua, -1); // lives on in the metatable
    return fail(keeper->err, ERR_KEEP_KIND, type);
}

// A value of a class: its written form, made by the class's own function.
static bool write_class(struct keeper *keeper, int index)
{
    lua_State *L = keeper->lua;
    char tag[64];
    const int top = lua_gettop(L);
    if (luaL_getmetafield(L, index, "__name") != LUA_TSTRING)
        return cannot(keeper, index);
    snprintf(tag, sizeof tag, "$%s", lua_tostring(L, -1));
    lua_getfield(L, LUA_REGISTRYINDEX, KEEP_CLASSES);
    if (lua_getfield(L, -1, tag + 1) != LUA_TTABLE) {
        lua_settop(L, top);
        return cannot(keeper, index);
    }
    lua_rawgeti(L, -1, 1);
    lua_pushvalue(L, index);
    const bool written = lua_pcall(L, 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING;
    if (written)
        write_tagged(keeper, tag, lua_tostring(L, -1));
    lua_settop(L, top);
    return written ? true : cannot(keeper, index);
}

// 1 … n and nothing else, by what next() tells. An empty table counts as a list.
static bool is_list(lua_State *L, int index, lua_Integer *length)
{
    lua_Integer count = 0;
    *length = (lua_Integer)lua_rawlen(L, index);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        const bool inside =
            lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1 && lua_tointeger(L, -1) <= *length;
        if (!inside) {
            lua_pop(L, 1);
            return false;
        }
        count++;
    }
    return count == *length;
}

static bool is_object(lua_State *L, int index)
{
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        struct text key;
        if (lua_type(L, -1) == LUA_TSTRING) {
            key.data = lua_tolstring(L, -1, &key.length);
            if (text_is_utf8(key))
                continue;
        }
        lua_pop(L, 1);
        return false;
    }
    return true;
}

static bool write_list(struct keeper *keeper, int index, lua_Integer length, int depth)
{
    json_begin_array(&keeper->writer);
    for (lua_Integer i = 1; i <= length; i++) {
        lua_rawgeti(keeper->lua, index, i);
        const bool done = write_value(keeper, lua_gettop(keeper->lua), depth);
        lua_pop(keeper->lua, 1);
        if (!done)
            return false;
    }
    json_end_array(&keeper->writer);
    return true;
}

// Texts of keys in their order, so that equal tables are kept as equal texts.
static int by_text(const void *a, const void *b)
{
    const struct text *x = a, *y = b;
    const int order = memcmp(x->data, y->data, x->length < y->length ? x->length : y->length);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

static void write_key(struct keeper *keeper, struct text key)
{
    if (key.length == 0 || key.data[0] != '$') {
        json_write_key_text(&keeper->writer, key);
        return;
    }
    SCOPED_BUF(doubled, KEEP_BYTES_MAX);
    if (!buf_append_char(&doubled, '$') || !buf_append_text(&doubled, key))
        keeper->writer.failed = true;
    json_write_key_text(&keeper->writer, buf_text(&doubled));
}

static size_t count_keys(lua_State *L, int index)
{
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
        count++;
    return count;
}

static bool write_object(struct keeper *keeper, int index, int depth)
{
    lua_State *L = keeper->lua;
    const size_t count = count_keys(L, index);
    SCOPED_TEXT struct text *keys = xreallocarray(NULL, count, sizeof *keys);
    size_t next = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        keys[next].data = lua_tolstring(L, -2, &keys[next].length);
        next++;
    }
    qsort(keys, count, sizeof *keys, by_text);
    json_begin_object(&keeper->writer);
    for (size_t i = 0; i < count; i++) {
        write_key(keeper, keys[i]);
        lua_pushlstring(L, keys[i].data, keys[i].length);
        lua_rawget(L, index);
        const bool done = write_value(keeper, lua_gettop(L), depth);
        lua_pop(L, 1);
        if (!done)
            return false;
    }
    json_end_object(&keeper->writer);
    return true;
}

static bool write_pairs(struct keeper *keeper, int index, int depth)
{
    lua_State *L = keeper->lua;
    json_begin_object(&keeper->writer);
    json_write_key(&keeper->writer, "$table");
    json_begin_array(&keeper->writer);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        json_begin_array(&keeper->writer);
        const int value = lua_gettop(L);
        if (!write_value(keeper, value - 1, depth) || !write_value(keeper, value, depth)) {
            lua_pop(L, 2);
            return false;
        }
        json_end_array(&keeper->writer);
    }
    json_end_array(&keeper->writer);
    json_end_object(&keeper->writer);
    return true;
}

static bool write_table(struct keeper *keeper, int index, int depth)
{
    lua_Integer length;
    if (depth >= KEEP_DEPTH_MAX || !lua_checkstack(keeper->lua, 20))
        return fail(keeper->err, ERR_KEEP_DEEP, N(KEEP_DEPTH_MAX));
    if (is_list(keeper->lua, index, &length))
        return write_list(keeper, index, length, depth + 1);
    return is_object(keeper->lua, index) ? write_object(keeper, index, depth + 1)
                                         : write_pairs(keeper, index, depth + 1);
}

static bool write_value(struct keeper *keeper, int index, int depth)
{
    if (keeper->writer.failed)
        return fail(keeper->err, ERR_KEEP_LARGE, N(keeper->writer.out->maximum / 1000));
    switch (lua_type(keeper->lua, index)) {
    case LUA_TNIL:
        json_write_null(&keeper->writer);
        return true;
    case LUA_TBOOLEAN:
        json_write_boolean(&keeper->writer, lua_toboolean(keeper->lua, index));
        return true;
    case LUA_TNUMBER:
        write_number(keeper, index);
        return true;
    case LUA_TSTRING:
        write_text(keeper, index);
        return true;
    case LUA_TTABLE:
        return write_table(keeper, index, depth);
    case LUA_TUSERDATA:
        return write_class(keeper, index);
    default:
        return cannot(keeper, index);
    }
}

bool keep_write(lua_State *L, struct buf *out, int index, struct err *err)
{
    struct keeper keeper = {.lua = L, .writer = json_writer_new(out), .err = err};
    const int top = lua_gettop(L);
    const bool done = write_value(&keeper, lua_absindex(L, index), 0);
    lua_settop(L, top);
    if (!done)
        return false;
    return json_writer_done(&keeper.writer) ? true : fail(err, ERR_KEEP_LARGE, N(out->maximum / 1000));
}

// ---- and back

static void push_number(lua_State *L, const struct json *value)
{
    struct text written;
    int64_t whole;
    double number = 0;
    if (json_number_text(value, &written) && text_to_int64(written, &whole)) {
        lua_pushinteger(L, whole);
        return;
    }
    (void)json_double(value, &number);
    lua_pushnumber(L, number);
}

static void push_scalar(lua_State *L, const struct json *value)
{
    struct text text = {"", 0};
    switch (json_kind(value)) {
    case JSON_TRUE:
    case JSON_FALSE:
        lua_pushboolean(L, json_kind(value) == JSON_TRUE);
        break;
    case JSON_NUMBER:
        push_number(L, value);
        break;
    case JSON_TEXT:
        (void)json_text(value, &text);
        lua_pushlstring(L, text.data, text.length);
        break;
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        lua_pushnil(L);
        break;
    }
}

void keep_push_plain(lua_State *L, const struct json *value)
{
    const enum json_kind kind = json_kind(value);
    if (kind != JSON_ARRAY && kind != JSON_OBJECT) {
        push_scalar(L, value);
        return;
    }
    luaL_checkstack(L, 5, NULL);
    lua_newtable(L);
    lua_Integer place = 0;
    for (const struct json *member = json_first(value); member; member = json_next(member)) {
        const struct text key = json_key(member);
        if (kind == JSON_OBJECT)
            lua_pushlstring(L, key.data, key.length);
        else
            lua_pushinteger(L, ++place);
        keep_push_plain(L, member);
        lua_rawset(L, -3);
    }
}

static bool push_kept(lua_State *L, const struct json *value, struct err *err);

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool push_bytes(lua_State *L, struct text hex)
{
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (size_t i = 0; i + 1 < hex.length; i += 2)
        luaL_addchar(&buffer, (char)(digit(hex.data[i]) << 4 | digit(hex.data[i + 1])));
    luaL_pushresult(&buffer);
    return hex.length % 2 == 0;
}

static bool push_float(lua_State *L, struct text name)
{
    lua_pushnumber(L, text_is(name, "nan") ? NAN : text_is(name, "inf") ? INFINITY : -INFINITY);
    return true;
}

static bool push_pairs(lua_State *L, const struct json *pairs, struct err *err)
{
    lua_newtable(L);
    for (const struct json *pair = json_first(pairs); pair; pair = json_next(pair)) {
        const struct json *key = json_first(pair);
        if (!push_kept(L, key, err))
            return false;
        if (lua_isnil(L, -1))
            return fail(err, ERR_KEEP_BROKEN);
        if (!push_kept(L, json_next(key), err))
            return false;
        lua_rawset(L, -3);
    }
    return true;
}

static bool push_class(lua_State *L, const char *class, struct text written, struct err *err)
{
    lua_getfield(L, LUA_REGISTRYINDEX, KEEP_CLASSES);
    if (lua_getfield(L, -1, class) != LUA_TTABLE)
        return fail(err, ERR_KEEP_BROKEN);
    lua_rawgeti(L, -1, 2);
    lua_pushlstring(L, written.data, written.length);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK)
        return fail(err, ERR_KEEP_BROKEN);
    lua_replace(L, -3);
    lua_pop(L, 1);
    return true;
}

static bool push_tagged(lua_State *L, const char *tag, const struct json *value, struct err *err)
{
    if (strcmp(tag, "$table") == 0)
        return push_pairs(L, value, err);
    struct text written;
    if (!json_text(value, &written))
        return fail(err, ERR_KEEP_BROKEN);
    if (strcmp(tag, "$bytes") == 0)
        return push_bytes(L, written) ? true : fail(err, ERR_KEEP_BROKEN);
    if (strcmp(tag, "$float") == 0)
        return push_float(L, written);
    return push_class(L, tag + 1, written, err);
}

static bool push_object(lua_State *L, const struct json *object, struct err *err)
{
    const struct json *first = json_first(object);
    const struct text tag = json_key(first);
    if (json_count(object) == 1 && text_starts(tag, "$") && !text_starts(tag, "$$"))
        return push_tagged(L, tag.data, first, err);
    lua_newtable(L);
    for (const struct json *member = first; member; member = json_next(member)) {
        const struct text key = json_key(member);
        const size_t skip = text_starts(key, "$$") ? 1 : 0;
        lua_pushlstring(L, key.data + skip, key.length - skip);
        if (!push_kept(L, member, err))
            return false;
        lua_rawset(L, -3);
    }
    return true;
}

static bool push_kept(lua_State *L, const struct json *value, struct err *err)
{
    if (!lua_checkstack(L, 20))
        return fail(err, ERR_KEEP_DEEP, N(KEEP_DEPTH_MAX));
    if (json_kind(value) == JSON_OBJECT)
        return push_object(L, value, err);
    if (json_kind(value) != JSON_ARRAY) {
        push_scalar(L, value);
        return true;
    }
    lua_newtable(L);
    lua_Integer place = 0;
    for (const struct json *member = json_first(value); member; member = json_next(member)) {
        if (!push_kept(L, member, err))
            return false;
        lua_rawseti(L, -2, ++place);
    }
    return true;
}

bool keep_push(lua_State *L, struct text kept, struct err *err)
{
    SCOPED(json_document)
    document = NULL;
    const int top = lua_gettop(L);
    if (kept.length == 0) {
        lua_pushnil(L);
        return true;
    }
    if (!json_parse(&document, kept, err))
        return false;
    if (push_kept(L, json_root(document), err))
        return true;
    lua_settop(L, top);
    return false;
}
