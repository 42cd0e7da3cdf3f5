// What stands on a page of a workbook that is filled, as far as it forbids writing or tells how new cells look
// (update_internal.h). Runs in the worker.
#include "lib/sheet/number.h"
#include "lib/sheet/page_walk.h"
#include "lib/sheet/update_internal.h"

enum { RANGES_MAX = 1 << 20, COLUMN_STYLES_MAX = SHEET_COLUMNS_MAX };

const struct page *update_page_of(const struct update *update, size_t page)
{
    return workbook_page(update->workbook, page);
}

static bool add_range(struct range **list, size_t *count, struct text places, struct err *err)
{
    struct range range;
    if (!range_parse(&range, places)) {
        SCOPED_TEXT char *copy = text_copy(places);
        return fail(err, ERR_SHEET_BAD_REFERENCE, copy);
    }
    if (*count == RANGES_MAX)
        return fail(err, ERR_LIMIT_PASSED, "merged ranges", N(RANGES_MAX));
    if ((*count & (*count - 1)) == 0)
        *list = xreallocarray(*list, *count ? *count * 2 : 1, sizeof **list);
    (*list)[(*count)++] = range;
    return true;
}

static void add_columns(struct update_page *page, const struct markup_tag *tag)
{
    struct text first, last, style;
    int64_t from, to, number;
    if (page->column_count == COLUMN_STYLES_MAX || !markup_attribute(tag, "style", &style) ||
        !markup_attribute(tag, "min", &first) || !markup_attribute(tag, "max", &last) ||
        !text_to_int64(first, &from) || !text_to_int64(last, &to) || !text_to_int64(style, &number) ||
        from < 1 || to > SHEET_COLUMNS_MAX || number < 0)
        return;
    page->columns = xreallocarray(page->columns, page->column_count + 1, sizeof *page->columns);
    page->columns[page->column_count++] = (struct column_style){(uint32_t)from, (uint32_t)to, number};
}

static bool take(struct update_page *page, const struct page_walk *walk, struct err *err)
{
    struct text value, type;
    const struct markup_tag *tag = &walk->markup.tag;
    if (walk->token == PAGE_CELL && walk->cell.has_formula &&
        markup_attribute(&walk->cell.formula, "t", &type) &&
        (text_is(type, "array") || text_is(type, "dataTable")) &&
        markup_attribute(&walk->cell.formula, "ref", &value))
        return add_range(&page->arrays, &page->array_count, value, err);
    if (walk->token != PAGE_TAG)
        return true;
    if (text_is(tag->name, "mergeCell") && markup_attribute(tag, "ref", &value))
        return add_range(&page->merged, &page->merged_count, value, err);
    if (text_is(tag->name, "col"))
        add_columns(page, tag);
    return true;
}

bool update_page_know(struct update *update, size_t index, struct err *err)
{
    struct update_page *page = &update->pages[index];
    const struct page *told = update_page_of(update, index);
    struct update_part *part;
    bool good = true;
    if (page->known)
        return true;
    if (!told->has_cells || !told->part)
        return fail(err, ERR_SHEET_NO_CELLS, told->name);
    if (!update_part_read(update, told->part, &part, err))
        return false;
    struct page_walk walk = page_walk_new(buf_text(&part->xml), part->name);
    while (page_walk_next_in(&walk, &good, err))
        good = take(page, &walk, err);
    if (good)
        page->known = true;
    else
        update_page_forget(page);
    return good;
}

void update_page_forget(struct update_page *page)
{
    xfree(STEAL(page->merged));
    xfree(STEAL(page->arrays));
    xfree(STEAL(page->columns));
    page->merged_count = page->array_count = page->column_count = 0;
    page->known = false;
}

void update_page_dispose(struct update_page *page)
{
    update_page_forget(page);
    for (size_t i = 0; i < page->like_count; i++)
        xfree(page->like[i].attributes);
    xfree(page->like);
    xfree(page->pending);
    buf_dispose(&page->texts);
}

/* ---- values that wait ------------------------------------------------------------------------------------------------------ */

static bool covers(const struct range *range, struct reference place)
{
    return place.row >= range->first.row && place.row <= range->last.row &&
           place.column >= range->first.column && place.column <= range->last.column;
}

static bool one_cell(const struct range *range)
{
    return range->first.row == range->last.row && range->first.column == range->last.column;
}

static bool fail_covered(enum err_code code, struct reference place, const struct range *range,
                         struct err *err)
{
    char at[REFERENCE_TEXT_SIZE], first[REFERENCE_TEXT_SIZE], last[REFERENCE_TEXT_SIZE];
    SCOPED_TEXT char *text =
        xasprintf("%s:%s", reference_text(first, range->first), reference_text(last, range->last));
    return fail(err, code, reference_text(at, place), text, first);
}

