// The value of a cell (ods_internal.h). Runs in the worker. OpenDocument 1.3 part 3, 9.1.4 and 19.385 on.
#include "lib/sheet/number.h"
#include "lib/sheet/ods_internal.h"
#include "lib/sheet/serial.h"
#include "lib/sheet/strings.h"

enum { DAY_MS = 86400000, DAY_ZERO = ODS_DAY_ZERO };

struct reading {
    const struct ods_reading *how;
    struct scan *scan;
    struct row_builder *row;
    struct reference place;
    enum cell_kind kind;
    size_t start; // of the cell's text in the row's bytes
    bool formula, told;
    struct cell told_as; // what an attribute told: a date, a time, a boolean, a number's looks
};

static bool fail_value(const struct reading *reading, struct text value, const char *expected,
                       struct err *err)
{
    char place[REFERENCE_TEXT_SIZE];
    SCOPED_TEXT char *copy = text_copy(value);
    return fail(err, ERR_SHEET_BAD_CELL, reference_text(place, reading->place), copy, expected);
}

/* ---- values in attributes ---------------------------------------------------------------------------------------------- */

static bool take_number(struct reading *reading, struct text value, struct err *err)
{
    if (!sheet_number_valid(value)) {
        reading->told = false; // "NaN" of a formula that failed: its text tells which error it is
        return value.length <= 4 || fail_value(reading, value, "a number", err);
    }
    reading->kind = CELL_NUMBER;
    reading->told_as.percent = text_is(scan_attribute(reading->scan, "value-type"), "percentage");
    reading->told_as.small = sheet_number_small(&reading->told_as.number, value);
    return buf_append_text(&reading->row->bytes, value) ||
           fail(err, ERR_LIMIT_PASSED, "row", N(ROW_BYTES_MAX));
}

// The number that stands for the date in computing, as other formats have it; the file tells only the date.
static bool append_serial(const struct reading *reading, struct err *err)
{
    const struct cell *date = &reading->told_as;
    const struct moment *m = &date->moment;
    const bool is_time = date->form == CELL_TIME || date->form == CELL_ELAPSED;
    const double ms =
        is_time ? (double)date->elapsed_ms
                : m->hour * 3600000.0 + m->minute * 60000.0 + m->second * 1000.0 + m->microsecond / 1e3;
    const double days = is_time ? 0 : date_to_days(m->date) - reading->how->first_day;
    return buf_printf(&reading->row->bytes, "%.15g", days + ms / DAY_MS) ||
           fail(err, ERR_LIMIT_PASSED, "row", N(ROW_BYTES_MAX));
}

// Programs write a time of day that was given the format of a date as that time on the day zero.
static void drop_day_zero(struct reading *reading)
{
    struct cell *date = &reading->told_as;
    const struct moment *m = &date->moment;
    if (date->form == CELL_TIME || date_to_days(m->date) != DAY_ZERO || reading->how->first_day != DAY_ZERO)
        return;
    date->form = CELL_TIME;
    date->elapsed_ms = (m->hour * 3600 + m->minute * 60 + m->second) * 1000LL + m->microsecond / 1000;
    date->moment.date = (struct date){0};
}

static bool take_date(struct reading *reading, struct text value, struct err *err)
{
    reading->kind = CELL_DATE;
    if (!serial_from_iso(&reading->told_as, value))
        return fail_value(reading, value, "a date", err);
    drop_day_zero(reading);
    return append_serial(reading, err);
}

static bool take_time(struct reading *reading, struct text value, struct err *err)
{
    reading->kind = CELL_DATE;
    if (!serial_from_duration(&reading->told_as, value))
        return fail_value(reading, value, "a time", err);
    return append_serial(reading, err);
}

static bool take_boolean(struct reading *reading, struct text value, struct err *err)
{
    reading->kind = CELL_BOOLEAN;
    reading->told_as.boolean = text_is(value, "true") || text_is(value, "1");
    return reading->told_as.boolean || text_is(value, "false") || text_is(value, "0") ||
           fail_value(reading, value, "true or false", err);
}

static bool take_text(struct reading *reading, struct text value, struct err *err)
{
    reading->kind = CELL_TEXT;
    return scan_decode(&reading->row->bytes, value, err);
}

static const struct value_type {
    const char *name, *attribute;
    bool (*take)(struct reading *reading, struct text value, struct err *err);
} types[] = {
    {"float", "value", take_number},       {"percentage", "value", take_number},
    {"currency", "value", take_number},    {"date", "date-value", take_date},
    {"time", "time-value", take_time},     {"boolean", "boolean-value", take_boolean},
    {"string", "string-value", take_text},
};

