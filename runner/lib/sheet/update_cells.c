// Brings values into the part of a page (update_internal.h). Runs in the worker.
//
// The part is walked twice: first to see which of the rows and cells are there and which shared formulas lose the cell
// that holds them, then to note the changes. Rows and cells that are not there come before the first greater one.
#include "lib/sheet/escape.h"
#include "lib/sheet/number.h"
#include "lib/sheet/serial.h"
#include "lib/sheet/shared_formulas.h"
#include "lib/sheet/update_internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { ATTRIBUTE_ROOM = 64 };
enum { DAYS_TO_1904 = 1462 };

struct filling {
    struct update *update;
    struct update_page *page;
    struct text xml;
    const char *part;
    struct patches patches;
    struct shared_formulas shared;
    bool fresh;
    size_t missing;     // pending rows before this one are put
    struct buf out;     // what is put in at one place
    struct text prefix; // of the page's elements
    struct range added; // what the new cells take; {0}: nothing
};

/* ---- the values, in order ---------------------------------------------------------------------------------------------------- */

static int compare_places(struct reference a, struct reference b)
{
    if (a.row != b.row)
        return a.row < b.row ? -1 : 1;
    return a.column < b.column ? -1 : a.column > b.column;
}

static int compare_pending(const void *a, const void *b)
{
    const struct pending *x = a, *y = b;
    const int order = compare_places(x->place, y->place);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

// Sorted, of several values for one cell the last; a style that was asked for before it stays.
static void sort_pending(struct update_page *page)
{
    size_t kept = 0;
    if (page->pending_count)
        qsort(page->pending, page->pending_count, sizeof *page->pending, compare_pending);
    for (size_t i = 0; i < page->pending_count; i++) {
        const bool again = kept && !compare_places(page->pending[kept - 1].place, page->pending[i].place);
        const int64_t style = again ? page->pending[kept - 1].style : STYLE_KEPT;
        kept -= again;
        page->pending[kept] = page->pending[i];
        if (page->pending[kept].style == STYLE_KEPT)
            page->pending[kept].style = style;
        kept++;
    }
    page->pending_count = kept;
}

// The first that is not before `place`.
static size_t lower_bound(const struct update_page *page, struct reference place)
{
    size_t low = 0, high = page->pending_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_places(page->pending[middle].place, place) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct pending *find_pending(const struct update_page *page, struct reference place)
{
    const size_t at = lower_bound(page, place);
    return at < page->pending_count && !compare_places(page->pending[at].place, place) ? &page->pending[at]
                                                                                       : NULL;
}

/* ---- one cell ------------------------------------------------------------------------------------------------------------------ */

static struct text text_at(const struct filling *filling, size_t at, size_t length)
{
    return length ? text_of(filling->page->texts.data + at, length) : text_of("", 0);
}

static bool no_room(const struct buf *out, struct err *err)
{
    return fail(err, ERR_LIMIT_PASSED, "bytes of a part", N(out->maximum));
}

static const char *type_of(const struct pending *pending, bool as_text)
{
    return as_text ? " t=\"inlineStr\"" : pending->kind == UPDATE_BOOLEAN ? " t=\"b\"" : "";
}

// The systems of 1900 and 1904 differ by whole days.
static bool append_serial(const struct filling *filling, const struct pending *pending, struct buf *out,
                          struct err *err)
{
    char serial[SERIAL_NUMBER_SIZE], place[REFERENCE_TEXT_SIZE];
    struct text fraction = text_of(serial, serial_number(serial, pending->moment)), whole;
    int64_t days = 0;
    if (!filling->update->workbook->system_1904)
        return buf_append_text(out, fraction) || no_room(out, err);
    if (!text_cut(&fraction, '.', &whole) || !text_to_int64(whole, &days) || days < DAYS_TO_1904)
        return fail(err, ERR_SHEET_WRITE_WRONG, "a date before 1904", reference_text(place, pending->place));
    return buf_printf(out, "%lld%s%.*s", (long long)(days - DAYS_TO_1904), fraction.length ? "." : "",
                      (int)fraction.length, fraction.data) ||
           no_room(out, err);
}

// The value as it stands in <v>; *as_text when it can't.
static bool value_text(const struct filling *filling, const struct pending *pending, struct buf *out,
                       bool *as_text, struct err *err)
{
    const struct text text = text_at(filling, pending->text, pending->text_length);
    char number[SHEET_NUMBER_TEXT_SIZE];
    size_t length;
    *as_text = pending->kind == UPDATE_TEXT;
    switch (pending->kind) {
    case UPDATE_CLEAR:
        return true;
    case UPDATE_TEXT:
        return buf_append_text(out, text) || no_room(out, err);
    case UPDATE_NUMBER: // checked when it came
        *as_text = sheet_number_fit(number, &length, text) != NUMBER_FITS;
        return buf_append_text(out, *as_text ? text : text_of(number, length)) || no_room(out, err);
    case UPDATE_BOOLEAN:
        return buf_append_char(out, pending->boolean ? '1' : '0') || no_room(out, err);
    case UPDATE_DAY:
    case UPDATE_MOMENT:
        return append_serial(filling, pending, out, err);
    case UPDATE_FORMULA:
        return buf_append_text(out, text_at(filling, pending->result, pending->result_length)) ||
               no_room(out, err);
    }
    return true;
}

static bool append_formula(struct filling *filling, const struct pending *pending, struct err *err)
{
    const struct text prefix = filling->prefix;
    struct text formula = text_at(filling, pending->text, pending->text_length);
    if (text_starts(formula, "="))
        formula = text_of(formula.data + 1, formula.length - 1);
    return (buf_printf(&filling->out, "<%.*sf>", (int)prefix.length, prefix.data) &&
            markup_escape(&filling->out, formula, err) &&
            buf_printf(&filling->out, "</%.*sf>", (int)prefix.length, prefix.data)) ||
           no_room(&filling->out, err);
}

static bool append_text(struct buf *out, struct text text, struct err *err)
{
    struct escaped escaped;
    char *room = buf_reserve(out, escape_room(text, SHEET_CELL_CHARACTERS_MAX));
    if (!room)
        return no_room(out, err);
    if (escape_text(room, text, SHEET_CELL_CHARACTERS_MAX, &escaped) != ESCAPE_GOOD)
        return fail(err, ERR_SHEET_TEXT_TOO_LONG, N(text.length), N(SHEET_CELL_CHARACTERS_MAX));
    out->length += escaped.bytes;
    out->data[out->length] = '\0';
    return true;
}

static bool append_value(struct filling *filling, struct text value, bool as_text, struct err *err)
{
    const int length = (int)filling->prefix.length;
    const char *prefix = filling->prefix.data;
    struct buf *out = &filling->out;
    if (!as_text)
        return (buf_printf(out, "<%.*sv>", length, prefix) && buf_append_text(out, value) &&
                buf_printf(out, "</%.*sv>", length, prefix)) ||
               no_room(out, err);
    if (!buf_printf(out, "<%.*sis><%.*st xml:space=\"preserve\">", length, prefix, length, prefix))
        return no_room(out, err);
    return append_text(out, value, err) &&
           (buf_printf(out, "</%.*st></%.*sis>", length, prefix, length, prefix) || no_room(out, err));
}

static bool choose_style(struct filling *filling, const struct pending *pending, int64_t there,
                         int64_t *style, struct err *err)
{
    *style = pending->style != STYLE_KEPT ? pending->style : there;
    if (pending->kind != UPDATE_DAY && pending->kind != UPDATE_MOMENT)
        return true;
    return update_style_for_date(filling->update, *style, pending->kind == UPDATE_MOMENT, style, err);
}

// The whole cell, appended to `out`.
static bool append_cell(struct filling *filling, const struct pending *pending, int64_t there,
                        struct err *err)
{
    char place[REFERENCE_TEXT_SIZE], styled[ATTRIBUTE_ROOM] = "";
    SCOPED_BUF(value, SHEET_CELL_CHARACTERS_MAX * 4);
    bool as_text;
    int64_t style;
    const int length = (int)filling->prefix.length;
    const char *prefix = filling->prefix.data;
    if (!value_text(filling, pending, &value, &as_text, err) ||
        !choose_style(filling, pending, there, &style, err))
        return false;
    if (style > 0)
        snprintf(styled, sizeof styled, " s=\"%lld\"", (long long)style);
    if (!buf_printf(&filling->out, "<%.*sc r=\"%s\"%s%s", length, prefix,
                    reference_text(place, pending->place), styled, type_of(pending, as_text)))
        return no_room(&filling->out, err);
    if (pending->kind == UPDATE_CLEAR)
        return buf_append_string(&filling->out, "/>") || no_room(&filling->out, err);
    if (!buf_append_char(&filling->out, '>'))
        return no_room(&filling->out, err);
    if (pending->kind == UPDATE_FORMULA && !append_formula(filling, pending, err))
        return false;
    if ((value.length || as_text) && !append_value(filling, buf_text(&value), as_text, err))
        return false;
    return buf_printf(&filling->out, "</%.*sc>", length, prefix) || no_room(&filling->out, err);
}

static int64_t style_number(struct text style)
{
    int64_t number;
    return text_to_int64(style, &number) && number >= 0 ? number : 0;
}

// Of a cell that is not there: its row's, else its column's.
static int64_t style_of_empty(const struct filling *filling, struct text row_style, uint32_t column)
{
    if (row_style.length)
        return style_number(row_style);
    for (size_t i = 0; i < filling->page->column_count; i++)
        if (column >= filling->page->columns[i].first && column <= filling->page->columns[i].last)
            return filling->page->columns[i].style;
    return 0;
}

// Nothing would be seen: an empty cell that nobody gave a style.
static bool is_nothing(const struct pending *pending)
{
    return pending->kind == UPDATE_CLEAR && pending->style <= 0;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------------ */

static void widen(struct range *range, struct reference place)
{
    if (!range->first.row) {
        *range = (struct range){place, place};
        return;
    }
    range->first.row = place.row < range->first.row ? place.row : range->first.row;
    range->last.row = place.row > range->last.row ? place.row : range->last.row;
    range->first.column = place.column < range->first.column ? place.column : range->first.column;
    range->last.column = place.column > range->last.column ? place.column : range->last.column;
}

// Cells of `row` up to `column` that are not there and not yet put.
static bool append_missing_cells(struct filling *filling, uint32_t row, uint32_t column,
                                 struct text row_style, struct err *err)
{
    struct update_page *page = filling->page;
    for (size_t i = lower_bound(page, (struct reference){row, 1});
         i < page->pending_count && page->pending[i].place.row == row &&
         page->pending[i].place.column <= column;
         i++) {
        struct pending *pending = &page->pending[i];
        if (pending->cell_there || pending->put)
            continue;
        pending->put = true;
        if (!is_nothing(pending) &&
            !append_cell(filling, pending, style_of_empty(filling, row_style, pending->place.column), err))
            return false;
    }
    return true;
}

static const char *like_attributes(const struct update_page *page, uint32_t row)
{
    for (size_t i = page->like_count; i > 0; i--)
        if (row >= page->like[i - 1].first && row <= page->like[i - 1].last)
            return page->like[i - 1].attributes;
    return "";
}

// Rows above `row` that are not there, each with its cells.
static bool append_missing_rows(struct filling *filling, uint32_t row, struct err *err)
{
    struct update_page *page = filling->page;
    const int length = (int)filling->prefix.length;
    const char *prefix = filling->prefix.data;
    while (filling->missing < page->pending_count && page->pending[filling->missing].place.row < row) {
        const struct pending *pending = &page->pending[filling->missing];
        const uint32_t number = pending->place.row;
        if (pending->row_there || pending->put || is_nothing(pending)) {
            filling->missing++;
            continue;
        }
        if (!buf_printf(&filling->out, "<%.*srow r=\"%u\"%s>", length, prefix, number,
                        like_attributes(page, number)))
            return no_room(&filling->out, err);
        if (!append_missing_cells(filling, number, SHEET_COLUMNS_MAX, text_of("", 0), err))
            return false;
        if (!buf_printf(&filling->out, "</%.*srow>", length, prefix))
            return no_room(&filling->out, err);
    }
    return true;
}

// What was gathered in `out` goes in before `at`.
static bool put_gathered(struct filling *filling, size_t at, struct err *err)
{
    const bool good =
        !filling->out.length || patches_put(&filling->patches, at, at, buf_text(&filling->out), err);
    buf_clear(&filling->out);
    return good;
}

/* ---- the first walk ---------------------------------------------------------------------------------------------------------------- */

static void mark_row(const struct filling *filling, uint32_t row)
{
    const struct update_page *page = filling->page;
    for (size_t i = lower_bound(page, (struct reference){row, 1});
         i < page->pending_count && page->pending[i].place.row == row; i++)
        page->pending[i].row_there = true;
}

static bool look(struct filling *filling, struct err *err)
{
    struct page_walk walk = page_walk_new(filling->xml, filling->part);
    bool good = true;
    while (page_walk_next_in(&walk, &good, err)) {
        if (walk.token == PAGE_ROW) {
            mark_row(filling, walk.row);
        } else if (walk.token == PAGE_CELL) {
            struct pending *pending = find_pending(filling->page, walk.cell.place);
            if (pending)
                pending->cell_there = true;
            good = shared_formulas_add(&filling->shared, &walk.cell, err);
        } else if (walk.token == PAGE_TAG && markup_is(&walk.markup, "sheetData")) {
            filling->prefix = walk.markup.tag.prefix;
        }
    }
    for (size_t i = 0; i < filling->page->pending_count; i++)
        if (!is_nothing(&filling->page->pending[i]))
            widen(&filling->added, filling->page->pending[i].place);
    // Whose cell is overwritten is written out in the others.
    for (size_t i = 0; i < filling->shared.count; i++)
        filling->shared.items[i].parted = find_pending(filling->page, filling->shared.items[i].place) != NULL;
    return good;
}

/* ---- the second walk --------------------------------------------------------------------------------------------------------------- */

static bool put_spans(struct filling *filling, const struct page_walk *walk, struct err *err)
{
    const struct update_page *page = filling->page;
    struct text told, first;
    int64_t from, to;
    char spans[ATTRIBUTE_ROOM];
    if (!markup_attribute(&walk->markup.tag, "spans", &told) || !text_cut(&told, ':', &first) ||
        !text_to_int64(first, &from) || !text_to_int64(told, &to))
        return true;
    const int64_t least = from, most = to;
    for (size_t i = lower_bound(page, (struct reference){walk->row, 1});
         i < page->pending_count && page->pending[i].place.row == walk->row; i++) {
        const int64_t column = page->pending[i].place.column;
        if (page->pending[i].cell_there || is_nothing(&page->pending[i]))
            continue;
        from = column < from ? column : from;
        to = column > to ? column : to;
    }
    snprintf(spans, sizeof spans, "%lld:%lld", (long long)from, (long long)to);
    return (from == least && to == most) ||
           patches_attribute(&filling->patches, &walk->markup.tag, "spans", spans, err);
}

// <row/> gets an end of its own.
static bool open_empty_row(struct filling *filling, const struct page_walk *walk, struct err *err)
{
    const struct markup_tag *tag = &walk->markup.tag;
    SCOPED_BUF(whole, MARKUP_BYTES_MAX);
    if (!append_missing_cells(filling, walk->row, SHEET_COLUMNS_MAX, walk->row_style, err))
        return false;
    if (!filling->out.length)
        return true;
    if (!buf_append_char(&whole, '>') || !buf_append_text(&whole, buf_text(&filling->out)) ||
        !buf_printf(&whole, "</%.*srow>", (int)tag->prefix.length, tag->prefix.data))
        return no_room(&whole, err);
    buf_clear(&filling->out);
    return patches_put(&filling->patches, tag->end - 2, tag->end, buf_text(&whole), err);
}

// A row or a cell that is counted from the one before needs its place told when another comes before it.
static bool put_place(struct filling *filling, const struct markup_tag *tag, const char *place,
                      struct err *err)
{
    struct text told;
    return markup_attribute(tag, "r", &told) || patches_attribute(&filling->patches, tag, "r", place, err);
}

static bool put_row(struct filling *filling, const struct page_walk *walk, struct err *err)
{
    if (!append_missing_rows(filling, walk->row, err) ||
        !put_gathered(filling, walk->markup.tag.start, err) || !put_spans(filling, walk, err))
        return false;
    return !walk->row_empty || open_empty_row(filling, walk, err);
}

// The result that the formula had; what reads it is computed anew.
static bool drop_result(struct filling *filling, const struct page_cell *cell, struct err *err)
{
    return !cell->has_value ||
           (patches_attribute(&filling->patches, &cell->tag, "t", NULL, err) &&
            patches_put(&filling->patches, cell->value_start, cell->value_end, text_of("", 0), err));
}

static bool put_own_formula(struct filling *filling, const struct page_cell *cell,
                            const struct shared_formula *shared, struct err *err)
{
    SCOPED_BUF(moved, FORMULA_BYTES_MAX);
    return shared_formula_move(&moved, shared, cell->place, err) &&
           shared_formula_part(&filling->patches, cell, buf_text(&moved), err);
}

static bool keep_cell(struct filling *filling, const struct page_cell *cell, struct err *err)
{
    if (!cell->has_formula)
        return true;
    const struct shared_formula *shared = shared_formulas_find(&filling->shared, cell);
    if (shared && shared->parted && !put_own_formula(filling, cell, shared, err))
        return false;
    return !filling->fresh || drop_result(filling, cell, err);
}

static bool put_cell(struct filling *filling, const struct page_walk *walk, struct err *err)
{
    char place[REFERENCE_TEXT_SIZE];
    const struct page_cell *cell = &walk->cell;
    struct pending *pending = find_pending(filling->page, cell->place);
    if (!append_missing_cells(filling, cell->place.row, cell->place.column - 1, walk->row_style, err))
        return false;
    const bool moved = filling->out.length && !pending;
    if (!put_gathered(filling, cell->tag.start, err) ||
        (moved && !put_place(filling, &cell->tag, reference_text(place, cell->place), err)))
        return false;
    if (!pending)
        return keep_cell(filling, cell, err);
    pending->put = true;
    const bool good =
        append_cell(filling, pending, style_number(cell->style), err) &&
        patches_put(&filling->patches, cell->tag.start, cell->end, buf_text(&filling->out), err);
    buf_clear(&filling->out);
    return good;
}

static bool put_dimension(struct filling *filling, const struct markup_tag *tag, struct err *err)
{
    struct range range;
    struct text told;
    char first[REFERENCE_TEXT_SIZE], last[REFERENCE_TEXT_SIZE];
    if (!filling->added.first.row || !markup_attribute(tag, "ref", &told) || !range_parse(&range, told))
        return true;
    const struct range before = range;
    widen(&range, filling->added.first);
    widen(&range, filling->added.last);
    if (!compare_places(before.first, range.first) && !compare_places(before.last, range.last))
        return true;
    SCOPED_TEXT char *text =
        xasprintf("%s:%s", reference_text(first, range.first), reference_text(last, range.last));
    return patches_attribute(&filling->patches, tag, "ref", text, err);
}

// <sheetData/> gets an end of its own, when rows come into it.
static bool put_rest(struct filling *filling, const struct markup_tag *tag, struct err *err)
{
    SCOPED_BUF(whole, MARKUP_BYTES_MAX);
    if (!append_missing_rows(filling, UINT32_MAX, err))
        return false;
    if (!tag->empty || !filling->out.length)
        return put_gathered(filling, tag->start, err);
    if (!buf_append_char(&whole, '>') || !buf_append_text(&whole, buf_text(&filling->out)) ||
        !buf_printf(&whole, "</%.*ssheetData>", (int)tag->prefix.length, tag->prefix.data))
        return no_room(&whole, err);
    buf_clear(&filling->out);
    return patches_put(&filling->patches, tag->end - 2, tag->end, buf_text(&whole), err);
}

static bool put_token(struct filling *filling, const struct page_walk *walk, struct err *err)
{
    const struct markup_tag *tag = &walk->markup.tag;
    switch (walk->token) {
    case PAGE_ROW:
        return put_row(filling, walk, err);
    case PAGE_CELL:
        return put_cell(filling, walk, err);
    case PAGE_ROW_STOP:
        return walk->row_empty ||
               (append_missing_cells(filling, walk->row, SHEET_COLUMNS_MAX, walk->row_style, err) &&
                put_gathered(filling, tag->start, err));
    case PAGE_TAG:
        return !text_is(tag->name, "dimension") || put_dimension(filling, tag, err);
    case PAGE_TAG_STOP:
        return !text_is(tag->name, "sheetData") || put_rest(filling, tag, err);
    case PAGE_OVER:
        break;
    }
    return true;
}

static bool fill(struct filling *filling, struct err *err)
{
    struct page_walk walk = page_walk_new(filling->xml, filling->part);
    bool good = look(filling, err);
    while (page_walk_next_in(&walk, &good, err))
        good = put_token(filling, &walk, err);
    for (size_t i = 0; good && i < filling->page->pending_count; i++)
        if (!filling->page->pending[i].put && !is_nothing(&filling->page->pending[i]))
            good = fail(err, ERR_SHEET_XML, filling->part, "0", "a page without rows");
    return good;
}

bool update_page_flush(struct update *update, size_t index, bool fresh, struct err *err)
{
    struct update_page *page = &update->pages[index];
    struct update_part *part;
    if (!page->pending_count && !fresh)
        return true;
    if (!update_page_know(update, index, err) ||
        !update_part_read(update, update_page_of(update, index)->part, &part, err))
        return false;
    sort_pending(page);
    struct filling filling = {.update = update,
                              .page = page,
                              .xml = buf_text(&part->xml),
                              .part = part->name,
                              .patches = patches_new(),
                              .fresh = fresh,
                              .out = buf_new(MARKUP_BYTES_MAX)};
    bool good = fill(&filling, err);
    if (good)
        good = update_part_change(update, part, &filling.patches, err);
    patches_dispose(&filling.patches);
    shared_formulas_dispose(&filling.shared);
    buf_dispose(&filling.out);
    page->pending_count = 0;
    buf_clear(&page->texts);
    return good;
}