static bool may_write(const struct update_page *page, struct reference place, struct err *err)
{
    for (size_t i = 0; i < page->merged_count; i++)
        if (covers(&page->merged[i], place) &&
            (place.row != page->merged[i].first.row || place.column != page->merged[i].first.column))
            return fail_covered(ERR_SHEET_CELL_MERGED, place, &page->merged[i], err);
    for (size_t i = 0; i < page->array_count; i++)
        if (covers(&page->arrays[i], place) && !one_cell(&page->arrays[i]))
            return fail_covered(ERR_SHEET_CELL_ARRAY, place, &page->arrays[i], err);
    return true;
}

// The headings of a table stand in its part too, and must be the same there.
static bool may_name(struct update *update, size_t page, struct reference place, struct err *err)
{
    char at[REFERENCE_TEXT_SIZE];
    const struct tables *tables;
    if (!workbook_tables(update->workbook, &tables, err))
        return false;
    for (size_t i = 0; i < tables->count; i++) {
        struct range head = tables->items[i].range;
        head.last.row = head.first.row + tables->items[i].header_rows - 1;
        if (tables->items[i].page == page && tables->items[i].header_rows && covers(&head, place))
            return fail(err, ERR_SHEET_CELL_HEADING, reference_text(at, place), tables->items[i].name);
    }
    return true;
}

static bool keep_text(struct update_page *page, struct text text, size_t *at, struct err *err)
{
    *at = page->texts.length;
    return buf_append_text(&page->texts, text) ||
           fail(err, ERR_LIMIT_PASSED, "bytes of values", N(page->texts.maximum));
}

static bool check_text(const struct update_value *value, struct reference place, struct err *err)
{
    char at[REFERENCE_TEXT_SIZE];
    size_t units = 0;
    for (size_t i = 0; i < value->text.length; i++) // as UTF-16, in which Excel counts
        units += ((unsigned char)value->text.data[i] & 0xC0) != 0x80
                     ? 1 + ((unsigned char)value->text.data[i] >= 0xF0)
                     : 0;
    if (units > SHEET_CELL_CHARACTERS_MAX)
        return fail(err, ERR_SHEET_TEXT_TOO_LONG, N(units), N(SHEET_CELL_CHARACTERS_MAX));
    return (text_is_utf8(value->text) &&
            (!value->text.length || !memchr(value->text.data, 0, value->text.length))) ||
           fail(err, ERR_SHEET_WRITE_WRONG, "bytes that are no letters", reference_text(at, place));
}

bool update_put(struct update *update, size_t index, struct reference place, const struct update_value *value,
                int64_t style, struct err *err)
{
    struct update_page *page = &update->pages[index];
    struct pending pending = {.place = place,
                              .kind = value->kind,
                              .boolean = value->boolean,
                              .moment = value->moment,
                              .text_length = value->text.length,
                              .result_length = value->result.length,
                              .style = style,
                              .order = (uint32_t)page->pending_count};
    if (page->pending_count == UPDATE_CELLS_MAX && !update_page_flush(update, index, false, err))
        return false;
    if (!check_text(value, place, err) || !keep_text(page, value->text, &pending.text, err) ||
        !keep_text(page, value->result, &pending.result, err))
        return false;
    if (page->pending_count == page->pending_capacity) {
        page->pending_capacity = page->pending_capacity ? page->pending_capacity * 2 : 16;
        page->pending = xreallocarray(page->pending, page->pending_capacity, sizeof *page->pending);
    }
    page->pending[page->pending_count++] = pending;
    page->touched = update->changed = true;
    return true;
}

bool update_is_cell(struct update *update, const struct update_area *area, bool *one, struct err *err)
{
    const struct range *range = &area->range;
    *one = one_cell(range);
    if (*one)
        return true;
    if (!update_page_know(update, area->page, err))
        return false;
    const struct update_page *page = &update->pages[area->page];
    for (size_t i = 0; i < page->merged_count; i++)
        *one = *one || memcmp(&page->merged[i], range, sizeof *range) == 0;
    return true;
}

bool update_cell(struct update *update, size_t page, struct reference place, const struct update_value *value,
                 struct err *err)
{
    require(place.row >= 1 && place.row <= SHEET_ROWS_MAX && place.column >= 1 &&
            place.column <= SHEET_COLUMNS_MAX);
    char at[REFERENCE_TEXT_SIZE];
    if ((value->kind == UPDATE_NUMBER || (value->kind == UPDATE_FORMULA && value->result.length)) &&
        !sheet_number_valid(value->kind == UPDATE_NUMBER ? value->text : value->result))
        return fail(err, ERR_SHEET_WRITE_WRONG, "no number", reference_text(at, place));
    return update_page_know(update, page, err) && may_write(&update->pages[page], place, err) &&
           may_name(update, page, place, err) && update_put(update, page, place, value, STYLE_KEPT, err);
}
