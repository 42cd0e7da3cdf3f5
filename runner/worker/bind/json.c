// require "json": JSON text to Lua values and back, no digit lost. In the worker.
//
// What C holds while Lua may raise lies in userdata: the document that is being read (`box`), the text that is being
// written (`encoder`). Their __gc frees them when an error jumps over the rest.
#include "worker/bind/json.h"

#include "lib/decimal/decimal.h"
#include "worker/bind/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NULL_CLASS "json.null"
#define ARRAY_CLASS "json.array"
#define OBJECT_CLASS "json.object"
#define BOX_CLASS "json.document"
#define ENCODER_CLASS "json.encoder"

static void push_null(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, NULL_CLASS ".value");
}

// ---- reading

static bool is_written_whole(struct text number)
{
    return text_find(number, '.') < 0 && text_find(number, 'e') < 0 && text_find(number, 'E') < 0;
}

static void push_decimal(lua_State *L, struct text number)
{
    struct decimal value;
    struct err err;
    if (!decimal_parse(&value, number, &err))
        bind_raise(L, &err);
    bind_decimal_push(L, &value);
}

// 12 is an integer, 12.5 and 1e2 are binary numbers; what these cannot hold (20 digits, 1e400) is a decimal.
static void push_number(lua_State *L, const struct json *value, const struct bind_json_options *options)
{
    struct text number;
    int64_t integer;
    double binary;
    if (!json_number_text(value, &number))
        return;
    const bool whole = is_written_whole(number);
    if (!options->decimals && whole && json_int64(value, &integer))
        lua_pushinteger(L, integer);
    else if (!options->decimals && !whole && json_double(value, &binary))
        lua_pushnumber(L, binary);
    else
        push_decimal(L, number);
}

static void push_list(lua_State *L, const struct json *array, const struct bind_json_options *options)
{
    lua_createtable(L, (int)json_count(array), 0);
    lua_Integer i = 1;
    for (const struct json *item = json_first(array); item; item = json_next(item)) {
        bind_json_push(L, item, options);
        lua_rawseti(L, -2, i++);
    }
    if (i == 1)
        luaL_setmetatable(L, ARRAY_CLASS); // so that it is [] again when it is written
}

static void push_object(lua_State *L, const struct json *object, const struct bind_json_options *options)
{
    lua_createtable(L, 0, (int)json_count(object));
    for (const struct json *member = json_first(object); member; member = json_next(member)) {
        const struct text key = json_key(member);
        lua_pushlstring(L, key.data, key.length);
        if (options->without_nulls && json_kind(member) == JSON_NULL)
            lua_pushnil(L);
        else
            bind_json_push(L, member, options);
        lua_rawset(L, -3);
    }
    if (json_count(object) == 0)
        luaL_setmetatable(L, OBJECT_CLASS);
}

void bind_json_push(lua_State *L, const struct json *value, const struct bind_json_options *options)
{
    struct text text;
    luaL_checkstack(L, 6, "JSON");
    switch (json_kind(value)) {
    case JSON_NULL:
        push_null(L);
        break;
    case JSON_FALSE:
    case JSON_TRUE:
        lua_pushboolean(L, json_kind(value) == JSON_TRUE);
        break;
    case JSON_NUMBER:
        push_number(L, value, options);
        break;
    case JSON_TEXT:
        if (json_text(value, &text))
            lua_pushlstring(L, text.data, text.length);
        break;
    case JSON_ARRAY:
        push_list(L, value, options);
        break;
    case JSON_OBJECT:
        push_object(L, value, options);
        break;
    }
}

struct box {
    struct json_document *document;
};

static int box_gc(lua_State *L)
{
    struct box *box = luaL_checkudata(L, 1, BOX_CLASS);
    json_document_free(STEAL(box->document));
    return 0;
}

void bind_json_decode(lua_State *L, struct text text, const struct bind_json_options *options)
{
    struct box *box = lua_newuserdatauv(L, sizeof *box, 0);
    box->document = NULL;
    luaL_setmetatable(L, BOX_CLASS);
    struct err err;
    if (!json_parse(&box->document, text, &err))
        bind_raise(L, &err);
    bind_json_push(L, json_root(box->document), options);
    json_document_free(STEAL(box->document)); // now, not when the collector comes by
    lua_remove(L, -2);
}

