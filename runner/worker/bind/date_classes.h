// The classes of the module date and what their files share: date.c, date_day.c, date_month.c, date_moment.c.
#ifndef RENKI_WORKER_BIND_DATE_CLASSES_H
#define RENKI_WORKER_BIND_DATE_CLASSES_H

#include "lib/calendar/instant.h"
#include "worker/bind/values.h"

// Class names, as robots read them in messages.
#define DATE_CLASS "date"
#define MONTH_CLASS "month"
#define MOMENT_CLASS "moment"
#define INSTANT_CLASS "instant"

void date_class_open(lua_State *L);
void month_class_open(lua_State *L);
void moment_class_open(lua_State *L);
void instant_class_open(lua_State *L);

void bind_instant_push(lua_State *L, struct instant instant);
bool bind_instant_test(lua_State *L, int index, struct instant *out);

// Checked arguments; a wrong one raises.
struct date date_argument(lua_State *L, int argument, const char *name);
struct month month_argument(lua_State *L, int argument, const char *name);
struct moment moment_argument(lua_State *L, int argument, const char *name);
struct instant instant_argument(lua_State *L, int argument, const char *name);
// A zone by name; absent: DATE_DEFAULT_ZONE.
#define DATE_DEFAULT_ZONE "Europe/Helsinki"
const struct zone *zone_argument(lua_State *L, int argument);
const struct zone *zone_named(lua_State *L, struct text name);

// What :add { … } is given: numbers of each unit, 0 where not said.
struct span {
    int64_t months, days, microseconds;
};
// With `clock`, hours, minutes and seconds are known too.
struct span span_argument(lua_State *L, int argument, bool clock);

// Pushes the moment by the pattern at `argument`, or by `otherwise`; raises when it is none.
int push_by_pattern(lua_State *L, struct moment moment, int argument, const char *otherwise);
// Pushes seconds: a whole number, or one with a fraction where there is one.
void push_seconds(lua_State *L, int64_t microseconds);
// Months, then days, on the calendar.
bool date_add_span(struct date *out, struct date date, const struct span *span) MUST_CHECK;

#endif
