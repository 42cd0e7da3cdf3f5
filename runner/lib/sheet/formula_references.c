// See formula_references.h. Runs in the worker. Words and signs only, no grammar: what a reference is can be told from the words
// around it, and what is not understood is copied.
#include "lib/sheet/formula_references.h"

struct mapping {
    struct text formula;
    size_t at;
    struct buf *out;
    formula_visitor visitor;
    void *context;
    bool room;
};

static char look(const struct mapping *mapping, size_t at)
{
    return at < mapping->formula.length ? mapping->formula.data[at] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    const char lower = (char)(c | 0x20);
    return (lower >= 'a' && lower <= 'z') || is_digit(c) || (c && strchr("_.$\\?", c)) ||
           (unsigned char)c >= 0x80;
}

static size_t word_end(const struct mapping *mapping, size_t at)
{
    while (is_word(look(mapping, at)))
        at++;
    return at;
}

static struct text between(const struct mapping *mapping, size_t start, size_t end)
{
    return text_of(mapping->formula.data + start, end - start);
}

static void copy(struct mapping *mapping, size_t end)
{
    mapping->room =
        mapping->room && buf_append(mapping->out, mapping->formula.data + mapping->at, end - mapping->at);
    mapping->at = end;
}

/* ---- what stands in a formula --------------------------------------------------------------------------------------------- */

// Behind a text or a page's name: its quote is doubled inside.
static size_t quotes_end(const struct mapping *mapping, size_t at)
{
    const char quote = look(mapping, at);
    for (at++; at < mapping->formula.length; at++)
        if (look(mapping, at) == quote && look(mapping, ++at) != quote)
            return at;
    return mapping->formula.length;
}

// Behind [ … ]: brackets nest, and ' takes the meaning from what follows it.
static size_t brackets_end(const struct mapping *mapping, size_t at)
{
    size_t depth = 0;
    for (; at < mapping->formula.length; at++) {
        const char c = look(mapping, at);
        if (c == '\'')
            at++;
        else if (c == '[')
            depth++;
        else if (c == ']' && --depth == 0)
            return at + 1;
    }
    return mapping->formula.length;
}

// Behind #REF! and its like; behind the sign alone where it is none (A1# is what a formula spilled).
static size_t error_end(const struct mapping *mapping, size_t at)
{
    static const char *const errors[] = {"#REF!", "#N/A", "#DIV/0!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!"};
    for (size_t i = 0; i < COUNT_OF(errors); i++)
        if (text_starts(between(mapping, at, mapping->formula.length), errors[i]))
            return at + strlen(errors[i]);
    return at + 1;
}

struct corner {
    bool has_row, has_column, row_fixed, column_fixed;
    struct reference place;
};

// "$B$7", "B", "7".
static bool parse_corner(struct corner *out, struct text word)
{
    size_t at = 0;
    *out = (struct corner){0};
    bool dollar = at < word.length && word.data[at] == '$';
    at += dollar;
    for (; at < word.length && (word.data[at] | 0x20) >= 'a' && (word.data[at] | 0x20) <= 'z'; at++) {
        out->place.column = out->place.column * 26 + (uint32_t)((word.data[at] & ~0x20) - 'A' + 1);
        out->has_column = true;
        if (out->place.column > SHEET_COLUMNS_MAX)
            return false;
    }
    out->column_fixed = out->has_column && dollar;
    if (out->has_column && at < word.length) {
        dollar = word.data[at] == '$';
        at += dollar;
        if (at == word.length)
            return false;
    }
    for (; at < word.length && is_digit(word.data[at]); at++) {
        out->place.row = out->place.row * 10 + (uint32_t)(word.data[at] - '0');
        out->has_row = true;
        if (out->place.row > SHEET_ROWS_MAX)
            return false;
    }
    out->row_fixed = out->has_row && dollar;
    return at == word.length && (!out->has_row || out->place.row) && (out->has_row || out->has_column);
}

static bool same_shape(const struct corner *a, const struct corner *b)
{
    return a->has_row == b->has_row && a->has_column == b->has_column;
}

/* ---- a reference ------------------------------------------------------------------------------------------------------------- */

static struct formula_reference make(const struct corner *a, const struct corner *b, bool one)
{
    struct formula_reference reference = {
        .kind = one              ? FORMULA_CELL
                : !a->has_row    ? FORMULA_COLUMNS
                : !a->has_column ? FORMULA_ROWS
                                 : FORMULA_RANGE,
        .first = a->place,
        .last = b->place,
        .first_row_fixed = a->row_fixed,
        .first_column_fixed = a->column_fixed,
        .last_row_fixed = b->row_fixed,
        .last_column_fixed = b->column_fixed,
    };
    if (!a->has_row) {
        reference.first.row = 1;
        reference.last.row = SHEET_ROWS_MAX;
    }
    if (!a->has_column) {
        reference.first.column = 1;
        reference.last.column = SHEET_COLUMNS_MAX;
    }
    return reference;
}

static void write_corner(struct mapping *mapping, enum formula_kind kind, struct reference place,
                         bool row_fixed, bool column_fixed)
{
    char letters[REFERENCE_TEXT_SIZE];
    if (kind != FORMULA_ROWS)
        mapping->room = mapping->room && buf_printf(mapping->out, "%s%s", column_fixed ? "$" : "",
                                                    column_text(letters, place.column));
    if (kind != FORMULA_COLUMNS)
        mapping->room = mapping->room && buf_printf(mapping->out, "%s%u", row_fixed ? "$" : "", place.row);
}

