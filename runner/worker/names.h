// Names that do not exist, answered with the nearest that does. In the worker.
#ifndef RENKI_WORKER_NAMES_H
#define RENKI_WORKER_NAMES_H

#include <lua.h>
#include <stdbool.h>

// Raises FIELD_UNKNOWN: `thing` has nothing called what stands at `name`; `table` holds what it has.
int names_raise_field(lua_State *L, const char *thing, int name, int table) __attribute__((noreturn));
// Raises OPTION_UNKNOWN: the function knows the options `known`, ended by NULL.
int names_raise_option(lua_State *L, const char *function, int name, const char *const *known)
    __attribute__((noreturn));
// Raises NAME_UNKNOWN for a global that does not exist, looked for among the caller's variables, the globals in the
// table at `globals` and the modules in the table at `modules`.
int names_raise_global(lua_State *L, int name, int globals, int modules) __attribute__((noreturn));
// Whether a name is one of Lua's that robots do not have ("load").
bool names_are_removed(const char *name);
// Raises MODULE_UNKNOWN; `modules` and `sources` as above, sources being "lib/NAME.lua".
int names_raise_module(lua_State *L, int name, int modules, int sources) __attribute__((noreturn));

// Guards the table on top of the stack (it stays there): reading what it has not raises, setting new names raises.
void names_guard(lua_State *L, const char *thing);

#endif
