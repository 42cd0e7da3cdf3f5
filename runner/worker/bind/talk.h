// What bindings say to the host and hear from it, over the run's socket. In the worker.
//
// A host that is gone or speaks out of turn ends the process: nobody is left to tell.
#ifndef RENKI_WORKER_BIND_TALK_H
#define RENKI_WORKER_BIND_TALK_H

#include "lib/wire/wire.h"

#include <lua.h>

// Lua strings may hold anything; messages are UTF-8 within their limit. Replaces the value at `index` where need be.
struct text talk_text(lua_State *L, int index, const char *name, size_t most);
// talk_say(L, MESSAGE_OF(…)): raises when a field passes its limit.
void talk_say(lua_State *L, enum message_type type, const void *message);
// The host's answer, unless the run is to wait (it parks); its document is freed by the caller at once, before anything can raise.
void talk_hear(lua_State *L, enum message_type type, void *message, struct json_document **document,
               struct frame *frame);
// Waits so long; the host has nothing to say meanwhile, but may end the run.
void talk_pause(lua_State *L, int64_t wait_ms);
// What the host complains of in a field `problem`, as an err; false when all is well.
bool talk_problem(struct text json, struct err *err) MUST_CHECK;
// Waits for STORED; raises what the host could not store.
void talk_stored(lua_State *L);

#endif
