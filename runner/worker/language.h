// The tables of the language, by name in the registry. In the worker.
#ifndef RENKI_WORKER_LANGUAGE_H
#define RENKI_WORKER_LANGUAGE_H

#include "lib/base/err.h"

#include <lua.h>

#define LANGUAGE_MODULES "renki.modules"         // name → module of the library
#define LANGUAGE_PUBLIC "renki.public"           // name → module that robots may require
#define LANGUAGE_SOURCES "renki.sources"         // file of the robot → its text
#define LANGUAGE_LOADED "renki.loaded"           // name → module of the workplace
#define LANGUAGE_ENVIRONMENT "renki.environment" // the robot's globals

// Keeps a file of the run; its name is taken as the host gave it ("robot.lua", "lib/vat.lua").
void language_add_source(lua_State *L, struct text name, struct text source);
// The file's text, borrowed from the registry; false when there is none.
bool language_source(lua_State *L, const char *name, struct text *out);
// Pushes the file as a function whose globals are the robot's. Raises a fault.
void language_push_file(lua_State *L, const char *name);
// Pushes a module of the library, robots' or internal. Raises when there is none.
void language_push_module(lua_State *L, const char *name);
// Fresh randomness for math.random, after the fork.
void language_seed(lua_State *L);
// Makes "test" and "fake" known to require.
void language_allow_tests(lua_State *L);

// text.c: our own tostring and string.format, without addresses.
int language_tostring(lua_State *L);
int language_format(lua_State *L);
// Pushes any value as text without calling anything of the robot that could fail unnoticed: raises what it raises.
const char *language_push_text(lua_State *L, int index);

#endif
