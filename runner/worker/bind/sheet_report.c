// Workbooks as robots write them: the report. In the worker.
//
// A report is a userdata that owns its writer; it is closed by close(), by run:attach, or at the end of its scope. What
// was not closed leaves no file.
#include "worker/bind/sheet_write.h"

#define REPORT_CLASS "sheet.report"

struct report *report_check(lua_State *L)
{
    struct report *report = luaL_checkudata(L, 1, REPORT_CLASS);
    if (!report->writer)
        bind_fail(L, ERR_SHEET_CLOSED, report->path);
    return report;
}

int report_raise(lua_State *L, const struct report *report, struct err *err)
{
    err_note(err, "%s", report->path);
    bind_raise(L, err);
}

static void set_properties(lua_State *L, struct report *report)
{
    struct err err;
    for (unsigned i = 0; i < PROPERTY_COUNT; i++) {
        const struct text value = bind_option_text(L, 2, document_property_names[i], text_of(NULL, 0));
        if (value.data && !sheet_writer_set_property(report->writer, (enum document_property)i, value, &err))
            report_raise(L, report, &err);
    }
}

// create(path, { title = …, author = … })
int sheet_create(lua_State *L)
{
    struct err err;
    const struct text path = bind_text(L, 1, "path");
    bind_options(L, 2, document_property_names);
    lua_settop(L, 2);
    given_options(L, 2);
    struct report *report = lua_newuserdatauv(L, sizeof *report, 0);
    *report = (struct report){0};
    luaL_setmetatable(L, REPORT_CLASS);
    report->path = text_copy(path);
    if (!sheet_writer_open(&report->writer, report->path, &err))
        return bind_raise(L, &err);
    set_properties(L, report);
    return 1;
}

static int report_close(lua_State *L)
{
    struct err err;
    struct report *report = luaL_checkudata(L, 1, REPORT_CLASS);
    if (!report->writer)
        return 0;
    size_t page;
    if (!sheet_writer_page_count(report->writer) &&
        !sheet_writer_free_page(report->writer, TEXT_OF("1"), &page, &err))
        return report_raise(L, report, &err); // a workbook must have a page
    if (!sheet_writer_close(STEAL(report->writer), &err))
        return bind_raise(L, &err);
    return 0;
}

// The end of a scope: closed when all went well, dropped when an error left it.
static int report_scope(lua_State *L)
{
    struct report *report = luaL_checkudata(L, 1, REPORT_CLASS);
    if (lua_isnoneornil(L, 2))
        return report_close(L);
    sheet_writer_free(STEAL(report->writer));
    return 0;
}

static int report_gc(lua_State *L)
{
    struct report *report = luaL_checkudata(L, 1, REPORT_CLASS);
    sheet_writer_free(STEAL(report->writer));
    xfree(STEAL(report->path));
    return 0;
}

static int report_path(lua_State *L)
{
    const struct report *report = luaL_checkudata(L, 1, REPORT_CLASS);
    lua_pushstring(L, report->path);
    return 1;
}

// report:page(name): the page of that name, made free where there is none.
static int report_page(lua_State *L)
{
    struct err err;
    size_t page;
    struct report *report = report_check(L);
    const struct text name = bind_text(L, 2, "page");
    if (!sheet_writer_find_page(report->writer, name, &page) &&
        !sheet_writer_free_page(report->writer, name, &page, &err))
        return report_raise(L, report, &err);
    written_page_push(L, 1, page);
    return 1;
}

void sheet_write_classes(lua_State *L)
{
    static const luaL_Reg report[] = {{"table", report_table},
                                      {"page", report_page},
                                      {"close", report_close},
                                      {"path", report_path},
                                      {NULL, NULL}};
    static const luaL_Reg report_meta[] = {{"__gc", report_gc}, {"__close", report_scope}, {NULL, NULL}};
    bind_class(L, REPORT_CLASS, report, report_meta);
    written_page_class(L);
    sheet_value_classes(L);
    sheet_csv_class(L);
}
