// Which columns of a page a robot wants, under which names, and as what: the options `columns` and `types` of rows{…}.
// In the worker.
//
// Wrong options raise, as arguments do. What does not fit the file is an error, which the caller raises with its path.
#ifndef RENKI_WORKER_BIND_SHEET_COLUMNS_H
#define RENKI_WORKER_BIND_SHEET_COLUMNS_H

#include "worker/bind/sheet_cells.h"

#include "lib/sheet/header.h"

struct row_column {
    uint32_t place; // in the table of names, from 1; 0: not asked for
    enum cell_type type;
};

// Belongs to a userdata, so that an error on the way leaks nothing; zeroed at first.
struct row_columns {
    struct header header;
    struct row_column *of; // by column - 1
    uint32_t count;
};

void columns_grow(struct row_columns *columns, uint32_t count);
void columns_dispose(struct row_columns *columns);
// All named columns, as they are called. The table of names is on top of the stack.
void columns_choose_all(lua_State *L, struct row_columns *columns);
// The columns that the robot named, under its names. `wanted` and `names`: where the option and the table of names stand.
// SHEET_COLUMNS_MISSING.
bool columns_choose(lua_State *L, struct row_columns *columns, int wanted, int names,
                    struct err *err) MUST_CHECK;
// SHEET_NO_COLUMN.
bool columns_take_types(lua_State *L, struct row_columns *columns, int types, int names,
                        struct err *err) MUST_CHECK;

#endif
