// See writer.h. Runs in the worker.
//
// libxlsxwriter decides on constant memory when a page is added, by the workbook's options: they are set for each page.
// Its temporary files go to the present folder (the sandbox has no other) and have no name for longer than an instant.
#include "lib/sheet/writer.h"
#include "lib/sheet/number.h"
#include "lib/sheet/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum {
    SIGNIFICANT_MAX = 15,
    WIDTH_LEAST = 8,
    WIDTH_MOST = 60,
    CODES_MAX = 200,
    CODE_BYTES_MAX = 255,
    FORMULA_BYTES_MAX = 8192
};

struct written_page {
    lxw_worksheet *sheet;
    char *name;
    bool by_rows;
    uint32_t last_row;
    uint16_t *widths; // by column - 1, in characters; WIDTH_TOLD marks those that were set
    uint32_t columns;
};
enum { WIDTH_TOLD = UINT16_MAX };

struct own_code {
    char *code;
    enum sheet_style style;
    lxw_format *format;
};

struct sheet_writer {
    lxw_workbook *workbook;
    char *path, *beside;
    struct written_page *pages;
    size_t page_count;
    lxw_format *formats[STYLE_COUNT];
    struct own_code codes[CODES_MAX];
    size_t code_count;
    char *properties[PROPERTY_COUNT];
};

/* ---- looks ----------------------------------------------------------------------------------------------------------- */

const char *const sheet_style_names[STYLE_COUNT + 1] = {
    "general",  "text",   "integer", "number", "money", "euro",    "percent", "date", "moment",
    "duration", "header", "title",   "bold",   "total", "warning", "wrap",    NULL};
const char *const chart_kind_names[CHART_KIND_COUNT + 1] = {"column", "bar",     "line", "pie",
                                                            "area",   "scatter", NULL};
const char *const document_property_names[PROPERTY_COUNT + 1] = {"title",   "subject",  "author",
                                                                 "company", "comments", NULL};

static bool find_name(const char *const *names, struct text name, unsigned *index)
{
    for (*index = 0; names[*index]; ++*index)
        if (text_is(name, names[*index]))
            return true;
    return false;
}

bool sheet_style_from_name(enum sheet_style *out, struct text name)
{
    unsigned index;
    const bool found = find_name(sheet_style_names, name, &index);
    if (found)
        *out = (enum sheet_style)index;
    return found;
}

bool chart_kind_from_name(enum chart_kind *out, struct text name)
{
    unsigned index;
    const bool found = find_name(chart_kind_names, name, &index);
    if (found)
        *out = (enum chart_kind)index;
    return found;
}

static const struct {
    const char *code; // NULL: general
    bool bold, wrap;
    double size;                 // 0: as usual
    uint32_t font, fill, border; // colours, 0: none; the border is below
    bool border_above;
} looks[STYLE_COUNT] = {
    [STYLE_TEXT] = {.code = "@"},
    [STYLE_INTEGER] = {.code = "#,##0"},
    [STYLE_NUMBER] = {.code = "#,##0.########"},
    [STYLE_MONEY] = {.code = "#,##0.00;[Red]-#,##0.00"},
    [STYLE_EURO] = {.code = "#,##0.00 \"€\";[Red]-#,##0.00 \"€\""},
    [STYLE_PERCENT] = {.code = "0.0 %"},
    [STYLE_DATE] = {.code = "d.m.yyyy"},
    [STYLE_MOMENT] = {.code = "d.m.yyyy h:mm"},
    [STYLE_DURATION] = {.code = "[h]:mm"},
    [STYLE_HEADER] = {.bold = true, .font = 0xFFFFFF, .fill = 0x0000BF, .border = 0x000070},
    [STYLE_TITLE] = {.bold = true, .size = 16},
    [STYLE_BOLD] = {.bold = true},
    [STYLE_TOTAL] = {.code = "#,##0.00;[Red]-#,##0.00",
                     .bold = true,
                     .border = 0x000070,
                     .border_above = true},
    [STYLE_WARNING] = {.fill = 0xFFE977, .font = 0x7A4B00},
    [STYLE_WRAP] = {.wrap = true},
};

