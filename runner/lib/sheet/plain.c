// See plain.h. Runs in the worker. Bytes are looked at only where enough of them are sure to be there: LONGEST covers a
// cell's tags with all the attributes that are plain; texts, formulas and the tags of rows look for the end as they go.
#include "lib/sheet/plain.h"

#include "lib/sheet/number.h"

enum { LONGEST = 64, ROW_ATTRIBUTES_MAX = 32, STYLE_DIGITS_MAX = 6, COLUMN_LETTERS_MAX = 3 };

// Whether the bytes begin with a literal; the compiler makes a comparison of words of it.
#define BEGINS(at, literal) (memcmp((at), (literal), sizeof(literal) - 1) == 0)

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *skip_blanks(struct text ahead)
{
    const char *at = ahead.data, *const end = at + ahead.length;
    while (at < end && is_blank(*at))
        at++;
    return at;
}

static enum plain taken(struct text *ahead, const char *at, enum plain what)
{
    *ahead = text_of(at, (size_t)(ahead->data + ahead->length - at));
    return what;
}

struct plain_place plain_place(uint32_t row)
{
    struct plain_place place = {.length = 1};
    for (uint32_t rest = row; rest; rest /= 10)
        place.length++;
    require(place.length <= sizeof place.digits);
    size_t at = place.length;
    place.digits[--at] = '"';
    for (uint32_t rest = row; rest; rest /= 10)
        place.digits[--at] = (char)('0' + rest % 10);
    return place;
}

/* ---- a row's tag ------------------------------------------------------------------------------------------------------- */

static bool take_row_number(struct plain_row *row, struct text value)
{
    int64_t number;
    if (row->number || !text_to_int64(value, &number) || number < 1 || number > SHEET_ROWS_MAX)
        return false;
    row->number = (uint32_t)number;
    return true;
}

// r and hidden are read, others passed over; a name of another namespace that ends alike is not plain.
static bool take_row_attribute(struct plain_row *row, struct text name, struct text value, bool *hidden_told)
{
    const char *colon = memchr(name.data, ':', name.length);
    if (colon) {
        const struct text local = text_of(colon + 1, name.length - (size_t)(colon + 1 - name.data));
        return !text_is(local, "r") && !text_is(local, "hidden");
    }
    if (name.length == 1 && name.data[0] == 'r')
        return take_row_number(row, value);
    if (!text_is(name, "hidden"))
        return name.length > 0;
    const bool again = *hidden_told;
    *hidden_told = true;
    row->hidden = text_is(value, "1");
    return !again && (row->hidden || text_is(value, "0"));
}

static bool in_name(char c)
{
    return !is_blank(c) && c != '=' && c != '>' && c != '/' && c != '"' && c != '\'' && c != '<';
}

static enum plain take_row_attributes(struct plain_row *row, const char **place, const char *end)
{
    const char *at = *place;
    bool hidden_told = false;
    for (unsigned count = 0; at < end && *at == ' '; count++) {
        const char *const name = ++at;
        while (at < end && in_name(*at))
            at++;
        if (end - at < 2)
            return PLAIN_MORE;
        if (at[0] != '=' || at[1] != '"' || count == ROW_ATTRIBUTES_MAX)
            return PLAIN_OTHER;
        const struct text told = text_of(name, (size_t)(at - name));
        const char *const value = at + 2, *const quote = memchr(value, '"', (size_t)(end - value));
        if (!quote)
            return PLAIN_MORE;
        if (!take_row_attribute(row, told, text_of(value, (size_t)(quote - value)), &hidden_told))
            return PLAIN_OTHER;
        at = quote + 1;
    }
    *place = at;
    return PLAIN_TAKEN;
}

enum plain plain_row(struct plain_row *out, struct text *ahead)
{
    const char *at = skip_blanks(*ahead), *const end = ahead->data + ahead->length;
    *out = (struct plain_row){0};
    if (end - at < LONGEST)
        return PLAIN_MORE;
    if (!BEGINS(at, "<row"))
        return PLAIN_OTHER;
    at += 4;
    const enum plain attributes = take_row_attributes(out, &at, end);
    if (attributes != PLAIN_TAKEN)
        return attributes;
    if (end - at < 2)
        return PLAIN_MORE;
    out->empty = at[0] == '/' && at[1] == '>';
    if (!out->empty && *at != '>')
        return PLAIN_OTHER;
    return taken(ahead, at + (out->empty ? 2 : 1), PLAIN_TAKEN);
}

/* ---- a cell's tag ------------------------------------------------------------------------------------------------------- */

