// What a robot may name. In the zygote.
#ifndef RENKI_WORKER_ENVIRONMENT_H
#define RENKI_WORKER_ENVIRONMENT_H

#include <lua.h>

// Opens Lua's libraries as the library (stdlib-lua) sees them: what nobody may have is not there.
void environment_open_libraries(lua_State *L);
// ("x"):upper() looks in a copy of `string` that nobody else has; the metatable is hidden.
void environment_hide_strings(lua_State *L);
// Pushes the robot's globals: copies of what is allowed. `public` is the stack place of the modules that robots may
// require, for suggestions.
void environment_make(lua_State *L, int public);

#endif
