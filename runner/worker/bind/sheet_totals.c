// The totals of report:table. In the worker.
#include "worker/bind/sheet_table.h"
#include "worker/worker.h"

#include "lib/decimal/decimal.h"
#include "lib/sheet/serial.h"

#include <stdio.h>

enum { FORMULA_ROOM = 1200, AVERAGE_PLACES = 10, CENT_PLACES = 2 };

struct total {
    struct decimal sum, least, most;
    int64_t numbers, filled;
    enum sheet_style style; // as the numbers were shown
};

static void add_one(lua_State *L, struct table *table, struct total *total, uint32_t column,
                    enum sheet_total kind)
{
    if (!column)
        bind_argument(L, ARGUMENT_OPTIONS, "totals", "names that are among the headers");
    *total = (struct total){0};
    table->columns[column - 1].kind = kind;
    table->columns[column - 1].total = total;
}

static enum sheet_total kind_at(lua_State *L, int index)
{
    enum sheet_total kind;
    struct text name = {"", 0};
    if (lua_type(L, index) == LUA_TSTRING)
        name.data = lua_tolstring(L, index, &name.length);
    if (!sheet_total_from_name(&kind, name) || kind == TOTAL_NONE)
        bind_argument(L, ARGUMENT_OPTIONS, "totals", "sum, average, count, min or max for each header");
    return kind;
}

// { "Sum", "Tax" }: added up; { Sum = "sum", Invoice = "count" }: each its way.
void table_read_totals(lua_State *L, struct table *table)
{
    size_t count = 0;
    struct total *room = lua_newuserdatauv(L, TOTALS_MAX * sizeof *room, 0); // at AT_TOTALS
    const int type = lua_getfield(L, ARGUMENT_OPTIONS, "totals"), list = lua_gettop(L);
    if (type != LUA_TNIL && type != LUA_TTABLE)
        bind_argument(L, ARGUMENT_OPTIONS, "totals", "a list of headers");
    lua_pushnil(L);
    while (type == LUA_TTABLE && lua_next(L, list)) {
        if (count == TOTALS_MAX)
            bind_fail(L, ERR_LIMIT_PASSED, "totals", N(TOTALS_MAX));
        const bool listed = lua_type(L, -2) == LUA_TNUMBER;
        const enum sheet_total kind = listed ? TOTAL_SUM : kind_at(L, lua_gettop(L));
        add_one(L, table, &room[count++], table_find(L, table, lua_gettop(L) - (listed ? 0 : 1)), kind);
        lua_pop(L, 1);
    }
    lua_settop(L, list - 1);
    table->has_totals = count > 0;
    const int language = worker_of(L)->language;
    table->label = table->columns[0].total ? NULL : phrase_text(language, PHRASE_SHEET_TOTAL);
}

// The number of the value at `index`; false for what is none. Days count as what a spreadsheet keeps of them.
static bool number_at(lua_State *L, int index, struct decimal *out, enum sheet_style *style)
{
    struct moment moment = {0};
    UNSET struct err err;
    char written[40], serial[SERIAL_NUMBER_SIZE];
    const struct decimal *decimal = bind_decimal_test(L, index);
    *style = STYLE_GENERAL;
    if (decimal) {
        *style = decimal->exponent == -CENT_PLACES ? STYLE_MONEY : STYLE_GENERAL;
        decimal_copy(out, decimal);
        return true;
    }
    if (lua_isinteger(L, index)) {
        decimal_from_int64(out, lua_tointeger(L, index));
        return true;
    }
    if (bind_date_test(L, index, &moment.date)) {
        *style = STYLE_DATE;
        const size_t length = serial_number(serial, moment);
        return decimal_parse(out, text_of(serial, length), &err);
    }
    if (lua_type(L, index) != LUA_TNUMBER)
        return false;
    snprintf(written, sizeof written, "%.15g", lua_tonumber(L, index));
    return decimal_parse(out, text_from(written), &err);
}

static bool fits(const struct decimal *value)
{
    char room[DECIMAL_TEXT_MAX + 1];
    enum { SHORT_LIMBS = 1 };
    if (value->limbs <= SHORT_LIMBS && value->limb[0] < UINT64_C(1000000000000000))
        return true;
    struct buf out = buf_new(sizeof room - 1);
    const bool good = decimal_text(&out, value) && sheet_number_fits(buf_text(&out));
    buf_dispose(&out);
    return good;
}

static void raise_digits(lua_State *L, const struct table *table, uint32_t column,
                         const struct decimal *value)
{
    char at[REFERENCE_TEXT_SIZE];
    bind_decimal_push(L, value);
    bind_decimal_push_written(L, bind_decimal_test(L, -1));
    bind_fail(L, ERR_SHEET_TOTAL_DIGITS, reference_text(at, (struct reference){table->row, column}),
              lua_tostring(L, -1));
}

