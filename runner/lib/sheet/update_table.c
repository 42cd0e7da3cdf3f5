// Tables of a workbook that is filled: longer and shorter (update_internal.h). Runs in the worker.
#include "lib/sheet/page_walk.h"
#include "lib/sheet/relations.h"
#include "lib/sheet/shared_formulas.h"
#include "lib/sheet/update_internal.h"

#include <stdio.h>

/* ---- the last row, after which new ones are made ------------------------------------------------------------------------- */

struct model_cell {
    int64_t style;
    char *formula; // without entities; NULL: none
};

struct model {
    struct model_cell *cells; // by column of the table
    size_t count;
    char *attributes; // of the row
};

static void model_dispose(struct model *model)
{
    for (size_t i = 0; i < model->count; i++)
        xfree(model->cells[i].formula);
    xfree(model->cells);
    xfree(model->attributes);
}

// The height and the style of a row; its number and its span are its own.
static char *row_attributes(const struct markup_tag *tag)
{
    static const char *const names[] = {"s", "customFormat", "ht", "customHeight"};
    SCOPED_BUF(out, SCAN_TAG_BYTES_MAX);
    struct text value;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (markup_attribute(tag, names[i], &value) &&
            !buf_printf(&out, " %s=\"%.*s\"", names[i], (int)value.length, value.data))
            break;
    return text_copy(buf_text(&out));
}

static bool take_cell(struct model *model, const struct range *body, struct shared_formulas *shared,
                      const struct page_cell *cell, struct err *err)
{
    int64_t style;
    SCOPED_BUF(formula, FORMULA_BYTES_MAX);
    if (cell->place.row != body->last.row || cell->place.column < body->first.column ||
        cell->place.column > body->last.column)
        return true;
    struct model_cell *to = &model->cells[cell->place.column - body->first.column];
    to->style = text_to_int64(cell->style, &style) && style >= 0 ? style : 0;
    if (!cell->has_formula)
        return true;
    const struct shared_formula *one = shared_formulas_find(shared, cell);
    if (!(one ? shared_formula_move(&formula, one, cell->place, err)
              : scan_decode(&formula, cell->formula_content, err)))
        return false;
    xfree(to->formula);
    to->formula = formula.length ? text_copy(buf_text(&formula)) : NULL;
    return true;
}

static bool find_shared(struct shared_formulas *shared, const struct update_part *part, struct err *err)
{
    struct page_walk walk = page_walk_new(buf_text(&part->xml), part->name);
    bool good = true;
    while (page_walk_next_in(&walk, &good, err))
        if (walk.token == PAGE_CELL)
            good = shared_formulas_add(shared, &walk.cell, err);
    return good;
}

// Where the row has no formula, what the table says of the column.
static bool take_column_formulas(struct model *model, struct update *update, const struct sheet_table *table,
                                 struct err *err)
{
    struct update_part *part;
    struct text content;
    size_t column = 0;
    bool good = true;
    if (!update_part_read(update, table->part, &part, err))
        return false;
    struct markup markup = markup_new(buf_text(&part->xml), part->name);
    while (markup_next_in(&markup, &good, err)) {
        if (markup_stops(&markup, "tableColumn"))
            column++;
        if (!markup_is(&markup, "calculatedColumnFormula") || column >= model->count)
            continue;
        SCOPED_BUF(formula, FORMULA_BYTES_MAX);
        good = markup_content(&markup, &content, err) && scan_decode(&formula, content, err);
        if (good && !model->cells[column].formula && formula.length)
            model->cells[column].formula = text_copy(buf_text(&formula));
    }
    return good;
}