// Programs write the type twice, once for OpenDocument and once for themselves; only theirs says "error".
static bool is_error(const struct scan *scan)
{
    for (size_t i = 0; i < scan->attribute_count; i++)
        if (scan_same_name(scan->attributes[i].name, "value-type") &&
            text_is(scan->attributes[i].value, "error"))
            return true;
    return false;
}

static bool take_value(struct reading *reading, struct err *err)
{
    const struct scan *scan = reading->scan;
    const struct text type = scan_attribute(scan, "value-type");
    if (is_error(scan)) {
        reading->kind = CELL_ERROR;
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (text_is(type, types[i].name) && scan_has_attribute(scan, types[i].attribute)) {
            reading->told = true;
            const struct text value = scan_attribute(scan, types[i].attribute);
            return types[i].take(reading, types[i].take == take_text ? value : text_trim(value), err);
        }
    return true;
}

/* ---- text ------------------------------------------------------------------------------------------------------------------ */

// From the start of a cell to its stop: its paragraphs, one a line, unless an attribute told the value.
static bool take_paragraphs(struct reading *reading, struct err *err)
{
    struct scan *scan = reading->scan;
    const unsigned depth = scan->depth;
    bool any = false;
    while (scan_next(scan, err)) {
        if (scan->kind == SCAN_STOP && scan->depth == depth)
            return true;
        if (scan->kind != SCAN_START || scan_is(scan, "list") || scan_is(scan, "list-item"))
            continue;
        const bool wanted = !reading->told && (scan_is(scan, "p") || scan_is(scan, "h"));
        if (!wanted && !scan_skip(scan, err))
            return false;
        if (!wanted)
            continue;
        if (any && !buf_append_char(&reading->row->bytes, '\n'))
            return fail(err, ERR_LIMIT_PASSED, "row", N(ROW_BYTES_MAX));
        any = true;
        if (!ods_paragraph_append(scan, &reading->row->bytes, err))
            return false;
    }
    return false;
}

// Before there was a type for errors, a formula that failed was a text like this one.
static bool names_error(struct text text)
{
    static const char *const names[] = {"#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (text_is(text, names[i]))
            return true;
    return text_starts(text, "Err:5");
}

static void settle_kind(struct reading *reading)
{
    const struct buf *bytes = &reading->row->bytes;
    const struct text text =
        text_of(bytes->length ? bytes->data + reading->start : "", bytes->length - reading->start);
    if (reading->kind == CELL_EMPTY && text.length)
        reading->kind = CELL_TEXT;
    if (reading->kind == CELL_TEXT && reading->formula && names_error(text))
        reading->kind = CELL_ERROR;
    if (!text.length && (reading->kind == CELL_TEXT || reading->kind == CELL_ERROR))
        reading->kind = CELL_EMPTY;
}

// Without the "of:=" in front: which language a formula is in, told by a prefix that the document chose.
static bool append_formula(struct buf *out, struct text raw, struct err *err)
{
    const ptrdiff_t equals = text_find(raw, '=');
    if (equals >= 0)
        raw = text_of(raw.data + equals + 1, raw.length - (size_t)equals - 1);
    return scan_decode(out, raw, err);
}

static void add_cell(const struct reading *reading)
{
    struct cell *cell = row_add(reading->row, reading->place.column, reading->kind, reading->start);
    const struct text text = cell->text;
    *cell = reading->told_as;
    cell->column = reading->place.column;
    cell->kind = reading->kind;
    cell->text = text;
}

bool ods_cell_read(struct scan *scan, struct row_builder *row, struct reference place,
                   const struct ods_reading *how, bool *added, struct err *err)
{
    struct reading reading = {.how = how, .scan = scan, .row = row, .place = place};
    const struct text formula = scan_attribute(scan, "formula");
    const size_t formula_start = row->bytes.length;
    if (how->with == ROWS_WITH_FORMULAS && formula.length && !append_formula(&row->bytes, formula, err))
        return false;
    const size_t formula_length = row->bytes.length - formula_start;
    reading.formula = formula.length > 0;
    reading.start = row->bytes.length;
    if (!take_value(&reading, err) || !take_paragraphs(&reading, err))
        return false;
    if (row->bytes.length > reading.start && !strings_check(&row->bytes, reading.start, err))
        return false;
    settle_kind(&reading);
    *added = reading.kind != CELL_EMPTY || formula_length;
    if (*added)
        add_cell(&reading);
    if (*added && formula_length)
        row_set_formula(row, formula_start, formula_length);
    return true;
}
