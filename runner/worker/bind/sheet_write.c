// Workbooks and CSV files as robots write them. In the worker.
//
// A report is a userdata that owns its writer; it is closed by close(), by run:attach, or at the end of its scope. What
// was not closed leaves no file.
#include "worker/bind/sheet.h"
#include "worker/language.h"

#include "lib/base/file.h"
#include "lib/csv/writer.h"
#include "lib/decimal/decimal.h"
#include "lib/sheet/writer.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define REPORT_CLASS "sheet.report"
#define PAGE_CLASS "sheet.written_page"

enum { TABLE_COLUMNS_MAX = 1000, DECIMAL_PLACES_OF_MONEY = 2, NUMBER_ROOM = 64, CHART_SERIES_MAX = 50 };
#define CSV_BYTES_MAX ((size_t)1 << 30)

struct report {
    struct sheet_writer *writer; // NULL: closed
    char *path;
};

struct page_value {
    size_t page; // user value 1: the report
};

static struct report *check_report(lua_State *L)
{
    struct report *report = luaL_checkudata(L, 1, REPORT_CLASS);
    if (!report->writer)
        bind_fail(L, ERR_SHEET_CLOSED, report->path);
    return report;
}

static int raise_in(lua_State *L, const struct report *report, struct err *err)
{
    err_note(err, "%s", report->path);
    return bind_raise(L, err);
}

static struct report *page_report(lua_State *L, size_t *page)
{
    const struct page_value *value = luaL_checkudata(L, 1, PAGE_CLASS);
    lua_getiuservalue(L, 1, 1);
    struct report *report = lua_touserdata(L, -1);
    lua_pop(L, 1); // the page keeps it
    if (!report->writer)
        bind_fail(L, ERR_SHEET_CLOSED, report->path);
    *page = value->page;
    return report;
}

/* ---- looks ------------------------------------------------------------------------------------------------------------------- */

// Whether it is a format code of the office's own and not the misspelt name of a style.
static bool is_code(struct text text)
{
    static const char *const signs[] = {"0", "#", "@", "?", ";", "[", "yy", "mm", "hh", "dd", "d.", "h:"};
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (memmem(text.data, text.length, signs[i], strlen(signs[i])))
            return true;
    return false;
}

// The look that stands at `index` (nil: by the value). The code is borrowed from the Lua value.
static bool look_at(lua_State *L, int index, struct sheet_look *out)
{
    struct text name;
    *out = (struct sheet_look){STYLE_GENERAL, NULL};
    if (lua_isnoneornil(L, index))
        return false;
    if (lua_type(L, index) != LUA_TSTRING)
        bind_argument(L, index, "format", "the name of a style, or a format such as \"0.00\"");
    name.data = lua_tolstring(L, index, &name.length);
    if (sheet_style_from_name(&out->style, name))
        return true;
    if (!is_code(name)) {
        const char *nearest = text_nearest(name.data, sheet_style_names, STYLE_COUNT);
        bind_fail(L, ERR_SHEET_NO_STYLE, name.data, nearest ? nearest : sheet_style_names[STYLE_MONEY]);
    }
    out->code = name.data;
    return true;
}

static struct sheet_look style(enum sheet_style style)
{
    return (struct sheet_look){style, NULL};
}

/* ---- values ------------------------------------------------------------------------------------------------------------------ */

// Decimals with two places are money, as long as nothing else is said.
static struct sheet_look look_of_decimal(struct text written)
{
    const ptrdiff_t point = text_find(written, '.');
    return style(point >= 0 && written.length - (size_t)point - 1 == DECIMAL_PLACES_OF_MONEY ? STYLE_MONEY
                                                                                             : STYLE_GENERAL);
}

struct place {
    struct report *report;
    size_t page;
    struct reference cell;
};

static bool write_decimal(lua_State *L, const struct place *to, int index, const struct sheet_look *look,
                          struct err *err)
{
    bind_decimal_push_written(L, bind_decimal_test(L, index));
    struct text written;
    written.data = lua_tolstring(L, -1, &written.length);
    const bool done = sheet_write_number(to->report->writer, to->page, to->cell, written,
                                         look ? *look : look_of_decimal(written), err);
    lua_pop(L, 1);
    return done;
}

