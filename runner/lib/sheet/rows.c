// The rows of a page, one at a time (workbook.h). Runs in the worker.
//
// A row's own texts are gathered in one buffer, which may move while the row grows; so cells hold offsets until the row
// is complete.
#include "lib/sheet/formula.h"
#include "lib/sheet/number.h"
#include "lib/sheet/plain.h"
#include "lib/sheet/row.h"
#include "lib/sheet/serial.h"
#include "lib/sheet/workbook_internal.h"

#include <stdlib.h>

#define SHARED SIZE_MAX // the text lies elsewhere, not in the row's buffer

struct workbook_rows {
    struct workbook *workbook;
    struct scan *scan; // NULL: a page without cells
    bool in_data, over;
    bool plain; // plain rows are looked for; formulas are the general scanner's
    struct cell *cells;
    size_t *offsets;
    size_t count, capacity;
    struct buf bytes;
    uint32_t number, column; // of the last row and cell
    bool sorted;
    struct sheet_row row;
    uint32_t estimate;
    struct range *merged;
    size_t merged_count;
    struct spans hidden_columns;
    struct formulas *formulas; // NULL: not asked for
    struct err ignored;        // of a cell in a plain row: the general scanner says what is wrong
};

/* ---- one cell -------------------------------------------------------------------------------------------------------- */

struct raw_cell {
    struct reference place;
    uint64_t style;
    struct text value;                 // in the row's buffer, or of a plain cell in the scanner's window
    const struct sheet_number *number; // its value, where that is known already
    bool has_formula;
};

static bool fail_cell(const struct workbook_rows *rows, const struct raw_cell *raw, const char *expected,
                      struct err *err)
{
    char place[REFERENCE_TEXT_SIZE];
    SCOPED_TEXT char *value = text_copy(raw->value);
    (void)rows;
    return fail(err, ERR_SHEET_BAD_CELL, reference_text(place, raw->place), value, expected);
}

static bool convert_shared(struct workbook_rows *rows, struct cell *cell, const struct raw_cell *raw,
                           struct err *err)
{
    int64_t index;
    bool found;
    if (raw->number) {
        index = raw->number->coefficient;
    } else {
        const struct text value = text_trim(raw->value);
        if (!value.length)
            return true;
        if (!text_to_int64(value, &index))
            index = -1;
    }
    if (index < 0)
        return fail_cell(rows, raw, "the number of a shared text", err);
    if (!workbook_string(rows->workbook, (uint64_t)index, &cell->text, &found, err))
        return false;
    if (!found)
        return fail_cell(rows, raw, "the number of a shared text", err);
    rows->offsets[rows->count] = SHARED;
    cell->shared = (uint32_t)index + 1; // there are fewer than STRINGS_COUNT_MAX
    cell->kind = cell->text.length ? CELL_TEXT : CELL_EMPTY;
    return true;
}

static bool convert_text(struct workbook_rows *rows, struct cell *cell, const struct raw_cell *raw,
                         struct err *err)
{
    (void)rows;
    (void)err;
    cell->kind = raw->value.length ? CELL_TEXT : CELL_EMPTY;
    cell->text = raw->value;
    return true;
}

static bool convert_boolean(struct workbook_rows *rows, struct cell *cell, const struct raw_cell *raw,
                            struct err *err)
{
    const struct text value = text_trim(raw->value);
    int64_t number;
    cell->kind = value.length ? CELL_BOOLEAN : CELL_EMPTY;
    if (text_to_int64(value, &number)) {
        cell->boolean = number != 0;
        return true;
    }
    cell->boolean = text_equal_ascii_case(value, TEXT_OF("true"));
    return !value.length || cell->boolean || text_equal_ascii_case(value, TEXT_OF("false")) ||
           fail_cell(rows, raw, "0 or 1", err);
}

static bool convert_error(struct workbook_rows *rows, struct cell *cell, const struct raw_cell *raw,
                          struct err *err)
{
    (void)rows;
    (void)err;
    cell->kind = raw->value.length ? CELL_ERROR : CELL_EMPTY;
    cell->text = raw->value;
    return true;
}

static double to_double(struct text number)
{
    char copy[SHEET_NUMBER_BYTES_MAX + 1];
    const size_t length = number.length < sizeof copy ? number.length : sizeof copy - 1;
    memcpy(copy, number.data, length);
    copy[length] = '\0';
    return strtod(copy, NULL);
}

