// What a robot may be stopped by, in one shape: a table { class=, code=, message=, hint=, where=, arguments=, source=,
// line=, trace= } with a __tostring. In the worker.
//
// 1. Every error of ours is made here (fault_push); whatever else is thrown becomes one here (fault_handler): Lua's own
//    messages in plain words, texts, tables, nothing at all.
// 2. Turning a value into text stays within FAULT_TEXT_MAX and never raises.
// 3. source and line are the robot's own, never the library's.
#ifndef RENKI_WORKER_FAULT_H
#define RENKI_WORKER_FAULT_H

#include "lib/base/err.h"
#include "lib/json/json.h"

#include <lua.h>

enum { FAULT_TEXT_MAX = 8192, FAULT_TRACE_LINES = 20 };

void fault_push(lua_State *L, const struct err *err);
// True when the value is one of ours.
bool fault_test(lua_State *L, int index);
// For lua_pcall: turns what was thrown into a fault and adds the trace.
int fault_handler(lua_State *L);
// What lua_load said of a file that is no Lua: replaces the message on top of the stack by a fault.
void fault_from_syntax(lua_State *L);
// Makes a fault of what is on top of the stack, when the handler had no room to.
void fault_from_value(lua_State *L);
// The innermost line of the robot that is running now; false when there is none. `source` lives with the function.
bool fault_robot_line(lua_State *L, const char **source, int *line);
// Writes the fault at `index` as ENDED's JSON; `text` is the source line it names, looked up in the registry's sources.
void fault_write(lua_State *L, int index, struct json_writer *writer);

// Any value as text: __tostring is called (its errors are swallowed), no address is shown, tables show their first
// fields. At most FAULT_TEXT_MAX bytes, valid UTF-8; on the stack's top.
const char *fault_text(lua_State *L, int index);

// translate.c: what Lua itself says, in our words. `said` is the message without position, `line_text` the line it
// names or empty. False when it is none of Lua's own.
bool translate_runtime(struct err *out, enum language language, const char *said, struct text line_text);
void translate_syntax(struct err *out, const char *said);

#endif