// ---- writing

// Where the encoder is: a name, or a place in a list.
struct step {
    const char *name;
    lua_Integer place;
};

struct encoder {
    struct buf text;
    struct json_writer writer;
    struct step path[JSON_DEPTH_MAX + 1];
    unsigned depth;
};

static int encoder_gc(lua_State *L)
{
    struct encoder *encoder = luaL_checkudata(L, 1, ENCODER_CLASS);
    buf_dispose(&encoder->text);
    return 0;
}

enum { PLACE_SIZE = 300 };

// "lines[3].sum"; the start of it where it is long.
static const char *place_of(char out[PLACE_SIZE], const struct encoder *encoder)
{
    size_t length = (size_t)snprintf(out, PLACE_SIZE, "%s", encoder->depth ? "" : "value");
    for (unsigned i = 0; i < encoder->depth && length < PLACE_SIZE; i++) {
        const struct step *step = &encoder->path[i];
        const char *dot = length ? "." : "";
        length +=
            (size_t)(step->name
                         ? snprintf(out + length, PLACE_SIZE - length, "%s%.40s", dot, step->name)
                         : snprintf(out + length, PLACE_SIZE - length, "[%lld]", (long long)step->place));
    }
    return out;
}

static void refuse(lua_State *L, const struct encoder *encoder, enum err_code code, const char *what)
{
    char place[PLACE_SIZE];
    bind_fail(L, code, place_of(place, encoder), what);
}

static void encode_value(lua_State *L, struct encoder *encoder, int index);

static void encode_number(lua_State *L, struct encoder *encoder, int index)
{
    if (lua_isinteger(L, index)) {
        json_write_integer(&encoder->writer, lua_tointeger(L, index));
        return;
    }
    const double number = lua_tonumber(L, index);
    if (!isfinite(number))
        refuse(L, encoder, ERR_JSON_NOT_FINITE, isnan(number) ? "nan" : "inf");
    json_write_double(&encoder->writer, number);
}

static void encode_text(lua_State *L, struct encoder *encoder, int index)
{
    struct text text;
    text.data = lua_tolstring(L, index, &text.length);
    if (!text_is_utf8(text))
        refuse(L, encoder, ERR_JSON_NOT_UTF8, "");
    json_write_text(&encoder->writer, text);
}

// Days and times, whose tostring is ISO 8601.
static bool encode_time(lua_State *L, struct encoder *encoder, int index)
{
    static const char *const classes[] = {"date", "moment", "month", "instant"};
    for (size_t i = 0; i < COUNT_OF(classes); i++)
        if (luaL_testudata(L, index, classes[i])) {
            struct text text;
            text.data = luaL_tolstring(L, index, &text.length);
            json_write_text(&encoder->writer, text);
            lua_pop(L, 1);
            return true;
        }
    return false;
}

// Userdata that JSON has a form for; false for all others.
static bool encode_thing(lua_State *L, struct encoder *encoder, int index)
{
    const struct decimal *decimal = bind_decimal_test(L, index);
    if (decimal) {
        SCOPED_BUF(digits, DECIMAL_TEXT_MAX);
        if (check(decimal_text(&digits, decimal)))
            json_write_number_text(&encoder->writer, buf_text(&digits));
        return true;
    }
    if (luaL_testudata(L, index, NULL_CLASS)) {
        json_write_null(&encoder->writer);
        return true;
    }
    return encode_time(L, encoder, index);
}

static void enter(lua_State *L, struct encoder *encoder, const char *name, lua_Integer place)
{
    if (encoder->depth >= JSON_DEPTH_MAX)
        refuse(L, encoder, ERR_JSON_TOO_DEEP, N(JSON_DEPTH_MAX));
    encoder->path[encoder->depth++] = (struct step){name, place};
}

