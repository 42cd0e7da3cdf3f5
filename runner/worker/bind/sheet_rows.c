// rows{…}: a page's rows as Lua tables, one a call. In the worker.
//
// All that a reader of rows holds belongs to its userdata, so an error on the way leaks nothing. Columns that the robot
// did not ask for cost no Lua value.
#include "worker/bind/sheet_columns.h"
#include "worker/bind/sheet_lines.h"
#include "worker/bind/sheet_opened.h"
#include "worker/run.h"
#include "worker/worker.h"

#include "lib/base/catalogue.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS_CLASS "sheet.rows"

enum { VALUE_SHOWN_MAX = 100, NAMES_LISTED = 1000, PROBLEM_WORDS_MAX = 5000 };
// User values: the names by place (nil without a header), what cell_push keeps, the metatable of rows, the row that is
// used again (else nil), the thread of lines.
enum { NAMES = 1, KEPT, KEPT_TEXTS, ROW_METATABLE, ROW, LINES, USER_VALUES = LINES };
// Where they stand while a row is made; the row above them.
enum { NAMES_AT = 2, KEPT_AT, ROW_AT = KEPT_AT + KEPT_TABLES };

struct rows_value {
    struct opened *opened;
    struct book_rows *rows;
    struct row_columns columns;
    struct kept_values *kept;
    uint32_t place_count;
    bool has_header, over;
    bool without_hidden, hidden; // hidden: whether the row that came last is
    bool reuse;                  // each row in the same table
    uint32_t
        *filled; // for that, by place - 1, or by column - 1 without a header: the last turn that filled it
    uint32_t filled_count, turn;
    uint32_t header_row, from; // from: rows with smaller numbers are passed over
    uint32_t last;             // of a table; 0: of a whole page, whose end is not known
    enum csv_decimal decimal;
    struct lines *lines; // of CSV; NULL for other formats
    struct err err;      // of the row that is being read: to set one up costs more than many cells
};

static struct rows_value *check_is_open(lua_State *L, struct rows_value *rows)
{
    if (!rows->rows || rows->opened->closed)
        bind_fail(L, ERR_SHEET_CLOSED, rows->opened ? rows->opened->path : "");
    return rows;
}

static struct rows_value *check_rows(lua_State *L)
{
    return check_is_open(L, luaL_checkudata(L, 1, ROWS_CLASS));
}

static int raise_with_path(lua_State *L, const struct rows_value *rows, struct err *err)
{
    err_note(err, "%s", rows->opened->path);
    return bind_raise(L, err);
}

/* ---- next row ---------------------------------------------------------------------------------------------------------------- */

static const struct sheet_row *next_row(lua_State *L, struct rows_value *rows)
{
    const struct sheet_row *row = NULL;
    while (!rows->over) {
        if (!book_rows_next(rows->rows, &row, &rows->err))
            raise_with_path(L, rows, &rows->err);
        if (!row)
            rows->over = true;
        else if (row->count && row->number >= rows->from && !(row->hidden && rows->without_hidden)) {
            rows->hidden = row->hidden;
            return row;
        }
    }
    return NULL;
}

static int fail_type(lua_State *L, const struct rows_value *rows, const struct cell *cell, uint32_t row,
                     enum cell_type type)
{
    struct err err;
    char value[VALUE_SHOWN_MAX], letters[16];
    const uint32_t column = cell->column;
    snprintf(value, sizeof value, "%.*s", (int)text_utf8_floor(cell->text, sizeof value - 1),
             cell->text.data);
    const char *name = column <= rows->columns.header.count ? rows->columns.header.names[column - 1] : NULL;
    fail(&err, ERR_SHEET_TYPE, N(row), name ? name : column_text(letters, column), value,
         cell_type_names[type]);
    return raise_with_path(L, rows, &err);
}

// The key of a cell, its place among the names or its column, pushed; 0: the robot did not ask for it.
static uint32_t push_key(lua_State *L, const struct rows_value *rows, const struct cell *cell,
                         struct row_column column)
{
    if (!rows->has_header)
        lua_pushinteger(L, cell->column);
    else if (column.place)
        lua_rawgeti(L, NAMES_AT, column.place);
    return rows->has_header ? column.place : cell->column;
}

