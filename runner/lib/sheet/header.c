// See header.h. Runs in the worker.
#include "lib/sheet/header.h"
#include "lib/encoding/letters.h"
#include "lib/sheet/number.h"
#include "lib/sheet/serial.h"

#include <stdio.h>

enum { NAME_BYTES_MAX = 400, LIST_BYTES_MAX = ERR_ARGUMENT_MAX - 8, NUMBER_ROOM = 800 };

/* ---- names ----------------------------------------------------------------------------------------------------------- */

// What a person reads in the cell.
static char *cell_name(const struct cell *cell)
{
    char reading[SERIAL_TEXT_SIZE];
    SCOPED_BUF(out, NUMBER_ROOM);
    switch (cell->kind) {
    case CELL_NUMBER:
        return sheet_number_decimal(&out, cell->text) ? buf_steal(&out) : text_copy(cell->text);
    case CELL_DATE:
        return xstrdup(serial_reading(reading, cell));
    case CELL_BOOLEAN:
        return xstrdup(cell->boolean ? "TRUE" : "FALSE");
    case CELL_TEXT:
    case CELL_ERROR:
        break;
    case CELL_EMPTY:
        return NULL;
    }
    struct text text = letters_trim_left(letters_trim_right(cell->text));
    text.length = text_utf8_floor(text, NAME_BYTES_MAX);
    char *name = text_copy(text);
    for (char *c = name; *c; c++)
        if (*c == '\n' || *c == '\r' || *c == '\t')
            *c = ' ';
    if (*name)
        return name;
    xfree(name);
    return NULL;
}

static uint32_t find_exact(const struct header *header, const char *name)
{
    for (uint32_t i = 0; i < header->count; i++)
        if (header->names[i] && strcmp(header->names[i], name) == 0)
            return i + 1;
    return 0;
}

// `next` holds, for the first column of each name, the number that the next of that name gets: a page of equal names
// is searched once for each column.
static char *numbered(const struct header *header, char *name, unsigned *next)
{
    const uint32_t first = find_exact(header, name);
    if (!first)
        return name;
    for (unsigned *number = &next[first - 1];;) {
        *number = *number ? *number + 1 : 2;
        char *candidate = xasprintf("%s_%u", name, *number);
        if (!find_exact(header, candidate)) {
            xfree(name);
            return candidate;
        }
        xfree(candidate);
    }
}

void header_read(struct header *out, const struct sheet_row *row)
{
    *out = (struct header){0};
    const uint32_t last = row->count ? row->cells[row->count - 1].column : 0;
    out->names = xcalloc(last ? last : 1, sizeof *out->names);
    out->count = last;
    unsigned *next = xcalloc(last ? last : 1, sizeof *next);
    for (size_t i = 0; i < row->count; i++) {
        char *name = cell_name(&row->cells[i]);
        out->names[row->cells[i].column - 1] = name ? numbered(out, name, next) : NULL;
    }
    xfree(next);
}

void header_dispose(struct header *header)
{
    for (uint32_t i = 0; i < header->count; i++)
        xfree(header->names[i]);
    xfree(header->names);
    *header = (struct header){0};
}

/* ---- finding --------------------------------------------------------------------------------------------------------- */

// The letter at the front without case; 0 at the end. Blanks and punctuation are passed over.
static uint32_t next_letter(struct text *rest)
{
    while (rest->length) {
        uint32_t code;
        size_t length = text_utf8_decode(*rest, &code);
        if (!length) {
            code = (unsigned char)rest->data[0];
            length = 1;
        }
        *rest = text_of(rest->data + length, rest->length - length);
        const bool punctuation =
            code <= ' ' || code == 0xA0 || (code < 0x80 && strchr("._-:/\\()*'\"", (int)code));
        if (!punctuation)
            return letter_lower(code);
    }
    return 0;
}

static bool same_loosely(const char *a, const char *b)
{
    struct text x = text_from(a), y = text_from(b);
    for (;;) {
        const uint32_t c = next_letter(&x);
        if (c != next_letter(&y))
            return false;
        if (!c)
            return true;
    }
}

uint32_t header_find(const struct header *header, const char *name)
{
    const uint32_t exact = find_exact(header, name);
    for (uint32_t i = 0; !exact && i < header->count; i++)
        if (header->names[i] && same_loosely(header->names[i], name))
            return i + 1;
    return exact;
}

const char *header_nearest(const struct header *header, const char *name)
{
    const char **names = xcalloc(header->count + 1, sizeof *names);
    size_t count = 0;
    for (uint32_t i = 0; i < header->count; i++)
        if (header->names[i])
            names[count++] = header->names[i];
    const char *nearest = text_nearest(name, names, count);
    xfree(names);
    return nearest;
}

static uint32_t find_wish(const struct header *header, const struct column_wish *wish)
{
    uint32_t column = header_find(header, wish->name);
    for (size_t i = 0; !column && i < wish->alias_count; i++)
        column = header_find(header, wish->aliases[i]);
    return column;
}

static void list_name(struct buf *out, const char *name, const char *near)
{
    const size_t before = out->length;
    const bool fits =
        buf_printf(out, "%s%s", before ? ", " : "", name) && (!near || buf_printf(out, " (%s?)", near));
    if (!fits)
        out->length = before; // the list is full: what fits is enough
}

static bool fail_missing(const struct header *header, const struct column_wish *wishes,
                         const uint32_t *columns, size_t count, struct err *err)
{
    SCOPED_BUF(missing, LIST_BYTES_MAX);
    SCOPED_BUF(present, LIST_BYTES_MAX);
    for (size_t i = 0; i < count; i++)
        if (!columns[i] && !wishes[i].optional)
            list_name(&missing, wishes[i].name, header_nearest(header, wishes[i].name));
    for (uint32_t i = 0; i < header->count; i++)
        if (header->names[i])
            list_name(&present, header->names[i], NULL);
    return fail(err, ERR_SHEET_COLUMNS_MISSING, buf_string(&missing), buf_string(&present));
}

static bool check_once(const struct header *header, const struct column_wish *wishes, const uint32_t *columns,
                       size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; columns[i] && k < i; k++)
            if (columns[k] == columns[i])
                return fail(err, ERR_SHEET_COLUMN_TWICE, wishes[k].name, wishes[i].name,
                            header->names[columns[i] - 1]);
    return true;
}

bool header_choose(uint32_t *columns, const struct header *header, const struct column_wish *wishes,
                   size_t count, struct err *err)
{
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        columns[i] = find_wish(header, &wishes[i]);
        all = all && (columns[i] || wishes[i].optional);
    }
    return all ? check_once(header, wishes, columns, count, err)
               : fail_missing(header, wishes, columns, count, err);
}
