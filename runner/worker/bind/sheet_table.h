// What the files of report:table share: where things stand on the Lua stack, and the table that is being written.
// In the worker.
#ifndef RENKI_WORKER_BIND_SHEET_TABLE_H
#define RENKI_WORKER_BIND_SHEET_TABLE_H

#include "lib/sheet/writer_table.h"
#include "worker/bind/sheet_write.h"

enum table_argument {
    ARGUMENT_PAGE = 2,
    ARGUMENT_HEADERS,
    ARGUMENT_ROWS,
    ARGUMENT_OPTIONS,
    AT_CONTENT,
    AT_TOTALS,
    AT_FIRST, // the first row, read ahead: its values tell which columns are numbers
};
enum { TOTALS_MAX = 50 };

struct total; // sheet_totals.c

struct table_column {
    struct sheet_look look; // of its cells; what it doesn't say comes from each value
    enum sheet_total kind;
    struct total *total; // NULL: none
};

struct table {
    struct report *report;
    size_t page;
    uint32_t count, first_row, header_row, row; // row: the last one written
    const char *name;                           // of the Excel table, on the Lua stack; NULL: a plain range
    bool filter, has_totals;
    const char *label; // of the totals, in the first column; NULL: none
    struct table_column columns[TABLE_COLUMNS_MAX];
};

// The text of a header.
const char *table_header(lua_State *L, uint32_t column);
// The place of a header's column, 0 when there is none. The header stands at `index`.
uint32_t table_find(lua_State *L, const struct table *table, int index);

// Reads the option `totals`; makes what is needed at AT_TOTALS.
void table_read_totals(lua_State *L, struct table *table);
// Adds the value at `index` of a column that has a total. A number that a spreadsheet can't add up exactly raises.
void table_add_total(lua_State *L, const struct table *table, uint32_t column, int index);
// The row below the rows: sums that follow the filter. Programs that do not compute when they open a workbook show our
// own, which are exact.
void table_write_totals(lua_State *L, struct table *table, uint32_t last);

#endif
