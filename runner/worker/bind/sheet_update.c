// Workbooks that robots fill: require "sheet".update. In the worker.
//
// A template is a userdata that owns its update; close() writes it, as does run:attach or the end of its scope. What was
// not closed leaves no file, and the workbook that was opened stays as it was.
#include "worker/bind/sheet.h"
#include "worker/language.h"

#include "lib/sheet/update.h"

#include <stdio.h>

#define TEMPLATE_CLASS "sheet.template"
#define PAGE_CLASS "sheet.template_page"

enum { NUMBER_ROOM = 64, NAMES_MAX = 380 };

struct template
{
    struct update *update; // NULL: closed
    char *path;            // under which it will be saved
};

struct page_value {
    size_t page; // user value 1: the template
};

static struct template *check_template(lua_State *L)
{
    struct template *template = luaL_checkudata(L, 1, TEMPLATE_CLASS);
    if (!template->update)
        bind_fail(L, ERR_SHEET_CLOSED, template->path);
    return template;
}

static int raise_in(lua_State *L, const struct template *template, struct err *err)
{
    err_note(err, "%s", template->path);
    return bind_raise(L, err);
}

// The template of the receiver, which may be a page of it; *page: that page, or the first that is seen.
static struct template *receiver(lua_State *L, size_t *page)
{
    const struct page_value *value = luaL_testudata(L, 1, PAGE_CLASS);
    if (!value) {
        struct template *template = check_template(L);
        *page = update_first_page(template->update);
        return template;
    }
    lua_getiuservalue(L, 1, 1);
    struct template *template = lua_touserdata(L, -1);
    lua_pop(L, 1); // the page keeps it
    if (!template->update)
        bind_fail(L, ERR_SHEET_CLOSED, template->path);
    *page = value->page;
    return template;
}

/* ---- values -------------------------------------------------------------------------------------------------------------- */

static struct text string_at(lua_State *L, int index)
{
    struct text text;
    text.data = lua_tolstring(L, index, &text.length);
    return text;
}

static struct update_value number_value(lua_State *L, int index, char room[NUMBER_ROOM])
{
    if (lua_isinteger(L, index))
        snprintf(room, NUMBER_ROOM, "%lld", (long long)lua_tointeger(L, index));
    else
        snprintf(room, NUMBER_ROOM, "%.15g", lua_tonumber(L, index));
    return (struct update_value){.kind = UPDATE_NUMBER, .text = text_from(room)};
}

// May push a text that the value borrows.
static struct update_value userdata_value(lua_State *L, int index)
{
    struct update_value value = {.kind = UPDATE_DAY};
    struct sheet_formula formula;
    if (bind_date_test(L, index, &value.moment.date))
        return value;
    value.kind = UPDATE_MOMENT;
    if (bind_moment_test(L, index, &value.moment))
        return value;
    if (sheet_formula_test(L, index, &formula))
        return (struct update_value){
            .kind = UPDATE_FORMULA, .text = formula.formula, .result = formula.result};
    if (bind_decimal_test(L, index)) {
        bind_decimal_push_written(L, bind_decimal_test(L, index));
        return (struct update_value){.kind = UPDATE_NUMBER, .text = string_at(L, -1)};
    }
    language_push_text(L, index); // months, error cells and the like: as they are read
    return (struct update_value){.kind = UPDATE_TEXT, .text = string_at(L, -1)};
}

// The value at `index`; what it borrows stays on the stack or in `room`.
static bool to_value(lua_State *L, int index, struct update_value *out, char room[NUMBER_ROOM])
{
    switch (lua_type(L, index)) {
    case LUA_TNONE:
    case LUA_TNIL:
        *out = (struct update_value){.kind = UPDATE_CLEAR};
        return true;
    case LUA_TSTRING:
        *out = (struct update_value){.kind = UPDATE_TEXT, .text = string_at(L, index)};
        return true;
    case LUA_TNUMBER:
        *out = number_value(L, index, room);
        return true;
    case LUA_TBOOLEAN:
        *out = (struct update_value){.kind = UPDATE_BOOLEAN, .boolean = lua_toboolean(L, index)};
        return true;
    case LUA_TUSERDATA:
        *out = userdata_value(L, index);
        return true;
    default:
        return false;
    }
}

