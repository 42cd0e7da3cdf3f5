// See writer.h: charts. Runs in the worker.
#include "lib/sheet/writer_internal.h"

const char *const chart_kind_names[CHART_KIND_COUNT + 1] = {"column", "bar",     "line", "pie",
                                                            "area",   "scatter", NULL};

bool chart_kind_from_name(enum chart_kind *out, struct text name)
{
    unsigned index;
    const bool found = writer_find_name(chart_kind_names, name, &index);
    if (found)
        *out = (enum chart_kind)index;
    return found;
}

// libxlsxwriter keeps a copy of what a chart shows, for programs that don't compute. It has no rows that were streamed.
static void put_series(lxw_chart *chart, const struct written_page *data, const struct chart_series *from)
{
    const char *const page = data->name;
    lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
    const struct range *c = &from->categories, *v = &from->values;
    if (c->first.row)
        chart_series_set_categories(series, page, c->first.row - 1, (lxw_col_t)(c->first.column - 1),
                                    c->last.row - 1, (lxw_col_t)(c->last.column - 1));
    chart_series_set_values(series, page, v->first.row - 1, (lxw_col_t)(v->first.column - 1), v->last.row - 1,
                            (lxw_col_t)(v->last.column - 1));
    if (data->stream) {
        series->values->ignore_cache = LXW_TRUE;
        series->categories->ignore_cache = LXW_TRUE;
    }
    if (from->name)
        chart_series_set_name(series, from->name);
}

bool sheet_writer_chart(struct sheet_writer *writer, size_t page, const struct sheet_chart *chart,
                        struct err *err)
{
    static const uint8_t kinds[CHART_KIND_COUNT] = {
        [CHART_COLUMN] = LXW_CHART_COLUMN, [CHART_BAR] = LXW_CHART_BAR,   [CHART_LINE] = LXW_CHART_LINE,
        [CHART_PIE] = LXW_CHART_PIE,       [CHART_AREA] = LXW_CHART_AREA, [CHART_SCATTER] = LXW_CHART_SCATTER,
    };
    if (!chart->series_count || chart->series_count > WRITER_SERIES_MAX)
        return fail(err, ERR_SHEET_WRITE_WRONG, "a chart has 1 to 255 series", N(chart->series_count));
    lxw_chart *drawn = workbook_add_chart(writer->workbook, kinds[chart->kind]);
    if (!drawn)
        return fail(err, ERR_SHEET_WRITE, writer->path, "no memory");
    for (size_t i = 0; i < chart->series_count; i++)
        put_series(drawn, &writer->pages[chart->data_page], &chart->series[i]);
    if (chart->title)
        chart_title_set_name(drawn, chart->title);
    if (chart->x_title)
        chart_axis_set_name(drawn->x_axis, chart->x_title);
    if (chart->y_title)
        chart_axis_set_name(drawn->y_axis, chart->y_title);
    if (chart->series_count == 1 && chart->kind != CHART_PIE)
        chart_legend_set_position(drawn, LXW_CHART_LEGEND_NONE);
    return writer_done(worksheet_insert_chart(writer->pages[page].sheet, chart->place.row - 1,
                                              (lxw_col_t)(chart->place.column - 1), drawn),
                       chart->place, err);
}
