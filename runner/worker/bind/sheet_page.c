// Pages of a report whose cells are written one by one. In the worker.
#include "lib/sheet/writer_drawing.h"
#include "worker/bind/sheet_write.h"

#include <stdio.h>

#define PAGE_CLASS "sheet.written_page"

struct page_value {
    size_t page; // user value 1: the report
};

struct report *written_page_check(lua_State *L, size_t *page)
{
    const struct page_value *value = luaL_checkudata(L, 1, PAGE_CLASS);
    lua_getiuservalue(L, 1, 1);
    struct report *report = lua_touserdata(L, -1);
    lua_pop(L, 1); // the page keeps it
    if (!report->writer)
        bind_fail(L, ERR_SHEET_CLOSED, report->path);
    *page = value->page;
    return report;
}

void written_page_push(lua_State *L, int report, size_t page)
{
    struct page_value *value = lua_newuserdatauv(L, sizeof *value, 1);
    value->page = page;
    lua_pushvalue(L, report);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, PAGE_CLASS);
}

// page:cell("B7", value, format)
static int page_cell(lua_State *L)
{
    struct err err;
    struct sheet_look look;
    struct place place;
    place.report = written_page_check(L, &place.page);
    place.cell = cell_check(L, 2);
    luaL_checkany(L, 3);
    const bool told = look_check(L, 4, &look);
    if (!sheet_write_value(L, &place, 3, told ? &look : NULL, &err))
        report_raise(L, place.report, &err);
    lua_settop(L, 1);
    return 1;
}

// page:range("A1", { { 1, 2 }, { 3, 4 } }, format): rows of values, from that cell on.
static int page_range(lua_State *L)
{
    struct err err;
    struct sheet_look look;
    struct place place;
    place.report = written_page_check(L, &place.page);
    const struct reference first = cell_check(L, 2);
    given_rows(L, 3);
    const bool told = look_check(L, 4, &look);
    lua_settop(L, 4);
    uint32_t row = first.row;
    for (lua_Integer index = 0; given_next(L, 3, &index); lua_settop(L, 4), row++) {
        const lua_Unsigned count = lua_rawlen(L, 5);
        for (lua_Unsigned i = 1; i <= count && i <= SHEET_COLUMNS_MAX; i++) {
            place.cell = (struct reference){row, first.column + (uint32_t)i - 1};
            lua_rawgeti(L, 5, (lua_Integer)i);
            if (!sheet_write_value(L, &place, 6, told ? &look : NULL, &err))
                report_raise(L, place.report, &err);
            lua_settop(L, 5);
        }
    }
    lua_settop(L, 1);
    return 1;
}

// "B" or "B:D" at argument 2.
static void columns_check(lua_State *L, uint32_t *first, uint32_t *last)
{
    struct text text = bind_text(L, 2, "column"), part;
    struct reference places[2] = {0};
    bool good = true;
    for (size_t i = 0; i < 2 && good && text_cut(&text, ':', &part); i++) {
        char cell[8];
        snprintf(cell, sizeof cell, "%.*s1", part.length > 3 ? 0 : (int)part.length, part.data);
        good = sheet_reference_parse(&places[i], text_from(cell));
    }
    *first = places[0].column;
    *last = places[1].column ? places[1].column : *first;
    if (!good || text.length || !*first || *last < *first)
        bind_argument(L, 2, "column", "a column such as \"B\", or columns such as \"B:D\"");
}

// 5 or "5:9" at argument 2.
static void rows_check(lua_State *L, uint32_t *first, uint32_t *last)
{
    int64_t from, to;
    struct text text, part;
    if (lua_type(L, 2) == LUA_TNUMBER) {
        *first = *last = (uint32_t)bind_integer(L, 2, "row", 1, SHEET_ROWS_MAX);
        return;
    }
    text = bind_text(L, 2, "row");
    const bool good = text_cut(&text, ':', &part) && text_to_int64(part, &from) && text_to_int64(text, &to) &&
                      from >= 1 && from <= to && to <= SHEET_ROWS_MAX;
    if (!good)
        bind_argument(L, 2, "row", "a row such as 5, or rows such as \"5:9\"");
    *first = (uint32_t)from;
    *last = (uint32_t)to;
}

