// Lua values as plain data: what a manifest, schedule or settings file returns, as JSON. In the reader.
//
// A table with the keys 1 … n is an array, any other an object: names in order, whole numbers as their digits
// ({ "GET", "https://…", login = "x" } has the keys "1", "2", "login"). The empty table is an object.
#ifndef RENKI_WORKER_PLAIN_H
#define RENKI_WORKER_PLAIN_H

#include "lib/json/json.h"

#include <lua.h>

enum { PLAIN_DEPTH_MAX = 16, PLAIN_VALUES_MAX = 10000, PLAIN_BYTES_MAX = 256 << 10, PLAIN_KEY_MAX = 200 };

// Appends the table at the stack's top. Errors: READ_VALUE with the path of keys ("permits.http.1"), READ_TOO_LARGE.
bool plain_write(struct buf *out, lua_State *L, struct err *err) MUST_CHECK;

#endif
