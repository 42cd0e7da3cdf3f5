// See growth.h. Runs in the worker. Which elements and attributes hold places and formulas is a table by kind of part
// (ECMA-376 part 1, 18.3 for pages, 18.5 tables, 18.7 comments, 18.10 pivot tables, 20.5 drawings, 21.2 charts).
#include "lib/sheet/growth.h"
#include "lib/sheet/cell.h"
#include "lib/sheet/formula_references.h"
#include "lib/sheet/shared_formulas.h"

enum content { CONTENT_PLACES, CONTENT_FORMULA };

struct rule {
    const char *element, *attribute; // attribute NULL: what stands in the element
    enum content content;
    bool own_only; // of the table's own page
};

static const struct rule page_rules[] = {
    {"dimension", "ref", CONTENT_PLACES, true},
    {"mergeCell", "ref", CONTENT_PLACES, true},
    {"autoFilter", "ref", CONTENT_PLACES, true},
    {"sortState", "ref", CONTENT_PLACES, true},
    {"sortCondition", "ref", CONTENT_PLACES, true},
    {"conditionalFormatting", "sqref", CONTENT_PLACES, true},
    {"dataValidation", "sqref", CONTENT_PLACES, true},
    {"protectedRange", "sqref", CONTENT_PLACES, true},
    {"ignoredError", "sqref", CONTENT_PLACES, true},
    {"cellWatch", "r", CONTENT_PLACES, true},
    {"sqref", NULL, CONTENT_PLACES, true},
    {"hyperlink", "ref", CONTENT_PLACES, true},
    {"hyperlink", "location", CONTENT_FORMULA, false},
    {"formula", NULL, CONTENT_FORMULA, false},
    {"formula1", NULL, CONTENT_FORMULA, false},
    {"formula2", NULL, CONTENT_FORMULA, false},
    {"f", NULL, CONTENT_FORMULA, false},
};
static const struct rule table_rules[] = {
    {"table", "ref", CONTENT_PLACES, true},
    {"autoFilter", "ref", CONTENT_PLACES, true},
    {"sortState", "ref", CONTENT_PLACES, true},
    {"sortCondition", "ref", CONTENT_PLACES, true},
    {"calculatedColumnFormula", NULL, CONTENT_FORMULA, false},
    {"totalsRowFormula", NULL, CONTENT_FORMULA, false},
};
static const struct rule workbook_rules[] = {{"definedName", NULL, CONTENT_FORMULA, false}};
static const struct rule chart_rules[] = {{"f", NULL, CONTENT_FORMULA, false}};
static const struct rule comment_rules[] = {{"comment", "ref", CONTENT_PLACES, true},
                                            {"threadedComment", "ref", CONTENT_PLACES, true}};
static const struct rule pivot_rules[] = {{"location", "ref", CONTENT_PLACES, true}};

#define RULES(list)                                                                                          \
    {                                                                                                        \
        list, COUNT_OF(list)                                                                                 \
    }
static const struct {
    const struct rule *rules;
    size_t count;
} rules_of[] = {
    [GROWTH_PAGE] = RULES(page_rules),
    [GROWTH_OTHER_PAGE] = RULES(page_rules),
    [GROWTH_TABLE] = RULES(table_rules),
    [GROWTH_OTHER_TABLE] = RULES(table_rules),
    [GROWTH_WORKBOOK] = RULES(workbook_rules),
    [GROWTH_CHART] = RULES(chart_rules),
    [GROWTH_COMMENTS] = RULES(comment_rules),
    [GROWTH_PIVOT_TABLE] = RULES(pivot_rules),
    [GROWTH_VML] = {NULL, 0},
    [GROWTH_DRAWING] = {NULL, 0},
    [GROWTH_PIVOT_CACHE] = {NULL, 0},
};

struct pass {
    struct patches *patches;
    const struct growth *growth;
    enum growth_part kind;
    struct text xml;
    const char *part;
    bool own,
        follow; // own: the formula's page is the table's; follow: what reached over the table does still
    bool in_row_breaks, in_from, in_to, anchor_moves;
    struct shared_formulas shared;
    bool lost, going; // going: in a row that goes
    size_t going_start;
};

