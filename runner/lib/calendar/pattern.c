// See pattern.h. The table of fields is the whole language.
#include "lib/calendar/pattern.h"

#include <stdio.h>

enum part { YEAR, YEAR_SHORT, MONTH, DAY, HOUR, MINUTE, SECOND, MILLISECOND, MICROSECOND };

struct field {
    const char *letters;
    enum part part;
    size_t least, most; // digits
};

// Longer ones first: the first that fits is taken.
static const struct field fields[] = {
    {"yyyy", YEAR, 4, 4},       {"yy", YEAR_SHORT, 2, 2}, {"mm", MONTH, 2, 2},  {"m", MONTH, 1, 2},
    {"dd", DAY, 2, 2},          {"d", DAY, 1, 2},         {"HH", HOUR, 2, 2},   {"H", HOUR, 1, 2},
    {"MM", MINUTE, 2, 2},       {"M", MINUTE, 1, 2},      {"SS", SECOND, 2, 2}, {"ffffff", MICROSECOND, 6, 6},
    {"fff", MILLISECOND, 3, 3},
};

static bool is_letter(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

// One piece of a pattern: a field, or bytes that stand for themselves.
struct piece {
    const struct field *field; // NULL: literal
    struct text literal;
};

static const struct field *field_at(struct text pattern)
{
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (text_starts(pattern, fields[i].letters))
            return &fields[i];
    return NULL;
}

static bool wrong_pattern(struct text pattern, struct err *err)
{
    SCOPED_TEXT char *shown = text_copy(text_of(pattern.data, text_utf8_floor(pattern, PATTERN_LENGTH_MAX)));
    return fail(err, ERR_DATE_PATTERN, shown);
}

static struct text skip(struct text text, size_t bytes)
{
    return text_of(text.data + bytes, text.length - bytes);
}

// Takes the next piece off *rest; false when it is none.
static bool next_piece(struct piece *out, struct text *rest)
{
    *out = (struct piece){.field = field_at(*rest)};
    if (out->field) {
        const size_t length = strlen(out->field->letters);
        *rest = skip(*rest, length);
        // "mmm" and "yyy" are slips, not a month and a digit more.
        return rest->length == 0 || rest->data[0] != out->field->letters[0];
    }
    if (rest->data[0] == '\'') {
        *rest = skip(*rest, 1);
        const ptrdiff_t end = text_find(*rest, '\'');
        if (end < 0)
            return false;
        out->literal = text_of(rest->data, (size_t)end);
        *rest = skip(*rest, (size_t)end + 1);
        return true;
    }
    out->literal = text_of(rest->data, 1);
    *rest = skip(*rest, 1);
    return !is_letter(out->literal.data[0]);
}

struct values {
    int32_t of[MICROSECOND + 1];
    unsigned seen; // a bit for each part
};

static bool read_digits(int32_t *out, struct text *written, const struct field *field)
{
    size_t length = 0;
    int32_t value = 0;
    while (length < field->most && length < written->length && written->data[length] >= '0' &&
           written->data[length] <= '9')
        value = value * 10 + (written->data[length++] - '0');
    if (length < field->least)
        return false;
    *out = value;
    *written = skip(*written, length);
    return true;
}

static bool read_piece(struct values *values, struct text *written, const struct piece *piece)
{
    if (!piece->field) {
        const size_t length = piece->literal.length;
        if (written->length < length || memcmp(written->data, piece->literal.data, length) != 0)
            return false;
        *written = skip(*written, length);
        return true;
    }
    int32_t value;
    if (!read_digits(&value, written, piece->field))
        return false;
    enum part part = piece->field->part;
    if (part == YEAR_SHORT) {
        value += value < 70 ? 2000 : 1900;
        part = YEAR;
    } else if (part == MILLISECOND) {
        value *= 1000;
        part = MICROSECOND;
    }
    const unsigned bit = 1U << part;
    if (values->seen & bit && values->of[part] != value)
        return false;
    values->of[part] = value;
    values->seen |= bit;
    return true;
}

static bool wrong_text(struct text written, struct text pattern, enum err_code code, struct err *err)
{
    SCOPED_TEXT char *text = text_copy(text_of(written.data, text_utf8_floor(written, PATTERN_LENGTH_MAX)));
    SCOPED_TEXT char *form = text_copy(pattern);
    return err_fail(err, code, (const char *const[]){text, form, NULL});
}

static struct moment moment_of(const struct values *values)
{
    const int32_t *of = values->of;
    return (struct moment){
        .date = {(int16_t)of[YEAR], (int8_t)of[MONTH], (int8_t)of[DAY]},
        .hour = (int8_t)of[HOUR],
        .minute = (int8_t)of[MINUTE],
        .second = (int8_t)of[SECOND],
        .microsecond = of[MICROSECOND],
    };
}

// Whether all of it is fields and literals; the parts it has, a bit for each.
static bool pattern_parts(struct text pattern, unsigned *parts)
{
    *parts = 0;
    while (pattern.length) {
        struct piece piece;
        if (!next_piece(&piece, &pattern))
            return false;
        if (piece.field)
            *parts |= 1U << (piece.field->part == YEAR_SHORT ? YEAR : piece.field->part);
    }
    return true;
}

bool pattern_read(struct moment *out, struct text written, struct text pattern, struct err *err)
{
    const unsigned needed = 1U << YEAR | 1U << MONTH | 1U << DAY;
    unsigned parts;
    if (pattern.length > PATTERN_LENGTH_MAX || !pattern_parts(pattern, &parts) || (parts & needed) != needed)
        return wrong_pattern(pattern, err);
    struct values values = {0};
    struct text left = text_trim(written);
    struct piece piece;
    for (struct text rest = pattern; rest.length;)
        if (!next_piece(&piece, &rest) || !read_piece(&values, &left, &piece))
            return wrong_text(written, pattern, ERR_DATE_FORM, err);
    if (left.length)
        return wrong_text(written, pattern, ERR_DATE_FORM, err);
    const struct moment moment = moment_of(&values);
    if (!moment_valid(moment))
        return wrong_text(written, pattern, ERR_DATE_NONE, err);
    *out = moment;
    return true;
}

static int32_t value_of(struct moment moment, enum part part)
{
    switch (part) {
    case YEAR:
        return moment.date.year;
    case YEAR_SHORT:
        return moment.date.year % 100;
    case MONTH:
        return moment.date.month;
    case DAY:
        return moment.date.day;
    case HOUR:
        return moment.hour;
    case MINUTE:
        return moment.minute;
    case SECOND:
        return moment.second;
    case MILLISECOND:
        return moment.microsecond / 1000;
    case MICROSECOND:
        break;
    }
    return moment.microsecond;
}

bool pattern_write(struct buf *out, struct moment moment, struct text pattern, struct err *err)
{
    if (pattern.length > PATTERN_LENGTH_MAX)
        return wrong_pattern(pattern, err);
    for (struct text rest = pattern; rest.length;) {
        struct piece piece;
        if (!next_piece(&piece, &rest))
            return wrong_pattern(pattern, err);
        const bool written = piece.field ? buf_printf(out, "%0*d", (int)piece.field->least,
                                                      (int)value_of(moment, piece.field->part))
                                         : buf_append_text(out, piece.literal);
        if (!written)
            return fail(err, ERR_LIMIT_PASSED, "text", N(out->maximum));
    }
    return true;
}
