// See writer.h: widths, panes, filters, print. Runs in the worker.
#include "lib/sheet/writer_internal.h"

bool sheet_writer_set_width(struct sheet_writer *writer, size_t page, uint32_t column, double width,
                            struct err *err)
{
    struct written_page *on = &writer->pages[page];
    if (!column || column > SHEET_COLUMNS_MAX || !(width > 0 && width <= WRITER_WIDTH_MAX))
        return fail(err, ERR_SHEET_WRITE_WRONG, "a column is 1 to 255 characters wide", N(width));
    writer_widen(on, column, 0);
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
    return writer_done(worksheet_autofilter(writer->pages[page].sheet, range.first.row - 1,
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
    return !header_row || writer_done(worksheet_repeat_rows(sheet, header_row - 1, header_row - 1),
                                      (struct reference){header_row, 1}, err);
}

bool sheet_writer_merge(struct sheet_writer *writer, size_t page, struct range range, struct text text,
                        struct sheet_look look, struct err *err)
{
    struct target target;
    SCOPED_TEXT char *copy = text_copy(text);
    if (writer->pages[page].stream)
        return fail(err, ERR_SHEET_WRITE_WRONG, "cells are merged on free pages only",
                    writer->pages[page].name);
    if (!text_is_utf8(text) || strlen(copy) != text.length)
        return fail(err, ERR_SHEET_WRITE_WRONG, "bytes that are no letters", "merge");
    return writer_aim(&target, writer, page, range.last, look, err) &&
           writer_done(worksheet_merge_range(target.page->sheet, range.first.row - 1,
                                             (lxw_col_t)(range.first.column - 1), target.row, target.column,
                                             copy, target.format),
                       range.first, err);
}
