// Values that several modules share: exact decimals, dates, moments. In the worker.
//
// Each is a userdata of its own class (bind/decimal.c, bind/date.c); other modules make and recognise them here.
#ifndef RENKI_WORKER_BIND_VALUES_H
#define RENKI_WORKER_BIND_VALUES_H

#include "lib/calendar/date.h"
#include "worker/bind/bind.h"

struct decimal;

// Pushes a copy; a zero loses its sign.
void bind_decimal_push(lua_State *L, const struct decimal *value);
// Pushes coefficient * 10^-places.
void bind_decimal_push_scaled(lua_State *L, int64_t coefficient, unsigned places);
// Pushes an exact decimal read from its written form ("12.30"); false (nothing pushed) when it is none.
bool bind_decimal_push_text(lua_State *L, struct text written);
// The decimal at `index`, borrowed from it, or NULL when something else stands there.
const struct decimal *bind_decimal_test(lua_State *L, int index);
// Pushes a decimal's written form as a Lua string ("-12.30"), for records and requests.
void bind_decimal_push_written(lua_State *L, const struct decimal *value);

void bind_date_push(lua_State *L, struct date date);
bool bind_date_test(lua_State *L, int index, struct date *out);
void bind_moment_push(lua_State *L, struct moment moment);
bool bind_moment_test(lua_State *L, int index, struct moment *out);
void bind_month_push(lua_State *L, struct month month);
bool bind_month_test(lua_State *L, int index, struct month *out);

#endif
