// The class date: one day of the calendar. Part of require "date".
#include "worker/bind/date_classes.h"

#include "lib/base/catalogue.h"
#include "worker/worker.h"

static const char class_at;

void bind_date_push(lua_State *L, struct date date)
{
    struct date *value = lua_newuserdatauv(L, sizeof(*value), 0);
    *value = date;
    bind_set_class_at(L, &class_at);
}

bool bind_date_test(lua_State *L, int index, struct date *out)
{
    const struct date *value = bind_test_class_at(L, index, &class_at);
    if (value)
        *out = *value;
    return value;
}

struct date date_argument(lua_State *L, int argument, const char *name)
{
    struct date date;
    if (!bind_date_test(L, argument, &date))
        bind_argument(L, argument, name, phrase_text(worker_of(L)->language, PHRASE_EXPECTED_DATE));
    return date;
}

static int push_or_range(lua_State *L, bool in_range, struct date date)
{
    if (!in_range)
        return bind_fail(L, ERR_DATE_RANGE);
    bind_date_push(L, date);
    return 1;
}

static int day_year(lua_State *L)
{
    lua_pushinteger(L, date_argument(L, 1, "date").year);
    return 1;
}

static int day_month(lua_State *L)
{
    const struct date date = date_argument(L, 1, "date");
    bind_month_push(L, (struct month){date.year, date.month});
    return 1;
}

static int day_day(lua_State *L)
{
    lua_pushinteger(L, date_argument(L, 1, "date").day);
    return 1;
}

static int day_weekday(lua_State *L)
{
    lua_pushinteger(L, date_weekday(date_argument(L, 1, "date")));
    return 1;
}

static int day_day_of_year(lua_State *L)
{
    lua_pushinteger(L, date_day_of_year(date_argument(L, 1, "date")));
    return 1;
}

static int day_week(lua_State *L)
{
    const struct week week = date_week(date_argument(L, 1, "date"));
    lua_pushinteger(L, week.week);
    lua_pushinteger(L, week.year);
    return 2;
}

static int day_add(lua_State *L)
{
    struct date date = date_argument(L, 1, "date");
    const struct span span = span_argument(L, 2, false);
    return push_or_range(L, date_add_span(&date, date, &span), date);
}

static int day_years_to(lua_State *L)
{
    lua_pushinteger(L, date_whole_years(date_argument(L, 1, "date"), date_argument(L, 2, "other")));
    return 1;
}

static int day_at(lua_State *L)
{
    bind_moment_push(L, (struct moment){
                            .date = date_argument(L, 1, "date"),
                            .hour = (int8_t)bind_integer(L, 2, "hour", 0, 23),
                            .minute = (int8_t)bind_integer_or(L, 3, "minute", 0, 59, 0),
                            .second = (int8_t)bind_integer_or(L, 4, "second", 0, 59, 0),
                        });
    return 1;
}

static int day_format(lua_State *L)
{
    return push_by_pattern(L, (struct moment){.date = date_argument(L, 1, "date")}, 2, "d.m.yyyy");
}

static int day_plus(lua_State *L)
{
    const int day = luaL_testudata(L, 1, DATE_CLASS) ? 1 : 2; // 5 + date is date + 5
    struct date date = date_argument(L, day, "date");
    const int64_t days = bind_integer(L, 3 - day, "days", INT32_MIN, INT32_MAX);
    return push_or_range(L, date_add_days(&date, date, days), date);
}

static int day_minus(lua_State *L)
{
    struct date date = date_argument(L, 1, "date"), other;
    if (bind_date_test(L, 2, &other)) {
        lua_pushinteger(L, date_to_days(date) - date_to_days(other));
        return 1;
    }
    const int64_t days = bind_integer(L, 2, "days", INT32_MIN, INT32_MAX);
    return push_or_range(L, date_add_days(&date, date, -days), date);
}

static int day_equal(lua_State *L)
{
    struct date a, b;
    lua_pushboolean(L, bind_date_test(L, 1, &a) && bind_date_test(L, 2, &b) && date_compare(a, b) == 0);
    return 1;
}

static int day_less(lua_State *L)
{
    lua_pushboolean(L, date_compare(date_argument(L, 1, "left side"), date_argument(L, 2, "right side")) < 0);
    return 1;
}

static int day_less_or_equal(lua_State *L)
{
    lua_pushboolean(L,
                    date_compare(date_argument(L, 1, "left side"), date_argument(L, 2, "right side")) <= 0);
    return 1;
}

static int day_tostring(lua_State *L)
{
    const struct moment moment = {.date = date_argument(L, 1, "date")};
    lua_settop(L, 0);
    return push_by_pattern(L, moment, 1, "yyyy-mm-dd");
}

static const luaL_Reg methods[] = {
    {"year", day_year},
    {"month", day_month},
    {"day", day_day},
    {"weekday", day_weekday},
    {"week", day_week},
    {"add", day_add},
    {"at", day_at},
    {"format", day_format},
    {"day_of_year", day_day_of_year},
    {"years_to", day_years_to},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__add", day_plus},
    {"__sub", day_minus},
    {"__eq", day_equal},
    {"__lt", day_less},
    {"__le", day_less_or_equal},
    {"__tostring", day_tostring},
    {"__concat", bind_concatenate},
    {NULL, NULL},
};

void date_class_open(lua_State *L)
{
    bind_class(L, DATE_CLASS, methods, metamethods);
    bind_class_at(L, DATE_CLASS, &class_at);
}
