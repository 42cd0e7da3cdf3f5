// See plain.h. Walks with lua_next and raw access only: no metamethod runs, nothing of the file is called.
#include "worker/plain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// One key of a table: a name, or a number as its digits.
struct key {
    char *name; // for sorting and for the document
    size_t length;
    bool is_number;
    lua_Integer number;
};

struct walk {
    lua_State *lua;
    struct json_writer writer;
    struct err *err;
    size_t values;
    char path[PLAIN_KEY_MAX * 2]; // of the value being written, for messages
};

static bool write_value(struct walk *walk, unsigned depth);

static bool refuse(struct walk *walk, const char *what)
{
    return fail(walk->err, ERR_READ_VALUE, walk->path[0] ? walk->path : "return", what);
}

static bool too_large(struct walk *walk, const char *what, int64_t limit)
{
    return fail(walk->err, ERR_READ_TOO_LARGE, what, N(limit));
}

static int compare_keys(const void *a, const void *b)
{
    const struct key *one = a, *other = b;
    if (one->is_number != other->is_number)
        return one->is_number ? -1 : 1;
    if (one->is_number)
        return one->number < other->number ? -1 : one->number > other->number;
    return strcmp(one->name, other->name);
}

static void free_keys(struct key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        xfree(keys[i].name);
    xfree(keys);
}

// The key on the stack's top, which stays there.
static bool read_key(struct walk *walk, struct key *out)
{
    size_t length;
    if (lua_isinteger(walk->lua, -1)) {
        out->is_number = true;
        out->number = lua_tointeger(walk->lua, -1);
        out->name = xasprintf("%lld", (long long)out->number);
        out->length = strlen(out->name);
        return true;
    }
    if (lua_type(walk->lua, -1) != LUA_TSTRING)
        return refuse(walk, "a table whose names are not all texts");
    const char *name = lua_tolstring(walk->lua, -1, &length);
    if (length > PLAIN_KEY_MAX || memchr(name, '\0', length) || !text_is_utf8(text_of(name, length)))
        return refuse(walk, "a table with a name that is no text or too long");
    out->name = xstrndup(name, length);
    out->length = length;
    return true;
}

static bool collect_keys(struct walk *walk, struct key **keys, size_t *count)
{
    size_t room = 0;
    lua_pushnil(walk->lua);
    while (lua_next(walk->lua, -2)) {
        lua_pop(walk->lua, 1);
        if (++walk->values > PLAIN_VALUES_MAX)
            return too_large(walk, "values", PLAIN_VALUES_MAX);
        if (*count == room)
            *keys = xreallocarray(*keys, room = room ? 2 * room : 16, sizeof **keys);
        (*keys)[*count] = (struct key){0};
        if (!read_key(walk, &(*keys)[*count]))
            return false;
        ++*count;
    }
    if (*count > 1)
        qsort(*keys, *count, sizeof **keys, compare_keys);
    return true;
}

static bool write_member(struct walk *walk, const struct key *key, bool is_array, unsigned depth)
{
    const size_t path_length = strlen(walk->path);
    snprintf(walk->path + path_length, sizeof walk->path - path_length, "%s%s", path_length ? "." : "",
             key->name);
    if (!is_array)
        json_write_key_text(&walk->writer, text_of(key->name, key->length));
    if (key->is_number)
        lua_rawgeti(walk->lua, -1, key->number);
    else {
        lua_pushlstring(walk->lua, key->name, key->length);
        lua_rawget(walk->lua, -2);
    }
    const bool done = write_value(walk, depth);
    lua_pop(walk->lua, 1);
    walk->path[path_length] = '\0';
    return done;
}

static bool write_members(struct walk *walk, const struct key *keys, size_t count, unsigned depth)
{
    // sorted: numbers first, so that the last one tells whether they are exactly 1 … n
    const bool is_array = count > 0 && keys[0].is_number && keys[0].number == 1 &&
                          keys[count - 1].is_number && keys[count - 1].number == (lua_Integer)count;
    if (is_array)
        json_begin_array(&walk->writer);
    else
        json_begin_object(&walk->writer);
    for (size_t i = 0; i < count; i++)
        if (!write_member(walk, &keys[i], is_array, depth))
            return false;
    if (is_array)
        json_end_array(&walk->writer);
    else
        json_end_object(&walk->writer);
    return true;
}

static bool write_table(struct walk *walk, unsigned depth)
{
    struct key *keys = NULL;
    size_t count = 0;
    if (depth > PLAIN_DEPTH_MAX)
        return too_large(walk, "levels", PLAIN_DEPTH_MAX);
    const bool done = lua_checkstack(walk->lua, 8) && collect_keys(walk, &keys, &count) &&
                      write_members(walk, keys, count, depth);
    free_keys(keys, count);
    return done;
}

static bool write_text(struct walk *walk)
{
    size_t length;
    const char *data = lua_tolstring(walk->lua, -1, &length);
    if (memchr(data, '\0', length) || !text_is_utf8(text_of(data, length)))
        return refuse(walk, "a text that is not UTF-8");
    json_write_text(&walk->writer, text_of(data, length));
    return true;
}

static bool write_number(struct walk *walk)
{
    const lua_Number number = lua_tonumber(walk->lua, -1);
    if (lua_isinteger(walk->lua, -1))
        json_write_integer(&walk->writer, lua_tointeger(walk->lua, -1));
    else if (isfinite(number))
        json_write_double(&walk->writer, number);
    else
        return refuse(walk, "a number without end");
    return true;
}

static bool write_value(struct walk *walk, unsigned depth)
{
    bool done = true;
    switch (lua_type(walk->lua, -1)) {
    case LUA_TTABLE:
        done = write_table(walk, depth + 1);
        break;
    case LUA_TSTRING:
        done = write_text(walk);
        break;
    case LUA_TNUMBER:
        done = write_number(walk);
        break;
    case LUA_TBOOLEAN:
        json_write_boolean(&walk->writer, lua_toboolean(walk->lua, -1));
        break;
    default:
        done = refuse(walk, lua_typename(walk->lua, lua_type(walk->lua, -1)));
    }
    return done && walk->writer.failed ? too_large(walk, "bytes", PLAIN_BYTES_MAX) : done;
}

bool plain_write(struct buf *out, lua_State *L, struct err *err)
{
    struct walk walk = {.lua = L, .writer = json_writer_new(out), .err = err};
    if (!write_value(&walk, 0))
        return false;
    return json_writer_done(&walk.writer) ? true : too_large(&walk, "bytes", PLAIN_BYTES_MAX);
}
