// What the files that write workbooks share: the report, its pages, looks and values, and the rows that a robot gives.
// In the worker.
#ifndef RENKI_WORKER_BIND_SHEET_WRITE_H
#define RENKI_WORKER_BIND_SHEET_WRITE_H

#include "lib/sheet/writer.h"
#include "worker/bind/sheet.h"

enum { TABLE_COLUMNS_MAX = 1000 };

/* ---- the report and its pages (sheet_report.c) ------------------------------------------------------------------------ */

struct report {
    struct sheet_writer *writer; // NULL: closed
    char *path;
};

// The open report at argument 1; a closed one raises.
struct report *report_check(lua_State *L);
// Raises an error that names the workbook.
int report_raise(lua_State *L, const struct report *report, struct err *err) __attribute__((noreturn));
// The page at argument 1, and its open report.
struct report *written_page_check(lua_State *L, size_t *page);
// Pushes a page of the report that stands at `report`.
void written_page_push(lua_State *L, int report, size_t page);
void written_page_class(lua_State *L); // sheet_page.c
void sheet_csv_class(lua_State *L);    // sheet_csv.c

int report_table(lua_State *L); // report:table(page, headers, rows, options); sheet_table.c
int page_chart(lua_State *L);   // page:chart{…}; sheet_chart.c

/* ---- looks and values (sheet_value.c) ----------------------------------------------------------------------------------- */

// The look that stands at `index`; false when nothing does. A format code is borrowed from the Lua value.
bool look_check(lua_State *L, int index, struct sheet_look *out);

struct place {
    struct report *report;
    size_t page;
    struct reference cell;
};
// Writes the Lua value at `index` (absolute). look NULL: by the value.
bool sheet_write_value(lua_State *L, const struct place *to, int index, const struct sheet_look *look,
                       struct err *err) MUST_CHECK;

/* ---- what a robot gives (sheet_given.c) ----------------------------------------------------------------------------------- */

// A list of 1 to TABLE_COLUMNS_MAX names.
uint32_t given_headers(lua_State *L, int headers);
// A list of rows, or what gives a row a call.
void given_rows(lua_State *L, int rows);
// The next of `rows` on top of the stack; false (and nothing pushed) at the end. `index` begins with 0.
bool given_next(lua_State *L, int rows, lua_Integer *index);
// The value of a column, by its place, else by its header; on top of the stack.
void given_column(lua_State *L, int row, int headers, uint32_t column);
// An empty table in place of nil.
void given_options(lua_State *L, int index);

#endif
