// What every Lua module written in C begins with: checked arguments, options, errors raised in one place.
// In the worker.
//
// A wrong argument is a bug of the robot: the message names the argument, what was expected and what came. `name` is
// the argument's name as the robot's author reads it in the documentation.
// lua_error jumps over scoped clean-up: nothing is held in C (no SCOPED, no malloc) across a call that may raise.
// Make the userdata first, with its metatable and marked closed; then open the resource into it.
#ifndef RENKI_WORKER_BIND_H
#define RENKI_WORKER_BIND_H

#include "lib/base/err.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>

// Raises the error as a fault: a table { class=, code=, message=, hint=, where=, arguments={…} } whose tostring is its
// message in the run's language. Never returns; `return bind_raise(L, &err);`.
int bind_raise(lua_State *L, const struct err *err) __attribute__((noreturn));
// bind_fail(L, ERR_FILE_MISSING, path): fail and raise in one.
#define bind_fail(L, code, ...) bind_fail_(L, code, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})
int bind_fail_(lua_State *L, enum err_code code, const char *const *arguments) __attribute__((noreturn));
// Raises "argument N (name): expected X, got Y". `expected` in plain words: "a positive whole number".
int bind_argument(lua_State *L, int argument, const char *name, const char *expected)
    __attribute__((noreturn));
// What stands at `index`, in words for a message: `the text "abc"`, `the number 5`, `nothing`. On the Lua stack's top.
const char *bind_describe(lua_State *L, int index);
// What the robot calls the running function ("open"); *position (may be NULL) loses one where it was called with a
// colon, as arguments are counted by the robot's author.
const char *bind_caller(lua_State *L, int *position);

// Checked arguments. Text is borrowed from the Lua value; numbers are not taken for text nor text for numbers.
struct text bind_text(lua_State *L, int argument, const char *name);
struct text bind_text_or(lua_State *L, int argument, const char *name,
                         struct text otherwise); // nil: otherwise
int64_t bind_integer(lua_State *L, int argument, const char *name, int64_t least, int64_t most);
int64_t bind_integer_or(lua_State *L, int argument, const char *name, int64_t least, int64_t most,
                        int64_t otherwise);
bool bind_boolean_or(lua_State *L, int argument, const char *name, bool otherwise);
void bind_table(lua_State *L, int argument, const char *name);

// Options in a table at `argument` (absent or nil is an empty table): fields by name, unknown fields refused with the
// nearest known one. `known` is ended by NULL.
void bind_options(lua_State *L, int argument, const char *const *known);
struct text bind_option_text(lua_State *L, int argument, const char *option, struct text otherwise);
int64_t bind_option_integer(lua_State *L, int argument, const char *option, int64_t least, int64_t most,
                            int64_t otherwise);
bool bind_option_boolean(lua_State *L, int argument, const char *option, bool otherwise);

// Before a file is opened for a value that keeps it: files of values that nobody uses any more are closed first where many
// are open. The collector goes by memory and does not see how few files a run may have.
void bind_close_unused(lua_State *L);

// For a class's __concat: its text joined to a text, a number or another value of a class that has a text.
int bind_concatenate(lua_State *L);

// A class for userdata `type` ("sheet.workbook"): methods with __index, __gc/__close/__tostring among them.
// A method that does not exist raises with the nearest name.
void bind_class(lua_State *L, const char *type, const luaL_Reg *methods, const luaL_Reg *metamethods);
// Classes of which values are made by the million are found by an address, the module's own, instead of their name.
void bind_class_at(lua_State *L, const char *type, const void *address);
static inline void bind_set_class_at(lua_State *L, const void *address)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, address);
    lua_setmetatable(L, -2);
}
// The userdata at `index` when it is of that class, else NULL; three times as fast as luaL_testudata.
void *bind_test_class_at(lua_State *L, int index, const void *address);

// luaopen_NAME of every module in bindings.def.
#define ROBOTS(name) int luaopen_##name(lua_State *L);
#define LIBRARY(name) int luaopen_##name(lua_State *L);
#include "worker/bind/bindings.def"
#undef ROBOTS
#undef LIBRARY

#endif
