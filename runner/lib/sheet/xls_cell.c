// See xls_cell.h. Runs in the worker.
//
// A number becomes the text that .xlsx files have for it: the shortest of 15 digits, or 17 where those do not give it back.
#include "lib/sheet/xls_cell.h"
#include "lib/sheet/serial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// What all records of cells begin with: row, column, style. In version 2 the style is three bytes of its own.
struct head {
    struct reference place;
    uint32_t style;
    size_t length;
};

struct cell_record {
    uint16_t type;
    size_t least; // bytes after the head
    bool (*read)(struct xls_cells *cells, struct biff *biff, const struct head *head, struct err *err);
};

/* ---- values ------------------------------------------------------------------------------------------------------------------ */

// [MS-XLS] 2.5.10.
static const char *error_name(unsigned code)
{
    static const struct {
        unsigned code;
        const char *name;
    } names[] = {{0x00, "#NULL!"}, {0x07, "#DIV/0!"}, {0x0F, "#VALUE!"}, {0x17, "#REF!"},
                 {0x1D, "#NAME?"}, {0x24, "#NUM!"},   {0x2A, "#N/A"},    {0x2B, "#GETTING_DATA"}};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i].code == code)
            return names[i].name;
    return "#N/A";
}

static bool append(struct xls_cells *cells, const char *text, struct err *err)
{
    return buf_append_string(&cells->row.bytes, text) || fail(err, ERR_LIMIT_PASSED, "row", N(ROW_BYTES_MAX));
}

static bool add_error(struct xls_cells *cells, const struct head *head, unsigned code, struct err *err)
{
    const size_t start = cells->row.bytes.length;
    if (!append(cells, error_name(code), err))
        return false;
    row_add(&cells->row, head->place.column, CELL_ERROR, start);
    return true;
}

static void add_boolean(struct xls_cells *cells, const struct head *head, bool value)
{
    row_add(&cells->row, head->place.column, CELL_BOOLEAN, cells->row.bytes.length)->boolean = value;
}

static void number_text(char *out, size_t size, double value)
{
    if (fabs(value) < 1e15 && value == trunc(value)) {
        snprintf(out, size, "%lld", (long long)value);
        return;
    }
    snprintf(out, size, "%.15g", value);
    if (strtod(out, NULL) != value)
        snprintf(out, size, "%.17g", value);
}

static bool add_number(struct xls_cells *cells, const struct head *head, double value, struct err *err)
{
    enum { NUMBER_ROOM = 40, ERROR_NUMBER = 0x24 };
    char text[NUMBER_ROOM];
    const enum format_kind format = styles_kind(&cells->xls->styles, head->style);
    const size_t start = cells->row.bytes.length;
    if (!isfinite(value))
        return add_error(cells, head, ERROR_NUMBER, err);
    number_text(text, sizeof text, value);
    if (!append(cells, text, err))
        return false;
    struct cell *cell = row_add(&cells->row, head->place.column, CELL_NUMBER, start);
    cell->small = sheet_number_small(&cell->number, text_from(text));
    cell->percent = format == FORMAT_PERCENT;
    if ((format == FORMAT_DATE || format == FORMAT_ELAPSED) &&
        serial_to_cell(cell, value, cells->xls->system_1904, format == FORMAT_ELAPSED))
        cell->kind = CELL_DATE;
    return true;
}

// What was appended to the row's bytes from `start` on.
static void add_text(struct xls_cells *cells, const struct head *head, size_t start)
{
    if (cells->row.bytes.length > start)
        row_add(&cells->row, head->place.column, CELL_TEXT, start);
}

/* ---- records ----------------------------------------------------------------------------------------------------------------- */

static bool read_number(struct xls_cells *cells, struct biff *biff, const struct head *head, struct err *err)
{
    return add_number(cells, head, bytes_double(biff->data + head->length), err);
}

static bool read_integer(struct xls_cells *cells, struct biff *biff, const struct head *head, struct err *err)
{
    return add_number(cells, head, bytes_u16(biff->data + head->length), err);
}

// [MS-XLS] 2.5.217: a whole number of 30 bits or the upper 30 bits of a float, and either may be in hundredths.
static double short_number(uint32_t bits)
{
    enum { HUNDREDTHS = 1, WHOLE = 2 };
    double value;
    if (bits & WHOLE) {
        value = (int32_t)bits >> 2;
    } else {
        const uint64_t wide = (uint64_t)(bits & ~3U) << 32;
        memcpy(&value, &wide, sizeof value);
    }
    return bits & HUNDREDTHS ? value / 100 : value;
}

static bool read_short(struct xls_cells *cells, struct biff *biff, const struct head *head, struct err *err)
{
    return add_number(cells, head, short_number(bytes_u32(biff->data + head->length)), err);
}

// [MS-XLS] 2.4.175: row, first column, style and number of each, last column.
static bool read_shorts(struct xls_cells *cells, struct biff *biff, const struct head *head, struct err *err)
{
    const unsigned char *data = biff->data;
    for (size_t at = 4; at + 6 <= biff->length - 2; at += 6) {
        struct head one = *head;
        one.place.column += (uint32_t)(at - 4) / 6;
        one.style = bytes_u16(data + at);
        if (one.place.column > XLS_COLUMNS_MAX)
            return fail(err, ERR_SHEET_BROKEN_XLS, "a cell outside the page");
        if (!add_number(cells, &one, short_number(bytes_u32(data + at + 2)), err))
            return false;
    }
    return true;
}

