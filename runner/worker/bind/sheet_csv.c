// write_csv: rows into a CSV file. In the worker.
#include "lib/base/file.h"
#include "lib/csv/writer.h"
#include "worker/bind/sheet_write.h"
#include "worker/language.h"

#include <fcntl.h>

#define CSV_CLASS "sheet.csv"
#define CSV_BYTES_MAX ((size_t)1 << 30)

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
        given_column(L, row, 2, i);
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
    const uint32_t columns = given_headers(L, 2);
    given_rows(L, 3);
    bind_options(L, 4, known);
    lua_settop(L, 4);
    given_options(L, 4);
    struct csv_value *csv = lua_newuserdatauv(L, sizeof *csv, 0);
    csv->out = buf_new(CSV_BYTES_MAX);
    luaL_setmetatable(L, CSV_CLASS);
    csv->writer = csv_options(L, &csv->out);
    if (bind_option_boolean(L, 4, "bom", true) && !csv_write_bom(&csv->writer))
        return bind_fail(L, ERR_LIMIT_PASSED, "csv", N(CSV_BYTES_MAX));
    csv_write_line(L, csv, columns, 2);
    for (lua_Integer index = 0; given_next(L, 3, &index); lua_settop(L, 5))
        csv_write_line(L, csv, columns, 6);
    if (!file_write(AT_FDCWD, path.data, buf_text(&csv->out), 0600, &err))
        return bind_raise(L, &err);
    buf_dispose(&csv->out);
    return 0;
}

void sheet_csv_class(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__gc", csv_gc}, {NULL, NULL}};
    bind_class(L, CSV_CLASS, NULL, metamethods);
}
