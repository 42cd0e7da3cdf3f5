// Pages of a report whose cells are written one by one. In the worker.
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

static struct reference check_cell(lua_State *L, int argument)
{
    struct reference cell;
    if (!sheet_reference_parse(&cell, bind_text(L, argument, "cell")))
        bind_argument(L, argument, "cell", "a cell such as \"B7\"");
    return cell;
}

static struct range check_range(lua_State *L, int argument)
{
    struct range range;
    if (!range_parse(&range, bind_text(L, argument, "range")))
        bind_argument(L, argument, "range", "a range such as \"A1:D20\"");
    return range;
}

// page:cell("B7", value, format)
static int page_cell(lua_State *L)
{
    struct err err;
    struct sheet_look look;
    struct place place;
    place.report = written_page_check(L, &place.page);
    place.cell = check_cell(L, 2);
    luaL_checkany(L, 3);
    const bool told = look_check(L, 4, &look);
    if (!sheet_write_value(L, &place, 3, told ? &look : NULL, &err))
        return report_raise(L, place.report, &err);
    lua_settop(L, 1);
    return 1;
}

// page:column("B", { width = 20 })
static int page_column(lua_State *L)
{
    static const char *const known[] = {"width", NULL};
    struct err err;
    struct reference first;
    char cell[32];
    size_t page;
    struct report *report = written_page_check(L, &page);
    snprintf(cell, sizeof cell, "%.8s1", bind_text(L, 2, "column").data);
    if (!sheet_reference_parse(&first, text_from(cell)))
        bind_argument(L, 2, "column", "a column such as \"B\"");
    bind_options(L, 3, known);
    const int64_t width = bind_option_integer(L, 3, "width", 1, WRITER_WIDTH_MAX, 0);
    if (width && !sheet_writer_set_width(report->writer, page, first.column, (double)width, &err))
        return report_raise(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

static int page_freeze(lua_State *L)
{
    size_t page;
    struct report *report = written_page_check(L, &page);
    sheet_writer_freeze(report->writer, page, check_cell(L, 2));
    lua_settop(L, 1);
    return 1;
}

static int page_filter(lua_State *L)
{
    struct err err;
    size_t page;
    struct report *report = written_page_check(L, &page);
    if (!sheet_writer_filter(report->writer, page, check_range(L, 2), &err))
        return report_raise(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

static int page_merge(lua_State *L)
{
    struct err err;
    size_t page;
    struct sheet_look look;
    struct report *report = written_page_check(L, &page);
    const struct range range = check_range(L, 2);
    const struct text text = bind_text(L, 3, "text");
    look_check(L, 4, &look);
    if (!sheet_writer_merge(report->writer, page, range, text, look, &err))
        return report_raise(L, report, &err);
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

void written_page_class(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"name", page_name},     {"cell", page_cell},   {"column", page_column}, {"freeze", page_freeze},
        {"filter", page_filter}, {"merge", page_merge}, {"chart", page_chart},   {NULL, NULL}};
    bind_class(L, PAGE_CLASS, methods, NULL);
}