static void encode_list(lua_State *L, struct encoder *encoder, int index, lua_Integer count)
{
    json_begin_array(&encoder->writer);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, index, i);
        enter(L, encoder, NULL, i);
        encode_value(L, encoder, lua_gettop(L));
        encoder->depth--;
        lua_pop(L, 1);
    }
    json_end_array(&encoder->writer);
}

static int compare_texts(const void *left, const void *right)
{
    const struct text *a = left, *b = right;
    const size_t shorter = a->length < b->length ? a->length : b->length;
    const int compared = memcmp(a->data, b->data, shorter);
    return compared ? compared : (a->length > b->length) - (a->length < b->length);
}

// The names are borrowed from the table: nothing runs meanwhile that could change it.
static struct text *push_sorted_names(lua_State *L, int index, size_t count)
{
    struct text *names = lua_newuserdatauv(L, (count ? count : 1) * sizeof *names, 0);
    size_t i = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1), i++)
        names[i].data = lua_tolstring(L, -2, &names[i].length);
    qsort(names, count, sizeof *names, compare_texts);
    return names;
}

static void encode_object(lua_State *L, struct encoder *encoder, int index, size_t count)
{
    json_begin_object(&encoder->writer);
    const struct text *names = push_sorted_names(L, index, count);
    for (size_t i = 0; i < count; i++) {
        if (!text_is_utf8(names[i]))
            refuse(L, encoder, ERR_JSON_NOT_UTF8, "");
        enter(L, encoder, names[i].data, 0);
        json_write_key_text(&encoder->writer, names[i]);
        lua_pushlstring(L, names[i].data, names[i].length);
        lua_rawget(L, index);
        encode_value(L, encoder, lua_gettop(L));
        encoder->depth--;
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    json_end_object(&encoder->writer);
}

// What a table holds: how many entries, how many of them have a name, how many a place from 1 to `entries`.
struct shape {
    size_t entries, named, placed;
    lua_Integer last;
};

static struct shape shape_of(lua_State *L, int index)
{
    struct shape shape = {0};
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        shape.entries++;
        shape.named += lua_type(L, -2) == LUA_TSTRING;
        if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) < 1)
            continue;
        shape.placed++;
        if (lua_tointeger(L, -2) > shape.last)
            shape.last = lua_tointeger(L, -2);
    }
    return shape;
}

static bool has_class(lua_State *L, int index, const char *class)
{
    if (!lua_getmetatable(L, index))
        return false;
    luaL_getmetatable(L, class);
    const bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

static void encode_table(lua_State *L, struct encoder *encoder, int index)
{
    const struct shape shape = shape_of(L, index);
    const bool object = has_class(L, index, OBJECT_CLASS), array = has_class(L, index, ARRAY_CLASS);
    if (shape.named == shape.entries && !array && (object || shape.entries > 0))
        encode_object(L, encoder, index, shape.entries);
    else if (shape.placed == shape.entries && !object && shape.last == (lua_Integer)shape.entries)
        encode_list(L, encoder, index, shape.last);
    else
        refuse(L, encoder, shape.placed == shape.entries ? ERR_JSON_GAP : ERR_JSON_MIXED, N(shape.last));
}

static void encode_value(lua_State *L, struct encoder *encoder, int index)
{
    luaL_checkstack(L, 10, "JSON");
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        json_write_boolean(&encoder->writer, lua_toboolean(L, index));
        return;
    case LUA_TNUMBER:
        encode_number(L, encoder, index);
        return;
    case LUA_TSTRING:
        encode_text(L, encoder, index);
        return;
    case LUA_TTABLE:
        encode_table(L, encoder, index);
        return;
    case LUA_TUSERDATA:
        if (encode_thing(L, encoder, index))
            return;
        break;
    }
    refuse(L, encoder, ERR_JSON_NO_FORM, bind_describe(L, index));
}

