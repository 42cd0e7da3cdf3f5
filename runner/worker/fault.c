// See fault.h. A fault is made where it is raised, so that line and trace are those of the robot.
#include "worker/fault.h"

#include "worker/language.h"
#include "worker/worker.h"

#include <lauxlib.h>
#include <stdio.h>

static const char fault_class[] = "renki.fault";

// Robot's files have chunk names that begin with @; those of the library begin with =renki:
static bool is_robots(const lua_Debug *activation)
{
    return activation->source[0] == '@';
}

// The innermost line of the robot that is running now.
static bool robot_line(lua_State *L, lua_Debug *activation)
{
    for (int level = 0; lua_getstack(L, level, activation); level++)
        if (lua_getinfo(L, "Sl", activation) && is_robots(activation) && activation->currentline > 0)
            return true;
    return false;
}

bool fault_robot_line(lua_State *L, const char **source, int *line)
{
    lua_Debug activation;
    if (!robot_line(L, &activation))
        return false;
    *source = activation.source + 1;
    *line = activation.currentline;
    return true;
}

static void set_position(lua_State *L, const char *source, int line)
{
    lua_pushstring(L, source);
    lua_setfield(L, -2, "source");
    lua_pushinteger(L, line);
    lua_setfield(L, -2, "line");
}

static int fault_tostring(lua_State *L)
{
    lua_getfield(L, 1, "message");
    return 1;
}