/* ---- places -------------------------------------------------------------------------------------------------------------- */

static bool overlaps_columns(const struct range *a, const struct range *b)
{
    return a->first.column <= b->last.column && b->first.column <= a->last.column;
}

static uint32_t move_row(const struct growth *growth, uint32_t row)
{
    const int64_t moved = row >= growth->line ? (int64_t)row + growth->by : row;
    return moved > SHEET_ROWS_MAX ? SHEET_ROWS_MAX : (uint32_t)moved;
}

// Whether the row goes.
static bool goes(const struct growth *growth, int64_t row)
{
    return growth->by < 0 && row < (int64_t)growth->line && row >= (int64_t)growth->line + growth->by;
}

static bool move_range(const struct growth *growth, struct range *range, bool follow, bool *lost)
{
    const struct range before = *range;
    const uint32_t gap = growth->by < 0 ? growth->line + (uint32_t)growth->by : 0;
    if (range->first.row == 1 && range->last.row == SHEET_ROWS_MAX)
        return false; // whole columns stay so
    if (follow && range->last.row == growth->data.last.row && range->first.row <= growth->data.first.row &&
        overlaps_columns(range, &growth->data)) {
        range->last.row = growth->last;
        return range->last.row != before.last.row;
    }
    if (goes(growth, before.first.row) && goes(growth, before.last.row)) {
        *lost = true;
        return false;
    }
    range->first.row = goes(growth, before.first.row) ? gap : move_row(growth, before.first.row);
    range->last.row = goes(growth, before.last.row) ? gap - 1 : move_row(growth, before.last.row);
    return before.first.row != range->first.row || before.last.row != range->last.row;
}

bool growth_range(const struct growth *growth, struct range *range)
{
    bool lost = false;
    return move_range(growth, range, true, &lost);
}

static bool too_long(struct err *err)
{
    return fail(err, ERR_LIMIT_PASSED, "bytes of a part", N(MARKUP_BYTES_MAX));
}

// "A1:B7 D3", as it stands in the part.
static bool put_places(struct pass *pass, struct text places, struct err *err)
{
    char text[REFERENCE_TEXT_SIZE];
    SCOPED_BUF(out, MARKUP_BYTES_MAX);
    struct text rest = places, one;
    bool changed = false, room = true;
    while (room && text_cut(&rest, ' ', &one)) {
        struct range range;
        room = !out.length || buf_append_char(&out, ' ');
        if (!range_parse(&range, one) || !move_range(pass->growth, &range, true, &pass->lost)) {
            room = room && buf_append_text(&out, one);
            continue;
        }
        const bool single = range.first.row == range.last.row && range.first.column == range.last.column;
        changed = true;
        room = room && buf_append_string(&out, reference_text(text, range.first)) &&
               (single ||
                (buf_append_char(&out, ':') && buf_append_string(&out, reference_text(text, range.last))));
    }
    if (!room)
        return too_long(err);
    const size_t start = (size_t)(places.data - pass->xml.data);
    return !changed || patches_put(pass->patches, start, start + places.length, buf_text(&out), err);
}

/* ---- formulas ------------------------------------------------------------------------------------------------------------ */

static void visit(void *context, struct formula_reference *reference)
{
    struct pass *pass = context;
    const bool here =
        reference->page.length ? formula_page_is(reference->page, pass->growth->page) : pass->own;
    if (!here || reference->elsewhere || reference->kind == FORMULA_COLUMNS ||
        reference->kind == FORMULA_WORD)
        return;
    struct range range = {reference->first, reference->last};
    const bool chart = pass->kind == GROWTH_CHART; // of a table with one row it may name the one cell
    if (!move_range(pass->growth, &range, pass->follow && (chart || reference->kind == FORMULA_RANGE),
                    &pass->lost))
        return;
    reference->first = range.first;
    reference->last = range.last;
    if (reference->kind == FORMULA_CELL && range.first.row != range.last.row) {
        reference->kind = FORMULA_RANGE;
        reference->last_row_fixed = reference->first_row_fixed;
        reference->last_column_fixed = reference->first_column_fixed;
    }
}