static bool write_number(lua_State *L, const struct place *to, int index, struct sheet_look look,
                         struct err *err)
{
    char written[NUMBER_ROOM];
    if (lua_isinteger(L, index))
        snprintf(written, sizeof written, "%lld", (long long)lua_tointeger(L, index));
    else
        snprintf(written, sizeof written, "%.15g", lua_tonumber(L, index));
    return sheet_write_number(to->report->writer, to->page, to->cell, text_from(written), look, err);
}

static bool write_userdata(lua_State *L, const struct place *to, int index, const struct sheet_look *look,
                           struct err *err)
{
    struct sheet_writer *writer = to->report->writer;
    struct moment moment = {0};
    struct text name;
    struct sheet_formula formula;
    const struct sheet_look general = look ? *look : style(STYLE_GENERAL);
    if (bind_decimal_test(L, index))
        return write_decimal(L, to, index, look, err);
    if (bind_date_test(L, index, &moment.date))
        return sheet_write_moment(writer, to->page, to->cell, moment, look ? *look : style(STYLE_DATE), err);
    if (bind_moment_test(L, index, &moment))
        return sheet_write_moment(writer, to->page, to->cell, moment, look ? *look : style(STYLE_MOMENT),
                                  err);
    if (sheet_formula_test(L, index, &formula))
        return sheet_write_formula(writer, to->page, to->cell, formula.formula, formula.result, general, err);
    if (sheet_error_test(L, index, &name))
        return sheet_write_text(writer, to->page, to->cell, name, general, err);
    // Months, instants and the like: as they are read.
    language_push_text(L, index); // shows no address, as luaL_tolstring would
    name.data = lua_tolstring(L, -1, &name.length);
    const bool done = sheet_write_text(writer, to->page, to->cell, name, general, err);
    lua_pop(L, 1);
    return done;
}

// look NULL: by the value. `index` is absolute.
static bool write_value(lua_State *L, const struct place *to, int index, const struct sheet_look *look,
                        struct err *err)
{
    struct sheet_writer *writer = to->report->writer;
    const struct sheet_look general = look ? *look : style(STYLE_GENERAL);
    struct text text;
    char place[REFERENCE_TEXT_SIZE];
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        return true;
    case LUA_TSTRING:
        text.data = lua_tolstring(L, index, &text.length);
        return sheet_write_text(writer, to->page, to->cell, text, general, err);
    case LUA_TNUMBER:
        return write_number(L, to, index, general, err);
    case LUA_TBOOLEAN:
        return sheet_write_boolean(writer, to->page, to->cell, lua_toboolean(L, index), general, err);
    case LUA_TUSERDATA:
        return write_userdata(L, to, index, look, err);
    default:
        return fail(err, ERR_SHEET_WRITE_WRONG, "no value for a cell", reference_text(place, to->cell));
    }
}

/* ---- tables -------------------------------------------------------------------------------------------------------------------- */

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

static uint32_t check_headers(lua_State *L, int headers)
{
    bind_table(L, headers, "headers");
    const lua_Unsigned count = lua_rawlen(L, headers);
    if (!count || count > TABLE_COLUMNS_MAX)
        bind_argument(L, headers, "headers", "a list of 1 to 1000 names");
    for (lua_Unsigned i = 1; i <= count; i++) {
        if (lua_rawgeti(L, headers, (lua_Integer)i) != LUA_TSTRING)
            bind_argument(L, headers, "headers", "a list of texts");
        lua_pop(L, 1);
    }
    return (uint32_t)count;
}

// The next of `rows` (a list, or what gives a row a call) on top of the stack; false at the end.
static bool push_row(lua_State *L, int rows, lua_Integer *index)
{
    if (lua_istable(L, rows)) {
        lua_geti(L, rows, ++*index);
    } else {
        lua_pushvalue(L, rows);
        lua_call(L, 0, 1);
    }
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return false;
    }
    if (!lua_istable(L, -1))
        bind_argument(L, rows, "rows", "rows that are tables");
    return true;
}

// The value of a column: by its place, else by its header. On top of the stack.
static void push_column(lua_State *L, int row, int headers, uint32_t column)
{
    if (lua_rawgeti(L, row, column) != LUA_TNIL)
        return;
    lua_pop(L, 1);
    lua_rawgeti(L, headers, column);
    lua_rawget(L, row);
}

