// See formula.h. Runs in the worker.
#include "lib/sheet/formula.h"
#include "lib/sheet/strings.h"

struct shared {
    uint64_t number; // the file's own; need not begin at 0 nor rise
    struct reference place;
    size_t start, length; // in `kept`
};

struct entry {
    uint32_t column;
    size_t start, length; // in `row`
};

struct formulas {
    struct buf row, kept;
    struct entry *entries;
    size_t count, capacity;
    struct shared *shared; // by number
    size_t shared_count, shared_capacity;
};

/* ---- moving -------------------------------------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    const char upper = (char)(c & ~0x20);
    return upper >= 'A' && upper <= 'Z';
}

static bool is_word(char c)
{
    return is_digit(c) || is_letter(c) || c == '_' || c == '.' || c == '$' || c == '\\' || c == '?' ||
           (unsigned char)c >= 0x80;
}

// One side of a reference: letters, digits or both.
struct side {
    bool column_fixed, row_fixed;
    uint32_t column, row; // 0: not there
};

static bool take_side(struct side *side, struct text word)
{
    size_t at = 0, letters = 0, digits = 0;
    *side = (struct side){0};
    side->column_fixed = at < word.length && word.data[at] == '$';
    at += side->column_fixed;
    for (; at < word.length && is_letter(word.data[at]) && letters < 4; at++, letters++)
        side->column = side->column * 26 + (uint32_t)((word.data[at] & ~0x20) - 'A' + 1);
    if (!letters) {
        side->row_fixed = side->column_fixed;
        side->column_fixed = false;
    } else {
        side->row_fixed = at < word.length && word.data[at] == '$';
        at += side->row_fixed;
    }
    for (; at < word.length && is_digit(word.data[at]) && digits < 8; at++, digits++)
        side->row = side->row * 10 + (uint32_t)(word.data[at] - '0');
    return at == word.length && (letters || digits) && !(digits && !side->row) &&
           side->column <= SHEET_COLUMNS_MAX && side->row <= SHEET_ROWS_MAX && !(side->row_fixed && !digits);
}

static uint32_t wrap(uint32_t number, int32_t by, uint32_t most)
{
    const int64_t moved = ((int64_t)number - 1 + by) % (int64_t)most;
    return (uint32_t)(moved < 0 ? moved + most : moved) + 1;
}

static bool append_side(struct buf *out, struct side side, int32_t rows, int32_t columns)
{
    char letters[REFERENCE_TEXT_SIZE] = "";
    if (side.column)
        column_text(letters, side.column_fixed ? side.column : wrap(side.column, columns, SHEET_COLUMNS_MAX));
    if (!buf_printf(out, "%s%s", side.column_fixed ? "$" : "", letters))
        return false;
    const uint32_t row = side.row_fixed || !side.row ? side.row : wrap(side.row, rows, SHEET_ROWS_MAX);
    return !side.row || buf_printf(out, "%s%u", side.row_fixed ? "$" : "", row);
}

// Where a run of letters that are quoted or bracketed ends; doubled quotes and nested brackets belong to it.
static size_t past_quoted(struct text formula, size_t at)
{
    const char open = formula.data[at];
    const char close = open == '[' ? ']' : open;
    unsigned depth = 0;
    for (; at < formula.length; at++) {
        const char c = formula.data[at];
        if (open == '[' && c == '\'' && at + 1 < formula.length)
            at++; // in brackets ' makes the next letter a plain one
        else if (open == '[' && c == '[')
            depth++;
        else if (c == close && (open == '[' ? --depth == 0 : depth++ > 0)) {
            if (open == '[' || !(at + 1 < formula.length && formula.data[at + 1] == open))
                return at + 1;
            depth = 0; // doubled
        }
    }
    return formula.length;
}

static size_t past_word(struct text formula, size_t at)
{
    while (at < formula.length && is_word(formula.data[at]))
        at++;
    return at;
}

static char letter_at(struct text formula, size_t at)
{
    return at < formula.length ? formula.data[at] : '\0';
}

// A word at `at`: a cell, a column or row that is one side of "A:C" or "3:4", a function, a page, a name, a number.
static bool move_word(struct buf *out, struct text formula, size_t *at, bool after_colon, int32_t rows,
                      int32_t columns)
{
    struct side side, other;
    const size_t end = past_word(formula, *at);
    const struct text word = text_of(formula.data + *at, end - *at);
    const char next = letter_at(formula, end);
    bool moves = next != '(' && next != '!' && next != '[' && take_side(&side, word);
    if (moves && !(side.column && side.row)) {
        // half a reference counts only where the other half stands on the other side of a colon
        const size_t second = past_word(formula, end + 1);
        moves = after_colon ||
                (next == ':' && take_side(&other, text_of(formula.data + end + 1, second - end - 1)) &&
                 !other.column == !side.column && !other.row == !side.row);
    }
    *at = end;
    return moves ? append_side(out, side, rows, columns) : buf_append_text(out, word);
}

bool formula_move(struct buf *out, struct text formula, int32_t rows, int32_t columns)
{
    bool after_colon = false;
    for (size_t at = 0; at < formula.length;) {
        const char c = formula.data[at];
        const size_t start = at;
        if (is_word(c)) {
            if (!move_word(out, formula, &at, after_colon, rows, columns))
                return false;
            // "A:C" was half a reference, "A1:C" is none
            after_colon = letter_at(formula, at) == ':' && !after_colon;
            continue;
        }
        at = c == '"' || c == '\'' || c == '[' ? past_quoted(formula, at) : at + 1;
        if (c == '#') // #REF!, #N/A, #DIV/0!
            while (at < formula.length && (is_word(formula.data[at]) || strchr("/!", formula.data[at])))
                at++;
        after_colon = after_colon && c == ':';
        if (!buf_append(out, formula.data + start, at - start))
            return false;
    }
    return true;
}

/* ---- a page's formulas --------------------------------------------------------------------------------------------------- */

