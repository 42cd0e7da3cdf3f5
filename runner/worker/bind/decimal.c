// require "decimal": exact numbers for money. In the worker.
//
// A decimal is a userdata that holds the used front of a struct decimal; it owns nothing and never changes. A zero has
// no sign here: -0.004 rounded to cents is 0.00, which is what an invoice must say.
#include "lib/decimal/decimal.h"

#include "worker/bind/values.h"
#include "worker/worker.h"

#define CLASS "decimal"
static const char class_at; // bind_class_at

void bind_decimal_push(lua_State *L, const struct decimal *value)
{
    const size_t size = decimal_bytes(value);
    struct decimal *held = lua_newuserdatauv(L, size, 0);
    memcpy(held, value, size);
    held->negative = value->negative && !decimal_is_zero(value);
    bind_set_class_at(L, &class_at);
}

void bind_decimal_push_scaled(lua_State *L, int64_t coefficient, unsigned places)
{
    decimal_put_small(lua_newuserdatauv(L, DECIMAL_SMALL_BYTES, 0), coefficient, -(int32_t)places);
    bind_set_class_at(L, &class_at);
}

bool bind_decimal_push_text(lua_State *L, struct text written)
{
    struct decimal value;
    struct err err;
    if (!decimal_parse(&value, written, &err))
        return false;
    bind_decimal_push(L, &value);
    return true;
}

const struct decimal *bind_decimal_test(lua_State *L, int index)
{
    return bind_test_class_at(L, index, &class_at);
}

typedef bool write_form(struct buf *out, const struct decimal *value);

// Written into the C stack, so that nothing is held when Lua takes the string.
static void push_written(lua_State *L, const struct decimal *value, write_form *form)
{
    char written[DECIMAL_TEXT_MAX];
    struct buf text = buf_new(sizeof written);
    const size_t length = check(form(&text, value)) ? text.length : 0;
    memcpy(written, buf_string(&text), length);
    buf_dispose(&text);
    lua_pushlstring(L, written, length);
}

void bind_decimal_push_written(lua_State *L, const struct decimal *value)
{
    char written[DECIMAL_SHORT_TEXT_SIZE];
    const size_t length = decimal_short_text(written, value);
    if (length)
        lua_pushlstring(L, written, length);
    else
        push_written(L, value, decimal_text);
}

// ---- arguments

static const char *words(lua_State *L, enum phrase phrase)
{
    return phrase_text(worker_of(L)->language, phrase);
}

// A decimal, or a whole number made into one in `room`; NULL for all else. 2.0 is whole; 0.1 is refused, because as a
// binary number it is 0.1000000000000000055 and that is not what was meant.
static const struct decimal *number_at(lua_State *L, int index, struct decimal *room)
{
    const struct decimal *value = bind_decimal_test(L, index);
    int is_whole = 0;
    if (value || lua_type(L, index) != LUA_TNUMBER)
        return value;
    const lua_Integer integer = lua_tointegerx(L, index, &is_whole);
    if (!is_whole) {
        lua_pushvalue(L, index);
        bind_fail(L, ERR_DECIMAL_FLOAT, lua_tostring(L, -1));
    }
    decimal_from_int64(room, integer);
    return room;
}

static const struct decimal *argument(lua_State *L, int index, const char *name, struct decimal *room)
{
    const struct decimal *value = number_at(L, index, room);
    if (!value)
        bind_argument(L, index, name, words(L, PHRASE_EXPECTED_DECIMAL));
    return value;
}

static const struct decimal *operand(lua_State *L, int index, struct decimal *room)
{
    const struct decimal *value = number_at(L, index, room);
    if (!value)
        bind_fail(L, ERR_DECIMAL_OPERAND, bind_describe(L, index));
    return value;
}

static enum decimal_rounding rounding_from(lua_State *L, struct text name)
{
    enum decimal_rounding rounding;
    if (!decimal_rounding_from_name(&rounding, name)) {
        const char *given = lua_pushlstring(L, name.data, name.length);
        const char *nearest = text_nearest(given, decimal_rounding_names, DECIMAL_ROUNDING_COUNT);
        bind_fail(L, ERR_DECIMAL_ROUNDING, given,
                  nearest ? nearest : decimal_rounding_names[DECIMAL_HALF_UP]);
    }
    return rounding;
}

static enum decimal_rounding rounding_argument(lua_State *L, int index)
{
    return rounding_from(L, bind_text_or(L, index, "rounding", TEXT_OF("half-up")));
}

// ---- operators

typedef bool operation(struct decimal *out, const struct decimal *a, const struct decimal *b,
                       struct err *err);