static bool read_shared(struct xls_cells *cells, struct biff *biff, const struct head *head, struct err *err)
{
    char place[REFERENCE_TEXT_SIZE];
    struct text text;
    const uint32_t index = bytes_u32(biff->data + head->length);
    const size_t start = cells->row.bytes.length;
    if (!strings_at(&cells->xls->strings, index, &text))
        return fail(err, ERR_SHEET_BAD_CELL, reference_text(place, head->place), N(index),
                    "the number of a shared text");
    if (!buf_append_text(&cells->row.bytes, text))
        return fail(err, ERR_LIMIT_PASSED, "row", N(ROW_BYTES_MAX));
    add_text(cells, head, start);
    return true;
}

static bool read_label(struct xls_cells *cells, struct biff *biff, const struct head *head, struct err *err)
{
    const size_t start = cells->row.bytes.length;
    if (!biff_text(biff, head->length, biff->version == BIFF2 ? 1 : 2, &cells->row.bytes, err))
        return false;
    add_text(cells, head, start);
    return true;
}

static bool read_boolean(struct xls_cells *cells, struct biff *biff, const struct head *head, struct err *err)
{
    const unsigned value = biff->data[head->length];
    if (biff->data[head->length + 1])
        return add_error(cells, head, value, err);
    add_boolean(cells, head, value != 0);
    return true;
}

// Records that may stand between a formula and the text it gave: shared and array formulas, tables of them.
static bool is_between(uint16_t type)
{
    static const uint16_t types[] = {0x4BC, 0x221, 0x21, 0x236, 0x36, 0x37, BIFF_CONTINUE};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (types[i] == type)
            return true;
    return false;
}

static bool read_result_text(struct xls_cells *cells, struct biff *biff, const struct head *head,
                             struct err *err)
{
    const size_t start = cells->row.bytes.length;
    bool more = true;
    do
        if (!biff_next(biff, &more, err))
            return false;
    while (more && is_between(biff->type));
    if (!more)
        return true;
    if (biff->type != BIFF_STRING && biff->type != BIFF2_STRING) {
        biff_seek(biff, biff->at); // none: the text is empty
        return true;
    }
    if (!biff_text(biff, 0, biff->version == BIFF2 ? 1 : 2, &cells->row.bytes, err))
        return false;
    add_text(cells, head, start);
    return true;
}

// [MS-XLS] 2.5.133: a float, or what else in the place of one whose upper bits are all set.
static bool read_formula(struct xls_cells *cells, struct biff *biff, const struct head *head, struct err *err)
{
    enum { RESULT_TEXT, RESULT_BOOLEAN, RESULT_ERROR };
    const unsigned char *result = biff->data + head->length;
    if (bytes_u16(result + 6) != 0xFFFF)
        return add_number(cells, head, bytes_double(result), err);
    switch (result[0]) {
    case RESULT_TEXT:
        return read_result_text(cells, biff, head, err);
    case RESULT_BOOLEAN:
        add_boolean(cells, head, result[2] != 0);
        return true;
    case RESULT_ERROR:
        return add_error(cells, head, result[2], err);
    default:
        return true; // an empty text
    }
}

static const struct cell_record records[] = {
    {BIFF_LABELSST, 4, read_shared},  {BIFF_NUMBER, 8, read_number},    {BIFF_RK, 4, read_short},
    {BIFF_MULRK, 2, read_shorts},     {BIFF_LABEL, 1, read_label},      {BIFF_RSTRING, 2, read_label},
    {BIFF_BOOLERR, 2, read_boolean},  {BIFF_FORMULA, 8, read_formula},  {BIFF_FORMULA3, 8, read_formula},
    {BIFF_FORMULA4, 8, read_formula}, {BIFF2_INTEGER, 2, read_integer}, {BIFF2_NUMBER, 8, read_number},
    {BIFF2_LABEL, 1, read_label},     {BIFF2_BOOLERR, 2, read_boolean},
};

static const struct cell_record *find_record(const struct biff *biff)
{
    for (size_t i = 0; i < COUNT_OF(records); i++)
        if (records[i].type == biff->type)
            return &records[i];
    return NULL;
}

bool xls_is_cell(const struct biff *biff)
{
    return find_record(biff) != NULL;
}

bool xls_cell_read(struct xls_cells *cells, struct biff *biff, struct err *err)
{
    enum { FORMAT_BITS = 0x3F };
    const struct cell_record *record = find_record(biff);
    const size_t head_length = biff->version == BIFF2 ? 7 : 6;
    require(record);
    if (!biff_require(biff, head_length + record->least, err))
        return false;
    const struct head head = {
        .place = {bytes_u16(biff->data) + 1U, bytes_u16(biff->data + 2) + 1U},
        .style = biff->version == BIFF2 ? (unsigned)biff->data[5] & FORMAT_BITS : bytes_u16(biff->data + 4),
        .length = head_length,
    };
    if (head.place.column > XLS_COLUMNS_MAX)
        return fail(err, ERR_SHEET_BROKEN_XLS, "a cell outside the page");
    if (cells->row.count > SHEET_COLUMNS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "cells of a row", N(SHEET_COLUMNS_MAX));
    return record->read(cells, biff, &head, err);
}