// Onto the table at ROW_AT the cells that the robot asked for, by its names or by the columns' numbers.
static void set_cells(lua_State *L, struct rows_value *rows, const struct sheet_row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        const struct cell *cell = &row->cells[i];
        if (cell->kind == CELL_EMPTY && !cell->formula.length)
            continue;
        const struct row_column column =
            cell->column <= rows->columns.count ? rows->columns.of[cell->column - 1] : (struct row_column){0};
        const uint32_t key = push_key(L, rows, cell, column);
        if (!key)
            continue;
        if (cell->kind == CELL_EMPTY && column.type != CELL_AS_FORMULA)
            lua_pushnil(L);
        else if (!cell_push(L, rows->kept, cell, column.type, rows->decimal))
            fail_type(L, rows, cell, row->number, column.type);
        lua_rawset(L, ROW_AT);
        if (rows->reuse)
            rows->filled[key - 1] = rows->turn;
    }
}

// What the last row filled, and this one did not, is nil again.
static void empty_others(lua_State *L, const struct rows_value *rows)
{
    for (uint32_t i = 0; i < rows->filled_count; i++)
        if (rows->filled[i] == rows->turn - 1 && rows->turn > 1) {
            if (rows->has_header)
                lua_rawgeti(L, NAMES_AT, i + 1);
            else
                lua_pushinteger(L, i + 1);
            lua_pushnil(L);
            lua_rawset(L, ROW_AT);
        }
}

// Room to note what is filled: names are counted, columns are as many as the widest row has.
static void note_width(struct rows_value *rows, uint32_t last)
{
    const uint32_t needed = rows->has_header ? rows->place_count : last;
    if (needed <= rows->filled_count)
        return;
    rows->filled = xreallocarray(rows->filled, needed, sizeof *rows->filled);
    memset(rows->filled + rows->filled_count, 0, (needed - rows->filled_count) * sizeof *rows->filled);
    rows->filled_count = needed;
}

static void push_new_row(lua_State *L, const struct rows_value *rows, size_t cells)
{
    const size_t most = rows->has_header && rows->place_count < cells ? rows->place_count : cells;
    lua_createtable(L, rows->has_header ? 0 : (int)most, rows->has_header ? (int)most : 0);
    if (rows->has_header) {
        lua_getiuservalue(L, 1, ROW_METATABLE);
        lua_setmetatable(L, -2);
    }
}

// The row's table: a new one, or the one of all rows.
static void push_row(lua_State *L, struct rows_value *rows, const struct sheet_row *row)
{
    if (!rows->reuse || lua_getiuservalue(L, 1, ROW) == LUA_TNIL) {
        lua_settop(L, ROW_AT - 1);
        push_new_row(L, rows, row->count);
        if (rows->reuse) {
            lua_pushvalue(L, ROW_AT);
            lua_setiuservalue(L, 1, ROW);
        }
    }
    if (rows->reuse) {
        note_width(rows, row->cells[row->count - 1].column);
        rows->turn++; // a page has a million rows at most
    }
}

/* ---- rows of CSV ------------------------------------------------------------------------------------------------------------- */

static void log_problems(lua_State *L, const char *path, enum phrase phrase, size_t count, size_t line)
{
    char words[PROBLEM_WORDS_MAX + 1];
    struct buf out = buf_new(PROBLEM_WORDS_MAX);
    const bool done = phrase_append(&out, worker_of(L)->language, phrase, path, N(count), N(line));
    const struct text text = text_of(words, out.length);
    memcpy(words, buf_string(&out), out.length);
    buf_dispose(&out); // before what may raise
    if (done)
        run_log_line(L, RUN_LOG_WARNING, text);
}

// Faults that were no errors are told to a robot that does not ask for them, too.
static void tell_problems(lua_State *L, const struct rows_value *rows)
{
    const struct csv_problem *problems;
    const size_t count = book_rows_problems(rows->rows, &problems);
    bool shorts = true;
    for (size_t i = 0; i < count && i < CSV_PROBLEMS_KEPT; i++)
        shorts = shorts && problems[i].kind == CSV_PROBLEM_SHORT;
    if (count)
        log_problems(L, rows->opened->path, shorts ? PHRASE_CSV_SHORT_ROWS : PHRASE_CSV_PROBLEMS, count,
                     problems[0].line);
}

static int next_line(lua_State *L, struct rows_value *rows)
{
    if (rows->over)
        return 0;
    lua_settop(L, 1);
    if (lines_have_types(rows->lines)) {
        lua_getiuservalue(L, 1, KEPT);
        lua_getiuservalue(L, 1, KEPT_TEXTS);
    }
    switch (lines_next(L, rows->lines, 2, &rows->err)) {
    case LINES_ROW:
        lua_pushinteger(L, (lua_Integer)lines_row(rows->lines)->line);
        lua_pushinteger(L, (lua_Integer)lines_row(rows->lines)->last);
        return 3;
    case LINES_END:
        rows->over = true;
        tell_problems(L, rows);
        lua_pushnil(L);
        return 1;
    case LINES_FAILED:
        return raise_with_path(L, rows, &rows->err);
    case LINES_TYPE:
        break;
    }
    const size_t line = lines_row(rows->lines)->line;
    return fail_type(L, rows, lines_cell(rows->lines), line > UINT32_MAX ? UINT32_MAX : (uint32_t)line,
                     lines_type(rows->lines));
}

