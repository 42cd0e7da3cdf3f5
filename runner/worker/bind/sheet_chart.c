// page:chart. In the worker.
#include "worker/bind/sheet_write.h"

enum { CHART_SERIES_MAX = 50 };

static struct range range_field(lua_State *L, int table, const char *field, bool needed)
{
    struct range range = {0};
    const int type = lua_getfield(L, table, field);
    struct text text = {"", 0};
    if (type == LUA_TSTRING)
        text.data = lua_tolstring(L, -1, &text.length);
    if ((type == LUA_TNIL && needed) || (type != LUA_TNIL && !range_parse(&range, text)))
        bind_argument(L, 2, field, "a range such as \"B2:B20\"");
    lua_pop(L, 1);
    return range;
}

// A chart has one series (values = …) or several (series = { { name =, values = } … }), all over the same categories.
static size_t read_series(lua_State *L, struct chart_series series[CHART_SERIES_MAX])
{
    const struct range categories = range_field(L, 2, "categories", false);
    if (lua_getfield(L, 2, "series") != LUA_TTABLE) {
        series[0] = (struct chart_series){NULL, categories, range_field(L, 2, "values", true)};
        return 1;
    }
    const int list = lua_gettop(L);
    size_t count = 0;
    for (; lua_rawgeti(L, list, (lua_Integer)count + 1) == LUA_TTABLE; count++) {
        if (count == CHART_SERIES_MAX)
            bind_fail(L, ERR_LIMIT_PASSED, "series", N(CHART_SERIES_MAX));
        const int item = lua_gettop(L);
        series[count] = (struct chart_series){NULL, categories, range_field(L, item, "values", true)};
        if (lua_getfield(L, item, "name") == LUA_TSTRING)
            series[count].name = lua_tostring(L, -1); // stays in its table
        lua_settop(L, list);
    }
    return count;
}

// page:chart { type = "column", values = "B2:B9", categories = "A2:A9", title = …, at = "E2" }
int page_chart(lua_State *L)
{
    static const char *const known[] = {"type",    "values",  "categories", "series", "title",
                                        "x_title", "y_title", "at",         "page",   NULL};
    struct err err;
    size_t page;
    struct chart_series series[CHART_SERIES_MAX];
    struct sheet_chart chart = {.series = series};
    struct report *report = written_page_check(L, &page);
    bind_table(L, 2, "chart");
    bind_options(L, 2, known);
    if (!chart_kind_from_name(&chart.kind, bind_option_text(L, 2, "type", TEXT_OF("column"))))
        bind_argument(L, 2, "type", "column, bar, line, pie, area or scatter");
    chart.title = bind_option_text(L, 2, "title", text_of(NULL, 0)).data;
    chart.x_title = bind_option_text(L, 2, "x_title", text_of(NULL, 0)).data;
    chart.y_title = bind_option_text(L, 2, "y_title", text_of(NULL, 0)).data;
    if (!sheet_reference_parse(&chart.place, bind_option_text(L, 2, "at", TEXT_OF("F2"))))
        bind_argument(L, 2, "at", "a cell such as \"F2\"");
    chart.data_page = page;
    const struct text data = bind_option_text(L, 2, "page", text_of(NULL, 0));
    if (data.data && !sheet_writer_find_page(report->writer, data, &chart.data_page))
        bind_argument(L, 2, "page", "a page of this workbook");
    chart.series_count = read_series(L, series);
    if (!sheet_writer_chart(report->writer, page, &chart, &err))
        return report_raise(L, report, &err);
    lua_settop(L, 1);
    return 1;
}
