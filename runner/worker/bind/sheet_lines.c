// See sheet_lines.h. In the worker.
#include "worker/bind/sheet_lines.h"
#include "worker/bind/sheet_texts.h"

// On the thread's stack; the keys stand above them, then what a row needs.
enum { TEXTS = 1, METATABLE, SAME_ROW, FIXED = SAME_ROW, WORKING_ROOM = 20 };
enum { USES = 64, PRESIZED_MAX = 1000 }; // without names, columns that are USES apart share one use

struct wanted {
    struct line_column told;
    bool filled; // in the row that is given again
    struct text_use use;
};

struct lines {
    struct lines_plan plan;
    lua_State *thread;
    struct kept_texts *texts;
    struct wanted *wanted;
    size_t wanted_count;
    bool has_types;
    const struct csv_row *row;
    struct cell cell;
    enum cell_type type;
};

bool lines_have_types(const struct lines *lines)
{
    return lines->has_types;
}

const struct csv_row *lines_row(const struct lines *lines)
{
    return lines->row;
}

const struct cell *lines_cell(const struct lines *lines)
{
    return &lines->cell;
}

enum cell_type lines_type(const struct lines *lines)
{
    return lines->type;
}

/* ---- one row ----------------------------------------------------------------------------------------------------------- */

static bool is_text(enum cell_type type)
{
    return type == CELL_AS_IT_IS || type == CELL_AS_TEXT;
}

// Onto the thread. False: the cell is not of its type.
static bool push_cell(lua_State *L, struct lines *lines, struct wanted *wanted, struct text text,
                      uint32_t column)
{
    if (is_text(wanted->told.type)) {
        kept_texts_push(lines->thread, lines->texts, TEXTS, &wanted->use, text);
        return true;
    }
    lines->type = wanted->told.type;
    lines->cell = (struct cell){.column = column + 1, .kind = CELL_TEXT, .text = text};
    if (!cell_push(L, lines->plan.kept, &lines->cell, wanted->told.type, lines->plan.decimal))
        return false;
    lua_xmove(L, lines->thread, 1);
    return true;
}

static void push_row(const struct lines *lines, int room)
{
    lua_State *thread = lines->thread;
    if (lines->plan.reuse) {
        lua_pushvalue(thread, SAME_ROW);
    } else if (lines->plan.named) {
        lua_createtable(thread, 0, room);
        lua_pushvalue(thread, METATABLE);
        lua_setmetatable(thread, -2);
    } else {
        lua_createtable(thread, room, 0);
    }
}

static bool set_named(lua_State *L, struct lines *lines, int row_at)
{
    lua_State *thread = lines->thread;
    const struct csv_row *row = lines->row;
    for (size_t i = 0; i < lines->wanted_count; i++) {
        struct wanted *wanted = &lines->wanted[i];
        const bool filled = i < row->filled && row->cells[i].length;
        if (!filled && !wanted->filled)
            continue;
        lua_pushvalue(thread, FIXED + 1 + (int)i);
        if (!filled)
            lua_pushnil(thread);
        else if (!push_cell(L, lines, wanted, row->cells[i], wanted->told.column))
            return false;
        lua_rawset(thread, row_at);
        wanted->filled = filled && lines->plan.reuse;
    }
    return true;
}

static bool set_listed(lua_State *L, struct lines *lines, int row_at)
{
    lua_State *thread = lines->thread;
    const struct csv_row *row = lines->row;
    const size_t before = lines->plan.reuse ? lua_rawlen(thread, row_at) : 0;
    const size_t count = row->filled > before ? row->filled : before;
    for (size_t i = 0; i < count; i++) {
        if (i < row->filled && row->cells[i].length) {
            struct wanted *wanted =
                &lines->wanted[i < lines->wanted_count ? i : lines->wanted_count - USES + i % USES];
            if (!push_cell(L, lines, wanted, row->cells[i], (uint32_t)i))
                return false;
        } else if (lines->plan.reuse) {
            lua_pushnil(thread);
        } else {
            continue;
        }
        lua_rawseti(thread, row_at, (lua_Integer)i + 1);
    }
    return true;
}

enum lines_next lines_next(lua_State *L, struct lines *lines, int kept, struct err *err)
{
    lua_State *thread = lines->thread;
    const int row_at = FIXED + (lines->plan.named ? (int)lines->wanted_count : 0) + 1;
    do {
        if (!csv_reader_next(lines->plan.reader, &lines->row, err))
            return LINES_FAILED;
        if (!lines->row)
            return LINES_END;
    } while (!lines->row->last || lines->row->line < lines->plan.from);
    const size_t most = lines->plan.named ? lines->row->filled : lines->row->last;
    lua_settop(thread, row_at - 1); // an error may have left something
    push_row(lines, (int)(most < PRESIZED_MAX ? most : PRESIZED_MAX));
    if (lines->has_types)
        kept_values_at(lines->plan.kept, kept);
    if (!(lines->plan.named ? set_named(L, lines, row_at) : set_listed(L, lines, row_at)))
        return LINES_TYPE;
    lua_xmove(thread, L, 1);
    return LINES_ROW;
}

/* ---- beginning --------------------------------------------------------------------------------------------------------- */

static void stand_ready(lua_State *L, const struct lines *lines, int names, int metatable)
{
    lua_State *thread = lines->thread;
    luaL_checkstack(thread, FIXED + (int)lines->wanted_count + WORKING_ROOM, NULL);
    luaL_checkstack(L, WORKING_ROOM, NULL);
    kept_texts_push_table(thread);
    lua_pushvalue(L, metatable);
    lua_xmove(L, thread, 1);
    lua_newtable(thread);
    if (lines->plan.named) {
        lua_pushvalue(thread, METATABLE);
        lua_setmetatable(thread, SAME_ROW);
    }
    for (size_t i = 0; lines->plan.named && i < lines->wanted_count; i++) {
        lua_rawgeti(L, names, lines->wanted[i].told.place);
        lua_xmove(L, thread, 1);
    }
}

static void choose(const struct lines *lines)
{
    uint32_t *columns = xcalloc(lines->wanted_count + 1, sizeof *columns);
    for (size_t i = 0; i < lines->wanted_count; i++)
        columns[i] = lines->wanted[i].told.column;
    csv_reader_choose(lines->plan.reader, columns, lines->wanted_count);
    xfree(columns);
}

struct lines *lines_new(lua_State *L, const struct lines_plan *plan, int names, int metatable)
{
    struct lines *lines = xcalloc(1, sizeof *lines);
    lines->plan = *plan;
    lines->plan.columns = NULL; // not kept
    lines->texts = kept_texts_new();
    lines->wanted_count = plan->column_count + (plan->named ? 0 : USES);
    lines->wanted = xcalloc(lines->wanted_count + 1, sizeof *lines->wanted);
    for (size_t i = 0; i < plan->column_count; i++) {
        lines->wanted[i].told = plan->columns[i];
        lines->has_types = lines->has_types || !is_text(plan->columns[i].type);
    }
    lines->thread = lua_newthread(L);
    stand_ready(L, lines, names, metatable);
    if (plan->named)
        choose(lines);
    return lines;
}

void lines_free(struct lines *lines)
{
    if (!lines)
        return;
    kept_texts_free(lines->texts);
    xfree(lines->wanted);
    xfree(lines);
}
