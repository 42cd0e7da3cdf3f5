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

// rows{…} of a page: the options stand at `options`; `owner` is the value whose workbook it is.
int sheet_rows_push(lua_State *L, struct opened *opened, size_t page, int options);

#endif
