// report:table: a page of rows with headers, written as they come. In the worker.
#include "lib/decimal/decimal.h"
#include "worker/bind/sheet_write.h"

#include <stdio.h>

enum table_argument {
    ARGUMENT_PAGE = 2,
    ARGUMENT_HEADERS,
    ARGUMENT_ROWS,
    ARGUMENT_OPTIONS,
    AT_CONTENT,
    AT_SUMS
};
enum { TOTALS_MAX = 50 };

struct table {
    struct report *report;
    size_t page;
    uint32_t columns, header_row, row; // row: the last one written
    struct sheet_look looks[TABLE_COLUMNS_MAX];
    bool told[TABLE_COLUMNS_MAX];
    uint8_t total[TABLE_COLUMNS_MAX]; // which of `sums` a column adds to, from 1; 0: none
    struct decimal *sums;             // the userdata at AT_SUMS
    size_t sum_count;
};

static bool column_option(lua_State *L, const char *option, int headers, uint32_t column)
{
    if (lua_getfield(L, ARGUMENT_OPTIONS, option) != LUA_TTABLE) {
        if (!lua_isnil(L, -1))
            bind_argument(L, ARGUMENT_OPTIONS, option, "a table with a value for each column");
        return false;
    }
    lua_rawgeti(L, headers, column);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_rawgeti(L, -1, column);
    }
    lua_remove(L, -2);
    return !lua_isnil(L, -1);
}

static void read_column_options(lua_State *L, struct table *table)
{
    struct err err;
    for (uint32_t i = 1; i <= table->columns; i++) {
        // The format's text stays in the options, so it outlives its place on the stack.
        const int top = lua_gettop(L);
        if (column_option(L, "formats", ARGUMENT_HEADERS, i))
            table->told[i - 1] = look_check(L, lua_gettop(L), &table->looks[i - 1]);
        lua_settop(L, top);
        if (column_option(L, "widths", ARGUMENT_HEADERS, i) &&
            !sheet_writer_set_width(table->report->writer, table->page, i, luaL_checknumber(L, -1), &err))
            report_raise(L, table->report, &err);
        lua_settop(L, top);
    }
}

static struct place table_place(const struct table *table, uint32_t row, uint32_t column)
{
    return (struct place){table->report, table->page, {row, column}};
}

static void write_headers(lua_State *L, struct table *table)
{
    struct err err;
    const struct text title = bind_option_text(L, ARGUMENT_OPTIONS, "title", text_of("", 0));
    if (title.length) {
        table->row++;
        if (!sheet_write_text(table->report->writer, table->page, (struct reference){table->row, 1}, title,
                              (struct sheet_look){STYLE_TITLE, NULL}, &err))
            report_raise(L, table->report, &err);
        table->row++; // an empty row below the title
    }
    table->header_row = ++table->row;
    const struct sheet_look look = {STYLE_HEADER, NULL};
    for (uint32_t i = 1; i <= table->columns; i++) {
        const struct place place = table_place(table, table->row, i);
        lua_rawgeti(L, ARGUMENT_HEADERS, i);
        if (!sheet_write_value(L, &place, lua_gettop(L), &look, &err))
            report_raise(L, table->report, &err);
        lua_pop(L, 1);
    }
}

// totals = { "Sum" }: which columns are added up. Makes the sums at AT_SUMS.
static void read_totals(lua_State *L, struct table *table)
{
    const int type = lua_getfield(L, ARGUMENT_OPTIONS, "totals");
    const lua_Unsigned count = type == LUA_TTABLE ? lua_rawlen(L, -1) : 0;
    if ((type != LUA_TTABLE && type != LUA_TNIL) || count > TOTALS_MAX)
        bind_argument(L, ARGUMENT_OPTIONS, "totals", "a list of at most 50 headers");
    table->sums = lua_newuserdatauv(L, (count + 1) * sizeof *table->sums, 0);
    table->sum_count = count;
    for (lua_Unsigned i = 1; i <= count; i++) {
        bool found = false;
        decimal_from_int64(&table->sums[i - 1], 0);
        lua_rawgeti(L, AT_SUMS, (lua_Integer)i); // still the list
        for (uint32_t column = 1; column <= table->columns; column++) {
            lua_rawgeti(L, ARGUMENT_HEADERS, column);
            if (lua_rawequal(L, -1, -2)) {
                table->total[column - 1] = (uint8_t)i;
                found = true;
            }
            lua_pop(L, 1);
        }
        if (!found)
            bind_argument(L, ARGUMENT_OPTIONS, "totals", "names that are among the headers");
        lua_pop(L, 1);
    }
    lua_replace(L, AT_SUMS); // the sums take the place of the list, which the options keep
}