static bool read_model(struct model *model, struct update *update, const struct sheet_table *table,
                       const struct range *body, struct err *err)
{
    struct update_part *part;
    struct shared_formulas shared = {0};
    *model = (struct model){.count = body->last.column - body->first.column + 1};
    model->cells = xcalloc(model->count, sizeof *model->cells);
    if (!update_part_read(update, update_page_of(update, table->page)->part, &part, err))
        return false;
    bool good = find_shared(&shared, part, err);
    struct page_walk walk = page_walk_new(buf_text(&part->xml), part->name);
    while (page_walk_next_in(&walk, &good, err)) {
        if (walk.token == PAGE_ROW && walk.row == body->last.row && !model->attributes)
            model->attributes = row_attributes(&walk.markup.tag);
        else if (walk.token == PAGE_CELL)
            good = take_cell(model, body, &shared, &walk.cell, err);
    }
    shared_formulas_dispose(&shared);
    return good && take_column_formulas(model, update, table, err);
}

static bool body_of(const struct sheet_table *table, struct range *body, struct err *err)
{
    return table_body(table, body) || fail(err, ERR_SHEET_TABLE_STUCK, table->name, "it has no row");
}

bool update_table_computed(struct update *update, const struct sheet_table *table, bool *computed,
                           struct err *err)
{
    struct range body;
    struct model model = {0};
    bool good = body_of(table, &body, err) && update_page_flush(update, table->page, false, err) &&
                read_model(&model, update, table, &body, err);
    for (size_t i = 0; good && i < table->column_count; i++)
        computed[i] = i < model.count && model.cells[i].formula;
    model_dispose(&model);
    return good;
}

bool update_table_used(struct update *update, const struct sheet_table *table, const bool *computed,
                       uint32_t *used, struct err *err)
{
    struct range body;
    struct update_part *part;
    *used = 0;
    if (!body_of(table, &body, err) || !update_page_flush(update, table->page, false, err) ||
        !update_part_read(update, update_page_of(update, table->page)->part, &part, err))
        return false;
    struct page_walk walk = page_walk_new(buf_text(&part->xml), part->name);
    bool good = true;
    while (page_walk_next_in(&walk, &good, err)) {
        const struct reference place = walk.cell.place;
        if (walk.token == PAGE_CELL && place.row >= body.first.row && place.row <= body.last.row &&
            place.column >= body.first.column && place.column - body.first.column < table->column_count &&
            !computed[place.column - body.first.column] && page_cell_full(&walk.cell) &&
            place.row - body.first.row + 1 > *used)
            *used = place.row - body.first.row + 1;
    }
    return good;
}

/* ---- what stands around it -------------------------------------------------------------------------------------------------- */

struct survey {
    bool below;                             // something stands below the table
    bool beside;                            // something stands beside the rows that would go
    uint32_t last_row;                      // of the page
    char crossing[2 * REFERENCE_TEXT_SIZE]; // "F9:F10": cells that stand together over the line
};

struct surveyed {
    const struct range *data;
    uint32_t line, going; // rows from `going` up to `line` would go
    uint8_t *above;       // columns beside the table that have a cell just above the line
};

static void survey_cell(struct survey *survey, const struct surveyed *by, const struct page_cell *cell)
{
    char above[REFERENCE_TEXT_SIZE], below[REFERENCE_TEXT_SIZE];
    const struct reference place = cell->place;
    const bool outside = place.column < by->data->first.column || place.column > by->data->last.column;
    if (!page_cell_full(cell))
        return;
    survey->last_row = place.row > survey->last_row ? place.row : survey->last_row;
    survey->below = survey->below || place.row >= by->line;
    survey->beside = survey->beside || (outside && place.row >= by->going && place.row < by->line);
    if (outside && place.row == by->line - 1)
        by->above[place.column] = 1;
    if (outside && place.row == by->line && by->above[place.column] && !survey->crossing[0])
        snprintf(survey->crossing, sizeof survey->crossing, "%s:%s",
                 reference_text(above, (struct reference){place.row - 1, place.column}),
                 reference_text(below, place));
}

