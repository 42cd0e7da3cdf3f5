// require "date": days, months, clock readings and points in time. In the worker.
//
// The time zones are read when the module is opened, in the zygote before it seals itself; they live in the registry.
#include "worker/bind/date_classes.h"

#include "lib/base/clock.h"
#include "lib/calendar/parse.h"
#include "lib/calendar/pattern.h"
#include "worker/worker.h"

enum { FORMATTED_MAX = 400, ADD_MOST = 10000000 };
static const int64_t add_seconds_most = 1000000000000;

static const char zones_key;

// ---- time zones

static int zones_gc(lua_State *L)
{
    struct zones **box = lua_touserdata(L, 1);
    zones_free(STEAL(*box));
    return 0;
}

static void open_zones(lua_State *L)
{
    struct zones **box = lua_newuserdatauv(L, sizeof(struct zones *), 0);
    *box = NULL;
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, zones_gc);
    lua_setfield(L, -2, "__gc");
    lua_setmetatable(L, -2);
    struct err err = {0};
    if (!zones_open(box, ZONES_FOLDER, &err))
        bind_raise(L, &err);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &zones_key);
}

const struct zone *zone_named(lua_State *L, struct text name)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &zones_key);
    struct zones *const *box = lua_touserdata(L, -1);
    lua_pop(L, 1);
    const struct zone *zone;
    struct err err = {0};
    if (!zones_find(&zone, *box, name, &err))
        bind_raise(L, &err);
    return zone;
}

const struct zone *zone_argument(lua_State *L, int argument)
{
    return zone_named(L, bind_text_or(L, argument, "zone", TEXT_OF(DATE_DEFAULT_ZONE)));
}

// ---- what the classes share

struct span span_argument(lua_State *L, int argument, bool clock)
{
    static const char *const on_calendar[] = {"years", "months", "weeks", "days", NULL};
    static const char *const on_clock[] = {"years", "months",  "weeks",   "days",
                                           "hours", "minutes", "seconds", NULL};
    bind_table(L, argument, "span");
    bind_options(L, argument, clock ? on_clock : on_calendar);
    const int64_t years = bind_option_integer(L, argument, "years", -ADD_MOST, ADD_MOST, 0);
    const int64_t months = bind_option_integer(L, argument, "months", -ADD_MOST, ADD_MOST, 0);
    const int64_t weeks = bind_option_integer(L, argument, "weeks", -ADD_MOST, ADD_MOST, 0);
    const int64_t days = bind_option_integer(L, argument, "days", -ADD_MOST, ADD_MOST, 0);
    struct span span = {.months = years * 12 + months, .days = weeks * 7 + days};
    if (clock) {
        const int64_t hours = bind_option_integer(L, argument, "hours", -ADD_MOST, ADD_MOST, 0);
        const int64_t minutes = bind_option_integer(L, argument, "minutes", -ADD_MOST, ADD_MOST, 0);
        const int64_t seconds =
            bind_option_integer(L, argument, "seconds", -add_seconds_most, add_seconds_most, 0);
        span.microseconds = (hours * 3600 + minutes * 60 + seconds) * MICROSECONDS;
    }
    return span;
}

bool date_add_span(struct date *out, struct date date, const struct span *span)
{
    return date_add_months(&date, date, span->months) && date_add_days(out, date, span->days);
}

static bool try_push_by_pattern(lua_State *L, struct moment moment, struct text pattern, struct err *err)
{
    SCOPED_BUF(out, FORMATTED_MAX);
    if (!pattern_write(&out, moment, pattern, err))
        return false;
    lua_pushlstring(L, buf_text(&out).data, out.length);
    return true;
}

int push_by_pattern(lua_State *L, struct moment moment, int argument, const char *otherwise)
{
    const struct text pattern = bind_text_or(L, argument, "pattern", text_from(otherwise));
    struct err err = {0};
    return try_push_by_pattern(L, moment, pattern, &err) ? 1 : bind_raise(L, &err);
}

void push_seconds(lua_State *L, int64_t microseconds)
{
    if (microseconds % MICROSECONDS == 0)
        lua_pushinteger(L, microseconds / MICROSECONDS);
    else
        lua_pushnumber(L, (double)microseconds / MICROSECONDS);
}

// ---- functions of the module

static struct date checked_date(lua_State *L, int first)
{
    const struct date date = {
        (int16_t)bind_integer(L, first, "year", YEAR_LEAST, YEAR_MOST),
        (int8_t)bind_integer(L, first + 1, "month", 1, 12),
        (int8_t)bind_integer(L, first + 2, "day", 1, 31),
    };
    if (!date_valid(date))
        bind_fail(L, ERR_DATE_NONE,
                  lua_pushfstring(L, "%d.%d.%d", (int)date.day, (int)date.month, (int)date.year));
    return date;
}

static bool read_date(struct date *out, lua_State *L, int argument, struct err *err)
{
    const struct text written = bind_text(L, argument, "text");
    if (lua_isnoneornil(L, argument + 1))
        return date_parse(out, written, err);
    struct moment moment;
    if (!pattern_read(&moment, written, bind_text(L, argument + 1, "pattern"), err))
        return false;
    *out = moment.date;
    return true;
}

