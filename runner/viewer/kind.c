// See viewer.h. Runs in the viewer.
#include "viewer/viewer.h"

#include "lib/sheet/number.h"
#include "lib/sheet/serial.h"

enum { PLAIN_NUMBER_MAX = 30, GROUP = 3 }; // longer numbers are shown as they are written: 1E+100

const char *kind_name(enum kind kind)
{
    static const char *const names[KIND_COUNT] = {"text", "number", "date", "time", "boolean", "error"};
    return names[kind];
}

// ---- text tables

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// A blank between groups of digits: of a typewriter, not to break at (U+00A0), or narrow (U+202F). Its length; 0: none.
static size_t group_blank(struct text text)
{
    return text_starts(text, " ")              ? 1
           : text_starts(text, "\xC2\xA0")     ? 2
           : text_starts(text, "\xE2\x80\xAF") ? 3
                                               : 0;
}

// "1 204", "-12,50", "0,5"; no reference number such as 00123.
static bool is_number(struct text text, enum csv_decimal decimal)
{
    const char mark = decimal == CSV_DECIMAL_COMMA ? ',' : decimal == CSV_DECIMAL_POINT ? '.' : '\0';
    size_t at = text.length && (text.data[0] == '-' || text.data[0] == '+'), digits = 0, since_blank = 0;
    const size_t first = at;
    bool grouped = false;
    while (at < text.length) {
        const size_t blank = group_blank(text_of(text.data + at, text.length - at));
        if (is_digit(text.data[at])) {
            digits++;
            since_blank++;
            at++;
        } else if (blank && digits && (!grouped || since_blank == GROUP)) {
            grouped = true;
            since_blank = 0;
            at += blank;
        } else
            break;
    }
    if (!digits || (grouped && since_blank != GROUP) || (digits > 1 && text.data[first] == '0'))
        return false;
    if (at < text.length && mark && text.data[at] == mark)
        for (digits = 0, at++; at < text.length && is_digit(text.data[at]); at++)
            digits++;
    return digits && at == text.length;
}

// "31.12.2026", "1.1.2026"; and what ISO 8601 writes.
static enum kind date_kind(struct text text)
{
    struct text rest = text, day, month, year;
    int64_t d, m, y;
    struct cell cell;
    if (text_cut(&rest, '.', &day) && text_cut(&rest, '.', &month) && text_cut(&rest, '.', &year) &&
        year.length == 4 && text_to_int64(day, &d) && text_to_int64(month, &m) && text_to_int64(year, &y) &&
        d >= 1 && d <= 31 && m >= 1 && m <= 12 && !rest.length)
        return date_valid((struct date){(int32_t)y, (int32_t)m, (int32_t)d}) ? KIND_DATE : KIND_TEXT;
    if (text.length >= 8 && is_digit(text.data[0]) && serial_from_iso(&cell, text))
        return cell.form == CELL_TIME ? KIND_TIME : KIND_DATE;
    return KIND_TEXT;
}

static enum kind kind_of_text(struct text text, enum csv_decimal decimal)
{
    const struct text trimmed = text_trim(text);
    return is_number(trimmed, decimal) ? KIND_NUMBER : date_kind(trimmed);
}

// ---- cells

enum kind kind_of(const struct view *view, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_NUMBER:
        return KIND_NUMBER;
    case CELL_BOOLEAN:
        return KIND_BOOLEAN;
    case CELL_ERROR:
        return KIND_ERROR;
    case CELL_DATE:
        return cell->form == CELL_TIME || cell->form == CELL_ELAPSED ? KIND_TIME : KIND_DATE;
    case CELL_EMPTY:
    case CELL_TEXT:
        break;
    }
    return book_format(view->book) == BOOK_CSV ? kind_of_text(cell->text, view->found.decimal) : KIND_TEXT;
}

static bool number_text(struct buf *out, struct text written)
{
    const size_t start = out->length;
    if (sheet_number_decimal(out, written) && out->length - start <= PLAIN_NUMBER_MAX)
        return true;
    out->length = start;
    return buf_append_text(out, written);
}

bool kind_text(struct buf *out, const struct cell *cell)
{
    char reading[SERIAL_TEXT_SIZE];
    switch (cell->kind) {
    case CELL_NUMBER:
        return number_text(out, cell->text);
    case CELL_BOOLEAN:
        return buf_append_string(out, cell->boolean ? "TRUE" : "FALSE");
    case CELL_DATE:
        return buf_append_string(out, serial_reading(reading, cell));
    case CELL_TEXT:
    case CELL_ERROR:
        return buf_append_text(out, cell->text);
    case CELL_EMPTY:
        break;
    }
    return true;
}
