// report:table: a page of rows with headers, written as they come. In the worker.
#include "worker/bind/sheet_table.h"

#include <stdio.h>

const char *table_header(lua_State *L, uint32_t column)
{
    lua_rawgeti(L, ARGUMENT_HEADERS, column);
    const char *header = lua_tostring(L, -1);
    lua_pop(L, 1); // the list keeps it
    return header;
}

uint32_t table_find(lua_State *L, const struct table *table, int index)
{
    uint32_t found = 0;
    for (uint32_t i = 1; i <= table->count && !found; i++) {
        lua_rawgeti(L, ARGUMENT_HEADERS, i);
        found = lua_rawequal(L, -1, index) ? i : 0;
        lua_pop(L, 1);
    }
    return found;
}

/* ---- options ----------------------------------------------------------------------------------------------------------- */

// The value that `option` has for a column, by its header or place; left on the stack, as is whatever lies below it.
static bool column_option(lua_State *L, const char *option, uint32_t column)
{
    if (lua_getfield(L, ARGUMENT_OPTIONS, option) != LUA_TTABLE) {
        if (!lua_isnil(L, -1))
            bind_argument(L, ARGUMENT_OPTIONS, option, "a table with a value for each column");
        return false;
    }
    lua_rawgeti(L, ARGUMENT_HEADERS, column);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_rawgeti(L, -1, column);
    }
    return !lua_isnil(L, -1);
}

// A misspelt header in an option would be passed over silently.
static void check_names(lua_State *L, const struct table *table, const char *option)
{
    const int top = lua_gettop(L);
    if (lua_getfield(L, ARGUMENT_OPTIONS, option) == LUA_TTABLE)
        for (lua_pushnil(L); lua_next(L, top + 1); lua_pop(L, 1))
            if (lua_type(L, top + 2) == LUA_TSTRING && !table_find(L, table, top + 2))
                bind_fail(L, ERR_SHEET_NO_HEADER_OPTION, option, lua_tostring(L, top + 2));
    lua_settop(L, top);
}

static void read_width(lua_State *L, struct table *table, uint32_t column)
{
    struct err err;
    const struct sheet_lane lane = {.size = luaL_checknumber(L, -1)};
    if (!sheet_writer_columns(table->report->writer, table->page, column, column, &lane, &err))
        report_raise(L, table->report, &err);
}

static void read_column_options(lua_State *L, struct table *table)
{
    check_names(L, table, "formats");
    check_names(L, table, "widths");
    for (uint32_t i = 1; i <= table->count; i++) {
        // A format's text stays in the options, so it outlives its place on the stack.
        const int top = lua_gettop(L);
        struct sheet_look *look = &table->columns[i - 1].look;
        if (column_option(L, "formats", i))
            look_check(L, lua_gettop(L), look);
        look->styles |= sheet_look_of(STYLE_ROW).styles;
        lua_settop(L, top);
        if (column_option(L, "widths", i))
            read_width(L, table, i);
        lua_settop(L, top);
    }
}

/* ---- where it stands, headers ---------------------------------------------------------------------------------------------- */

static void open_table_page(lua_State *L, struct table *table)
{
    struct err err;
    const struct text name = bind_text(L, ARGUMENT_PAGE, "page");
    if (sheet_writer_find_page(table->report->writer, name, &table->page)) {
        // Below what is there, with a row between.
        const uint32_t last = sheet_writer_last_row(table->report->writer, table->page);
        table->row = last ? last + 1 : 0;
    } else if (!sheet_writer_rows_page(table->report->writer, name, &table->page, &err)) {
        report_raise(L, table->report, &err);
    }
    table->first_row = table->row + 1;
}

static void write_line(lua_State *L, struct table *table, const char *option, enum sheet_style style)
{
    struct err err;
    const struct text words = bind_option_text(L, ARGUMENT_OPTIONS, option, text_of("", 0));
    if (!words.length)
        return;
    table->row++;
    if (!sheet_write_text(table->report->writer, table->page, (struct reference){table->row, 1}, words,
                          sheet_look_of(style), &err))
        report_raise(L, table->report, &err);
}

// Numbers stand to the right and truth in the middle, and so do their headers.
static uint32_t header_styles(lua_State *L, const struct table *table, uint32_t column)
{
    struct date date;
    struct moment moment;
    uint32_t styles = sheet_look_of(STYLE_HEADER).styles;
    const struct table_column *told = &table->columns[column - 1];
    if (lua_isnil(L, AT_FIRST))
        lua_pushnil(L);
    else
        given_column(L, AT_FIRST, ARGUMENT_HEADERS, column);
    const int value = lua_gettop(L);
    const bool number = (told->total && told->kind != TOTAL_COUNT) || lua_type(L, value) == LUA_TNUMBER ||
                        bind_decimal_test(L, value) || bind_date_test(L, value, &date) ||
                        bind_moment_test(L, value, &moment);
    if (number)
        styles |= sheet_look_of(table->filter ? STYLE_ARROW : STYLE_RIGHT).styles;
    else if (lua_isboolean(L, value))
        styles |= sheet_look_of(STYLE_CENTER).styles;
    lua_pop(L, 1);
    return styles;
}

