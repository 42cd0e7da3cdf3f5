// See stream.h. Runs in the worker.
//
// This is the inner loop of every table that a robot writes: no allocation and no printf for a cell. The beginning of a
// cell (<c r="AB) is kept for each column, the digits of the row for each row.
#include "lib/sheet/stream.h"
#include "lib/sheet/cell.h"
#include "lib/sheet/escape.h"

#include <stdlib.h>

enum {
    FRAME_BYTES = 128, // what stands around a cell's content, at most
    FIRST_BYTES = 4096,
    ROW_BYTES = 8,                          // 1048576 and one more
    FULL_BYTES = SPOOL_CHUNK_BYTES / 8 * 7, // a usual row more stays within a chunk
};

struct opening {
    char text[15]; // <c r="XFD
    uint8_t length;
};

struct begun_cell {
    uint32_t column;
    size_t at, length; // in `data`; the length is known when the row ends
};

struct sheet_stream {
    struct sheet_spool *spool;
    struct spooled rows;
    char *data; // what is not yet in the spool
    size_t used, room;
    struct opening *openings; // by column - 1
    uint32_t opening_count;
    struct begun_cell *cells; // of the row that is being written
    size_t cell_count, cell_room;
    bool row_begun, in_order;
    char row_text[INTEGER_TEXT_SIZE];
    size_t row_digits;
    uint32_t row; // 0: none yet
    struct stream_row told;
    bool row_told;
    size_t told_at; // where what is told of the row is put, when it ends
    struct range range;
};

struct sheet_stream *sheet_stream_new(struct sheet_spool *spool)
{
    struct sheet_stream *stream = xcalloc(1, sizeof *stream);
    stream->spool = spool;
    return stream;
}

void sheet_stream_free(struct sheet_stream *stream)
{
    if (!stream)
        return;
    spooled_dispose(&stream->rows);
    xfree(stream->data);
    xfree(stream->openings);
    xfree(stream->cells);
    xfree(stream);
}

static void reserve(struct sheet_stream *stream, size_t length)
{
    size_t room = stream->room ? stream->room : FIRST_BYTES;
    if (stream->room - stream->used >= length)
        return;
    while (room - stream->used < length)
        room *= 2;
    stream->data = xrealloc(stream->data, room);
    stream->room = room;
}

static void put(struct sheet_stream *stream, const char *data, size_t length)
{
    memcpy(stream->data + stream->used, data, length);
    stream->used += length;
}
#define PUT(stream, literal) put(stream, literal, sizeof(literal) - 1)

static size_t put_integer(char out[INTEGER_TEXT_SIZE], unsigned number)
{
    char digits[INTEGER_TEXT_SIZE];
    size_t count = 0, length;
    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    for (length = 0; count; length++)
        out[length] = digits[--count];
    return length;
}

/* ---- rows -------------------------------------------------------------------------------------------------------------- */