static lxw_format *make_format(struct sheet_writer *writer, enum sheet_style style, const char *code)
{
    lxw_format *format = workbook_add_format(writer->workbook);
    code = code ? code : looks[style].code;
    if (code)
        format_set_num_format(format, code);
    if (looks[style].bold)
        format_set_bold(format);
    if (looks[style].size > 0)
        format_set_font_size(format, looks[style].size);
    if (looks[style].font)
        format_set_font_color(format, looks[style].font);
    if (looks[style].fill)
        format_set_bg_color(format, looks[style].fill);
    if (looks[style].border) {
        (looks[style].border_above ? format_set_top : format_set_bottom)(format, LXW_BORDER_THIN);
        (looks[style].border_above ? format_set_top_color : format_set_bottom_color)(format,
                                                                                     looks[style].border);
    }
    if (looks[style].wrap) {
        format_set_text_wrap(format);
        format_set_align(format, LXW_ALIGN_VERTICAL_TOP);
    }
    return format;
}

// NULL is how libxlsxwriter calls the general look.
static bool find_format(struct sheet_writer *writer, struct sheet_look look, lxw_format **out,
                        struct err *err)
{
    *out = NULL;
    if (!look.code) {
        if (look.style != STYLE_GENERAL && !writer->formats[look.style])
            writer->formats[look.style] = make_format(writer, look.style, NULL);
        *out = writer->formats[look.style];
        return true;
    }
    for (size_t i = 0; i < writer->code_count; i++)
        if (writer->codes[i].style == look.style && strcmp(writer->codes[i].code, look.code) == 0) {
            *out = writer->codes[i].format;
            return true;
        }
    if (writer->code_count == CODES_MAX || strlen(look.code) > CODE_BYTES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "number formats", N(CODES_MAX));
    *out = make_format(writer, look.style, look.code);
    writer->codes[writer->code_count++] = (struct own_code){xstrdup(look.code), look.style, *out};
    return true;
}

/* ---- open, pages, close ------------------------------------------------------------------------------------------------ */

bool sheet_writer_open(struct sheet_writer **out, const char *path, struct err *err)
{
    if (!text_ends(text_from(path), ".xlsx") || strlen(path) == strlen(".xlsx"))
        return fail(err, ERR_SHEET_WRITE_WRONG, "the name must end with .xlsx", path);
    lxw_workbook_options options = {
        .constant_memory = LXW_FALSE, .tmpdir = (char[]){"."}, .use_zip64 = LXW_FALSE};
    struct sheet_writer *writer = xcalloc(1, sizeof *writer);
    writer->path = xstrdup(path);
    const char *slash = strrchr(path, '/');
    const int folder = slash ? (int)(slash + 1 - path) : 0;
    writer->beside = xasprintf("%.*s.%s.part", folder, path, path + folder);
    writer->workbook = workbook_new_opt(writer->beside, &options);
    if (!writer->workbook) {
        sheet_writer_free(writer);
        return fail(err, ERR_SHEET_WRITE, path, "no memory");
    }
    *out = writer;
    return true;
}

static void free_fields(struct sheet_writer *writer)
{
    for (size_t i = 0; i < writer->page_count; i++) {
        xfree(writer->pages[i].name);
        xfree(writer->pages[i].widths);
    }
    for (size_t i = 0; i < writer->code_count; i++)
        xfree(writer->codes[i].code);
    for (size_t i = 0; i < PROPERTY_COUNT; i++)
        xfree(writer->properties[i]);
    xfree(writer->pages);
    xfree(writer->path);
    xfree(writer->beside);
    xfree(writer);
}

void sheet_writer_free(struct sheet_writer *writer)
{
    if (!writer)
        return;
    if (writer->workbook)
        lxw_workbook_free(writer->workbook);
    free_fields(writer);
}

