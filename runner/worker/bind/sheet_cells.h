// Cells as Lua values, by their own kind or by the type that the robot asked for. In the worker.
//
// A reader of many rows makes each value that comes again once (texts that cells share, amounts, days): values never
// change, so rows may have the same one. How many are kept is bounded, whatever the file holds.
#ifndef RENKI_WORKER_BIND_SHEET_CELLS_H
#define RENKI_WORKER_BIND_SHEET_CELLS_H

#include "lib/csv/reader.h"
#include "worker/bind/sheet.h"

enum cell_type {
    CELL_AS_IT_IS,
    CELL_AS_TEXT,
    CELL_AS_DECIMAL,
    CELL_AS_INTEGER,
    CELL_AS_NUMBER,
    CELL_AS_BOOLEAN,
    CELL_AS_DATE,
    CELL_AS_MOMENT,
    CELL_AS_FORMULA // its text, where the rows were opened with formulas
};
extern const char *const cell_type_names[]; // as robots write them; NULL at the end

struct kept_values; // which values are kept, and where; the values themselves are in two Lua tables

struct kept_values *kept_values_new(void);
void kept_values_free(struct kept_values *kept);
DEFINE_SCOPED(kept_values)
// Pushes the tables of kept values, empty: KEPT_TABLES of them.
enum { KEPT_TABLES = 2 };
void kept_values_push_tables(lua_State *L);
// Where on the stack the first of the tables stands, for the pushes to come.
void kept_values_at(struct kept_values *kept, int index);

// `mark`: the decimal mark of numbers written as text. False (something may have been pushed) where the cell is nothing of
// that type. An empty cell is nil. `kept` NULL: nothing is kept.
bool cell_push(lua_State *L, struct kept_values *kept, const struct cell *cell, enum cell_type type,
               enum csv_decimal mark) MUST_CHECK;

#endif
