// write_csv: rows into a CSV file. In the worker.
#include "lib/base/file.h"
#include "lib/csv/reader.h"
#include "lib/csv/writer.h"
#include "worker/bind/sheet_write.h"
#include "worker/language.h"

#include <fcntl.h>

#define CSV_CLASS "sheet.csv"

// Rows are written out when so much has come together; no row may be longer than one that is read.
enum { CSV_BLOCK = 256 << 10, CSV_ROOM = CSV_ROW_BYTES_MAX + CSV_BLOCK };

struct csv_value {
    struct file_draft draft;
    struct buf out;
    struct csv_writer writer;
};

// Also at an error of the robot's rows: what was not finished leaves nothing.
static int csv_close(lua_State *L)
{
    struct csv_value *csv = lua_touserdata(L, 1);
    buf_dispose(&csv->out);
    file_drop(&csv->draft);
    return 0;
}

static void write_out(lua_State *L, struct csv_value *csv)
{
    struct err err;
    if (!file_add(&csv->draft, buf_text(&csv->out), &err))
        bind_raise(L, &err);
    buf_clear(&csv->out);
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
            bind_fail(L, ERR_LIMIT_PASSED, "csv", N(CSV_ROOM));
        lua_settop(L, top);
    }
    if (!csv_write_row_end(&csv->writer))
        bind_fail(L, ERR_LIMIT_PASSED, "csv", N(CSV_ROOM));
    if (csv->out.length >= CSV_BLOCK)
        write_out(L, csv);
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
    *csv = (struct csv_value){.draft = file_draft_none(), .out = buf_new(CSV_ROOM)};
    luaL_setmetatable(L, CSV_CLASS);
    lua_toclose(L, 5);
    csv->writer = csv_options(L, &csv->out);
    if (!file_begin(&csv->draft, AT_FDCWD, path.data, 0600, &err))
        return bind_raise(L, &err);
    if (bind_option_boolean(L, 4, "bom", true) && !csv_write_bom(&csv->writer))
        return bind_fail(L, ERR_LIMIT_PASSED, "csv", N(CSV_ROOM));
    csv_write_line(L, csv, columns, 2);
    for (lua_Integer index = 0; given_next(L, 3, &index); lua_settop(L, 5))
        csv_write_line(L, csv, columns, 6);
    write_out(L, csv);
    if (!file_finish(&csv->draft, &err))
        return bind_raise(L, &err);
    return 0;
}

void sheet_csv_class(lua_State *L)
{
    static const luaL_Reg metamethods[] = {{"__gc", csv_close}, {"__close", csv_close}, {NULL, NULL}};
    bind_class(L, CSV_CLASS, NULL, metamethods);
}