static bool convert_number(struct workbook_rows *rows, struct cell *cell, const struct raw_cell *raw,
                           struct err *err)
{
    const struct text value = raw->number ? raw->value : text_trim(raw->value);
    const enum format_kind format = styles_kind(&rows->workbook->styles, raw->style);
    if (!value.length)
        return true;
    cell->small = raw->number || sheet_number_small(&cell->number, value);
    if (raw->number)
        cell->number = *raw->number;
    if (!cell->small && !sheet_number_valid(value)) {
        if (!sheet_number_is_none(value))
            return fail_cell(rows, raw, "a number", err);
        cell->kind = CELL_ERROR;
        cell->text = TEXT_OF("#NUM!"); // as programs show what is not a number
        rows->offsets[rows->count] = SHARED;
        return true;
    }
    cell->text = value;
    cell->percent = format == FORMAT_PERCENT;
    cell->kind = CELL_NUMBER;
    if (format != FORMAT_DATE && format != FORMAT_ELAPSED)
        return true;
    // A number that was rounded to 15 digits could be a millisecond off.
    const double serial =
        cell->small && value.length <= 15 ? sheet_number_double(cell->number) : to_double(value);
    if (serial_to_cell(cell, serial, rows->workbook->system_1904, format == FORMAT_ELAPSED))
        cell->kind = CELL_DATE;
    return true;
}

static bool convert_iso_date(struct workbook_rows *rows, struct cell *cell, const struct raw_cell *raw,
                             struct err *err)
{
    const struct text value = text_trim(raw->value);
    cell->kind = value.length ? CELL_DATE : CELL_EMPTY;
    cell->text = text_of("", 0);
    if (!value.length || serial_from_iso(cell, value))
        return true;
    // Some programs say "date" and write its serial.
    return sheet_number_valid(value) ? convert_number(rows, cell, raw, err)
                                     : fail_cell(rows, raw, "a date", err);
}

typedef bool (*convert_function)(struct workbook_rows *, struct cell *, const struct raw_cell *,
                                 struct err *);

// ECMA-376 part 1, 18.18.11.
static convert_function converter(struct text type)
{
    static const struct {
        const char *name;
        convert_function convert;
    } types[] = {{"", convert_number},  {"n", convert_number},       {"s", convert_shared},
                 {"str", convert_text}, {"inlineStr", convert_text}, {"b", convert_boolean},
                 {"e", convert_error},  {"d", convert_iso_date}};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (text_is(type, types[i].name))
            return types[i].convert;
    return NULL;
}

static bool place_cell(struct workbook_rows *rows, struct raw_cell *raw, struct err *err)
{
    const struct text reference = scan_attribute(rows->scan, "r");
    int64_t style;
    raw->place = (struct reference){rows->number, rows->column + 1};
    if (reference.length) {
        struct reference place;
        if (!sheet_reference_parse(&place, reference)) {
            SCOPED_TEXT char *copy = text_copy(reference);
            return fail(err, ERR_SHEET_BAD_REFERENCE, copy);
        }
        raw->place.column = place.column;
        // A row without a number, or with another one than its first cell: the cell is in the right.
        if (!rows->column)
            rows->number = raw->place.row = place.row;
    }
    if (raw->place.column > SHEET_COLUMNS_MAX)
        return fail(err, ERR_SHEET_BAD_REFERENCE, "XFE1");
    if (text_to_int64(scan_attribute(rows->scan, "s"), &style) && style >= 0)
        raw->style = (uint64_t)style;
    rows->sorted = rows->sorted && raw->place.column > rows->column;
    rows->column = raw->place.column;
    return true;
}

// From the start of <c> to its stop: gathers <v>, or the text of <is>, in the row's buffer.
static bool gather(struct workbook_rows *rows, struct raw_cell *raw, bool text, struct err *err)
{
    struct scan *scan = rows->scan;
    const unsigned depth = scan->depth;
    const size_t start = rows->bytes.length;
    bool in_value = false;
    while (scan_next(scan, err)) {
        if (scan->kind == SCAN_STOP && scan->depth == depth) {
            raw->value =
                text_of(rows->bytes.length ? rows->bytes.data + start : "", rows->bytes.length - start);
            return true;
        }
        if (scan->kind == SCAN_TEXT) {
            if (in_value && !scan_append_text(scan, &rows->bytes, err))
                return false;
        } else if (scan_is(scan, "v") && rows->bytes.length > start) {
            if (!scan_skip(scan, err)) // the text of <is> counts
                return false;
        } else if (scan_same_name(scan->name, "v")) {
            in_value = scan->kind == SCAN_START;
            if (!in_value && text)
                strings_unescape(&rows->bytes, start);
        } else if (scan_is(scan, "is")) {
            rows->bytes.length = start;
            if (!strings_append_item(scan, &rows->bytes, err))
                return false;
        } else if (rows->formulas && scan_is(scan, "f")) {
            if (!formulas_read(rows->formulas, scan, raw->place, rows->count, &raw->has_formula, err))
                return false;
        } else if (scan->kind == SCAN_START && !scan_skip(scan, err)) {
            return false; // a formula, an extension
        }
        if (rows->bytes.length - start > (size_t)SHEET_CELL_CHARACTERS_MAX * 4)
            return fail(err, ERR_SHEET_TEXT_TOO_LONG, N(rows->bytes.length - start),
                        N(SHEET_CELL_CHARACTERS_MAX));
    }
    return false;
}