// From the first row below the header on.
static void prepare_lines(lua_State *L, struct rows_value *rows, int value, int names, int metatable)
{
    struct csv_reader *reader = book_rows_csv(rows->rows);
    if (!reader)
        return;
    // A userdata, as what comes may raise.
    struct line_column *columns = lua_newuserdatauv(L, (rows->columns.count + 1) * sizeof *columns, 0);
    size_t count = 0;
    for (uint32_t i = 0; i < rows->columns.count; i++)
        if (!rows->has_header || rows->columns.of[i].place)
            columns[count++] = (struct line_column){i, rows->columns.of[i].place, rows->columns.of[i].type};
    const struct lines_plan plan = {.reader = reader,
                                    .kept = rows->kept,
                                    .columns = columns,
                                    .column_count = count,
                                    .from = rows->from,
                                    .decimal = rows->decimal,
                                    .named = rows->has_header,
                                    .reuse = rows->reuse};
    rows->lines = lines_new(L, &plan, names, metatable);
    lua_setiuservalue(L, value, LINES);
    if (rows->has_header)
        csv_reader_expect(reader, rows->columns.header.count);
}

/* ---- rows of any format ------------------------------------------------------------------------------------------------------ */

// row, its number, its last column. Only rows have this as their __call, and robots have it in no other way.
static int rows_next(lua_State *L)
{
    struct rows_value *rows = check_is_open(L, lua_touserdata(L, 1));
    if (rows->lines)
        return next_line(L, rows);
    const struct sheet_row *row = next_row(L, rows);
    if (!row) {
        lua_pushnil(L);
        return 1;
    }
    lua_settop(L, 1);
    for (int value = NAMES; value <= KEPT_TEXTS; value++)
        lua_getiuservalue(L, 1, value);
    push_row(L, rows, row);
    kept_values_at(rows->kept, KEPT_AT);
    set_cells(L, rows, row);
    if (rows->reuse)
        empty_others(L, rows);
    lua_pushinteger(L, row->number);
    lua_pushinteger(L, row->cells[row->count - 1].column);
    return 3;
}

// Apart from row_index, which runs for every empty cell and has no time to clear the names.
static __attribute__((noinline)) int fail_no_column(lua_State *L)
{
    const char *names[NAMES_LISTED];
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, lua_upvalueindex(1)) && count < NAMES_LISTED; lua_pop(L, 1))
        names[count++] = lua_tostring(L, -2);
    const char *nearest = text_nearest(lua_tostring(L, 2), names, count);
    return bind_fail(L, ERR_SHEET_NO_COLUMN, lua_tostring(L, 2), nearest ? nearest : count ? names[0] : "");
}

// __index of a row: upvalue 1 holds the names as keys. Empty cells are nil, unknown columns an error.
static int row_index(lua_State *L)
{
    if (lua_type(L, 2) != LUA_TSTRING)
        return 0;
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 0;
    return fail_no_column(L);
}

/* ---- header and options -------------------------------------------------------------------------------------------------- */

// header = true: the first row that has cells, in CSV below the lines of a title; header = 5: row 5.
static void read_header(lua_State *L, struct rows_value *rows, uint32_t wanted)
{
    const struct sheet_row *row;
    const struct csv_reader *csv = book_rows_csv(rows->rows);
    const size_t title = csv && !wanted ? csv_reader_found(csv)->header : 0;
    wanted = title && title <= SHEET_ROWS_MAX ? (uint32_t)title : wanted;
    do
        row = next_row(L, rows);
    while (row && row->number < wanted);
    if (!row || (wanted && row->number != wanted)) {
        struct err err;
        if (!row && !wanted)
            return; // an empty page has no rows and no columns
        fail(&err, ERR_SHEET_NO_HEADER, N(wanted));
        raise_with_path(L, rows, &err);
    }
    rows->header_row = row->number;
    header_read(&rows->columns.header, row);
    columns_grow(&rows->columns, rows->columns.header.count);
}

