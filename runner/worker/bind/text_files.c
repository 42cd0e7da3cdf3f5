// Text files of the run's folder: read whole, line by line, written, fingerprinted. Part of require "text".
//
// Paths are relative to the run's folder, which is the worker's current one, and never lead out of it; the sandbox
// holds that too. Files are read with the encoding that is named, or guessed by looking.
#include "worker/bind/text_files.h"

#include "lib/base/file.h"
#include "lib/digest/digest.h"
#include "lib/encoding/lines.h"

#include <fcntl.h>

enum { TEXT_FILE_MAX = 64 << 20, PATH_LENGTH_MAX = 1000, FILE_MODE = 0600 };

#define LINES_CLASS "text.lines"

static bool leads_out(struct text path)
{
    struct text part;
    if (path.length == 0 || path.length > PATH_LENGTH_MAX || path.data[0] == '/' ||
        text_find(path, '\0') >= 0)
        return true;
    while (text_cut(&path, '/', &part))
        if (text_is(part, ".."))
            return true;
    return false;
}

// NUL-ended, as Lua's strings are.
static const char *path_argument(lua_State *L, int argument)
{
    const struct text path = bind_text(L, argument, "path");
    if (leads_out(path))
        bind_fail(L, ERR_PATH_OUTSIDE, path.data);
    return path.data;
}

// NULL when none is named: then it is guessed.
static const struct encoding *encoding_option(lua_State *L, int options)
{
    const struct text label = bind_option_text(L, options, "encoding", TEXT_OF(""));
    const struct encoding *encoding = NULL;
    struct err err = {0};
    if (label.length && !encoding_require(&encoding, label, &err))
        bind_raise(L, &err);
    return encoding;
}

static enum encoding_mode mode_option(lua_State *L, int options)
{
    return bind_option_boolean(L, options, "lossy", false) ? ENCODING_LOSSY : ENCODING_STRICT;
}

static const char *const options_known[] = {"encoding", "lossy", NULL};

static bool push_file(lua_State *L, const char *path, const struct encoding *encoding,
                      enum encoding_mode mode, struct err *err)
{
    SCOPED_BUF(bytes, TEXT_FILE_MAX);
    SCOPED_BUF(text, 3 * (size_t)TEXT_FILE_MAX); // a byte becomes at most three of UTF-8
    if (!file_read(&bytes, AT_FDCWD, path, err))
        return false;
    if (!encoding)
        encoding = encoding_guess(buf_text(&bytes));
    if (!encoding_to_utf8(&text, encoding, buf_text(&bytes), mode, err))
        return err_note(err, "%s", path);
    lua_pushlstring(L, buf_text(&text).data, text.length);
    return true;
}

static int text_read(lua_State *L)
{
    const char *path = path_argument(L, 1);
    bind_options(L, 2, options_known);
    struct err err = {0};
    return push_file(L, path, encoding_option(L, 2), mode_option(L, 2), &err) ? 1 : bind_raise(L, &err);
}

static bool write_file(const char *path, struct text text, const struct encoding *encoding,
                       enum encoding_mode mode, struct err *err)
{
    SCOPED_BUF(bytes, 4 * (size_t)TEXT_FILE_MAX + 4);
    if (text.length > TEXT_FILE_MAX)
        return fail(err, ERR_FILE_TOO_LARGE, path, N(TEXT_FILE_MAX >> 20));
    if (!encoding_from_utf8(&bytes, encoding ? encoding : encoding_utf8(), text, mode, err))
        return err_note(err, "%s", path);
    return file_write(AT_FDCWD, path, buf_text(&bytes), FILE_MODE, err);
}

static int text_write(lua_State *L)
{
    const char *path = path_argument(L, 1);
    const struct text text = bind_text(L, 2, "text");
    bind_options(L, 3, options_known);
    struct err err = {0};
    if (!write_file(path, text, encoding_option(L, 3), mode_option(L, 3), &err))
        return bind_raise(L, &err);
    return 0;
}

static int text_digest(lua_State *L)
{
    char digest[DIGEST_TEXT_SIZE];
    struct err err = {0};
    if (!digest_file(digest, AT_FDCWD, path_argument(L, 1), &err))
        return bind_raise(L, &err);
    lua_pushstring(L, digest);
    return 1;
}

// ---- lines: a userdata that owns the reader; closed at the end, by the loop, or by the collector

static int lines_close(lua_State *L)
{
    struct line_reader **box = luaL_checkudata(L, 1, LINES_CLASS);
    line_reader_free(STEAL(*box));
    return 0;
}

// The step of a for loop; the userdata is its state.
static int lines_next(lua_State *L)
{
    struct line_reader **box = luaL_checkudata(L, 1, LINES_CLASS);
    struct text line;
    bool found = false;
    struct err err = {0};
    if (*box && !line_reader_next(*box, &line, &found, &err))
        return bind_raise(L, &err);
    if (found)
        lua_pushlstring(L, line.data, line.length);
    else
        lua_pushnil(L);
    return 1;
}

static int text_lines(lua_State *L)
{
    const char *path = path_argument(L, 1);
    bind_options(L, 2, options_known);
    const struct encoding *encoding = encoding_option(L, 2);
    const enum encoding_mode mode = mode_option(L, 2);
    lua_pushcfunction(L, lines_next);
    struct line_reader **box = lua_newuserdatauv(L, sizeof(struct line_reader *), 0);
    *box = NULL;
    luaL_setmetatable(L, LINES_CLASS);
    struct err err = {0};
    bind_close_unused(L);
    if (!line_reader_open(box, AT_FDCWD, path, encoding, mode, &err))
        return bind_raise(L, &err);
    lua_pushnil(L);
    lua_pushvalue(L, -2); // closed by the loop when it is left early
    return 4;
}

static const luaL_Reg lines_metamethods[] = {{"__gc", lines_close}, {"__close", lines_close}, {NULL, NULL}};

static const luaL_Reg file_functions[] = {
    {"read", text_read}, {"lines", text_lines}, {"write", text_write}, {"digest", text_digest}, {NULL, NULL},
};

void text_files_open(lua_State *L)
{
    bind_class(L, LINES_CLASS, NULL, lines_metamethods);
    luaL_setfuncs(L, file_functions, 0);
}