static int operate(lua_State *L, operation *compute)
{
    UNSET struct decimal first, second, result;
    UNSET struct err err;
    const struct decimal *a = operand(L, 1, &first), *b = operand(L, 2, &second);
    if (!compute(&result, a, b, &err))
        bind_raise(L, &err);
    bind_decimal_push(L, &result);
    return 1;
}

static int operator_add(lua_State *L)
{
    return operate(L, decimal_add);
}

static int operator_subtract(lua_State *L)
{
    return operate(L, decimal_subtract);
}

static int operator_multiply(lua_State *L)
{
    return operate(L, decimal_multiply);
}

static bool quotient_of(struct decimal *out, const struct decimal *a, const struct decimal *b,
                        struct err *err)
{
    return decimal_divide_floor(out, NULL, a, b, err);
}

static int operator_whole(lua_State *L)
{
    return operate(L, quotient_of);
}

static bool remainder_of(struct decimal *out, const struct decimal *a, const struct decimal *b,
                         struct err *err)
{
    return decimal_divide_floor(NULL, out, a, b, err);
}

static int operator_remainder(lua_State *L)
{
    return operate(L, remainder_of);
}

static bool power_of(struct decimal *out, const struct decimal *base, const struct decimal *exponent,
                     struct err *err)
{
    int64_t count;
    if (decimal_to_int64(exponent, &count))
        return decimal_power(out, base, count, err);
    SCOPED_BUF(text, DECIMAL_TEXT_MAX);
    if (check(decimal_text(&text, exponent)))
        (void)fail(err, ERR_DECIMAL_POWER, buf_string(&text), N(DECIMAL_POWER_MAX));
    return false;
}

static int operator_power(lua_State *L)
{
    return operate(L, power_of);
}

static int operator_divide(lua_State *L)
{
    return bind_fail(L, ERR_DECIMAL_SLASH);
}

static int operator_minus(lua_State *L)
{
    struct decimal room, result;
    decimal_negate(&result, operand(L, 1, &room));
    bind_decimal_push(L, &result);
    return 1;
}

static int compare(lua_State *L)
{
    UNSET struct decimal first, second;
    const struct decimal *a = operand(L, 1, &first);
    return decimal_compare(a, operand(L, 2, &second));
}

// Lua asks only when both are userdata.
static int operator_equal(lua_State *L)
{
    const bool both = bind_decimal_test(L, 1) && bind_decimal_test(L, 2);
    lua_pushboolean(L, both && compare(L) == 0);
    return 1;
}

static int operator_less(lua_State *L)
{
    lua_pushboolean(L, compare(L) < 0);
    return 1;
}

static int operator_less_equal(lua_State *L)
{
    lua_pushboolean(L, compare(L) <= 0);
    return 1;
}

// ---- methods

static const struct decimal *self(lua_State *L)
{
    const struct decimal *value = bind_decimal_test(L, 1);
    if (!value)
        bind_argument(L, 1, "self", words(L, PHRASE_EXPECTED_DECIMAL));
    return value;
}

static int decimal_tostring(lua_State *L)
{
    bind_decimal_push_written(L, self(L));
    return 1;
}

static int method_round(lua_State *L)
{
    const struct decimal *value = self(L);
    const int places = (int)bind_integer_or(L, 2, "places", -DECIMAL_DIGITS_MAX, DECIMAL_DIGITS_MAX, 0);
    const enum decimal_rounding rounding = rounding_argument(L, 3);
    struct decimal result;
    struct err err;
    if (!decimal_round(&result, value, places, rounding, &err))
        bind_raise(L, &err);
    bind_decimal_push(L, &result);
    return 1;
}

static int method_divide(lua_State *L)
{
    struct decimal room, result;
    struct err err;
    const struct decimal *value = self(L), *by = argument(L, 2, "by", &room);
    const int places = (int)bind_integer(L, 3, "places", 0, DECIMAL_DIGITS_MAX);
    const enum decimal_rounding rounding = rounding_argument(L, 4);
    if (!decimal_divide(&result, value, by, places, rounding, &err))
        bind_raise(L, &err);
    bind_decimal_push(L, &result);
    return 1;
}

static int method_abs(lua_State *L)
{
    struct decimal result;
    decimal_abs(&result, self(L));
    bind_decimal_push(L, &result);
    return 1;
}

static int method_reduce(lua_State *L)
{
    struct decimal result;
    decimal_reduce(&result, self(L));
    bind_decimal_push(L, &result);
    return 1;
}

static int method_sign(lua_State *L)
{
    lua_pushinteger(L, decimal_sign(self(L)));
    return 1;
}

static int method_is_zero(lua_State *L)
{
    lua_pushboolean(L, decimal_is_zero(self(L)));
    return 1;
}

static int method_equals(lua_State *L)
{
    struct decimal room;
    const struct decimal *value = self(L);
    lua_pushboolean(L, decimal_compare(value, argument(L, 2, "other", &room)) == 0);
    return 1;
}

