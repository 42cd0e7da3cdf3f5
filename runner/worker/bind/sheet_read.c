// Workbooks and their pages, as robots read them. In the worker.
#include "worker/bind/sheet_opened.h"

#include "lib/base/file.h"
#include "lib/sheet/place.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOOK_CLASS "sheet.workbook"
#define PAGE_CLASS "sheet.page"

enum { DESCRIPTION_MAX = 200 };

struct book_value {
    struct opened *opened;
};

struct page_value {
    struct opened *opened;
    size_t page;
};

static struct opened *check_open(lua_State *L, struct opened *opened)
{
    if (opened->closed)
        bind_fail(L, ERR_SHEET_CLOSED, opened->path);
    return opened;
}

static struct book_value *book_value(lua_State *L)
{
    return luaL_checkudata(L, 1, BOOK_CLASS);
}

static struct opened *check_book(lua_State *L)
{
    return check_open(L, book_value(L)->opened);
}

void opened_leave(struct opened *opened)
{
    if (!opened || --opened->users)
        return;
    book_free(opened->book);
    xfree(opened->path);
    xfree(opened);
}

int opened_raise(lua_State *L, const struct opened *opened, struct err *err)
{
    err_note(err, "%s", opened->path);
    bind_raise(L, err);
}

struct source sheet_source(lua_State *L)
{
    if (luaL_testudata(L, 1, PAGE_CLASS)) {
        const struct page_value *value = lua_touserdata(L, 1);
        return (struct source){check_open(L, value->opened), value->page, false};
    }
    struct opened *opened = check_book(L);
    return (struct source){opened, book_first_page(opened->book), true};
}

/* ---- open --------------------------------------------------------------------------------------------------------------- */

static char one_byte(lua_State *L, const char *option, char otherwise)
{
    char byte = otherwise;
    lua_getfield(L, 2, option);
    if (lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) == 1)
        byte = *lua_tostring(L, -1);
    else if (lua_isboolean(L, -1) && !lua_toboolean(L, -1))
        byte = '\0';
    else if (!lua_isnil(L, -1))
        bind_argument(L, 2, option, "one letter");
    lua_pop(L, 1);
    return byte;
}

static enum csv_decimal decimal_option(lua_State *L)
{
    const struct text mark = bind_option_text(L, 2, "decimal", text_of("", 0));
    if (mark.length && !text_is(mark, ",") && !text_is(mark, "."))
        bind_argument(L, 2, "decimal", "\",\" or \".\"");
    return !mark.length ? CSV_DECIMAL_UNKNOWN : text_is(mark, ",") ? CSV_DECIMAL_COMMA : CSV_DECIMAL_POINT;
}

// The one place where a robot's workbook is opened: in the run's folder, or in a share.
int sheet_open_input(lua_State *L, const char *path, struct err *err)
{
    struct stat stat;
    bind_close_unused(L);
    const int file = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) {
        (void)file_unreadable(err, path, errno);
        return -1;
    }
    if (fstat(file, &stat) == 0 && S_ISREG(stat.st_mode))
        return file;
    close(file);
    fail(err, ERR_FILE_UNREADABLE, path, "no file");
    return -1;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int sheet_open(lua_State *L)
{
    static const char *const known[] = {"encoding", "delimiter", "quote",  "escape",
                                        "comment",  "decimal",   "strict", NULL};
    struct err err;
    const struct text path = bind_text(L, 1, "path");
    bind_options(L, 2, known);
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_newtable(L);
        lua_replace(L, 2);
    }
    const struct text encoding = bind_option_text(L, 2, "encoding", text_of(NULL, 0));
    const struct text comment = bind_option_text(L, 2, "comment", text_of(NULL, 0));
    const bool strict = bind_option_boolean(L, 2, "strict", true);
    const enum csv_decimal decimal = decimal_option(L);
    const bool quote_open = lua_getfield(L, 2, "quote") == LUA_TNIL;
    lua_pop(L, 1);
    const struct csv_options options = {
        .dialect = {.delimiter = one_byte(L, "delimiter", '\0'),
                    .quote = one_byte(L, "quote", '"'),
                    .find_quote = quote_open,
                    .escape = one_byte(L, "escape", '\0'),
                    .comment = comment.data},
        .encoding = encoding.data,
        .lenient = !strict,
    };
    struct book_value *value = lua_newuserdatauv(L, sizeof *value, 0);
    value->opened = NULL;
    luaL_setmetatable(L, BOOK_CLASS);
    struct opened *opened = value->opened = xcalloc(1, sizeof *opened);
    *opened = (struct opened){.path = text_copy(path), .users = 1, .strict = strict, .decimal = decimal};
    const int file = sheet_open_input(L, path.data, &err);
    if (file < 0)
        return bind_raise(L, &err);
    if (!book_open(&opened->book, file, base_name(path.data), &options, &err))
        return opened_raise(L, opened, &err);
    return 1;
}

/* ---- pages -------------------------------------------------------------------------------------------------------------- */