static void check_rows(lua_State *L, int rows)
{
    const int type = lua_type(L, rows), top = lua_gettop(L);
    if (type != LUA_TTABLE && type != LUA_TFUNCTION &&
        !(type == LUA_TUSERDATA && luaL_getmetafield(L, rows, "__call") != LUA_TNIL))
        bind_argument(L, rows, "rows", "a list of rows, or a function that gives them");
    lua_settop(L, top);
}

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
            table->told[i - 1] = look_at(L, lua_gettop(L), &table->looks[i - 1]);
        lua_settop(L, top);
        if (column_option(L, "widths", ARGUMENT_HEADERS, i) &&
            !sheet_writer_set_width(table->report->writer, table->page, i, luaL_checknumber(L, -1), &err))
            raise_in(L, table->report, &err);
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
                              style(STYLE_TITLE), &err))
            raise_in(L, table->report, &err);
        table->row++; // an empty row below the title
    }
    table->header_row = ++table->row;
    const struct sheet_look look = style(STYLE_HEADER);
    for (uint32_t i = 1; i <= table->columns; i++) {
        const struct place place = table_place(table, table->row, i);
        lua_rawgeti(L, ARGUMENT_HEADERS, i);
        if (!write_value(L, &place, lua_gettop(L), &look, &err))
            raise_in(L, table->report, &err);
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
    for (lua_Integer index = 0; push_row(L, ARGUMENT_ROWS, &index); lua_settop(L, AT_SUMS)) {
        const int row = lua_gettop(L);
        table->row++;
        for (uint32_t i = 1; i <= table->columns; i++) {
            const struct place place = table_place(table, table->row, i);
            push_column(L, row, ARGUMENT_HEADERS, i);
            if (!write_value(L, &place, row + 1, table->told[i - 1] ? &table->looks[i - 1] : NULL, &err)) {
                lua_rawgeti(L, ARGUMENT_HEADERS, i);
                err_note(&err, "row %d, column %s", (int)(table->row - table->header_row),
                         lua_tostring(L, -1));
                raise_in(L, table->report, &err);
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
            raise_in(L, table->report, &err);
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
        raise_in(L, table->report, &err);
    if (!sheet_writer_print(writer, table->page, landscape, table->header_row, &err))
        raise_in(L, table->report, &err);
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
        raise_in(L, table->report, &err);
    }
}

static void push_page(lua_State *L, int report, size_t page)
{
    struct page_value *value = lua_newuserdatauv(L, sizeof *value, 1);
    value->page = page;
    lua_pushvalue(L, report);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, PAGE_CLASS);
}

static void default_table(lua_State *L, int index)
{
    if (!lua_isnil(L, index))
        return;
    lua_newtable(L);
    lua_replace(L, index);
}

// report:table(page, headers, rows, options)
static int report_table(lua_State *L)
{
    static const char *const known[] = {"formats", "widths", "title",     "totals",
                                        "freeze",  "filter", "landscape", NULL};
    struct report *report = check_report(L);
    bind_text(L, ARGUMENT_PAGE, "page");
    const uint32_t columns = check_headers(L, ARGUMENT_HEADERS);
    check_rows(L, ARGUMENT_ROWS);
    bind_options(L, ARGUMENT_OPTIONS, known);
    lua_settop(L, ARGUMENT_OPTIONS);
    default_table(L, ARGUMENT_OPTIONS);
    struct table *table = lua_newuserdatauv(L, sizeof *table, 0); // at AT_CONTENT; too large for the C stack
    *table = (struct table){.report = report, .columns = columns};
    read_totals(L, table);
    open_table_page(L, table);
    read_column_options(L, table);
    write_headers(L, table);
    write_rows(L, table);
    lay_out(L, table, table->row); // before the totals: they are no row to filter
    write_totals(L, table);
    push_page(L, 1, table->page);
    return 1;
}

/* ---- pages ------------------------------------------------------------------------------------------------------------------------ */

// report:page(name): the page of that name, made free where there is none.
static int report_page(lua_State *L)
{
    struct err err;
    size_t page;
    struct report *report = check_report(L);
    const struct text name = bind_text(L, 2, "page");
    if (!sheet_writer_find_page(report->writer, name, &page) &&
        !sheet_writer_free_page(report->writer, name, &page, &err))
        return raise_in(L, report, &err);
    push_page(L, 1, page);
    return 1;
}

static struct reference check_cell(lua_State *L, int argument)
{
    struct reference cell;
    if (!sheet_reference_parse(&cell, bind_text(L, argument, "cell")))
        bind_argument(L, argument, "cell", "a cell such as \"B7\"");
    return cell;
}

static struct range check_range(lua_State *L, int argument)
{
    struct range range;
    if (!range_parse(&range, bind_text(L, argument, "range")))
        bind_argument(L, argument, "range", "a range such as \"A1:D20\"");
    return range;
}

// page:cell("B7", value, format)
static int page_cell(lua_State *L)
{
    struct err err;
    struct sheet_look look;
    struct place place;
    place.report = page_report(L, &place.page);
    place.cell = check_cell(L, 2);
    luaL_checkany(L, 3);
    const bool told = look_at(L, 4, &look);
    if (!write_value(L, &place, 3, told ? &look : NULL, &err))
        return raise_in(L, place.report, &err);
    lua_settop(L, 1);
    return 1;
}

// page:column("B", { width = 20 })
static int page_column(lua_State *L)
{
    static const char *const known[] = {"width", NULL};
    struct err err;
    struct reference first;
    char cell[32];
    size_t page;
    struct report *report = page_report(L, &page);
    snprintf(cell, sizeof cell, "%.8s1", bind_text(L, 2, "column").data);
    if (!sheet_reference_parse(&first, text_from(cell)))
        bind_argument(L, 2, "column", "a column such as \"B\"");
    bind_options(L, 3, known);
    const int64_t width = bind_option_integer(L, 3, "width", 1, WRITER_WIDTH_MAX, 0);
    if (width && !sheet_writer_set_width(report->writer, page, first.column, (double)width, &err))
        return raise_in(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

static int page_freeze(lua_State *L)
{
    size_t page;
    struct report *report = page_report(L, &page);
    sheet_writer_freeze(report->writer, page, check_cell(L, 2));
    lua_settop(L, 1);
    return 1;
}

static int page_filter(lua_State *L)
{
    struct err err;
    size_t page;
    struct report *report = page_report(L, &page);
    if (!sheet_writer_filter(report->writer, page, check_range(L, 2), &err))
        return raise_in(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

static int page_merge(lua_State *L)
{
    struct err err;
    size_t page;
    struct sheet_look look;
    struct report *report = page_report(L, &page);
    const struct range range = check_range(L, 2);
    const struct text text = bind_text(L, 3, "text");
    look_at(L, 4, &look);
    if (!sheet_writer_merge(report->writer, page, range, text, look, &err))
        return raise_in(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

static int page_name(lua_State *L)
{
    size_t page;
    const struct report *report = page_report(L, &page);
    lua_pushstring(L, sheet_writer_page_name(report->writer, page));
    return 1;
}

/* ---- charts ------------------------------------------------------------------------------------------------------------------------ */

static struct range range_field(lua_State *L, int table, const char *field, bool needed)
{
    struct range range = {0};
    const int type = lua_getfield(L, table, field);
    struct text text = {"", 0};
    if (type == LUA_TSTRING)
        text.data = lua_tolstring(L, -1, &text.length);
    if ((type == LUA_TNIL && needed) || (type != LUA_TNIL && !range_parse(&range, text)))
        bind_argument(L, 2, field, "a range such as \"B2:B20\"");
    lua_pop(L, 1);
    return range;
}

// A chart has one series (values = …) or several (series = { { name =, values = } … }), all over the same categories.
static size_t read_series(lua_State *L, struct chart_series series[CHART_SERIES_MAX])
{
    const struct range categories = range_field(L, 2, "categories", false);
    if (lua_getfield(L, 2, "series") != LUA_TTABLE) {
        series[0] = (struct chart_series){NULL, categories, range_field(L, 2, "values", true)};
        return 1;
    }
    const int list = lua_gettop(L);
    size_t count = 0;
    for (; lua_rawgeti(L, list, (lua_Integer)count + 1) == LUA_TTABLE; count++) {
        if (count == CHART_SERIES_MAX)
            bind_fail(L, ERR_LIMIT_PASSED, "series", N(CHART_SERIES_MAX));
        const int item = lua_gettop(L);
        series[count] = (struct chart_series){NULL, categories, range_field(L, item, "values", true)};
        if (lua_getfield(L, item, "name") == LUA_TSTRING)
            series[count].name = lua_tostring(L, -1); // stays in its table
        lua_settop(L, list);
    }
    return count;
}

// page:chart { type = "column", values = "B2:B9", categories = "A2:A9", title = …, at = "E2" }
static int page_chart(lua_State *L)
{
    static const char *const known[] = {"type",    "values",  "categories", "series", "title",
                                        "x_title", "y_title", "at",         "page",   NULL};
    struct err err;
    size_t page;
    struct chart_series series[CHART_SERIES_MAX];
    struct sheet_chart chart = {.series = series};
    struct report *report = page_report(L, &page);
    bind_table(L, 2, "chart");
    bind_options(L, 2, known);
    if (!chart_kind_from_name(&chart.kind, bind_option_text(L, 2, "type", TEXT_OF("column"))))
        bind_argument(L, 2, "type", "column, bar, line, pie, area or scatter");
    chart.title = bind_option_text(L, 2, "title", text_of(NULL, 0)).data;
    chart.x_title = bind_option_text(L, 2, "x_title", text_of(NULL, 0)).data;
    chart.y_title = bind_option_text(L, 2, "y_title", text_of(NULL, 0)).data;
    if (!sheet_reference_parse(&chart.place, bind_option_text(L, 2, "at", TEXT_OF("F2"))))
        bind_argument(L, 2, "at", "a cell such as \"F2\"");
    chart.data_page = page;
    const struct text data = bind_option_text(L, 2, "page", text_of(NULL, 0));
    if (data.data && !sheet_writer_find_page(report->writer, data, &chart.data_page))
        bind_argument(L, 2, "page", "a page of this workbook");
    chart.series_count = read_series(L, series);
    if (!sheet_writer_chart(report->writer, page, &chart, &err))
        return raise_in(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

/* ---- the report ----------------------------------------------------------------------------------------------------------------------- */

static void set_properties(lua_State *L, struct report *report)
{
    struct err err;
    for (unsigned i = 0; i < PROPERTY_COUNT; i++) {
        const struct text value = bind_option_text(L, 2, document_property_names[i], text_of(NULL, 0));
        if (value.data && !sheet_writer_set_property(report->writer, (enum document_property)i, value, &err))
            raise_in(L, report, &err);
    }
}

// create(path, { title = …, author = … })
int sheet_create(lua_State *L)
{
    struct err err;
    const struct text path = bind_text(L, 1, "path");
    bind_options(L, 2, document_property_names);
    lua_settop(L, 2);
    default_table(L, 2);
    struct report *report = lua_newuserdatauv(L, sizeof *report, 0);
    *report = (struct report){0};
    luaL_setmetatable(L, REPORT_CLASS);
    report->path = text_copy(path);
    if (!sheet_writer_open(&report->writer, report->path, &err))
        return bind_raise(L, &err);
    set_properties(L, report);
    return 1;
}

static int report_close(lua_State *L)
{
    struct err err;
    struct report *report = luaL_checkudata(L, 1, REPORT_CLASS);
    if (!report->writer)
        return 0;
    size_t page;
    if (!sheet_writer_page_count(report->writer) &&
        !sheet_writer_free_page(report->writer, TEXT_OF("1"), &page, &err))
        return raise_in(L, report, &err); // a workbook must have a page
    if (!sheet_writer_close(STEAL(report->writer), &err))
        return bind_raise(L, &err);
    return 0;
}

// The end of a scope: closed when all went well, dropped when an error left it.
static int report_scope(lua_State *L)
{
    struct report *report = luaL_checkudata(L, 1, REPORT_CLASS);
    if (lua_isnoneornil(L, 2))
        return report_close(L);
    sheet_writer_free(STEAL(report->writer));
    return 0;
}

static int report_gc(lua_State *L)
{
    struct report *report = luaL_checkudata(L, 1, REPORT_CLASS);
    sheet_writer_free(STEAL(report->writer));
    xfree(STEAL(report->path));
    return 0;
}

static int report_path(lua_State *L)
{
    const struct report *report = luaL_checkudata(L, 1, REPORT_CLASS);
    lua_pushstring(L, report->path);
    return 1;
}

/* ---- CSV ---------------------------------------------------------------------------------------------------------------------------------- */

struct csv_value {
    struct buf out;
    struct csv_writer writer;
};

static int csv_gc(lua_State *L)
{
    struct csv_value *csv = lua_touserdata(L, 1);
    buf_dispose(&csv->out);
    return 0;
}

static bool csv_write_value(lua_State *L, struct csv_writer *writer, int index)
{
    struct text text = {"", 0};
    const bool number = lua_type(L, index) == LUA_TNUMBER || bind_decimal_test(L, index);
    if (bind_decimal_test(L, index)) {
        bind_decimal_push_written(L, bind_decimal_test(L, index));
        text.data = lua_tolstring(L, -1, &text.length);
    } else if (!lua_isnil(L, index)) {
        language_push_text(L, index);
        text.data = lua_tolstring(L, -1, &text.length);
    }
    return number ? csv_write_number(writer, text) : csv_write_text(writer, text);
}

static void csv_write_line(lua_State *L, struct csv_value *csv, uint32_t columns, int row)
{
    for (uint32_t i = 1; i <= columns; i++) {
        const int top = lua_gettop(L);
        push_column(L, row, 2, i);
        if (!csv_write_value(L, &csv->writer, top + 1))
            bind_fail(L, ERR_LIMIT_PASSED, "csv", N(CSV_BYTES_MAX));
        lua_settop(L, top);
    }
    if (!csv_write_row_end(&csv->writer))
        bind_fail(L, ERR_LIMIT_PASSED, "csv", N(CSV_BYTES_MAX));
}

static struct csv_writer csv_options(lua_State *L, struct buf *out)
{
    struct csv_writer writer = csv_writer_new(out);
    const struct text delimiter = bind_option_text(L, 4, "delimiter", TEXT_OF(";"));
    const struct text decimal = bind_option_text(L, 4, "decimal", TEXT_OF(","));
    if (delimiter.length != 1 || strchr("\"\r\n", delimiter.data[0]))
        bind_argument(L, 4, "delimiter", "one letter");
    if (!text_is(decimal, ",") && !text_is(decimal, "."))
        bind_argument(L, 4, "decimal", "\",\" or \".\"");
    writer.delimiter = delimiter.data[0];
    writer.decimal_comma = text_is(decimal, ",");
    writer.raw = bind_option_boolean(L, 4, "raw", false);
    return writer;
}

// write_csv(path, headers, rows, { delimiter = ";", decimal = ",", bom = true, raw = false })
int sheet_write_csv(lua_State *L)
{
    static const char *const known[] = {"delimiter", "decimal", "bom", "raw", NULL};
    struct err err;
    const struct text path = bind_text(L, 1, "path");
    const uint32_t columns = check_headers(L, 2);
    check_rows(L, 3);
    bind_options(L, 4, known);
    lua_settop(L, 4);
    default_table(L, 4);
    struct csv_value *csv = lua_newuserdatauv(L, sizeof *csv, 0);
    csv->out = buf_new(CSV_BYTES_MAX);
    luaL_setmetatable(L, "sheet.csv");
    csv->writer = csv_options(L, &csv->out);
    if (bind_option_boolean(L, 4, "bom", true) && !csv_write_bom(&csv->writer))
        return bind_fail(L, ERR_LIMIT_PASSED, "csv", N(CSV_BYTES_MAX));
    csv_write_line(L, csv, columns, 2);
    for (lua_Integer index = 0; push_row(L, 3, &index); lua_settop(L, 5))
        csv_write_line(L, csv, columns, 6);
    if (!file_write(AT_FDCWD, path.data, buf_text(&csv->out), 0600, &err))
        return bind_raise(L, &err);
    buf_dispose(&csv->out);
    return 0;
}

void sheet_write_classes(lua_State *L)
{
    static const luaL_Reg report[] = {{"table", report_table},
                                      {"page", report_page},
                                      {"close", report_close},
                                      {"path", report_path},
                                      {NULL, NULL}};
    static const luaL_Reg report_meta[] = {{"__gc", report_gc}, {"__close", report_scope}, {NULL, NULL}};
    static const luaL_Reg page[] = {
        {"name", page_name},     {"cell", page_cell},   {"column", page_column}, {"freeze", page_freeze},
        {"filter", page_filter}, {"merge", page_merge}, {"chart", page_chart},   {NULL, NULL}};
    static const luaL_Reg csv_meta[] = {{"__gc", csv_gc}, {NULL, NULL}};
    bind_class(L, REPORT_CLASS, report, report_meta);
    bind_class(L, PAGE_CLASS, page, NULL);
    bind_class(L, "sheet.csv", NULL, csv_meta);
}
