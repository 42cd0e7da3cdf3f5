// Lua values as JSON and back, exactly: what a step or an item gave is kept and comes back the same after a crash. In
// the worker.
//
// Plain JSON where it says it all: texts, whole numbers, booleans, lists 1…n, tables with texts as keys. The rest in an
// object with one key: {"$float":"nan"}, {"$bytes":"ff00"} (text that is not UTF-8), {"$table":[[key, value], …]} (all
// other tables), and {"$decimal":"1.20"}, {"$date":"2026-11-22"} … for values of the classes that the library names with
// keep_class. A key of a robot's own that begins with $ gets a second one. Metatables of tables are not kept.
#ifndef RENKI_WORKER_KEEP_H
#define RENKI_WORKER_KEEP_H

#include "lib/json/json.h"

#include <lua.h>

#define KEEP_CLASSES "renki.keep" // in the registry: class → { write, read }: value to text and back

enum { KEEP_BYTES_MAX = 1000000, KEEP_DEPTH_MAX = 30 };

// Appends the value at `index`. KEEP_KIND: it holds what can't be kept (a function, an open file …); KEEP_LARGE:
// it passes the buffer's maximum; KEEP_DEEP. Calls nothing of the robot.
bool keep_write(lua_State *L, struct buf *out, int index, struct err *err) MUST_CHECK;
// Pushes what was kept. False when it is no such text.
bool keep_push(lua_State *L, struct text kept, struct err *err) MUST_CHECK;
// Pushes a plain JSON value: objects and arrays as tables, numbers as Lua's, null as nil.
void keep_push_plain(lua_State *L, const struct json *value);

#endif
