// Texts of a column that come again (dates, accounts, suppliers) are made once. In the worker.
//
// Lua finds a text that it has already, but only after hashing it letter by letter and looking it up among all there
// are. Here two to four words of eight bytes tell the text, and one look in a table of our own finds it. A column whose
// texts seldom come again is left alone for a while.
#ifndef RENKI_WORKER_BIND_SHEET_TEXTS_H
#define RENKI_WORKER_BIND_SHEET_TEXTS_H

#include "lib/base/text.h"

#include <lua.h>

struct kept_texts;

// How the texts of one column fared.
struct text_use {
    uint32_t asked, found, left; // left: how many are to be passed by before it is tried again
};

struct kept_texts *kept_texts_new(void);
void kept_texts_free(struct kept_texts *kept);
DEFINE_SCOPED(kept_texts)
// Pushes the table that holds the texts themselves, empty.
void kept_texts_push_table(lua_State *L);
// Pushes a text; `table` is where that table stands. CSV_CELL_SPARE bytes behind the text may be read.
void kept_texts_push(lua_State *L, struct kept_texts *kept, int table, struct text_use *use,
                     struct text text);

#endif