static void make_room(struct workbook_rows *rows)
{
    if (rows->count < rows->capacity)
        return;
    rows->capacity = rows->capacity ? rows->capacity * 2 : 32;
    rows->cells = xreallocarray(rows->cells, rows->capacity, sizeof *rows->cells);
    rows->offsets = xreallocarray(rows->offsets, rows->capacity, sizeof *rows->offsets);
}

static bool read_cell(struct workbook_rows *rows, struct err *err)
{
    struct raw_cell raw = {0};
    const size_t start = rows->bytes.length;
    const convert_function convert = converter(scan_attribute(rows->scan, "t"));
    if (!place_cell(rows, &raw, err) || !gather(rows, &raw, convert == convert_text, err))
        return false;
    if (raw.value.length && !strings_check(&rows->bytes, start, err))
        return false;
    if (!convert)
        return fail_cell(rows, &raw, "a kind of cell that is known", err);
    if (rows->count == SHEET_COLUMNS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "cells of a row", N(SHEET_COLUMNS_MAX));
    make_room(rows);
    struct cell *cell = &rows->cells[rows->count];
    *cell = (struct cell){.column = raw.place.column};
    rows->offsets[rows->count] = 0;
    if (!convert(rows, cell, &raw, err))
        return false;
    if (cell->kind == CELL_EMPTY && !raw.has_formula)
        return true;
    if (rows->offsets[rows->count] != SHARED)
        rows->offsets[rows->count] = cell->text.length ? (size_t)(cell->text.data - rows->bytes.data) : 0;
    rows->count++;
    return true;
}

/* ---- a complete row ------------------------------------------------------------------------------------------------------ */

static void finish_row(struct workbook_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->offsets[i] != SHARED)
            rows->cells[i].text.data = rows->cells[i].text.length ? rows->bytes.data + rows->offsets[i] : "";
    if (rows->formulas)
        formulas_place(rows->formulas, rows->cells, rows->count);
    if (!rows->sorted)
        rows->count = cells_sort(&rows->cells, rows->count, rows->capacity);
    rows->row.cells = rows->cells;
    rows->row.count = rows->count;
    rows->row.number = rows->number;
}

/* ---- plain rows -------------------------------------------------------------------------------------------------------- */

// Character references and the like: into the row's buffer, where the text is checked too.
static bool decode_plain(struct workbook_rows *rows, struct raw_cell *raw, const struct plain_cell *plain,
                         struct err *err)
{
    const size_t start = rows->bytes.length;
    if (!scan_decode(&rows->bytes, plain->value, err))
        return false;
    if (plain->type == PLAIN_TEXT)
        strings_unescape(&rows->bytes, start);
    raw->value = text_of(rows->bytes.length ? rows->bytes.data + start : "", rows->bytes.length - start);
    return strings_check(&rows->bytes, start, err);
}

static bool take_plain_cell(struct workbook_rows *rows, const struct plain_cell *plain, struct err *err)
{
    static const convert_function converters[] = {
        [PLAIN_NUMBER] = convert_number,   [PLAIN_SHARED] = convert_shared, [PLAIN_TEXT] = convert_text,
        [PLAIN_BOOLEAN] = convert_boolean, [PLAIN_ERROR] = convert_error,   [PLAIN_DATE] = convert_iso_date,
    };
    const uint32_t column = plain->column ? plain->column : rows->column + 1;
    struct raw_cell raw = {.place = {rows->number, column},
                           .style = plain->style,
                           .value = plain->value,
                           .number = plain->small ? &plain->number : NULL};
    if (column > SHEET_COLUMNS_MAX || rows->count == SHEET_COLUMNS_MAX)
        return false;
    rows->sorted = rows->sorted && column > rows->column;
    rows->column = column;
    if (plain->coded ? !decode_plain(rows, &raw, plain, err) : plain->letters && !text_is_utf8(plain->value))
        return false;
    make_room(rows);
    struct cell *cell = &rows->cells[rows->count];
    *cell = (struct cell){.column = column};
    if (!converters[plain->type](rows, cell, &raw, err))
        return false;
    rows->offsets[rows->count] =
        plain->coded && cell->text.length ? (size_t)(cell->text.data - rows->bytes.data) : SHARED;
    rows->count += cell->kind != CELL_EMPTY;
    return true;
}

