// See sheet_cells.h. In the worker.
#include "worker/bind/sheet_cells.h"

#include "lib/calendar/parse.h"
#include "lib/decimal/decimal.h"
#include "lib/sheet/serial.h"

// The second table holds texts, by their number modulo TEXTS; the first one numbers, and days after them.
enum { NUMBERS_BITS = 10, NUMBERS = 1 << NUMBERS_BITS, DAYS = 512, TEXTS = 1 << 14, TEXT_BYTES_KEPT = 256 };
enum { NUMBER_ROOM = 800 };

// What comes for the first time is only noted; what comes again before another value takes its place in the notes is kept.
// So values that come once, such as invoice numbers, neither cost a place nor drive out what is worth keeping.
struct kept_values {
    int index;
    struct number_key {
        int64_t coefficient;
        uint32_t places_and_one; // 0: nothing
    } noted_numbers[NUMBERS], numbers[NUMBERS];
    int32_t days[DAYS]; // since 1970, and one: 0 is nothing; that one day is made anew each time
    uint32_t noted_texts[TEXTS], texts[TEXTS]; // numbers from 1
};

const char *const cell_type_names[] = {"auto",    "text", "decimal", "integer", "number",
                                       "boolean", "date", "moment",  "formula", NULL};

struct kept_values *kept_values_new(void)
{
    return xcalloc(1, sizeof(struct kept_values));
}

void kept_values_free(struct kept_values *kept)
{
    xfree(kept);
}

void kept_values_push_tables(lua_State *L)
{
    lua_createtable(L, NUMBERS + DAYS, 0);
    lua_newtable(L);
}

void kept_values_at(struct kept_values *kept, int index)
{
    kept->index = index;
}

/* ---- values that come again -------------------------------------------------------------------------------------------- */

static bool same_key(const struct number_key *key, struct sheet_number number)
{
    return key->coefficient == number.coefficient && key->places_and_one == number.places + 1u;
}

// Keeps the value on top of the stack in one of the tables.
static void keep_top(lua_State *L, int table, unsigned place)
{
    lua_pushvalue(L, -1);
    lua_rawseti(L, table, (lua_Integer)place + 1);
}

static void push_scaled(lua_State *L, struct kept_values *kept, struct sheet_number number)
{
    const uint64_t mixed =
        ((uint64_t)number.coefficient + number.places) * 0x9E3779B97F4A7C15u; // Fibonacci hashing
    const unsigned place = (unsigned)(mixed >> (64 - NUMBERS_BITS));
    if (kept && same_key(&kept->numbers[place], number)) {
        lua_rawgeti(L, kept->index, place + 1);
        return;
    }
    bind_decimal_push_scaled(L, number.coefficient, number.places);
    if (!kept)
        return;
    struct number_key *noted = &kept->noted_numbers[place];
    if (same_key(noted, number)) {
        keep_top(L, kept->index, place);
        kept->numbers[place] = *noted;
    } else {
        *noted = (struct number_key){number.coefficient, number.places + 1u};
    }
}

static void push_kept_day(lua_State *L, struct kept_values *kept, struct date date)
{
    const int32_t day = kept ? date_to_days(date) + 1 : 0;
    const unsigned place = (unsigned)day % DAYS;
    if (!day) {
        bind_date_push(L, date);
    } else if (kept->days[place] == day) {
        lua_rawgeti(L, kept->index, NUMBERS + 1 + place);
    } else {
        bind_date_push(L, date);
        keep_top(L, kept->index, NUMBERS + place);
        kept->days[place] = day;
    }
}

static void push_string(lua_State *L, struct kept_values *kept, const struct cell *cell)
{
    const unsigned place = cell->shared % TEXTS;
    const bool keeps = kept && cell->shared && cell->text.length <= TEXT_BYTES_KEPT;
    if (keeps && kept->texts[place] == cell->shared) {
        lua_rawgeti(L, kept->index + 1, place + 1);
        return;
    }
    lua_pushlstring(L, cell->text.data, cell->text.length);
    if (keeps && kept->noted_texts[place] == cell->shared) {
        keep_top(L, kept->index + 1, place);
        kept->texts[place] = cell->shared;
    } else if (keeps) {
        kept->noted_texts[place] = cell->shared;
    }
}