static bool survey_page(struct survey *survey, struct update *update, const struct sheet_table *table,
                        const struct growth *growth, struct err *err)
{
    struct update_part *part;
    SCOPED_TEXT char *above = xcalloc(SHEET_COLUMNS_MAX + 1, 1);
    const struct surveyed by = {&growth->data, growth->line, growth->last + 1, (uint8_t *)above};
    bool good = true;
    *survey = (struct survey){0};
    if (!update_page_know(update, table->page, err) ||
        !update_part_read(update, update_page_of(update, table->page)->part, &part, err))
        return false;
    struct page_walk walk = page_walk_new(buf_text(&part->xml), part->name);
    while (page_walk_next_in(&walk, &good, err))
        if (walk.token == PAGE_CELL)
            survey_cell(survey, &by, &walk.cell);
    return good;
}

static bool crosses(const struct range *range, uint32_t line)
{
    return range->first.row < line && range->last.row >= line;
}

static bool touches_rows(const struct range *range, uint32_t first, uint32_t last)
{
    return range->first.row <= last && range->last.row >= first;
}

static bool fail_stuck(const struct sheet_table *table, const struct range *range, struct err *err)
{
    char first[REFERENCE_TEXT_SIZE], last[REFERENCE_TEXT_SIZE];
    SCOPED_TEXT char *text =
        xasprintf("%s:%s", reference_text(first, range->first), reference_text(last, range->last));
    return fail(err, ERR_SHEET_TABLE_STUCK, table->name, text);
}

// Rows can be put in unless something reaches over the line that a person would not want torn apart.
static bool check_room(const struct update *update, const struct sheet_table *table,
                       const struct growth *growth, const struct survey *survey, struct err *err)
{
    const struct update_page *page = &update->pages[table->page];
    const struct tables *tables = &update->workbook->tables;
    if (survey->crossing[0])
        return fail(err, ERR_SHEET_TABLE_STUCK, table->name, survey->crossing);
    for (size_t i = 0; i < page->merged_count; i++)
        if (crosses(&page->merged[i], growth->line))
            return fail_stuck(table, &page->merged[i], err);
    for (size_t i = 0; i < page->array_count; i++)
        if (crosses(&page->arrays[i], growth->line))
            return fail_stuck(table, &page->arrays[i], err);
    for (size_t i = 0; i < tables->count; i++)
        if (&tables->items[i] != table && tables->items[i].page == table->page &&
            crosses(&tables->items[i].range, growth->line))
            return fail(err, ERR_SHEET_TABLE_STUCK, table->name, tables->items[i].name);
    return true;
}

// Whether the rows that are too many can be taken out: nothing else is in them.
static bool can_take_out(const struct update *update, const struct sheet_table *table,
                         const struct growth *growth, const struct survey *survey)
{
    const struct update_page *page = &update->pages[table->page];
    const struct tables *tables = &update->workbook->tables;
    const uint32_t first = growth->last + 1, last = growth->line - 1;
    bool free = !survey->beside;
    for (size_t i = 0; i < page->merged_count; i++)
        free = free && !touches_rows(&page->merged[i], first, last);
    for (size_t i = 0; i < page->array_count; i++)
        free = free && !touches_rows(&page->arrays[i], first, last);
    for (size_t i = 0; i < tables->count; i++)
        free = free && (&tables->items[i] == table || tables->items[i].page != table->page ||
                        !touches_rows(&tables->items[i].range, first, last));
    return free;
}

/* ---- all parts ----------------------------------------------------------------------------------------------------------------- */

// The changes of all parts, made together or not at all.
struct remake {
    struct update *update;
    const struct growth *growth;
    const struct sheet_table *table;
    struct step {
        struct update_part *part;
        struct patches patches;
    } * steps;
    size_t count;
    bool lost;
};