static void begin_row(struct workbook_rows *rows)
{
    buf_clear(&rows->bytes);
    rows->count = 0;
    rows->column = 0;
    rows->sorted = true;
}

// The cells of a row in `ahead`, which is moved behind it.
static enum plain take_plain_cells(struct workbook_rows *rows, struct text *ahead)
{
    struct plain_cell cell;
    const struct plain_place place = plain_place(rows->number);
    enum plain took;
    while ((took = plain_cell(&cell, ahead, &place)) == PLAIN_TAKEN)
        if (!take_plain_cell(rows, &cell, &rows->ignored))
            return PLAIN_OTHER;
    return took == PLAIN_STOP ? PLAIN_TAKEN : took;
}

static enum plain take_plain_row(struct workbook_rows *rows, struct text *ahead)
{
    struct plain_row row;
    const uint32_t before = rows->number;
    enum plain took = plain_row(&row, ahead);
    if (took != PLAIN_TAKEN)
        return took;
    begin_row(rows);
    rows->number = row.number ? row.number : before + 1;
    rows->row.hidden = row.hidden;
    if (rows->number > SHEET_ROWS_MAX)
        took = PLAIN_OTHER;
    else if (!row.empty)
        took = take_plain_cells(rows, ahead);
    if (took != PLAIN_TAKEN)
        rows->number = before;
    return took;
}

// A whole row at once, its texts left where they lie in the scanner's window; or nothing, and the general scanner goes on
// where this began. *took false: there is no plain row.
static bool read_plain_row(struct workbook_rows *rows, bool *took, struct err *err)
{
    bool more = true;
    *took = false;
    while (more) {
        const struct text ahead = scan_ahead(rows->scan);
        struct text rest = ahead;
        const enum plain plain = ahead.length ? take_plain_row(rows, &rest) : PLAIN_MORE;
        if (plain == PLAIN_TAKEN) {
            scan_pass(rows->scan, ahead.length - rest.length);
            finish_row(rows);
            *took = true;
            return true;
        }
        if (plain != PLAIN_MORE)
            return true;
        if (!scan_read_ahead(rows->scan, &more, err))
            return false;
    }
    return true;
}

/* ---- one row --------------------------------------------------------------------------------------------------------- */

static bool number_row(struct workbook_rows *rows, struct err *err)
{
    int64_t number = (int64_t)rows->number + 1;
    const struct text told = scan_attribute(rows->scan, "r");
    if ((told.length && !text_to_int64(told, &number)) || number < 1 || number > SHEET_ROWS_MAX) {
        SCOPED_TEXT char *copy = text_copy(told);
        return fail(err, ERR_SHEET_BAD_REFERENCE, copy);
    }
    rows->number = (uint32_t)number;
    rows->row.hidden = scan_attribute_boolean(rows->scan, "hidden");
    return true;
}

static bool read_row(struct workbook_rows *rows, struct err *err)
{
    struct scan *scan = rows->scan;
    const unsigned depth = scan->depth;
    if (!number_row(rows, err))
        return false;
    begin_row(rows);
    if (rows->formulas)
        formulas_begin_row(rows->formulas);
    while (scan_next(scan, err)) {
        if (scan->kind == SCAN_STOP && scan->depth == depth) {
            finish_row(rows);
            return true;
        }
        if (scan_is(scan, "c") ? !read_cell(rows, err) : scan->kind == SCAN_START && !scan_skip(scan, err))
            return false;
    }
    return false;
}

static bool add_merged(struct workbook_rows *rows, struct err *err)
{
    struct range range;
    if (rows->merged_count == WORKBOOK_MERGED_MAX)
        return fail(err, ERR_LIMIT_PASSED, "merged ranges", N(WORKBOOK_MERGED_MAX));
    if (!range_parse(&range, scan_attribute(rows->scan, "ref"))) {
        SCOPED_TEXT char *copy = text_copy(scan_attribute(rows->scan, "ref"));
        return fail(err, ERR_SHEET_BAD_REFERENCE, copy);
    }
    if ((rows->merged_count & (rows->merged_count - 1)) == 0)
        rows->merged = xreallocarray(rows->merged, rows->merged_count ? rows->merged_count * 2 : 1,
                                     sizeof *rows->merged);
    rows->merged[rows->merged_count++] = range;
    return true;
}