static void put_widths(struct written_page *page)
{
    for (uint32_t i = 0; i < page->columns; i++) {
        const uint16_t width = page->widths[i];
        if (width == 0 || width == WIDTH_TOLD)
            continue;
        const double characters = width + 2 < WIDTH_LEAST  ? WIDTH_LEAST
                                  : width + 2 > WIDTH_MOST ? WIDTH_MOST
                                                           : width + 2;
        worksheet_set_column(page->sheet, (lxw_col_t)i, (lxw_col_t)i, characters, NULL);
    }
}

static void put_properties(struct sheet_writer *writer)
{
    lxw_doc_properties properties = {
        .title = writer->properties[PROPERTY_TITLE],
        .subject = writer->properties[PROPERTY_SUBJECT],
        .author = writer->properties[PROPERTY_AUTHOR],
        .company = writer->properties[PROPERTY_COMPANY],
        .comments = writer->properties[PROPERTY_COMMENTS],
    };
    workbook_set_properties(writer->workbook, &properties);
}

bool sheet_writer_close(struct sheet_writer *writer, struct err *err)
{
    for (size_t i = 0; i < writer->page_count; i++)
        put_widths(&writer->pages[i]);
    put_properties(writer);
    const lxw_error failed = workbook_close(writer->workbook); // frees it
    writer->workbook = NULL;
    bool good = failed == LXW_NO_ERROR;
    if (!good)
        fail(err, ERR_SHEET_WRITE, writer->path, errno ? strerror(errno) : lxw_strerror(failed));
    else if (renameat(AT_FDCWD, writer->beside, AT_FDCWD, writer->path) != 0)
        good = fail(err, ERR_SHEET_WRITE, writer->path, strerror(errno));
    if (!good)
        (void)unlinkat(AT_FDCWD, writer->beside, 0);
    free_fields(writer);
    return good;
}

bool sheet_writer_set_property(struct sheet_writer *writer, enum document_property property,
                               struct text value, struct err *err)
{
    if (!text_is_utf8(value) || memchr(value.data, 0, value.length))
        return fail(err, ERR_SHEET_WRITE_WRONG, "bytes that are no letters",
                    document_property_names[property]);
    xfree(writer->properties[property]);
    writer->properties[property] = text_copy(text_of(value.data, text_utf8_floor(value, CODE_BYTES_MAX)));
    return true;
}

static bool add_page(struct sheet_writer *writer, struct text name, bool by_rows, size_t *page,
                     struct err *err)
{
    SCOPED_TEXT char *copy = text_copy(name);
    if (writer->page_count == WRITER_PAGES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "pages", N(WRITER_PAGES_MAX));
    if (!text_is_utf8(name) || strlen(copy) != name.length)
        return fail(err, ERR_SHEET_WRITE_WRONG, "bytes that are no letters", copy);
    const lxw_error wrong = workbook_validate_sheet_name(writer->workbook, copy);
    if (wrong || !*copy)
        return fail(err, ERR_SHEET_WRITE_WRONG, wrong ? lxw_strerror(wrong) : "a page needs a name", copy);
    writer->workbook->options.constant_memory = by_rows;
    lxw_worksheet *sheet = workbook_add_worksheet(writer->workbook, copy);
    if (!sheet)
        return fail(err, ERR_SHEET_WRITE, writer->path, strerror(errno));
    writer->pages = xreallocarray(writer->pages, writer->page_count + 1, sizeof *writer->pages);
    writer->pages[writer->page_count] =
        (struct written_page){.sheet = sheet, .name = STEAL(copy), .by_rows = by_rows};
    *page = writer->page_count++;
    return true;
}

bool sheet_writer_rows_page(struct sheet_writer *writer, struct text name, size_t *page, struct err *err)
{
    return add_page(writer, name, true, page, err);
}