static int method_places(lua_State *L)
{
    const struct decimal *value = self(L);
    lua_pushinteger(L, value->exponent < 0 ? -value->exponent : 0);
    return 1;
}

static int method_to_integer(lua_State *L)
{
    int64_t integer;
    const struct decimal *value = self(L);
    if (!decimal_to_int64(value, &integer)) {
        bind_decimal_push_written(L, value);
        bind_fail(L, ERR_DECIMAL_NOT_WHOLE, lua_tostring(L, -1));
    }
    lua_pushinteger(L, integer);
    return 1;
}

static int method_to_number(lua_State *L)
{
    lua_pushnumber(L, decimal_to_double(self(L)));
    return 1;
}

static int method_scientific(lua_State *L)
{
    push_written(L, self(L), decimal_scientific);
    return 1;
}

// ---- amounts for people

static const struct {
    const char *language, *point, *thousands, *minus;
    bool currency_first;
} habits[] = {
    {"fi", ",", "\u00A0", "\u2212", false},
    {"sv", ",", "\u00A0", "\u2212", false},
    {"en", ".", ",", "-", true},
};

// A thousands separator after every third digit, and four marks.
enum {
    MARK_BYTES_MAX = 16,
    FORMAT_BYTES_MAX = DECIMAL_TEXT_MAX + (DECIMAL_TEXT_MAX / 3 + 5) * MARK_BYTES_MAX
};

// A short text of the options, NUL-ended in the caller's room.
static const char *mark_option(lua_State *L, int options, const char *name, const char *otherwise,
                               char room[MARK_BYTES_MAX + 1])
{
    const struct text given = bind_option_text(L, options, name, text_from(otherwise));
    if (given.length > MARK_BYTES_MAX)
        bind_fail(L, ERR_LIMIT_PASSED, name, N(MARK_BYTES_MAX));
    memcpy(room, given.data, given.length);
    room[given.length] = '\0';
    return room;
}

static size_t habit_option(lua_State *L, int options)
{
    const struct text language = bind_option_text(L, options, "language", TEXT_OF("fi"));
    for (size_t i = 0; i < COUNT_OF(habits); i++)
        if (text_is(language, habits[i].language))
            return i;
    bind_fail(L, ERR_DECIMAL_LANGUAGE, lua_pushlstring(L, language.data, language.length));
}

// The value itself, or rounded in `room` where places are asked for.
static const struct decimal *rounded_option(lua_State *L, int options, const struct decimal *value,
                                            struct decimal *room)
{
    struct err err;
    const enum decimal_rounding rounding =
        rounding_from(L, bind_option_text(L, options, "rounding", TEXT_OF("half-up")));
    const int64_t places =
        bind_option_integer(L, options, "places", 0, DECIMAL_DIGITS_MAX, DECIMAL_DIGITS_MAX + 1);
    if (places > DECIMAL_DIGITS_MAX)
        return value;
    if (!decimal_round(room, value, (int)places, rounding, &err))
        bind_raise(L, &err);
    return room;
}

static int method_format(lua_State *L)
{
    static const char *const known[] = {"places", "rounding",  "language", "currency",
                                        "point",  "thousands", "minus",    NULL};
    const struct decimal *value = self(L);
    struct decimal room;
    char point[MARK_BYTES_MAX + 1], thousands[MARK_BYTES_MAX + 1], minus[MARK_BYTES_MAX + 1],
        currency[MARK_BYTES_MAX + 1], after[MARK_BYTES_MAX + 3];
    bind_options(L, 2, known);
    const size_t habit = habit_option(L, 2);
    const bool first = habits[habit].currency_first;
    mark_option(L, 2, "currency", "", currency);
    snprintf(after, sizeof after, "%s%s", currency[0] ? "\u00A0" : "", currency);
    const struct decimal_style style = {
        .point = mark_option(L, 2, "point", habits[habit].point, point),
        .thousands = mark_option(L, 2, "thousands", habits[habit].thousands, thousands),
        .minus = mark_option(L, 2, "minus", habits[habit].minus, minus),
        .before = first ? currency : "",
        .after = first ? "" : after,
    };
    value = rounded_option(L, 2, value, &room);
    char written[FORMAT_BYTES_MAX];
    struct buf text = buf_new(sizeof written);
    const size_t length = check(decimal_format(&text, value, &style)) ? text.length : 0;
    memcpy(written, buf_string(&text), length);
    buf_dispose(&text);
    lua_pushlstring(L, written, length);
    return 1;
}