// The formula that stands there, in the part's own escaping; CDATA and comments in it are nobody's formula.
static bool put_formula(struct pass *pass, struct text content, struct err *err)
{
    SCOPED_BUF(plain, FORMULA_BYTES_MAX);
    SCOPED_BUF(mapped, (size_t)FORMULA_BYTES_MAX * 2);
    SCOPED_BUF(escaped, (size_t)FORMULA_BYTES_MAX * 8);
    if (!content.length || memchr(content.data, '<', content.length))
        return true;
    if (!scan_decode(&plain, content, err) || !formula_map(&mapped, buf_text(&plain), visit, pass, err))
        return false;
    if (text_equal(buf_text(&plain), buf_text(&mapped)))
        return true;
    const size_t start = (size_t)(content.data - pass->xml.data);
    return markup_escape(&escaped, buf_text(&mapped), err) &&
           patches_put(pass->patches, start, start + content.length, buf_text(&escaped), err);
}

/* ---- rules ----------------------------------------------------------------------------------------------------------------- */

static bool put_content(struct pass *pass, const struct rule *rule, struct text content, struct err *err)
{
    return rule->content == CONTENT_FORMULA ? put_formula(pass, content, err)
                                            : put_places(pass, text_trim(content), err);
}

static bool put_attributes(struct pass *pass, const struct markup_tag *tag, struct err *err)
{
    struct text value;
    for (size_t i = 0; i < rules_of[pass->kind].count; i++) {
        const struct rule *rule = &rules_of[pass->kind].rules[i];
        if (rule->attribute && (pass->own || !rule->own_only) && text_is(tag->name, rule->element) &&
            markup_attribute(tag, rule->attribute, &value) && !put_content(pass, rule, value, err))
            return false;
    }
    return true;
}

static const struct rule *content_rule(const struct pass *pass, struct text name)
{
    for (size_t i = 0; i < rules_of[pass->kind].count; i++) {
        const struct rule *rule = &rules_of[pass->kind].rules[i];
        if (!rule->attribute && (pass->own || !rule->own_only) && text_is(name, rule->element))
            return rule;
    }
    return NULL;
}

static bool put_number(struct pass *pass, struct text written, uint32_t counted_from, struct err *err)
{
    int64_t number;
    written = text_trim(written);
    if (!text_to_int64(written, &number))
        return true;
    const int64_t row = number + 1 - (int64_t)counted_from;
    pass->lost = pass->lost || goes(pass->growth, row);
    if (row < (int64_t)pass->growth->line)
        return true;
    const size_t start = (size_t)(written.data - pass->xml.data);
    return patches_put(pass->patches, start, start + written.length, text_from(N(number + pass->growth->by)),
                       err);
}

// Where a picture or a control begins and ends, from 0; it moves when its upper edge does.
static bool put_anchor(struct pass *pass, struct markup *markup, struct err *err)
{
    struct text content;
    int64_t row;
    if (markup->kind == SCAN_START &&
        (text_is(markup->tag.name, "from") || text_is(markup->tag.name, "to"))) {
        pass->in_from = text_is(markup->tag.name, "from");
        pass->in_to = !pass->in_from;
        return true;
    }
    if (!markup_is(markup, "row") || !(pass->in_from || pass->in_to))
        return true;
    if (!markup_content(markup, &content, err))
        return false;
    if (!text_to_int64(text_trim(content), &row))
        return true;
    if (pass->in_from)
        pass->anchor_moves = row + 1 >= (int64_t)pass->growth->line;
    pass->in_from = false;
    if (!pass->anchor_moves || !pass->growth->by)
        return true;
    const size_t start = (size_t)(content.data - pass->xml.data);
    return patches_put(pass->patches, start, start + content.length, text_from(N(row + pass->growth->by)),
                       err);
}

// A page break stands below the row that it names.
static bool put_break(struct pass *pass, const struct markup *markup, struct err *err)
{
    struct text id;
    if (markup_is(markup, "rowBreaks") || markup_is(markup, "colBreaks"))
        pass->in_row_breaks = markup_is(markup, "rowBreaks");
    if (!pass->in_row_breaks || !markup_is(markup, "brk") || !markup_attribute(&markup->tag, "id", &id))
        return true;
    return put_number(pass, id, 1, err);
}

