// The class instant: a point in time, shown in a zone or at an offset. Part of require "date".
//
// :add works on the calendar first (years to days, on the wall of its zone, so that noon stays noon across a change of
// the clock), then with exact hours, minutes and seconds.
#include "worker/bind/date_classes.h"

#include "lib/base/catalogue.h"
#include "worker/worker.h"

void bind_instant_push(lua_State *L, struct instant instant)
{
    struct instant *value = lua_newuserdatauv(L, sizeof(*value), 0);
    *value = instant;
    luaL_setmetatable(L, INSTANT_CLASS);
}

bool bind_instant_test(lua_State *L, int index, struct instant *out)
{
    const struct instant *value = luaL_testudata(L, index, INSTANT_CLASS);
    if (value)
        *out = *value;
    return value;
}

struct instant instant_argument(lua_State *L, int argument, const char *name)
{
    struct instant instant;
    if (!bind_instant_test(L, argument, &instant))
        bind_argument(L, argument, name, phrase_text(worker_of(L)->language, PHRASE_EXPECTED_INSTANT));
    return instant;
}

static int instant_date(lua_State *L)
{
    bind_date_push(L, instant_moment(instant_argument(L, 1, "instant")).date);
    return 1;
}

static int instant_wall(lua_State *L)
{
    bind_moment_push(L, instant_moment(instant_argument(L, 1, "instant")));
    return 1;
}

// The zone's name, or nil for an instant at an offset.
static int instant_zone(lua_State *L)
{
    const struct instant instant = instant_argument(L, 1, "instant");
    lua_pushstring(L, instant.zone ? zone_name(instant.zone) : NULL);
    return 1;
}

static int instant_offset_seconds(lua_State *L)
{
    lua_pushinteger(L, instant_offset(instant_argument(L, 1, "instant")));
    return 1;
}

static int instant_since_1970(lua_State *L)
{
    push_seconds(L, instant_argument(L, 1, "instant").microseconds);
    return 1;
}

static int instant_show_in_zone(lua_State *L)
{
    struct instant instant = instant_argument(L, 1, "instant");
    struct err err = {0};
    if (!instant_in_zone(&instant, instant, zone_argument(L, 2), &err))
        return bind_raise(L, &err);
    bind_instant_push(L, instant);
    return 1;
}

// Back from the wall to a point in time, in the zone or at the offset that it had.
static bool from_wall(struct instant *out, struct moment wall, const struct instant *like, struct err *err)
{
    if (like->zone)
        return instant_from_moment(out, wall, like->zone, err);
    *out = *like;
    out->microseconds = moment_to_microseconds(wall) - (int64_t)like->offset_seconds * MICROSECONDS;
    return instant_add_microseconds(out, *out, 0, err); // checks the range
}

static bool add_span(struct instant *instant, const struct span *span, struct err *err)
{
    if (span->months || span->days) {
        struct moment wall = instant_moment(*instant);
        if (!date_add_span(&wall.date, wall.date, span))
            return fail(err, ERR_DATE_RANGE);
        if (!from_wall(instant, wall, instant, err))
            return false;
    }
    return instant_add_microseconds(instant, *instant, span->microseconds, err);
}

static int instant_add(lua_State *L)
{
    struct instant instant = instant_argument(L, 1, "instant");
    const struct span span = span_argument(L, 2, true);
    struct err err = {0};
    if (!add_span(&instant, &span, &err))
        return bind_raise(L, &err);
    bind_instant_push(L, instant);
    return 1;
}

static int instant_format(lua_State *L)
{
    return push_by_pattern(L, instant_moment(instant_argument(L, 1, "instant")), 2, "d.m.yyyy H.MM");
}

static int instant_minus(lua_State *L)
{
    const int64_t left = instant_argument(L, 1, "left side").microseconds;
    push_seconds(L, left - instant_argument(L, 2, "right side").microseconds);
    return 1;
}

static int instant_equal(lua_State *L)
{
    struct instant a, b;
    lua_pushboolean(L, bind_instant_test(L, 1, &a) && bind_instant_test(L, 2, &b) &&
                           a.microseconds == b.microseconds);
    return 1;
}

static int instant_less(lua_State *L)
{
    const int64_t left = instant_argument(L, 1, "left side").microseconds;
    lua_pushboolean(L, left < instant_argument(L, 2, "right side").microseconds);
    return 1;
}

static int instant_less_or_equal(lua_State *L)
{
    const int64_t left = instant_argument(L, 1, "left side").microseconds;
    lua_pushboolean(L, left <= instant_argument(L, 2, "right side").microseconds);
    return 1;
}

static bool push_iso(lua_State *L, struct instant instant)
{
    SCOPED_BUF(out, 64);
    const bool written = instant_write_iso(&out, instant);
    lua_pushlstring(L, buf_text(&out).data, out.length);
    return written;
}

static int instant_tostring(lua_State *L)
{
    return push_iso(L, instant_argument(L, 1, "instant"));
}

static const luaL_Reg methods[] = {
    {"date", instant_date},     {"moment", instant_wall},           {"zone", instant_zone},
    {"add", instant_add},       {"offset", instant_offset_seconds}, {"since_1970", instant_since_1970},
    {"format", instant_format}, {"in_zone", instant_show_in_zone},  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__sub", instant_minus},
    {"__eq", instant_equal},
    {"__lt", instant_less},
    {"__le", instant_less_or_equal},
    {"__tostring", instant_tostring},
    {"__concat", bind_concatenate},
    {NULL, NULL},
};

void instant_class_open(lua_State *L)
{
    bind_class(L, INSTANT_CLASS, methods, metamethods);
}