void bind_json_encode(lua_State *L, int index, int indent)
{
    index = lua_absindex(L, index);
    struct encoder *encoder = lua_newuserdatauv(L, sizeof *encoder, 0);
    encoder->text = buf_new(JSON_BYTES_MAX);
    encoder->depth = 0;
    luaL_setmetatable(L, ENCODER_CLASS);
    encoder->writer = json_writer_new(&encoder->text);
    encoder->writer.indent = indent;
    encode_value(L, encoder, index);
    if (!json_writer_done(&encoder->writer)) // every other cause was told where it stood
        bind_fail(L, ERR_LIMIT_PASSED, "JSON", N(JSON_BYTES_MAX));
    lua_pushlstring(L, buf_string(&encoder->text), encoder->text.length);
    buf_dispose(&encoder->text);
    lua_remove(L, -2);
}

// ---- the module

// decode(text, { numbers = "number", nulls = true })
static int json_decode(lua_State *L)
{
    static const char *const known[] = {"numbers", "nulls", NULL};
    const struct text text = bind_text(L, 1, "text");
    bind_options(L, 2, known);
    const struct text numbers = bind_option_text(L, 2, "numbers", TEXT_OF("number"));
    const struct bind_json_options options = {
        .decimals = text_is(numbers, "decimal"),
        .without_nulls = !bind_option_boolean(L, 2, "nulls", true),
    };
    if (!options.decimals && !text_is(numbers, "number"))
        bind_fail(L, ERR_JSON_NUMBERS_OPTION, lua_pushlstring(L, numbers.data, numbers.length));
    bind_json_decode(L, text, &options);
    return 1;
}

// encode(value, { pretty = false })
static int json_encode(lua_State *L)
{
    static const char *const known[] = {"pretty", NULL};
    luaL_checkany(L, 1);
    bind_options(L, 2, known);
    bind_json_encode(L, 1, bind_option_boolean(L, 2, "pretty", false) ? 2 : 0);
    return 1;
}

// Marks the table at 1 (or a new one) and returns it.
static int mark(lua_State *L, const char *class)
{
    lua_settop(L, 1);
    if (lua_isnil(L, 1)) {
        lua_newtable(L);
        lua_replace(L, 1);
    }
    bind_table(L, 1, "table");
    if (lua_getmetatable(L, 1)) {
        lua_pop(L, 1);
        if (!has_class(L, 1, ARRAY_CLASS) && !has_class(L, 1, OBJECT_CLASS))
            bind_fail(L, ERR_JSON_MARKED);
    }
    luaL_setmetatable(L, class);
    return 1;
}

static int json_array(lua_State *L)
{
    return mark(L, ARRAY_CLASS);
}

static int json_object(lua_State *L)
{
    return mark(L, OBJECT_CLASS);
}

static int null_tostring(lua_State *L)
{
    lua_pushliteral(L, "null");
    return 1;
}

static void make_null(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__tostring", null_tostring}, {NULL, NULL}};
    bind_class(L, NULL_CLASS, NULL, metamethods);
    lua_newuserdatauv(L, 0, 0);
    luaL_setmetatable(L, NULL_CLASS);
    lua_setfield(L, LUA_REGISTRYINDEX, NULL_CLASS ".value");
}

// A mark is a metatable with nothing in it but a lock.
static void make_mark(lua_State *L, const char *class)
{
    luaL_newmetatable(L, class);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

static const luaL_Reg box_metamethods[] = {{"__gc", box_gc}, {NULL, NULL}};
static const luaL_Reg encoder_metamethods[] = {{"__gc", encoder_gc}, {NULL, NULL}};
static const luaL_Reg functions[] = {
    {"decode", json_decode},
    {"encode", json_encode},
    {"array", json_array},
    {"object", json_object},
    {NULL, NULL},
};

int luaopen_json(lua_State *L); // found by bindings.def

int luaopen_json(lua_State *L)
{
    bind_class(L, BOX_CLASS, NULL, box_metamethods);
    bind_class(L, ENCODER_CLASS, NULL, encoder_metamethods);
    make_null(L);
    make_mark(L, ARRAY_CLASS);
    make_mark(L, OBJECT_CLASS);
    luaL_newlib(L, functions);
    push_null(L);
    lua_setfield(L, -2, "null");
    return 1;
}
