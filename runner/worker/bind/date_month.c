// The class month: one month of a year. Part of require "date".
#include "worker/bind/date_classes.h"

#include "lib/base/catalogue.h"
#include "worker/worker.h"

void bind_month_push(lua_State *L, struct month month)
{
    struct month *value = lua_newuserdatauv(L, sizeof(*value), 0);
    *value = month;
    luaL_setmetatable(L, MONTH_CLASS);
}

bool bind_month_test(lua_State *L, int index, struct month *out)
{
    const struct month *value = luaL_testudata(L, index, MONTH_CLASS);
    if (value)
        *out = *value;
    return value;
}

struct month month_argument(lua_State *L, int argument, const char *name)
{
    struct month month;
    if (!bind_month_test(L, argument, &month))
        bind_argument(L, argument, name, phrase_text(worker_of(L)->language, PHRASE_EXPECTED_MONTH));
    return month;
}

static int push_added(lua_State *L, struct month month, int64_t months)
{
    if (!month_add(&month, month, months))
        return bind_fail(L, ERR_DATE_RANGE);
    bind_month_push(L, month);
    return 1;
}

static int month_of_year(lua_State *L)
{
    lua_pushinteger(L, month_argument(L, 1, "month").year);
    return 1;
}

static int month_number(lua_State *L)
{
    lua_pushinteger(L, month_argument(L, 1, "month").month);
    return 1;
}

static int month_days(lua_State *L)
{
    const struct month month = month_argument(L, 1, "month");
    lua_pushinteger(L, date_days_in_month(month.year, month.month));
    return 1;
}

static int month_first_day(lua_State *L)
{
    bind_date_push(L, month_first(month_argument(L, 1, "month")));
    return 1;
}

static int month_last_day(lua_State *L)
{
    bind_date_push(L, month_last(month_argument(L, 1, "month")));
    return 1;
}

static int month_next(lua_State *L)
{
    return push_added(L, month_argument(L, 1, "month"), 1);
}

static int month_previous(lua_State *L)
{
    return push_added(L, month_argument(L, 1, "month"), -1);
}

static int month_contains(lua_State *L)
{
    const struct month month = month_argument(L, 1, "month");
    const struct date date = date_argument(L, 2, "date");
    lua_pushboolean(L, date.year == month.year && date.month == month.month);
    return 1;
}

static int month_format(lua_State *L)
{
    const struct moment moment = {.date = month_first(month_argument(L, 1, "month"))};
    return push_by_pattern(L, moment, 2, "m/yyyy");
}

static int month_plus(lua_State *L)
{
    const int month = luaL_testudata(L, 1, MONTH_CLASS) ? 1 : 2;
    return push_added(L, month_argument(L, month, "month"),
                      bind_integer(L, 3 - month, "months", INT32_MIN, INT32_MAX));
}

static int month_minus(lua_State *L)
{
    const struct month month = month_argument(L, 1, "month");
    struct month other;
    if (!bind_month_test(L, 2, &other))
        return push_added(L, month, -bind_integer(L, 2, "months", INT32_MIN, INT32_MAX));
    lua_pushinteger(L, (month.year - other.year) * 12 + month.month - other.month);
    return 1;
}

static int month_equal(lua_State *L)
{
    struct month a, b;
    lua_pushboolean(L, bind_month_test(L, 1, &a) && bind_month_test(L, 2, &b) && month_compare(a, b) == 0);
    return 1;
}

static int month_less(lua_State *L)
{
    lua_pushboolean(L,
                    month_compare(month_argument(L, 1, "left side"), month_argument(L, 2, "right side")) < 0);
    return 1;
}

static int month_less_or_equal(lua_State *L)
{
    lua_pushboolean(L, month_compare(month_argument(L, 1, "left side"), month_argument(L, 2, "right side")) <=
                           0);
    return 1;
}

static int month_tostring(lua_State *L)
{
    const struct moment moment = {.date = month_first(month_argument(L, 1, "month"))};
    lua_settop(L, 0);
    return push_by_pattern(L, moment, 1, "yyyy-mm");
}

static const luaL_Reg methods[] = {
    {"year", month_of_year},      {"number", month_number},
    {"days", month_days},         {"first", month_first_day},
    {"last", month_last_day},     {"next", month_next},
    {"previous", month_previous}, {"contains", month_contains},
    {"format", month_format},     {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__add", month_plus},          {"__sub", month_minus},
    {"__eq", month_equal},          {"__lt", month_less},
    {"__le", month_less_or_equal},  {"__tostring", month_tostring},
    {"__concat", bind_concatenate}, {NULL, NULL},
};

void month_class_open(lua_State *L)
{
    bind_class(L, MONTH_CLASS, methods, metamethods);
}
