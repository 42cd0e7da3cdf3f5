// Workbooks and their pages, as robots read them. In the worker.
#include "worker/bind/sheet_opened.h"

#include "lib/sheet/reference.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOOK_CLASS "sheet.workbook"
#define PAGE_CLASS "sheet.page"

enum { RANGE_CELLS_MAX = 1 << 20, DESCRIPTION_MAX = 200, NAMES_MAX = 380 };

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

static struct page_value *check_page(lua_State *L)
{
    struct page_value *value = luaL_checkudata(L, 1, PAGE_CLASS);
    check_open(L, value->opened);
    return value;
}

void opened_leave(struct opened *opened)
{
    if (!opened || --opened->users)
        return;
    book_free(opened->book);
    xfree(opened->path);
    xfree(opened);
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
static int open_input(const char *path, struct err *err)
{
    struct stat stat;
    const int file = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (file < 0) {
        if (errno == ENOENT)
            fail(err, ERR_FILE_MISSING, path);
        else
            fail(err, ERR_FILE_UNREADABLE, path, strerror(errno));
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
    const struct csv_options options = {
        .dialect = {.delimiter = one_byte(L, "delimiter", '\0'),
                    .quote = one_byte(L, "quote", '"'),
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
    const int file = open_input(path.data, &err);
    if (file < 0)
        return bind_raise(L, &err);
    if (!book_open(&opened->book, file, base_name(path.data), &options, &err)) {
        err_note(&err, "%s", path.data);
        return bind_raise(L, &err);
    }
    return 1;
}

/* ---- pages -------------------------------------------------------------------------------------------------------------- */

static void push_page(lua_State *L, struct opened *opened, size_t page)
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
    char names[NAMES_MAX] = "";
    size_t length = 0;
    for (size_t i = 0; i < book_page_count(opened->book); i++) {
        const char *name = book_page(opened->book, i)->name;
        const size_t needed = strlen(name) + 2;
        if (length + needed >= sizeof names)
            break;
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "", name);
    }
    fail(&err, ERR_SHEET_NO_PAGE, wanted, names);
    err_note(&err, "%s", opened->path);
    return bind_raise(L, &err);
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
    push_page(L, opened, index);
    return 1;
}

static int book_pages(lua_State *L)
{
    struct opened *opened = check_book(L);
    const size_t count = book_page_count(opened->book);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_page(L, opened, i);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int page_name(lua_State *L)
{
    const struct page_value *value = check_page(L);
    lua_pushstring(L, book_page(value->opened->book, value->page)->name);
    return 1;
}

static int page_visibility(lua_State *L)
{
    static const char *const names[] = {
        [PAGE_VISIBLE] = "visible", [PAGE_HIDDEN] = "hidden", [PAGE_VERY_HIDDEN] = "veryHidden"};
    const struct page_value *value = check_page(L);
    lua_pushstring(L, names[book_page(value->opened->book, value->page)->visibility]);
    return 1;
}

/* ---- cells and ranges ------------------------------------------------------------------------------------------------------ */

struct scan_value {
    struct book_rows *rows;
};

static int scan_gc(lua_State *L)
{
    struct scan_value *scan = lua_touserdata(L, 1);
    book_rows_free(STEAL(scan->rows));
    return 0;
}

// A userdata that owns the rows, so that an error on the way leaks nothing.
static struct book_rows *open_scan(lua_State *L, struct opened *opened, size_t page)
{
    struct err err;
    struct scan_value *scan = lua_newuserdatauv(L, sizeof *scan, 0);
    scan->rows = NULL;
    luaL_setmetatable(L, "sheet.scan");
    if (!book_rows_open(&scan->rows, opened->book, page, ROWS_WITH_VALUES, &err)) {
        err_note(&err, "%s", opened->path);
        bind_raise(L, &err);
    }
    return scan->rows;
}

static const struct sheet_row *next_row(lua_State *L, const struct opened *opened, struct book_rows *rows)
{
    struct err err;
    const struct sheet_row *row;
    if (!book_rows_next(rows, &row, &err)) {
        err_note(&err, "%s", opened->path);
        bind_raise(L, &err);
    }
    return row;
}

static void push_row_table(lua_State *L, int result, uint32_t number, struct range range)
{
    while (lua_rawlen(L, result) < number) {
        lua_createtable(L, (int)(range.last.column - range.first.column + 1), 0);
        lua_rawseti(L, result, (lua_Integer)lua_rawlen(L, result) + 1);
    }
    lua_rawgeti(L, result, number);
}

static void push_range(lua_State *L, struct opened *opened, size_t page, struct range range)
{
    struct book_rows *rows = open_scan(L, opened, page);
    const struct sheet_row *row;
    lua_newtable(L);
    const int result = lua_gettop(L);
    while ((row = next_row(L, opened, rows)) && row->number <= range.last.row) {
        if (row->number < range.first.row)
            continue;
        push_row_table(L, result, row->number - range.first.row + 1, range);
        for (size_t i = 0; i < row->count; i++) {
            const uint32_t column = row->cells[i].column;
            if (column < range.first.column || column > range.last.column)
                continue;
            sheet_push_cell(L, &row->cells[i]);
            lua_rawseti(L, -2, column - range.first.column + 1);
        }
        lua_pop(L, 1);
    }
    push_row_table(L, result, range.last.row - range.first.row + 1, range);
    lua_pop(L, 1);
}

static int cell_of(lua_State *L, struct opened *opened, size_t page)
{
    struct reference place;
    if (!sheet_reference_parse(&place, bind_text(L, 2, "cell")))
        bind_argument(L, 2, "cell", "a cell such as \"B7\"");
    struct book_rows *rows = open_scan(L, opened, page);
    const struct sheet_row *row;
    while ((row = next_row(L, opened, rows)) && row->number < place.row)
        ;
    const struct cell *cell = row && row->number == place.row ? sheet_row_cell(row, place.column) : NULL;
    if (cell)
        sheet_push_cell(L, cell);
    else
        lua_pushnil(L);
    return 1;
}

static int range_of(lua_State *L, struct opened *opened, size_t page)
{
    struct range range;
    if (!range_parse(&range, bind_text(L, 2, "range")))
        bind_argument(L, 2, "range", "a range such as \"A1:D20\"");
    const uint64_t cells =
        (uint64_t)(range.last.row - range.first.row + 1) * (range.last.column - range.first.column + 1);
    if (cells > RANGE_CELLS_MAX)
        return bind_fail(L, ERR_LIMIT_PASSED, "range", N(RANGE_CELLS_MAX));
    push_range(L, opened, page, range);
    return 1;
}

static int page_cell(lua_State *L)
{
    const struct page_value *value = check_page(L);
    return cell_of(L, value->opened, value->page);
}

static int page_range(lua_State *L)
{
    const struct page_value *value = check_page(L);
    return range_of(L, value->opened, value->page);
}

static int page_rows(lua_State *L)
{
    const struct page_value *value = check_page(L);
    return sheet_rows_push(L, value->opened, value->page, 2);
}

static int book_cell(lua_State *L)
{
    struct opened *opened = check_book(L);
    return cell_of(L, opened, book_first_page(opened->book));
}

static int book_range(lua_State *L)
{
    struct opened *opened = check_book(L);
    return range_of(L, opened, book_first_page(opened->book));
}

static int book_rows_method(lua_State *L)
{
    struct opened *opened = check_book(L);
    return sheet_rows_push(L, opened, book_first_page(opened->book), 2);
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

void sheet_read_classes(lua_State *L)
{
    static const luaL_Reg book[] = {
        {"pages", book_pages}, {"page", book_page_method}, {"rows", book_rows_method},
        {"cell", book_cell},   {"range", book_range},      {"describe", book_describe_method},
        {"path", book_path},   {"close", book_close},      {NULL, NULL}};
    static const luaL_Reg book_meta[] = {{"__gc", book_gc}, {"__close", book_close}, {NULL, NULL}};
    static const luaL_Reg page[] = {{"name", page_name}, {"visibility", page_visibility}, {"rows", page_rows},
                                    {"cell", page_cell}, {"range", page_range},           {NULL, NULL}};
    static const luaL_Reg page_meta[] = {{"__gc", page_gc}, {NULL, NULL}};
    static const luaL_Reg scan_meta[] = {{"__gc", scan_gc}, {NULL, NULL}};
    bind_class(L, BOOK_CLASS, book, book_meta);
    bind_class(L, PAGE_CLASS, page, page_meta);
    bind_class(L, "sheet.scan", NULL, scan_meta);
}