struct formulas *formulas_new(void)
{
    struct formulas *formulas = xcalloc(1, sizeof *formulas);
    formulas->row = buf_new(FORMULAS_BYTES_MAX);
    formulas->kept = buf_new(FORMULAS_BYTES_MAX);
    return formulas;
}

void formulas_free(struct formulas *formulas)
{
    if (!formulas)
        return;
    buf_dispose(&formulas->row);
    buf_dispose(&formulas->kept);
    xfree(formulas->entries);
    xfree(formulas->shared);
    xfree(formulas);
}

void formulas_begin_row(struct formulas *formulas)
{
    buf_clear(&formulas->row);
    formulas->count = 0;
}

// Where the shared formula of that number stands, or would.
static size_t shared_index(const struct formulas *formulas, uint64_t number)
{
    size_t low = 0, high = formulas->shared_count;
    if (high && formulas->shared[high - 1].number < number)
        return high; // they rise in most files
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (formulas->shared[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool keep_shared(struct formulas *formulas, const struct shared *master, struct text text,
                        struct err *err)
{
    const size_t index = shared_index(formulas, master->number);
    struct shared item = *master;
    item.start = formulas->kept.length;
    item.length = text.length;
    if (!buf_append_text(&formulas->kept, text))
        return fail(err, ERR_LIMIT_PASSED, "formulas", N(FORMULAS_BYTES_MAX));
    if (index < formulas->shared_count && formulas->shared[index].number == item.number) {
        formulas->shared[index] = item; // a number that is given anew
        return true;
    }
    if (formulas->shared_count == formulas->shared_capacity) {
        formulas->shared_capacity = formulas->shared_capacity ? formulas->shared_capacity * 2 : 16;
        formulas->shared =
            xreallocarray(formulas->shared, formulas->shared_capacity, sizeof *formulas->shared);
    }
    memmove(&formulas->shared[index + 1], &formulas->shared[index],
            (formulas->shared_count - index) * sizeof item);
    formulas->shared[index] = item;
    formulas->shared_count++;
    return true;
}

static bool append_shared(struct formulas *formulas, uint64_t number, struct reference place)
{
    const size_t index = shared_index(formulas, number);
    if (index == formulas->shared_count || formulas->shared[index].number != number)
        return true; // its first cell is not there: then neither is its text
    const struct shared *master = &formulas->shared[index];
    return formula_move(&formulas->row, text_of(formulas->kept.data + master->start, master->length),
                        (int32_t)place.row - (int32_t)master->place.row,
                        (int32_t)place.column - (int32_t)master->place.column);
}

static void add_entry(struct formulas *formulas, uint32_t column, size_t start)
{
    if (formulas->count == formulas->capacity) {
        formulas->capacity = formulas->capacity ? formulas->capacity * 2 : 16;
        formulas->entries = xreallocarray(formulas->entries, formulas->capacity, sizeof *formulas->entries);
    }
    formulas->entries[formulas->count++] = (struct entry){column, start, formulas->row.length - start};
}

static bool gather(struct formulas *formulas, struct scan *scan, struct err *err)
{
    const unsigned depth = scan->depth;
    const size_t start = formulas->row.length;
    while (scan_next(scan, err)) {
        if (scan->kind == SCAN_STOP && scan->depth == depth)
            return true;
        if (scan->kind == SCAN_TEXT && !scan_append_text(scan, &formulas->row, err))
            return false;
        if (formulas->row.length - start > FORMULA_BYTES_MAX)
            return fail(err, ERR_LIMIT_PASSED, "formula", N(FORMULA_BYTES_MAX));
    }
    return false;
}

bool formulas_read(struct formulas *formulas, struct scan *scan, struct reference place, bool *any,
                   struct err *err)
{
    int64_t number = -1;
    const size_t start = formulas->row.length;
    const bool shared = text_is(scan_attribute(scan, "t"), "shared") &&
                        text_to_int64(scan_attribute(scan, "si"), &number) && number >= 0;
    if (!gather(formulas, scan, err) || !strings_check(&formulas->row, start, err))
        return false;
    const size_t length = formulas->row.length - start;
    const struct text text = text_of(length ? formulas->row.data + start : "", length);
    if (shared && text.length) {
        const struct shared master = {.number = (uint64_t)number, .place = place};
        if (!keep_shared(formulas, &master, text, err))
            return false;
    } else if (shared && !append_shared(formulas, (uint64_t)number, place)) {
        return fail(err, ERR_LIMIT_PASSED, "formulas", N(FORMULAS_BYTES_MAX));
    }
    *any = formulas->row.length > start;
    if (*any)
        add_entry(formulas, place.column, start);
    return true;
}

void formulas_place(const struct formulas *formulas, struct cell *cells, size_t count)
{
    size_t next = 0;
    for (size_t i = 0; i < formulas->count; i++) {
        const struct entry *entry = &formulas->entries[i];
        // Both lists have the file's order.
        while (next < count && cells[next].column != entry->column)
            next++;
        if (next == count)
            return;
        cells[next].formula = text_of(formulas->row.data + entry->start, entry->length);
    }
}