/* ---- by the cell's own kind ----------------------------------------------------------------------------------------------- */

// Written onto the C stack, so that nothing is held when Lua takes it.
static void push_long_number(lua_State *L, struct text written)
{
    char decimal[NUMBER_ROOM];
    struct buf out = buf_new(sizeof decimal - 1);
    const bool done = sheet_number_decimal(&out, written);
    const size_t length = out.length;
    memcpy(decimal, buf_string(&out), length);
    buf_dispose(&out);
    if (!done || !bind_decimal_push_text(L, text_of(decimal, length)))
        lua_pushlstring(L, written.data, written.length);
}

static void push_number(lua_State *L, struct kept_values *kept, const struct cell *cell)
{
    if (cell->small)
        push_scaled(L, kept, cell->number);
    else
        push_long_number(L, cell->text);
}

static void push_date(lua_State *L, struct kept_values *kept, const struct cell *cell)
{
    char reading[SERIAL_TEXT_SIZE];
    switch (cell->form) {
    case CELL_DAY:
        push_kept_day(L, kept, cell->moment.date);
        return;
    case CELL_MOMENT:
        bind_moment_push(L, cell->moment);
        return;
    case CELL_TIME:
    case CELL_ELAPSED:
        break;
    }
    lua_pushstring(L, serial_reading(reading, cell));
}

static void push_own(lua_State *L, struct kept_values *kept, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_EMPTY:
        lua_pushnil(L);
        return;
    case CELL_TEXT:
        push_string(L, kept, cell);
        return;
    case CELL_NUMBER:
        push_number(L, kept, cell);
        return;
    case CELL_BOOLEAN:
        lua_pushboolean(L, cell->boolean);
        return;
    case CELL_DATE:
        push_date(L, kept, cell);
        return;
    case CELL_ERROR:
        sheet_error_push(L, cell->text);
        return;
    }
}

void sheet_push_cell(lua_State *L, const struct cell *cell)
{
    push_own(L, NULL, cell);
}

void sheet_push_formula(lua_State *L, const struct cell *cell)
{
    luaL_Buffer text;
    if (!cell->formula.length) {
        lua_pushnil(L);
        return;
    }
    luaL_buffinit(L, &text);
    luaL_addchar(&text, '=');
    luaL_addlstring(&text, cell->formula.data, cell->formula.length);
    luaL_pushresult(&text);
}

/* ---- by a type ------------------------------------------------------------------------------------------------------------ */

struct asked {
    struct kept_values *kept;
    const struct cell *cell;
    enum csv_decimal mark;
};

static bool read_decimal(struct decimal *out, const struct asked *asked)
{
    struct err err;
    const char point = asked->mark == CSV_DECIMAL_COMMA ? ',' : asked->mark == CSV_DECIMAL_POINT ? '.' : 0;
    if (asked->cell->kind == CELL_TEXT)
        return decimal_parse_amount(out, text_trim(asked->cell->text), point, &err);
    if (asked->cell->kind != CELL_NUMBER)
        return false;
    SCOPED_BUF(written, 800);
    return sheet_number_decimal(&written, asked->cell->text) && decimal_parse(out, buf_text(&written), &err);
}

static bool is_small(const struct asked *asked)
{
    return asked->cell->kind == CELL_NUMBER && asked->cell->small;
}

static bool push_decimal(lua_State *L, const struct asked *asked)
{
    if (is_small(asked)) {
        push_scaled(L, asked->kept, asked->cell->number);
        return true;
    }
    struct decimal value;
    const bool good = read_decimal(&value, asked);
    if (good)
        bind_decimal_push(L, &value);
    return good;
}

static bool push_integer(lua_State *L, const struct asked *asked)
{
    struct decimal value;
    int64_t integer;
    if (is_small(asked)) {
        lua_pushinteger(L, asked->cell->number.coefficient);
        return asked->cell->number.places == 0;
    }
    const bool good = read_decimal(&value, asked) && decimal_to_int64(&value, &integer);
    if (good)
        lua_pushinteger(L, integer);
    return good;
}