static bool put_tag(struct pass *pass, struct markup *markup, struct err *err)
{
    struct text content;
    const struct markup_tag tag = markup->tag;
    const struct rule *rule = content_rule(pass, tag.name);
    if (!put_attributes(pass, &tag, err))
        return false;
    if (pass->own && pass->growth->by && !put_break(pass, markup, err))
        return false;
    if (rule)
        return markup_content(markup, &content, err) && put_content(pass, rule, content, err);
    return !pass->own || put_anchor(pass, markup, err);
}

static bool walk_tags(struct pass *pass, struct err *err)
{
    struct markup markup = markup_new(pass->xml, pass->part);
    bool good = true;
    while (markup_next_in(&markup, &good, err))
        if (markup.kind == SCAN_START)
            good = put_tag(pass, &markup, err);
    return good;
}

/* ---- pages ------------------------------------------------------------------------------------------------------------------ */

// A formula that cells share is written out in each of them, when what it says there may come to differ.
static bool must_part(const struct pass *pass, const char *formula)
{
    return strchr(formula, '!') || (pass->own && (pass->growth->by || strchr(formula, ':')));
}

static bool find_shared(struct pass *pass, struct err *err)
{
    struct page_walk walk = page_walk_new(pass->xml, pass->part);
    bool good = true;
    while (page_walk_next_in(&walk, &good, err))
        if (walk.token == PAGE_CELL)
            good = shared_formulas_add(&pass->shared, &walk.cell, err);
    return good;
}

static bool put_own_formula(struct pass *pass, const struct page_cell *cell,
                            const struct shared_formula *shared, struct err *err)
{
    SCOPED_BUF(moved, FORMULA_BYTES_MAX);
    SCOPED_BUF(mapped, (size_t)FORMULA_BYTES_MAX * 2);
    return shared_formula_move(&moved, shared, cell->place, err) &&
           formula_map(&mapped, buf_text(&moved), visit, pass, err) &&
           shared_formula_part(pass->patches, cell, buf_text(&mapped), err);
}

static bool put_cell_formula(struct pass *pass, const struct page_cell *cell, struct err *err)
{
    static const char *const places[] = {"ref", "r1", "r2"};
    struct text value;
    const struct shared_formula *shared = shared_formulas_find(&pass->shared, cell);
    if (shared && must_part(pass, shared->formula))
        return put_own_formula(pass, cell, shared, err);
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (pass->own && markup_attribute(&cell->formula, places[i], &value) && !put_places(pass, value, err))
            return false;
    return put_formula(pass, cell->formula_content, err);
}

static bool inside(const struct range *range, struct reference place)
{
    return place.row >= range->first.row && place.row <= range->last.row &&
           place.column >= range->first.column && place.column <= range->last.column;
}

static bool put_cell(struct pass *pass, const struct page_cell *cell, struct err *err)
{
    char place[REFERENCE_TEXT_SIZE];
    struct text told;
    if (pass->own && pass->growth->by && cell->place.row >= pass->growth->line &&
        markup_attribute(&cell->tag, "r", &told)) {
        const struct reference moved = {move_row(pass->growth, cell->place.row), cell->place.column};
        if (!patches_attribute(pass->patches, &cell->tag, "r", reference_text(place, moved), err))
            return false;
    }
    if (!cell->has_formula)
        return true;
    pass->follow = !(pass->own && inside(&pass->growth->data, cell->place));
    const bool good = put_cell_formula(pass, cell, err);
    pass->follow = true;
    return good;
}

static bool put_row(struct pass *pass, const struct page_walk *walk, struct err *err)
{
    if (!pass->own || !pass->growth->by)
        return true;
    pass->going = goes(pass->growth, walk->row);
    pass->going_start = walk->markup.tag.start;
    if (walk->row < pass->growth->line)
        return true;
    return patches_attribute(pass->patches, &walk->markup.tag, "r", N(move_row(pass->growth, walk->row)),
                             err);
}

static bool end_row(struct pass *pass, const struct page_walk *walk, struct err *err)
{
    const bool gone = pass->going;
    pass->going = false;
    return !gone || patches_put(pass->patches, pass->going_start, walk->markup.tag.end, text_of("", 0), err);
}