void sheet_page_push(lua_State *L, struct opened *opened, size_t page)
{
    struct page_value *value = lua_newuserdatauv(L, sizeof *value, 0);
    *value = (struct page_value){NULL, page};
    luaL_setmetatable(L, PAGE_CLASS);
    value->opened = opened;
    opened->users++;
}

static int fail_page(lua_State *L, const struct opened *opened, const char *wanted)
{
    struct err err;
    place_fail_page(opened->book, wanted, &err);
    return opened_raise(L, opened, &err);
}

static int book_page_method(lua_State *L)
{
    struct opened *opened = check_book(L);
    size_t index;
    if (lua_isinteger(L, 2)) {
        const lua_Integer number = lua_tointeger(L, 2);
        if (number < 1 || (lua_Unsigned)number > book_page_count(opened->book))
            return fail_page(L, opened, N(number));
        index = (size_t)number - 1;
    } else {
        const struct text name = bind_text(L, 2, "page");
        if (!book_find_page(opened->book, name, &index))
            return fail_page(L, opened, name.data);
    }
    sheet_page_push(L, opened, index);
    return 1;
}

static int book_pages(lua_State *L)
{
    struct opened *opened = check_book(L);
    const size_t count = book_page_count(opened->book);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        sheet_page_push(L, opened, i);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int page_name(lua_State *L)
{
    const struct source source = sheet_source(L);
    lua_pushstring(L, book_page(source.opened->book, source.page)->name);
    return 1;
}

static int page_visibility(lua_State *L)
{
    static const char *const names[] = {
        [PAGE_VISIBLE] = "visible", [PAGE_HIDDEN] = "hidden", [PAGE_VERY_HIDDEN] = "veryHidden"};
    const struct source source = sheet_source(L);
    lua_pushstring(L, names[book_page(source.opened->book, source.page)->visibility]);
    return 1;
}

/* ---- rows ---------------------------------------------------------------------------------------------------------------- */

static int rows_of(lua_State *L)
{
    const struct source source = sheet_source(L);
    return sheet_rows_push(L, source.opened, source.page, NULL, 2);
}

static int table_of(lua_State *L)
{
    struct err err;
    const struct sheet_table *table;
    const struct source source = sheet_source(L);
    const struct text name = bind_text(L, 2, "table");
    if (!place_find_table(&table, source.opened->book, source.whole ? SIZE_MAX : source.page, name, &err))
        return opened_raise(L, source.opened, &err);
    return sheet_rows_push(L, source.opened, table->page, table, 3);
}

/* ---- the rest ---------------------------------------------------------------------------------------------------------------- */

static int book_describe_method(lua_State *L)
{
    char words[DESCRIPTION_MAX];
    struct err err;
    struct opened *opened = check_book(L);
    struct buf out = buf_new(sizeof words - 1);
    const bool done = book_describe(opened->book, &out, &err);
    memcpy(words, buf_string(&out), out.length + 1);
    buf_dispose(&out);
    if (!done)
        return bind_raise(L, &err);
    lua_pushstring(L, words);
    return 1;
}

static int book_path(lua_State *L)
{
    lua_pushstring(L, book_value(L)->opened->path);
    return 1;
}

// Rows that are still being read end with the error that the workbook is closed.
static int book_close(lua_State *L)
{
    struct opened *opened = book_value(L)->opened;
    if (opened)
        opened->closed = true;
    return 0;
}

static int book_gc(lua_State *L)
{
    struct book_value *value = book_value(L);
    opened_leave(STEAL(value->opened));
    return 0;
}

static int page_gc(lua_State *L)
{
    struct page_value *value = luaL_checkudata(L, 1, PAGE_CLASS);
    opened_leave(STEAL(value->opened));
    return 0;
}

// What a workbook has is that of its first visible page.
#define COMMON_METHODS                                                                                       \
    {"rows", rows_of}, {"table", table_of}, {"cell", sheet_cell}, {"range", sheet_range},                    \
        {"formula", sheet_formula_of}, {"kind", sheet_kind}, {"is_hidden", sheet_is_hidden},                 \
        {"merged", sheet_merged}, {"hidden_rows", sheet_hidden_rows},                                        \
        {"hidden_columns", sheet_hidden_columns},                                                            \
    {                                                                                                        \
        "tables", sheet_tables                                                                               \
    }

void sheet_read_classes(lua_State *L)
{
    static const luaL_Reg book[] = {COMMON_METHODS,
                                    {"pages", book_pages},
                                    {"page", book_page_method},
                                    {"names", sheet_names},
                                    {"describe", book_describe_method},
                                    {"path", book_path},
                                    {"close", book_close},
                                    {NULL, NULL}};
    static const luaL_Reg book_meta[] = {{"__gc", book_gc}, {"__close", book_close}, {NULL, NULL}};
    static const luaL_Reg page[] = {
        COMMON_METHODS, {"name", page_name}, {"visibility", page_visibility}, {NULL, NULL}};
    static const luaL_Reg page_meta[] = {{"__gc", page_gc}, {NULL, NULL}};
    bind_class(L, BOOK_CLASS, book, book_meta);
    bind_class(L, PAGE_CLASS, page, page_meta);
}