static bool put_table_range(struct patches *patches, const struct remake *remake,
                            const struct update_part *part, struct err *err)
{
    struct markup markup = markup_new(buf_text(&part->xml), part->name);
    struct range range = remake->table->range, filter;
    struct text told;
    char first[REFERENCE_TEXT_SIZE], last[REFERENCE_TEXT_SIZE];
    bool good = true;
    range.last.row = remake->growth->last + remake->table->total_rows;
    while (markup_next_in(&markup, &good, err)) {
        const bool table = markup_is(&markup, "table") && markup.tag.depth == 1;
        if (!table && !markup_is(&markup, "autoFilter") && !markup_is(&markup, "sortState"))
            continue;
        struct range to = range;
        if (!table) { // over header and data, or data alone
            if (!markup_attribute(&markup.tag, "ref", &told) || !range_parse(&filter, told))
                continue;
            to = filter;
            to.last.row = remake->growth->last;
        }
        SCOPED_TEXT char *text =
            xasprintf("%s:%s", reference_text(first, to.first), reference_text(last, to.last));
        good = patches_attribute(patches, &markup.tag, "ref", text, err);
    }
    return good;
}

static bool add_step(struct remake *remake, const char *name, enum growth_part kind, struct err *err)
{
    struct update_part *part;
    if (!package_has(remake->update->workbook->package, text_from(name)))
        return true;
    if (!update_part_read(remake->update, name, &part, err))
        return false;
    for (size_t i = 0; i < remake->count; i++)
        if (remake->steps[i].part == part)
            return true; // two pages may share a picture
    SCOPED_PATCHES(patches);
    if (!growth_apply(&patches, remake->growth, kind, buf_text(&part->xml), part->name, &remake->lost, err) ||
        (strcmp(name, remake->table->part) == 0 && !put_table_range(&patches, remake, part, err)))
        return false;
    if (!patches.count) {
        update_part_drop(remake->update, part);
        return true;
    }
    remake->steps = xreallocarray(remake->steps, remake->count + 1, sizeof *remake->steps);
    remake->steps[remake->count++] = (struct step){part, patches};
    patches = patches_new();
    return true;
}

static bool add_charts_of(struct remake *remake, const char *drawing, struct err *err)
{
    struct relations relations;
    bool good = true;
    if (!relations_read(&relations, remake->update->workbook->package, drawing, err))
        return false;
    for (size_t i = 0; good && i < relations.count; i++)
        if (!relations.items[i].external && (strcmp(relations.items[i].type, "chart") == 0 ||
                                             strcmp(relations.items[i].type, "chartEx") == 0))
            good = add_step(remake, relations.items[i].target, GROWTH_CHART, err);
    relations_dispose(&relations);
    return good;
}

static bool add_relation(struct remake *remake, const struct relation *relation, bool own, struct err *err)
{
    static const struct {
        const char *type;
        enum growth_part kind;
        bool own_only;
    } kinds[] = {{"comments", GROWTH_COMMENTS, true},
                 {"threadedComment", GROWTH_COMMENTS, true},
                 {"vmlDrawing", GROWTH_VML, true},
                 {"pivotTable", GROWTH_PIVOT_TABLE, true},
                 {"drawing", GROWTH_DRAWING, true}};
    if (relation->external)
        return true;
    if (strcmp(relation->type, "table") == 0)
        return add_step(remake, relation->target,
                        own && strcmp(relation->target, remake->table->part) != 0 ? GROWTH_TABLE
                                                                                  : GROWTH_OTHER_TABLE,
                        err);
    if (strcmp(relation->type, "drawing") == 0 && !add_charts_of(remake, relation->target, err))
        return false;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(relation->type, kinds[i].type) == 0 && (own || !kinds[i].own_only))
            return add_step(remake, relation->target, kinds[i].kind, err);
    return true;
}

static bool add_page(struct remake *remake, size_t index, struct err *err)
{
    const struct page *page = update_page_of(remake->update, index);
    struct relations relations;
    const bool own = index == remake->table->page;
    bool good = true;
    if (!page->part)
        return true;
    if (page->has_cells && !add_step(remake, page->part, own ? GROWTH_PAGE : GROWTH_OTHER_PAGE, err))
        return false;
    if (!relations_read(&relations, remake->update->workbook->package, page->part, err))
        return false;
    for (size_t i = 0; good && i < relations.count; i++)
        good = add_relation(remake, &relations.items[i], own, err);
    relations_dispose(&relations);
    return good;
}

