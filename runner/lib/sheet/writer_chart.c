// See writer_drawing.h: charts. Runs in the worker.
#include "lib/sheet/writer_drawing.h"
#include "lib/sheet/writer_internal.h"

const char *const chart_kind_names[CHART_KIND_COUNT + 1] = {
    "column", "stacked column", "bar",     "stacked bar", "line", "area", "stacked area",
    "pie",    "doughnut",       "scatter", NULL};

bool chart_kind_from_name(enum chart_kind *out, struct text name)
{
    unsigned index;
    const bool found = writer_find_name(chart_kind_names, name, &index);
    if (found)
        *out = (enum chart_kind)index;
    return found;
}

static const uint8_t kinds[CHART_KIND_COUNT] = {
    [CHART_COLUMN] = LXW_CHART_COLUMN,
    [CHART_COLUMN_STACKED] = LXW_CHART_COLUMN_STACKED,
    [CHART_BAR] = LXW_CHART_BAR,
    [CHART_BAR_STACKED] = LXW_CHART_BAR_STACKED,
    [CHART_LINE] = LXW_CHART_LINE,
    [CHART_AREA] = LXW_CHART_AREA,
    [CHART_AREA_STACKED] = LXW_CHART_AREA_STACKED,
    [CHART_PIE] = LXW_CHART_PIE,
    [CHART_DOUGHNUT] = LXW_CHART_DOUGHNUT,
    [CHART_SCATTER] = LXW_CHART_SCATTER,
};

// Told apart by people who see colours otherwise, and in print by their darkness.
static const uint32_t palette[] = {0x0000BF, 0xFD4F00, 0x00A17A, 0xFFC61E,
                                   0x7A4BC4, 0x8A8D99, 0x9FC9EB, 0xC2185B};

static bool is_round(enum chart_kind kind)
{
    return kind == CHART_PIE || kind == CHART_DOUGHNUT;
}

static bool check_words(const struct sheet_chart *chart, struct err *err)
{
    const char *const all[] = {chart->title, chart->x.title, chart->y.title, chart->x.format,
                               chart->y.format};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        if (all[i] && !writer_check_words(text_from(all[i]), CHART_WORDS_MAX, "chart", err))
            return false;
    for (size_t i = 0; i < chart->series_count; i++)
        if (chart->series[i].name &&
            !writer_check_words(text_from(chart->series[i].name), CHART_WORDS_MAX, "chart", err))
            return false;
    return true;
}

static void colour_series(lxw_chart_series *series, enum chart_kind kind, uint32_t colour)
{
    lxw_chart_line line = {.color = colour, .width = 2.25};
    lxw_chart_fill fill = {.color = colour};
    if (kind == CHART_LINE) {
        chart_series_set_line(series, &line);
    } else if (kind == CHART_SCATTER) {
        chart_series_set_marker_type(series, LXW_CHART_MARKER_CIRCLE);
        chart_series_set_marker_fill(series, &fill);
    } else if (!is_round(kind)) {
        chart_series_set_fill(series, &fill);
    }
}

// A pie's parts are its points.
static void colour_points(lxw_chart_series *series, const struct range *values)
{
    enum { POINTS_MAX = COUNT_OF(palette) };
    lxw_chart_fill fills[POINTS_MAX];
    lxw_chart_point points[POINTS_MAX];
    lxw_chart_point *list[POINTS_MAX + 1] = {NULL};
    const size_t count =
        (size_t)(values->last.row - values->first.row + 1) * (values->last.column - values->first.column + 1);
    for (size_t i = 0; i < POINTS_MAX && i < count; i++) {
        fills[i] = (lxw_chart_fill){.color = palette[i]};
        points[i] = (lxw_chart_point){.fill = &fills[i]};
        list[i] = &points[i];
    }
    (void)chart_series_set_points(series, list);
}

static void set_name_cell(lxw_chart_series *series, const struct written_page *page, struct reference cell)
{
    chart_series_set_name_range(series, page->name, cell.row - 1, (lxw_col_t)(cell.column - 1));
    series->title.range->ignore_cache = page->stream != NULL;
}