static struct sheet_lane lane_check(lua_State *L, const char *size, double most)
{
    const char *const known[] = {size, "hidden", "level", "folded", "format", NULL};
    bind_table(L, 3, "options");
    bind_options(L, 3, known);
    return (struct sheet_lane){
        .size = number_option(L, 3, size, 0, most, 0),
        .hidden = bind_option_boolean(L, 3, "hidden", false),
        .collapsed = bind_option_boolean(L, 3, "folded", false),
        .level = (uint8_t)bind_option_integer(L, 3, "level", 0, WRITER_LEVEL_MAX, 0),
        .look = look_option(L, 3, "format"),
    };
}

// page:column("B:D", { width = 20 })
static int page_column(lua_State *L)
{
    struct err err;
    size_t page;
    uint32_t first, last;
    struct report *report = written_page_check(L, &page);
    columns_check(L, &first, &last);
    const struct sheet_lane lane = lane_check(L, "width", WRITER_WIDTH_MAX);
    if (!sheet_writer_columns(report->writer, page, first, last, &lane, &err))
        report_raise(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

// page:row("5:9", { level = 1 })
static int page_row(lua_State *L)
{
    struct err err;
    size_t page;
    uint32_t first, last;
    struct report *report = written_page_check(L, &page);
    rows_check(L, &first, &last);
    const struct sheet_lane lane = lane_check(L, "height", WRITER_HEIGHT_MAX);
    if (!sheet_writer_rows(report->writer, page, first, last, &lane, &err))
        report_raise(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

static int page_freeze(lua_State *L)
{
    size_t page;
    struct report *report = written_page_check(L, &page);
    sheet_writer_freeze(report->writer, page, cell_check(L, 2));
    lua_settop(L, 1);
    return 1;
}

static int page_filter(lua_State *L)
{
    struct err err;
    size_t page;
    struct report *report = written_page_check(L, &page);
    if (!sheet_writer_filter(report->writer, page, range_check(L, 2), &err))
        report_raise(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

static int page_merge(lua_State *L)
{
    struct err err;
    size_t page;
    struct sheet_look look;
    struct report *report = written_page_check(L, &page);
    const struct range range = range_check(L, 2);
    const struct text text = bind_text(L, 3, "text");
    look_check(L, 4, &look);
    if (!sheet_writer_merge(report->writer, page, range, text, look, &err))
        report_raise(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

// page:note("B7", "asked the supplier", author)
static int page_note(lua_State *L)
{
    struct err err;
    size_t page;
    struct report *report = written_page_check(L, &page);
    const struct reference cell = cell_check(L, 2);
    const struct text words = bind_text(L, 3, "text");
    const struct text author = bind_text_or(L, 4, "author", text_of(NULL, 0));
    if (!sheet_writer_note(report->writer, page, cell, words, author.data, &err))
        report_raise(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

// page:view { hidden = true }
static int page_view(lua_State *L)
{
    static const char *const known[] = {"hidden", "active", "gridlines", "zoom", "colour", NULL};
    enum { ZOOM_LEAST = 10, ZOOM_MOST = 400 };
    size_t page;
    struct report *report = written_page_check(L, &page);
    bind_table(L, 2, "options");
    bind_options(L, 2, known);
    const struct sheet_view view = {
        .hidden = bind_option_boolean(L, 2, "hidden", false),
        .active = bind_option_boolean(L, 2, "active", false),
        .no_gridlines = !bind_option_boolean(L, 2, "gridlines", true),
        .zoom = (uint16_t)bind_option_integer(L, 2, "zoom", ZOOM_LEAST, ZOOM_MOST, 0),
        .colour = colour_option(L, 2, "colour"),
    };
    sheet_writer_view(report->writer, page, &view);
    lua_settop(L, 1);
    return 1;
}

static int page_name(lua_State *L)
{
    size_t page;
    const struct report *report = written_page_check(L, &page);
    lua_pushstring(L, sheet_writer_page_name(report->writer, page));
    return 1;
}

// The last row that has a cell.
static int page_last_row(lua_State *L)
{
    size_t page;
    const struct report *report = written_page_check(L, &page);
    lua_pushinteger(L, sheet_writer_last_row(report->writer, page));
    return 1;
}

void written_page_class(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"name", page_name},     {"last_row", page_last_row}, {"cell", page_cell},
        {"range", page_range},   {"column", page_column},     {"row", page_row},
        {"freeze", page_freeze}, {"filter", page_filter},     {"merge", page_merge},
        {"note", page_note},     {"view", page_view},         {"rule", page_rule},
        {"entry", page_entry},   {"print", page_print},       {"protect", page_protect},
        {"chart", page_chart},   {"image", page_image},       {NULL, NULL}};
    bind_class(L, PAGE_CLASS, methods, NULL);
}
