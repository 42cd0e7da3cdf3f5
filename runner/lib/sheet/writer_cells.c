// See writer.h: values into cells. Runs in the worker.
#include "lib/sheet/escape.h"
#include "lib/sheet/number.h"
#include "lib/sheet/serial.h"
#include "lib/sheet/writer_internal.h"

#include <stdlib.h>

enum { FORMULA_BYTES_MAX = 8192 };

bool writer_aim(struct target *target, struct sheet_writer *writer, size_t page, struct reference place,
                struct sheet_look look, struct err *err)
{
    char text[REFERENCE_TEXT_SIZE];
    struct written_page *on = &writer->pages[page];
    if (!place.row || place.row > SHEET_ROWS_MAX || !place.column || place.column > SHEET_COLUMNS_MAX)
        return fail(err, ERR_SHEET_WRITE_WRONG, "a page has 1048576 rows and 16384 columns", N(place.row));
    if (on->stream && place.row < on->last_row)
        return fail(err, ERR_SHEET_WRITE_WRONG, "a page of rows is written from top to bottom",
                    reference_text(text, place));
    on->last_row = place.row > on->last_row ? place.row : on->last_row;
    *target = (struct target){on, place, place.row - 1, (lxw_col_t)(place.column - 1), NULL, 0};
    if (!writer_format(writer, look, &target->format, err))
        return false;
    if (on->stream && target->format)
        target->style = (unsigned)lxw_format_get_xf_index(target->format);
    return true;
}

bool writer_done(lxw_error failed, struct reference place, struct err *err)
{
    char text[REFERENCE_TEXT_SIZE];
    return !failed || fail(err, ERR_SHEET_WRITE_WRONG, lxw_strerror(failed), reference_text(text, place));
}

void writer_widen(struct written_page *page, uint32_t column, size_t characters)
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

static bool put_text(const struct target *target, struct text text, size_t *widest, struct err *err)
{
    char at[REFERENCE_TEXT_SIZE];
    if (target->page->stream)
        return sheet_stream_text(target->page->stream, target->place, text, target->style, widest, err);
    if (!text_is_utf8(text) || memchr(text.data, 0, text.length))
        return fail(err, ERR_SHEET_WRITE_WRONG, "bytes that are no letters",
                    reference_text(at, target->place));
    *widest = characters_of(text);
    SCOPED_TEXT char *copy = escape_underscores(text);
    return writer_done(
        worksheet_write_string(target->page->sheet, target->row, target->column, copy, target->format),
        target->place, err);
}

bool sheet_write_text(struct sheet_writer *writer, size_t page, struct reference place, struct text text,
                      struct sheet_look look, struct err *err)
{
    size_t widest;
    struct target target;
    if (!writer_aim(&target, writer, page, place, look, err) || !put_text(&target, text, &widest, err))
        return false;
    // A title runs over its neighbours; a header has room for the arrow of its filter.
    if (look.style != STYLE_TITLE)
        writer_widen(target.page, place.column, widest + (look.style == STYLE_HEADER ? 3 : 0));
    return true;
}

static bool put_number(const struct target *target, const char *number, size_t length, struct err *err)
{
    if (target->page->stream)
        return sheet_stream_number(target->page->stream, target->place, text_of(number, length),
                                   target->style, err);
    return writer_done(worksheet_write_number(target->page->sheet, target->row, target->column,
                                              strtod(number, NULL), target->format),
                       target->place, err);
}

bool sheet_write_number(struct sheet_writer *writer, size_t page, struct reference place, struct text number,
                        struct sheet_look look, struct err *err)
{
    char fitting[SHEET_NUMBER_TEXT_SIZE];
    size_t length = 0;
    struct target target;
    switch (sheet_number_fit(fitting, &length, number)) {
    case NUMBER_NONE: {
        SCOPED_TEXT char *copy = text_copy(number);
        return fail(err, ERR_SHEET_WRITE_WRONG, "no number", copy);
    }
    case NUMBER_TOO_LONG:
        return sheet_write_text(writer, page, place, number, (struct sheet_look){.style = STYLE_TEXT}, err);
    case NUMBER_FITS:
        break;
    }
    if (!writer_aim(&target, writer, page, place, look, err))
        return false;
    writer_widen(target.page, place.column, number.length + number.length / 3 + 1);
    return put_number(&target, fitting, length, err);
}

bool sheet_write_boolean(struct sheet_writer *writer, size_t page, struct reference place, bool value,
                         struct sheet_look look, struct err *err)
{
    struct target target;
    if (!writer_aim(&target, writer, page, place, look, err))
        return false;
    if (target.page->stream)
        return sheet_stream_boolean(target.page->stream, place, value, target.style, err);
    return writer_done(
        worksheet_write_boolean(target.page->sheet, target.row, target.column, value, target.format), place,
        err);
}

bool sheet_write_moment(struct sheet_writer *writer, size_t page, struct reference place,
                        struct moment moment, struct sheet_look look, struct err *err)
{
    struct target target;
    char reading[SERIAL_TEXT_SIZE], serial[SERIAL_NUMBER_SIZE];
    const struct cell cell = {
        .kind = CELL_DATE, .form = look.style == STYLE_DATE ? CELL_DAY : CELL_MOMENT, .moment = moment};
    // Excel knows no day before 1900; a date that it would show as #### is better a text.
    if (moment.date.year < 1900)
        return sheet_write_text(writer, page, place, text_from(serial_reading(reading, &cell)),
                                (struct sheet_look){.style = STYLE_TEXT}, err);
    if (!writer_aim(&target, writer, page, place, look, err))
        return false;
    writer_widen(target.page, place.column, look.style == STYLE_DATE ? 10 : 16);
    const size_t length = serial_number(serial, moment);
    return put_number(&target, serial, length, err);
}

static struct text without_sign(struct text formula)
{
    const bool is_signed = formula.length && *formula.data == '=';
    return is_signed ? text_of(formula.data + 1, formula.length - 1) : formula;
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
    if (!writer_aim(&target, writer, page, place, look, err))
        return false;
    writer_widen(target.page, place.column, result.length + result.length / 3 + 1);
    if (target.page->stream)
        return sheet_stream_formula(target.page->stream, place, without_sign(formula),
                                    result.length ? result : TEXT_OF("0"), false, target.style, err);
    return writer_done(worksheet_write_formula_num(target.page->sheet, target.row, target.column, copy,
                                                   target.format, strtod(number, NULL)),
                       place, err);
}