static void add_total(lua_State *L, struct table *table, uint32_t column, int value)
{
    struct err err;
    struct decimal whole;
    const struct decimal *addend = bind_decimal_test(L, value);
    if (!table->total[column - 1])
        return;
    if (lua_isinteger(L, value)) {
        decimal_from_int64(&whole, lua_tointeger(L, value));
        addend = &whole;
    }
    struct decimal *sum = &table->sums[table->total[column - 1] - 1];
    if (addend && !decimal_add(sum, sum, addend, &err))
        bind_raise(L, &err);
}

static void write_rows(lua_State *L, struct table *table)
{
    struct err err;
    for (lua_Integer index = 0; given_next(L, ARGUMENT_ROWS, &index); lua_settop(L, AT_SUMS)) {
        const int row = lua_gettop(L);
        table->row++;
        for (uint32_t i = 1; i <= table->columns; i++) {
            const struct place place = table_place(table, table->row, i);
            given_column(L, row, ARGUMENT_HEADERS, i);
            if (!sheet_write_value(L, &place, row + 1, table->told[i - 1] ? &table->looks[i - 1] : NULL,
                                   &err)) {
                lua_rawgeti(L, ARGUMENT_HEADERS, i);
                err_note(&err, "row %d, column %s", (int)(table->row - table->header_row),
                         lua_tostring(L, -1));
                report_raise(L, table->report, &err);
            }
            add_total(L, table, i, row + 1);
            lua_settop(L, row);
        }
    }
}

// A row of sums that follow the filter (SUBTOTAL 109), under the columns that `totals` names. Programs that do not compute
// when they open a workbook show our own sums, which are exact.
static void write_totals(lua_State *L, struct table *table)
{
    struct err err;
    char formula[80], letters[REFERENCE_TEXT_SIZE];
    const uint32_t last = table->row;
    if (!table->sum_count || last == table->header_row)
        return;
    table->row++;
    for (uint32_t i = 1; i <= table->columns; i++) {
        const struct reference cell = {table->row, i};
        struct text sum;
        if (!table->total[i - 1])
            continue;
        column_text(letters, i);
        snprintf(formula, sizeof formula, "=SUBTOTAL(109,%s%u:%s%u)", letters, table->header_row + 1, letters,
                 last);
        bind_decimal_push(L, &table->sums[table->total[i - 1] - 1]);
        bind_decimal_push_written(L, bind_decimal_test(L, -1));
        sum.data = lua_tolstring(L, -1, &sum.length);
        if (!sheet_write_formula(table->report->writer, table->page, cell, text_from(formula), sum,
                                 (struct sheet_look){STYLE_TOTAL, table->looks[i - 1].code}, &err))
            report_raise(L, table->report, &err);
        lua_settop(L, AT_SUMS);
    }
}

static void lay_out(lua_State *L, const struct table *table, uint32_t last)
{
    struct err err;
    struct sheet_writer *writer = table->report->writer;
    const bool landscape = bind_option_boolean(L, ARGUMENT_OPTIONS, "landscape", table->columns > 6);
    const struct range range = {{table->header_row, 1}, {last, table->columns}};
    if (bind_option_boolean(L, ARGUMENT_OPTIONS, "freeze", true))
        sheet_writer_freeze(writer, table->page, (struct reference){table->header_row + 1, 1});
    if (bind_option_boolean(L, ARGUMENT_OPTIONS, "filter", true) &&
        !sheet_writer_filter(writer, table->page, range, &err))
        report_raise(L, table->report, &err);
    if (!sheet_writer_print(writer, table->page, landscape, table->header_row, &err))
        report_raise(L, table->report, &err);
}

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
}

// report:table(page, headers, rows, options)
int report_table(lua_State *L)
{
    static const char *const known[] = {"formats", "widths", "title",     "totals",
                                        "freeze",  "filter", "landscape", NULL};
    struct report *report = report_check(L);
    bind_text(L, ARGUMENT_PAGE, "page");
    const uint32_t columns = given_headers(L, ARGUMENT_HEADERS);
    given_rows(L, ARGUMENT_ROWS);
    bind_options(L, ARGUMENT_OPTIONS, known);
    lua_settop(L, ARGUMENT_OPTIONS);
    given_options(L, ARGUMENT_OPTIONS);
    struct table *table = lua_newuserdatauv(L, sizeof *table, 0); // at AT_CONTENT; too large for the C stack
    *table = (struct table){.report = report, .columns = columns};
    read_totals(L, table);
    open_table_page(L, table);
    read_column_options(L, table);
    write_headers(L, table);
    write_rows(L, table);
    lay_out(L, table, table->row); // before the totals: they are no row to filter
    write_totals(L, table);
    written_page_push(L, 1, table->page);
    return 1;
}