static int date_parse_text(lua_State *L)
{
    struct date date;
    struct err err = {0};
    if (!read_date(&date, L, 1, &err))
        return bind_raise(L, &err);
    bind_date_push(L, date);
    return 1;
}

// date(2026, 5, 31), date("31.5.2026"): the module is called, itself the first argument.
static int date_call(lua_State *L)
{
    lua_remove(L, 1);
    if (lua_type(L, 1) == LUA_TSTRING)
        return date_parse_text(L);
    bind_date_push(L, checked_date(L, 1));
    return 1;
}

static bool push_message(lua_State *L, const struct err *err)
{
    SCOPED_BUF(out, 4096);
    const bool said = err_message(&out, err, worker_of(L)->language);
    lua_pushlstring(L, buf_text(&out).data, out.length);
    return said;
}

static int date_is_valid(lua_State *L)
{
    struct date date;
    struct err err = {0};
    const bool valid = read_date(&date, L, 1, &err);
    if (!valid && err_class(err.code) == CLASS_BUG)
        return bind_raise(L, &err); // a wrong pattern is no fault of the text
    lua_pushboolean(L, valid);
    return valid ? 1 : 1 + push_message(L, &err);
}

static struct instant now(lua_State *L, int argument)
{
    struct instant instant;
    struct err err = {0};
    const struct instant utc = {.microseconds = clock_realtime_ms() * 1000};
    if (!instant_in_zone(&instant, utc, zone_argument(L, argument), &err))
        bind_raise(L, &err);
    return instant;
}

static int date_now(lua_State *L)
{
    bind_instant_push(L, now(L, 1));
    return 1;
}

static int date_today(lua_State *L)
{
    bind_date_push(L, instant_moment(now(L, 1)).date);
    return 1;
}

static int date_month(lua_State *L)
{
    struct month month;
    struct err err = {0};
    if (lua_type(L, 1) == LUA_TNUMBER)
        month = (struct month){(int16_t)bind_integer(L, 1, "year", YEAR_LEAST, YEAR_MOST),
                               (int8_t)bind_integer(L, 2, "month", 1, 12)};
    else if (!month_parse(&month, bind_text(L, 1, "text"), &err))
        return bind_raise(L, &err);
    bind_month_push(L, month);
    return 1;
}

static int date_of_week(lua_State *L)
{
    const struct week week = {(int16_t)bind_integer(L, 1, "year", YEAR_LEAST, YEAR_MOST),
                              (int8_t)bind_integer(L, 2, "week", 1, 53)};
    struct date monday;
    if (!date_from_week(&monday, week))
        return bind_fail(L, ERR_WEEK_NONE, N(week.year), N(week.week));
    bind_date_push(L, monday);
    return 1;
}

static struct moment moment_of_numbers(lua_State *L)
{
    return (struct moment){
        .date = checked_date(L, 1),
        .hour = (int8_t)bind_integer_or(L, 4, "hour", 0, 23, 0),
        .minute = (int8_t)bind_integer_or(L, 5, "minute", 0, 59, 0),
        .second = (int8_t)bind_integer_or(L, 6, "second", 0, 59, 0),
    };
}

static bool moment_of_text(struct moment *out, lua_State *L, struct err *err)
{
    const struct text written = bind_text(L, 1, "text");
    bool has_offset;
    int32_t offset;
    if (!lua_isnoneornil(L, 2))
        return pattern_read(out, written, bind_text(L, 2, "pattern"), err);
    return moment_parse(out, &has_offset, &offset, written, err);
}

static int date_moment(lua_State *L)
{
    struct moment moment;
    struct err err = {0};
    if (lua_type(L, 1) == LUA_TNUMBER)
        moment = moment_of_numbers(L);
    else if (!moment_of_text(&moment, L, &err))
        return bind_raise(L, &err);
    bind_moment_push(L, moment);
    return 1;
}

static int date_instant(lua_State *L)
{
    static const char *const known[] = {"zone", NULL};
    const struct text written = bind_text(L, 1, "text");
    bind_options(L, 2, known);
    const struct text name = bind_option_text(L, 2, "zone", TEXT_OF(""));
    const struct zone *zone = name.length ? zone_named(L, name) : NULL;
    struct instant instant;
    struct err err = {0};
    if (!instant_parse(&instant, written, zone, &err))
        return bind_raise(L, &err);
    bind_instant_push(L, instant);
    return 1;
}

static const luaL_Reg functions[] = {
    {"parse", date_parse_text}, {"valid", date_is_valid},  {"today", date_today},
    {"now", date_now},          {"month", date_month},     {"week", date_of_week},
    {"moment", date_moment},    {"instant", date_instant}, {NULL, NULL},
};

int luaopen_date(lua_State *L);
int luaopen_date(lua_State *L)
{
    open_zones(L);
    date_class_open(L);
    month_class_open(L);
    moment_class_open(L);
    instant_class_open(L);
    luaL_newlib(L, functions);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, date_call);
    lua_setfield(L, -2, "__call");
    lua_setmetatable(L, -2);
    return 1;
}