void table_add_total(lua_State *L, const struct table *table, uint32_t column, int index)
{
    UNSET struct err err;
    UNSET struct decimal value;
    enum sheet_style style;
    struct total *total = table->columns[column - 1].total;
    if (lua_isnil(L, index))
        return;
    total->filled++;
    if (!number_at(L, index, &value, &style))
        return;
    if (!fits(&value))
        raise_digits(L, table, column, &value);
    if (!decimal_add(&total->sum, &total->sum, &value, &err))
        bind_raise(L, &err);
    if (!total->numbers || decimal_compare(&value, &total->least) < 0)
        decimal_copy(&total->least, &value);
    if (!total->numbers || decimal_compare(&value, &total->most) > 0)
        decimal_copy(&total->most, &value);
    if (!total->numbers++ || style == STYLE_MONEY)
        total->style = style;
}

static bool result_of(struct decimal *out, const struct total *total, enum sheet_total kind, struct err *err)
{
    struct decimal count;
    decimal_from_int64(&count, kind == TOTAL_COUNT ? total->filled : total->numbers);
    switch (kind) {
    case TOTAL_SUM:
        decimal_copy(out, &total->sum);
        return true;
    case TOTAL_AVERAGE:
        if (!total->numbers) {
            decimal_from_int64(out, 0);
            return true;
        }
        return decimal_divide(out, &total->sum, &count, AVERAGE_PLACES, DECIMAL_HALF_UP, err);
    case TOTAL_MIN:
        decimal_copy(out, &total->least);
        return true;
    case TOTAL_MAX:
        decimal_copy(out, &total->most);
        return true;
    case TOTAL_COUNT:
    case TOTAL_NONE:
    case TOTAL_KINDS:
        break;
    }
    decimal_copy(out, &count);
    return true;
}

static struct sheet_look look_of(const struct table_column *column)
{
    struct sheet_look look = column->look;
    look.styles |= sheet_look_of(STYLE_TOTAL).styles;
    if (column->kind == TOTAL_COUNT)
        return (struct sheet_look){sheet_look_of(STYLE_TOTAL).styles | sheet_look_of(STYLE_INTEGER).styles,
                                   NULL};
    if (!sheet_look_has_format(&look))
        look.styles |= sheet_look_of(column->total->style).styles;
    return look;
}

static const char *formula_of(lua_State *L, const struct table *table, uint32_t column, uint32_t last)
{
    char room[FORMULA_ROOM], letters[REFERENCE_TEXT_SIZE], rows[80];
    struct buf out = buf_new(sizeof room - 1);
    column_text(letters, column);
    snprintf(rows, sizeof rows, "%s%u:%s%u", letters, table->header_row + 1, letters, last);
    const bool done = sheet_total_formula(&out, table->columns[column - 1].kind, table->name,
                                          table->name ? table_header(L, column) : rows);
    memcpy(room, buf_string(&out), out.length + 1);
    buf_dispose(&out);
    require(done);
    return lua_pushstring(L, room);
}

static void write_total(lua_State *L, struct table *table, uint32_t column, uint32_t last)
{
    struct err err;
    struct decimal result;
    struct table_column *told = &table->columns[column - 1];
    const struct reference cell = {table->row, column};
    if (!result_of(&result, told->total, told->kind, &err))
        bind_raise(L, &err);
    bind_decimal_push(L, &result);
    bind_decimal_push_written(L, bind_decimal_test(L, -1));
    struct text written;
    written.data = lua_tolstring(L, -1, &written.length);
    // An average has more digits than a cell; a sum that has is written out, since no spreadsheet would add it up.
    const bool exact = told->kind == TOTAL_AVERAGE || fits(&result);
    const bool done =
        exact
            ? sheet_write_formula(table->report->writer, table->page, cell,
                                  text_from(formula_of(L, table, column, last)), written, look_of(told), &err)
            : sheet_write_number(table->report->writer, table->page, cell, written, look_of(told), &err);
    if (!exact)
        told->kind = TOTAL_NONE;
    if (!done)
        report_raise(L, table->report, &err);
}

void table_write_totals(lua_State *L, struct table *table, uint32_t last)
{
    struct err err;
    const struct sheet_look look = sheet_look_of(STYLE_TOTAL);
    for (uint32_t i = 1; i <= table->count; i++) {
        const int top = lua_gettop(L);
        const struct reference cell = {table->row, i};
        if (table->columns[i - 1].total)
            write_total(L, table, i, last);
        else if (!(i == 1 && table->label
                       ? sheet_write_text(table->report->writer, table->page, cell, text_from(table->label),
                                          look, &err)
                       : sheet_write_blank(table->report->writer, table->page, cell, look, &err)))
            report_raise(L, table->report, &err);
        lua_settop(L, top);
    }
}