static bool walk_page(struct pass *pass, struct err *err)
{
    struct page_walk walk = page_walk_new(pass->xml, pass->part);
    bool good = find_shared(pass, err);
    while (page_walk_next_in(&walk, &good, err)) {
        if (walk.token == PAGE_ROW)
            good = put_row(pass, &walk, err);
        else if (walk.token == PAGE_ROW_STOP)
            good = end_row(pass, &walk, err);
        else if (walk.token == PAGE_CELL && !pass->going)
            good = put_cell(pass, &walk.cell, err);
        else if (walk.token == PAGE_TAG)
            good = put_tag(pass, &walk.markup, err);
    }
    shared_formulas_dispose(&pass->shared);
    return good;
}

/* ---- the other parts ------------------------------------------------------------------------------------------------------------ */

// The boxes of notes: their row, and in "1, 15, 4, 2, 3, 15, 8, 1" the rows of the upper and the lower edge. All from 0.
static bool put_vml_anchor(struct pass *pass, struct text content, struct err *err)
{
    struct text rest = content, one;
    bool moves = false;
    for (int i = 0; text_cut(&rest, ',', &one); i++) {
        int64_t row;
        if ((i != 2 && i != 6) || !text_to_int64(text_trim(one), &row))
            continue;
        moves = i == 2 ? row + 1 >= (int64_t)pass->growth->line : moves;
        const size_t start = (size_t)(one.data - pass->xml.data);
        if (moves &&
            !patches_put(pass->patches, start, start + one.length, text_from(N(row + pass->growth->by)), err))
            return false;
    }
    return true;
}

static bool walk_vml(struct pass *pass, struct err *err)
{
    struct markup markup = markup_new(pass->xml, pass->part);
    struct text content;
    bool good = true;
    if (!pass->growth->by)
        return true;
    while (markup_next_in(&markup, &good, err)) {
        const bool row = markup_is(&markup, "Row");
        if (!row && !markup_is(&markup, "Anchor"))
            continue;
        good = markup_content(&markup, &content, err) &&
               (row ? put_number(pass, content, 0, err) : put_vml_anchor(pass, content, err));
    }
    return good;
}

static bool walk_pivot_cache(struct pass *pass, struct err *err)
{
    struct markup markup = markup_new(pass->xml, pass->part);
    struct text page, places;
    bool good = true;
    while (markup_next_in(&markup, &good, err))
        if (markup_is(&markup, "worksheetSource") && markup_attribute(&markup.tag, "sheet", &page) &&
            markup_attribute(&markup.tag, "ref", &places)) {
            SCOPED_BUF(name, FORMULA_BYTES_MAX);
            good = scan_decode(&name, page, err) &&
                   (!text_equal_ascii_case(buf_text(&name), pass->growth->page) ||
                    put_places(pass, places, err));
        }
    return good;
}

static bool walk_part(struct pass *pass, struct err *err)
{
    switch (pass->kind) {
    case GROWTH_PAGE:
    case GROWTH_OTHER_PAGE:
        return walk_page(pass, err);
    case GROWTH_VML:
        return walk_vml(pass, err);
    case GROWTH_PIVOT_CACHE:
        return walk_pivot_cache(pass, err);
    case GROWTH_TABLE:
    case GROWTH_OTHER_TABLE:
    case GROWTH_WORKBOOK:
    case GROWTH_CHART:
    case GROWTH_DRAWING:
    case GROWTH_COMMENTS:
    case GROWTH_PIVOT_TABLE:
        return walk_tags(pass, err);
    }
    return true;
}

bool growth_apply(struct patches *patches, const struct growth *growth, enum growth_part kind,
                  struct text xml, const char *part, bool *lost, struct err *err)
{
    struct pass pass = {
        .patches = patches, .growth = growth, .kind = kind, .xml = xml, .part = part, .follow = true};
    pass.own = kind != GROWTH_OTHER_PAGE && kind != GROWTH_OTHER_TABLE && kind != GROWTH_WORKBOOK &&
               kind != GROWTH_CHART && kind != GROWTH_PIVOT_CACHE;
    const bool good = walk_part(&pass, err);
    *lost = *lost || pass.lost;
    return good;
}
