// The class moment: a clock on a wall, without a zone. Part of require "date".
#include "worker/bind/date_classes.h"

#include "lib/base/catalogue.h"
#include "worker/worker.h"

static const char class_at;

void bind_moment_push(lua_State *L, struct moment moment)
{
    struct moment *value = lua_newuserdatauv(L, sizeof(*value), 0);
    *value = moment;
    bind_set_class_at(L, &class_at);
}

bool bind_moment_test(lua_State *L, int index, struct moment *out)
{
    const struct moment *value = bind_test_class_at(L, index, &class_at);
    if (value)
        *out = *value;
    return value;
}

struct moment moment_argument(lua_State *L, int argument, const char *name)
{
    struct moment moment;
    if (!bind_moment_test(L, argument, &moment))
        bind_argument(L, argument, name, phrase_text(worker_of(L)->language, PHRASE_EXPECTED_MOMENT));
    return moment;
}

static int moment_date(lua_State *L)
{
    bind_date_push(L, moment_argument(L, 1, "moment").date);
    return 1;
}

static int moment_hour(lua_State *L)
{
    lua_pushinteger(L, moment_argument(L, 1, "moment").hour);
    return 1;
}

static int moment_minute(lua_State *L)
{
    lua_pushinteger(L, moment_argument(L, 1, "moment").minute);
    return 1;
}

static int moment_second(lua_State *L)
{
    lua_pushinteger(L, moment_argument(L, 1, "moment").second);
    return 1;
}

static int moment_microsecond(lua_State *L)
{
    lua_pushinteger(L, moment_argument(L, 1, "moment").microsecond);
    return 1;
}

static int moment_add(lua_State *L)
{
    struct moment moment = moment_argument(L, 1, "moment");
    const struct span span = span_argument(L, 2, true);
    if (!date_add_span(&moment.date, moment.date, &span) ||
        !moment_from_microseconds(&moment, moment_to_microseconds(moment) + span.microseconds))
        return bind_fail(L, ERR_DATE_RANGE);
    bind_moment_push(L, moment);
    return 1;
}

static int moment_in_zone(lua_State *L)
{
    const struct moment moment = moment_argument(L, 1, "moment");
    struct instant instant;
    struct err err = {0};
    if (!instant_from_moment(&instant, moment, zone_argument(L, 2), &err))
        return bind_raise(L, &err);
    bind_instant_push(L, instant);
    return 1;
}

static int moment_format(lua_State *L)
{
    return push_by_pattern(L, moment_argument(L, 1, "moment"), 2, "d.m.yyyy H.MM");
}

static int moment_minus(lua_State *L)
{
    const int64_t left = moment_to_microseconds(moment_argument(L, 1, "left side"));
    push_seconds(L, left - moment_to_microseconds(moment_argument(L, 2, "right side")));
    return 1;
}

static int moment_equal(lua_State *L)
{
    struct moment a, b;
    lua_pushboolean(L, bind_moment_test(L, 1, &a) && bind_moment_test(L, 2, &b) && moment_compare(a, b) == 0);
    return 1;
}

static int moment_less(lua_State *L)
{
    lua_pushboolean(
        L, moment_compare(moment_argument(L, 1, "left side"), moment_argument(L, 2, "right side")) < 0);
    return 1;
}

static int moment_less_or_equal(lua_State *L)
{
    lua_pushboolean(
        L, moment_compare(moment_argument(L, 1, "left side"), moment_argument(L, 2, "right side")) <= 0);
    return 1;
}

static bool push_iso(lua_State *L, struct moment moment)
{
    SCOPED_BUF(out, 64);
    const bool written = moment_write_iso(&out, moment);
    lua_pushlstring(L, buf_text(&out).data, out.length);
    return written;
}

static int moment_tostring(lua_State *L)
{
    return push_iso(L, moment_argument(L, 1, "moment"));
}

static const luaL_Reg methods[] = {
    {"date", moment_date},
    {"hour", moment_hour},
    {"minute", moment_minute},
    {"second", moment_second},
    {"microsecond", moment_microsecond},
    {"add", moment_add},
    {"in_zone", moment_in_zone},
    {"format", moment_format},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__sub", moment_minus},
    {"__eq", moment_equal},
    {"__lt", moment_less},
    {"__le", moment_less_or_equal},
    {"__tostring", moment_tostring},
    {"__concat", bind_concatenate},
    {NULL, NULL},
};

void moment_class_open(lua_State *L)
{
    bind_class(L, MOMENT_CLASS, methods, metamethods);
    bind_class_at(L, MOMENT_CLASS, &class_at);
}