static bool add_pivot_caches(struct remake *remake, struct err *err)
{
    struct relations relations;
    bool good = true;
    if (!relations_read(&relations, remake->update->workbook->package, remake->update->main_part, err))
        return false;
    for (size_t i = 0; good && i < relations.count; i++)
        if (!relations.items[i].external && strcmp(relations.items[i].type, "pivotCacheDefinition") == 0)
            good = add_step(remake, relations.items[i].target, GROWTH_PIVOT_CACHE, err);
    relations_dispose(&relations);
    return good;
}

static bool gather(struct remake *remake, struct err *err)
{
    bool good =
        add_step(remake, remake->update->main_part, GROWTH_WORKBOOK, err) && add_pivot_caches(remake, err);
    for (size_t i = 0; good && i < update_page_count(remake->update); i++)
        good = add_page(remake, i, err);
    return good;
}

static bool make_steps(struct remake *remake, struct err *err)
{
    bool good = true;
    for (size_t i = 0; good && i < remake->count; i++)
        good = update_part_change(remake->update, remake->steps[i].part, &remake->steps[i].patches, err);
    return good;
}

// What the workbook names is where it is now.
static void move_names(struct update *update, const struct growth *growth, const struct sheet_table *table)
{
    struct tables *tables = &update->workbook->tables;
    struct names *names = &update->workbook->names;
    for (size_t i = 0; i < tables->count; i++)
        if (&tables->items[i] == table)
            tables->items[i].range.last.row = growth->last + table->total_rows;
        else if (tables->items[i].page == table->page)
            growth_range(growth, &tables->items[i].range);
    for (size_t i = 0; i < names->count; i++)
        if (names->items[i].is_range && names->items[i].page == table->page)
            growth_range(growth, &names->items[i].range);
}

static void move_like_rows(struct update_page *page, const struct growth *growth)
{
    for (size_t i = 0; i < page->like_count; i++) {
        struct range range = {{page->like[i].first, 1}, {page->like[i].last, 1}};
        growth_range(growth, &range);
        page->like[i].first = range.first.row;
        page->like[i].last = range.last.row;
    }
}

// *lost: nothing was changed.
static bool remake_parts(struct update *update, const struct growth *growth, const struct sheet_table *table,
                         bool *lost, struct err *err)
{
    struct remake remake = {.update = update, .growth = growth, .table = table};
    bool good = gather(&remake, err);
    *lost = remake.lost;
    if (good && !remake.lost)
        good = make_steps(&remake, err);
    for (size_t i = 0; i < remake.count; i++)
        patches_dispose(&remake.steps[i].patches);
    xfree(remake.steps);
    if (!good || *lost)
        return good;
    move_names(update, growth, table);
    move_like_rows(&update->pages[table->page], growth);
    update->pages[table->page].touched = true;
    update_page_forget(&update->pages[table->page]);
    return true;
}

/* ---- new rows, and rows that are left ---------------------------------------------------------------------------------------------- */

static bool put_new_cell(struct update *update, const struct sheet_table *table, const struct model *model,
                         struct reference place, const struct range *body, struct err *err)
{
    const struct model_cell *cell = &model->cells[place.column - body->first.column];
    SCOPED_BUF(formula, FORMULA_BYTES_MAX);
    struct update_value value = {.kind = UPDATE_CLEAR};
    if (cell->formula) {
        if (!formula_move(&formula, text_from(cell->formula), (int32_t)place.row - (int32_t)body->last.row,
                          0))
            return fail(err, ERR_LIMIT_PASSED, "bytes of a formula", N(FORMULA_BYTES_MAX));
        value = (struct update_value){.kind = UPDATE_FORMULA, .text = buf_text(&formula)};
    }
    return update_put(update, table->page, place, &value, cell->style, err);
}