static void set_class(lua_State *L)
{
    if (luaL_newmetatable(L, fault_class)) {
        lua_pushcfunction(L, fault_tostring);
        lua_setfield(L, -2, "__tostring");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
}

static void set_words(lua_State *L, const char *field, const struct err *err,
                      bool (*words)(struct buf *, const struct err *, enum language))
{
    char space[FAULT_TEXT_MAX];
    struct buf out = buf_new(sizeof space - 1);
    const bool fits = words(&out, err, worker_of(L)->language);
    snprintf(space, sizeof space, "%s", fits ? buf_string(&out) : err_name(err->code));
    buf_dispose(&out);
    lua_pushstring(L, space);
    lua_setfield(L, -2, field);
}

// The table alone, without a position.
static void push_bare(lua_State *L, const struct err *err)
{
    lua_createtable(L, 0, 10);
    lua_pushstring(L, err_class_name(err_class(err->code)));
    lua_setfield(L, -2, "class");
    lua_pushstring(L, err_name(err->code));
    lua_setfield(L, -2, "code");
    set_words(L, "message", err, err_message);
    set_words(L, "hint", err, err_hint);
    lua_pushstring(L, err->where);
    lua_setfield(L, -2, "where");
    lua_createtable(L, (int)err->count, 0);
    for (size_t i = 0; i < err->count; i++) {
        lua_pushstring(L, err->arguments[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "arguments");
    set_class(L);
}

void fault_push(lua_State *L, const struct err *err)
{
    lua_Debug activation;
    luaL_checkstack(L, 8, NULL);
    push_bare(L, err);
    if (robot_line(L, &activation))
        set_position(L, activation.source + 1, activation.currentline);
}

bool fault_test(lua_State *L, int index)
{
    if (!lua_istable(L, index) || !lua_getmetatable(L, index))
        return false;
    luaL_getmetatable(L, fault_class);
    const bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

// "robot.lua:12: what it says" → source, line, and what it says. False when there is no such beginning.
static bool cut_position(struct text said, struct text *source, int64_t *line, const char **rest)
{
    for (size_t i = 0; i < said.length && said.data[i] != '\n'; i++) {
        if (said.data[i] != ':')
            continue;
        size_t end = i + 1;
        while (end < said.length && said.data[end] >= '0' && said.data[end] <= '9')
            end++;
        if (end == i + 1 || end + 1 >= said.length || said.data[end] != ':' || said.data[end + 1] != ' ')
            continue;
        *source = text_of(said.data, i);
        *rest = said.data + end + 2;
        return text_to_int64(text_of(said.data + i + 1, end - i - 1), line);
    }
    return false;
}

// The line of a robot's file; empty when there is none.
static struct text line_of(lua_State *L, const char *source, int64_t line)
{
    struct text text, part = {"", 0};
    if (!language_source(L, source, &text))
        return part;
    while (line-- > 0)
        if (!text_cut(&text, '\n', &part))
            return text_of("", 0);
    return text_trim(part);
}

// What was thrown as text, with its position when it names one.
struct said {
    const char *words;
    char source[256];
    int64_t line;
    bool library;
};

static struct said take_apart(const char *whole)
{
    struct said said = {.words = whole};
    struct text source;
    static const char ours[] = "renki:";
    if (!cut_position(text_from(whole), &source, &said.line, &said.words))
        return said;
    said.library = text_starts(source, ours);
    const size_t skip = said.library ? sizeof ours - 1 : 0;
    snprintf(said.source, sizeof said.source, "%.*s", (int)(source.length - skip), source.data + skip);
    return said;
}

static void push_said(lua_State *L, const struct said *said)
{
    struct err err;
    lua_Debug activation;
    const struct text line = said->library ? text_of("", 0) : line_of(L, said->source, said->line);
    if (said->library)
        fail(&err, ERR_LIBRARY_BUG, said->source, N(said->line), said->words);
    else if (!translate_runtime(&err, worker_of(L)->language, said->words, line))
        fail(&err, ERR_ROBOT_ERROR, said->words);
    push_bare(L, &err);
    if (said->line && !said->library)
        set_position(L, said->source, (int)said->line);
    else if (robot_line(L, &activation))
        set_position(L, activation.source + 1, activation.currentline);
    // An own text keeps its full length: errors carry 400 bytes an argument.
    if (err.code == ERR_ROBOT_ERROR) {
        lua_pushstring(L, said->words);
        lua_setfield(L, -2, "message");
    }
}

static void push_from_value(lua_State *L, int index)
{
    if (lua_isnil(L, index)) {
        struct err err;
        fail(&err, ERR_ROBOT_THREW_NOTHING);
        fault_push(L, &err);
        return;
    }
    const struct said said = take_apart(fault_text(L, index));
    push_said(L, &said);
    lua_remove(L, -2); // the text
}

// One line a call of the robot: "robot.lua:12 in tell_finance".
static void push_trace(lua_State *L)
{
    char line[400];
    luaL_Buffer buffer;
    lua_Debug activation;
    luaL_buffinit(L, &buffer);
    int shown = 0;
    for (int level = 0; shown < FAULT_TRACE_LINES && lua_getstack(L, level, &activation); level++) {
        if (!lua_getinfo(L, "Sln", &activation) || !is_robots(&activation))
            continue;
        snprintf(line, sizeof line, "%s%.200s:%d%s%.100s", shown++ ? "\n" : "", activation.source + 1,
                 activation.currentline, activation.name ? " in " : "",
                 activation.name ? activation.name : "");
        luaL_addstring(&buffer, line);
    }
    luaL_pushresult(&buffer);
}

int fault_handler(lua_State *L)
{
    if (!lua_checkstack(L, 30)) // deep recursion: the text alone must do
        return 1;
    if (!fault_test(L, 1)) {
        push_from_value(L, 1);
        lua_replace(L, 1);
        lua_settop(L, 1);
    }
    lua_pushliteral(L, "trace");
    if (lua_rawget(L, 1) == LUA_TNIL) {
        push_trace(L);
        lua_setfield(L, 1, "trace");
    }
    lua_settop(L, 1);
    return 1;
}

void fault_from_syntax(lua_State *L)
{
    struct err err;
    // What is nested too deep is raised as a running program's error, and a handler of ours has seen it already.
    if (fault_test(L, -1))
        return;
    const struct said said = take_apart(lua_tostring(L, -1));
    translate_syntax(&err, said.words);
    push_bare(L, &err);
    if (said.line)
        set_position(L, said.source, (int)said.line);
    lua_remove(L, -2);
}

// A fault may have been changed by the robot that caught it: whatever is no text is left out.
static const char *raw_text(lua_State *L, int index, const char *field)
{
    lua_pushstring(L, field);
    lua_rawget(L, index);
    return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
}

static void write_text(lua_State *L, int index, struct json_writer *writer, const char *field)
{
    const struct text text = text_from(raw_text(L, index, field));
    json_write_key(writer, field);
    json_write_lossy(writer, text_of(text.data, text_utf8_floor(text, FAULT_TEXT_MAX)));
    lua_pop(L, 1);
}

static void write_arguments(lua_State *L, int index, struct json_writer *writer)
{
    json_write_key(writer, "arguments");
    json_begin_array(writer);
    lua_pushliteral(L, "arguments");
    if (lua_rawget(L, index) == LUA_TTABLE)
        for (int i = 1; i <= CATALOGUE_ARGUMENTS_MAX && lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
            const struct text text = text_from(lua_tostring(L, -1));
            json_write_lossy(writer, text_of(text.data, text_utf8_floor(text, ERR_ARGUMENT_MAX)));
            lua_pop(L, 1);
        }
    json_end_array(writer);
}

void fault_write(lua_State *L, int index, struct json_writer *writer)
{
    static const char *const texts[] = {"class", "code", "message", "hint", "where", "source", "trace"};
    index = lua_absindex(L, index);
    const int top = lua_gettop(L);
    json_begin_object(writer);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        write_text(L, index, writer, texts[i]);
    write_arguments(L, index, writer);
    lua_pushliteral(L, "line");
    lua_rawget(L, index);
    const int64_t line = lua_tointeger(L, -1);
    json_write_key(writer, "line");
    json_write_integer(writer, line);
    lua_pushliteral(L, "retry_after_ms"); // of a system that said when to come back
    if (lua_rawget(L, index) == LUA_TNUMBER) {
        json_write_key(writer, "retry_after_ms");
        json_write_integer(writer, lua_tointeger(L, -1));
    }
    json_write_key(writer, "text");
    const struct text text = line_of(L, raw_text(L, index, "source"), line);
    json_write_lossy(writer, text_of(text.data, text_utf8_floor(text, ERR_ARGUMENT_MAX)));
    json_end_object(writer);
    lua_settop(L, top);
}

void fault_from_value(lua_State *L)
{
    push_from_value(L, lua_absindex(L, -1));
    lua_remove(L, -2);
}