static bool push_float(lua_State *L, const struct asked *asked)
{
    if (is_small(asked)) {
        lua_pushnumber(L, sheet_number_double(asked->cell->number));
        return true;
    }
    struct decimal value;
    const bool good = read_decimal(&value, asked);
    if (good)
        lua_pushnumber(L, decimal_to_double(&value));
    return good;
}

static bool push_boolean(lua_State *L, const struct asked *asked)
{
    static const char *const yes[] = {"true", "1", "yes", "y", "x", "tosi", "kyllä", "k", "ja", "sant"};
    static const char *const no[] = {"false", "0", "no", "n", "epätosi", "ei", "e", "nej", "falskt"};
    const struct text text = text_trim(asked->cell->text);
    int value = asked->cell->kind == CELL_BOOLEAN ? asked->cell->boolean : -1;
    for (size_t i = 0; i < COUNT_OF(yes) && value < 0; i++)
        if (text_equal_ascii_case(text, text_from(yes[i])))
            value = 1;
    for (size_t i = 0; i < COUNT_OF(no) && value < 0; i++)
        if (text_equal_ascii_case(text, text_from(no[i])))
            value = 0;
    if (value >= 0)
        lua_pushboolean(L, value);
    return value >= 0;
}

static bool push_day(lua_State *L, const struct asked *asked)
{
    struct err err;
    struct date date = asked->cell->moment.date;
    const bool dated = asked->cell->kind == CELL_DATE && asked->cell->form <= CELL_MOMENT;
    if (!dated && !(asked->cell->kind == CELL_TEXT && date_parse(&date, asked->cell->text, &err)))
        return false;
    push_kept_day(L, asked->kept, date);
    return true;
}

static bool push_moment(lua_State *L, const struct asked *asked)
{
    struct err err;
    bool has_offset = false;
    int32_t offset;
    struct moment moment = asked->cell->moment;
    const bool dated = asked->cell->kind == CELL_DATE && asked->cell->form <= CELL_MOMENT;
    if (!dated && !(asked->cell->kind == CELL_TEXT &&
                    moment_parse(&moment, &has_offset, &offset, asked->cell->text, &err)))
        return false;
    if (has_offset)
        return false; // a moment on a wall has no zone: read it as text and convert it
    bind_moment_push(L, moment);
    return true;
}

// What a person reads in the cell.
static bool push_text(lua_State *L, const struct asked *asked)
{
    char reading[SERIAL_TEXT_SIZE];
    push_own(L, asked->kept, asked->cell);
    if (asked->cell->kind == CELL_BOOLEAN) {
        lua_pushstring(L, asked->cell->boolean ? "TRUE" : "FALSE");
    } else if (asked->cell->kind == CELL_DATE) {
        lua_pushstring(L, serial_reading(reading, asked->cell));
    } else if (asked->cell->kind == CELL_NUMBER && bind_decimal_test(L, -1)) {
        bind_decimal_push_written(L, bind_decimal_test(L, -1));
    } else {
        return asked->cell->kind != CELL_ERROR;
    }
    lua_remove(L, -2);
    return true;
}

static bool push_formula(lua_State *L, const struct asked *asked)
{
    sheet_push_formula(L, asked->cell);
    return true;
}

bool cell_push(lua_State *L, struct kept_values *kept, const struct cell *cell, enum cell_type type,
               enum csv_decimal mark)
{
    static bool (*const pushers[])(lua_State *, const struct asked *) = {
        [CELL_AS_TEXT] = push_text,     [CELL_AS_DECIMAL] = push_decimal, [CELL_AS_INTEGER] = push_integer,
        [CELL_AS_NUMBER] = push_float,  [CELL_AS_BOOLEAN] = push_boolean, [CELL_AS_DATE] = push_day,
        [CELL_AS_MOMENT] = push_moment, [CELL_AS_FORMULA] = push_formula,
    };
    if (type == CELL_AS_IT_IS) {
        push_own(L, kept, cell);
        return true;
    }
    return pushers[type](L, &(struct asked){kept, cell, mark});
}
