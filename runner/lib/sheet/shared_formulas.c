// See shared_formulas.h. Runs in the worker.
#include "lib/sheet/shared_formulas.h"

#include <stdlib.h>

enum { FORMULA_ESCAPED_MAX = FORMULA_BYTES_MAX * 16 };

void shared_formulas_dispose(struct shared_formulas *formulas)
{
    for (size_t i = 0; i < formulas->count; i++)
        xfree(formulas->items[i].formula);
    xfree(formulas->items);
    *formulas = (struct shared_formulas){0};
}

static bool is_shared(const struct page_cell *cell, struct text *index)
{
    struct text type;
    return cell->has_formula && markup_attribute(&cell->formula, "t", &type) && text_is(type, "shared") &&
           markup_attribute(&cell->formula, "si", index);
}

bool shared_formulas_add(struct shared_formulas *formulas, const struct page_cell *cell, struct err *err)
{
    struct text index;
    SCOPED_BUF(plain, FORMULA_BYTES_MAX);
    if (!is_shared(cell, &index) || !cell->formula_content.length)
        return true;
    if (formulas->count == SHARED_FORMULAS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "shared formulas", N(SHARED_FORMULAS_MAX));
    if (!scan_decode(&plain, cell->formula_content, err))
        return false;
    if ((formulas->count & (formulas->count - 1)) == 0)
        formulas->items = xreallocarray(formulas->items, formulas->count ? formulas->count * 2 : 1,
                                        sizeof *formulas->items);
    formulas->items[formulas->count++] =
        (struct shared_formula){index, cell->place, text_copy(buf_text(&plain)), false};
    formulas->sorted = false;
    return true;
}

static int compare_index(const void *a, const void *b)
{
    const struct text x = ((const struct shared_formula *)a)->index,
                      y = ((const struct shared_formula *)b)->index;
    const size_t least = x.length < y.length ? x.length : y.length;
    const int order = least ? memcmp(x.data, y.data, least) : 0;
    return order ? order : (x.length > y.length) - (x.length < y.length);
}

struct shared_formula *shared_formulas_find(struct shared_formulas *formulas, const struct page_cell *cell)
{
    struct shared_formula key = {0};
    if (!formulas->count || !is_shared(cell, &key.index))
        return NULL;
    if (!formulas->sorted)
        qsort(formulas->items, formulas->count, sizeof *formulas->items, compare_index);
    formulas->sorted = true;
    return bsearch(&key, formulas->items, formulas->count, sizeof *formulas->items, compare_index);
}

bool shared_formula_move(struct buf *out, const struct shared_formula *shared, struct reference place,
                         struct err *err)
{
    return formula_move(out, text_from(shared->formula), (int32_t)place.row - (int32_t)shared->place.row,
                        (int32_t)place.column - (int32_t)shared->place.column) ||
           fail(err, ERR_LIMIT_PASSED, "bytes of a formula", N(out->maximum));
}

bool shared_formula_part(struct patches *patches, const struct page_cell *cell, struct text formula,
                         struct err *err)
{
    SCOPED_BUF(out, FORMULA_ESCAPED_MAX);
    const struct text prefix = cell->formula.prefix;
    if (!buf_printf(&out, "<%.*sf>", (int)prefix.length, prefix.data) || !markup_escape(&out, formula, err) ||
        !buf_printf(&out, "</%.*sf>", (int)prefix.length, prefix.data))
        return fail(err, ERR_LIMIT_PASSED, "bytes of a formula", N(FORMULA_ESCAPED_MAX));
    return patches_put(patches, cell->formula.start, cell->formula_end, buf_text(&out), err);
}
