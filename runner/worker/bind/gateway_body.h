// What a robot sends: a list of texts and files, made one body without ever being whole in memory. In the worker.
//
// In Lua a body is a list whose items are texts or { file = path, base64 = true } (lines of 76, for mail).
#ifndef RENKI_WORKER_BIND_GATEWAY_BODY_H
#define RENKI_WORKER_BIND_GATEWAY_BODY_H

#include "lib/wire/wire.h"
#include "worker/bind/bind.h"

// Of one body; what is in memory at a time is a small part of it.
#define BODY_BYTES_MAX ((int64_t)4 << 30)
enum { BODY_PARTS_MAX = 100000 };

// How many bytes the list at `index` comes to. Raises where it is no such list or a file can't be read.
int64_t body_size(lua_State *L, int index);
// Sends it as CALL_BODY of a call that said it has `size` bytes. Never raises; FILE_CHANGED when a file is another
// size by now: the call must then be cancelled.
bool body_send(lua_State *L, int index, int64_t size, struct wire *wire, int64_t call,
               struct err *err) MUST_CHECK;
// Pushes the whole body as a text.
void body_push(lua_State *L, int index);

#endif
