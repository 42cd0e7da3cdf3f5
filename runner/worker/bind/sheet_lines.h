// Rows of CSV as Lua tables, straight from the reader. In the worker.
//
// A row of ten cells is to cost less than a microsecond, so what is needed for each of them stands ready on the stack of
// a Lua thread of our own (never resumed): names as keys, the metatable of rows, texts that come again, and the row that
// is given again and again where the robot wants it so.
#ifndef RENKI_WORKER_BIND_SHEET_LINES_H
#define RENKI_WORKER_BIND_SHEET_LINES_H

#include "worker/bind/sheet_cells.h"

struct line_column {
    uint32_t column, place; // from 0; in the table of names, from 1
    enum cell_type type;
};

struct lines_plan {
    struct csv_reader *reader;         // borrowed
    struct kept_values *kept;          // borrowed
    const struct line_column *columns; // those that are wanted, in their order
    size_t column_count;
    uint32_t from; // lines before it are passed over
    enum csv_decimal decimal;
    bool named; // rows have names as keys; else columns' numbers, and `columns` only tells types
    bool reuse; // the same table each time
};

struct lines;

// `names` and `metatable`: where the table of names and the rows' metatable stand on the stack. Pushes the thread, which
// must be kept as long as the lines are. Freed by lines_free.
struct lines *lines_new(lua_State *L, const struct lines_plan *plan, int names, int metatable);
void lines_free(struct lines *lines);

enum lines_next {
    LINES_ROW, // the row was pushed
    LINES_END,
    LINES_FAILED, // *err tells
    LINES_TYPE,   // lines_cell is not of the type that was asked for
};
// `kept`: where the tables of `plan.kept` stand on L's stack; needed where lines_have_types.
enum lines_next lines_next(lua_State *L, struct lines *lines, int kept, struct err *err);
bool lines_have_types(const struct lines *lines);
const struct csv_row *lines_row(const struct lines *lines); // the last one
const struct cell *lines_cell(const struct lines *lines);
enum cell_type lines_type(const struct lines *lines); // that was asked for lines_cell

#endif
