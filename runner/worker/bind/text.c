// require "text": UTF-8 text by characters, charsets, fixed-width records, templates. In the worker.
//
// Files of the run's folder are in text_files.c.
#include "worker/bind/text_files.h"

#include "lib/base/catalogue.h"
#include "lib/encoding/encoding.h"
#include "lib/encoding/letters.h"
#include "lib/encoding/record.h"
#include "worker/bind/values.h"
#include "worker/worker.h"

enum { TEXT_RESULT_MAX = 64 << 20, PAD_WIDTH_MAX = 1 << 20, PARTS_MAX = 1000000 };

// Pushes the written form of the value on top and takes the value away: texts, numbers, booleans, decimals, dates. A
// table or function has none (its address must not reach a robot).
static void write_value(lua_State *L)
{
    const int type = lua_type(L, -1);
    const bool writes_itself = type != LUA_TSTRING && luaL_getmetafield(L, -1, "__tostring") != LUA_TNIL;
    if (writes_itself)
        lua_pop(L, 1);
    if (!writes_itself && type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN)
        bind_argument(L, lua_gettop(L), "value",
                      phrase_text(worker_of(L)->language, PHRASE_EXPECTED_WRITABLE));
    luaL_tolstring(L, -1, NULL);
    lua_remove(L, -2);
}

static int length(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)letters_count(bind_text(L, 1, "text")));
    return 1;
}

static int push_text(lua_State *L, struct text text)
{
    lua_pushlstring(L, text.length ? text.data : "", text.length);
    return 1;
}

static int sub(lua_State *L)
{
    const struct text text = bind_text(L, 1, "text");
    const int64_t first = bind_integer(L, 2, "first", INT64_MIN, INT64_MAX);
    return push_text(L, letters_part(text, first, bind_integer_or(L, 3, "last", INT64_MIN, INT64_MAX, -1)));
}

// Pushes what a function of lib/ makes of the text.
static bool push_made(lua_State *L, struct text text, bool (*make)(struct buf *, struct text))
{
    SCOPED_BUF(out, TEXT_RESULT_MAX);
    if (!make(&out, text))
        return false;
    push_text(L, buf_text(&out));
    return true;
}

static int made(lua_State *L, bool (*make)(struct buf *, struct text))
{
    return push_made(L, bind_text(L, 1, "text"), make)
               ? 1
               : bind_fail(L, ERR_LIMIT_PASSED, "text", N(TEXT_RESULT_MAX));
}

static int upper(lua_State *L)
{
    return made(L, letters_upper);
}

static int lower(lua_State *L)
{
    return made(L, letters_lower);
}

static int squeeze(lua_State *L)
{
    return made(L, letters_squeeze);
}

static int trim(lua_State *L)
{
    return push_text(L, letters_trim_left(letters_trim_right(bind_text(L, 1, "text"))));
}

static int trim_left(lua_State *L)
{
    return push_text(L, letters_trim_left(bind_text(L, 1, "text")));
}

static int trim_right(lua_State *L)
{
    return push_text(L, letters_trim_right(bind_text(L, 1, "text")));
}

// The characters that are missing to a width, as a Lua string on the stack.
static void push_filling(lua_State *L)
{
    const struct text text = bind_text(L, 1, "text");
    const size_t width = (size_t)bind_integer(L, 2, "width", 0, PAD_WIDTH_MAX);
    const struct text fill = bind_text_or(L, 3, "fill", TEXT_OF(" "));
    if (letters_count(fill) != 1)
        bind_argument(L, 3, "fill", phrase_text(worker_of(L)->language, PHRASE_EXPECTED_CHARACTER));
    const size_t has = letters_count(text);
    luaL_Buffer filling;
    luaL_buffinit(L, &filling);
    for (size_t i = has; i < width; i++)
        luaL_addlstring(&filling, fill.data, fill.length);
    luaL_pushresult(&filling);
}

static int pad_left(lua_State *L)
{
    push_filling(L);
    lua_pushvalue(L, 1);
    lua_concat(L, 2);
    return 1;
}

