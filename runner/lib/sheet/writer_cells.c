// See writer.h: values into cells. Runs in the worker.
#include "lib/sheet/escape.h"
#include "lib/sheet/number.h"
#include "lib/sheet/serial.h"
#include "lib/sheet/writer_internal.h"

#include <stdlib.h>

enum { FORMULA_BYTES_MAX = 8192 };

/* ---- where, and how wide ------------------------------------------------------------------------------------------------ */

bool writer_aim(struct target *target, struct sheet_writer *writer, size_t page, struct reference place,
                struct sheet_look look, struct err *err)
{
    char text[REFERENCE_TEXT_SIZE];
    struct written_page *on = &writer->pages[page];
    if (!place.row || place.row > SHEET_ROWS_MAX || !place.column || place.column > SHEET_COLUMNS_MAX)
        return fail(err, ERR_SHEET_FULL, on->name, N(place.row), N(place.column));
    if (on->stream && place.row < on->last_row)
        return fail(err, ERR_SHEET_ROW_WRITTEN, reference_text(text, place), on->name, N(on->last_row));
    on->last_row = place.row > on->last_row ? place.row : on->last_row;
    on->last_column = place.column > on->last_column ? place.column : on->last_column;
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

struct written_column *writer_column(struct written_page *page, uint32_t column)
{
    if (column > page->column_count) {
        page->columns = xreallocarray(page->columns, column, sizeof *page->columns);
        memset(page->columns + page->column_count, 0, (column - page->column_count) * sizeof *page->columns);
        page->column_count = column;
    }
    return &page->columns[column - 1];
}

void writer_widen(struct written_page *page, uint32_t column, size_t characters)
{
    struct written_column *on = writer_column(page, column);
    if (characters > on->content)
        on->content = (uint16_t)(characters < WIDTH_MOST ? characters : WIDTH_MOST);
}

// How high its row must be for a text, in points. Excel finds that out by itself, others don't.
static double height_of(struct written_page *page, uint32_t column, struct text text, struct sheet_look look)
{
    enum { LINE = 15, HEADER = 22, TITLE = 24, LINES_MOST = 27 };
    const struct written_column *on = writer_column(page, column);
    const size_t content = on->content > WIDTH_LEAST ? on->content + (size_t)2 : (size_t)WIDTH_LEAST;
    const size_t width = on->width > 0 ? (size_t)on->width : content;
    size_t lines = 1, line = 0;
    if (look.styles & 1 << STYLE_TITLE)
        return TITLE;
    for (size_t i = 0; i < text.length; i++) {
        if ((text.data[i] & 0xC0) == 0x80)
            continue;
        line++;
        if (text.data[i] == '\n' || line > width) {
            lines++;
            line = text.data[i] == '\n' ? 0 : 1;
        }
    }
    const double whole = (double)(lines < LINES_MOST ? lines : LINES_MOST) * LINE;
    return look.styles & 1 << STYLE_HEADER && whole < HEADER ? HEADER : whole;
}

static bool heighten(const struct target *target, double height, struct err *err)
{
    if (target->page->stream)
        return sheet_stream_row(target->page->stream, target->place.row,
                                &(struct stream_row){.height = height}, err);
    lxw_row *row = lxw_worksheet_find_row(target->page->sheet, target->row);
    if (!row || row->height >= height)
        return true;
    row->height = height;
    row->height_changed = row->row_changed = LXW_TRUE;
    return true;
}

/* ---- text -------------------------------------------------------------------------------------------------------------- */

bool writer_check_text(struct text text, struct reference place, struct err *err)
{
    static const char *const none[] = {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}; // no characters, and XML forbids them
    char at[REFERENCE_TEXT_SIZE];
    bool good = text_is_utf8(text) && !memchr(text.data, 0, text.length);
    for (size_t i = 0; i < COUNT_OF(none) && good; i++)
        good = !memmem(text.data, text.length, none[i], strlen(none[i]));
    return good || fail(err, ERR_SHEET_WRITE_WRONG, "bytes that are no letters", reference_text(at, place));
}

// Letters as Excel counts them, the longest line, the longest word.
struct measure {
    size_t units, line, word;
};

static struct measure measure_text(struct text text)
{
    struct measure m = {0};
    size_t line = 0, word = 0;
    for (size_t i = 0; i < text.length; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        if ((c & 0xC0) == 0x80)
            continue;
        m.units += c >= 0xF0 ? 2 : 1;
        line = c == '\n' ? 0 : line + 1;
        word = c == ' ' || c == '\n' ? 0 : word + 1;
        m.line = line > m.line ? line : m.line;
        m.word = word > m.word ? word : m.word;
    }
    return m;
}

static bool put_text(const struct target *target, struct text text, size_t *widest, struct err *err)
{
    if (target->page->stream)
        return sheet_stream_text(target->page->stream, target->place, text, target->style, widest, err);
    if (!writer_check_text(text, target->place, err))
        return false;
    *widest = measure_text(text).line;
    SCOPED_TEXT char *copy = escape_underscores(text);
    return writer_done(
        worksheet_write_string(target->page->sheet, target->row, target->column, copy, target->format),
        target->place, err);
}

// Titles, and notes outside of tables, run over their neighbours; a header has room for the arrow of its filter and may
// take several lines.
static size_t width_of(struct text text, size_t widest, struct sheet_look look)
{
    enum { HEADER_LINE = 20, ARROW = 3 };
    const bool note = look.styles & 1 << STYLE_NOTE && !(look.styles & 1 << STYLE_ROW);
    if (look.styles & 1 << STYLE_TITLE || note)
        return 0;
    if (!(look.styles & 1 << STYLE_HEADER))
        return widest + (look.styles & 1 << STYLE_PAD ? 1 : 0);
    const size_t line = widest < HEADER_LINE ? widest : HEADER_LINE, word = measure_text(text).word;
    return (word > line ? word : line) + ARROW;
}

// What has several lines, or more than a column's width among the rows of a table, is shown whole.
static bool needs_lines(struct text text, struct sheet_look look)
{
    return memchr(text.data, '\n', text.length) ||
           (text.length > WIDTH_MOST && look.styles & 1 << STYLE_ROW && measure_text(text).line > WIDTH_MOST);
}

// Text in a table. LibreOffice keeps no room at the right of numbers, so it is at the left of texts.
static struct sheet_look padded(struct sheet_look look)
{
    const uint32_t aligned = 1 << STYLE_LEFT | 1 << STYLE_CENTER | 1 << STYLE_RIGHT | 1 << STYLE_ARROW;
    if (look.styles & (1 << STYLE_ROW | 1 << STYLE_HEADER | 1 << STYLE_TOTAL) && !(look.styles & aligned))
        look.styles |= 1 << STYLE_PAD;
    return look;
}

bool sheet_write_text(struct sheet_writer *writer, size_t page, struct reference place, struct text text,
                      struct sheet_look look, struct err *err)
{
    char at[REFERENCE_TEXT_SIZE];
    size_t widest;
    struct target target;
    if (text.length > WRITER_TEXT_MAX && measure_text(text).units > WRITER_TEXT_MAX)
        return fail(err, ERR_SHEET_LONG_TEXT, reference_text(at, place), N(measure_text(text).units),
                    N(WRITER_TEXT_MAX));
    if (needs_lines(text, look))
        look.styles |= 1 << STYLE_WRAP;
    look = padded(look);
    if (!writer_aim(&target, writer, page, place, look, err) || !put_text(&target, text, &widest, err))
        return false;
    writer_widen(target.page, place.column, width_of(text, widest, look));
    return !(look.styles & (1 << STYLE_WRAP | 1 << STYLE_TITLE | 1 << STYLE_HEADER)) ||
           heighten(&target, height_of(target.page, place.column, text, look), err);
}

bool sheet_write_blank(struct sheet_writer *writer, size_t page, struct reference place,
                       struct sheet_look look, struct err *err)
{
    struct target target;
    if (!writer_aim(&target, writer, page, place, look, err))
        return false;
    if (target.page->stream)
        return sheet_stream_blank(target.page->stream, place, target.style, err);
    return writer_done(worksheet_write_blank(target.page->sheet, target.row, target.column, target.format),
                       place, err);
}

/* ---- numbers and days --------------------------------------------------------------------------------------------------- */

// `characters`: about how wide it is shown.
static bool put_number(struct sheet_writer *writer, size_t page, struct reference place, struct text number,
                       size_t characters, struct sheet_look look, struct err *err)
{
    struct target target;
    if (!writer_aim(&target, writer, page, place, look, err))
        return false;
    writer_widen(target.page, place.column, characters);
    if (target.page->stream)
        return sheet_stream_number(target.page->stream, place, number, target.style, err);
    return writer_done(worksheet_write_number(target.page->sheet, target.row, target.column,
                                              strtod(number.data, NULL), target.format),
                       place, err);
}

static size_t with_blanks(size_t length)
{
    return length + length / 3 + 1;
}

// Whole numbers of so many digits are names of things, such as references. Amounts are marked, since no sum has them.
static struct sheet_look look_of_long(struct text number, struct sheet_look look)
{
    look.code = NULL;
    look.styles &= 1 << STYLE_ROW;
    look.styles |= 1 << STYLE_TEXT;
    if (text_find(number, '.') >= 0)
        look.styles |= 1 << STYLE_RIGHT | 1 << STYLE_WARNING;
    return look;
}

bool sheet_number_fits(struct text decimal)
{
    char fitting[SHEET_NUMBER_TEXT_SIZE];
    size_t length;
    return sheet_number_fit(fitting, &length, decimal) == NUMBER_FITS;
}

bool sheet_write_number(struct sheet_writer *writer, size_t page, struct reference place, struct text number,
                        struct sheet_look look, struct err *err)
{
    char fitting[SHEET_NUMBER_TEXT_SIZE];
    size_t length = 0;
    switch (sheet_number_fit(fitting, &length, number)) {
    case NUMBER_NONE: {
        SCOPED_TEXT char *copy = text_copy(number);
        return fail(err, ERR_SHEET_WRITE_WRONG, "no number", copy);
    }
    case NUMBER_TOO_LONG:
        return sheet_write_text(writer, page, place, number, look_of_long(number, look), err);
    case NUMBER_FITS:
        break;
    }
    return put_number(writer, page, place, text_of(fitting, length), with_blanks(number.length), look, err);
}

bool sheet_write_scaled(struct sheet_writer *writer, size_t page, struct reference place, int64_t coefficient,
                        unsigned places, struct sheet_look look, struct err *err)
{
    enum { ROOM = 64 };
    char written[ROOM], *end = written + ROOM - 1, *at = end;
    uint64_t rest = coefficient < 0 ? -(uint64_t)coefficient : (uint64_t)coefficient;
    bool fraction = false; // zeros at its end are left out
    *end = '\0';
    for (unsigned i = 0; rest || i <= places; rest /= 10, i++) {
        const char digit = (char)('0' + rest % 10);
        fraction |= i < places && digit != '0';
        if (i == places && fraction)
            *--at = '.';
        if (i >= places || fraction)
            *--at = digit;
    }
    if (coefficient < 0)
        *--at = '-';
    const size_t length = (size_t)(end - at);
    return put_number(writer, page, place, text_of(at, length), with_blanks(length + places), look, err);
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
    enum { DAY_CHARACTERS = 12, MOMENT_CHARACTERS = 17 };
    char reading[SERIAL_TEXT_SIZE], serial[SERIAL_NUMBER_SIZE];
    const bool day = look.styles & 1 << STYLE_DATE;
    const struct cell cell = {.kind = CELL_DATE, .form = day ? CELL_DAY : CELL_MOMENT, .moment = moment};
    // Excel knows no day before 1900; a date that it would show as #### is better a text.
    if (moment.date.year < 1900)
        return sheet_write_text(writer, page, place, text_from(serial_reading(reading, &cell)),
                                (struct sheet_look){look.styles & 1 << STYLE_ROW, NULL}, err);
    const size_t length = serial_number(serial, moment);
    return put_number(writer, page, place, text_of(serial, length), day ? DAY_CHARACTERS : MOMENT_CHARACTERS,
                      look, err);
}

/* ---- formulas ---------------------------------------------------------------------------------------------------------- */

static bool put_formula(const struct target *target, struct text formula, struct text result, bool number,
                        struct err *err)
{
    if (target->page->stream)
        return sheet_stream_formula(target->page->stream, target->place, formula,
                                    result.length ? result : TEXT_OF("0"), !number, target->style, err);
    lxw_worksheet *sheet = target->page->sheet;
    SCOPED_TEXT char *copy = text_copy(formula);
    SCOPED_TEXT char *known = text_copy(result);
    return writer_done(
        number ? worksheet_write_formula_num(sheet, target->row, target->column, copy, target->format,
                                             strtod(known, NULL))
               : worksheet_write_formula_str(sheet, target->row, target->column, copy, target->format, known),
        target->place, err);
}

bool sheet_write_formula(struct sheet_writer *writer, size_t page, struct reference place,
                         struct text formula, struct text result, struct sheet_look look, struct err *err)
{
    char at[REFERENCE_TEXT_SIZE];
    struct target target;
    const bool number = !result.length || sheet_number_valid(result);
    if (formula.length && *formula.data == '=')
        formula = text_of(formula.data + 1, formula.length - 1);
    if (!writer_check_text(formula, place, err) || !writer_check_text(result, place, err))
        return false;
    if (!formula.length || formula.length > FORMULA_BYTES_MAX)
        return fail(err, ERR_SHEET_LONG_TEXT, reference_text(at, place), N(formula.length),
                    N(FORMULA_BYTES_MAX));
    if (!writer_aim(&target, writer, page, place, look, err))
        return false;
    writer_widen(target.page, place.column, number ? with_blanks(result.length) : result.length);
    return put_formula(&target, formula, result, number, err);
}