bool sheet_writer_free_page(struct sheet_writer *writer, struct text name, size_t *page, struct err *err)
{
    return add_page(writer, name, false, page, err);
}

size_t sheet_writer_page_count(const struct sheet_writer *writer)
{
    return writer->page_count;
}

const char *sheet_writer_page_name(const struct sheet_writer *writer, size_t page)
{
    return writer->pages[page].name;
}

bool sheet_writer_find_page(const struct sheet_writer *writer, struct text name, size_t *page)
{
    for (*page = 0; *page < writer->page_count; ++*page)
        if (text_is(name, writer->pages[*page].name))
            return true;
    return false;
}

uint32_t sheet_writer_last_row(const struct sheet_writer *writer, size_t page)
{
    return writer->pages[page].last_row;
}

/* ---- cells ------------------------------------------------------------------------------------------------------------- */

struct target {
    struct written_page *page;
    lxw_row_t row;
    lxw_col_t column;
    lxw_format *format;
};

static bool aim(struct target *target, struct sheet_writer *writer, size_t page, struct reference place,
                struct sheet_look look, struct err *err)
{
    char text[REFERENCE_TEXT_SIZE];
    struct written_page *on = &writer->pages[page];
    if (!place.row || place.row > SHEET_ROWS_MAX || !place.column || place.column > SHEET_COLUMNS_MAX)
        return fail(err, ERR_SHEET_WRITE_WRONG, "a page has 1048576 rows and 16384 columns", N(place.row));
    if (on->by_rows && place.row < on->last_row)
        return fail(err, ERR_SHEET_WRITE_WRONG, "a page of rows is written from top to bottom",
                    reference_text(text, place));
    on->last_row = place.row > on->last_row ? place.row : on->last_row;
    *target = (struct target){on, place.row - 1, (lxw_col_t)(place.column - 1), NULL};
    return find_format(writer, look, &target->format, err);
}

static bool written(lxw_error failed, struct reference place, struct err *err)
{
    char text[REFERENCE_TEXT_SIZE];
    return !failed || fail(err, ERR_SHEET_WRITE_WRONG, lxw_strerror(failed), reference_text(text, place));
}

static void widen(struct written_page *page, uint32_t column, size_t characters)
{
    if (column > page->columns) {
        page->widths = xreallocarray(page->widths, column, sizeof *page->widths);
        memset(page->widths + page->columns, 0, (column - page->columns) * sizeof *page->widths);
        page->columns = column;
    }
    uint16_t *width = &page->widths[column - 1];
    if (*width != WIDTH_TOLD && characters > *width)
        *width = (uint16_t)(characters < WIDTH_MOST ? characters : WIDTH_MOST);
}

// The longest line.
static size_t characters_of(struct text text)
{
    size_t most = 0, line = 0;
    for (size_t i = 0; i < text.length; i++) {
        line = text.data[i] == '\n' ? 0 : line + (((unsigned char)text.data[i] & 0xC0) != 0x80);
        most = line > most ? line : most;
    }
    return most;
}

bool sheet_write_text(struct sheet_writer *writer, size_t page, struct reference place, struct text text,
                      struct sheet_look look, struct err *err)
{
    char at[REFERENCE_TEXT_SIZE];
    struct target target;
    if (!text_is_utf8(text) || memchr(text.data, 0, text.length))
        return fail(err, ERR_SHEET_WRITE_WRONG, "bytes that are no letters", reference_text(at, place));
    if (!aim(&target, writer, page, place, look, err))
        return false;
    SCOPED_TEXT char *copy = text_copy(text);
    if (!written(worksheet_write_string(target.page->sheet, target.row, target.column, copy, target.format),
                 place, err))
        return false;
    // A title runs over its neighbours; a header has room for the arrow of its filter.
    if (look.style != STYLE_TITLE)
        widen(target.page, place.column, characters_of(text) + (look.style == STYLE_HEADER ? 3 : 0));
    return true;
}