static void put(lua_State *L, const struct template *template, size_t page, struct reference place, int index)
{
    struct err err;
    struct update_value value;
    char room[NUMBER_ROOM], at[REFERENCE_TEXT_SIZE];
    const int top = lua_gettop(L);
    while (sheet_styled_push(L, index)) // the template's own style counts
        index = lua_gettop(L);
    const bool known = to_value(L, index, &value, room);
    if (!known)
        fail(&err, ERR_SHEET_WRITE_WRONG, "no value for a cell", reference_text(at, place));
    if (!known || !update_cell(template->update, page, place, &value, &err))
        raise_in(L, template, &err);
    lua_settop(L, top);
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------ */

// On top of the stack: what gives rows may use one table for all of them.
static void copy_row(lua_State *L, int rows)
{
    const int row = lua_gettop(L);
    if (!lua_istable(L, row))
        bind_argument(L, rows, "rows", "rows that are tables");
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, row);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, row + 1);
    }
    lua_replace(L, row);
}

// Rows that a function gives become a list: a table must know how many come.
static lua_Unsigned check_rows(lua_State *L, int index)
{
    if (!lua_istable(L, index)) {
        const int type = lua_type(L, index);
        if (type != LUA_TFUNCTION &&
            !(type == LUA_TUSERDATA && luaL_getmetafield(L, index, "__call") != LUA_TNIL))
            bind_argument(L, index, "rows", "a list of rows, or a function that gives them");
        lua_settop(L, index + 1);
        lua_newtable(L);
        for (lua_Integer count = 1; count <= SHEET_ROWS_MAX; count++) {
            lua_pushvalue(L, index);
            lua_call(L, 0, 1);
            if (lua_isnil(L, -1))
                break;
            copy_row(L, index);
            lua_rawseti(L, index + 2, count);
        }
        lua_settop(L, index + 2);
        lua_replace(L, index);
        lua_settop(L, index + 1);
    }
    const lua_Unsigned count = lua_rawlen(L, index);
    if (count > SHEET_ROWS_MAX)
        bind_fail(L, ERR_LIMIT_PASSED, "rows", N(SHEET_ROWS_MAX));
    return count;
}

static void push_row(lua_State *L, int rows, lua_Unsigned row)
{
    if (lua_geti(L, rows, (lua_Integer)row) != LUA_TTABLE)
        bind_argument(L, rows, "rows", "rows that are tables");
}

/* ---- cells and ranges -------------------------------------------------------------------------------------------------------- */

static struct update_area check_area(lua_State *L, const struct template *template, size_t page)
{
    struct err err;
    struct update_area area;
    const struct text where = bind_text(L, 2, "cell");
    if (!update_area(template->update, where, page, &area, &err))
        raise_in(L, template, &err);
    return area;
}

static bool is_one_cell(const struct range *range)
{
    return range->first.row == range->last.row && range->first.column == range->last.column;
}

static int fail_size(lua_State *L, const struct template *template, const struct range *range,
                     lua_Unsigned rows, lua_Unsigned columns)
{
    struct err err;
    char first[REFERENCE_TEXT_SIZE], last[REFERENCE_TEXT_SIZE], name[3 * REFERENCE_TEXT_SIZE];
    char came[2 * INTEGER_TEXT_SIZE], fits[2 * INTEGER_TEXT_SIZE];
    snprintf(name, sizeof name, "%s:%s", reference_text(first, range->first),
             reference_text(last, range->last));
    snprintf(came, sizeof came, "%llu × %llu", (unsigned long long)rows, (unsigned long long)columns);
    snprintf(fits, sizeof fits, "%u × %u", range->last.row - range->first.row + 1,
             range->last.column - range->first.column + 1);
    fail(&err, ERR_SHEET_RANGE_SIZE, name, came, fits);
    return raise_in(L, template, &err);
}

