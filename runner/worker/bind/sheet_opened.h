// An open workbook that several Lua values share. In the worker.
#ifndef RENKI_WORKER_BIND_SHEET_OPENED_H
#define RENKI_WORKER_BIND_SHEET_OPENED_H

#include "lib/sheet/book.h"
#include "worker/bind/sheet.h"

struct opened {
    struct book *book;
    char *path;
    unsigned users; // values that hold it; the last one frees it
    bool closed, strict;
    enum csv_decimal decimal; // told by the robot; unknown: found by looking
};

void opened_leave(struct opened *opened); // accepts NULL
// Raises with the file's name.
int opened_raise(lua_State *L, const struct opened *opened, struct err *err) __attribute__((noreturn));

// The open workbook that the value at 1 is or belongs to: a workbook means its first visible page, and `whole` is true.
struct source {
    struct opened *opened;
    size_t page;
    bool whole;
};
struct source sheet_source(lua_State *L);
void sheet_page_push(lua_State *L, struct opened *opened, size_t page);

// Methods that workbooks and pages have in common (sheet_places.c).
int sheet_cell(lua_State *L);
int sheet_range(lua_State *L);
int sheet_formula_of(lua_State *L);
int sheet_kind(lua_State *L);
int sheet_is_hidden(lua_State *L);
int sheet_merged(lua_State *L);
int sheet_hidden_rows(lua_State *L);
int sheet_hidden_columns(lua_State *L);
int sheet_names(lua_State *L);
int sheet_tables(lua_State *L);

// rows{…} of a page, or of a table on it (else NULL); the options stand at `options`.
int sheet_rows_push(lua_State *L, struct opened *opened, size_t page, const struct sheet_table *table,
                    int options);

#endif
