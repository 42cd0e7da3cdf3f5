// See writer_layout.h. Runs in the worker.
#include "lib/sheet/writer_layout.h"
#include "lib/sheet/writer_internal.h"

const char *const sheet_paper_names[PAPER_COUNT + 1] = {"a4", "a3", "a5", "letter", NULL};

bool sheet_paper_from_name(enum sheet_paper_size *out, struct text name)
{
    unsigned index;
    const bool found = writer_find_name(sheet_paper_names, name, &index);
    if (found)
        *out = (enum sheet_paper_size)index;
    return found;
}

/* ---- columns and rows -------------------------------------------------------------------------------------------------- */

static void put_column(const struct written_page *page, uint32_t column)
{
    const struct written_column *told = &page->columns[column - 1];
    lxw_row_col_options options = {
        .hidden = told->hidden, .level = told->level, .collapsed = told->collapsed};
    const double content = told->content + 2 < WIDTH_LEAST  ? WIDTH_LEAST
                           : told->content + 2 > WIDTH_MOST ? WIDTH_MOST
                                                            : told->content + 2;
    const double width = told->width > 0 ? told->width : told->content ? content : LXW_DEF_COL_WIDTH;
    worksheet_set_column_opt(page->sheet, (lxw_col_t)(column - 1), (lxw_col_t)(column - 1), width,
                             told->format, &options);
}

void writer_finish_page(const struct written_page *page)
{
    for (uint32_t i = 1; i <= page->column_count; i++)
        put_column(page, i);
    if (!page->last_row)
        return;
    // Names of things that look like numbers are text on purpose: no green corners.
    char first[REFERENCE_TEXT_SIZE], last[REFERENCE_TEXT_SIZE];
    SCOPED_TEXT char *all =
        xasprintf("%s:%s", reference_text(first, (struct reference){1, 1}),
                  reference_text(last, (struct reference){page->last_row, page->last_column}));
    worksheet_ignore_errors(page->sheet, LXW_IGNORE_NUMBER_STORED_AS_TEXT, all);
}

bool sheet_writer_columns(struct sheet_writer *writer, size_t page, uint32_t first, uint32_t last,
                          const struct sheet_lane *lane, struct err *err)
{
    lxw_format *format;
    if (!first || last > SHEET_COLUMNS_MAX || lane->size < 0 || lane->size > WRITER_WIDTH_MAX)
        return fail(err, ERR_SHEET_WRITE_WRONG, "a column is 1 to 255 characters wide", N(lane->size));
    if (!writer_format(writer, lane->look, &format, err))
        return false;
    struct written_page *on = &writer->pages[page];
    for (uint32_t i = first; i <= last; i++) {
        struct written_column *column = writer_column(on, i);
        column->width = lane->size > 0 ? lane->size : column->width;
        column->format = format ? format : column->format;
        column->hidden = lane->hidden;
        column->collapsed = lane->collapsed;
        column->level = lane->level;
        put_column(on, i); // cells that follow take its look
    }
    return true;
}

static bool stream_rows(struct written_page *on, uint32_t first, uint32_t last, const struct sheet_lane *lane,
                        lxw_format *format, struct err *err)
{
    const struct stream_row row = {
        .height = lane->size,
        .hidden = lane->hidden,
        .collapsed = lane->collapsed,
        .level = lane->level,
        .style = format ? (unsigned)lxw_format_get_xf_index(format) : 0,
    };
    if (lane->level > on->sheet->outline_row_level)
        on->sheet->outline_row_level = lane->level;
    for (uint32_t i = first; i <= last; i++)
        if (!sheet_stream_row(on->stream, i, &row, err))
            return false;
    on->last_row = last;
    return true;
}