// template:cell(where, value); page:cell(where, value)
static int template_cell(lua_State *L)
{
    struct err err;
    size_t page;
    bool one;
    const struct template *template = receiver(L, &page);
    const struct update_area area = check_area(L, template, page);
    luaL_checkany(L, 3);
    if (!update_is_cell(template->update, &area, &one, &err))
        return raise_in(L, template, &err);
    if (!one)
        return fail_size(L, template, &area.range, 1, 1);
    put(L, template, area.page, area.range.first, 3);
    lua_settop(L, 1);
    return 1;
}

static lua_Unsigned widest_row(lua_State *L, int rows, lua_Unsigned count)
{
    lua_Unsigned widest = 0;
    for (lua_Unsigned i = 1; i <= count; i++) {
        push_row(L, rows, i);
        widest = lua_rawlen(L, -1) > widest ? lua_rawlen(L, -1) : widest;
        lua_pop(L, 1);
    }
    return widest;
}

// template:range(where, rows): a range is filled and what is left of it cleared; from one cell on, rows take what they need.
static int template_range(lua_State *L)
{
    size_t page;
    const struct template *template = receiver(L, &page);
    const struct update_area area = check_area(L, template, page);
    const lua_Unsigned rows = check_rows(L, 3), widest = widest_row(L, 3, rows);
    struct range range = area.range;
    if (is_one_cell(&range)) {
        range.last.row = range.first.row + (uint32_t)rows - 1;
        range.last.column =
            range.first.column + (uint32_t)(widest < SHEET_COLUMNS_MAX ? widest : SHEET_COLUMNS_MAX) - 1;
    }
    if (rows > range.last.row - range.first.row + 1 || widest > range.last.column - range.first.column + 1 ||
        range.last.row > SHEET_ROWS_MAX || range.last.column > SHEET_COLUMNS_MAX)
        return fail_size(L, template, &area.range, rows, widest);
    for (uint32_t row = range.first.row; rows && row <= range.last.row; row++) {
        const lua_Unsigned index = row - range.first.row + 1;
        if (index <= rows)
            push_row(L, 3, index);
        else
            lua_newtable(L);
        for (uint32_t column = range.first.column; column <= range.last.column; column++) {
            lua_rawgeti(L, -1, column - range.first.column + 1);
            put(L, template, area.page, (struct reference){row, column}, lua_gettop(L));
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    lua_settop(L, 1);
    return 1;
}

/* ---- tables ---------------------------------------------------------------------------------------------------------------------- */

// Exactly, else without regard to case and blanks.
static bool find_column(const struct sheet_table *table, struct text name, size_t *column)
{
    for (*column = 0; *column < table->column_count; ++*column)
        if (text_is(name, table->columns[*column]))
            return true;
    for (*column = 0; *column < table->column_count; ++*column)
        if (text_equal_ascii_case(text_trim(text_from(table->columns[*column])), text_trim(name)))
            return true;
    return false;
}

// By names, each row says what it has; a name that no column has is a slip.
static void check_names(lua_State *L, const struct template *template, const struct sheet_table *table,
                        int row)
{
    struct err err;
    size_t column;
    for (lua_pushnil(L); lua_next(L, row); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || find_column(table, string_at(L, -2), &column))
            continue;
        const char *name = lua_tostring(L, -2);
        const char *nearest = text_nearest(name, (const char *const *)table->columns, table->column_count);
        fail(&err, ERR_SHEET_NO_COLUMN, name, nearest ? nearest : table->columns[0]);
        raise_in(L, template, &err);
    }
}

// A list of which column stands under which name of the row: fields are looked up by the table's own names first.
static void push_column(lua_State *L, const struct sheet_table *table, int row, size_t column)
{
    size_t found;
    if (lua_rawgeti(L, row, (lua_Integer)column + 1) != LUA_TNIL)
        return;
    lua_pop(L, 1);
    lua_pushstring(L, table->columns[column]);
    if (lua_rawget(L, row) != LUA_TNIL)
        return;
    lua_pop(L, 1);
    for (lua_pushnil(L); lua_next(L, row); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING && find_column(table, string_at(L, -2), &found) &&
            found == column) {
            lua_remove(L, -2);
            return;
        }
    lua_pushnil(L);
}

static void put_table_row(lua_State *L, const struct template *template, const struct sheet_table *table,
                          const bool *computed, uint32_t row)
{
    const int at = lua_gettop(L);
    check_names(L, template, table, at);
    for (size_t i = 0; i < table->column_count; i++) {
        push_column(L, table, at, i);
        if (!lua_isnil(L, -1) || !computed[i])
            put(L, template, table->page, (struct reference){row, table->range.first.column + (uint32_t)i},
                at + 1);
        lua_settop(L, at);
    }
}

// Where rows are appended: behind the last one, or over it where a table has but an empty row.
static uint32_t rows_before(lua_State *L, const struct template *template, const struct sheet_table *table,
                            const bool *computed)
{
    struct err err;
    uint32_t used = 0;
    if (!update_table_used(template->update, table, computed, &used, &err))
        raise_in(L, template, &err);
    return used;
}

// template:table(name, rows, { append = false })
static int template_table(lua_State *L)
{
    static const char *const known[] = {"append", NULL};
    struct err err;
    size_t page;
    const struct sheet_table *table;
    struct range body;
    const struct template *template = receiver(L, &page);
    const struct text name = bind_text(L, 2, "table");
    bind_options(L, 4, known);
    lua_settop(L, 4);
    if (lua_isnil(L, 4)) {
        lua_newtable(L);
        lua_replace(L, 4);
    }
    const bool append = bind_option_boolean(L, 4, "append", false);
    const lua_Unsigned count = check_rows(L, 3);
    lua_settop(L, 4);
    if (!update_table(template->update, name, &table, &err))
        return raise_in(L, template, &err);
    bool *computed = lua_newuserdatauv(L, (table->column_count + 1) * sizeof *computed, 0);
    if (!update_table_computed(template->update, table, computed, &err))
        return raise_in(L, template, &err);
    const uint32_t before = append ? rows_before(L, template, table, computed) : 0;
    if (before + count > SHEET_ROWS_MAX)
        return bind_fail(L, ERR_LIMIT_PASSED, "rows", N(SHEET_ROWS_MAX));
    const uint32_t rows = before + (uint32_t)count;
    if (!update_table_resize(template->update, table, rows ? rows : 1, &err))
        return raise_in(L, template, &err);
    require(table_body(table, &body));
    if (!count && !append) { // one empty row, which every table has
        lua_newtable(L);
        put_table_row(L, template, table, computed, body.first.row);
    }
    for (lua_Unsigned i = 1; i <= count; i++) {
        push_row(L, 3, i);
        put_table_row(L, template, table, computed, body.first.row + before + (uint32_t)i - 1);
        lua_pop(L, 1);
    }
    lua_settop(L, 1);
    return 1;
}

/* ---- pages ------------------------------------------------------------------------------------------------------------------------- */

static int fail_page(lua_State *L, const struct template *template, const char *wanted)
{
    struct err err;
    char names[NAMES_MAX] = "";
    size_t length = 0;
    for (size_t i = 0; i < update_page_count(template->update); i++) {
        const char *name = update_page_name(template->update, i);
        if (length + strlen(name) + 2 >= sizeof names)
            break;
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", length ? ", " : "", name);
    }
    fail(&err, ERR_SHEET_NO_PAGE, wanted, names);
    return raise_in(L, template, &err);
}

static int template_page(lua_State *L)
{
    const struct template *template = check_template(L);
    size_t page = 0;
    if (lua_isinteger(L, 2)) {
        const lua_Integer number = lua_tointeger(L, 2);
        if (number < 1 || (lua_Unsigned)number > update_page_count(template->update))
            return fail_page(L, template, N(number));
        page = (size_t)number - 1;
    } else {
        const struct text name = bind_text(L, 2, "page");
        if (!update_find_page(template->update, name, &page))
            return fail_page(L, template, name.data);
    }
    struct page_value *value = lua_newuserdatauv(L, sizeof *value, 1);
    value->page = page;
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, PAGE_CLASS);
    return 1;
}

