// See page_walk.h. Runs in the worker.
#include "lib/sheet/page_walk.h"
#include "lib/sheet/cell.h"

struct page_walk page_walk_new(struct text xml, const char *part)
{
    return (struct page_walk){.markup = markup_new(xml, part)};
}

static bool fail_reference(struct text told, struct err *err)
{
    SCOPED_TEXT char *copy = text_copy(told);
    return fail(err, ERR_SHEET_BAD_REFERENCE, copy);
}

static bool begin_row(struct page_walk *walk, struct err *err)
{
    struct text told, custom;
    int64_t number = (int64_t)walk->row + 1;
    if ((markup_attribute(&walk->markup.tag, "r", &told) && !text_to_int64(told, &number)) || number < 1 ||
        number > SHEET_ROWS_MAX)
        return fail_reference(told, err);
    walk->row = (uint32_t)number;
    walk->column = 0;
    walk->row_empty = walk->markup.tag.empty;
    markup_attribute(&walk->markup.tag, "customFormat", &custom);
    walk->row_style = text_of("", 0);
    if (text_is(custom, "1") || text_is(custom, "true"))
        markup_attribute(&walk->markup.tag, "s", &walk->row_style);
    walk->in_row = true;
    walk->token = PAGE_ROW;
    return true;
}

static bool place_cell(struct page_walk *walk, struct err *err)
{
    struct text told;
    struct reference place = {walk->row, walk->column + 1};
    if (markup_attribute(&walk->markup.tag, "r", &told) && !sheet_reference_parse(&place, told))
        return fail_reference(told, err);
    if (place.column > SHEET_COLUMNS_MAX)
        return fail_reference(TEXT_OF("XFE1"), err);
    walk->cell.place = (struct reference){walk->row, place.column};
    walk->column = place.column;
    return true;
}

static bool take_formula(struct page_walk *walk, struct err *err)
{
    struct page_cell *cell = &walk->cell;
    cell->has_formula = true;
    cell->formula = walk->markup.tag;
    if (!markup_content(&walk->markup, &cell->formula_content, err))
        return false;
    cell->formula_end = walk->markup.tag.end;
    return true;
}

static bool take_value(struct page_walk *walk, struct err *err)
{
    struct page_cell *cell = &walk->cell;
    cell->value_start = walk->markup.tag.start;
    if (!markup_content(&walk->markup, &cell->value, err))
        return false;
    cell->has_value = true;
    cell->value_end = walk->markup.tag.end;
    return true;
}

static bool take_cell(struct page_walk *walk, struct err *err)
{
    struct page_cell *cell = &walk->cell;
    struct text aside;
    const unsigned depth = walk->markup.tag.depth;
    *cell = (struct page_cell){.tag = walk->markup.tag};
    markup_attribute(&walk->markup.tag, "s", &cell->style);
    markup_attribute(&walk->markup.tag, "t", &cell->type);
    if (!place_cell(walk, err))
        return false;
    for (;;) {
        if (!markup_next(&walk->markup, err))
            return false;
        if (walk->markup.kind == SCAN_STOP && walk->markup.tag.depth == depth)
            break;
        if (walk->markup.kind != SCAN_START)
            continue;
        const bool formula = markup_is(&walk->markup, "f") && !cell->has_formula;
        const bool value =
            (markup_is(&walk->markup, "v") || markup_is(&walk->markup, "is")) && !cell->has_value;
        if (!(formula ? take_formula(walk, err)
              : value ? take_value(walk, err)
                      : markup_content(&walk->markup, &aside, err)))
            return false;
    }
    cell->end = walk->markup.tag.end;
    walk->token = PAGE_CELL;
    return true;
}

static bool stop(struct page_walk *walk)
{
    walk->token = PAGE_TAG_STOP;
    if (walk->in_row && markup_stops(&walk->markup, "row")) {
        walk->in_row = false;
        walk->token = PAGE_ROW_STOP;
    } else if (walk->in_data && markup_stops(&walk->markup, "sheetData")) {
        walk->in_data = false;
    }
    return true;
}

bool page_walk_next(struct page_walk *walk, struct err *err)
{
    for (;;) {
        if (!markup_next(&walk->markup, err))
            return false;
        switch (walk->markup.kind) {
        case SCAN_END:
            walk->token = PAGE_OVER;
            return true;
        case SCAN_STOP:
            return stop(walk);
        case SCAN_TEXT:
            continue;
        case SCAN_START:
            break;
        }
        if (walk->in_row && markup_is(&walk->markup, "c"))
            return take_cell(walk, err);
        if (walk->in_data && !walk->in_row && markup_is(&walk->markup, "row"))
            return begin_row(walk, err);
        walk->token = PAGE_TAG;
        if (markup_is(&walk->markup, "sheetData"))
            walk->in_data = !walk->markup.tag.empty;
        return true;
    }
}

bool page_cell_full(const struct page_cell *cell)
{
    return cell->has_formula || (cell->has_value && cell->value.length);
}
