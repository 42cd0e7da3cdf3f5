// JSON for other modules: documents to Lua values and back. In the worker.
#ifndef RENKI_WORKER_BIND_JSON_H
#define RENKI_WORKER_BIND_JSON_H

#include "lib/json/json.h"
#include "worker/bind/bind.h"

struct bind_json_options {
    bool decimals;      // every number is an exact decimal
    bool without_nulls; // members of objects that are null are left out
};

// Pushes the value. Texts, booleans and lists are Lua's; null is json.null (NULL pushes it too); a number is an integer
// where it is one of 64 bits, a decimal where it is a longer one, else a binary number; see `decimals`.
// Raises where a number has more digits than a decimal holds.
void bind_json_push(lua_State *L, const struct json *value, const struct bind_json_options *options);
// Reads a text and pushes its value; raises JSON_… where it is none.
void bind_json_decode(lua_State *L, struct text text, const struct bind_json_options *options);
// Pushes the JSON text of the Lua value at `index`: names sorted, decimals exact, dates in ISO 8601. `indent`: blanks a
// level, 0 for compact. Raises where JSON can't hold it and says which part.
void bind_json_encode(lua_State *L, int index, int indent);

#endif