static int page_name(lua_State *L)
{
    size_t page;
    luaL_checkudata(L, 1, PAGE_CLASS);
    const struct template *template = receiver(L, &page);
    lua_pushstring(L, update_page_name(template->update, page));
    return 1;
}

/* ---- the template -------------------------------------------------------------------------------------------------------------------- */

// update(path, { as = … })
int sheet_update(lua_State *L)
{
    static const char *const known[] = {"as", NULL};
    struct err err;
    const struct text path = bind_text(L, 1, "path");
    bind_options(L, 2, known);
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_newtable(L);
        lua_replace(L, 2);
    }
    const struct text as = bind_option_text(L, 2, "as", path);
    struct template *template = lua_newuserdatauv(L, sizeof *template, 0);
    *template = (struct template){0};
    luaL_setmetatable(L, TEMPLATE_CLASS);
    template->path = text_copy(as);
    const int file = sheet_open_input(L, path.data, &err);
    if (file < 0)
        return bind_raise(L, &err);
    if (!update_open(&template->update, file, &err) ||
        !update_check_name(template->update, template->path, &err)) {
        err_note(&err, "%s", path.data);
        return bind_raise(L, &err);
    }
    return 1;
}

static int template_close(lua_State *L)
{
    struct err err;
    struct template *template = luaL_checkudata(L, 1, TEMPLATE_CLASS);
    if (!template->update)
        return 0;
    const bool saved = update_save(template->update, template->path, &err);
    update_free(STEAL(template->update));
    return saved ? 0 : raise_in(L, template, &err);
}