static size_t significant_digits(struct text decimal)
{
    size_t digits = 0, zeros = 0;
    for (size_t i = 0; i < decimal.length; i++) {
        const char c = decimal.data[i];
        if (c < '0' || c > '9' || (c == '0' && digits + zeros == 0))
            continue;
        if (c == '0') {
            zeros++;
        } else {
            digits += zeros + 1;
            zeros = 0;
        }
    }
    return digits;
}

bool sheet_write_number(struct sheet_writer *writer, size_t page, struct reference place, struct text number,
                        struct sheet_look look, struct err *err)
{
    struct target target;
    SCOPED_TEXT char *copy = text_copy(number);
    if (!sheet_number_valid(number))
        return fail(err, ERR_SHEET_WRITE_WRONG, "no number", copy);
    if (significant_digits(number) > SIGNIFICANT_MAX)
        return sheet_write_text(writer, page, place, number, (struct sheet_look){.style = STYLE_TEXT}, err);
    if (!aim(&target, writer, page, place, look, err))
        return false;
    widen(target.page, place.column, number.length + number.length / 3 + 1);
    return written(worksheet_write_number(target.page->sheet, target.row, target.column, strtod(copy, NULL),
                                          target.format),
                   place, err);
}

bool sheet_write_boolean(struct sheet_writer *writer, size_t page, struct reference place, bool value,
                         struct sheet_look look, struct err *err)
{
    struct target target;
    return aim(&target, writer, page, place, look, err) &&
           written(
               worksheet_write_boolean(target.page->sheet, target.row, target.column, value, target.format),
               place, err);
}

bool sheet_write_moment(struct sheet_writer *writer, size_t page, struct reference place,
                        struct moment moment, struct sheet_look look, struct err *err)
{
    struct target target;
    char reading[SERIAL_TEXT_SIZE];
    const struct cell cell = {
        .kind = CELL_DATE, .form = look.style == STYLE_DATE ? CELL_DAY : CELL_MOMENT, .moment = moment};
    // Excel knows no day before 1900; a date that it would show as #### is better a text.
    if (moment.date.year < 1900)
        return sheet_write_text(writer, page, place, text_from(serial_reading(reading, &cell)),
                                (struct sheet_look){.style = STYLE_TEXT}, err);
    if (!aim(&target, writer, page, place, look, err))
        return false;
    widen(target.page, place.column, look.style == STYLE_DATE ? 10 : 16);
    return written(worksheet_write_number(target.page->sheet, target.row, target.column,
                                          serial_from_moment(moment), target.format),
                   place, err);
}

bool sheet_write_formula(struct sheet_writer *writer, size_t page, struct reference place,
                         struct text formula, struct text result, struct sheet_look look, struct err *err)
{
    char at[REFERENCE_TEXT_SIZE];
    struct target target;
    SCOPED_TEXT char *copy = text_copy(formula);
    SCOPED_TEXT char *number = text_copy(result);
    if (!text_is_utf8(formula) || strlen(copy) != formula.length || formula.length > FORMULA_BYTES_MAX)
        return fail(err, ERR_SHEET_WRITE_WRONG, "no formula", reference_text(at, place));
    if (result.length && !sheet_number_valid(result))
        return fail(err, ERR_SHEET_WRITE_WRONG, "the formula's result is no number", number);
    if (!aim(&target, writer, page, place, look, err))
        return false;
    widen(target.page, place.column, result.length + result.length / 3 + 1);
    return written(worksheet_write_formula_num(target.page->sheet, target.row, target.column, copy,
                                               target.format, strtod(number, NULL)),
                   place, err);
}

/* ---- layout ------------------------------------------------------------------------------------------------------------ */