static bool put_new_rows(struct update *update, const struct sheet_table *table, struct model *model,
                         const struct growth *growth, struct err *err)
{
    struct update_page *page = &update->pages[table->page];
    const struct range *body = &growth->data;
    bool good = true;
    page->like = xreallocarray(page->like, page->like_count + 1, sizeof *page->like);
    page->like[page->like_count++] = (struct like_row){
        body->last.row + 1, growth->last, model->attributes ? STEAL(model->attributes) : xstrdup("")};
    for (uint32_t row = body->last.row + 1; good && row <= growth->last; row++)
        for (uint32_t column = body->first.column; good && column <= body->last.column; column++)
            good = put_new_cell(update, table, model, (struct reference){row, column}, body, err);
    return good;
}

static bool clear_rows(struct update *update, const struct sheet_table *table, uint32_t first, uint32_t last,
                       struct err *err)
{
    const struct update_value none = {.kind = UPDATE_CLEAR};
    bool good = true;
    for (uint32_t row = first; good && row <= last; row++)
        for (uint32_t column = table->range.first.column; good && column <= table->range.last.column;
             column++)
            good = update_put(update, table->page, (struct reference){row, column}, &none, STYLE_KEPT, err);
    return good;
}

static bool grow(struct update *update, const struct sheet_table *table, struct growth *growth,
                 const struct survey *survey, struct err *err)
{
    struct model model = {0};
    bool lost;
    const uint32_t more = growth->last - growth->data.last.row;
    if (survey->below) {
        if (!check_room(update, table, growth, survey, err))
            return false;
        growth->by = (int32_t)more;
    }
    if ((uint64_t)survey->last_row + more > SHEET_ROWS_MAX || growth->last > SHEET_ROWS_MAX)
        return fail(err, ERR_LIMIT_PASSED, "rows of a page", N(SHEET_ROWS_MAX));
    const bool good = read_model(&model, update, table, &growth->data, err) &&
                      remake_parts(update, growth, table, &lost, err) &&
                      put_new_rows(update, table, &model, growth, err);
    model_dispose(&model);
    return good;
}

// Where the rows can't be taken out they are emptied; a table with totals keeps them then, so that what speaks of its
// totals still does.
static bool shrink(struct update *update, const struct sheet_table *table, struct growth *growth,
                   const struct survey *survey, struct err *err)
{
    const uint32_t first = growth->last + 1, last = growth->data.last.row;
    bool lost = true;
    if (survey->below && can_take_out(update, table, growth, survey)) {
        growth->by = (int32_t)growth->last - (int32_t)growth->data.last.row;
        if (!remake_parts(update, growth, table, &lost, err))
            return false;
    }
    if (!lost)
        return true;
    growth->by = 0;
    return (table->total_rows || remake_parts(update, growth, table, &lost, err)) &&
           clear_rows(update, table, first, last, err);
}

static bool flush_pages(struct update *update, struct err *err)
{
    bool good = true;
    for (size_t i = 0; good && i < update_page_count(update); i++)
        good = update_page_flush(update, i, false, err);
    return good;
}

bool update_table_resize(struct update *update, const struct sheet_table *table, uint32_t rows,
                         struct err *err)
{
    struct growth growth = {.page = text_from(update_page_of(update, table->page)->name)};
    struct survey survey;
    require(rows >= 1);
    if (!body_of(table, &growth.data, err))
        return false;
    if (rows > SHEET_ROWS_MAX - growth.data.first.row + 1)
        return fail(err, ERR_LIMIT_PASSED, "rows of a page", N(SHEET_ROWS_MAX));
    growth.last = growth.data.first.row + rows - 1;
    growth.line = growth.data.last.row + 1;
    if (growth.last == growth.data.last.row)
        return true;
    return flush_pages(update, err) && survey_page(&survey, update, table, &growth, err) &&
           (growth.last > growth.data.last.row ? grow(update, table, &growth, &survey, err)
                                               : shrink(update, table, &growth, &survey, err));
}