// The end of a scope: saved when all went well, dropped when an error left it.
static int template_scope(lua_State *L)
{
    struct template *template = luaL_checkudata(L, 1, TEMPLATE_CLASS);
    if (lua_isnoneornil(L, 2))
        return template_close(L);
    update_free(STEAL(template->update));
    return 0;
}

static int template_gc(lua_State *L)
{
    struct template *template = luaL_checkudata(L, 1, TEMPLATE_CLASS);
    update_free(STEAL(template->update));
    xfree(STEAL(template->path));
    return 0;
}

static int template_path(lua_State *L)
{
    const struct template *template = luaL_checkudata(L, 1, TEMPLATE_CLASS);
    lua_pushstring(L, template->path);
    return 1;
}

void sheet_update_classes(lua_State *L)
{
    static const luaL_Reg methods[] = {{"cell", template_cell},
                                       {"range", template_range},
                                       {"table", template_table},
                                       {"page", template_page},
                                       {"close", template_close},
                                       {"path", template_path},
                                       {NULL, NULL}};
    static const luaL_Reg template_meta[] = {
        {"__gc", template_gc}, {"__close", template_scope}, {NULL, NULL}};
    static const luaL_Reg page[] = {
        {"name", page_name}, {"cell", template_cell}, {"range", template_range}, {NULL, NULL}};
    bind_class(L, TEMPLATE_CLASS, methods, template_meta);
    bind_class(L, PAGE_CLASS, page, NULL);
}