// Letters as they are, then the row's own number. Gives where it ends, NULL when it is not plain.
static inline const char *take_reference(uint32_t *column, const char *at, const struct plain_place *place)
{
    uint32_t number = 0;
    for (int i = 0; i < COLUMN_LETTERS_MAX && *at >= 'A' && *at <= 'Z'; i++)
        number = number * 26 + (uint32_t)(*at++ - 'A' + 1);
    *column = number;
    uint64_t digits, expected;
    memcpy(&digits, at, sizeof digits);
    memcpy(&expected, place->digits, sizeof expected);
    const unsigned unused = 8 * (8 - (unsigned)place->length); // bits
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    const bool same = (digits ^ expected) << unused == 0;
#else
    const bool same = (digits ^ expected) >> unused == 0;
#endif
    return same && number && number <= SHEET_COLUMNS_MAX ? at + place->length : NULL;
}

static inline const char *take_style(uint32_t *style, const char *at)
{
    int count = 0;
    *style = 0;
    for (; count < STYLE_DIGITS_MAX && *at >= '0' && *at <= '9'; count++)
        *style = *style * 10 + (uint32_t)(*at++ - '0');
    return count && *at == '"' ? at + 1 : NULL;
}

static inline const char *take_type(enum plain_type *type, bool *in_place, const char *at)
{
    if (at[1] == '"') {
        switch (*at) {
        case 's':
            *type = PLAIN_SHARED;
            return at + 2;
        case 'n':
            return at + 2;
        case 'b':
            *type = PLAIN_BOOLEAN;
            return at + 2;
        case 'e':
            *type = PLAIN_ERROR;
            return at + 2;
        case 'd':
            *type = PLAIN_DATE;
            return at + 2;
        default:
            return NULL;
        }
    }
    *type = PLAIN_TEXT;
    *in_place = BEGINS(at, "inlineStr\"");
    return *in_place ? at + 10 : BEGINS(at, "str\"") ? at + 4 : NULL;
}

// From behind "<c" to the tag's end. NULL: not plain.
static inline const char *take_attributes(struct plain_cell *cell, bool *in_place, const char *at,
                                          const struct plain_place *place)
{
    bool typed = false, styled = false;
    while (at && *at == ' ') {
        if (at[2] != '=' || at[3] != '"')
            return NULL;
        if (at[1] == 'r' && !cell->column) {
            at = take_reference(&cell->column, at + 4, place);
        } else if (at[1] == 's' && !styled) {
            styled = true;
            at = take_style(&cell->style, at + 4);
        } else if (at[1] == 't' && !typed) {
            typed = true;
            at = take_type(&cell->type, in_place, at + 4);
        } else {
            return NULL;
        }
    }
    return at;
}

/* ---- what is in a cell --------------------------------------------------------------------------------------------------- */

// <f>…</f>, <f t="shared" si="0"/>: passed over. NULL: not plain; `end`: more is needed.
static const char *skip_formula(const char *at, const char *end)
{
    bool quoted = false;
    for (at += 2; at < end && (quoted || *at != '>'); at++) {
        if (*at == '\'')
            return NULL;
        quoted ^= *at == '"';
    }
    if (at == end)
        return end;
    if (at[-1] == '/')
        return at + 1;
    at = memchr(at, '<', (size_t)(end - at));
    if (!at || end - at < 4)
        return end;
    return BEGINS(at, "</f>") ? at + 4 : NULL;
}

enum { CLASS_CODED = 1, CLASS_LETTER = 2, CLASS_END = 4 };

static const unsigned char classes[256] = {
    ['&'] = CLASS_CODED, ['\r'] = CLASS_CODED,           ['_'] = CLASS_CODED,
    ['<'] = CLASS_END,   [0x80 ... 0xFF] = CLASS_LETTER,
};

// Up to the next tag.
static inline const char *take_text(struct plain_cell *cell, const char *at, const char *end)
{
    const char *const start = at;
    unsigned seen = 0;
    for (; at < end; at++) {
        const unsigned class = classes[(unsigned char)*at];
        if (class == CLASS_END)
            break;
        seen |= class;
    }
    cell->value = text_of(start, (size_t)(at - start));
    cell->coded = seen & CLASS_CODED;
    cell->letters = seen & CLASS_LETTER;
    return at;
}

// The digits at `at`, at most 16 of them: how many, and their value added behind *digits.
static inline unsigned take_digits(uint64_t *digits, const char *at)
{
    unsigned count = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    // Eight letters at a time: those before the first that is no digit are moved to the end, and pairs are added up.
    for (unsigned now = 8; now == 8 && count < 16; count += now) {
        uint64_t eight;
        memcpy(&eight, at + count, sizeof eight);
        const uint64_t low = eight - 0x3030303030303030u;
        const uint64_t others = ((eight + 0x4646464646464646u) | low | eight) & 0x8080808080808080u;
        now = others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
        if (!now)
            break;
        uint64_t value = low << (8 * (8 - now));
        value = (value * 10 + (value >> 8)) & 0x00FF00FF00FF00FFu;
        value = (value * 100 + (value >> 16)) & 0x0000FFFF0000FFFFu;
        value = (value * 10000 + (value >> 32)) & 0xFFFFFFFFu;
        *digits = *digits * (uint64_t)sheet_powers[now] + value;
    }
#else
    for (; count < 16 && at[count] >= '0' && at[count] <= '9'; count++)
        *digits = *digits * 10 + (uint64_t)(at[count] - '0');
#endif
    return count;
}