bool sheet_writer_set_width(struct sheet_writer *writer, size_t page, uint32_t column, double width,
                            struct err *err)
{
    struct written_page *on = &writer->pages[page];
    if (!column || column > SHEET_COLUMNS_MAX || !(width > 0 && width <= WRITER_WIDTH_MAX))
        return fail(err, ERR_SHEET_WRITE_WRONG, "a column is 1 to 255 characters wide", N(width));
    widen(on, column, 0);
    on->widths[column - 1] = WIDTH_TOLD;
    worksheet_set_column(on->sheet, (lxw_col_t)(column - 1), (lxw_col_t)(column - 1), width, NULL);
    return true;
}

void sheet_writer_freeze(struct sheet_writer *writer, size_t page, struct reference cell)
{
    worksheet_freeze_panes(writer->pages[page].sheet, cell.row - 1, (lxw_col_t)(cell.column - 1));
}

bool sheet_writer_filter(struct sheet_writer *writer, size_t page, struct range range, struct err *err)
{
    return written(worksheet_autofilter(writer->pages[page].sheet, range.first.row - 1,
                                        (lxw_col_t)(range.first.column - 1), range.last.row - 1,
                                        (lxw_col_t)(range.last.column - 1)),
                   range.first, err);
}

bool sheet_writer_print(struct sheet_writer *writer, size_t page, bool landscape, uint32_t header_row,
                        struct err *err)
{
    enum { PAPER_A4 = 9 };
    lxw_worksheet *sheet = writer->pages[page].sheet;
    worksheet_set_paper(sheet, PAPER_A4);
    (landscape ? worksheet_set_landscape : worksheet_set_portrait)(sheet);
    worksheet_fit_to_pages(sheet, 1, 0);
    worksheet_set_footer(sheet, "&L&F&C&A&R&P/&N");
    return !header_row || written(worksheet_repeat_rows(sheet, header_row - 1, header_row - 1),
                                  (struct reference){header_row, 1}, err);
}

bool sheet_writer_merge(struct sheet_writer *writer, size_t page, struct range range, struct text text,
                        struct sheet_look look, struct err *err)
{
    struct target target;
    SCOPED_TEXT char *copy = text_copy(text);
    if (writer->pages[page].by_rows)
        return fail(err, ERR_SHEET_WRITE_WRONG, "cells are merged on free pages only",
                    writer->pages[page].name);
    if (!text_is_utf8(text) || strlen(copy) != text.length)
        return fail(err, ERR_SHEET_WRITE_WRONG, "bytes that are no letters", "merge");
    return aim(&target, writer, page, range.last, look, err) &&
           written(worksheet_merge_range(target.page->sheet, range.first.row - 1,
                                         (lxw_col_t)(range.first.column - 1), target.row, target.column, copy,
                                         target.format),
                   range.first, err);
}

static void put_series(lxw_chart *chart, const char *page, const struct chart_series *from)
{
    lxw_chart_series *series = chart_add_series(chart, NULL, NULL);
    const struct range *c = &from->categories, *v = &from->values;
    if (c->first.row)
        chart_series_set_categories(series, page, c->first.row - 1, (lxw_col_t)(c->first.column - 1),
                                    c->last.row - 1, (lxw_col_t)(c->last.column - 1));
    chart_series_set_values(series, page, v->first.row - 1, (lxw_col_t)(v->first.column - 1), v->last.row - 1,
                            (lxw_col_t)(v->last.column - 1));
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
        put_series(drawn, writer->pages[chart->data_page].name, &chart->series[i]);
    if (chart->title)
        chart_title_set_name(drawn, chart->title);
    if (chart->x_title)
        chart_axis_set_name(drawn->x_axis, chart->x_title);
    if (chart->y_title)
        chart_axis_set_name(drawn->y_axis, chart->y_title);
    if (chart->series_count == 1 && chart->kind != CHART_PIE)
        chart_legend_set_position(drawn, LXW_CHART_LEGEND_NONE);
    return written(worksheet_insert_chart(writer->pages[page].sheet, chart->place.row - 1,
                                          (lxw_col_t)(chart->place.column - 1), drawn),
                   chart->place, err);
}