static bool table_option(lua_State *L, int options, const char *name)
{
    const int type = lua_getfield(L, options, name);
    if (type != LUA_TTABLE && type != LUA_TNIL)
        bind_argument(L, options, name, "a table");
    return type == LUA_TTABLE;
}

// header = true (as it is without a word), false, or a row's number; 0 stands for true.
static bool header_option(lua_State *L, int options, uint32_t *wanted)
{
    lua_getfield(L, options, "header");
    const bool none = lua_isboolean(L, -1) && !lua_toboolean(L, -1);
    *wanted = 0;
    if (lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 1 && lua_tointeger(L, -1) <= SHEET_ROWS_MAX)
        *wanted = (uint32_t)lua_tointeger(L, -1);
    else if (!lua_isnil(L, -1) && !lua_isboolean(L, -1))
        bind_argument(L, options, "header", "true, false or the number of the header's row");
    lua_pop(L, 1);
    return !none;
}

static void push_row_metatable(lua_State *L, int names)
{
    lua_createtable(L, 0, 2);
    lua_newtable(L);
    for (lua_Integer i = 1; lua_rawgeti(L, names, i) != LUA_TNIL; i++) {
        lua_pushboolean(L, 1);
        lua_rawset(L, -3);
    }
    lua_pop(L, 1);
    lua_pushcclosure(L, row_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
}

// The names of a table that shows no header are in its description.
static void take_table_names(struct rows_value *rows, const struct sheet_table *table)
{
    const uint32_t before = table->range.first.column - 1;
    const uint32_t width = table->range.last.column - before;
    const uint32_t count = table->column_count < width ? (uint32_t)table->column_count : width;
    rows->columns.header.names = xcalloc(before + count + 1, sizeof *rows->columns.header.names);
    rows->columns.header.count = before + count;
    for (uint32_t i = 0; i < count; i++)
        rows->columns.header.names[before + i] = xstrdup(table->columns[i]);
    columns_grow(&rows->columns, rows->columns.header.count);
}

// Rows and columns of the table alone, without its totals; its header is the first of them, unless nobody wants it.
static void bound_to_table(lua_State *L, struct rows_value *rows, const struct sheet_table *table)
{
    struct err err;
    struct range range;
    if (!table_body(table, &range)) {
        fail(&err, ERR_SHEET_TABLE_IS_EMPTY, table->name);
        raise_with_path(L, rows, &err);
    }
    if (rows->has_header && table->header_rows)
        range.first.row -= 1;
    else if (rows->has_header)
        take_table_names(rows, table);
    rows->last = range.last.row;
    rows->header_row = range.first.row - 1; // until the header itself is read
    book_rows_bound(rows->rows, range);
}

static void prepare(lua_State *L, struct rows_value *rows, const struct sheet_table *table, int value,
                    int options)
{
    struct err err;
    struct csv_found found;
    uint32_t wanted;
    rows->has_header = header_option(L, options, &wanted);
    if (table)
        bound_to_table(L, rows, table);
    if (rows->has_header && !(table && !table->header_rows))
        read_header(L, rows, wanted);
    lua_newtable(L);
    const int names = lua_gettop(L);
    const bool chosen = table_option(L, options, "columns");
    if (chosen && !rows->has_header)
        bind_argument(L, options, "columns", "nothing where header = false");
    if (chosen && !columns_choose(L, &rows->columns, names + 1, names, &err))
        raise_with_path(L, rows, &err);
    lua_settop(L, names);
    if (!chosen)
        columns_choose_all(L, &rows->columns);
    if (table_option(L, options, "types") && !columns_take_types(L, &rows->columns, names + 1, names, &err))
        raise_with_path(L, rows, &err);
    lua_settop(L, names);
    if (!book_found(rows->opened->book, &found, &err))
        raise_with_path(L, rows, &err);
    rows->decimal = rows->opened->decimal == CSV_DECIMAL_UNKNOWN ? found.decimal : rows->opened->decimal;
    rows->without_hidden = !bind_option_boolean(L, options, "hidden", true);
    rows->from = (uint32_t)bind_option_integer(L, options, "from", 1, SHEET_ROWS_MAX, 1);
    rows->place_count = (uint32_t)lua_rawlen(L, names);
    rows->reuse = bind_option_boolean(L, options, "reuse", false);
    push_row_metatable(L, names);
    prepare_lines(L, rows, value, names, names + 1);
    lua_settop(L, names + 1);
    lua_setiuservalue(L, value, ROW_METATABLE);
    lua_setiuservalue(L, value, NAMES);
}

// Formulas cost, so the page is opened with them only where a column is asked for them.
static enum rows_with with_formulas(lua_State *L, int options)
{
    enum rows_with with = ROWS_WITH_VALUES;
    if (lua_getfield(L, options, "types") == LUA_TTABLE)
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
            if (lua_type(L, -1) == LUA_TSTRING &&
                strcmp(lua_tostring(L, -1), cell_type_names[CELL_AS_FORMULA]) == 0)
                with = ROWS_WITH_FORMULAS;
    lua_settop(L, options);
    return with;
}

int sheet_rows_push(lua_State *L, struct opened *opened, size_t page, const struct sheet_table *table,
                    int options)
{
    static const char *const known[] = {"header", "from", "columns", "types", "hidden", "reuse", NULL};
    struct err err;
    bind_options(L, options, known);
    lua_settop(L, options);
    if (lua_isnil(L, options)) {
        lua_newtable(L);
        lua_replace(L, options);
    }
    const enum rows_with with = with_formulas(L, options);
    struct rows_value *rows = lua_newuserdatauv(L, sizeof *rows, USER_VALUES);
    *rows = (struct rows_value){0};
    luaL_setmetatable(L, ROWS_CLASS);
    rows->opened = opened;
    opened->users++;
    rows->kept = kept_values_new();
    kept_values_push_tables(L);
    lua_setiuservalue(L, options + 1, KEPT_TEXTS);
    lua_setiuservalue(L, options + 1, KEPT);
    if (!book_rows_open(&rows->rows, opened->book, page, with, &err))
        return raise_with_path(L, rows, &err);
    prepare(L, rows, table, options + 1, options);
    lua_settop(L, options + 1);
    return 1;
}

/* ---- methods ----------------------------------------------------------------------------------------------------------------- */

// About how many rows there are below the header, or nil.
static int rows_count(lua_State *L)
{
    const struct rows_value *rows = check_rows(L);
    const uint32_t last = rows->last ? rows->last : book_rows_estimate(rows->rows);
    if (last > rows->header_row)
        lua_pushinteger(L, last - rows->header_row);
    else
        lua_pushnil(L);
    return 1;
}

static int rows_hidden(lua_State *L)
{
    lua_pushboolean(L, check_rows(L)->hidden);
    return 1;
}

static int rows_names(lua_State *L)
{
    check_rows(L);
    lua_getiuservalue(L, 1, NAMES);
    lua_newtable(L);
    for (lua_Integer i = 1; lua_rawgeti(L, 2, i) != LUA_TNIL; i++)
        lua_rawseti(L, 3, i);
    lua_settop(L, 3);
    return 1;
}

static int rows_problems(lua_State *L)
{
    static const char *const kinds[] = {[CSV_PROBLEM_QUOTE_OPEN] = "open quote",
                                        [CSV_PROBLEM_QUOTE_STRAY] = "stray quote",
                                        [CSV_PROBLEM_NUL] = "zero byte",
                                        [CSV_PROBLEM_BYTES] = "bytes outside the encoding",
                                        [CSV_PROBLEM_SHORT] = "short row",
                                        [CSV_PROBLEM_LONG] = "long row",
                                        [CSV_PROBLEM_CUT] = "cut off"};
    const struct csv_problem *problems;
    const struct rows_value *rows = check_rows(L);
    const size_t count = book_rows_problems(rows->rows, &problems);
    lua_newtable(L);
    for (size_t i = 0; i < count && i < CSV_PROBLEMS_KEPT; i++) {
        lua_createtable(L, 0, 2);
        lua_pushstring(L, kinds[problems[i].kind]);
        lua_setfield(L, -2, "kind");
        lua_pushinteger(L, (lua_Integer)problems[i].line);
        lua_setfield(L, -2, "line");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, (lua_Integer)count);
    return 2;
}

static int rows_gc(lua_State *L)
{
    struct rows_value *rows = luaL_checkudata(L, 1, ROWS_CLASS);
    book_rows_free(STEAL(rows->rows));
    columns_dispose(&rows->columns);
    xfree(STEAL(rows->filled));
    kept_values_free(STEAL(rows->kept));
    lines_free(STEAL(rows->lines));
    opened_leave(STEAL(rows->opened));
    return 0;
}

void sheet_rows_class(lua_State *L)
{
    static const luaL_Reg methods[] = {{"count", rows_count},
                                       {"names", rows_names},
                                       {"hidden", rows_hidden},
                                       {"problems", rows_problems},
                                       {NULL, NULL}};
    static const luaL_Reg metamethods[] = {{"__call", rows_next}, {"__gc", rows_gc}, {NULL, NULL}};
    bind_class(L, ROWS_CLASS, methods, metamethods);
}