// Up to the next tag; a number as nearly all are is read on the way. LONGEST bytes are there.
static inline const char *take_number(struct plain_cell *cell, const char *at, const char *end)
{
    const char *const start = at;
    const bool negative = *at == '-';
    uint64_t digits = 0;
    int places = 0;
    at += negative;
    unsigned count = take_digits(&digits, at);
    at += count;
    if (*at == '.' && count <= 16) {
        const uint64_t whole = digits;
        digits = 0;
        places = (int)take_digits(&digits, ++at);
        at += places;
        count += (unsigned)places;
        digits += count <= 18 ? whole * (uint64_t)sheet_powers[places] : 0;
    }
    // More than 18 digits, a blank, an exponent: told by the whole text.
    cell->small = *at == '<' && count >= 1 && count <= 18 && at[-1] != '.' &&
                  !(places && cell->type == PLAIN_SHARED) &&
                  sheet_number_from_digits(&cell->number, negative, digits, places);
    while (at < end && *at != '<')
        at++;
    cell->value = text_of(start, (size_t)(at - start));
    return at;
}

// Behind "<t": the rest of the tag. NULL: not plain.
static const char *take_text_tag(const char *at)
{
    static const char preserve[] = " xml:space=\"preserve\">";
    return *at == '>' ? at + 1 : BEGINS(at, preserve) ? at + sizeof preserve - 1 : NULL;
}

// From behind the cell's tag to behind its end tag. NULL: not plain; `end`: more is needed.
static inline const char *take_content(struct plain_cell *cell, bool in_place, const char *at,
                                       const char *end)
{
    if (BEGINS(at, "<f")) {
        if (at[2] != '>' && at[2] != ' ')
            return NULL;
        at = skip_formula(at, end);
        if (!at || end - at < 2 * LONGEST)
            return at ? end : NULL;
    }
    if (BEGINS(at, "<v>") && !in_place) {
        at = cell->type == PLAIN_TEXT || cell->type == PLAIN_ERROR ? take_text(cell, at + 3, end)
                                                                   : take_number(cell, at + 3, end);
        if (end - at < LONGEST)
            return end;
        if (!BEGINS(at, "</v>"))
            return NULL;
        at += 4;
    } else if (BEGINS(at, "<is><t") && in_place) {
        at = take_text_tag(at + 6);
        if (!at)
            return NULL;
        at = take_text(cell, at, end);
        if (end - at < LONGEST)
            return end;
        if (!BEGINS(at, "</t></is>"))
            return NULL;
        at += 9;
    }
    return BEGINS(at, "</c>") ? at + 4 : NULL;
}

enum plain plain_cell(struct plain_cell *out, struct text *ahead, const struct plain_place *place)
{
    const char *at = skip_blanks(*ahead), *const end = ahead->data + ahead->length;
    bool in_place = false;
    *out = (struct plain_cell){.value = {"", 0}};
    if (end - at < LONGEST)
        return PLAIN_MORE;
    if (!BEGINS(at, "<c"))
        return BEGINS(at, "</row>") ? taken(ahead, at + 6, PLAIN_STOP) : PLAIN_OTHER;
    at = take_attributes(out, &in_place, at + 2, place);
    if (!at)
        return PLAIN_OTHER;
    if (BEGINS(at, "/>"))
        return taken(ahead, at + 2, PLAIN_TAKEN);
    if (*at != '>')
        return PLAIN_OTHER;
    if (end - at <= 2 * LONGEST)
        return PLAIN_MORE;
    at = take_content(out, in_place, at + 1, end);
    if (!at || out->value.length > SHEET_CELL_CHARACTERS_MAX)
        return PLAIN_OTHER;
    return at == end ? PLAIN_MORE : taken(ahead, at, PLAIN_TAKEN);
}

enum plain plain_shared_text(struct plain_cell *out, struct text *ahead)
{
    const char *at = skip_blanks(*ahead), *const end = ahead->data + ahead->length;
    *out = (struct plain_cell){.type = PLAIN_TEXT};
    if (end - at < LONGEST)
        return PLAIN_MORE;
    if (!BEGINS(at, "<si><t") || !(at = take_text_tag(at + 6)))
        return PLAIN_OTHER;
    at = take_text(out, at, end);
    if (end - at < LONGEST)
        return PLAIN_MORE;
    if (!BEGINS(at, "</t></si>") || out->value.length > SHEET_CELL_CHARACTERS_MAX)
        return PLAIN_OTHER;
    return taken(ahead, at + 9, PLAIN_TAKEN);
}