bool sheet_writer_rows(struct sheet_writer *writer, size_t page, uint32_t first, uint32_t last,
                       const struct sheet_lane *lane, struct err *err)
{
    lxw_format *format;
    struct written_page *on = &writer->pages[page];
    if (!first || last > SHEET_ROWS_MAX || lane->size < 0 || lane->size > WRITER_HEIGHT_MAX)
        return fail(err, ERR_SHEET_WRITE_WRONG, "a row is 1 to 409 points high", N(lane->size));
    if (on->stream && first < on->last_row)
        return fail(err, ERR_SHEET_ROW_WRITTEN, N(first), on->name, N(on->last_row));
    if (!writer_format(writer, lane->look, &format, err))
        return false;
    if (on->stream)
        return stream_rows(on, first, last, lane, format, err);
    lxw_row_col_options options = {
        .hidden = lane->hidden, .level = lane->level, .collapsed = lane->collapsed};
    for (uint32_t i = first; i <= last; i++)
        if (!writer_done(worksheet_set_row_opt(on->sheet, i - 1,
                                               lane->size > 0 ? lane->size : LXW_DEF_ROW_HEIGHT, format,
                                               &options),
                         (struct reference){i, 1}, err))
            return false;
    on->last_row = last > on->last_row ? last : on->last_row;
    on->last_column = on->last_column ? on->last_column : 1;
    return true;
}

void sheet_writer_freeze(struct sheet_writer *writer, size_t page, struct reference cell)
{
    worksheet_freeze_panes(writer->pages[page].sheet, cell.row - 1, (lxw_col_t)(cell.column - 1));
}

bool sheet_writer_filter(struct sheet_writer *writer, size_t page, struct range range, struct err *err)
{
    return writer_done(worksheet_autofilter(writer->pages[page].sheet, range.first.row - 1,
                                            (lxw_col_t)(range.first.column - 1), range.last.row - 1,
                                            (lxw_col_t)(range.last.column - 1)),
                       range.first, err);
}

static bool write_blanks(struct sheet_writer *writer, size_t page, struct range range, struct sheet_look look,
                         struct err *err)
{
    for (uint32_t row = range.first.row; row <= range.last.row; row++)
        for (uint32_t column = range.first.column; column <= range.last.column; column++)
            if ((row != range.first.row || column != range.first.column) &&
                !sheet_write_blank(writer, page, (struct reference){row, column}, look, err))
                return false;
    return true;
}

bool sheet_writer_merge(struct sheet_writer *writer, size_t page, struct range range, struct text text,
                        struct sheet_look look, struct err *err)
{
    enum { MERGED_CELLS_MAX = 100000 };
    char at[REFERENCE_TEXT_SIZE];
    struct written_page *on = &writer->pages[page];
    const uint32_t rows = range.last.row - range.first.row + 1,
                   columns = range.last.column - range.first.column + 1;
    if (rows == 1 && columns == 1)
        return fail(err, ERR_SHEET_WRITE_WRONG, "one cell can't be merged", reference_text(at, range.first));
    if ((uint64_t)rows * columns > MERGED_CELLS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "merge", N(MERGED_CELLS_MAX));
    if (!writer_done(worksheet_merge_range(on->sheet, range.first.row - 1,
                                           (lxw_col_t)(range.first.column - 1), range.last.row - 1,
                                           (lxw_col_t)(range.last.column - 1), "", NULL),
                     range.first, err))
        return false;
    // The text by the way of all texts, without a say in the width of its first column.
    const uint32_t first = range.first.column;
    const uint16_t content = writer_column(on, first)->content;
    const bool done = sheet_write_text(writer, page, range.first, text, look, err) &&
                      write_blanks(writer, page, range, look, err);
    writer_column(on, first)->content = content;
    return done;
}

void sheet_writer_view(struct sheet_writer *writer, size_t page, const struct sheet_view *view)
{
    lxw_worksheet *sheet = writer->pages[page].sheet;
    if (view->active)
        worksheet_activate(sheet);
    if (view->hidden)
        worksheet_hide(sheet);
    if (view->no_gridlines)
        worksheet_gridlines(sheet, LXW_HIDE_ALL_GRIDLINES);
    if (view->zoom)
        worksheet_set_zoom(sheet, view->zoom);
    if (view->colour)
        worksheet_set_tab_color(sheet, view->colour);
}