// parse(text, { point = "," })
static int decimal_parse_text(lua_State *L)
{
    static const char *const known[] = {"point", NULL};
    const struct text text = bind_text(L, 1, "text");
    bind_options(L, 2, known);
    const struct text point = bind_option_text(L, 2, "point", TEXT_OF(""));
    if (point.length && !text_is(point, ",") && !text_is(point, "."))
        bind_fail(L, ERR_DECIMAL_POINT, lua_pushlstring(L, point.data, point.length));
    struct decimal value;
    struct err err;
    if (!decimal_parse_amount(&value, text, point.length ? point.data[0] : '\0', &err))
        bind_raise(L, &err);
    bind_decimal_push(L, &value);
    return 1;
}

// ---- the module

// decimal(value): text as decimal.h writes numbers, a whole number, or a decimal, which is itself.
static int make(lua_State *L)
{
    UNSET struct decimal room;
    UNSET struct err err;
    lua_remove(L, 1); // the module itself, which was called
    if (lua_type(L, 1) == LUA_TSTRING) {
        if (!decimal_parse(&room, bind_text(L, 1, "value"), &err))
            bind_raise(L, &err);
        bind_decimal_push(L, &room);
        return 1;
    }
    const struct decimal *value = number_at(L, 1, &room);
    if (!value)
        bind_argument(L, 1, "value", words(L, PHRASE_EXPECTED_DECIMAL_OR_TEXT));
    bind_decimal_push(L, value);
    return 1;
}

static int decimal_is(lua_State *L)
{
    lua_pushboolean(L, bind_decimal_test(L, 1) != NULL);
    return 1;
}

// sum(list, field): with a field, of that field of each item. An empty list sums to 0.
static int decimal_sum(lua_State *L)
{
    struct decimal sum, room;
    struct err err;
    bind_table(L, 1, "list");
    const bool of_field = !lua_isnoneornil(L, 2);
    decimal_from_int64(&sum, 0);
    const lua_Integer count = luaL_len(L, 1);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, 1, i);
        if (of_field) {
            lua_pushvalue(L, 2);
            lua_gettable(L, -2);
        }
        const struct decimal *value = number_at(L, -1, &room);
        if (!value)
            bind_fail(L, ERR_DECIMAL_SUM_ITEM, N(i), bind_describe(L, -1));
        if (!decimal_add(&sum, &sum, value, &err)) {
            err_note(&err, "[%lld]", (long long)i);
            bind_raise(L, &err);
        }
        lua_settop(L, 2);
    }
    bind_decimal_push(L, &sum);
    return 1;
}

// The first of the arguments that is the least (direction -1) or the greatest (1).
static int outermost(lua_State *L, int direction)
{
    struct decimal first, second;
    const int count = lua_gettop(L);
    int found = 1;
    argument(L, 1, "value", &first);
    for (int i = 2; i <= count; i++)
        if (decimal_compare(argument(L, i, "value", &second), argument(L, found, "value", &first)) ==
            direction)
            found = i;
    bind_decimal_push(L, argument(L, found, "value", &first));
    return 1;
}

static int decimal_min(lua_State *L)
{
    return outermost(L, -1);
}

static int decimal_max(lua_State *L)
{
    return outermost(L, 1);
}

static const luaL_Reg methods[] = {
    {"round", method_round},
    {"divide", method_divide},
    {"abs", method_abs},
    {"reduce", method_reduce},
    {"sign", method_sign},
    {"is_zero", method_is_zero},
    {"equals", method_equals},
    {"places", method_places},
    {"to_integer", method_to_integer},
    {"to_number", method_to_number},
    {"format", method_format},
    {"scientific", method_scientific},
    {NULL, NULL},
};
static const luaL_Reg metamethods[] = {
    {"__add", operator_add},          {"__sub", operator_subtract},
    {"__mul", operator_multiply},     {"__div", operator_divide},
    {"__idiv", operator_whole},       {"__mod", operator_remainder},
    {"__pow", operator_power},        {"__unm", operator_minus},
    {"__eq", operator_equal},         {"__lt", operator_less},
    {"__le", operator_less_equal},    {"__concat", bind_concatenate},
    {"__tostring", decimal_tostring}, {NULL, NULL},
};
static const luaL_Reg functions[] = {
    {"parse", decimal_parse_text}, {"is", decimal_is},   {"sum", decimal_sum},
    {"min", decimal_min},          {"max", decimal_max}, {NULL, NULL},
};

int luaopen_decimal(lua_State *L); // found by bindings.def

int luaopen_decimal(lua_State *L)
{
    bind_class(L, CLASS, methods, metamethods);
    bind_class_at(L, CLASS, &class_at);
    luaL_newlib(L, functions);
    lua_newtable(L);
    lua_pushcfunction(L, make);
    lua_setfield(L, -2, "__call");
    lua_setmetatable(L, -2);
    return 1;
}
