// page:chart and page:image: what lies over the cells. In the worker.
#include "worker/bind/sheet_write.h"

#include "lib/base/file.h"
#include "lib/sheet/writer_drawing.h"

#include <fcntl.h>

enum { SERIES_MAX = 50 };

static struct reference place_option(lua_State *L, int table)
{
    struct reference place;
    if (!sheet_reference_parse(&place, bind_option_text(L, table, "at", TEXT_OF("F2"))))
        bind_argument(L, table, "at", "a cell such as \"F2\"");
    return place;
}

static void read_one_series(lua_State *L, int table, const struct report *report, struct chart_series *out)
{
    if (!range_option(L, table, "values", report, &out->values_page, &out->values))
        bind_argument(L, 2, "values", "a range such as \"B2:B20\"");
    out->categories_page = out->values_page;
    range_option(L, table, "categories", report, &out->categories_page, &out->categories);
    out->name = words_option(L, table, "name");
    out->colour = colour_option(L, table, "colour");
    // With a header above the values and no name told, the header is the name.
    if (!out->name && out->values.first.row > 1)
        out->name_cell = (struct reference){out->values.first.row - 1, out->values.first.column};
}

// A chart has one series (values = …) or several (series = { { name =, values = } … }), all over the same categories
// unless they have their own.
static size_t read_series(lua_State *L, const struct report *report, size_t page,
                          struct chart_series series[SERIES_MAX])
{
    static const char *const known[] = {"name", "values", "categories", "colour", NULL};
    struct chart_series common = {.categories_page = page, .values_page = page};
    range_option(L, 2, "categories", report, &common.categories_page, &common.categories);
    if (lua_getfield(L, 2, "series") != LUA_TTABLE) {
        series[0] = common;
        read_one_series(L, 2, report, &series[0]);
        return 1;
    }
    const int list = lua_gettop(L);
    size_t count = 0;
    for (; lua_rawgeti(L, list, (lua_Integer)count + 1) == LUA_TTABLE; count++) {
        if (count == SERIES_MAX)
            bind_fail(L, ERR_LIMIT_PASSED, "series", N(SERIES_MAX));
        const int item = lua_gettop(L);
        bind_options(L, item, known);
        series[count] = common;
        read_one_series(L, item, report, &series[count]);
        if (!series[count].categories.first.row) {
            series[count].categories = common.categories;
            series[count].categories_page = common.categories_page;
        }
        lua_settop(L, list);
    }
    return count;
}

static enum chart_kind read_kind(lua_State *L)
{
    enum chart_kind kind;
    const struct text name = bind_option_text(L, 2, "type", TEXT_OF("column"));
    if (!chart_kind_from_name(&kind, name))
        bind_argument(L, 2, "type",
                      "column, bar, line, area, pie, doughnut, scatter, or stacked column, bar or area");
    return kind;
}

static struct sheet_chart read_chart(lua_State *L)
{
    return (struct sheet_chart){
        .kind = read_kind(L),
        .title = words_option(L, 2, "title"),
        .x = {words_option(L, 2, "x_title"), words_option(L, 2, "x_format")},
        .y = {words_option(L, 2, "y_title"), words_option(L, 2, "y_format")},
        .place = place_option(L, 2),
        .width = (uint32_t)bind_option_integer(L, 2, "width", 50, CHART_PIXELS_MAX, 0),
        .height = (uint32_t)bind_option_integer(L, 2, "height", 50, CHART_PIXELS_MAX, 0),
        .labels = bind_option_boolean(L, 2, "labels", false),
        .no_legend = !bind_option_boolean(L, 2, "legend", true),
    };
}

// page:chart { type = "column", values = "B2:B9", categories = "A2:A9", title = …, at = "E2" }
int page_chart(lua_State *L)
{
    static const char *const known[] = {"type",    "values",   "categories", "series", "title",  "x_title",
                                        "y_title", "x_format", "y_format",   "at",     "page",   "name",
                                        "colour",  "width",    "height",     "labels", "legend", NULL};
    struct err err;
    size_t page;
    struct chart_series series[SERIES_MAX];
    struct report *report = written_page_check(L, &page);
    bind_table(L, 2, "chart");
    bind_options(L, 2, known);
    struct sheet_chart chart = read_chart(L);
    size_t data_page = page;
    const struct text data = bind_option_text(L, 2, "page", text_of(NULL, 0));
    if (data.data && !sheet_writer_find_page(report->writer, data, &data_page))
        bind_argument(L, 2, "page", "a page of this workbook");
    chart.series = series;
    chart.series_count = read_series(L, report, data_page, series);
    if (!sheet_writer_chart(report->writer, page, &chart, &err))
        report_raise(L, report, &err);
    lua_settop(L, 1);
    return 1;
}

static bool put_image(struct report *report, size_t page, const char *path, struct sheet_image *image,
                      struct err *err)
{
    SCOPED_BUF(content, IMAGE_BYTES_MAX);
    if (!file_read(&content, AT_FDCWD, path, err))
        return false;
    image->content = buf_text(&content);
    image->name = path;
    return sheet_writer_image(report->writer, page, image, err);
}

// page:image("logo.png", { at = "E1", width = 120 })
int page_image(lua_State *L)
{
    static const char *const known[] = {"at", "width", "height", "description", NULL};
    struct err err;
    size_t page;
    struct report *report = written_page_check(L, &page);
    const struct text path = bind_text(L, 2, "path");
    bind_options(L, 3, known);
    lua_settop(L, 3);
    given_options(L, 3);
    struct sheet_image image = {
        .place = place_option(L, 3),
        .width = (uint32_t)bind_option_integer(L, 3, "width", 1, CHART_PIXELS_MAX, 0),
        .height = (uint32_t)bind_option_integer(L, 3, "height", 1, CHART_PIXELS_MAX, 0),
        .description = words_option(L, 3, "description"),
    };
    if (!put_image(report, page, path.data, &image, &err))
        report_raise(L, report, &err);
    lua_settop(L, 1);
    return 1;
}