static int compare_cells(const void *a, const void *b)
{
    const struct begun_cell *x = a, *y = b;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

// Puts the row's cells in order and drops those that were written over.
static void sort_row(struct sheet_stream *stream)
{
    struct begun_cell *cells = stream->cells;
    const size_t count = stream->cell_count, begun = cells[0].at, length = stream->used - begun;
    SCOPED_TEXT char *copy = xmalloc(length);
    memcpy(copy, stream->data + begun, length);
    for (size_t i = 0; i < count; i++)
        cells[i].length = (i + 1 < count ? cells[i + 1].at : stream->used) - cells[i].at;
    qsort(cells, count, sizeof *cells, compare_cells);
    stream->used = begun;
    for (size_t i = 0; i < count; i++)
        if (i + 1 == count || cells[i + 1].column != cells[i].column)
            put(stream, copy + (cells[i].at - begun), cells[i].length);
}

static void tell_row(struct sheet_stream *stream)
{
    char text[FRAME_BYTES];
    const struct stream_row *told = &stream->told;
    struct buf out = buf_new(sizeof text - 1);
    bool done = true;
    if (told->style)
        done = done && buf_printf(&out, " s=\"%u\" customFormat=\"1\"", told->style);
    if (told->height > 0)
        done = done && buf_printf(&out, " ht=\"%g\" customHeight=\"1\"", told->height);
    if (told->hidden)
        done = done && buf_append_string(&out, " hidden=\"1\"");
    if (told->level)
        done = done && buf_printf(&out, " outlineLevel=\"%u\"", told->level);
    if (told->collapsed)
        done = done && buf_append_string(&out, " collapsed=\"1\"");
    require(done);
    const size_t length = out.length;
    memcpy(text, buf_string(&out), length);
    buf_dispose(&out);
    reserve(stream, length);
    char *at = stream->data + stream->told_at;
    memmove(at + length, at, stream->used - stream->told_at);
    memcpy(at, text, length);
    stream->used += length;
}

static bool end_row(struct sheet_stream *stream, struct err *err)
{
    if (!stream->row_begun)
        return true;
    if (!stream->in_order && stream->cell_count)
        sort_row(stream);
    if (stream->row_told)
        tell_row(stream);
    stream->cell_count = 0;
    stream->row_begun = false;
    reserve(stream, FRAME_BYTES);
    PUT(stream, "</row>");
    if (stream->used < FULL_BYTES)
        return true;
    const struct text chunk = text_of(stream->data, stream->used);
    stream->used = 0;
    return spool_add(stream->spool, &stream->rows, chunk, err);
}

static bool begin_row(struct sheet_stream *stream, uint32_t row, struct err *err)
{
    if (!end_row(stream, err))
        return false;
    stream->row = row;
    stream->row_digits = put_integer(stream->row_text, row);
    stream->row_begun = stream->in_order = true;
    reserve(stream, FRAME_BYTES);
    PUT(stream, "<row r=\"");
    put(stream, stream->row_text, stream->row_digits);
    PUT(stream, "\"");
    stream->told_at = stream->used;
    stream->row_told = false;
    PUT(stream, ">");
    return true;
}

bool sheet_stream_row(struct sheet_stream *stream, uint32_t row, const struct stream_row *told,
                      struct err *err)
{
    if (row != stream->row && !begin_row(stream, row, err))
        return false;
    if (!stream->row_told)
        stream->told = (struct stream_row){0};
    stream->row_told = true;
    stream->told.height = told->height > stream->told.height ? told->height : stream->told.height;
    stream->told.hidden |= told->hidden;
    stream->told.collapsed |= told->collapsed;
    stream->told.level = told->level ? told->level : stream->told.level;
    stream->told.style = told->style ? told->style : stream->told.style;
    return true;
}

/* ---- cells ------------------------------------------------------------------------------------------------------------- */

static void make_openings(struct sheet_stream *stream, uint32_t columns)
{
    char letters[REFERENCE_TEXT_SIZE];
    stream->openings = xreallocarray(stream->openings, columns, sizeof *stream->openings);
    for (; stream->opening_count < columns; stream->opening_count++) {
        struct opening *opening = &stream->openings[stream->opening_count];
        const struct text name = text_from(column_text(letters, stream->opening_count + 1));
        *opening = (struct opening){.text = "<c r=\""};
        memcpy(opening->text + 6, name.data, name.length);
        opening->length = (uint8_t)(6 + name.length);
    }
}

static void note_place(struct sheet_stream *stream, struct reference place)
{
    struct range *range = &stream->range;
    if (!range->first.row)
        *range = (struct range){place, place};
    range->last.row = place.row;
    if (place.column < range->first.column)
        range->first.column = place.column;
    if (place.column > range->last.column)
        range->last.column = place.column;
    if (stream->cell_count && stream->cells[stream->cell_count - 1].column >= place.column)
        stream->in_order = false;
    if (stream->cell_count == stream->cell_room) {
        stream->cell_room = stream->cell_room ? stream->cell_room * 2 : 16;
        stream->cells = xreallocarray(stream->cells, stream->cell_room, sizeof *stream->cells);
    }
    stream->cells[stream->cell_count++] = (struct begun_cell){place.column, stream->used, 0};
}

// Writes `<c r="B7" s="3"`; afterwards there is room for `content` bytes and what stands around them.
static bool begin_cell(struct sheet_stream *stream, struct reference place, unsigned style, size_t content,
                       struct err *err)
{
    char digits[INTEGER_TEXT_SIZE];
    if (place.row != stream->row && !begin_row(stream, place.row, err))
        return false;
    if (place.column > stream->opening_count)
        make_openings(stream, place.column);
    reserve(stream, content + FRAME_BYTES);
    note_place(stream, place);
    const struct opening *opening = &stream->openings[place.column - 1];
    // Copies of a fixed length are one instruction or two; what is too much is written over.
    memcpy(stream->data + stream->used, opening->text, sizeof opening->text);
    stream->used += opening->length;
    memcpy(stream->data + stream->used, stream->row_text, ROW_BYTES);
    stream->used += stream->row_digits;
    if (style) {
        PUT(stream, "\" s=\"");
        put(stream, digits, put_integer(digits, style));
    }
    PUT(stream, "\"");
    return true;
}

// XML may be read without the blanks at the ends and the line ends of a text, unless it says otherwise.
static bool has_space_to_keep(struct text text)
{
    const char first = text.data[0], last = text.data[text.length - 1];
    return first == ' ' || first == '\t' || last == ' ' || last == '\t' ||
           memchr(text.data, '\n', text.length);
}

static bool escape_at_end(struct sheet_stream *stream, struct reference place, struct text text,
                          size_t units_max, size_t *widest, struct err *err)
{
    char at[REFERENCE_TEXT_SIZE];
    struct escaped escaped;
    switch (escape_text(stream->data + stream->used, text, units_max, &escaped)) {
    case ESCAPE_MALFORMED:
        return fail(err, ERR_SHEET_WRITE_WRONG, "bytes that are no letters", reference_text(at, place));
    case ESCAPE_TOO_LONG:
        return fail(err, ERR_LIMIT_PASSED, "letters in a cell", N(units_max));
    case ESCAPE_GOOD:
        break;
    }
    stream->used += escaped.bytes;
    *widest = escaped.widest;
    return true;
}

// What was begun of a cell that can't be written.
static bool take_back(struct sheet_stream *stream)
{
    stream->used = stream->cells[--stream->cell_count].at;
    return false;
}

bool sheet_stream_blank(struct sheet_stream *stream, struct reference place, unsigned style, struct err *err)
{
    if (!begin_cell(stream, place, style, 0, err))
        return false;
    PUT(stream, "/>");
    return true;
}

bool sheet_stream_text(struct sheet_stream *stream, struct reference place, struct text text, unsigned style,
                       size_t *widest, struct err *err)
{
    *widest = 0;
    if (!text.length)
        return !style || sheet_stream_blank(stream, place, style, err);
    if (!begin_cell(stream, place, style, escape_room(text, SHEET_CELL_CHARACTERS_MAX), err))
        return false;
    if (has_space_to_keep(text))
        PUT(stream, " t=\"inlineStr\"><is><t xml:space=\"preserve\">");
    else
        PUT(stream, " t=\"inlineStr\"><is><t>");
    if (!escape_at_end(stream, place, text, SHEET_CELL_CHARACTERS_MAX, widest, err))
        return take_back(stream);
    PUT(stream, "</t></is></c>");
    return true;
}

bool sheet_stream_number(struct sheet_stream *stream, struct reference place, struct text number,
                         unsigned style, struct err *err)
{
    if (!begin_cell(stream, place, style, number.length, err))
        return false;
    PUT(stream, "><v>");
    put(stream, number.data, number.length);
    PUT(stream, "</v></c>");
    return true;
}

bool sheet_stream_boolean(struct sheet_stream *stream, struct reference place, bool value, unsigned style,
                          struct err *err)
{
    if (!begin_cell(stream, place, style, 0, err))
        return false;
    if (value)
        PUT(stream, " t=\"b\"><v>1</v></c>");
    else
        PUT(stream, " t=\"b\"><v>0</v></c>");
    return true;
}

bool sheet_stream_formula(struct sheet_stream *stream, struct reference place, struct text formula,
                          struct text result, bool is_text, unsigned style, struct err *err)
{
    size_t widest;
    if (!begin_cell(stream, place, style,
                    escape_room(formula, formula.length) + escape_room(result, SHEET_CELL_CHARACTERS_MAX),
                    err))
        return false;
    if (is_text)
        PUT(stream, " t=\"str\"");
    PUT(stream, "><f>");
    if (!escape_at_end(stream, place, formula, formula.length, &widest, err))
        return take_back(stream);
    PUT(stream, "</f><v>");
    if (!escape_at_end(stream, place, result, SHEET_CELL_CHARACTERS_MAX, &widest, err))
        return take_back(stream);
    PUT(stream, "</v></c>");
    return true;
}

bool sheet_stream_end(struct sheet_stream *stream, struct spooled *rows, struct range *range, struct err *err)
{
    if (!end_row(stream, err) ||
        !spool_add(stream->spool, &stream->rows, text_of(stream->data, stream->used), err))
        return false;
    *rows = stream->rows;
    *range = stream->range;
    stream->rows = (struct spooled){0};
    stream->used = 0;
    return true;
}
