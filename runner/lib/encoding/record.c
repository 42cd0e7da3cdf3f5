// See record.h.
#include "lib/encoding/record.h"

#include "lib/encoding/letters.h"

size_t record_length(struct text text, enum record_unit unit)
{
    return unit == RECORD_BYTES ? text.length : letters_count(text);
}

bool record_take(struct text *rest, size_t width, enum record_unit unit, struct text *field)
{
    const size_t bytes = unit == RECORD_BYTES ? width : letters_bytes(*rest, width);
    if (bytes > rest->length || record_length(text_of(rest->data, bytes), unit) != width)
        return false;
    *field = text_of(rest->data, bytes);
    *rest = text_of(rest->data + bytes, rest->length - bytes);
    return true;
}

static bool fill(struct buf *out, char with, size_t count)
{
    while (count--)
        if (!buf_append_char(out, with))
            return false;
    return true;
}

bool record_put(struct buf *out, const struct record_field *field, struct text value, enum record_unit unit,
                struct err *err)
{
    const size_t length = record_length(value, unit);
    if (length > field->width || text_find(value, '\n') >= 0 || text_find(value, '\r') >= 0) {
        SCOPED_TEXT char *shown = text_copy(value);
        return fail(err, ERR_RECORD_VALUE, field->name, N(field->width), shown);
    }
    const size_t missing = field->width - length;
    const bool written = (!field->at_right || fill(out, field->fill, missing)) &&
                         buf_append_text(out, value) && (field->at_right || fill(out, field->fill, missing));
    return written || fail(err, ERR_LIMIT_PASSED, field->name, N(out->maximum));
}