static int pad_right(lua_State *L)
{
    push_filling(L);
    lua_pushvalue(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
    return 1;
}

static const char *find(struct text in, struct text part)
{
    return part.length <= in.length ? memmem(in.data, in.length, part.data, part.length) : NULL;
}

static struct text after(struct text text, const char *place, size_t length)
{
    const char *end = text.data + text.length;
    return text_of(place + length, (size_t)(end - place) - length);
}

static struct text bind_some_text(lua_State *L, int argument, const char *name)
{
    const struct text text = bind_text(L, argument, name);
    if (text.length == 0)
        bind_argument(L, argument, name, phrase_text(worker_of(L)->language, PHRASE_EXPECTED_SOME_TEXT));
    return text;
}

static int split(lua_State *L)
{
    struct text rest = bind_text(L, 1, "text");
    const struct text separator = bind_some_text(L, 2, "separator");
    const int64_t most = bind_integer_or(L, 3, "most", 1, PARTS_MAX, PARTS_MAX);
    lua_newtable(L);
    int64_t count = 1;
    for (; count < most; count++) {
        const char *place = find(rest, separator);
        if (!place)
            break;
        push_text(L, text_of(rest.data, (size_t)(place - rest.data)));
        lua_rawseti(L, -2, count);
        rest = after(rest, place, separator.length);
    }
    push_text(L, rest);
    lua_rawseti(L, -2, count);
    return 1;
}

static int join(lua_State *L)
{
    bind_table(L, 1, "list");
    const struct text separator = bind_text_or(L, 2, "separator", TEXT_OF(""));
    const lua_Integer count = luaL_len(L, 1);
    luaL_Buffer joined;
    luaL_buffinit(L, &joined);
    for (lua_Integer i = 1; i <= count; i++) {
        if (i > 1)
            luaL_addlstring(&joined, separator.data, separator.length);
        lua_geti(L, 1, i);
        write_value(L);
        luaL_addvalue(&joined);
    }
    luaL_pushresult(&joined);
    return 1;
}

static int contains(lua_State *L)
{
    const struct text text = bind_text(L, 1, "text");
    lua_pushboolean(L, find(text, bind_text(L, 2, "part")) != NULL);
    return 1;
}

static int starts(lua_State *L)
{
    const struct text text = bind_text(L, 1, "text"), part = bind_text(L, 2, "part");
    lua_pushboolean(L, part.length <= text.length && memcmp(text.data, part.data, part.length) == 0);
    return 1;
}

static int ends(lua_State *L)
{
    const struct text text = bind_text(L, 1, "text"), part = bind_text(L, 2, "part");
    lua_pushboolean(L, part.length <= text.length &&
                           memcmp(text.data + text.length - part.length, part.data, part.length) == 0);
    return 1;
}

static int replace(lua_State *L)
{
    struct text rest = bind_text(L, 1, "text");
    const struct text old = bind_some_text(L, 2, "old"), new = bind_text(L, 3, "new");
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    for (const char *place = find(rest, old); place; place = find(rest, old)) {
        luaL_addlstring(&out, rest.data, (size_t)(place - rest.data));
        luaL_addlstring(&out, new.data, new.length);
        rest = after(rest, place, old.length);
    }
    luaL_addlstring(&out, rest.data, rest.length);
    luaL_pushresult(&out);
    return 1;
}

static int split_lines(lua_State *L)
{
    struct text rest = bind_text(L, 1, "text");
    lua_newtable(L);
    for (lua_Integer number = 1; rest.length; number++) {
        size_t end = 0;
        while (end < rest.length && rest.data[end] != '\n' && rest.data[end] != '\r')
            end++;
        push_text(L, text_of(rest.data, end));
        lua_rawseti(L, -2, number);
        if (end == rest.length)
            break;
        const bool both = rest.data[end] == '\r' && end + 1 < rest.length && rest.data[end + 1] == '\n';
        rest = text_of(rest.data + end + 1 + both, rest.length - end - 1 - both);
    }
    return 1;
}

// ---- charsets

static bool push_converted(lua_State *L, bool to_utf8, struct text text, struct text label,
                           enum encoding_mode mode, struct err *err)
{
    SCOPED_BUF(out, TEXT_RESULT_MAX);
    const struct encoding *encoding;
    if (!encoding_require(&encoding, label, err))
        return false;
    const bool done = to_utf8 ? encoding_to_utf8(&out, encoding, text, mode, err)
                              : encoding_from_utf8(&out, encoding, text, mode, err);
    if (done)
        push_text(L, buf_text(&out));
    return done;
}

static int converted(lua_State *L, bool to_utf8)
{
    static const char *const known[] = {"lossy", NULL};
    const struct text text = bind_text(L, 1, "text"), label = bind_text(L, 2, "encoding");
    bind_options(L, 3, known);
    const enum encoding_mode mode =
        bind_option_boolean(L, 3, "lossy", false) ? ENCODING_LOSSY : ENCODING_STRICT;
    struct err err = {0};
    return push_converted(L, to_utf8, text, label, mode, &err) ? 1 : bind_raise(L, &err);
}

static int encode(lua_State *L)
{
    return converted(L, false);
}

static int decode(lua_State *L)
{
    return converted(L, true);
}

static int guess(lua_State *L)
{
    lua_pushstring(L, encoding_name(encoding_guess(bind_text(L, 1, "bytes"))));
    return 1;
}

// ---- fixed-width records

static int wrong_field(lua_State *L, int fields, lua_Integer number)
{
    lua_geti(L, fields, number);
    return bind_fail(L, ERR_RECORD_FIELD, bind_describe(L, -1), N(number));
}

// Reads field `number` of the list at `fields`; its name's text stays alive with the list.
static struct record_field field_at(lua_State *L, int fields, lua_Integer number)
{
    struct record_field field = {.fill = ' '};
    const int top = lua_gettop(L);
    lua_geti(L, fields, number);
    if (!lua_istable(L, -1))
        wrong_field(L, fields, number);
    const int list = lua_gettop(L);
    const bool has_name = lua_geti(L, list, 1) == LUA_TSTRING;
    int is_whole = 0;
    lua_geti(L, list, 2);
    const lua_Integer width = lua_tointegerx(L, -1, &is_whole);
    if (!has_name || !is_whole || width < 1 || width > RECORD_WIDTH_MAX)
        wrong_field(L, fields, number);
    field.name = lua_tostring(L, list + 1);
    field.width = (size_t)width;
    const struct text align = bind_option_text(L, list, "align", TEXT_OF("left"));
    const struct text fill = bind_option_text(L, list, "fill", TEXT_OF(" "));
    const bool known = text_is(align, "left") || text_is(align, "right");
    if (!known || fill.length != 1 || (unsigned char)fill.data[0] >= 0x80)
        wrong_field(L, fields, number);
    field.at_right = text_is(align, "right");
    field.fill = fill.data[0];
    lua_settop(L, top);
    return field;
}

static enum record_unit record_options(lua_State *L, int argument)
{
    static const char *const known[] = {"by", NULL};
    bind_options(L, argument, known);
    const struct text by = bind_option_text(L, argument, "by", TEXT_OF("characters"));
    if (!text_is(by, "characters") && !text_is(by, "bytes"))
        bind_argument(L, argument, "by", "\"characters\", \"bytes\"");
    return text_is(by, "bytes") ? RECORD_BYTES : RECORD_CHARACTERS;
}

static lua_Integer field_count(lua_State *L, int fields)
{
    const lua_Integer count = luaL_len(L, fields);
    if (count < 1 || count > RECORD_FIELDS_MAX)
        bind_fail(L, ERR_LIMIT_PASSED, "fields", N(RECORD_FIELDS_MAX));
    return count;
}

static int record(lua_State *L)
{
    const struct text line = bind_text(L, 1, "line");
    bind_table(L, 2, "fields");
    const enum record_unit unit = record_options(L, 3);
    const lua_Integer count = field_count(L, 2);
    struct text rest = line;
    size_t widths = 0;
    bool whole = true;
    lua_createtable(L, 0, (int)count);
    const int values = lua_gettop(L);
    for (lua_Integer i = 1; i <= count; i++) {
        const struct record_field field = field_at(L, 2, i);
        struct text value;
        widths += field.width;
        whole = whole && record_take(&rest, field.width, unit, &value);
        if (!whole)
            continue; // the widths are added up for the message
        push_text(L, value);
        lua_setfield(L, values, field.name);
    }
    if (!whole || rest.length)
        return bind_fail(L, ERR_RECORD_LENGTH, N(widths), N(record_length(line, unit)));
    return 1;
}

static bool push_field(lua_State *L, const struct record_field *field, struct text value,
                       enum record_unit unit, struct err *err)
{
    SCOPED_BUF(out, 2 * RECORD_WIDTH_MAX * 4);
    const bool put = record_put(&out, field, value, unit, err);
    if (put)
        push_text(L, buf_text(&out));
    return put;
}

static int write_record(lua_State *L)
{
    bind_table(L, 1, "values");
    bind_table(L, 2, "fields");
    const enum record_unit unit = record_options(L, 3);
    const lua_Integer count = field_count(L, 2);
    struct err err = {0};
    luaL_Buffer line;
    luaL_buffinit(L, &line);
    for (lua_Integer i = 1; i <= count; i++) {
        const struct record_field field = field_at(L, 2, i);
        struct text value = TEXT_OF("");
        if (lua_getfield(L, 1, field.name) != LUA_TNIL) {
            write_value(L);
            value.data = lua_tolstring(L, -1, &value.length);
        }
        if (!push_field(L, &field, value, unit, &err))
            return bind_raise(L, &err);
        lua_remove(L, -2);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    return 1;
}

// ---- templates

// Adds the value of {name}; what the values lack is a fault, so that no letter goes out with a hole.
static void add_value(lua_State *L, luaL_Buffer *out, struct text name)
{
    push_text(L, name);
    if (lua_gettable(L, 2) == LUA_TNIL)
        bind_fail(L, ERR_TEMPLATE_VALUE, lua_pushlstring(L, name.data, name.length));
    write_value(L);
    luaL_addvalue(out);
}

static int template(lua_State *L)
{
    struct text rest = bind_text(L, 1, "template");
    bind_table(L, 2, "values");
    luaL_Buffer out;
    luaL_buffinit(L, &out);
    while (rest.length) {
        const ptrdiff_t open = text_find(rest, '{');
        const size_t plain = open < 0 ? rest.length : (size_t)open;
        luaL_addlstring(&out, rest.data, plain);
        rest = text_of(rest.data + plain, rest.length - plain);
        if (!rest.length)
            break;
        const ptrdiff_t close = text_find(rest, '}');
        if (text_starts(rest, "{{") || close < 0) { // {{ is a brace, and so is one that nothing closes
            luaL_addchar(&out, '{');
            const size_t used = text_starts(rest, "{{") ? 2 : 1;
            rest = text_of(rest.data + used, rest.length - used);
            continue;
        }
        add_value(L, &out, letters_trim_left(letters_trim_right(text_of(rest.data + 1, (size_t)close - 1))));
        rest = text_of(rest.data + close + 1, rest.length - (size_t)close - 1);
    }
    luaL_pushresult(&out);
    return 1;
}

static const luaL_Reg functions[] = {
    {"length", length},
    {"sub", sub},
    {"upper", upper},
    {"lower", lower},
    {"squeeze", squeeze},
    {"trim", trim},
    {"trim_left", trim_left},
    {"trim_right", trim_right},
    {"pad_left", pad_left},
    {"pad_right", pad_right},
    {"split", split},
    {"join", join},
    {"contains", contains},
    {"starts", starts},
    {"ends", ends},
    {"replace", replace},
    {"split_lines", split_lines},
    {"encode", encode},
    {"decode", decode},
    {"guess", guess},
    {"record", record},
    {"write_record", write_record},
    {"template", template},
    {NULL, NULL},
};

int luaopen_text(lua_State *L);
int luaopen_text(lua_State *L)
{
    luaL_newlib(L, functions);
    text_files_open(L);
    return 1;
}