/* ---- print ------------------------------------------------------------------------------------------------------------- */

static const char *code_of(struct text words, size_t *length)
{
    static const char *const codes[][2] = {{"{page}", "&P"}, {"{pages}", "&N"}, {"{date}", "&D"},
                                           {"{time}", "&T"}, {"{file}", "&F"},  {"{sheet}", "&A"}};
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (text_starts(words, codes[i][0])) {
            *length = strlen(codes[i][0]);
            return codes[i][1];
        }
    *length = 1;
    return words.data[0] == '&' ? "&&" : NULL;
}

bool sheet_paper_text(struct buf *out, char side, struct text words)
{
    if (!buf_printf(out, "&%c", side))
        return false;
    for (size_t i = 0, step; i < words.length; i += step) {
        const char *code = code_of(text_of(words.data + i, words.length - i), &step);
        if (code ? !buf_append_string(out, code) : !buf_append_char(out, words.data[i]))
            return false;
    }
    return true;
}

static double inches(double centimetres)
{
    return centimetres > 0 ? centimetres / 2.54 : -1; // -1: libxlsxwriter's own
}

static bool put_edges(lxw_worksheet *sheet, const struct sheet_paper *paper, struct err *err)
{
    const char *header = paper->header ? paper->header : "";
    const char *footer = paper->footer ? paper->footer : "&L&F&C&A&R&P / &N";
    if (!writer_check_words(text_from(header), PAPER_TEXT_MAX, "header", err) ||
        !writer_check_words(text_from(footer), PAPER_TEXT_MAX, "footer", err))
        return false;
    return writer_done(worksheet_set_header(sheet, header), (struct reference){1, 1}, err) &&
           writer_done(worksheet_set_footer(sheet, footer), (struct reference){1, 1}, err);
}

bool sheet_writer_print(struct sheet_writer *writer, size_t page, const struct sheet_paper *paper,
                        struct err *err)
{
    static const uint8_t sizes[PAPER_COUNT] = {
        [PAPER_A4] = 9, [PAPER_A3] = 8, [PAPER_A5] = 11, [PAPER_LETTER] = 1};
    lxw_worksheet *sheet = writer->pages[page].sheet;
    const struct range *repeat = &paper->repeat, *area = &paper->area;
    worksheet_set_paper(sheet, sizes[paper->size]);
    (paper->landscape ? worksheet_set_landscape : worksheet_set_portrait)(sheet);
    if (!paper->own_size)
        worksheet_fit_to_pages(sheet, 1, paper->tall);
    if (paper->center)
        worksheet_center_horizontally(sheet);
    worksheet_set_margins(sheet, inches(paper->left), inches(paper->right), inches(paper->top),
                          inches(paper->bottom));
    if (repeat->first.row &&
        !writer_done(worksheet_repeat_rows(sheet, repeat->first.row - 1, repeat->last.row - 1), repeat->first,
                     err))
        return false;
    if (area->first.row &&
        !writer_done(worksheet_print_area(sheet, area->first.row - 1, (lxw_col_t)(area->first.column - 1),
                                          area->last.row - 1, (lxw_col_t)(area->last.column - 1)),
                     area->first, err))
        return false;
    return put_edges(sheet, paper, err);
}

void sheet_writer_protect(struct sheet_writer *writer, size_t page, const struct sheet_protection *protection)
{
    lxw_protection options = {
        .sort = protection->sort,
        .autofilter = protection->filter,
        .format_cells = protection->format,
        .format_columns = protection->format,
        .format_rows = protection->format,
        .insert_rows = protection->insert_rows,
        .delete_rows = protection->delete_rows,
    };
    worksheet_protect(writer->pages[page].sheet, protection->password, &options);
}