static void write_headers(lua_State *L, const struct table *table)
{
    struct err err;
    for (uint32_t i = 1; i <= table->count; i++) {
        const struct place place = {table->report, table->page, {table->header_row, i}};
        const struct sheet_look look = {header_styles(L, table, i), NULL};
        lua_rawgeti(L, ARGUMENT_HEADERS, i);
        if (!sheet_write_value(L, &place, lua_gettop(L), &look, &err))
            report_raise(L, table->report, &err);
        lua_pop(L, 1);
    }
}

// Title, what is said below it, an empty row, headers.
static void write_head(lua_State *L, struct table *table)
{
    write_line(L, table, "title", STYLE_TITLE);
    write_line(L, table, "subtitle", STYLE_NOTE);
    if (table->row >= table->first_row)
        table->row++;
    table->header_row = ++table->row;
    write_headers(L, table);
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------ */

static void raise_cell(lua_State *L, const struct table *table, uint32_t column, struct err *err)
{
    err_note(err, "row %d, column %s", (int)(table->row - table->header_row), table_header(L, column));
    report_raise(L, table->report, err);
}

static void write_row(lua_State *L, struct table *table, int row)
{
    struct err err;
    table->row++;
    for (uint32_t i = 1; i <= table->count; i++) {
        const struct place place = {table->report, table->page, {table->row, i}};
        given_column(L, row, ARGUMENT_HEADERS, i);
        if (!sheet_write_value(L, &place, lua_gettop(L), &table->columns[i - 1].look, &err))
            raise_cell(L, table, i, &err);
        if (table->columns[i - 1].total)
            table_add_total(L, table, i, lua_gettop(L));
        lua_pop(L, 1);
    }
}

static void read_first(lua_State *L, lua_Integer *index)
{
    if (!given_next(L, ARGUMENT_ROWS, index))
        lua_pushnil(L);
}

static void write_rows(lua_State *L, struct table *table, lua_Integer index)
{
    if (lua_isnil(L, AT_FIRST)) {
        lua_newtable(L); // a table has a row at least
        write_row(L, table, lua_gettop(L));
        lua_settop(L, AT_FIRST);
        return;
    }
    write_row(L, table, AT_FIRST);
    for (; given_next(L, ARGUMENT_ROWS, &index); lua_settop(L, AT_FIRST))
        write_row(L, table, lua_gettop(L));
}

/* ---- what lies over the rows ------------------------------------------------------------------------------------------------- */

// The name under which people find it in Excel; not where its headers don't allow a table.
static void name_table(lua_State *L, struct table *table)
{
    if (!bind_option_boolean(L, ARGUMENT_OPTIONS, "table", true))
        return;
    const char **headers = lua_newuserdatauv(L, table->count * sizeof *headers, 0);
    for (uint32_t i = 1; i <= table->count; i++)
        headers[i - 1] = table_header(L, i);
    if (!sheet_headers_for_table(headers, table->count)) {
        lua_pop(L, 1);
        return;
    }
    const struct text page = bind_text(L, ARGUMENT_PAGE, "page");
    char *name =
        sheet_writer_table_name(table->report->writer, bind_option_text(L, ARGUMENT_OPTIONS, "name", page));
    char room[1000];
    snprintf(room, sizeof room, "%s", name);
    xfree(name);
    lua_pop(L, 1);
    lua_pushstring(L, room);
    lua_setiuservalue(L, AT_CONTENT, 1);
    lua_getiuservalue(L, AT_CONTENT, 1);
    table->name = lua_tostring(L, -1);
    lua_pop(L, 1);
}

static void make_table(lua_State *L, const struct table *table, uint32_t last)
{
    struct err err;
    const char **headers = lua_newuserdatauv(L, table->count * sizeof *headers, 0);
    enum sheet_total *kinds = lua_newuserdatauv(L, table->count * sizeof *kinds, 0);
    for (uint32_t i = 1; i <= table->count; i++) {
        headers[i - 1] = table_header(L, i);
        kinds[i - 1] = table->columns[i - 1].kind;
    }
    const struct written_table told = {
        .name = table->name,
        .range = {{table->header_row, 1}, {last + (table->has_totals ? 1 : 0), table->count}},
        .headers = headers,
        .totals = table->has_totals ? kinds : NULL,
        .label = table->label,
        .no_filter = !table->filter,
    };
    if (!sheet_writer_table(table->report->writer, table->page, &told, &err))
        report_raise(L, table->report, &err);
    lua_pop(L, 2);
}

static void make_range(lua_State *L, const struct table *table, uint32_t last)
{
    struct err err;
    const struct range range = {{table->header_row, 1}, {last, table->count}};
    if (table->filter && !sheet_writer_filter(table->report->writer, table->page, range, &err))
        report_raise(L, table->report, &err);
}

// rules = { { column = "Sum", when = "<", value = 0, format = "bad" } }: over the rows of a column, or of all.
static void write_rules(lua_State *L, const struct table *table, uint32_t last)
{
    static const char *const known[] = {"column", "when",    "value", "upper",
                                        "format", "colours", "stop",  NULL};
    struct err err;
    const int top = lua_gettop(L);
    if (lua_getfield(L, ARGUMENT_OPTIONS, "rules") != LUA_TNIL)
        bind_table(L, top + 1, "rules");
    for (lua_Integer i = 1; !lua_isnil(L, top + 1) && lua_rawgeti(L, top + 1, i) != LUA_TNIL; i++) {
        struct sheet_rule rule = {.range = {{table->header_row + 1, 1}, {last, table->count}}};
        bind_table(L, top + 2, "rules");
        bind_options(L, top + 2, known);
        rule_read(L, top + 2, &rule);
        if (lua_getfield(L, top + 2, "column") != LUA_TNIL) {
            rule.range.first.column = rule.range.last.column = table_find(L, table, top + 3);
            if (!rule.range.first.column)
                bind_argument(L, ARGUMENT_OPTIONS, "rules", "rules whose column is one of the headers");
        }
        if (!sheet_writer_rule(table->report->writer, table->page, &rule, &err))
            report_raise(L, table->report, &err);
        lua_settop(L, top + 1);
    }
    lua_settop(L, top);
}

// entries = { Status = { list = { "open", "done" } } }
static void write_entries(lua_State *L, const struct table *table, uint32_t last)
{
    check_names(L, table, "entries");
    for (uint32_t i = 1; i <= table->count; i++) {
        const int top = lua_gettop(L);
        if (column_option(L, "entries", i)) {
            bind_table(L, lua_gettop(L), "entries");
            bind_options(L, lua_gettop(L), entry_options);
            entry_write(L, lua_gettop(L), table->report, table->page,
                        (struct range){{table->header_row + 1, i}, {last, i}});
        }
        lua_settop(L, top);
    }
}

// The first table of a page decides on what stays in sight and how it is printed.
static void lay_out(lua_State *L, const struct table *table)
{
    enum { UPRIGHT_COLUMNS = 6 };
    struct err err;
    struct sheet_paper paper = {
        .landscape = bind_option_boolean(L, ARGUMENT_OPTIONS, "landscape", table->count > UPRIGHT_COLUMNS),
        .repeat = {{table->header_row, 1}, {table->header_row, 1}},
    };
    if (table->first_row > 1)
        return;
    if (bind_option_boolean(L, ARGUMENT_OPTIONS, "freeze", true))
        sheet_writer_freeze(table->report->writer, table->page, (struct reference){table->header_row + 1, 1});
    if (!sheet_writer_print(table->report->writer, table->page, &paper, &err))
        report_raise(L, table->report, &err);
}

// report:table(page, headers, rows, options)
int report_table(lua_State *L)
{
    static const char *const known[] = {"title",  "subtitle",  "formats", "widths",  "totals",
                                        "freeze", "filter",    "rules",   "entries", "table",
                                        "name",   "landscape", NULL};
    lua_Integer index = 0;
    struct report *report = report_check(L);
    bind_text(L, ARGUMENT_PAGE, "page");
    const uint32_t count = given_headers(L, ARGUMENT_HEADERS);
    given_rows(L, ARGUMENT_ROWS);
    bind_options(L, ARGUMENT_OPTIONS, known);
    lua_settop(L, ARGUMENT_OPTIONS);
    given_options(L, ARGUMENT_OPTIONS);
    struct table *table = lua_newuserdatauv(L, sizeof *table, 1); // at AT_CONTENT; too large for the C stack
    *table = (struct table){.report = report, .count = count};
    table_read_totals(L, table);
    read_first(L, &index);
    table->filter = bind_option_boolean(L, ARGUMENT_OPTIONS, "filter", true);
    open_table_page(L, table);
    read_column_options(L, table);
    write_head(L, table);
    name_table(L, table);
    write_rows(L, table, index);
    const uint32_t last = table->row;
    lay_out(L, table);
    table->row += table->has_totals;
    const bool by_rows = sheet_writer_is_by_rows(report->writer, table->page);
    if (by_rows && table->has_totals)
        table_write_totals(L, table, last); // before the table, which asks which totals are formulas
    (table->name ? make_table : make_range)(L, table, last);
    if (!by_rows) { // where the library wrote headers and totals of its own over ours
        write_headers(L, table);
        if (table->has_totals)
            table_write_totals(L, table, last);
    }
    write_rules(L, table, last);
    write_entries(L, table, last);
    written_page_push(L, 1, table->page);
    return 1;
}
