// What the files of require "sheet" share. In the worker.
#ifndef RENKI_WORKER_BIND_SHEET_H
#define RENKI_WORKER_BIND_SHEET_H

#include "lib/sheet/cell.h"
#include "worker/bind/values.h"

void sheet_error_class(lua_State *L);    // sheet.c
void sheet_formula_class(lua_State *L);  // sheet.c
void sheet_read_classes(lua_State *L);   // sheet_read.c
void sheet_rows_class(lua_State *L);     // sheet_rows.c
void sheet_write_classes(lua_State *L);  // sheet_report.c
void sheet_update_classes(lua_State *L); // sheet_update.c

int sheet_open(lua_State *L);      // open(path, options)
int sheet_create(lua_State *L);    // create(path)
int sheet_write_csv(lua_State *L); // write_csv(path, headers, rows, options)
int sheet_update(lua_State *L);    // update(path, options)

// Opens a file of the run or of a share; -1 when it can't.
int sheet_open_input(lua_State *L, const char *path, struct err *err);

int sheet_link(lua_State *L);   // link(target, text)
int sheet_styled(lua_State *L); // styled(value, format)
// Of what sheet.styled gave, the value is pushed; else false and nothing.
bool sheet_styled_push(lua_State *L, int index);

// An error cell, such as #N/A: a value of its own, with which nothing can be computed.
void sheet_error_push(lua_State *L, struct text name);
bool sheet_error_test(lua_State *L, int index, struct text *name);

struct sheet_formula {
    struct text formula, result; // borrowed from the userdata
};
// Nothing is pushed.
bool sheet_formula_test(lua_State *L, int index, struct sheet_formula *out);

// A value by the cell's own kind: text, decimal, boolean, date, moment, sheet.error; times of day and elapsed hours as
// the text "07:30:00".
void sheet_push_cell(lua_State *L, const struct cell *cell);
// "=A1*2"; nil where the cell has none.
void sheet_push_formula(lua_State *L, const struct cell *cell);

#endif