static void put_series(lxw_chart *chart, const struct sheet_writer *writer, const struct sheet_chart *told,
                       size_t index)
{
    const struct chart_series *from = &told->series[index];
    const struct range *c = &from->categories, *v = &from->values;
    const char *page = writer->pages[from->values_page].name;
    lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
    if (c->first.row)
        chart_series_set_categories(series, writer->pages[from->categories_page].name, c->first.row - 1,
                                    (lxw_col_t)(c->first.column - 1), c->last.row - 1,
                                    (lxw_col_t)(c->last.column - 1));
    chart_series_set_values(series, page, v->first.row - 1, (lxw_col_t)(v->first.column - 1), v->last.row - 1,
                            (lxw_col_t)(v->last.column - 1));
    // libxlsxwriter keeps a copy of what a chart shows, for programs that don't compute. It has no rows that were streamed.
    series->values->ignore_cache = writer->pages[from->values_page].stream != NULL;
    series->categories->ignore_cache = writer->pages[from->categories_page].stream != NULL;
    if (from->name)
        chart_series_set_name(series, from->name);
    else if (from->name_cell.row)
        set_name_cell(series, &writer->pages[from->values_page], from->name_cell);
    colour_series(series, told->kind, from->colour ? from->colour : palette[index % COUNT_OF(palette)]);
    if (is_round(told->kind))
        colour_points(series, v);
    if (!told->labels)
        return;
    chart_series_set_labels(series);
    if (is_round(told->kind)) {
        chart_series_set_labels_options(series, LXW_FALSE, LXW_FALSE, LXW_FALSE);
        chart_series_set_labels_percentage(series);
    }
}

static void put_axis(lxw_chart_axis *axis, const struct chart_axis *told)
{
    if (told->title)
        chart_axis_set_name(axis, told->title);
    if (told->format)
        chart_axis_set_num_format(axis, told->format);
}

static void dress(lxw_chart *drawn, const struct sheet_chart *chart)
{
    lxw_chart_font title = {.size = 13, .bold = LXW_TRUE, .color = 0x000070};
    lxw_chart_line grid = {.color = 0xD9D9E3, .width = 0.75};
    if (chart->title) {
        chart_title_set_name(drawn, chart->title);
        chart_title_set_name_font(drawn, &title);
    } else {
        chart_title_off(drawn);
    }
    if (chart->no_legend || (chart->series_count == 1 && !is_round(chart->kind)))
        chart_legend_set_position(drawn, LXW_CHART_LEGEND_NONE);
    else
        chart_legend_set_position(drawn,
                                  is_round(chart->kind) ? LXW_CHART_LEGEND_RIGHT : LXW_CHART_LEGEND_BOTTOM);
    if (is_round(chart->kind))
        return;
    put_axis(drawn->x_axis, &chart->x);
    put_axis(drawn->y_axis, &chart->y);
    if (chart->kind == CHART_BAR || chart->kind == CHART_BAR_STACKED) {
        chart_axis_major_gridlines_set_line(drawn->x_axis, &grid);
        chart_axis_set_reverse(drawn->y_axis);      // the first row stands on top, as in the table,
        chart_axis_set_crossing_max(drawn->y_axis); // and the numbers below
    } else {
        chart_axis_major_gridlines_set_line(drawn->y_axis, &grid);
    }
    if (chart->kind == CHART_COLUMN || chart->kind == CHART_BAR)
        chart_set_series_gap(drawn, 60);
}

bool sheet_writer_chart(struct sheet_writer *writer, size_t page, const struct sheet_chart *chart,
                        struct err *err)
{
    if (!chart->series_count || chart->series_count > CHART_SERIES_MAX)
        return fail(err, ERR_SHEET_WRITE_WRONG, "a chart has 1 to 255 series", N(chart->series_count));
    if (chart->width > CHART_PIXELS_MAX || chart->height > CHART_PIXELS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "chart", N(CHART_PIXELS_MAX));
    if (!check_words(chart, err))
        return false;
    lxw_chart *drawn = workbook_add_chart(writer->workbook, kinds[chart->kind]);
    if (!drawn)
        return fail(err, ERR_SHEET_WRITE, writer->path, "no memory");
    for (size_t i = 0; i < chart->series_count; i++)
        put_series(drawn, writer, chart, i);
    dress(drawn, chart);
    lxw_chart_options options = {.x_scale = chart->width ? chart->width / 480.0 : 1,
                                 .y_scale = chart->height ? chart->height / 288.0 : 1};
    return writer_done(worksheet_insert_chart_opt(writer->pages[page].sheet, chart->place.row - 1,
                                                  (lxw_col_t)(chart->place.column - 1), drawn, &options),
                       chart->place, err);
}