bool workbook_rows_next(struct workbook_rows *rows, const struct sheet_row **row, struct err *err)
{
    bool good = true, took;
    *row = NULL;
    if (rows->plain && rows->in_data && !rows->over) {
        if (!read_plain_row(rows, &took, err))
            return false;
        if (took) {
            *row = &rows->row;
            return true;
        }
    }
    // To the end of the part, so that its checksum is compared before the last row is believed.
    while (!rows->over && scan_next_in(rows->scan, &good, err)) {
        const struct scan *scan = rows->scan;
        if (scan->kind == SCAN_TEXT)
            continue;
        if (scan_same_name(scan->name, "sheetData"))
            rows->in_data = scan->kind == SCAN_START;
        else if (scan_is(scan, "row") && rows->in_data) {
            *row = &rows->row;
            return read_row(rows, err);
        } else if (scan_is(scan, "mergeCell") && !add_merged(rows, err))
            return false;
    }
    rows->over = rows->over || good;
    return good;
}

/* ---- opening --------------------------------------------------------------------------------------------------------- */

// <col min="2" max="4" hidden="1"/>; what is no pair of columns hides nothing.
static bool add_column(struct workbook_rows *rows, struct err *err)
{
    int64_t first, last;
    if (!scan_attribute_boolean(rows->scan, "hidden") ||
        !text_to_int64(scan_attribute(rows->scan, "min"), &first) ||
        !text_to_int64(scan_attribute(rows->scan, "max"), &last) || first < 1 || last < first ||
        first > SHEET_COLUMNS_MAX)
        return true;
    return spans_add(&rows->hidden_columns, (uint32_t)first,
                     last > SHEET_COLUMNS_MAX ? SHEET_COLUMNS_MAX : (uint32_t)last, err);
}

static bool read_head(struct workbook_rows *rows, struct err *err)
{
    struct range range;
    bool good = true;
    while (good && !rows->in_data && scan_next_in(rows->scan, &good, err)) {
        if (scan_is(rows->scan, "col"))
            good = add_column(rows, err);
        if (scan_is(rows->scan, "sheetData"))
            rows->in_data = true;
        if (scan_is(rows->scan, "dimension") && range_parse(&range, scan_attribute(rows->scan, "ref")))
            rows->estimate = range.last.row;
    }
    spans_sort(&rows->hidden_columns);
    rows->over = good && rows->scan->kind == SCAN_END;
    return good;
}

bool workbook_rows_open(struct workbook_rows **out, struct workbook *workbook, size_t page,
                        enum rows_with with, struct err *err)
{
    SCOPED(workbook_rows)
    rows = xcalloc(1, sizeof *rows);
    const struct page *wanted = workbook_page(workbook, page);
    rows->workbook = workbook;
    rows->bytes = buf_new(WORKBOOK_ROW_BYTES_MAX);
    rows->over = !wanted->has_cells;
    rows->formulas = with == ROWS_WITH_FORMULAS ? formulas_new() : NULL;
    rows->plain = !rows->formulas && !workbook->scanned;
    if (wanted->has_cells && !wanted->part)
        return fail(err, ERR_SHEET_PART_MISSING, wanted->name);
    if (wanted->has_cells &&
        (!scan_open(&rows->scan, workbook->package, text_from(wanted->part), err) || !read_head(rows, err)))
        return false;
    *out = STEAL(rows);
    return true;
}

void workbook_rows_free(struct workbook_rows *rows)
{
    if (!rows)
        return;
    scan_free(rows->scan);
    buf_dispose(&rows->bytes);
    xfree(rows->cells);
    xfree(rows->offsets);
    xfree(rows->merged);
    spans_dispose(&rows->hidden_columns);
    formulas_free(rows->formulas);
    xfree(rows);
}

uint32_t workbook_rows_estimate(const struct workbook_rows *rows)
{
    return rows->estimate;
}

size_t workbook_rows_merged(const struct workbook_rows *rows, const struct range **ranges)
{
    *ranges = rows->merged;
    return rows->merged_count;
}

const struct spans *workbook_rows_hidden_columns(const struct workbook_rows *rows)
{
    return &rows->hidden_columns;
}