static bool same_place(struct reference a, struct reference b)
{
    return a.row == b.row && a.column == b.column;
}

// The reference at `at` up to `end` goes to the visitor, and out.
static void visit(struct mapping *mapping, struct formula_reference *reference, size_t end)
{
    const struct formula_reference before = *reference;
    mapping->visitor(mapping->context, reference);
    if (reference->lost) {
        mapping->room = mapping->room && buf_append_string(mapping->out, "#REF!");
    } else if (same_place(before.first, reference->first) && same_place(before.last, reference->last)) {
        copy(mapping, end);
    } else {
        write_corner(mapping, reference->kind, reference->first, reference->first_row_fixed,
                     reference->first_column_fixed);
        if (reference->kind != FORMULA_CELL) {
            mapping->room = mapping->room && buf_append_char(mapping->out, ':');
            write_corner(mapping, reference->kind, reference->last, reference->last_row_fixed,
                         reference->last_column_fixed);
        }
    }
    mapping->at = end;
}

static void visit_word(struct mapping *mapping, struct text page, bool elsewhere, size_t end)
{
    struct formula_reference reference = {.page = page,
                                          .elsewhere = elsewhere,
                                          .kind = FORMULA_WORD,
                                          .word = between(mapping, mapping->at, end)};
    if (look(mapping, end) != '(' && reference.word.length)
        mapping->visitor(mapping->context, &reference);
    copy(mapping, end);
}

// A word at mapping->at, of which `page` was said before: a reference, or copied.
static void map_word(struct mapping *mapping, struct text page, bool elsewhere)
{
    struct corner a, b;
    const size_t end = word_end(mapping, mapping->at);
    size_t last_end = end;
    if (look(mapping, end) == '(' || look(mapping, end) == '[' ||
        !parse_corner(&a, between(mapping, mapping->at, end))) {
        visit_word(mapping, page, elsewhere, end);
        return;
    }
    bool one = true;
    if (look(mapping, end) == ':') {
        last_end = word_end(mapping, end + 1);
        one = look(mapping, last_end) == '(' || look(mapping, last_end) == '!' ||
              look(mapping, last_end) == '[' || !parse_corner(&b, between(mapping, end + 1, last_end)) ||
              !same_shape(&a, &b);
    }
    if (one && !(a.has_row && a.has_column)) {
        visit_word(mapping, page, elsewhere, end);
        return;
    }
    struct formula_reference reference = make(&a, one ? &a : &b, one);
    reference.page = page;
    reference.elsewhere = elsewhere;
    visit(mapping, &reference, one ? end : last_end);
}

// 'My page'!A1, or a text in quotes that names nothing.
static void map_quoted(struct mapping *mapping)
{
    const size_t start = mapping->at, end = quotes_end(mapping, start);
    if (look(mapping, end) != '!') {
        copy(mapping, end);
        return;
    }
    const struct text page = between(mapping, start + 1, end > start + 1 ? end - 1 : end);
    copy(mapping, end + 1);
    map_word(mapping, page, text_find(page, '[') >= 0 || text_find(page, ':') >= 0);
}

// Page!A1, First:Last!A1, a function, a table, a name, a reference.
static void map_plain(struct mapping *mapping)
{
    const size_t start = mapping->at, end = word_end(mapping, start);
    size_t page_end = end;
    if (look(mapping, end) == ':' && look(mapping, word_end(mapping, end + 1)) == '!')
        page_end = word_end(mapping, end + 1);
    if (look(mapping, page_end) == '!') {
        copy(mapping, page_end + 1);
        map_word(mapping, between(mapping, start, page_end), page_end != end);
        return;
    }
    map_word(mapping, text_of("", 0), false);
}

// [1]Page!A1: another workbook's; or the brackets of a table.
static void map_brackets(struct mapping *mapping)
{
    const bool workbook = !mapping->at || !is_word(look(mapping, mapping->at - 1));
    copy(mapping, brackets_end(mapping, mapping->at));
    const size_t end = word_end(mapping, mapping->at);
    if (!workbook || look(mapping, end) != '!')
        return;
    const struct text page = between(mapping, mapping->at, end);
    copy(mapping, end + 1);
    map_word(mapping, page, true);
}

bool formula_map(struct buf *out, struct text formula, formula_visitor visitor, void *context,
                 struct err *err)
{
    struct mapping mapping = {formula, 0, out, visitor, context, true};
    if (formula.length > FORMULA_BYTES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "bytes of a formula", N(FORMULA_BYTES_MAX));
    while (mapping.at < formula.length && mapping.room) {
        const char c = look(&mapping, mapping.at);
        if (c == '"')
            copy(&mapping, quotes_end(&mapping, mapping.at));
        else if (c == '\'')
            map_quoted(&mapping);
        else if (c == '[')
            map_brackets(&mapping);
        else if (c == '#')
            copy(&mapping, error_end(&mapping, mapping.at));
        else if (is_word(c))
            map_plain(&mapping);
        else
            copy(&mapping, mapping.at + 1);
    }
    return mapping.room || fail(err, ERR_LIMIT_PASSED, "bytes of a formula", N(out->maximum));
}

// Letter by letter, a doubled quote counted once.
bool formula_page_is(struct text page, struct text name)
{
    SCOPED_BUF(plain, FORMULA_BYTES_MAX);
    for (size_t i = 0; i < page.length; i++) {
        if (page.data[i] == '\'' && i + 1 < page.length && page.data[i + 1] == '\'')
            i++;
        if (!buf_append_char(&plain, page.data[i]))
            return false;
    }
    return text_equal_ascii_case(buf_text(&plain), name);
}
