// See formula.h. Runs in the worker.
#include "lib/sheet/formula.h"
#include "lib/sheet/formula_references.h"
#include "lib/sheet/strings.h"

struct shared {
    uint64_t number; // the file's own; need not begin at 0 nor rise
    struct reference place;
    size_t start, length; // in `kept`
};

struct entry {
    size_t cell;          // its place in the row
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

struct shift {
    int32_t rows, columns;
};

static uint32_t wrap(uint32_t number, int32_t by, uint32_t most)
{
    const int64_t moved = ((int64_t)number - 1 + by) % (int64_t)most;
    return (uint32_t)(moved < 0 ? moved + most : moved) + 1;
}

static void move_place(struct reference *place, const struct shift *shift, bool rows, bool columns)
{
    if (rows)
        place->row = wrap(place->row, shift->rows, SHEET_ROWS_MAX);
    if (columns)
        place->column = wrap(place->column, shift->columns, SHEET_COLUMNS_MAX);
}

// Whole columns have no rows to move, nor whole rows columns.
static void move_reference(void *context, struct formula_reference *reference)
{
    const struct shift *shift = context;
    const bool rows = reference->kind != FORMULA_COLUMNS, columns = reference->kind != FORMULA_ROWS;
    if (reference->kind == FORMULA_WORD)
        return;
    move_place(&reference->first, shift, rows && !reference->first_row_fixed,
               columns && !reference->first_column_fixed);
    move_place(&reference->last, shift, rows && !reference->last_row_fixed,
               columns && !reference->last_column_fixed);
}

bool formula_move(struct buf *out, struct text formula, int32_t rows, int32_t columns)
{
    struct err full;
    return formula_map(out, formula, move_reference, &(struct shift){rows, columns}, &full);
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

static void add_entry(struct formulas *formulas, size_t cell, size_t start)
{
    if (formulas->count == formulas->capacity) {
        formulas->capacity = formulas->capacity ? formulas->capacity * 2 : 16;
        formulas->entries = xreallocarray(formulas->entries, formulas->capacity, sizeof *formulas->entries);
    }
    formulas->entries[formulas->count++] = (struct entry){cell, start, formulas->row.length - start};
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

bool formulas_read(struct formulas *formulas, struct scan *scan, struct reference place, size_t cell,
                   bool *any, struct err *err)
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
        add_entry(formulas, cell, start);
    return true;
}

void formulas_place(const struct formulas *formulas, struct cell *cells, size_t count)
{
    for (size_t i = 0; i < formulas->count; i++) {
        const struct entry *entry = &formulas->entries[i];
        if (entry->cell < count)
            cells[entry->cell].formula = text_of(formulas->row.data + entry->start, entry->length);
    }
}
